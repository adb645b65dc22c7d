# Kafka's load generators and its verifiable clients, each in a JVM of its own.

check perf tools_perf
check verifiable tools_verifiable classic
check verifiable-848 needing ConsumerGroupHeartbeat tools_verifiable consumer --group-protocol consumer

tools_perf() {
  local topic=$PREFIX-perf
  topic_create "$topic" 1
  java_tool 512m org.apache.kafka.tools.ProducerPerformance --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --num-records "$RECORDS" --record-size 100 --throughput -1 | tee "$CHECK_DIR/producer"
  OUT=$(tail -n 1 "$CHECK_DIR/producer")
  has "^$RECORDS records sent, [0-9.]+ records/sec \([0-9.]+ MB/sec\), [0-9.]+ ms avg latency, [0-9.]+ ms max latency"
  figure "producer $(grep -oE '[0-9.]+ records/sec \([0-9.]+ MB/sec\)' <<<"$OUT")"
  java_tool 512m org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --num-records "$RECORDS" --timeout 60000 --group "$PREFIX-perf-group" | tee "$CHECK_DIR/consumer"
  # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  OUT=$(tail -n 1 "$CHECK_DIR/consumer" | tr -d ' ')
  equal "$(cut -d , -f 5 <<<"$OUT")" "$RECORDS" 'the number of records consumed'
  figure "consumer $(cut -d , -f 10 <<<"$OUT") records/sec in fetches"
  topic_delete "$topic"
}

# tools_verifiable PROTOCOL CONSUMER_ARGS...
tools_verifiable() {
  local protocol=$1 topic=$PREFIX-verifiable-$1 n=1000 consumed
  shift
  topic_create "$topic" 3
  JVM_FLAGS=$JVM_LIGHT java_tool 256m org.apache.kafka.tools.VerifiableProducer --bootstrap-server "$BOOTSTRAP" \
    --topic "$topic" --max-messages "$n" --acks -1 --repeating-keys 50 >"$CHECK_DIR/producer"
  OUT=$(<"$CHECK_DIR/producer")
  count "$n" '"name":"producer_send_success"'
  count 0 '"name":"producer_send_error"'
  has "\"name\":\"tool_data\",.*\"sent\":$n,\"acked\":$n"
  JVM_FLAGS=$JVM_LIGHT java_tool 256m org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$BOOTSTRAP" \
    --topic "$topic" --group-id "$PREFIX-verifiable-$protocol" --max-messages "$n" --reset-policy earliest "$@" \
    >"$CHECK_DIR/consumer"
  OUT=$(<"$CHECK_DIR/consumer")
  has '"name":"partitions_assigned","partitions":\[.*"partition":'
  has '"name":"offsets_committed".*"success":true'
  has '"name":"shutdown_complete"'
  lacks '"success":false'
  consumed=$(grep '"name":"records_consumed"' <<<"$OUT" \
    | grep -oE '"partition":[0-9]+,"count":[0-9]+' | awk -F : '{ sum += $3 } END { print sum }')
  equal "$consumed" "$n" 'the number of records consumed'
  topic_delete "$topic"
}
