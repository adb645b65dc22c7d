# kafka-topics, kafka-get-offsets, kafka-delete-records, kafka-log-dirs, kafka-broker-api-versions, kafka-cluster.

check tools-topics tools_topics
check tools-topics-errors tools_topics_errors
check tools-get-offsets tools_get_offsets
check tools-delete-records tools_delete_records
check tools-log-dirs tools_log_dirs
check tools-api-versions tools_api_versions
check tools-cluster-id tools_cluster_id

topics() { tool_ok kafka-topics --bootstrap-server "$BOOTSTRAP" "$@"; }

tools_topics() {
  local topic=$PREFIX-topics partition
  topics --create --topic "$topic" --partitions 3 --replication-factor 1 --config retention.ms=100000
  has "^Created topic $topic\.$"
  topics --list
  has "^$topic$"
  topics --describe --topic "$topic"
  has "^Topic: $topic TopicId: [A-Za-z0-9_-]{22} PartitionCount: 3 ReplicationFactor: 1 Configs: .*retention\.ms=100000"
  for partition in 0 1 2; do
    has "^ Topic: $topic Partition: $partition Leader: ([0-9]+) Replicas: \1 Isr: \1( Elr:.*)?$"
  done
  topics --alter --topic "$topic" --partitions 5
  topics --describe --topic "$topic"
  has "^Topic: $topic .*PartitionCount: 5 "
  count 5 "^ Topic: $topic Partition: [0-4] Leader: [0-9]+ "
  topics --create --if-not-exists --topic "$topic" --partitions 9
  topics --describe --topics-with-overrides
  has "^Topic: $topic .*PartitionCount: 5 "
  topics --delete --topic "$topic"
  eventually 10 tools_topic_is_gone "$topic"
}

tools_topic_is_gone() {
  topics --list
  lacks "^$1$"
}

tools_topics_errors() {
  local topic=$PREFIX-topics-errors
  topic_create "$topic" 2
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic "$topic"
  has "Topic '$topic' already exists"
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --alter --topic "$topic" --partitions 1
  has "The topic $topic currently has 2 partition\(s\); 1 would not be an increase"
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic compat-replicated --replication-factor 3
  has '([Rr]eplication factor|target replication factor of 3)'
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic compat-config --config retention.ms=soon
  has 'Invalid value soon for configuration retention\.ms'
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic compat-config --config no.such.key=1
  has 'Unknown topic config name: no\.such\.key'
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --create --topic 'compat bad name'
  has "contains one or more characters other than ASCII alphanumerics"
  tool_fails kafka-topics --bootstrap-server "$BOOTSTRAP" --delete --topic compat-no-such-topic
  has "Topic 'compat-no-such-topic' does not exist as expected"
  topic_delete "$topic"
}

get_offsets() { tool_ok kafka-get-offsets --bootstrap-server "$BOOTSTRAP" "$@"; }

# Records of partition 0 carry the timestamps of three calls; partition 1 stays empty.
tools_get_offsets() {
  local topic=$PREFIX-get-offsets between
  topic_create "$topic" 2
  seq 1 10 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  sleep 0.05
  between=$(date +%s%3N)
  seq 1 5 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  get_offsets --topic "$topic"
  has "^$topic:0:15$"
  has "^$topic:1:0$"
  get_offsets --topic "$topic" --time earliest
  has "^$topic:0:0$"
  get_offsets --topic "$topic" --time "$between"
  has "^$topic:0:10$"
  get_offsets --topic "$topic" --time max-timestamp
  has "^$topic:0:1[0-4]$"
  get_offsets --topic-partitions "$topic:1"
  has "^$topic:1:0$"
  lacks "^$topic:0:"
  topic_delete "$topic"
}

tools_delete_records() {
  local topic=$PREFIX-delete-records file=$CHECK_DIR/offsets.json
  topic_create "$topic" 2
  seq 1 100 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  echo "{\"version\":1,\"partitions\":[{\"topic\":\"$topic\",\"partition\":0,\"offset\":40}]}" >"$file"
  tool_ok kafka-delete-records --bootstrap-server "$BOOTSTRAP" --offset-json-file "$file"
  has '^Records delete operation completed:$'
  has "^partition: $topic-0 low_watermark: 40$"
  get_offsets --topic "$topic" --time earliest
  has "^$topic:0:40$"
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e | head -n 1)" 41 'the first record left'
  echo "{\"version\":1,\"partitions\":[{\"topic\":\"$topic\",\"partition\":1,\"offset\":7}]}" >"$file"
  tool_ok kafka-delete-records --bootstrap-server "$BOOTSTRAP" --offset-json-file "$file"
  has "^partition: $topic-1 error: .*OffsetOutOfRangeException"
  topic_delete "$topic"
}

tools_log_dirs() {
  local topic=$PREFIX-log-dirs size
  topic_create "$topic" 2
  seq 1 100 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 1
  tool_ok kafka-log-dirs --bootstrap-server "$BOOTSTRAP" --describe --topic-list "$topic"
  has '^Received log directory information from brokers [0-9]+$'
  has '"error":null,"logDir":"/'
  has "\"partition\":\"$topic-0\",\"size\":0,\"offsetLag\":0,\"isFuture\":false"
  size=$(grep -oE "\"$topic-1\",\"size\":[0-9]+" <<<"$OUT" | cut -d : -f 2)
  ((size > 500)) || fail "100 records take $size bytes"
  topic_delete "$topic"
}

# What every client of the last years needs, in the versions that Kafka 4 itself still speaks.
tools_api_versions() {
  local api
  tool_ok kafka-broker-api-versions --bootstrap-server "$BOOTSTRAP"
  has "^$BOOTSTRAP \(id: [0-9]+ rack: null( isFenced: false)?\) -> \($"
  for api in 'Produce\(0\)' 'Fetch\(1\)' 'ListOffsets\(2\)' 'Metadata\(3\)' 'OffsetCommit\(8\)' 'OffsetFetch\(9\)' \
    'FindCoordinator\(10\)' 'JoinGroup\(11\)' 'Heartbeat\(12\)' 'LeaveGroup\(13\)' 'SyncGroup\(14\)' \
    'DescribeGroups\(15\)' 'ListGroups\(16\)' 'ApiVersions\(18\)' 'CreateTopics\(19\)' 'DeleteTopics\(20\)' \
    'DeleteRecords\(21\)' 'InitProducerId\(22\)' 'OffsetForLeaderEpoch\(23\)' 'DescribeConfigs\(32\)' \
    'AlterConfigs\(33\)' 'DescribeLogDirs\(35\)' 'CreatePartitions\(37\)' 'DeleteGroups\(42\)' \
    'IncrementalAlterConfigs\(44\)' 'OffsetDelete\(47\)' 'DescribeCluster\(60\)'; do
    has "^ $api: [0-9]+( to [0-9]+)? \[usable: [0-9]+\],?$"
  done
  figure "$(grep -c 'usable:' <<<"$OUT") APIs"
}

tools_cluster_id() {
  tool_ok kafka-cluster cluster-id --bootstrap-server "$BOOTSTRAP"
  has '^Cluster ID: [A-Za-z0-9_-]{22}$'
}
