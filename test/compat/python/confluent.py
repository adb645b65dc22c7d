"""The lifecycle scenario with confluent-kafka (librdkafka). A fourth argument chooses the group protocol."""

import sys

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from ledger import PARTITIONS, Ledger, headers_of, key_of, lifecycle, value_of

bootstrap, topic, group = sys.argv[1:4]
protocol = sys.argv[4] if len(sys.argv) > 4 else "classic"
ledger = Ledger()


def create_topic():
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1)])[topic].result(30)


def produce(indexes):
    failures = []
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    for index in indexes:
        producer.produce(topic, key=key_of(index), value=value_of(index), headers=headers_of(index),
                         on_delivery=lambda error, _: error and failures.append(error))
        producer.poll(0)
    left = producer.flush(30)
    if left or failures:
        raise RuntimeError(f"{left} records undelivered, failures {failures[:3]}")


def member(number, stop):
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "group.protocol": protocol,
        "auto.offset.reset": "earliest", "enable.auto.commit": False,
    })
    # Every batch is committed before the next poll, where partitions are given up.
    consumer.subscribe([topic])
    while not stop.is_set():
        messages = consumer.consume(100, timeout=0.1)
        for message in messages:
            if message.error():
                raise RuntimeError(message.error())
            ledger.take(message.partition(), message.offset(), message.key(), message.value(), message.headers())
        if messages:
            consumer.commit(asynchronous=False)
        ledger.own(number, [assigned.partition for assigned in consumer.assignment()])
    consumer.close()


create_topic()
lifecycle(f"confluent-kafka {protocol}", ledger, produce, member)
