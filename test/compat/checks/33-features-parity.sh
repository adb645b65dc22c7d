# kafka-features up and down, by mistake and by force, compared line by line with what Apache Kafka 4.4 answers:
# expected/features-tool.txt is its transcript, written by a run with --peer kafka and RECORD=1. Only the line of
# transaction.version is compared of what the broker describes, for each broker has other features beside it.

check features-parity needing UpdateFeatures features_parity

features_parity() {
  TRANSCRIPT=$CHECK_DIR/transcript
  : >"$TRANSCRIPT"
  features describe
  features downgrade --feature transaction.version=1
  features downgrade --feature transaction.version=1
  features describe
  features upgrade --feature transaction.version=2 --dry-run
  features upgrade --feature transaction.version=3
  features upgrade --feature transaction.version=0
  features upgrade --feature transaction.version=-1
  features downgrade --feature transaction.version=2
  features downgrade --feature transaction.version=0
  features describe
  features upgrade --feature transaction.version=2
  features upgrade --feature nothing.version=1
  features downgrade --feature nothing.version=0
  features downgrade --unsafe --feature transaction.version=1
  features upgrade --feature transaction.version=2 --feature nothing.version=1
  features describe
  features disable --feature transaction.version --dry-run
  features disable --feature transaction.version
  features upgrade --feature transaction.version=2
  features downgrade --feature metadata.version=8 --dry-run
  features downgrade --unsafe --feature metadata.version=8 --dry-run
  features describe
  as_recorded features-tool.txt "$TRANSCRIPT"
}

features() {
  act_with kafka-features "$@"
  sed -E -i -e '/^Feature: transaction\.version /!{/^Feature: /d}' \
    -e 's/Epoch: [0-9]+/Epoch: N/; s/downgrade from [0-9]+ to/downgrade from N to/' "$TRANSCRIPT"
}
