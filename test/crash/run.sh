#!/usr/bin/env bash
# Kills the broker with SIGKILL under idempotent load and compares the log with what was acknowledged.
#
#   bash test/crash/run.sh [--peer kafka|millrace] [--rounds 20] [--compression none]
#
# Uses the clients that the compatibility checks install. Exit code 0 when nothing was lost or repeated.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/kafka.sh"

PEER=millrace ROUNDS=20 COMPRESSION=none
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --rounds) ROUNDS=$2; shift 2 ;;
    --compression) COMPRESSION=$2; shift 2 ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

install_python
DIR=$WORK/crash/$PEER
rm -rf "$DIR"
mkdir -p "$DIR"
PORT=$(free_port)

if [[ $PEER == kafka ]]; then
  install_jars
  KAFKA_HEAP=512m kafka_start "$PORT" "$DIR"
  kafka_stop "$DIR"
  START="java -Xmx512m -cp '$JARS/*' -Dlog4j2.configurationFile='$COMPAT/java/log4j2.properties' -Dcompat.log.level=info \
    kafka.Kafka '$DIR/server.properties'"
else
  START="node '$COMPAT/../../dist/cli/millrace.js' start --override listeners=PLAINTEXT://127.0.0.1:$PORT \
    --override log.dirs='$DIR/data'"
fi

"$WORK/venv/bin/python" "$COMPAT/../crash/kill9.py" --bootstrap "127.0.0.1:$PORT" --start "$START" \
  --log "$DIR/server.log" --rounds "$ROUNDS" --compression "$COMPRESSION"
