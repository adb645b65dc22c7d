#!/usr/bin/env bash
# Real clients against a broker: Millrace by default, Apache Kafka to prove the checks themselves.
#
#   bash test/compat/run.sh [--peer kafka|millrace] [--bootstrap host:port] [--only NAME,...] [--quick] [--lanes N]
#   bash test/compat/run.sh --list | --install
#
# --only takes names or shell patterns as --list prints them. --bootstrap uses a broker that runs
# already; checks that restart a broker or read its files are skipped then. --quick makes the bulk
# checks ten times smaller. --lanes runs so many checks at a time, each lane with a broker of its own.
# --install only installs what the checks need. One line per check, .work/results.json for machines,
# logs in .work/run.

set -Euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"
source "$COMPAT/lib/report.sh"

PEER=millrace BOOTSTRAP='' ONLY='*' RECORDS=1000000 QUICK=false LANES=1 VERB=run BROKER_DIR='' BROKER_PORT=''
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --bootstrap) BOOTSTRAP=$2; shift 2 ;;
    --only) ONLY=$2; shift 2 ;;
    --quick) QUICK=true RECORDS=100000; shift ;;
    --lanes) LANES=$2; shift 2 ;;
    --list) VERB=list; shift ;;
    --install) VERB=install; shift ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done
[[ $PEER == kafka || $PEER == millrace ]] || { echo "no such peer: $PEER" >&2; exit 2; }
[[ $LANES =~ ^[1-9]$ && (-z $BOOTSTRAP || $LANES == 1) ]] || { echo 'from 1 to 9 lanes, with --bootstrap one' >&2; exit 2; }

# check NAME FUNCTION ARGS...: registers; the files in checks/ call it, and run in the order of their names.
NAMES=() COMMANDS=()
check() {
  NAMES+=("$1")
  shift
  COMMANDS+=("$*")
}
for file in "$COMPAT"/checks/*.sh; do source "$file"; done

selected() {
  local name=$1 pattern patterns
  IFS=, read -r -a patterns <<<"$ONLY"
  for pattern in "${patterns[@]}"; do
    # shellcheck disable=SC2053 # a pattern on purpose
    [[ $name == $pattern ]] && return 0
  done
  return 1
}

CHECK_SECONDS_MAX=900

WORKER=''

# run_within SECONDS LOG COMMAND ARGS...: the command in a process group of its own, which is ended when it takes longer.
run_within() {
  local limit=$1 log=$2 watch code
  shift 2
  set -m
  # Not in a condition: there errexit would be off.
  (set -e; "$@") </dev/null >"$log" 2>&1 &
  WORKER=$!
  (
    sleep "$limit"
    echo "FAILED: still running after $limit s" >>"$log"
    kill -KILL -- "-$WORKER"
  ) 2>/dev/null &
  watch=$!
  set +m
  wait "$WORKER"
  code=$?
  WORKER=''
  kill -- "-$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  return "$code"
}

run_check() {
  local name=$1 started outcome=PASS reason=''
  shift
  CHECK_DIR=$RUN/$name
  tools_ensure
  started=$(now_us)
  # A check that failed half-way may have left it stopped.
  if broker_is_ours && ! broker_is_running; then broker_start >"$CHECK_DIR/start.log" 2>&1; fi
  run_within "$CHECK_SECONDS_MAX" "$CHECK_DIR/log" "$@"
  case $? in
    0) ;;
    137)
      # Ended in the middle: the tools' late answer would be taken for that to the next check.
      outcome=FAIL
      kill -9 "$(<"$LANE/tools.pid")" 2>/dev/null || true
      reason=$(grep '^FAILED: ' "$CHECK_DIR/log" | tail -n 1 | cut -c 9-)
      ;;
    "$SKIPPED") outcome=SKIP ;;
    *)
      outcome=FAIL
      reason=$(grep '^FAILED: ' "$CHECK_DIR/log" | tail -n 1 | cut -c 9-)
      ;;
  esac
  if broker_is_ours && [[ -f $(broker_pid_file) ]] && ! broker_is_running; then
    outcome=FAIL reason="the broker died; $reason"
    cp "$BROKER_DIR/server.log" "$CHECK_DIR/server.log"
  fi
  report_check "$name" "$outcome" "$(seconds_since "$started")" "$reason"
}

# lane NUMBER: runs what no lane has begun yet, one check after the other, with a broker and tools of its own.
lane() {
  local index
  LANE=$RUN/lane-$1
  mkdir -p "$LANE"
  trap lane_end EXIT
  trap 'exit 130' INT TERM
  if [[ -z $BOOTSTRAP ]]; then
    BROKER_DIR=$LANE/broker BROKER_PORT=$(free_port) KAFKA_CONTROLLER_PORT=$(free_port)
    if (($1 == 1)); then
      BROKER_PORT=${COMPAT_PORT:-$BROKER_PORT} KAFKA_CONTROLLER_PORT=${COMPAT_CONTROLLER_PORT:-$KAFKA_CONTROLLER_PORT}
    fi
    BOOTSTRAP=127.0.0.1:$BROKER_PORT
    broker_start || exit 1
  fi
  echo "$PEER serves $BOOTSTRAP"
  for index in "${!NAMES[@]}"; do
    selected "${NAMES[index]}" || continue
    # Who makes the check's folder runs it.
    mkdir "$RUN/${NAMES[index]}" 2>/dev/null || continue
    # shellcheck disable=SC2086 # a registered command is words
    run_check "${NAMES[index]}" ${COMMANDS[index]}
  done
}

lane_end() {
  trap '' INT TERM
  if [[ -n $WORKER ]]; then kill -KILL -- "-$WORKER" 2>/dev/null; fi
  tools_stop
  if broker_is_ours; then broker_stop; fi
}

main() {
  local number name started=$SECONDS chosen=0 code=0
  if [[ $VERB == list ]]; then printf '%s\n' "${NAMES[@]}"; return; fi
  install_all || return 1
  echo "installed after $((SECONDS - started)) s"
  if [[ $VERB == install ]]; then return; fi
  for name in "${NAMES[@]}"; do if selected "$name"; then chosen=$((chosen + 1)); fi; done
  ((chosen > 0)) || { echo "--only $ONLY selects no check" >&2; return 2; }
  RUN=$WORK/run/${COMPAT_RUN:-$PEER}
  rm -rf "$RUN"
  mkdir -p "$RUN"
  report_begin
  LANE_PIDS=()
  trap 'kill "${LANE_PIDS[@]}" 2>/dev/null; wait; exit 130' INT TERM
  for ((number = 1; number <= LANES; number++)); do
    lane "$number" &
    LANE_PIDS+=($!)
  done
  for number in "${LANE_PIDS[@]}"; do wait "$number" || code=1; done
  report_end "$chosen" $((SECONDS - started)) && return "$code"
}

main
exit
