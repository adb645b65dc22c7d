#!/usr/bin/env bash
# Adopts a data directory that Apache Kafka wrote: topics in several codecs, a compacted one, a group with commits,
# an open transaction. Compares what Kafka's own clients read before and after, then has Kafka's dump tool read what
# was appended here.
#
#   bash test/crash/adopt.sh

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"

PEER=millrace
BROKER_DIR=$WORK/crash/adopt
rm -rf "$BROKER_DIR"
mkdir -p "$BROKER_DIR"
BROKER_PORT=$(free_port)
BOOTSTRAP=127.0.0.1:$BROKER_PORT
CODECS=(none gzip snappy lz4 zstd)
RECORDS=20000
install_kcat
install_jars
install_python
trap 'kafka_stop "$BROKER_DIR"; broker_stop' EXIT

dump() { kafka_java org.apache.kafka.tools.DumpLogSegments "$@"; }
# digest TOPIC [kcat options]: of offsets, keys and values.
digest() { kcat -C -q -b "$BOOTSTRAP" -t "$1" -e -o beginning -f '%p %o %k %s\n' "${@:2}" | sort | sha256sum | cut -c 1-16; }
digests() {
  local codec
  for codec in "${CODECS[@]}"; do echo "$codec $(digest "plain-$codec" -X check.crcs=true)"; done
  echo "compacted $(digest compacted)"
  echo "committed $(digest transactions -X isolation.level=read_committed)"
  echo "uncommitted $(digest transactions -X isolation.level=read_uncommitted)"
  "$WORK/venv/bin/python" - "$BOOTSTRAP" <<'PYTHON'
import sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'adopted', 'enable.auto.commit': False})
print('group', consumer.committed([TopicPartition('plain-none', 0)], timeout=30)[0].offset)
consumer.close()
PYTHON
}

KAFKA_HEAP=512m kafka_start "$BROKER_PORT" "$BROKER_DIR" log.cleaner.backoff.ms=500
"$WORK/venv/bin/python" - "$BOOTSTRAP" "$RECORDS" "${CODECS[@]}" <<'PYTHON'
import os, sys, time
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
bootstrap, records, codecs = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
admin = AdminClient({'bootstrap.servers': bootstrap})
compacted = {'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01'}
topics = [NewTopic(f'plain-{codec}', 2, 1, config={'segment.bytes': '1048576'}) for codec in codecs]
topics += [NewTopic('compacted', 1, 1, config=compacted), NewTopic('transactions', 1, 1)]
for future in admin.create_topics(topics).values():
    future.result(30)
def fill(topic, keys, **config):
    producer = Producer({'bootstrap.servers': bootstrap, **config})
    for number in range(records):
        while True:
            try:
                producer.produce(topic, b'value-%d' % number + b'.' * 80, key=b'%d' % (number % keys))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush(120)
for codec in codecs:
    fill(f'plain-{codec}', records, **{'compression.type': codec, 'enable.idempotence': True})
fill('compacted', 100)
producer = Producer({'bootstrap.servers': bootstrap, 'transactional.id': 'adopted-transaction', 'transaction.timeout.ms': 900000})
producer.init_transactions()
for outcome in ('commit', 'abort', 'leave open'):
    producer.begin_transaction()
    for number in range(5):
        producer.produce('transactions', f'{outcome} {number}')
    producer.flush(30)
    if outcome == 'commit':
        producer.commit_transaction()
    elif outcome == 'abort':
        producer.abort_transaction()
consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'adopted', 'enable.auto.commit': False})
for attempt in range(100):
    try:
        consumer.commit(offsets=[TopicPartition('plain-none', 0, 1234)], asynchronous=False)
        break
    except KafkaException as error:
        # The coordinator is loading still.
        if not error.args[0].retriable() and error.args[0].name() not in ('NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS'):
            raise
        time.sleep(0.2)
consumer.close()
sys.stdout.flush()
# Left as it is: closing would end the transaction.
os._exit(0)
PYTHON
# The cleaner has had its turn when the log begins to have gaps.
sleep 3
digests >"$BROKER_DIR/before"
kafka_stop "$BROKER_DIR"

cp -a "$BROKER_DIR/data" "$BROKER_DIR/kafka-data"
broker_start
digests >"$BROKER_DIR/after"
diff "$BROKER_DIR/before" "$BROKER_DIR/after" || fail 'what is read differs'
cat "$BROKER_DIR/after"
for codec in "${CODECS[@]}"; do
  seq 1 500 | kcat -P -b "$BOOTSTRAP" -t "plain-$codec" -p 0 -z "$codec"
done
broker_stop
for codec in "${CODECS[@]}"; do
  files=$(find "$BROKER_DIR/data/plain-$codec-0" -name '*.log' | sort | paste -sd ,)
  dump --deep-iteration --files "$files" >"$BROKER_DIR/dump-$codec"
  if grep -Eqi 'isvalid: false|invalid|mismatch|corrupt|exception' "$BROKER_DIR/dump-$codec"; then
    fail "the dump tool complains, see $BROKER_DIR/dump-$codec"
  fi
done
echo 'adopted: digests are equal, and the dump tool reads what was appended'

# And back: Kafka on what was written here.
if KAFKA_HEAP=512m kafka_start "$BROKER_PORT" "$BROKER_DIR" 2>"$BROKER_DIR/back.err"; then
  echo 'Apache Kafka starts on the directory again'
  digests >"$BROKER_DIR/back" || true
  for name in compacted committed group; do
    diff <(grep "^$name " "$BROKER_DIR/before") <(grep "^$name " "$BROKER_DIR/back") \
      || echo "read back by Kafka, $name differs"
  done
else
  echo "Apache Kafka does not start on the directory again: $(grep -m 1 -E 'ERROR|Exception' "$BROKER_DIR/back.err" || true)"
fi
