# kafka-configs on topics and brokers.

check tools-configs-topic tools_configs_topic
check tools-configs-broker tools_configs_broker

configs() { tool_ok kafka-configs --bootstrap-server "$BOOTSTRAP" "$@"; }

tools_configs_topic() {
  local topic=$PREFIX-configs
  topic_create "$topic" 1 retention.ms=100000
  configs --entity-type topics --entity-name "$topic" --describe
  has "^Dynamic configs for topic $topic are:$"
  has '^ retention\.ms=100000 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:retention\.ms=100000\}$'
  configs --entity-type topics --entity-name "$topic" --alter \
    --add-config 'retention.ms=200000,cleanup.policy=[compact,delete]'
  has "^Completed updating config for topic $topic\.$"
  configs --entity-type topics --entity-name "$topic" --describe
  has '^ retention\.ms=200000 '
  has '^ cleanup\.policy=compact,delete sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:cleanup\.policy=compact,delete, DEFAULT_CONFIG:log\.cleanup\.policy=delete\}$'
  configs --entity-type topics --entity-name "$topic" --alter --delete-config retention.ms
  configs --entity-type topics --entity-name "$topic" --describe
  lacks '^ retention\.ms='
  configs --entity-type topics --entity-name "$topic" --describe --all
  has "^All configs for topic $topic are:$"
  has '^ retention\.ms=604800000 '
  has '^ max\.message\.bytes=1048588 '
  has '^ compression\.type=producer '
  has '^ message\.timestamp\.type=CreateTime '
  has '^ min\.insync\.replicas=1 '
  has '^ segment\.bytes=1073741824 '
  tool_fails kafka-configs --bootstrap-server "$BOOTSTRAP" --entity-type topics --entity-name "$topic" --alter \
    --add-config retention.ms=soon
  configs --entity-type topics --entity-name "$topic" --describe
  lacks '^ retention\.ms='
  topic_delete "$topic"
}

tools_configs_broker() {
  local id
  id=$(kcat -L -J -b "$BOOTSTRAP" | grep -oE '"brokers":\[\{"id":[0-9]+' | grep -oE '[0-9]+$')
  configs --entity-type brokers --entity-name "$id" --describe --all
  has "^All configs for broker $id are:$"
  has '^ message\.max\.bytes=1048588 sensitive=false synonyms=\{DEFAULT_CONFIG:message\.max\.bytes=1048588\}$'
  has '^ log\.retention\.hours=168 '
  has '^ auto\.create\.topics\.enable=true '
  has '^ group\.initial\.rebalance\.delay\.ms=3000 '
  has '^ log\.dirs=/[^ ]+ sensitive=false synonyms=\{STATIC_BROKER_CONFIG:log\.dirs='
  configs --entity-type brokers --entity-name "$id" --alter --add-config log.retention.ms=123456789
  has "^Completed updating config for broker $id\.$"
  configs --entity-type brokers --entity-name "$id" --describe
  has '^ log\.retention\.ms=123456789 .*DYNAMIC_BROKER_CONFIG:log\.retention\.ms=123456789'
  configs --entity-type brokers --entity-name "$id" --alter --delete-config log.retention.ms
  configs --entity-type brokers --entity-name "$id" --describe
  lacks '^ log\.retention\.ms='
}
