# What Kafka's console consumer makes of the records in __consumer_offsets: its two formatters, over groups of both
# protocols and one that is deleted, compared with what it prints from Apache Kafka's own topic. And the tools for
# kinds of groups that may not be served: they end with one line that says so.

check formatters needing ConsumerGroupHeartbeat formatters
check tools-groups-others tools_groups_others

# Its name is in the members' metadata, as bytes, and so it is the same in every run.
FORMATTERS_TOPIC=formatters-topic

formatters() {
  local protocol
  tool kafka-topics --bootstrap-server "$BOOTSTRAP" --delete --topic "$FORMATTERS_TOPIC" --if-exists
  eventually 30 topic_create "$FORMATTERS_TOPIC" 2
  for protocol in classic consumer; do
    group_state commit "$PREFIX-formatted-$protocol" "$protocol" "$FORMATTERS_TOPIC:0:7:noted" "$FORMATTERS_TOPIC:1:3"
    groups_tool --delete-offsets --group "$PREFIX-formatted-$protocol" --topic "$FORMATTERS_TOPIC:1"
  done
  group_state commit "$PREFIX-deleted" classic "$FORMATTERS_TOPIC:0:1"
  groups_tool --delete --group "$PREFIX-deleted"
  : >"$CHECK_DIR/transcript"
  formatted OffsetsMessageFormatter
  formatted GroupMetadataMessageFormatter
  as_recorded formatters.txt "$CHECK_DIR/transcript"
  topic_delete "$FORMATTERS_TOPIC"
}

# formatted NAME: the lines about these groups, with what differs from run to run made alike.
formatted() {
  tool kafka-console-consumer --bootstrap-server "$BOOTSTRAP" --topic __consumer_offsets --from-beginning \
    --formatter "org.apache.kafka.tools.consumer.$1" --timeout-ms 10000
  {
    echo "# $1"
    sed 's/}{"key"/}\n{"key"/g' <<<"$OUT" | grep -E "\"$PREFIX-(formatted-[a-z]*|deleted)\"" | sed -E -e "s/$PREFIX-/P-/g" \
      -e 's/[0-9]{13}/MS/g; s/"topicId":"[A-Za-z0-9_-]{22}"/"topicId":"ID"/g' \
      -e 's/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/-UUID/g' | sort
  } >>"$CHECK_DIR/transcript"
}

# as_recorded FILE TRANSCRIPT: the same lines as Apache Kafka's; with RECORD=1 and --peer kafka, it says which.
as_recorded() {
  local expected=$COMPAT/expected/$1
  if [[ -n ${RECORD:-} ]]; then
    ! $QUICK || fail 'a quick run leaves parts out'
    [[ $PEER == kafka ]] || fail 'only Apache Kafka says what is expected'
    cp "$2" "$expected"
  fi
  diff -u "$expected" "$2" || fail "$(diff "$expected" "$2" | grep -c '^[<>]') lines differ"
}

tools_groups_others() {
  local kind
  for kind in share streams; do
    tool_ok "kafka-$kind-groups" --bootstrap-server "$BOOTSTRAP" --list
    tool_ok "kafka-$kind-groups" --bootstrap-server "$BOOTSTRAP" --describe --all-groups
    tool "kafka-$kind-groups" --bootstrap-server "$BOOTSTRAP" --describe --group "$PREFIX-nobody"
    has "^Error: Executing $kind group command failed due to .*(GroupIdNotFoundException: Group $PREFIX-nobody not found\.|UnsupportedVersionException: The node does not support ${kind^^}_GROUP_DESCRIBE)$"
    tool "kafka-$kind-groups" --bootstrap-server "$BOOTSTRAP" --delete --group "$PREFIX-nobody"
    has "^Error: Deletion of some $kind groups failed:$"
  done
}
