"""Fills a compacted topic and prints what must be left: `key value` in the order of keys, deletions aside.

    python compacted.py BOOTSTRAP TOPIC PARTITION

Several producers in turn, each with a codec of its own; a third of the transactions is aborted, and between them another
producer writes without any. Pauses let segments roll by time, so that there is something to clean.
"""

import sys
import time

from confluent_kafka import Producer

CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
TRANSACTIONS = 4
RECORDS = 120
KEYS = 50
ROLL_S = 0.15


def main(bootstrap, topic, partition):
    kept, plain = {}, Producer(settings(bootstrap, 'lz4', 'enable.idempotence', True))
    for codec in CODECS:
        producer = Producer(settings(bootstrap, codec, 'transactional.id', f'{topic}-{partition}-{codec}'))
        producer.init_transactions(30)
        for number in range(TRANSACTIONS):
            committed = number % 3 != 1
            producer.begin_transaction()
            # Keys that are written once, or never again, must stay.
            written = {f'{codec}-{number}': f'alone-{number}'}
            for index in range(RECORDS):
                key = f'key-{(index * 7 + number * 11) % KEYS}'
                written[key] = None if index % 13 == 0 else f'{codec}-{number}-{index}' + 'x' * 100
                producer.produce(topic, key=key, value=written[key], partition=partition)
            producer.produce(topic, key=f'{codec}-{number}', value=f'alone-{number}', partition=partition)
            producer.flush(30)
            (producer.commit_transaction if committed else producer.abort_transaction)(30)
            if committed:
                kept.update(written)
            kept[f'plain-{number}'] = f'{codec}-{number}'
            plain.produce(topic, key=f'plain-{number}', value=kept[f'plain-{number}'], partition=partition)
            plain.flush(30)
            time.sleep(ROLL_S)
    for key in sorted(kept):
        if kept[key] is not None:
            print(key, kept[key])


def settings(bootstrap, codec, key, value):
    return {'bootstrap.servers': bootstrap, 'compression.type': codec, 'linger.ms': 5, 'batch.num.messages': 40,
            'log_level': 0, key: value}


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
