# Members of one group with Kafka's own client: replaced one by one, static, cooperative, moved to the newer protocol
# and back. Records are written all the time; none may be lost, and none delivered twice.

check members-rolling members rolling
check members-rolling-848 needing ConsumerGroupHeartbeat members rolling consumer
check members-static-return members static-return
check members-static-return-848 needing ConsumerGroupHeartbeat members static-return consumer
check members-static-twin members static-twin
check members-static-twin-848 needing ConsumerGroupHeartbeat members static-twin consumer
check members-cooperative members cooperative
check members-migrate needing ConsumerGroupHeartbeat members migrate

members() {
  local scenario=$1 protocol=${2:-classic}
  JVM_FLAGS=$JVM_LIGHT java_tool 256m Members "$BOOTSTRAP" "$PREFIX-$scenario-$protocol" "$scenario" "$protocol" \
    >"$CHECK_DIR/facts" || fail "$(grep -m 1 Exception "$CHECK_DIR/log")"
  figure "$(tail -n 1 "$CHECK_DIR/facts")"
}
