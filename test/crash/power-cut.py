"""Cuts the power under a loaded broker and compares what is left with what was acknowledged.

Three topics with small segments are written to all the time, each partition a row of numbers:
  - synced    flush.messages=1, one idempotent producer for the whole run. Nothing acknowledged may be missing,
              nothing may stand twice, whatever the cut.
  - plain     no flushing. What is missing must be a clean suffix: every offset below the end of the log still
              holds what was acknowledged there.
  - compacted as plain, under cleanup.policy=compact.
Each round also creates a topic, which must be there after the cut, and deletes the one before it, which must not.
After each cut the broker must start and serve; it must not call anything unreadable.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from broker_process import Broker

PARTITIONS = 2
SEGMENT_BYTES = 1024 * 1024
READ_TIMEOUT_S = 60
# Longest time that a broker in service may leave a producer without an acknowledgement, however busy the machine.
SILENCE_MAX_S = 30
# What the broker says when it met something that a cut alone must not be able to cause.
FORBIDDEN = [b'unreadable', b'could not be opened', b'uncaught', b'assertion']


class Load:
    """Numbered values to every partition of one topic until told to stop; remembers each acknowledgement."""

    def __init__(self, bootstrap, topic, idempotent):
        self.bootstrap, self.topic, self.idempotent = bootstrap, topic, idempotent
        self.sent = [0] * PARTITIONS
        self.acknowledged = [{} for _ in range(PARTITIONS)]  # partition -> {offset: number}
        self.errors = []
        self.lost = 0
        self.silence_s_max = 0
        self.producer = None
        self.expected_since = time.monotonic()
        self.start()

    def start(self):
        self.stopping = threading.Event()
        self.expected_since = time.monotonic()
        if self.producer is None:
            self.producer = Producer({
                'bootstrap.servers': self.bootstrap, 'enable.idempotence': self.idempotent, 'linger.ms': 1,
                'message.timeout.ms': 600_000, 'retry.backoff.ms': 20, 'reconnect.backoff.ms': 20,
                'reconnect.backoff.max.ms': 200, 'socket.timeout.ms': 10_000, 'acks': 'all',
                'queue.buffering.max.messages': 500, 'batch.num.messages': 50, 'log_level': 0,
                'error_cb': self.on_error,
            })
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def on_error(self, error):
        if error.fatal():
            self.errors.append(f'{self.topic}: fatal producer error: {error}')

    def on_delivery(self, error, message):
        if error is not None:
            # A producer that is given up hands back what it had not sent.
            if self.idempotent or error.name() not in ('_PURGE_QUEUE', '_PURGE_INFLIGHT'):
                self.errors.append(f'{self.topic}: delivery failed: {error}')
            return
        self.acknowledged[message.partition()][message.offset()] = int(message.value()[:12])
        now = time.monotonic()
        self.silence_s_max = max(self.silence_s_max, now - self.expected_since)
        self.expected_since = now

    def check_silence(self):
        """Before a cut, which is the next thing that excuses silence."""
        self.silence_s_max = max(self.silence_s_max, time.monotonic() - self.expected_since)
        if self.silence_s_max > SILENCE_MAX_S:
            self.errors.append(f'{self.topic}: no acknowledgement for {self.silence_s_max:.1f} s')

    def run(self):
        padding = b'.' * 900
        while not self.stopping.is_set() and not self.errors:
            # A pace that leaves the machine to the broker: it is cuts that count, not records.
            time.sleep(0.02)
            for partition in [*range(PARTITIONS)] * 20:
                number = self.sent[partition]
                try:
                    self.producer.produce(self.topic, b'%012d' % number + padding, key=b'%d' % (number % 1000),
                                          partition=partition, on_delivery=self.on_delivery)
                    self.sent[partition] += 1
                except BufferError:
                    self.producer.poll(0.02)
            self.producer.poll(0)

    def give_up(self):
        """What was not acknowledged is forgotten: after a cut another producer begins."""
        self.stopping.set()
        self.thread.join()
        if not self.idempotent:
            self.producer.purge()
            self.producer.flush(5)
            self.producer = None

    def finish(self):
        self.stopping.set()
        self.thread.join()
        left = self.producer.flush(60)
        if left:
            self.errors.append(f'{self.topic}: {left} records were still unacknowledged in the end')


def read_from(bootstrap, topic, partition, start):
    """(end of the log when it was asked for, {offset: number} from `start` to there)."""
    consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'power-cut-check', 'enable.auto.commit': False,
                         'log_level': 0, 'enable.partition.eof': True})
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
    records = {}
    if max(low, start) < high:
        consumer.assign([TopicPartition(topic, partition, max(low, start))])
        deadline = time.monotonic() + READ_TIMEOUT_S
        ended = False
        while not ended:
            if time.monotonic() > deadline:
                raise SystemExit(f'reading {topic} {partition} from {start} to {high} took over {READ_TIMEOUT_S} s, '
                                 f'{len(records)} records came')
            for message in consumer.consume(1_000, timeout=0.1):
                if message.error():
                    # The end as it is, when what stood before it was compacted away.
                    ended = ended or message.error().name() == '_PARTITION_EOF'
                    if message.error().name() != '_PARTITION_EOF':
                        raise SystemExit(f'reading {topic} {partition}: {message.error()}')
                elif message.offset() < high:
                    records[message.offset()] = int(message.value()[:12])
                # A log that is written to meanwhile may have no end to reach: a slow reader would follow it for ever.
                ended = ended or message.offset() >= high - 1
    consumer.close()
    return high, records


def verify(bootstrap, load, whole):
    """Compares with what was acknowledged; of long logs only the end is read, unless `whole`."""
    problems = []
    for partition in range(PARTITIONS):
        # As of now, before the end of the log is asked for: an idempotent producer goes on meanwhile.
        acknowledged = dict(load.acknowledged[partition])
        start = 0 if whole else max(0, max(acknowledged, default=0) - 5_000)
        high, records = read_from(bootstrap, load.topic, partition, start)
        name = f'{load.topic}-{partition}'
        gone = [offset for offset in acknowledged if offset >= high]
        if gone and load.idempotent:
            problems.append(f'{name}: {len(gone)} acknowledged records are lost, the log ends at {high}')
        load.lost += len(gone)
        for offset in gone:
            del acknowledged[offset], load.acknowledged[partition][offset]
        wrong = [offset for offset, number in acknowledged.items()
                 if offset >= start and records.get(offset) != number]
        if wrong:
            first = wrong[0]
            problems.append(f'{name}: {len(wrong)} acknowledged records below the end {high} differ, the first at '
                            f'{first}: {records.get(first)} instead of {acknowledged[first]}')
        numbers = list(records.values())
        if load.idempotent and (numbers != sorted(set(numbers))):
            problems.append(f'{name}: values are repeated or out of order')
        offsets = list(records)
        if offsets and (offsets != list(range(offsets[0], offsets[0] + len(offsets))) or offsets[-1] < high - 1):
            problems.append(f'{name}: offsets have a gap')
    return problems


def topics_of(admin):
    return set(admin.list_topics(timeout=30).topics)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--bootstrap', required=True)
    arguments.add_argument('--start', required=True, help='shell command that runs the broker in the foreground')
    arguments.add_argument('--log', required=True, help='where the output of the broker goes')
    arguments.add_argument('--cut', required=True, help='shell command that cuts the power')
    arguments.add_argument('--restore', required=True, help='shell command that brings the file system back')
    arguments.add_argument('--cuts', type=int, default=50)
    arguments.add_argument('--seed', type=int, default=int(time.time()))
    options = arguments.parse_args()
    print(f'seed {options.seed}', flush=True)
    chance = random.Random(options.seed)

    broker = Broker(options.start, options.log)
    # Whoever ends the test ends its broker too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(f'ended by signal {number}'))
    try:
        sys.exit(run(broker, options, chance))
    finally:
        broker.end()


def run(broker, options, chance):
    broker.start()
    admin = AdminClient({'bootstrap.servers': options.bootstrap, 'log_level': 0})

    def create(name, **config):
        config = {key.replace('_', '.'): value for key, value in config.items()}
        admin.create_topics([NewTopic(name, PARTITIONS, 1, config=config)])[name].result(30)

    create('synced', segment_bytes=SEGMENT_BYTES, flush_messages=1)
    create('plain', segment_bytes=SEGMENT_BYTES)
    create('compacted', segment_bytes=SEGMENT_BYTES, cleanup_policy='compact', min_cleanable_dirty_ratio=1)
    loads = [Load(options.bootstrap, 'synced', True), Load(options.bootstrap, 'plain', False),
             Load(options.bootstrap, 'compacted', False)]
    problems, restarts, previous = [], [], None
    for cut in range(options.cuts):
        time.sleep(chance.uniform(0.3, 1.5))
        created = f'round-{cut}'
        create(created)
        if previous is not None:
            admin.delete_topics([previous])[previous].result(30)
        time.sleep(chance.uniform(0, 0.3))
        for load in loads:
            load.check_silence()
        # With the power the processor goes too. Else a sync that the cut meets could still be answered: ext4 calls some
        # of those done although nothing of them is left.
        broker.freeze()
        subprocess.run(options.cut, shell=True, check=True)
        broker.kill()
        for load in loads:
            if not load.idempotent:
                load.give_up()
        subprocess.run(options.restore, shell=True, check=True)
        restarts.append(broker.start())
        for load in loads:
            load.expected_since = time.monotonic()
        with open(options.log, 'rb') as lines:
            for line in lines:
                if any(word in line for word in FORBIDDEN):
                    problems.append(f'the broker said: {line.decode().strip()}')
        topics = topics_of(admin)
        if created not in topics:
            problems.append(f'topic {created} is lost')
        if previous in topics:
            problems.append(f'topic {previous} was deleted and is back')
        previous = created
        for load in loads:
            problems += verify(options.bootstrap, load, whole=False)
            problems += load.errors
            if not load.idempotent:
                load.start()
        counts = {load.topic: (sum(map(len, load.acknowledged)), load.lost) for load in loads}
        print(f'cut {cut + 1}: acknowledged and lost {counts}, ready after {restarts[-1]:.3f} s', flush=True)
        if problems:
            break
    for load in loads:
        load.finish()
    if not problems:
        for load in loads:
            problems += verify(options.bootstrap, load, whole=True)
            problems += load.errors
    exit_code = broker.stop()
    print(json.dumps({
        'cuts': len(restarts), 'acknowledged': {load.topic: sum(map(len, load.acknowledged)) for load in loads},
        'lost': {load.topic: load.lost for load in loads}, 'restart_s_max': round(max(restarts), 3),
        'silence_s_max': round(max(load.silence_s_max for load in loads), 3),
        'stop_exit_code': exit_code, 'problems': problems[:10],
    }))
    return 1 if problems else 0


main()
