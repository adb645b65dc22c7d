# Kafka's own test of compaction, with the broker's settings changed while it runs; test/compaction has larger ones.

source "$COMPAT/../compaction/tester.sh"

check compaction-tester compaction_tester

COMPACTION_RECORDS=400000
COMPACTION_RECORDS_QUICK=150000

compaction_tester() {
  local records=$COMPACTION_RECORDS codecs=(none gzip snappy lz4 zstd) outcome=0
  # A JVM for each, so that few are quicker.
  if $QUICK; then records=$COMPACTION_RECORDS_QUICK codecs=(none zstd); fi
  install_tester
  compaction_alter --add-config "$(paste -s -d , <<<"$(printf '%s\n' "${TESTER_SETTINGS[@]}")")"
  testers "$CHECK_DIR/testers" "$records" 1 "${codecs[@]}" || outcome=$?
  compaction_alter --delete-config "$(printf '%s\n' "${TESTER_SETTINGS[@]%%=*}" | paste -s -d ,)"
  ((outcome == 0)) || fail 'the tester found a fault'
}

compaction_alter() {
  tool_ok kafka-configs --bootstrap-server "$BOOTSTRAP" --entity-type brokers --entity-default --alter "$@"
}
