# Starts and stops the broker under test. PEER is kafka or millrace; BROKER_DIR and BROKER_PORT say
# where, BROKER_SETTINGS what to set (key=value). With --bootstrap the broker is someone else's: BROKER_DIR is empty,
# nothing is started.

source "$COMPAT/kafka.sh"

MILLRACE_START_TIMEOUT_S=60
BROKER_SETTINGS=()

broker_start() {
  "broker_start_$PEER"
}

broker_stop() {
  "broker_stop_$PEER"
}

# As a crash would; start it again.
broker_kill() {
  local pid
  pid=$(<"$(broker_pid_file)")
  kill -9 "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  rm -f "$(broker_pid_file)"
}

broker_pid_file() {
  echo "$BROKER_DIR/$PEER.pid"
}

broker_is_running() {
  [[ -f $(broker_pid_file) ]] && kill -0 "$(<"$(broker_pid_file)")" 2>/dev/null
}

# Whether the broker's files may be looked at and the broker restarted.
broker_is_ours() {
  [[ -n $BROKER_DIR ]]
}

broker_start_kafka() {
  # Half the default heap: the clients under test share the machine.
  KAFKA_HEAP=${KAFKA_HEAP:-512m} kafka_start "$BROKER_PORT" "$BROKER_DIR" "${BROKER_SETTINGS[@]}"
}

broker_stop_kafka() {
  kafka_stop "$BROKER_DIR"
}

broker_start_millrace() {
  local started_at=$SECONDS overrides=() setting
  for setting in "${BROKER_SETTINGS[@]}"; do overrides+=(--override "$setting"); done
  mkdir -p "$BROKER_DIR"
  : >"$BROKER_DIR/server.log"
  (cd "$COMPAT/../.." && exec node ${NODE_FLAGS:-} dist/cli/millrace.js start \
    --override "listeners=PLAINTEXT://127.0.0.1:$BROKER_PORT" --override "log.dirs=$BROKER_DIR/data" \
    "${overrides[@]}" </dev/null >"$BROKER_DIR/server.log" 2>&1 7>&- 8>&-) &
  echo $! >"$BROKER_DIR/millrace.pid"
  disown $!
  until grep -q 'Kafka Server started' "$BROKER_DIR/server.log"; do
    if ! kill -0 "$(<"$BROKER_DIR/millrace.pid")" 2>/dev/null \
      || ((SECONDS - started_at > MILLRACE_START_TIMEOUT_S)); then
      echo "Millrace did not start; the end of $BROKER_DIR/server.log:" >&2
      tail -n 30 "$BROKER_DIR/server.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

broker_stop_millrace() {
  local pid asked_at=$SECONDS
  [[ -f $BROKER_DIR/millrace.pid ]] || return 0
  pid=$(<"$BROKER_DIR/millrace.pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS - asked_at > 30)); then
      kill -9 "$pid" || true
      fail "the broker had not ended 30 s after it was asked to"
    fi
    sleep 0.1
  done
  rm -f "$BROKER_DIR/millrace.pid"
}
