#!/usr/bin/env bash
# Compaction, by the field's own programs.
#
#   bash test/compaction/run.sh tester|verifier [--peer kafka|millrace] [--size quick|full] [--kills N] [--keys N]
#     [--codec NAME] [--seed N] [key=value ...]
#
# key=value are settings of the broker. Exit code 0 when the last value of every key was found and nothing else. Logs are
# in test/compat/.work/compaction/PEER-SCENARIO.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"
source "$COMPAT/../exactly-once/install.sh"
source "$COMPAT/../compaction/tester.sh"

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

(($# > 0)) || usage
SCENARIO=$1 PEER=millrace SIZE=quick SETTINGS=() PASSED=()
shift
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --size) SIZE=$2; shift 2 ;;
    --kills | --keys | --codec | --seed) PASSED+=("$1" "$2"); shift 2 ;;
    *=*) SETTINGS+=("$1"); shift ;;
    *) usage ;;
  esac
done
[[ $PEER == kafka || $PEER == millrace ]] || usage
[[ $SIZE == quick || $SIZE == full ]] || usage

install_jars
DIR=$WORK/compaction/$PEER-$SCENARIO
rm -rf "$DIR"
mkdir -p "$DIR"
BROKER_DIR=$DIR/broker BROKER_PORT=$(free_port) KAFKA_CONTROLLER_PORT=$(free_port)
BOOTSTRAP=127.0.0.1:$BROKER_PORT

run_tester() {
  local messages=400000 topics=1
  install_tester
  if [[ $SIZE == full ]]; then messages=5000000 topics=2; fi
  BROKER_SETTINGS=("${TESTER_SETTINGS[@]}" "${SETTINGS[@]}")
  trap broker_stop EXIT
  broker_start
  testers "$DIR/testers" "$messages" "$topics" none gzip snappy lz4 zstd
}

# Slow enough that most of the time a round is under way.
VERIFIER_SETTINGS=(log.cleaner.backoff.ms=100 log.cleaner.threads=2 log.cleaner.io.max.bytes.per.second=6000000
  log.cleaner.dedupe.buffer.size=4194304)

run_verifier() {
  local start setting
  install_kcat
  install_python
  need_kgo_verifier
  BROKER_SETTINGS=("${VERIFIER_SETTINGS[@]}" "${SETTINGS[@]}")
  if [[ $PEER == kafka ]]; then
    # Formats the directory and leaves its settings.
    BROKER_DIR=$DIR broker_start
    BROKER_DIR=$DIR broker_stop
    start="java -Xmx512m -cp '$JARS/*' -Dlog4j2.configurationFile='$COMPAT/java/log4j2.properties' \
      -Dcompat.log.level=info kafka.Kafka '$DIR/server.properties'"
  else
    start="node '$COMPAT/../../dist/cli/millrace.js' start --override listeners=PLAINTEXT://$BOOTSTRAP \
      --override log.dirs='$DIR/data'"
    for setting in "${BROKER_SETTINGS[@]}"; do start+=" --override '$setting'"; done
  fi
  export KGO_VERIFIER EXACTLY_ONCE_CLASSPATH=$JARS/* EXACTLY_ONCE_LOG4J=$COMPAT/java/log4j2.properties
  PYTHONDONTWRITEBYTECODE=1 exec "$WORK/venv/bin/python" "$COMPAT/../compaction/main.py" --bootstrap "$BOOTSTRAP" \
    --start "$start" --directory "$DIR" --size "$SIZE" "${PASSED[@]}"
}

case $SCENARIO in
  verifier) run_verifier ;;
  tester) run_tester ;;
  *) usage ;;
esac
