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

check transactions-delayed needing AddPartitionsToTxn transactions_delayed

# Kafka's own client, which speaks the protocol of KIP-890, through a proxy that holds requests until the client has
# given them up and gone on: no write is lost, none that was aborted is read, no transaction is torn, and nothing is left
# open. (Clients of the protocol before it cannot promise that: test/e2e/delayed-frames.test.ts shows how they fail.)
transactions_delayed() {
  local topic=$PREFIX-transactions-delayed proxy status=0
  (cd "$COMPAT/../.." && exec node --import tsx test/proxy/main.ts "$BOOTSTRAP" 7>&- 8>&-) >"$CHECK_DIR/proxy" &
  proxy=$!
  eventually 20 grep -q : "$CHECK_DIR/proxy"
  JVM_FLAGS=$JVM_LIGHT java_tool 256m Delayed "$(head -n 1 "$CHECK_DIR/proxy")" "$topic" "$topic-id" \
    >"$CHECK_DIR/committed" || status=$?
  kill "$proxy"
  wait "$proxy" || true
  [[ $status == 0 ]] || fail "the program ended with $status: $(tail -n 1 "$CHECK_DIR/log")"
  kcat -C -q -b "$BOOTSTRAP" -t "$topic" -o beginning -e -X isolation.level=read_committed | sort >"$CHECK_DIR/read"
  # Of those whose outcome stayed open all are there or none.
  sed -n 's/^?//p' "$CHECK_DIR/committed" | sort >"$CHECK_DIR/open"
  grep -v '^?' "$CHECK_DIR/committed" | sort >"$CHECK_DIR/wanted"
  local transaction
  for transaction in $(cut -d - -f 1 "$CHECK_DIR/open" | sort -u); do
    if grep -q "^$transaction-" "$CHECK_DIR/read"; then grep "^$transaction-" "$CHECK_DIR/open" >>"$CHECK_DIR/wanted"; fi
  done
  sort -o "$CHECK_DIR/wanted" "$CHECK_DIR/wanted"
  diff "$CHECK_DIR/wanted" "$CHECK_DIR/read" || fail 'what is read is not what was committed'
  figure "$(wc -l <"$CHECK_DIR/read") records, $(tail -n 1 "$CHECK_DIR/proxy") requests, $(wc -l <"$CHECK_DIR/open") of unknown outcome"
  topic_delete "$topic"
}
