# Kafka's own DumpLogSegments reads the files that the broker wrote: every segment of a topic with small
# segments, deep, with its indexes; then the restarted broker serves what the files hold.

check dump-log dump_log
check dump-offsets-topic dump_offsets_topic
check dump-transactions needing ListTransactions dump_transactions

DUMP_CODECS=(none gzip snappy lz4 zstd)
DUMP_PARTITIONS=2
# Even compressed, more than one segment of a partition; and with small batches, entries in its indexes.
DUMP_RECORDS=100000
DUMP_RECORDS_QUICK=50000

# All codecs at once, since the broker has to be stopped and started again.
dump_log() {
  local records=$DUMP_RECORDS codec partition input
  broker_is_ours || skip "needs the broker's files"
  if $QUICK; then records=$DUMP_RECORDS_QUICK; fi
  input=$CHECK_DIR/input
  head -n "$records" "$(records_file "$RECORDS")" >"$input"
  for codec in "${DUMP_CODECS[@]}"; do dump_log_produce "$codec" "$input"; done
  # A clean stop trims the indexes of the active segment to their entries, as the dump tool needs.
  broker_stop
  for codec in "${DUMP_CODECS[@]}"; do
    for ((partition = 0; partition < DUMP_PARTITIONS; partition++)); do
      dump_partition "$BROKER_DIR/data/$PREFIX-dump-$codec-$partition" "$records" "$codec"
    done
  done
  broker_start
  for codec in "${DUMP_CODECS[@]}"; do dump_log_serves "$codec" "$records" "$input"; done
}

dump_log_produce() {
  local codec=$1 input=$2 topic=$PREFIX-dump-$1 partition
  topic_create "$topic" "$DUMP_PARTITIONS" segment.bytes=1048576
  for ((partition = 0; partition < DUMP_PARTITIONS; partition++)); do
    timeout 120 kcat -P -b "$BOOTSTRAP" -t "$topic" -p "$partition" -z "$codec" \
      -X acks=all -X enable.idempotence=true -X batch.num.messages=100 <"$input"
  done
}

dump_log_serves() {
  local codec=$1 records=$2 input=$3 topic=$PREFIX-dump-$1 partition
  tool_ok kafka-get-offsets --bootstrap-server "$BOOTSTRAP" --topic "$topic"
  for ((partition = 0; partition < DUMP_PARTITIONS; partition++)); do
    has "^$topic:$partition:$records$"
    equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p "$partition" -o beginning -e | sha256sum)" \
      "$(sha256sum <"$input")" "the digest of $topic-$partition after the restart"
  done
  topic_delete "$topic"
}

# dump_partition FOLDER RECORDS CODEC
dump_partition() {
  local folder=$1 records=$2 codec=$3 logs indexes
  logs=$(dump_files "$folder" .log)
  indexes=$(dump_files "$folder" .index),$(dump_files "$folder" .timeindex)
  figure "$(basename "$folder" | sed "s/^$PREFIX-dump-//"): $(tr ',' '\n' <<<"$logs" | wc -l) segments"
  [[ $logs == *,* ]] || fail "one segment only in $folder: segment.bytes was not obeyed"

  dump --deep-iteration --files "$logs"
  equal "$(grep -Ec '^\| offset: ' "$DUMP")" "$records" "the number of records in $folder"
  equal "$(grep -E '^\| offset: ' "$DUMP" | awk '$3 != n++ { bad++ } END { print bad + 0 }')" 0 "gaps in $folder"
  dump_batches_are "$codec"
  dump --files "$indexes"
  grep -Eq '^offset: [0-9]+ position: [0-9]+' "$DUMP" || fail 'no offset index has an entry'
  grep -Eq '^timestamp: [0-9]+ offset: [0-9]+' "$DUMP" || fail 'no time index has an entry'
  dump --index-sanity-check --files "$indexes"
  equal "$(grep -c 'passed sanity check' "$DUMP")" "$(tr ',' '\n' <<<"$indexes" | wc -l)" 'the number of sane indexes'
  dump --files "$(dump_files "$folder" .snapshot)"
  grep -Eq '^producerId: [0-9]+ producerEpoch: 0' "$DUMP" || fail 'no snapshot has a producer'
  equal "$(tr '\n' ' ' <"$folder/leader-epoch-checkpoint")" '0 1 0 0 ' 'the leader epoch checkpoint'
}

# dump_files FOLDER SUFFIX: in order, separated by commas.
dump_files() {
  find "$1" -name "*$2" | sort | paste -s -d ,
}

# dump ARGS...: leaves the tool's output in the file DUMP; whatever the tool calls wrong fails the check.
dump() {
  tool_quietly kafka-dump-log "$@"
  if grep -En 'isvalid: false|[Mm]ismatch|[Nn]on-?[Cc]onsecutive|invalid bytes|[Ee]rror|[Ee]xception|[Cc]orrupt|failed' \
    "$DUMP" | head -n 5 | grep .; then
    fail "the dump tool complains about the files, see $DUMP"
  fi
}

# Every batch is valid and names its codec; librdkafka sends a few records uncompressed where that is shorter.
dump_batches_are() {
  local codec=$1 batches
  batches=$(grep '^baseOffset: ' "$DUMP" | grep -Eiv "compresscodec: $codec .*isvalid: true" \
    | grep -Eiv 'count: [1-9] .*compresscodec: none .*isvalid: true' || true)
  [[ -z $batches ]] || fail "not valid batches with $codec: $(head -n 1 <<<"$batches")"
}

# The group's commit must be there as Kafka's own record of it, and so must all that a group of the newer protocol
# writes: its epoch, a member, the target's epoch, the member's target and what it has.
dump_offsets_topic() {
  local topic=$PREFIX-dump-offsets group=$PREFIX-dump-group type
  broker_is_ours || skip "needs the broker's files"
  topic_create "$topic" 1
  seq 1 10 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  console_consume "$topic" "$group" 10
  group_state commit "$group-848" consumer "$topic:0:5"
  broker_stop
  tool_quietly kafka-dump-log --offsets-decoder --files \
    "$(find "$BROKER_DIR"/data/__consumer_offsets-* -name '*.log' -size +0 | sort | paste -s -d ,)"
  broker_start
  grep -E -m 20 "payload: .*$group|$group.*payload: " "$DUMP" || true
  grep -Eq "\"group\":\"$group\",\"topic\":\"$topic\",\"partition\":0.*payload: .*\"offset\":10" "$DUMP" \
    || fail 'no record of the commit'
  for type in 3 5 6 7 8; do
    grep -Eq "\"type\":\"$type\",\"data\":\{\"groupId\":\"$group-848\".*payload: \{\"version\":\"0\",\"data\":" "$DUMP" \
      || fail "no record of type $type of the group with the newer protocol"
  done
  grep -Eq "\"group\":\"$group\".*payload: .*\"protocolType\":\"consumer\"" "$DUMP" || fail 'no record of the group'
  topic_delete "$topic"
}

# What transactions leave in files: control records, the index of aborted ones, producers, the coordinator's records.
dump_transactions() {
  local topic=$PREFIX-dump-transactions folder
  broker_is_ours || skip "needs the broker's files"
  JVM_FLAGS=$JVM_LIGHT java_tool 128m Hanging "$BOOTSTRAP" "$topic"
  broker_stop
  folder=$BROKER_DIR/data/$topic-0
  dump_masked --print-data-log --files "$(dump_files "$folder" .log)"
  equal "$(grep -Eo '^\| offset: [0-9]+|payload: .*|endTxnMarker: .*' <<<"$OUT" | paste -s -d ' ')" \
    '| offset: 0 payload: done | offset: 1 payload: done | offset: 2 endTxnMarker: COMMIT coordinatorEpoch: 0 '\
'| offset: 3 payload: stopped | offset: 4 payload: stopped | offset: 5 endTxnMarker: ABORT coordinatorEpoch: 0 '\
'| offset: 6 payload: open | offset: 7 payload: open' 'the log'
  dump_masked --files "$folder/00000000000000000000.txnindex"
  equal "$OUT" 'version: 0 producerId: # firstOffset: 3 lastOffset: 5 lastStableOffset: 6' 'the index of aborted transactions'
  # Of several batches of a producer the last counts.
  dump_masked --files "$folder/00000000000000000008.snapshot"
  equal "$(grep -v 'lastOffset: 6 ' <<<"$OUT" | sort)" \
'producerId: # producerEpoch: 0 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong[6] lastTimestamp: # '\
'firstSequence: 1 lastSequence: 1 lastOffset: 7 offsetDelta: 0 timestamp: #
producerId: # producerEpoch: 1 coordinatorEpoch: 0 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: #
producerId: # producerEpoch: 1 coordinatorEpoch: 0 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: #' 'the producers'
  dump_masked --transaction-log-decoder --files \
    "$(find "$BROKER_DIR"/data/__transaction_state-* -name '*.log' -size +0 | sort | paste -s -d ,)"
  broker_start
  # The last record of each transactional id.
  equal "$(grep -o "\"$topic-[a-z]*\".*\"transactionStatus\":\"[A-Za-z]*\"" <<<"$OUT" \
    | sed -E 's/^"[^"]*-([a-z]+)".*:"([A-Za-z]+)"$/\1 \2/' | awk '{ last[$1] = $2 } END { for (id in last) print id, last[id] }' \
    | sort | paste -s -d ' ')" 'done CompleteCommit open Ongoing stopped CompleteAbort' 'the states of transactions'
  topic_delete "$topic"
}

# dump_masked ARGS...: the lines of the dump, producer ids and times as #, without those that name files.
dump_masked() {
  dump "$@"
  OUT=$(sed -E 's/(producerId|[tT]imestamp): [0-9]+/\1: #/g; s/ +$//' "$DUMP" | grep -Ev '^(Dumping|Log starting offset)')
  echo "$OUT"
}
