# Every action of kafka-consumer-groups on one scripted state, compared line by line with what Apache Kafka 4.4 answers:
# expected/groups-tool.txt is its transcript, written by a run with --peer kafka and RECORD=1.
# A quick run leaves out most planned resets, which change nothing, and their part of the transcript.
# Groups appear as P-NAME; member ids, ports, node numbers and stack frames are normalized, lines sorted.

check tools-groups-parity tools_groups_parity

PARITY_2020=1577836800000
PARITY_NOT_QUICK='^\$ .*--reset-offsets --group P-[a-z]+ (--topic P-a:0|--topic P-a --topic P-b) .*--dry-run$'

tools_groups_parity() {
  TRANSCRIPT=$CHECK_DIR/transcript
  : >"$TRANSCRIPT"
  # What other checks left behind would show in every list, and would be reset and deleted here.
  if broker_is_ours; then tool kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" --delete --all-groups; fi
  groups_tool --list
  [[ -z $OUT ]] || skip 'needs a broker without groups, and deletes those that it makes'
  parity_state
  parity_list
  parity_describe
  parity_reset classic
  parity_reset consumer
  parity_reset_errors
  parity_delete
  parity_regex
  figure "$(grep -c '^\$ ' "$TRANSCRIPT") actions, $(grep -vc '^\$ ' "$TRANSCRIPT") lines of output"
  if $QUICK; then
    LEFT_OUT=$PARITY_NOT_QUICK awk '/^\$ / { skip = $0 ~ ENVIRON["LEFT_OUT"] } !skip' \
      "$COMPAT/expected/groups-tool.txt" >"$CHECK_DIR/expected"
    diff -u "$CHECK_DIR/expected" "$TRANSCRIPT" || fail "$(diff "$CHECK_DIR/expected" "$TRANSCRIPT" | grep -c '^[<>]') lines differ"
    return
  fi
  as_recorded groups-tool.txt "$TRANSCRIPT"
}

# act ARGS...: runs the tool and writes down what it answered. Names of groups and topics are given as P-NAME.
act() { act_with kafka-consumer-groups "$@"; }

act_with() {
  local args=("${@//P-/$PREFIX-}")
  if $QUICK && [[ "\$ $*" =~ $PARITY_NOT_QUICK ]]; then return; fi
  tool "${args[0]}" --bootstrap-server "$BOOTSTRAP" "${args[@]:1}"
  {
    echo "\$ $*" | parity_normalize
    echo "exit code $RC"
    parity_normalize <"$TOOL_DIR/out" | sort
    # The list of all options that follows a wrong one is the tool's own.
    sed '/^Option  *Description/,$d' "$TOOL_DIR/err" | parity_normalize | sort | sed 's/^/stderr: /'
  } >>"$TRANSCRIPT"
}

# Ids of members are drawn; where the tool prints a set of words, its order is that of hashes.
parity_normalize() {
  tr -s '\t ' ' ' | sed -E -e "s/$PREFIX-/P-/g; s/ $//; /^$/d; /^ at /d; /^ \.\.\. [0-9]+ more/d" \
    -e 's/-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/-UUID/g' \
    -e 's/ [A-Za-z0-9_/+-]{22} / MEMBER /g' -e "s/$BOOTSTRAP/HOST:PORT/g" \
    -e "s|$CHECK_DIR|DIR|g; s/(scenarios|Valid states are|one of these options): .*/\1: .../; s/, '/,\\n'/g; s/\('/(\\n'/; s/'\) was/',\\n) was/"
}

parity_state() {
  local topic group
  for topic in a:3 b:1 other:1; do
    topic_create "$PREFIX-${topic%:*}" "${topic#*:}" retention.ms=-1
  done
  for group in "$PREFIX-a 0 10" "$PREFIX-a 1 10" "$PREFIX-a 2 4" "$PREFIX-b 0 5" "$PREFIX-other 0 3"; do
    # shellcheck disable=SC2086 # words
    group_state records $group "$PARITY_2020"
  done
  for group in classic consumer; do
    group_state commit "$PREFIX-$group" "$group" "$PREFIX-a:0:7" "$PREFIX-a:1:10:noted" "$PREFIX-b:0:2"
  done
  groups_tool --reset-offsets --group "$PREFIX-simple" --topic "$PREFIX-a:0" --to-offset 3 --execute
  parity_member active-classic classic first - "$PREFIX-a" "$PREFIX-b"
  parity_member active-classic classic second instance-2 "$PREFIX-a" "$PREFIX-b"
  # These have the range assignor, so that who gets what does not depend on drawn ids.
  parity_member active-consumer consumer first - "$PREFIX-a" "$PREFIX-b"
  parity_member active-consumer consumer second instance-2 "$PREFIX-a" "$PREFIX-b"
  for group in classic consumer; do
    group_state commit "$PREFIX-idle-$group" "$group" "$PREFIX-a:0:1"
  done
  for group in classic consumer; do
    eventually 60 parity_settled "$PREFIX-active-$group" 2
  done
}

group_state() {
  local verb=$1
  shift
  PYTHONDONTWRITEBYTECODE=1 timeout 60 "$WORK/venv/bin/python" "$COMPAT/python/group_state.py" "$BOOTSTRAP" "$verb" "$@"
}

# parity_member GROUP PROTOCOL CLIENT_ID INSTANCE TOPIC...: one that lives until the check ends.
PARITY_MEMBERS=()
parity_member() {
  PYTHONDONTWRITEBYTECODE=1 "$WORK/venv/bin/python" "$COMPAT/python/group_state.py" "$BOOTSTRAP" member \
    "$PREFIX-$1" "${@:2}" >"$CHECK_DIR/member-$1-$3" 2>&1 7>&- 8>&- &
  PARITY_MEMBERS+=($!)
  # shellcheck disable=SC2064 # these members, now
  trap "kill ${PARITY_MEMBERS[*]} 2>/dev/null || true" EXIT
}

parity_settled() {
  groups_tool --describe --group "$1" --state
  has " Stable $2$"
  groups_tool --describe --group "$1" --members
  lacks ' 0$'
}

parity_list() {
  act --list
  act --list --state
  act --list --state Empty
  act --list --state stable,empty
  act --list --state Dead
  act --list --state nonsense
  act --list --type
  act --list --type classic
  act --list --type consumer
  act --list --type Consumer,classic
  act --list --type nonsense
  act --list --type share
  act --list --state stable --type consumer
  act --list --state --type
  act_with kafka-groups --list
  act_with kafka-groups --list --consumer
  act_with kafka-groups --list --group-type classic
  act_with kafka-groups --list --group-type consumer
  act_with kafka-groups --list --group-type share
  act_with kafka-groups --list --protocol consumer
  act_with kafka-groups --list --protocol connect
  act_with kafka-groups --list --share
}

parity_describe() {
  local group
  for group in classic consumer simple active-classic active-consumer unknown; do
    act --describe --group "P-$group"
    act --describe --group "P-$group" --offsets
    act --describe --group "P-$group" --offsets --verbose
    act --describe --group "P-$group" --members
    act --describe --group "P-$group" --members --verbose
    act --describe --group "P-$group" --state
    act --describe --group "P-$group" --state --verbose
  done
  act --describe --group P-classic --group P-consumer
  act --describe --group P-classic --group P-unknown --state
  act --describe --all-groups
  act --describe --all-groups --members --verbose
  act --describe --all-groups --state
  act --describe --group P-classic --members --state
  act --describe
}

# reset ARGS...: planned, then done, then looked at; twice, so that shifting is seen from another place.
parity_reset() {
  local group=P-$1 scope
  for scope in '--topic P-a:0' '--topic P-a --topic P-b' --all-topics; do
    for mode in --to-earliest --to-latest --to-current '--to-offset 2' '--to-offset 100' '--to-offset -5' \
      '--shift-by 1' '--shift-by -3' '--shift-by 50' '--shift-by -50' '--to-datetime 2020-01-01T00:02:30.000' \
      '--to-datetime 2020-01-01T00:00:00.000Z' '--to-datetime 2020-01-01T02:03:00.000+02:00' \
      '--to-datetime 2100-01-01T00:00:00.000' '--to-datetime nonsense' '--by-duration PT1H' '--by-duration P10000D' \
      '--by-duration nonsense'; do
      # shellcheck disable=SC2086 # words
      act --reset-offsets --group $group $scope $mode --dry-run
    done
  done
  act --reset-offsets --group "$group" --topic P-a:0,2 --to-earliest
  act --reset-offsets --group "$group" --all-topics --to-current --export --dry-run
  act --reset-offsets --group "$group" --topic P-a:0,2 --to-earliest --execute
  act --describe --group "$group"
  act --reset-offsets --group "$group" --topic P-a --to-latest --execute
  act --reset-offsets --group "$group" --all-topics --shift-by -2 --execute
  act --describe --group "$group"
  act --reset-offsets --group "$group" --all-topics --to-datetime 2020-01-01T00:02:30.000Z --execute
  act --reset-offsets --group "$group" --all-topics --to-offset 3 --export --execute
  act --reset-offsets --group "$group" --topic P-other --to-latest --execute
  act --describe --group "$group" --offsets
  parity_from_file "$group"
  act --describe --group "$group"
}

parity_from_file() {
  local group=$1 file=$CHECK_DIR/P-from-file.csv
  # The names in the file are real ones; act would replace those of its own arguments alone.
  printf '%s,0,6\n%s,2,1\n' "$PREFIX-a" "$PREFIX-a" >"$CHECK_DIR/$PREFIX-from-file.csv"
  act --reset-offsets --group "$group" --from-file "$file" --dry-run
  act --reset-offsets --group "$group" --from-file "$file" --execute
  printf '"%s","%s",0,4\n"%s","%s",1,5\n' "$PREFIX-classic" "$PREFIX-a" "$PREFIX-consumer" "$PREFIX-a" \
    >"$CHECK_DIR/$PREFIX-from-file2.csv"
  act --reset-offsets --group P-classic --group P-consumer --from-file "$CHECK_DIR/P-from-file2.csv" --dry-run
  printf 'nonsense\n' >"$CHECK_DIR/$PREFIX-from-file3.csv"
  act --reset-offsets --group "$group" --from-file "$CHECK_DIR/P-from-file3.csv" --dry-run
  act --reset-offsets --group "$group" --from-file "$CHECK_DIR/P-from-file4.csv" --dry-run
}

parity_reset_errors() {
  local group
  for group in active-classic active-consumer; do
    act --reset-offsets --group "P-$group" --all-topics --to-earliest --dry-run
    act --reset-offsets --group "P-$group" --topic P-a --to-earliest --execute
  done
  act --reset-offsets --group P-unknown --all-topics --to-earliest --dry-run
  act --reset-offsets --group P-unknown --topic P-a --to-earliest --dry-run
  act --reset-offsets --group P-classic --topic P-missing --to-earliest --dry-run
  act --reset-offsets --group P-classic --topic P-a:7 --to-earliest --dry-run
  act --reset-offsets --group P-classic --topic P-a:x --to-earliest --dry-run
  act --reset-offsets --group P-classic --topic P-other --to-current --dry-run
  act --reset-offsets --group P-classic --topic P-other --shift-by 1 --dry-run
  act --reset-offsets --group P-classic --to-earliest --dry-run
  act --reset-offsets --group P-classic --all-topics --dry-run
  act --reset-offsets --group P-classic --all-topics --to-earliest --to-latest
  act --reset-offsets --group P-classic --all-topics --to-earliest --dry-run --execute
  act --reset-offsets --all-groups --all-topics --to-current --dry-run
  act --reset-offsets --group P-new --topic P-a --to-offset 1 --execute
  act --describe --group P-new --state
}

parity_delete() {
  local group
  for group in classic consumer; do
    act --delete-offsets --group "P-$group" --topic P-b
    act --delete-offsets --group "P-$group" --topic P-b
    act --delete-offsets --group "P-$group" --topic P-a:0,2
    act --delete-offsets --group "P-$group" --topic P-a:9
    act --delete-offsets --group "P-$group" --topic P-missing
    act --delete-offsets --group "P-active-$group" --topic P-a
    act --delete-offsets --group "P-active-$group" --topic P-other
    act --describe --group "P-$group"
    act --delete --group "P-active-$group"
    act --delete --group "P-active-$group" --group "P-$group"
    act --delete --group "P-$group"
  done
  act --delete-offsets --group P-unknown --topic P-a
  act --delete --group P-unknown
  act --delete
  act --delete --group P-new --topic P-a
  act --list --state
  kill "${PARITY_MEMBERS[@]}"
  wait "${PARITY_MEMBERS[@]}" || true
  for group in classic consumer; do eventually 60 parity_is_empty "$PREFIX-active-$group"; done
  act --list --state
  for group in classic consumer; do
    act --describe --group "P-active-$group" --members
    act --describe --group "P-active-$group" --state
    act --describe --group "P-active-$group"
  done
  act --delete --all-groups
  act --list
}

# The static member's departure is temporary until its session ends; only a removal empties its group.
parity_is_empty() {
  groups_tool --describe --group "$1" --state
  has ' Empty 0$'
}

parity_regex() {
  act --validate-regex 'topic-[0-9]+.*'
  act --validate-regex '(?<broken'
}
