# Records of 100 bytes through kcat (librdkafka), one partition, one codec each: what comes out must be
# what went in, in the same order.

for codec in none gzip snappy lz4 zstd; do check "kcat-$codec" kcat_round_trip "$codec"; done

# records_file COUNT: lines of 99 characters and a newline, the same in every run, half compressible.
records_file() {
  # Another lane may be at it as well.
  local file=$WORK/data/records-$1 part=$WORK/data/records-$1.$BASHPID
  if [[ ! -f $file ]]; then
    mkdir -p "$WORK/data"
    node "$COMPAT/lib/records.mjs" "$1" >"$part"
    mv "$part" "$file"
  fi
  echo "$file"
}

kcat_round_trip() {
  local codec=$1 topic=$PREFIX-kcat-$1 input started in_seconds out_seconds
  input=$(records_file "$RECORDS")
  topic_create "$topic" 1
  started=$(now_us)
  timeout 300 kcat -P -b "$BOOTSTRAP" -t "$topic" -p 0 -z "$codec" -X acks=all -X enable.idempotence=true \
    -X queue.buffering.max.messages=1000000 <"$input"
  in_seconds=$(seconds_since "$started")
  started=$(now_us)
  timeout 300 kcat -C -q -b "$BOOTSTRAP" -t "$topic" -p 0 -o beginning -e >"$CHECK_DIR/out"
  out_seconds=$(seconds_since "$started")
  equal "$(wc -l <"$CHECK_DIR/out")" "$RECORDS" 'the number of records read'
  equal "$(sha256sum <"$CHECK_DIR/out")" "$(sha256sum <"$input")" 'the digest of the records read'
  kcat_codec_was_used "$codec" "$topic"
  rm "$CHECK_DIR/out"
  topic_delete "$topic"
  figure "$RECORDS records, in $in_seconds s, out $out_seconds s"
}

# The stored size tells whether the batches were kept as the producer compressed them.
kcat_codec_was_used() {
  local codec=$1 topic=$2 size
  tool_ok kafka-log-dirs --bootstrap-server "$BOOTSTRAP" --describe --topic-list "$topic"
  size=$(grep -oE '"size":[0-9]+' <<<"$OUT" | head -n 1 | cut -d : -f 2)
  figure "stored ${size:-?} bytes"
  if [[ $codec == none ]]; then
    ((size > RECORDS * 100)) || fail "only $size bytes are stored of $RECORDS records"
  else
    ((size < RECORDS * 95)) || fail "$size bytes are stored: not compressed"
  fi
}
