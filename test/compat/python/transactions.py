"""The transactions scenario: CLIENT BOOTSTRAP TOPIC GROUP, see checks/32-transactions-clients.sh."""

import json
import sys

client, bootstrap, topic, group = sys.argv[1:5]
TIMEOUT_S = 30
EXPIRY_MS = 60_000


class Confluent:
    """confluent-kafka (librdkafka)."""

    def __init__(self):
        import confluent_kafka
        from confluent_kafka.admin import AdminClient, NewTopic
        self.kafka = confluent_kafka
        admin = AdminClient({"bootstrap.servers": bootstrap})
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])[topic].result(TIMEOUT_S)

    def producer(self):
        producer = self.kafka.Producer({"bootstrap.servers": bootstrap, "transactional.id": f"{group}-id",
                                        "transaction.timeout.ms": EXPIRY_MS})
        producer.init_transactions(TIMEOUT_S)
        return producer

    def begin(self, producer):
        producer.begin_transaction()

    def send(self, producer, values):
        for value in values:
            producer.produce(topic, value=value.encode())
        producer.flush(TIMEOUT_S)

    def offset(self, producer, offset):
        consumer = self.consumer("read_committed")
        partitions = [self.kafka.TopicPartition(topic, 0, offset)]
        producer.send_offsets_to_transaction(partitions, consumer.consumer_group_metadata(), TIMEOUT_S)
        consumer.close()

    def commit(self, producer):
        producer.commit_transaction(TIMEOUT_S)

    def abort(self, producer):
        producer.abort_transaction(TIMEOUT_S)

    def consumer(self, isolation):
        return self.kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": group, "isolation.level": isolation,
                                    "enable.auto.commit": False, "auto.offset.reset": "earliest",
                                    "enable.partition.eof": True})

    def read(self, isolation):
        consumer = self.consumer(isolation)
        consumer.assign([self.kafka.TopicPartition(topic, 0, 0)])
        values = []
        while True:
            message = consumer.poll(TIMEOUT_S)
            if message is None or message.error():
                break
            values.append(message.value().decode())
        consumer.close()
        return values

    def committed(self):
        consumer = self.consumer("read_committed")
        [partition] = consumer.committed([self.kafka.TopicPartition(topic, 0)], TIMEOUT_S)
        consumer.close()
        return partition.offset


class KafkaPython:
    """kafka-python."""

    def __init__(self):
        import kafka
        from kafka.admin import NewTopic
        self.kafka = kafka
        self.partition = kafka.TopicPartition(topic, 0)
        admin = kafka.KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        admin.close()

    def producer(self):
        producer = self.kafka.KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{group}-id",
                                            transaction_timeout_ms=EXPIRY_MS)
        producer.init_transactions()
        return producer

    def begin(self, producer):
        producer.begin_transaction()

    def send(self, producer, values):
        futures = [producer.send(topic, value=value.encode(), partition=0) for value in values]
        producer.flush(TIMEOUT_S)
        for future in futures:
            future.get(TIMEOUT_S)

    def offset(self, producer, offset):
        from kafka.structs import OffsetAndMetadata
        producer.send_offsets_to_transaction({self.partition: OffsetAndMetadata(offset, "", -1)}, group)

    def commit(self, producer):
        producer.commit_transaction()

    def abort(self, producer):
        producer.abort_transaction()

    def consumer(self, isolation):
        return self.kafka.KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, isolation_level=isolation,
                                        enable_auto_commit=False, auto_offset_reset="earliest")

    def read(self, isolation):
        consumer = self.consumer(isolation)
        consumer.assign([self.partition])
        consumer.seek_to_beginning(self.partition)
        end = consumer.end_offsets([self.partition])[self.partition]
        values = []
        while consumer.position(self.partition) < end:
            for records in consumer.poll(timeout_ms=1000).values():
                values += [record.value.decode() for record in records]
        consumer.close()
        return values

    def committed(self):
        consumer = self.consumer("read_committed")
        offset = consumer.committed(self.partition)
        consumer.close()
        return offset


def run(library):
    facts = {"client": client}
    first = library.producer()
    library.begin(first)
    library.send(first, ["committed-1", "committed-2"])
    library.offset(first, 2)
    library.commit(first)
    library.begin(first)
    library.send(first, ["aborted-1", "aborted-2"])
    library.offset(first, 5)
    library.abort(first)
    facts["committed"] = library.read("read_committed")
    facts["all"] = library.read("read_uncommitted")
    facts["offset"] = library.committed()
    library.begin(first)
    library.send(first, ["zombie"])
    second = library.producer()
    try:
        library.commit(first)
        facts["fenced"] = False
    except Exception as error:
        print(f"the zombie was told: {error}", file=sys.stderr)
        facts["fenced"] = True
    library.begin(second)
    library.send(second, ["second"])
    library.commit(second)
    facts["final"] = library.read("read_committed")
    print(json.dumps(facts, separators=(",", ":")), flush=True)


run({"confluent": Confluent, "kafka-python": KafkaPython}[client]())
# A fenced producer of either library would wait for its last records at exit.
import os  # noqa: E402
os._exit(0)
