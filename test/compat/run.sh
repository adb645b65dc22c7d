#!/usr/bin/env bash
# Real clients against a broker: Millrace by default, Apache Kafka to prove the checks themselves.
#
#   bash test/compat/run.sh [--peer kafka|millrace] [--bootstrap host:port] [--only NAME,...] [--quick] [--list]
#
# --only takes names or shell patterns as --list prints them. --bootstrap uses a broker that runs
# already; checks that restart a broker or read its files are skipped then. --quick makes the bulk
# checks ten times smaller. One line per check, .work/results.json for machines, logs in .work/run.

set -Euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"
source "$COMPAT/lib/report.sh"

PEER=millrace BOOTSTRAP='' ONLY='*' RECORDS=1000000 QUICK=false LIST=false BROKER_DIR='' BROKER_PORT=''
while (($# > 0)); do
  case $1 in
    --peer) PEER=$2; shift 2 ;;
    --bootstrap) BOOTSTRAP=$2; shift 2 ;;
    --only) ONLY=$2; shift 2 ;;
    --quick) QUICK=true RECORDS=100000; shift ;;
    --list) LIST=true; shift ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done
[[ $PEER == kafka || $PEER == millrace ]] || { echo "no such peer: $PEER" >&2; exit 2; }

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

# run_within SECONDS LOG COMMAND ARGS...: the command in a process group of its own, which is ended when it takes longer.
run_within() {
  local limit=$1 log=$2 worker watch code
  shift 2
  set -m
  # Not in a condition: there errexit would be off.
  (set -e; "$@") </dev/null >"$log" 2>&1 &
  worker=$!
  (
    sleep "$limit"
    echo "FAILED: still running after $limit s" >>"$log"
    kill -KILL -- "-$worker"
  ) 2>/dev/null &
  watch=$!
  set +m
  wait "$worker"
  code=$?
  kill -- "-$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  return "$code"
}

run_check() {
  local name=$1 started outcome=PASS reason=''
  shift
  CHECK_DIR=$RUN/$name
  mkdir -p "$CHECK_DIR"
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
      kill -9 "$(<"$RUN/tools.pid")" 2>/dev/null || true
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

main() {
  local index started=$SECONDS chosen=0
  if $LIST; then printf '%s\n' "${NAMES[@]}"; return; fi
  install_all || return 1
  echo "installed after $((SECONDS - started)) s"
  RUN=$WORK/run/${COMPAT_RUN:-$PEER}
  rm -rf "$RUN"
  mkdir -p "$RUN"
  report_begin
  trap 'tools_stop; if broker_is_ours; then broker_stop; fi' EXIT
  trap 'exit 130' INT TERM
  if [[ -z $BOOTSTRAP ]]; then
    BROKER_DIR=$RUN/broker BROKER_PORT=${COMPAT_PORT:-$(free_port)}
    KAFKA_CONTROLLER_PORT=${COMPAT_CONTROLLER_PORT:-$(free_port)}
    BOOTSTRAP=127.0.0.1:$BROKER_PORT
    broker_start || return 1
  fi
  echo "$PEER serves $BOOTSTRAP"
  for index in "${!NAMES[@]}"; do
    selected "${NAMES[index]}" || continue
    chosen=$((chosen + 1))
    # shellcheck disable=SC2086 # a registered command is words
    run_check "${NAMES[index]}" ${COMMANDS[index]}
  done
  ((chosen > 0)) || { echo "--only $ONLY selects no check" >&2; return 2; }
  report_end $((SECONDS - started))
}

main
exit
