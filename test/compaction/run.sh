#!/usr/bin/env bash
# Compaction, by the field's own programs.
#
#   bash test/compaction/run.sh tester|verifier [--peer kafka|millrace] [--size quick|full] [--kills N] [--seed N]
#     [key=value ...]
#
# key=value are settings of the broker. Exit code 0 when the last value of every key was found and nothing else. Logs are
# in test/compat/.work/compaction/PEER-SCENARIO.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"
source "$COMPAT/../compaction/tester.sh"

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

(($# > 0)) || usage
SCENARIO=$1 PEER=millrace SIZE=quick SETTINGS=()
shift
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --size) SIZE=$2; shift 2 ;;
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

case $SCENARIO in
  tester) run_tester ;;
  *) usage ;;
esac
