# What a producer or consumer may do beside sending many plain records.

check kcat-acks kcat_acks
check kcat-nulls kcat_nulls
check kcat-large kcat_large
check kcat-auto-create kcat_auto_create
check kcat-offsets kcat_offsets
check kcat-long-poll kcat_long_poll

# All three kinds of acknowledgement; after acks=0 the records arrive a little later.
kcat_acks() {
  local topic=$PREFIX-acks acks
  topic_create "$topic" 1
  for acks in 0 1 all; do seq 1 100 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -X acks=$acks; done
  eventually 10 kcat_acks_arrived "$topic"
  topic_delete "$topic"
}

kcat_acks_arrived() {
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$1" -p 0 -o beginning -e | sort -n | uniq -c | awk '{ print $1 }' | uniq -c \
    | tr -s ' ')" ' 100 3' 'how often each of 100 records came'
}

# Neither a null nor an empty key or value may turn into the other: %K and %S are lengths, -1 for null.
kcat_nulls() {
  local topic=$PREFIX-nulls
  topic_create "$topic" 1
  printf 'key:\n:value\n:\n' | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -K : -Z -H one=1 -H none
  printf 'key:\n:value\n' | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -K :
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e -f '%o %K %S %h|' -u)" \
    '0 3 -1 one=1,none=NULL|1 -1 5 one=1,none=NULL|2 -1 -1 one=1,none=NULL|3 3 0 |4 0 5 |' 'lengths and headers'
  topic_delete "$topic"
}

# A record of almost max.message.bytes passes; a larger one is refused, with the producer's own limit out of the way.
kcat_large() {
  local topic=$PREFIX-large error
  topic_create "$topic" 1
  head -c 1000000 /dev/zero | tr '\0' x >"$CHECK_DIR/fits"
  head -c 1100000 /dev/zero | tr '\0' x >"$CHECK_DIR/too-large"
  kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -X message.max.bytes=2000000 "$CHECK_DIR/fits"
  error=$(kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -X message.max.bytes=2000000 "$CHECK_DIR/too-large" 2>&1 || true)
  [[ $error == *'Message size too large'* ]] || fail "the too large record was answered: $error"
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e -f '%o %S|')" '0 1000000|' 'what is stored'
  tool_ok kafka-configs --bootstrap-server "$BOOTSTRAP" --entity-type topics --entity-name "$topic" --alter \
    --add-config max.message.bytes=2000000
  kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -X message.max.bytes=2000000 "$CHECK_DIR/too-large"
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e -f '%o %S|')" '0 1000000|1 1100000|' \
    'what is stored after the limit was raised'
  topic_delete "$topic"
}

# Producing to a topic that does not exist makes it, with num.partitions partitions.
kcat_auto_create() {
  local topic=$PREFIX-auto
  echo hello | kcat -P -b "$BOOTSTRAP" -t "$topic"
  OUT=$(kcat -L -b "$BOOTSTRAP" -t "$topic")
  has "topic \"$topic\" with 1 partitions:"
  has 'partition 0, leader ([0-9]+), replicas: \1, isrs: \1$'
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -o beginning -e)" hello 'the record'
  topic_delete "$topic"
}

# From an offset, from the end, and a search by timestamp.
kcat_offsets() {
  local topic=$PREFIX-offsets between
  topic_create "$topic" 1
  seq 1 50 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  sleep 0.05
  between=$(date +%s%3N)
  seq 51 100 | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o 90 -e | head -n 1)" 91 'the record at offset 90'
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o -5 -e | tr '\n' ' ')" '96 97 98 99 100 ' 'the last five'
  equal "$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o "s@$between" -e | head -n 1)" 51 'the first after a time'
  OUT=$(kcat -Q -b "$BOOTSTRAP" -t "$topic:0:$between")
  has "^$topic \[0\] offset 50$"
  OUT=$(kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o 1000 -e -X auto.offset.reset=error 2>&1 || true)
  has '[Oo]ffset out of range'
  topic_delete "$topic"
}

# A consumer at the end gets the next record at once, long before its fetch would time out.
kcat_long_poll() {
  local topic=$PREFIX-long-poll reader started waited_ms
  topic_create "$topic" 1
  kcat -C -q -u -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -c 1 -X fetch.wait.max.ms=60000 \
    -X socket.timeout.ms=120000 >"$CHECK_DIR/read" 7>&- 8>&- &
  reader=$!
  sleep 2
  started=$(now_us)
  echo hello | kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0
  wait "$reader"
  waited_ms=$((($(now_us) - started) / 1000))
  equal "$(<"$CHECK_DIR/read")" hello 'the record'
  ((waited_ms < 30000)) || fail "the record came after $waited_ms ms"
  figure "$waited_ms ms from producer's start to consumer's end"
  topic_delete "$topic"
}
