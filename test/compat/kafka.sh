# A real Apache Kafka, one combined KRaft node, from the jars under .work/jars. To be sourced.
#
#   kafka_start PORT DIR [key=value ...]   formats DIR on first use, starts, returns when clients are served
#   kafka_stop DIR                         asks for a clean shutdown and waits for it
#
# DIR then holds server.properties, server.log, kafka.pid and data/ (log.dirs). The controller
# listens on KAFKA_CONTROLLER_PORT, or PORT+1. KAFKA_HEAP is the heap of the server, 1g as in
# Kafka's own start script, whose collector settings are used too. KAFKA_JVM adds JVM flags.
# Arguments of the form key=value are appended to Kafka's distributed server.properties.

KAFKA_HOME_COMPAT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KAFKA_JARS=${KAFKA_JARS:-$KAFKA_HOME_COMPAT/.work/jars}

kafka_start() {
  local port=$1 dir=$2 started_at=$SECONDS
  shift 2
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  kafka_properties "$port" "$dir" "$@" >"$dir/server.properties"
  if [[ ! -f $dir/data/meta.properties ]]; then
    kafka_java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 kafka.tools.StorageTool \
      format --standalone --cluster-id "$(kafka_uuid)" --config "$dir/server.properties" \
      >"$dir/format.log" 2>&1 || { cat "$dir/format.log" >&2; return 1; }
  fi
  : >"$dir/server.log"
  # Kafka's start script: KAFKA_HEAP_OPTS and KAFKA_JVM_PERFORMANCE_OPTS.
  KAFKA_EXEC=exec KAFKA_LOG_LEVEL=info kafka_java -Xmx"${KAFKA_HEAP:-1g}" -Xms"${KAFKA_HEAP:-1g}" \
    -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 \
    -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true ${KAFKA_JVM:-} \
    kafka.Kafka "$dir/server.properties" </dev/null >"$dir/server.log" 2>&1 7>&- 8>&- &
  echo $! >"$dir/kafka.pid"
  disown $!
  until grep -q 'Kafka Server started' "$dir/server.log"; do
    if ! kill -0 "$(<"$dir/kafka.pid")" 2>/dev/null || ((SECONDS - started_at > ${KAFKA_START_TIMEOUT_S:-120})); then
      echo "Kafka did not start; the end of $dir/server.log:" >&2
      tail -n 30 "$dir/server.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

kafka_stop() {
  local dir=$1 pid asked_at=$SECONDS
  [[ -f $dir/kafka.pid ]] || return 0
  pid=$(<"$dir/kafka.pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS - asked_at > 60)); then kill -9 "$pid" 2>/dev/null || true; fi
    sleep 0.1
  done
  rm -f "$dir/kafka.pid"
}

# With KAFKA_EXEC=exec in a background call, the process id is the JVM's own.
kafka_java() {
  ${KAFKA_EXEC:-} java -cp "$KAFKA_JARS/*" \
    -Dlog4j2.configurationFile="$KAFKA_HOME_COMPAT/java/log4j2.properties" \
    -Dcompat.log.level="${KAFKA_LOG_LEVEL:-warn}" "$@"
}

# config/server.properties of the distribution, comments aside, with addresses and directory filled in.
kafka_properties() {
  local port=$1 dir=$2 controller_port=${KAFKA_CONTROLLER_PORT:-$(($1 + 1))}
  shift 2
  cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=$dir/data
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
PROPERTIES
  printf '%s\n' "$@"
}

# Kafka's ids are 16 bytes in URL-safe base64; one that begins with a dash would read as an option.
kafka_uuid() {
  local id=-
  while [[ $id == -* ]]; do id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='); done
  echo "$id"
}
