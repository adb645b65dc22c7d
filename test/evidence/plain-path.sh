#!/usr/bin/env bash
# Shows where record bytes travel on the plain path: which system calls moved them, and how little JavaScript
# allocated meanwhile.
#
#   bash test/evidence/plain-path.sh [records of 1 KB, 200000]
#
# First run: strace counts calls and bytes while Kafka's tools produce and consume. Second run, without strace: V8's
# collector log says how many bytes of JavaScript memory were allocated for the same load. Had payloads been copied
# into JavaScript buffers, that would be at least their size.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
RECORDS=${1:-200000} PEER=millrace
CHECK_DIR=$WORK/evidence
source "$COMPAT/lib/broker.sh"
install_jars
command -v strace >/dev/null || { apt-get update -qq && apt-get install -y -qq strace >/dev/null; }
rm -rf "$CHECK_DIR"
mkdir -p "$CHECK_DIR"

load() {
  java_tool 512m org.apache.kafka.tools.ProducerPerformance --topic plain --num-records "$RECORDS" --record-size 1000 \
    --throughput -1 --command-property "bootstrap.servers=127.0.0.1:$BROKER_PORT" linger.ms=5 batch.size=65536 | tail -n 1
  java_tool 512m org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "127.0.0.1:$BROKER_PORT" \
    --topic plain --num-records "$RECORDS" | tail -n 1
}

traced_run() {
  BROKER_DIR=$CHECK_DIR/traced BROKER_PORT=$(free_port)
  broker_start
  strace -f -qq -e trace=pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendfile,pread64,preadv2,recvfrom,read \
    -o "$CHECK_DIR/calls" -p "$(<"$BROKER_DIR/millrace.pid")" 2>/dev/null &
  local tracer=$!
  sleep 1
  load
  kill -INT "$tracer" && wait "$tracer" || true
  broker_stop
  echo "payload: $RECORDS records of 1000 bytes, in and out once"
  echo "call calls bytes"
  sed -nE 's/^[0-9]+ +([a-z0-9]+)\(.* = ([0-9]+)$/\1 \2/p; s/^[0-9]+ +<\.\.\. ([a-z0-9]+) resumed>.* = ([0-9]+)$/\1 \2/p' \
    "$CHECK_DIR/calls" | awk '{ calls[$1]++; bytes[$1] += $2 } END { for (c in calls) print c, calls[c], bytes[c] }' \
    | sort -k 3 -n -r
}

collected_run() {
  BROKER_DIR=$CHECK_DIR/collected BROKER_PORT=$(free_port)
  NODE_FLAGS=--trace-gc broker_start
  local lines
  lines=$(wc -l <"$BROKER_DIR/server.log")
  load
  tail -n "+$((lines + 1))" "$BROKER_DIR/server.log" >"$CHECK_DIR/collections" || true
  broker_stop
  grep -oE '(Scavenge|Mark-Compact)[^0-9]*[0-9.]+ \([0-9.]+\) -> [0-9.]+' "$CHECK_DIR/collections" \
    | sed -E 's/.* ([0-9.]+) \([0-9.]+\) -> ([0-9.]+)/\1 \2/' \
    | awk -v payload="$((RECORDS / 500))" '{ freed += $1 - $2; runs++ }
        END { printf "JavaScript memory freed: %.1f MB in %d collections, for %d MB of payload moved\n", freed, runs, payload }'
}

traced_run
collected_run
