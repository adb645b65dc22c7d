"""kgo-verifier on a compacted topic, while the cleaner works and the broker is killed.

Its producer notes the value it wrote last under each key. Once every segment but the newest is clean, its readers panic
when they see another value than that, an offset that goes back, or a record where it wrote another. What they cannot see
is a key that is missing, so the keys are compared too.
"""

import argparse
import base64
import glob
import json
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'exactly-once'))

from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from dump import dump_all  # noqa: E402
from processes import Broker, fail, say  # noqa: E402
from verifier import TOPIC, Verifier  # noqa: E402

SIZES = {'quick': {'kills': 10, 'keys': 4000}, 'full': {'kills': 40, 'keys': 8000}}
PARTITIONS = 4
RECORD_BYTES = 512
BYTES_PER_SECOND = 1_500_000
TOMBSTONES = 0.05
# The producer must outlast the kills: seconds for each, on top of the start.
SECONDS_PER_KILL = 3
ROLL_MS = 1000
CLEANING_TIMEOUT_S = 20
CLEAN_TIMEOUT_S = 120
READER_TIMEOUT_S = 300
LATEST = ['--compacted', '--validate-latest-values']
CONFIG = {'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0', 'segment.bytes': '1048576',
          'segment.ms': str(ROLL_MS), 'delete.retention.ms': '3000'}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--bootstrap', required=True)
    arguments.add_argument('--start', required=True, help='shell command that runs the broker in the foreground')
    arguments.add_argument('--directory', required=True)
    arguments.add_argument('--size', choices=SIZES, default='quick')
    arguments.add_argument('--kills', type=int)
    arguments.add_argument('--keys', type=int, help='of each partition')
    arguments.add_argument('--codec', default='none', choices=['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    arguments.add_argument('--seed', type=int, default=int(time.time()))
    options = arguments.parse_args()
    for name, value in SIZES[options.size].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.scenario = 'compacted'
    say(f'{options.kills} kills, seed {options.seed}, codec {options.codec}')
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    broker = Broker(options.start, options.directory + '/server.log')
    try:
        fail(run(options, broker))
    finally:
        broker.kill()


def run(options, broker):
    chance = random.Random(options.seed)
    start_s = broker.start()
    admin = AdminClient({'bootstrap.servers': options.bootstrap, 'log_level': 0})
    for future in admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1, config=CONFIG)]).values():
        future.result(30)
    produce(options, broker, chance, SECONDS_PER_KILL + 2 * start_s)
    fill(options)
    await_clean(options, broker)
    # What a crash leaves of the last rounds must be right too.
    say(f'clean; killed once more, ready after {broker.kill_and_start():.2f} s')
    await_clean(options, broker)
    problems = []
    problems += read(options, 'sequential', '--seq_read=1')
    problems += read(options, 'group', '--consumer_group_readers', '3', '--seq_read_msgs', str(count_records(options)[1]))
    problems += read(options, 'random', '--rand_read_msgs', '100', '--parallel', '4')
    problems += compare_keys(options)
    code = broker.stop()
    if code not in (0, 143):
        problems.append(f'the broker ended with {code}')
    return problems + dump_all(options.directory + '/data', f'{TOPIC}-*')


def produce(options, broker, chance, seconds_per_kill):
    count = int(options.kills * seconds_per_kill * BYTES_PER_SECOND / RECORD_BYTES)
    producer = Verifier(
        options, 'producer', *LATEST, '--msg_size', str(RECORD_BYTES), '--produce_msgs', str(count), '--rand_read_msgs',
        '0', '--produce-throughput-bps', str(BYTES_PER_SECOND), '--key-set-cardinality', str(options.keys),
        '--tombstone-probability', str(TOMBSTONES), '--compression-type', options.codec, '--tolerate-failed-produce')
    amid = 0
    try:
        while not producer.ended():
            if broker.kills < options.kills:
                time.sleep(chance.uniform(0.2, 1.5))
                await_cleaning(options)
                time.sleep(chance.uniform(0, 0.3))
                broker.kill()
                left = leftovers(options)
                amid += len(left) > 0
                seconds = broker.start()
                broker.kills += 1
                say(f'{broker.kills}/{options.kills}: broker killed, {", ".join(left) or "nothing"} left of the round, '
                    f'ready after {seconds:.2f} s')
            time.sleep(0.1)
        if producer.wait(1) != 0:
            raise SystemExit(f'the producer failed; see {producer.log_path}')
    finally:
        producer.kill()
    status = producer.statuses('Producer')[-1]
    say(f'{broker.kills} kills, {amid} amid a round; producer: ' + json.dumps(
        {name: status[name] for name in ('sent', 'acked', 'bad_offsets', 'restarts', 'fails', 'tombstones_produced')}))
    if broker.kills < options.kills:
        raise SystemExit(f'the producer had ended after {broker.kills} kills')
    # What was written but not acknowledged where it was due is not in the producer's notes.
    if status['bad_offsets'] + status['fails'] > 0:
        raise SystemExit('some records could not be produced as expected, so that the last values are unknown')


def leftovers(options):
    found = {os.path.splitext(name)[1] for suffix in ('cleaned', 'swap', 'deleted')
             for name in glob.glob(f'{options.directory}/data/{TOPIC}-*/*.{suffix}')}
    return sorted(found)


def await_cleaning(options):
    """A copy is being written at this moment."""
    deadline = time.monotonic() + CLEANING_TIMEOUT_S
    while not glob.glob(f'{options.directory}/data/{TOPIC}-*/*.cleaned'):
        if time.monotonic() > deadline:
            raise SystemExit('no round of cleaning was seen')
        time.sleep(0.005)


def latest_values(options):
    """For each partition, what was written last under each key, None for a deletion."""
    with open(f'{options.directory}/latest_value_{TOPIC}.json', encoding='utf-8') as file:
        partitions = json.load(file)['LatestKvByPartition']
    return [{key.encode(): value and base64.b64decode(value) for key, value in values.items()} for values in partitions]


def fill(options):
    """Old values once more, so that the newest segment, which is never cleaned, holds nothing else."""
    producer = Producer({'bootstrap.servers': options.bootstrap, 'log_level': 0})
    # Two segments: what is in flight in the last one belongs to a producer that is still known.
    for _ in range(2):
        time.sleep(ROLL_MS / 1000 * 1.5)
        for partition, values in enumerate(latest_values(options)):
            key = next(key for key, value in values.items() if value is not None)
            producer.produce(TOPIC, key=key, value=values[key], partition=partition)
        producer.flush(30)


def await_clean(options, broker):
    """All but the newest segment of each partition, as the broker's own checkpoint says."""
    deadline = time.monotonic() + CLEAN_TIMEOUT_S
    while not all(clean_offset(options, partition) >= newest_segment(options, partition)
                  for partition in range(PARTITIONS)):
        if broker.ended() or time.monotonic() > deadline:
            raise SystemExit('the log did not become clean')
        time.sleep(0.2)


def clean_offset(options, partition):
    try:
        with open(f'{options.directory}/data/cleaner-offset-checkpoint', encoding='utf-8') as lines:
            return next((int(line.split()[2]) for line in lines if line.startswith(f'{TOPIC} {partition} ')), -1)
    except FileNotFoundError:
        return -1


def newest_segment(options, partition):
    logs = glob.glob(f'{options.directory}/data/{TOPIC}-{partition}/*.log')
    return max(int(os.path.basename(path).split('.')[0]) for path in logs)


def read(options, name, *arguments):
    reader = Verifier(options, f'reader-{name}', '--produce_msgs', '0', *LATEST, *arguments)
    try:
        code = reader.wait(READER_TIMEOUT_S)
    except Exception:
        return [f'the {name} reader had not ended after {READER_TIMEOUT_S} s; see {reader.log_path}']
    finally:
        reader.kill()
    status = reader.statuses('[Vv]alidator')
    valid = max((each['valid_reads'] for each in status), default=0)
    invalid = max((each['invalid_reads'] for each in status), default=0)
    say(f'{name} reader: {valid} valid, {invalid} invalid')
    if code == 0 and valid > 0 and invalid == 0:
        return []
    return [f'the {name} reader found a fault; see {reader.log_path}']


def compare_keys(options):
    found, records = count_records(options)
    say(f'{records} records are left for {sum(len(values) for values in found)} keys')
    problems = []
    for partition, due in enumerate(latest_values(options)):
        alive = {key: value for key, value in due.items() if value is not None}
        seen = {key: value for key, value in found[partition].items() if value is not None}
        if seen != alive:
            missing, more = alive.keys() - seen.keys(), seen.keys() - alive.keys()
            problems.append(f'partition {partition}: {len(missing)} keys are missing, {len(more)} are there again')
    # The filler comes on top.
    if records > sum(len(values) for values in found) + 2 * PARTITIONS:
        problems.append('some keys have more than one record')
    return problems


def count_records(options):
    """For each partition the last value of each key, and how many records there are."""
    consumer = Consumer({'bootstrap.servers': options.bootstrap, 'group.id': 'compare', 'auto.offset.reset': 'earliest',
                         'enable.auto.commit': False, 'enable.partition.eof': True, 'log_level': 0})
    consumer.assign([TopicPartition(TOPIC, partition, 0) for partition in range(PARTITIONS)])
    found, records, ended = [{} for _ in range(PARTITIONS)], 0, set()
    while len(ended) < PARTITIONS:
        message = consumer.poll(30)
        if message is None:
            raise SystemExit('the log could not be read to its end')
        if message.error():
            ended.add(message.partition())
            continue
        records += 1
        found[message.partition()][message.key()] = message.value()
    consumer.close()
    return found, records


if __name__ == '__main__':
    main()
