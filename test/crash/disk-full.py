"""Fills the disk under a broker and gives it room again.

While the disk is full, writes are refused with KAFKA_STORAGE_ERROR, reads go on and nothing acknowledged is missing;
with room again, writes are taken without a restart.
"""

import argparse
import json
import subprocess
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

TOPIC = 'disk-full'
RESUME_TIMEOUT_S = 30


class Load:
    def __init__(self, bootstrap):
        self.acknowledged = {}
        self.errors = {}
        self.producer = Producer({'bootstrap.servers': bootstrap, 'message.timeout.ms': 4_000, 'retries': 2,
                                  'enable.idempotence': False, 'log_level': 0,
                                  # What waits here grows old: a slow machine must get to it within the timeout.
                                  'queue.buffering.max.messages': 2_000})

    def on_delivery(self, error, message):
        if error is not None:
            self.errors[error.name()] = self.errors.get(error.name(), 0) + 1
        else:
            self.acknowledged[message.offset()] = message.value()

    def send(self, count, first):
        self.errors.clear()
        before = len(self.acknowledged)
        for number in range(first, first + count):
            while True:
                try:
                    self.producer.produce(TOPIC, b'%010d' % number + b'.' * 990, partition=0,
                                          on_delivery=self.on_delivery)
                    break
                except BufferError:
                    self.producer.poll(0.1)
            self.producer.poll(0)
        self.producer.flush(60)
        return len(self.acknowledged) - before


def read_all(bootstrap):
    consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'disk-full-check', 'log_level': 0,
                         'enable.auto.commit': False})
    low, high = consumer.get_watermark_offsets(TopicPartition(TOPIC, 0), timeout=30)
    consumer.assign([TopicPartition(TOPIC, 0, low)])
    stored = {}
    deadline = time.monotonic() + 60
    while len(stored) < high - low and time.monotonic() < deadline:
        for message in consumer.consume(5_000, 1):
            stored[message.offset()] = message.value()
    consumer.close()
    return stored


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--bootstrap', required=True)
    arguments.add_argument('--mount', required=True, help='the tmpfs under the data directory')
    options = arguments.parse_args()
    load = Load(options.bootstrap)
    problems = []

    acknowledged_full = load.send(60_000, 0)
    refused = dict(load.errors)
    if 'KAFKA_STORAGE_ERROR' not in refused:
        problems.append(f'a full disk was answered with {refused}')
    stored = read_all(options.bootstrap)
    lost = [offset for offset, value in load.acknowledged.items() if stored.get(offset) != value]
    if lost:
        problems.append(f'{len(lost)} acknowledged records are missing while the disk is full')

    subprocess.run(['mount', '-o', 'remount,size=256m', options.mount], check=True)
    deadline = time.monotonic() + RESUME_TIMEOUT_S
    acknowledged_after = 0
    while acknowledged_after == 0 and time.monotonic() < deadline:
        acknowledged_after = load.send(1_000, 1_000_000)
    if acknowledged_after == 0:
        problems.append(f'no write was taken within {RESUME_TIMEOUT_S} s of room: {load.errors}')
    stored = read_all(options.bootstrap)
    lost = [offset for offset, value in load.acknowledged.items() if stored.get(offset) != value]
    if lost:
        problems.append(f'{len(lost)} acknowledged records are missing in the end')
    print(json.dumps({'acknowledged': acknowledged_full, 'refused': refused, 'after_room': acknowledged_after,
                      'stored': len(stored), 'problems': problems}))
    sys.exit(1 if problems else 0)


main()
