# Kafka's transactions tool over an open, a finished and a hanging transaction, its output line by line; then the
# protocol before transaction version 2, switched on with the features tool.

check transactions-tool needing ListTransactions transactions_tool
check transactions-v1 needing UpdateFeatures transactions_v1

transactions_tool() {
  local topic=$PREFIX-tool
  JVM_FLAGS=$JVM_LIGHT java_tool 128m Hanging "$BOOTSTRAP" "$topic"

  transactions_of list --transactional-id-pattern "$topic-.*"
  is "TransactionalId Coordinator ProducerId TransactionState
$topic-done 1 # CompleteCommit
$topic-open 1 # Ongoing
$topic-stopped 1 # CompleteAbort"
  transactions_of list --transactional-id-pattern "$topic-(d|o)[^x]{3}"
  is "TransactionalId Coordinator ProducerId TransactionState
$topic-done 1 # CompleteCommit
$topic-open 1 # Ongoing"
  transactions_of list --duration-filter 3600000 --transactional-id-pattern "$topic.*"
  is 'TransactionalId Coordinator ProducerId TransactionState'
  transactions_of list --duration-filter 0 --transactional-id-pattern "$topic-open"
  has "^$topic-open 1 # Ongoing$"
  tool kafka-transactions --bootstrap-server "$BOOTSTRAP" list --transactional-id-pattern '('
  # The client has no words of its own for this error.
  [[ $RC != 0 && $OUT$ERR == *'failed with an unexpected exception'* ]] || fail 'a broken pattern was not refused'

  transactions_of describe --transactional-id "$topic-open"
  is "CoordinatorId TransactionalId ProducerId ProducerEpoch TransactionState TransactionTimeoutMs CurrentTransactionStartTimeMs TransactionDurationMs TopicPartitions
1 $topic-open # 0 Ongoing 600000 # # $topic-0"
  transactions_of describe --transactional-id "$topic-stopped"
  is "CoordinatorId TransactionalId ProducerId ProducerEpoch TransactionState TransactionTimeoutMs CurrentTransactionStartTimeMs TransactionDurationMs TopicPartitions
1 $topic-stopped # 1 CompleteAbort 600000 # #"
  tool kafka-transactions --bootstrap-server "$BOOTSTRAP" describe --transactional-id "$topic-unknown"
  [[ $RC != 0 && $OUT$ERR == *'the ID could not be found'* ]] || fail 'an unknown transactional id was not refused'

  transactions_of describe-producers --topic "$topic" --partition 0
  is 'ProducerId ProducerEpoch LatestCoordinatorEpoch LastSequence LastTimestamp CurrentTransactionStartOffset
# 0 -1 1 # 6
# 1 0 -1 # None
# 1 0 -1 # None'
  transactions_of describe-producers --topic "$topic" --partition 1
  is 'ProducerId ProducerEpoch LatestCoordinatorEpoch LastSequence LastTimestamp CurrentTransactionStartOffset
# 0 -1 1 # 0'

  hanging_is_aborted "$topic"
  tool_ok kafka-transactions --bootstrap-server "$BOOTSTRAP" forceTerminateTransaction --transactionalId "$topic-open"
  transactions_of describe --transactional-id "$topic-open"
  has "^1 $topic-open # 2 Empty [0-9]+ None None$"
  equal "$(committed_records "$topic" 0)" $'0 done\n1 done' 'what read_committed sees at the end'
  topic_delete "$topic"
}

hanging_is_aborted() {
  local topic=$1 header='Topic Partition ProducerId ProducerEpoch CoordinatorEpoch StartOffset LastTimestamp Duration(min)'
  transactions_of find-hanging --broker-id 1 --topic "$topic"
  is "$header
$topic 1 # 0 -1 0 # #"
  transactions_of find-hanging --broker-id 1 --topic "$topic" --max-transaction-timeout 90
  is "$header"
  equal "$(committed_records "$topic" 1)" '' 'what read_committed sees before the hanging transaction is aborted'
  tool_fails kafka-transactions --bootstrap-server "$BOOTSTRAP" abort --topic "$topic" --partition 1 --start-offset 1
  tool_ok kafka-transactions --bootstrap-server "$BOOTSTRAP" abort --topic "$topic" --partition 1 --start-offset 0
  transactions_of find-hanging --broker-id 1 --topic "$topic"
  is "$header"
  kcat -P -b "$BOOTSTRAP" -t "$topic" -p 1 <<<'afterwards'
  equal "$(committed_records "$topic" 1)" '3 afterwards' 'what read_committed sees afterwards'
  transactions_of describe-producers --topic "$topic" --partition 1
  has '^# 0 0 1 # None$'
}

committed_records() {
  kcat -C -q -b "$BOOTSTRAP" -t "$1" -p "$2" -o beginning -e -X isolation.level=read_committed -f '%o %s\n'
}

# transactions_of ARGS...: producer ids, times and durations as #, lines after the header in order.
transactions_of() {
  tool_ok kafka-transactions --bootstrap-server "$BOOTSTRAP" "$@"
  OUT=$(awk '
    NR == 1 { for (i = 1; i <= NF; i++) masked[i] = $i ~ /^(ProducerId|.*Timestamp|.*TimeMs|.*DurationMs|Duration\(min\))$/ }
    NR > 1 { for (i = 1; i <= NF; i++) if (masked[i] && $i ~ /^[0-9]+$/) $i = "#" }
    { $1 = $1; print }' <<<"$OUT" | { read -r header; echo "$header"; sort; })
  echo "$OUT"
}

is() {
  equal "$OUT" "$1" 'the output'
}

transactions_v1() {
  tool_ok kafka-features --bootstrap-server "$BOOTSTRAP" downgrade --feature transaction.version=1
  eventually 20 transaction_version_is 1
  (transactions "$PREFIX-transactions-v1")
  tool_ok kafka-features --bootstrap-server "$BOOTSTRAP" upgrade --feature transaction.version=2
  eventually 20 transaction_version_is 2
}

transaction_version_is() {
  tool_ok kafka-features --bootstrap-server "$BOOTSTRAP" describe
  has "^Feature: transaction.version SupportedMinVersion: 0 SupportedMaxVersion: 2 FinalizedVersionLevel: $1 "
}
