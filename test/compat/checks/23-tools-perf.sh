# Kafka's load generators and its verifiable clients, each in a JVM of its own.

check perf tools_perf
check verifiable tools_verifiable

tools_perf() {
  local topic=compat-perf
  topic_create "$topic" 1
  java_tool 512m org.apache.kafka.tools.ProducerPerformance --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --num-records "$RECORDS" --record-size 100 --throughput -1 | tee "$CHECK_DIR/producer"
  OUT=$(tail -n 1 "$CHECK_DIR/producer")
  has "^$RECORDS records sent, [0-9.]+ records/sec \([0-9.]+ MB/sec\), [0-9.]+ ms avg latency, [0-9.]+ ms max latency"
  figure "producer $(grep -oE '[0-9.]+ records/sec \([0-9.]+ MB/sec\)' <<<"$OUT")"
  java_tool 512m org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --num-records "$RECORDS" --timeout 60000 --group compat-perf-group | tee "$CHECK_DIR/consumer"
  # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  OUT=$(tail -n 1 "$CHECK_DIR/consumer" | tr -d ' ')
  equal "$(cut -d , -f 5 <<<"$OUT")" "$RECORDS" 'the number of records consumed'
  figure "consumer $(cut -d , -f 10 <<<"$OUT") records/sec in fetches"
  topic_delete "$topic"
}

tools_verifiable() {
  local topic=compat-verifiable n=1000
  topic_create "$topic" 3
  JVM_FLAGS=$JVM_LIGHT java_tool 256m org.apache.kafka.tools.VerifiableProducer --bootstrap-server "$BOOTSTRAP" \
    --topic "$topic" --max-messages "$n" --acks -1 --repeating-keys 50 >"$CHECK_DIR/producer"
  OUT=$(<"$CHECK_DIR/producer")
  count "$n" '"name":"producer_send_success"'
  count 0 '"name":"producer_send_error"'
  has "\"name\":\"tool_data\",.*\"sent\":$n,\"acked\":$n"
  tools_verifiable_consume "$topic" classic ''
  tools_verifiable_consume "$topic" consumer '--group-protocol consumer'
  topic_delete "$topic"
}

tools_verifiable_consume() {
  local topic=$1 protocol=$2 consumed
  # shellcheck disable=SC2086 # an option and its value, or nothing
  JVM_FLAGS=$JVM_LIGHT java_tool 256m org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$BOOTSTRAP" \
    --topic "$topic" --group-id "compat-verifiable-$protocol" --max-messages "$n" --reset-policy earliest $3 \
    >"$CHECK_DIR/consumer-$protocol"
  OUT=$(<"$CHECK_DIR/consumer-$protocol")
  has '"name":"partitions_assigned","partitions":\[.*"partition":'
  has '"name":"offsets_committed".*"success":true'
  has '"name":"shutdown_complete"'
  lacks '"success":false'
  consumed=$(grep '"name":"records_consumed"' <<<"$OUT" \
    | grep -oE '"partition":[0-9]+,"count":[0-9]+' | awk -F : '{ sum += $3 } END { print sum }')
  equal "$consumed" "$n" "the number of records consumed ($protocol)"
}
