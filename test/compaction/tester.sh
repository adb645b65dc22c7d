# Kafka's own LogCompactionTester: numbers under recurring keys, some deleted, read back and compared. To be sourced
# after test/compat's lib/common.sh and lib/install.sh.

COMPACTION=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TESTER_JARS=$WORK/compaction-jars
# It has read everything once nothing came for 20 s.
TESTER_TIMEOUT_S=900

install_tester() {
  once compaction "$COMPACTION/pom.xml" -- bash -c "rm -rf '$TESTER_JARS' && mvn -q -B -f '$COMPACTION/pom.xml' \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory='$TESTER_JARS'"
}

# What the tester's topics take over from the broker: many small segments, cleaned as soon as one is dirty.
TESTER_SETTINGS=(log.segment.bytes=1048576 log.roll.ms=100 log.cleaner.backoff.ms=200 log.cleaner.min.cleanable.ratio=0.01
  log.cleaner.threads=2)

# testers DIRECTORY MESSAGES TOPICS CODEC...: one tester per codec, two at a time: with more, a consumer may wait for its
# group longer than the tester has patience. Prints what each found, fails when one found a fault, or when nothing was
# cleaned.
testers() {
  local directory=$1 messages=$2 topics=$3 codec pids failed=0
  shift 3
  mkdir -p "$directory"
  while (($# > 0)); do
    pids=()
    for codec in "${@:1:2}"; do
      tester "$directory" "$messages" "$topics" "$codec" &
      pids+=($!)
    done
    for codec in "${@:1:2}"; do
      wait "${pids[0]}" || { echo "the tester with $codec ended with $?"; failed=1; }
      pids=("${pids[@]:1}")
      tester_verdict "$codec" "$directory/$codec.log" || failed=1
    done
    shift "$(($# > 1 ? 2 : 1))"
  done
  return "$failed"
}

# It reads a file with a line for each record into memory.
tester() {
  exec timeout --foreground "$TESTER_TIMEOUT_S" java "-Xmx$((256 + $2 * $3 / 5000))m" $JVM_LIGHT -cp "$TESTER_JARS/*" -Djava.io.tmpdir="$1" \
    -Dlog4j2.configurationFile="$COMPAT/java/log4j2.properties" kafka.tools.LogCompactionTester \
    --bootstrap-server "$BOOTSTRAP" --messages "$2" --topics "$3" --duplicates 10 --percent-deletes 10 --sleep 0 \
    --compression-type "$4" >"$1/$4.log" 2>&1
}

# Of ten records per key one stays in a log that is clean to its end; the newest segment is never cleaned.
REDUCTION_MIN=30

tester_verdict() {
  local codec=$1 log=$2 reduction
  reduction=$(grep -oE '\([0-9.]+% reduction\)' "$log" | grep -oE '[0-9]+' | head -n 1)
  echo "$codec: $(grep -oE '^[0-9]+ rows .*' "$log")" "$(grep -oE 'Validated [0-9]+ values, [0-9]+ mismatches' "$log")"
  grep -q 'Data verification is completed' "$log" || { tail -n 5 "$log"; return 1; }
  ((reduction >= REDUCTION_MIN)) || { echo "$codec: too little was cleaned away"; return 1; }
}
