#!/usr/bin/env bash
# Exactly once, by the field's own programs, over a broker and clients that are killed with SIGKILL.
#
#   bash test/exactly-once/run.sh copier|streams|verifier|plain-verifier|etl [--peer kafka|millrace]
#     [--size quick|full] [--kills N] [--seed N] [--transaction-size N] [--transaction-version N] [key=value ...]
#
# key=value are settings of the broker. Prints progress and at the end the sums; exit code 0 when nothing was lost,
# repeated or torn. Logs are in test/compat/.work/exactly-once/PEER-SCENARIO.

set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/kafka.sh"
source "$HERE/install.sh"

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

(($# > 0)) || usage
SCENARIO=$1 PEER=millrace PASSED=() SETTINGS=()
shift
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --*) PASSED+=("$1" "$2"); shift 2 ;;
    *=*) SETTINGS+=("$1"); shift ;;
    *) usage ;;
  esac
done

install_exactly_once "$SCENARIO"
DIR=$WORK/exactly-once/$PEER-$SCENARIO
rm -rf "$DIR"
mkdir -p "$DIR"
PORT=$(free_port)

if [[ $PEER == kafka ]]; then
  KAFKA_CONTROLLER_PORT=$(free_port) KAFKA_HEAP=512m kafka_start "$PORT" "$DIR" "${SETTINGS[@]}"
  kafka_stop "$DIR"
  START="java -Xmx512m -cp '$JARS/*' -Dlog4j2.configurationFile='$COMPAT/java/log4j2.properties' -Dcompat.log.level=info \
    kafka.Kafka '$DIR/server.properties'"
else
  START="node '$COMPAT/../../dist/cli/millrace.js' start --override listeners=PLAINTEXT://127.0.0.1:$PORT \
    --override log.dirs='$DIR/data'"
  for setting in "${SETTINGS[@]}"; do START+=" --override '$setting'"; done
fi

export EXACTLY_ONCE_CLASSPATH=$WORK/exactly-once-classes:$STREAMS_JARS/*:$JARS/* EXACTLY_ONCE_LOG4J=$COMPAT/java/log4j2.properties KGO_VERIFIER FRANZ_GO_TEST
PYTHONDONTWRITEBYTECODE=1 exec "$WORK/venv/bin/python" "$HERE/main.py" "$SCENARIO" --bootstrap "127.0.0.1:$PORT" \
  --start "$START" --directory "$DIR" "${PASSED[@]}"
