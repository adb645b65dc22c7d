"""A word count of Kafka Streams with exactly_once_v2, while broker and application are killed in turn.

The output must then hold, for who reads with read_committed, for each word the counts 1, 2, 3 and so on up to its
true count, each once and in order.
"""

import os
import random
import shutil
import time

from confluent_kafka import Consumer, TopicPartition

from feed import Feed, compare, create_topics
from processes import Process, fail, java, say

INPUT, OUTPUT, APPLICATION = 'words', 'counts', 'word-count'
REPARTITION = f'{APPLICATION}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition'
PROGRESS_TIMEOUT_S = 150
END_TIMEOUT_S = 600
WORDS_PER_RECORD = 3


class Progress:
    """Lines whose words the application took over, by its committed offsets."""

    def __init__(self, options):
        self.consumer = Consumer({'bootstrap.servers': options.bootstrap, 'group.id': APPLICATION, 'log_level': 0,
                                  'enable.auto.commit': False, 'isolation.level': 'read_committed'})
        self.partitions = [TopicPartition(INPUT, index) for index in range(options.partitions)]
        self.taken = 0

    def look(self):
        try:
            self.taken = sum(max(0, each.offset) for each in self.consumer.committed(self.partitions, timeout=10))
        except Exception:
            pass
        return self.taken

    def rest(self, options):
        """Offsets of the repartition topic that were not yet counted; the last one may be a marker's."""
        rest = 0
        for index in range(options.partitions):
            place = TopicPartition(REPARTITION, index)
            end = self.consumer.get_watermark_offsets(place, timeout=10)[1]
            rest += end - max(0, self.consumer.committed([place], timeout=10)[0].offset)
        return rest


def run(options, broker):
    chance = random.Random(options.seed)
    broker.start()
    create_topics(options, INPUT, OUTPUT)
    state = os.path.join(options.directory, 'state')
    shutil.rmtree(state, ignore_errors=True)
    application = Process(java(['WordCount', options.bootstrap, INPUT, OUTPUT, state], heap='256m'),
                          os.path.join(options.directory, 'application.log'))
    feed, progress, kills = Feed(options, INPUT), Progress(options), 0
    feed.write(options.backlog)
    application.start()
    try:
        for number in range(options.kills):
            await_progress(options, feed, progress, application, chance.uniform(*options.pause))
            # Two of three kills are the broker's: the application takes longer to come back.
            if number % 3 < 2:
                what = f'broker killed, ready after {broker.kill_and_start():.2f} s'
            else:
                application.kill()
                kills += 1
                application.start()
                what = 'application killed'
            say(f'{number + 1}/{options.kills}: {what}; {progress.taken} of {feed.written} lines taken')
        feed.close()
        await_end(options, feed, progress, application)
    finally:
        application.kill()
        feed.kill()
    finish(options, broker, feed, kills)


def check_alive(application):
    if application.ended():
        raise SystemExit(f'the application ended by itself; see {application.log_path}')


def await_progress(options, feed, progress, application, pause_s):
    before, began = progress.look(), time.monotonic()
    while time.monotonic() - began < pause_s or progress.taken <= before:
        check_alive(application)
        if feed.written - progress.look() < options.backlog:
            feed.write(options.backlog // 4)
        if time.monotonic() - began > PROGRESS_TIMEOUT_S:
            raise SystemExit(f'no line was taken for {PROGRESS_TIMEOUT_S} s; {progress.taken} of {feed.written}')
        time.sleep(0.3)


def await_end(options, feed, progress, application):
    began = told = time.monotonic()
    while progress.look() < feed.written or progress.rest(options) > options.partitions:
        check_alive(application)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f'{progress.taken} of {feed.written} lines taken, {progress.rest(options)} words to be counted')
        if time.monotonic() - began > END_TIMEOUT_S:
            raise SystemExit(f'{progress.taken} of {feed.written} taken {END_TIMEOUT_S} s after the last kill')
        time.sleep(1)
    application.stop()


def finish(options, broker, feed, kills):
    found = compare(options, 'counts', INPUT, OUTPUT)
    problems = found['problems']
    if found['input'] != feed.written or found['output'] != feed.written * WORDS_PER_RECORD:
        problems.append(f"{feed.written} lines written, {found['input']} read, {found['output']} counts")
    code = broker.stop()
    if code not in (0, 143):
        problems.append(f'the broker ended with {code}')
    say(f"{broker.kills} kills of the broker, {kills} of the application; {found['input']} lines, {found['output']} counts, "
        f"{found['aborted']} more aborted, {found['markers']} markers")
    fail(problems)
