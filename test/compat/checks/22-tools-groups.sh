# kafka-console-producer, kafka-console-consumer and kafka-consumer-groups.

check tools-console tools_console
check tools-groups-empty tools_groups_empty
check tools-groups-active tools_groups_active

groups_tool() { tool_ok kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" "$@"; }

# console_produce TOPIC LINE...: lines of key:value.
console_produce() {
  local topic=$1
  shift
  printf '%s\n' "$@" >"$CHECK_DIR/input"
  TOOL_INPUT=$CHECK_DIR/input tool_ok kafka-console-producer --bootstrap-server "$BOOTSTRAP" --topic "$topic" \
    --reader-property parse.key=true --reader-property key.separator=:
}

# console_consume TOPIC GROUP COUNT: prints key, value and place.
console_consume() {
  tool_ok kafka-console-consumer --bootstrap-server "$BOOTSTRAP" --topic "$1" --group "$2" --from-beginning \
    --max-messages "$3" --timeout-ms 30000 --formatter-property print.key=true \
    --formatter-property print.partition=true --formatter-property print.offset=true
}

# The second consumer of the group must begin where the first one stopped.
tools_console() {
  local topic=$PREFIX-console group=$PREFIX-console-group
  topic_create "$topic" 1
  console_produce "$topic" k1:one k2:two k3:three
  console_consume "$topic" "$group" 3
  equal "$OUT" $'Partition:0 Offset:0 k1 one\nPartition:0 Offset:1 k2 two\nPartition:0 Offset:2 k3 three' 'the output'
  [[ $ERR == *'Processed a total of 3 messages'* ]] || fail "no total: $ERR"
  console_produce "$topic" k4:four
  console_consume "$topic" "$group" 1
  equal "$OUT" 'Partition:0 Offset:3 k4 four' 'the output of the resumed group'
  topic_delete "$topic"
}

tools_groups_empty() {
  local topic=$PREFIX-groups group=$PREFIX-group partition
  topic_create "$topic" 2
  seq 1 10 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  seq 1 4 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 1
  console_consume "$topic" "$group" 14
  seq 1 3 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0

  groups_tool --list
  has "^$group$"
  groups_tool --list --state
  has "^$group Empty$"
  groups_tool --list --type
  has "^$group Classic$"
  groups_tool --describe --group "$group" --offsets
  has "^$group $topic 0 10 13 3 - - -$"
  has "^$group $topic 1 4 4 0 - - -$"
  [[ $ERR == *"Consumer group '$group' has no active members."* ]] || fail "no word of the missing members: $ERR"
  groups_tool --describe --group "$group" --state
  has "^$group 127\.0\.0\.1:[0-9]+ \([0-9]+\) - Empty 0$"

  groups_tool --group "$group" --reset-offsets --to-offset 2 --topic "$topic:0" --dry-run
  has "^$group $topic 0 2$"
  groups_tool --describe --group "$group"
  has "^$group $topic 0 10 13 3 "
  groups_tool --group "$group" --reset-offsets --shift-by -4 --topic "$topic:0" --execute
  has "^$group $topic 0 6$"
  groups_tool --group "$group" --reset-offsets --to-latest --topic "$topic:1" --execute
  has "^$group $topic 1 4$"
  groups_tool --describe --group "$group"
  has "^$group $topic 0 6 13 7 "
  groups_tool --group "$group" --reset-offsets --to-earliest --all-topics --execute
  for partition in 0 1; do has "^$group $topic $partition 0$"; done

  groups_tool --group "$group" --delete-offsets --topic "$topic:1"
  has '^Request succeeded for deleting offsets'
  has "^$topic 1 Successful$"
  groups_tool --describe --group "$group"
  has "^$group $topic 0 0 13 13 "
  lacks "^$group $topic 1 [0-9]"
  groups_tool --group "$group" --delete
  has "^Deletion of requested consumer groups \('$group'\) was successful\.$"
  groups_tool --list
  lacks "^$group$"
  tool kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" --describe --group "$group"
  has "GroupIdNotFoundException: Group $group not found"
  topic_delete "$topic"
}

# While a member is there, it is described, and what would pull the ground from under it is refused.
tools_groups_active() {
  local topic=$PREFIX-active group=$PREFIX-active-group member
  topic_create "$topic" 2
  seq 1 10 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  kcat -b "$BOOTSTRAP" -X client.id=compat-member -X auto.offset.reset=earliest -X auto.commit.interval.ms=200 \
    -G "$group" "$topic" >"$CHECK_DIR/member" 2>&1 7>&- 8>&- &
  member=$!
  # shellcheck disable=SC2064 # this member, now
  trap "kill $member 2>/dev/null || true" EXIT
  eventually 30 tools_group_has_committed "$group" "$topic"
  groups_tool --describe --group "$group"
  has "^$group $topic 0 10 10 0 compat-member-[0-9a-f-]+ /127\.0\.0\.1 compat-member$"
  groups_tool --describe --group "$group" --members --verbose
  has "^$group compat-member-[0-9a-f-]+ /127\.0\.0\.1 compat-member 2 .*$topic"
  groups_tool --describe --group "$group" --state
  has "^$group 127\.0\.0\.1:[0-9]+ \([0-9]+\) range Stable 1$"
  groups_tool --list --state Stable
  has "^$group Stable$"
  tool kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" --group "$group" --reset-offsets --to-earliest \
    --all-topics --execute
  has "Assignments can only be reset if the group '$group' is inactive, but the current state is Stable"
  tool kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" --group "$group" --delete
  has "Group '$group' could not be deleted due to: .*GroupNotEmptyException"
  tool kafka-consumer-groups --bootstrap-server "$BOOTSTRAP" --group "$group" --delete-offsets --topic "$topic"
  has "$topic 0 Error: .*GroupSubscribedToTopic"
  kill "$member"
  wait "$member" || true
  eventually 20 tools_group_is_empty "$group"
  groups_tool --group "$group" --delete
  topic_delete "$topic"
}

tools_group_has_committed() {
  groups_tool --describe --group "$1"
  has "^$1 $2 0 10 10 0 compat-member"
}

tools_group_is_empty() {
  groups_tool --describe --group "$1" --state
  has " Empty 0$"
}
