"""The lifecycle scenario with kafka-python."""

import logging
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from ledger import PARTITIONS, Ledger, headers_of, key_of, lifecycle, value_of

logging.basicConfig(level=logging.WARNING)
bootstrap, topic, group = sys.argv[1:4]
ledger = Ledger()


def create_topic():
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1)])
    admin.close()


def produce(indexes):
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5)
    futures = [producer.send(topic, key=key_of(index), value=value_of(index), headers=headers_of(index))
               for index in indexes]
    producer.flush(30)
    for future in futures:
        future.get(30)
    producer.close()


def member(number, stop):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
                             enable_auto_commit=False)
    # Every batch is committed before the next poll, where partitions are given up.
    consumer.subscribe([topic])
    while not stop.is_set():
        records = [record for batch in consumer.poll(timeout_ms=100).values() for record in batch]
        for record in records:
            ledger.take(record.partition, record.offset, record.key, record.value, record.headers)
        if records:
            consumer.commit()
        ledger.own(number, [assigned.partition for assigned in consumer.assignment()])
    consumer.close()


create_topic()
lifecycle("kafka-python", ledger, produce, member)
