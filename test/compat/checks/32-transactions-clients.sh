# One scenario with each library that has transactions: one that commits, with an offset in it; one that aborts; what
# readers of either isolation see; a second producer of the same id that fences the first.

check transactions-confluent needing AddPartitionsToTxn \
  transactions_client confluent "$WORK/venv/bin/python" "$COMPAT/python/transactions.py" confluent
check transactions-kafka-python needing AddPartitionsToTxn \
  transactions_client kafka-python "$WORK/venv/bin/python" "$COMPAT/python/transactions.py" kafka-python
check transactions-kafkajs needing AddPartitionsToTxn \
  transactions_client kafkajs node "$WORK/node/transactions-kafkajs.mjs"
check transactions-platformatic needing AddPartitionsToTxn \
  transactions_client platformatic "$NODE_CLIENTS" "$WORK/node/transactions-platformatic.mjs"

transactions_client() {
  local name=$1 mark='' topic=$PREFIX-transactions-$1 all='"committed-1","committed-2","aborted-1","aborted-2"'
  shift
  timeout 120 "$@" "$BOOTSTRAP" "$topic" "$topic-group" >"$CHECK_DIR/facts" \
    || fail "the program ended with $?: $(tail -n 1 "$CHECK_DIR/log")"
  cat "$CHECK_DIR/facts"
  OUT=$(<"$CHECK_DIR/facts")
  has '"offset":2[,}]'
  has '"fenced":true'
  if [[ $name == platformatic ]]; then
    has "\"all\":\\[$all,\"zombie\",\"second\"\\]"
  else
    # A reader that cannot tell the end of a partition reads up to one more record.
    [[ $name != kafkajs ]] || mark=',"mark"'
    has "\"committed\":\\[\"committed-1\",\"committed-2\"$mark\\]"
    has "\"all\":\\[$all$mark\\]"
    has "\"final\":\\[\"committed-1\",\"committed-2\"$mark,\"second\"\\]"
  fi
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e -X isolation.level=read_committed | paste -sd ' ')" \
    "committed-1 committed-2 ${mark:+mark }second" 'what is committed'
  topic_delete "$topic"
}
