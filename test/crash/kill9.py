"""Kills a broker with SIGKILL under idempotent load and compares the log with what was acknowledged.

Proves survival of a killed process (the page cache keeps what was written), not of a power cut.

One idempotent librdkafka producer writes numbered values to every partition of a topic while the broker
is killed and restarted. Afterwards each partition is read from its start and must show:
  - every acknowledged value at its acknowledged offset,
  - no value twice, acknowledged or not,
  - the values of the one producer in the order they were sent,
  - offsets without a gap.
"""

import argparse
import json
import random
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from broker_process import Broker

TOPIC = 'kill9'


class Load:
    """Numbered values, round robin over the partitions, until told to stop. Remembers each acknowledgement."""

    def __init__(self, bootstrap, partitions, compression):
        self.partitions = partitions
        self.sent = [0] * partitions
        self.acknowledged = [{} for _ in range(partitions)]  # partition -> {offset: number}
        self.errors = []
        self.stopping = threading.Event()
        self.producer = Producer({
            'bootstrap.servers': bootstrap, 'enable.idempotence': True, 'linger.ms': 2,
            'compression.type': compression, 'message.timeout.ms': 600_000, 'retry.backoff.ms': 20,
            'reconnect.backoff.ms': 20, 'reconnect.backoff.max.ms': 200, 'socket.timeout.ms': 10_000,
            'queue.buffering.max.messages': 20_000, 'log_level': 0, 'error_cb': self.on_error,
        })
        # A daemon: when the test fails half-way, nobody tells it to stop.
        self.thread = threading.Thread(target=self.run, daemon=True)

    def on_error(self, error):
        if error.fatal():
            self.errors.append(f'fatal producer error: {error}')

    def on_delivery(self, error, message):
        if error is not None:
            self.errors.append(f'delivery failed: {error}')
            return
        acknowledged = self.acknowledged[message.partition()]
        if message.offset() in acknowledged:
            self.errors.append(f'offset {message.offset()} of {message.partition()} acknowledged twice')
        acknowledged[message.offset()] = int(message.value()[:12])

    def run(self):
        padding = b'.' * 88
        while not self.stopping.is_set() and not self.errors:
            for partition in range(self.partitions):
                value = b'%012d' % self.sent[partition] + padding
                try:
                    self.producer.produce(TOPIC, value, partition=partition, on_delivery=self.on_delivery)
                    self.sent[partition] += 1
                except BufferError:
                    self.producer.poll(0.05)
            self.producer.poll(0)

    def finish(self):
        self.stopping.set()
        self.thread.join()
        left = self.producer.flush(120)
        if left:
            self.errors.append(f'{left} records were still unacknowledged 120 s after the last restart')


def read_partition(bootstrap, partition):
    """All values of a partition as a list of (offset, number)."""
    consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'kill9-check', 'enable.auto.commit': False,
                         'log_level': 0})
    low, high = consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=30)
    consumer.assign([TopicPartition(TOPIC, partition, low)])
    records = []
    deadline = time.monotonic() + 120
    while (not records or records[-1][0] < high - 1) and high > low:
        for message in consumer.consume(10_000, timeout=1):
            if message.error():
                raise SystemExit(f'reading partition {partition}: {message.error()}')
            records.append((message.offset(), int(message.value()[:12])))
        if time.monotonic() > deadline:
            raise SystemExit(f'reading partition {partition} stopped at {records[-1:]} of {high}')
    consumer.close()
    return records


def verify(records, acknowledged, partition):
    problems = []
    by_offset = dict(records)
    for offset, number in acknowledged.items():
        if by_offset.get(offset) != number:
            problems.append(f'partition {partition}: offset {offset} holds {by_offset.get(offset)}, acknowledged {number}')
    numbers = [number for _, number in records]
    if len(set(numbers)) != len(numbers):
        problems.append(f'partition {partition}: {len(numbers) - len(set(numbers))} values stand twice')
    if any(b <= a for a, b in zip(numbers, numbers[1:])):
        problems.append(f'partition {partition}: values are out of order')
    offsets = [offset for offset, _ in records]
    if offsets and offsets != list(range(offsets[0], offsets[0] + len(offsets))):
        problems.append(f'partition {partition}: offsets have a gap')
    return problems[:5]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--bootstrap', required=True)
    arguments.add_argument('--start', required=True, help='shell command that runs the broker in the foreground')
    arguments.add_argument('--log', required=True, help='where the output of the broker goes')
    arguments.add_argument('--rounds', type=int, default=20)
    arguments.add_argument('--partitions', type=int, default=4)
    arguments.add_argument('--compression', default='none')
    arguments.add_argument('--seed', type=int, default=int(time.time()))
    options = arguments.parse_args()
    print(f'seed {options.seed}', flush=True)
    chance = random.Random(options.seed)

    broker = Broker(options.start, options.log)
    # Whoever ends the test by a signal must not leave the broker behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(f'ended by signal {number}'))
    try:
        sys.exit(test(broker, chance, options))
    finally:
        broker.end()


def test(broker, chance, options):
    broker.start()
    admin = AdminClient({'bootstrap.servers': options.bootstrap})
    admin.create_topics([NewTopic(TOPIC, options.partitions, 1)])[TOPIC].result(30)
    load = Load(options.bootstrap, options.partitions, options.compression)
    load.thread.start()
    restarts = []
    for round_number in range(options.rounds):
        time.sleep(chance.uniform(0.3, 2.0))
        broker.kill()
        restarts.append(broker.start())
        acknowledged = sum(map(len, load.acknowledged))
        print(f'round {round_number + 1}: {acknowledged} acknowledged, ready after {restarts[-1]:.3f} s', flush=True)
        if load.errors:
            break
    time.sleep(1)
    load.finish()

    problems = list(load.errors[:5])
    stored = 0
    for partition in range(options.partitions):
        records = read_partition(options.bootstrap, partition)
        stored += len(records)
        problems += verify(records, load.acknowledged[partition], partition)
    exit_code = broker.stop()
    print(json.dumps({
        'rounds': len(restarts), 'acknowledged': sum(map(len, load.acknowledged)), 'stored': stored,
        'sent': sum(load.sent), 'restart_s_max': round(max(restarts), 3), 'stop_exit_code': exit_code,
        'problems': problems,
    }))
    return 1 if problems else 0


main()
