# Paths, assertions and the bridge to Kafka's tools. Sourced by run.sh and so seen by every check.
#
# A check is a bash function, run by run.sh in a subshell with errexit, its output kept in its log.
# It fails by returning or exiting non-zero, which all helpers here do with a line that says why.

COMPAT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=$COMPAT/.work
JARS=$WORK/jars
# Topics and groups of one run: what a failed check leaves behind must not fail the next run.
PREFIX=compat-$EPOCHSECONDS

# fail MESSAGE: ends the check; the message becomes its reason on the report.
fail() {
  echo "FAILED: $*"
  exit 1
}

# In the check's process group, where what ends the check finds it.
timeout() { command timeout --foreground "$@"; }

# figure TEXT: adds to what the report prints beside the check's time.
figure() {
  echo "$*" >>"$CHECK_DIR/figures"
}

# tool NAME ARGS...: runs a Kafka tool in the shared JVM. Sets RC, OUT and ERR; runs of blanks in OUT
# are one space, so that assertions do not depend on column widths. TOOL_INPUT names its stdin.
tool() {
  tool_run "$@"
  cat "$TOOL_DIR/out" "$TOOL_DIR/err"
  OUT=$(tr -s '\t ' ' ' <"$TOOL_DIR/out" | sed 's/ $//')
  ERR=$(<"$TOOL_DIR/err")
}

# tool_quietly NAME ARGS...: for megabytes of output, which stay in the file DUMP. Must exit with 0.
tool_quietly() {
  tool_run "$@"
  DUMP=$TOOL_DIR/out
  cat "$TOOL_DIR/err"
  [[ $RC == 0 ]] || fail "exit code $RC of $1: $(tail -n 1 "$TOOL_DIR/err")"
}

tool_run() {
  local folder
  folder=$(mktemp -d "$CHECK_DIR/tool.XXXXXX")
  printf '%s\0' "$@" >"$folder/args"
  if [[ -n ${TOOL_INPUT:-} ]]; then cp "$TOOL_INPUT" "$folder/in"; fi
  echo "\$ $*"
  echo "$folder" >&7
  if ! read -r -t 120 -u 8 RC; then
    kill -9 "$(<"$LANE/tools.pid")" || true
    fail "$1 had not ended after 120 s: $*"
  fi
  TOOL_DIR=$folder
}

# tool_ok NAME ARGS...: the same, and it must exit with 0.
tool_ok() {
  tool "$@"
  [[ $RC == 0 ]] || fail "exit code $RC of $*: $(tail -n 1 <<<"$OUT$ERR")"
}

# tool_fails NAME ARGS...: the same, and it must not exit with 0.
tool_fails() {
  tool "$@"
  [[ $RC != 0 ]] || fail "exit code 0, a failure was due, of $*"
}

# has REGEX / lacks REGEX: about the lines of OUT.
has() {
  grep -Eq -e "$1" <<<"$OUT" || fail "no line of the output matches: $1"
}

lacks() {
  if grep -Eq -e "$1" <<<"$OUT"; then fail "a line of the output matches: $1"; fi
}

# count N REGEX: so many lines of OUT match.
count() {
  local found
  found=$(grep -Ec -e "$2" <<<"$OUT" || true)
  ((found == $1)) || fail "$found lines instead of $1 match: $2"
}

# equal GOT WANTED WHAT
equal() {
  [[ $1 == "$2" ]] || fail "$3 is '$1', not '$2'"
}

# eventually SECONDS COMMAND...: retries a condition that the broker reaches on its own.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until ("$@"); do
    ((SECONDS < deadline)) || fail "did not come true: $*"
    sleep 0.2
  done
}

# topic_create NAME PARTITIONS [key=value ...]
topic_create() {
  local name=$1 partitions=$2 config=()
  shift 2
  for entry in "$@"; do config+=(--config "$entry"); done
  tool_ok kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic "$name" --partitions "$partitions" \
    --replication-factor 1 "${config[@]}"
}

topic_delete() {
  tool_ok kafka-topics --bootstrap-server "$BOOTSTRAP" --delete --topic "$1"
}

# needing API COMMAND...: runs the command if the broker offers the API, or else skips the check.
needing() {
  local api=$1
  shift
  tool_ok kafka-broker-api-versions --bootstrap-server "$BOOTSTRAP"
  grep -Eq "^ $api\([0-9]+\): [0-9]" <<<"$OUT" || skip "the broker does not offer $api"
  "$@"
}

# java_tool HEAP CLASS ARGS...: a tool in a JVM of its own, bounded in time.
java_tool() {
  local heap=$1
  shift
  timeout 300 java "-Xmx$heap" ${JVM_FLAGS:-} -cp "$WORK/classes:$JARS/*" \
    -Dlog4j2.configurationFile="$COMPAT/java/log4j2.properties" "$@"
}

JVM_LIGHT='-XX:+UseSerialGC -XX:TieredStopAtLevel=1'

# The shared JVM reads descriptor 7 and answers on 8; run.sh calls this before each check, so that
# one tool that hung costs one check.
tools_ensure() {
  if [[ -f $LANE/tools.pid ]] && kill -0 "$(<"$LANE/tools.pid")" 2>/dev/null; then return; fi
  rm -f "$LANE/tools.in" "$LANE/tools.out"
  mkfifo "$LANE/tools.in" "$LANE/tools.out"
  exec 7<>"$LANE/tools.in" 8<>"$LANE/tools.out"
  # shellcheck disable=SC2086 # the flags are several words
  java -Xmx256m $JVM_LIGHT -cp "$WORK/classes:$JARS/*" \
    -Dlog4j2.configurationFile="$COMPAT/java/log4j2.properties" Tools <&7 >&8 2>"$LANE/tools.log" 7>&- 8>&- &
  echo $! >"$LANE/tools.pid"
  disown $!
}

tools_stop() {
  if [[ -f $LANE/tools.pid ]]; then kill "$(<"$LANE/tools.pid")" 2>/dev/null || true; fi
  rm -f "$LANE/tools.pid"
}

# seconds_since NANOSECONDS: with three digits. Both clocks are the shell's.
now_us() { echo "${EPOCHREALTIME/[.,]/}"; }
seconds_since() {
  local us=$(($(now_us) - $1))
  printf '%d.%03d' $((us / 1000000)) $((us % 1000000 / 1000))
}

# A port that was free a moment ago, below those that the system gives to outgoing connections: one of them might take
# it while the broker restarts, or find no one but itself on the other side.
free_port() {
  local port
  until port=$((15000 + SRANDOM % 15000)) && ! (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
