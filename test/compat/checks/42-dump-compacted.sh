# Kafka's own DumpLogSegments reads what rolling, cleaning and the recovery after SIGKILL leave: every record of every
# segment, offset, time and transaction indexes, and the snapshots of producers.

check dump-compacted dump_compacted

DUMP_COMPACTED_KILLS=6
DUMP_COMPACTED_KILLS_QUICK=2
DUMP_CLEAN_TIMEOUT_S=30

dump_compacted() {
  local topic=$PREFIX-dump-compacted kills=$DUMP_COMPACTED_KILLS partition kill fills=()
  broker_is_ours || skip "needs the broker's files"
  if $QUICK; then kills=$DUMP_COMPACTED_KILLS_QUICK; fi
  compaction_alter --add-config "$(paste -s -d , <<<"$(printf '%s\n' "${TESTER_SETTINGS[@]}")")"
  topic_create "$topic" 2 cleanup.policy=compact segment.ms=100 min.cleanable.dirty.ratio=0 index.interval.bytes=512
  for partition in 0 1; do
    dump_compacted_fill "$topic" "$partition" &
    fills+=($!)
  done
  for partition in 0 1; do wait "${fills[partition]}"; done
  for ((kill = 0; kill < kills; kill++)); do
    seq 1 200 | sed 's/.*/more-&:&/' | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -K :
    sleep "0.$((RANDOM % 5))"
    broker_kill
    broker_start
  done
  for partition in 0 1; do
    eventually "$DUMP_CLEAN_TIMEOUT_S" dump_is_clean "$topic" "$partition"
    equal "$(dump_compacted_last "$topic" "$partition")" "$(<"$CHECK_DIR/kept-$partition")" "what is left of $topic-$partition"
  done
  # A clean stop trims the indexes of the active segment to their entries, as the dump tool needs.
  broker_stop
  for partition in 0 1; do dump_compacted_partition "$BROKER_DIR/data/$topic-$partition"; done
  broker_start
  compaction_alter --delete-config "$(printf '%s\n' "${TESTER_SETTINGS[@]%%=*}" | paste -s -d ,)"
  topic_delete "$topic"
}

dump_compacted_fill() {
  "$WORK/venv/bin/python" "$COMPAT/python/compacted.py" "$BOOTSTRAP" "$1" "$2" >"$CHECK_DIR/kept-$2"
}

# The last value of each key as a reader of committed records finds it, what the kills left to write aside.
dump_compacted_last() {
  kcat -C -q -b "$BOOTSTRAP" -t "$1" -p "$2" -o beginning -e -Z -K ' ' -X isolation.level=read_committed \
    | grep -v '^more-' | awk '{ last[$1] = $2 } END { for (key in last) if (last[key] != "NULL") print key, last[key] }' \
    | LC_ALL=C sort
}

# All but the newest segment.
dump_is_clean() {
  local newest clean
  newest=$(dump_files "$BROKER_DIR/data/$1-$2" .log | tr ',' '\n' | tail -n 1)
  clean=$(grep "^$1 $2 " "$BROKER_DIR/data/cleaner-offset-checkpoint" | cut -d ' ' -f 3)
  ((${clean:-0} >= 10#$(basename "$newest" .log)))
}

dump_compacted_partition() {
  local folder=$1 logs indexes
  logs=$(dump_files "$folder" .log)
  indexes=$(dump_files "$folder" .index),$(dump_files "$folder" .timeindex)
  figure "$(basename "$folder"): $(tr ',' '\n' <<<"$logs" | wc -l) segments"
  # Gaps between offsets are what compaction leaves; the tool names them as it names faults.
  tool_quietly kafka-dump-log --deep-iteration --files "$logs"
  dump_no_complaint "$(grep -v '^Non-consecutive offsets in\|^.* is followed by ' "$DUMP")"
  equal "$(grep '^baseOffset: ' "$DUMP" | grep -vc 'isvalid: true' || true)" 0 "batches that are not valid in $folder"
  equal "$(grep -E '^\| offset: ' "$DUMP" | awk '$3 <= last && NR > 1 { bad++ } { last = $3 } END { print bad + 0 }')" 0 \
    "offsets that go back in $folder"
  dump --index-sanity-check --files "$indexes"
  equal "$(grep -Ec 'passed sanity check|is empty' "$DUMP")" "$(tr ',' '\n' <<<"$indexes" | wc -l)" 'the number of sane indexes'
  dump --verify-index-only --files "$indexes"
  dump --files "$(dump_files "$folder" .snapshot)"
  if [[ -n $(dump_files "$folder" .txnindex) ]]; then dump --files "$(dump_files "$folder" .txnindex)"; fi
}

dump_no_complaint() {
  if grep -En 'isvalid: false|[Mm]ismatch|invalid bytes|[Ee]rror|[Ee]xception|[Cc]orrupt|failed' <<<"$1" | head -n 5 | grep .; then
    fail "the dump tool complains about the files, see $DUMP"
  fi
}
