# Partitions moved between log directories, on a broker with two: by Kafka's Admin client while they are written and
# read, and by kafka-reassign-partitions. expected/log-dirs.txt is what Apache Kafka answers.

check log-dirs-moves two_disks needing AlterReplicaLogDirs moves

# two_disks COMMAND...: with a broker of its own that has two log directories.
two_disks() {
  [[ -n $BROKER_DIR ]] || skip 'needs a broker with two log directories'
  BROKER_DIR=$CHECK_DIR/broker BROKER_PORT=$(free_port) KAFKA_CONTROLLER_PORT=$(free_port)
  BOOTSTRAP=127.0.0.1:$BROKER_PORT
  BROKER_SETTINGS=("log.dirs=$BROKER_DIR/data,$BROKER_DIR/other")
  trap broker_stop EXIT
  broker_start
  "$@"
}

moves() {
  local topic=$PREFIX-moves first=$BROKER_DIR/data second=$BROKER_DIR/other
  JVM_FLAGS=$JVM_LIGHT java_tool 256m Moves "$BOOTSTRAP" "$topic" "$first" "$second" >"$CHECK_DIR/facts" \
    || fail "$(grep -m 1 Exception "$CHECK_DIR/log")"
  as_recorded log-dirs.txt "$CHECK_DIR/facts"
  figure "$(grep -m 1 ' moves$' "$CHECK_DIR/log")"
  moves_by_tool "$topic" "$first" "$second"
  # What was moved away leaves under a name that is not a partition's, and nothing is half-way.
  for directory in "$first" "$second"; do
    if compgen -G "$directory/*-future" >/dev/null; then fail "a future directory is left in $directory"; fi
  done
  equal "$(find "$first" "$second" -maxdepth 1 -name "$topic-[0-9]" | wc -l)" 3 'number of partition directories'
}

# Every partition to the second directory, however it lies now.
moves_by_tool() {
  local topic=$1 first=$2 second=$3 node partition
  tool_ok kafka-log-dirs --bootstrap-server "$BOOTSTRAP" --describe
  node=$(sed -n 's/.*"broker":\([0-9]*\).*/\1/p' <<<"$OUT")
  for directory in "$first" "$second"; do
    {
      echo '{"version":1,"partitions":['
      for partition in 0 1 2; do
        ((partition == 0)) || echo ,
        echo "{\"topic\":\"$topic\",\"partition\":$partition,\"replicas\":[$node],\"log_dirs\":[\"$directory\"]}"
      done
      echo ']}'
    } >"$CHECK_DIR/plan.json"
    tool_ok kafka-reassign-partitions --bootstrap-server "$BOOTSTRAP" --reassignment-json-file "$CHECK_DIR/plan.json" \
      --execute --replica-alter-log-dirs-throttle 100000000
    count 3 "Successfully started moving log directory to $directory for replica $topic-[0-2] with broker $node"
    eventually 60 moves_are_complete
    moves_are_complete
    count 3 "Reassignment of replica $topic-[0-2]-$node completed successfully"
    equal "$(find "$directory" -maxdepth 1 -name "$topic-[0-9]" | wc -l)" 3 'number of partitions that were moved'
  done
  tool_ok kafka-reassign-partitions --bootstrap-server "$BOOTSTRAP" --list
  has 'No partition reassignments found.'
}

moves_are_complete() {
  tool kafka-reassign-partitions --bootstrap-server "$BOOTSTRAP" --reassignment-json-file "$CHECK_DIR/plan.json" --verify
  [[ $RC == 0 ]] && ! grep -q 'still in progress' <<<"$OUT"
}
