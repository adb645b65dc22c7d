"""Kafka's TransactionalMessageCopier in group mode with random aborts, while broker and copiers are killed in turn.

Four copiers share the partitions of one topic and copy it to another, records and consumed offsets in one
transaction of which a third is aborted on purpose. Each partition of the copy must then be, for who reads with
read_committed, the very sequence of its original.
"""

import os
import random
import subprocess
import time

from confluent_kafka import Consumer, TopicPartition

from feed import Feed, compare, create_topics
from processes import Process, fail, java, say

INPUT, OUTPUT, GROUP = 'copier-input', 'copier-output', 'copier'
PROGRESS_TIMEOUT_S = 150
END_TIMEOUT_S = 600


class Copiers:
    def __init__(self, options):
        self.kills = 0
        self.restarts = 0
        self.all = [Process(java([
            'org.apache.kafka.tools.TransactionalMessageCopier', '--broker-list', options.bootstrap,
            '--input-topic', INPUT, '--input-partition', '-1', '--output-topic', OUTPUT,
            '--consumer-group', GROUP, '--transaction-size', str(options.transaction_size),
            '--transaction-timeout', '30000', '--transactional-id', f'copier-{index}',
            '--enable-random-aborts', '--group-mode', '--use-group-metadata']),
            os.path.join(options.directory, f'copier-{index}.log')) for index in range(options.copiers)]
        for copier in self.all:
            copier.start()

    def tend(self):
        """A copier ends once it has nothing to copy, and by itself after an error it cannot survive."""
        for copier in self.all:
            if copier.ended():
                self.restarts += 1
                copier.start()

    def kill_one(self, index):
        self.all[index].kill()
        self.kills += 1

    def kill_all(self):
        for copier in self.all:
            copier.kill()


class Lag:
    """How far the group is, by its committed offsets."""

    def __init__(self, options):
        self.consumer = Consumer({'bootstrap.servers': options.bootstrap, 'group.id': GROUP, 'log_level': 0,
                                  'enable.auto.commit': False, 'reconnect.backoff.max.ms': 200})
        self.partitions = [TopicPartition(INPUT, index) for index in range(options.partitions)]
        self.copied = 0

    def look(self):
        """The last known value while the broker is away or offsets are part of an open transaction."""
        try:
            committed = self.consumer.committed(self.partitions, timeout=10)
            self.copied = sum(max(0, each.offset) for each in committed)
        except Exception:
            pass
        return self.copied


def run(options, broker):
    chance = random.Random(options.seed)
    broker.start()
    create_topics(options, INPUT, OUTPUT)
    feed, lag = Feed(options, INPUT), Lag(options)
    feed.write(options.backlog)
    copiers = Copiers(options)
    try:
        for number in range(options.kills):
            await_progress(options, feed, lag, copiers, chance.uniform(*options.pause))
            if number % 2 == 0:
                what = f'broker killed, ready after {broker.kill_and_start():.2f} s'
            else:
                index = number // 2 % len(copiers.all)
                copiers.kill_one(index)
                what = f'copier {index} killed'
            say(f'{number + 1}/{options.kills}: {what}; {lag.copied} of {feed.written} copied, '
                f'{copiers.restarts} restarts')
        feed.close()
        await_end(feed, lag, copiers)
    finally:
        copiers.kill_all()
        feed.kill()
    finish(options, broker, feed, copiers)


def await_progress(options, feed, lag, copiers, pause_s):
    """Some time of work, and at least one transaction after the last kill, so that each kill meets open ones."""
    before, began = lag.look(), time.monotonic()
    while time.monotonic() - began < pause_s or lag.copied <= before:
        copiers.tend()
        if feed.written - lag.look() < options.backlog:
            feed.write(options.backlog // 4)
        if time.monotonic() - began > PROGRESS_TIMEOUT_S:
            raise SystemExit(f'nothing was copied for {PROGRESS_TIMEOUT_S} s; {lag.copied} of {feed.written}')
        time.sleep(0.3)


def await_end(feed, lag, copiers):
    began = told = time.monotonic()
    while lag.look() < feed.written:
        copiers.tend()
        if time.monotonic() - began > END_TIMEOUT_S:
            raise SystemExit(f'{lag.copied} of {feed.written} copied {END_TIMEOUT_S} s after the last kill')
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f'{lag.copied} of {feed.written} copied')
        time.sleep(0.3)


def finish(options, broker, feed, copiers):
    found = compare(options, 'copies', INPUT, OUTPUT)
    problems = found['problems']
    if found['input'] != feed.written or found['output'] != feed.written:
        problems.append(f"{feed.written} written, {found['input']} read, {found['output']} copied")
    problems += digests(options)
    code = broker.stop()
    if code not in (0, 143):
        problems.append(f'the broker ended with {code}')
    say(f"{broker.kills} kills of the broker, {copiers.kills} of copiers, {copiers.restarts} copiers started again; "
        f"{found['output']} records copied, {found['aborted']} more aborted, {found['markers']} markers")
    fail(problems)


def digests(options):
    """The same once more as librdkafka sees it."""
    problems = []
    for partition in range(options.partitions):
        seen = []
        for topic in (INPUT, OUTPUT):
            seen.append(subprocess.run(
                f"kcat -C -q -b {options.bootstrap} -t {topic} -p {partition} -o beginning -e "
                f"-X isolation.level=read_committed | sha256sum", shell=True, check=True, timeout=300,
                stdout=subprocess.PIPE, text=True).stdout)
        if seen[0] != seen[1]:
            problems.append(f'partition {partition} differs for librdkafka')
    say(f'digests by librdkafka: {options.partitions - len(problems)} of {options.partitions} equal')
    return problems
