"""State for the checks of Kafka's group tools.

    group_state.py BOOTSTRAP records TOPIC PARTITION COUNT FIRST_TIMESTAMP_MS
        Records one minute apart, in one partition.
    group_state.py BOOTSTRAP commit GROUP classic|consumer TOPIC:PARTITION:OFFSET[:METADATA]...
        A member of the group commits and leaves.
    group_state.py BOOTSTRAP member GROUP classic|consumer CLIENT_ID INSTANCE_ID|- TOPIC...
        A member that consumes nothing, until it is told to end by SIGTERM; then it leaves.
"""

import signal
import sys

from confluent_kafka import Consumer, Producer, TopicPartition

RECORDS_APART_MS = 60_000
TIMEOUT_S = 30


def records(bootstrap, topic, partition, count, first_timestamp_ms):
    producer = Producer({'bootstrap.servers': bootstrap, 'enable.idempotence': True})
    for index in range(int(count)):
        producer.produce(topic, value=str(index), partition=int(partition),
                         timestamp=int(first_timestamp_ms) + index * RECORDS_APART_MS)
    if producer.flush(TIMEOUT_S) > 0:
        raise SystemExit('not every record was acknowledged')


def consumer_of(bootstrap, group, protocol, client_id, instance_id='-', more={}):
    config = {'bootstrap.servers': bootstrap, 'group.id': group, 'group.protocol': protocol, 'client.id': client_id,
              'enable.auto.commit': False, 'auto.offset.reset': 'earliest', **more}
    if instance_id != '-':
        config['group.instance.id'] = instance_id
    return Consumer(config)


def commit(bootstrap, group, protocol, *offsets):
    consumer = consumer_of(bootstrap, group, protocol, 'committer')
    wanted = [offset_of(*offset.split(':')) for offset in offsets]
    consumer.subscribe(sorted({place.topic for place in wanted}))
    while not consumer.assignment():
        consumer.poll(0.1)
    consumer.commit(offsets=wanted, asynchronous=False)
    consumer.close()


def offset_of(topic, partition, offset, metadata=None):
    if metadata is None:
        return TopicPartition(topic, int(partition), int(offset))
    return TopicPartition(topic, int(partition), int(offset), metadata)


def member(bootstrap, group, protocol, client_id, instance_id, *topics):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    assignor = {'group.remote.assignor': 'range'} if protocol == 'consumer' else {}
    consumer = consumer_of(bootstrap, group, protocol, client_id, instance_id, assignor)
    consumer.subscribe(list(topics), on_assign=lambda it, partitions: it.assign(partitions) or it.pause(partitions)
                       if protocol == 'classic' else it.incremental_assign(partitions) or it.pause(partitions))
    while not ended:
        consumer.poll(0.1)
    consumer.close()


if __name__ == '__main__':
    {'records': records, 'commit': commit, 'member': member}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
