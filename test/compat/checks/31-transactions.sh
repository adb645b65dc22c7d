# Transactions, with Kafka's own client and with its load generator.

check transactions needing AddPartitionsToTxn transactions
check transactions-perf needing AddPartitionsToTxn transactions_perf

transactions() {
  local topic=${1:-$PREFIX-transactions}
  JVM_FLAGS=$JVM_LIGHT java_tool 256m Transactions "$BOOTSTRAP" "$topic" "$topic-group" >"$CHECK_DIR/facts"
  cat "$CHECK_DIR/facts"
  OUT=$(<"$CHECK_DIR/facts")
  has '^read_committed while one is open: \[0=committed1, 1=committed2\]$'
  has '^read_uncommitted while one is open: \[0=committed1, 1=committed2, 3=aborted1, 4=aborted2, 6=open1, 7=open2\]$'
  has '^read_committed at the end: \[0=committed1, 1=committed2, 6=open1, 7=open2\]$'
  has '^offset of the group: 2$'
  has '^the first producer was fenced$'
  has '^read_committed after fencing: \[0=committed1, 1=committed2, 6=open1, 7=open2, [0-9]+=second1, [0-9]+=second2\]$'
  topic_delete "$topic"
}

transactions_perf() {
  local topic=$PREFIX-transactions-perf
  topic_create "$topic" 1
  java_tool 512m org.apache.kafka.tools.ProducerPerformance --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --num-records "$RECORDS" --record-size 100 --throughput -1 --transactional-id "$PREFIX-perf" \
    --transaction-duration-ms 100 | tee "$CHECK_DIR/producer"
  OUT=$(tail -n 1 "$CHECK_DIR/producer")
  has "^$RECORDS records sent, [0-9.]+ records/sec"
  figure "producer $(grep -oE '[0-9.]+ records/sec \([0-9.]+ MB/sec\)' <<<"$OUT")"
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e -X isolation.level=read_committed | wc -l)" \
    "$RECORDS" 'the number of committed records'
  topic_delete "$topic"
}
