#!/usr/bin/env bash
# A group of 50 members that join, leave and crash every two seconds under load, while the broker is killed with
# SIGKILL and started again every minute.
#
#   bash test/churn/run.sh [--peer kafka|millrace] [--protocol classic|consumer] [--quick] [options of the program]
#
# The program's options are listed in main.go, as -duration 10m. --quick is 40 seconds with two kills. Ends with one
# line of figures, and with exit code 0 when nothing that main.go promises was broken.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/kafka.sh"

CHURN=$COMPAT/../churn
PEER=millrace PROTOCOL=classic
PROGRAM=()
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --protocol) PROTOCOL=$2; shift 2 ;;
    --quick) PROGRAM+=(-duration 40s -round 20s); shift ;;
    -*) PROGRAM+=("$1" "$2"); shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

(cd "$CHURN" && go build -o "$WORK/bin/churn" .)
DIR=$WORK/churn/$PEER-$PROTOCOL
rm -rf "$DIR"
mkdir -p "$DIR"
PORT=$(free_port)
# The newer protocol takes its session from the broker: as short as the classic members ask for.
CONFIG=(group.consumer.session.timeout.ms=6000 group.consumer.min.session.timeout.ms=6000
  group.consumer.heartbeat.interval.ms=1000 group.consumer.min.heartbeat.interval.ms=1000 num.partitions=1)

if [[ $PEER == kafka ]]; then
  install_jars
  KAFKA_HEAP=512m kafka_start "$PORT" "$DIR" "${CONFIG[@]}"
  kafka_stop "$DIR"
  START="java -Xmx512m -cp '$JARS/*' -Dlog4j2.configurationFile='$COMPAT/java/log4j2.properties' -Dcompat.log.level=info \
    kafka.Kafka '$DIR/server.properties'"
else
  START="node '$COMPAT/../../dist/cli/millrace.js' start --override listeners=PLAINTEXT://127.0.0.1:$PORT \
    --override log.dirs='$DIR/data' $(printf -- '--override %s ' "${CONFIG[@]}")"
fi

"$WORK/bin/churn" -bootstrap "127.0.0.1:$PORT" -start "$START" -log "$DIR/server.log" -protocol "$PROTOCOL" "${PROGRAM[@]}"
