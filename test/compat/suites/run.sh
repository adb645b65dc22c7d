#!/usr/bin/env bash
# The test suites of client libraries themselves, those about groups, against a broker that runs already.
#
#   bash test/compat/suites/run.sh franz-go     HOST:PORT [go test flags]
#   bash test/compat/suites/run.sh kafka-python HOST:PORT CHECKOUT [pytest arguments]
#   bash test/compat/suites/run.sh kafkajs      HOST:PORT CHECKOUT [jest arguments]
#
# CHECKOUT is a clone of the library's repository; it is copied, never changed. franz-go comes with its
# tests from the module proxy. What is fetched stays under .work/suites.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"

SUITES=$WORK/suites
FRANZ_GO=github.com/twmb/franz-go@v1.22.3

# Groups of both protocols with every balancer, static members, transactional groups, consuming in general.
# Share groups, SASL and TLS need what the broker must have configured.
suite_franz_go() {
  local address=$1 module=$SUITES/franz-go
  shift
  if [[ ! -d $module ]]; then
    mkdir -p "$SUITES"
    cp -r "$(go mod download -json "$FRANZ_GO" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" "$module"
    chmod -R u+w "$module"
  fi
  cd "$module/pkg/kgo"
  KGO_SEEDS=$address KGO_TEST_RF=1 KGO_TEST_RECORDS=${KGO_TEST_RECORDS:-50000} go test -count=1 -timeout 25m -v \
    -run 'TestGroup|Test848|TestConsume|TestIssue|TestTxnEtl|TestPause|TestAddRemove|TestDirect' "$@" .
}

suite_kafka_python() {
  local address=$1 checkout=$2 copy=$SUITES/kafka-python
  shift 2
  if [[ ! -d $copy ]]; then
    copy_of "$checkout" "$copy"
    python3 -m venv "$copy/.venv"
    "$copy/.venv/bin/pip" install -q --disable-pip-version-check pytest pytest-mock pytest-timeout zstandard \
      python-snappy lz4 crc32c xxhash
  fi
  cd "$copy"
  if (($# == 0)); then set -- test/integration -k 'consumer_integration or group or offset'; fi
  # An external broker is the suite's own mode; the version only chooses which tests apply, and the root,
  # of which nothing is run, must exist. Plain assertions, since rewriting them fails in some Pythons.
  KAFKA_URI=kafka://$address KAFKA_VERSION=${KAFKA_VERSION:-4.2.0} KAFKA_ROOT=$copy .venv/bin/python -m pytest -q \
    -p no:cacheprovider --assert=plain --tb=native -rA --show-capture=no "$@"
}

# The suite names its brokers in one helper, and alters topics through docker; both are redirected here.
suite_kafkajs() {
  local address=$1 checkout=$2 copy=$SUITES/kafkajs
  shift 2
  if [[ ! -d $copy ]]; then
    copy_of "$checkout" "$copy"
    cd "$copy"
    npm install --ignore-scripts --no-audit --no-fund --no-package-lock --legacy-peer-deps >/dev/null
    # shellcheck disable=SC2016 # JavaScript's own dollars
    sed -i -e 's/\[`${host}:9092`.*\]/[process.env.KAFKA_ADDRESS]/' -e 's/`${getHost()}:9092`/process.env.KAFKA_ADDRESS/' \
      -e "s/host: getHost(),/host: process.env.KAFKA_ADDRESS.split(':')[0],/" \
      -e "s/port: 9092,/port: +process.env.KAFKA_ADDRESS.split(':')[1],/" testHelpers/index.js
    cat >scripts/addPartitions.sh <<'SCRIPT'
#!/bin/bash -e
exec node -e "
const { Kafka } = require('./index')
const admin = new Kafka({ brokers: [process.env.KAFKA_ADDRESS] }).admin()
const topicPartitions = [{ topic: process.env.TOPIC, count: +process.env.PARTITIONS }]
admin.connect().then(() => admin.createPartitions({ topicPartitions })).then(() => admin.disconnect())"
SCRIPT
  fi
  cd "$copy"
  if (($# == 0)); then set -- --testPathPattern 'src/consumer/.*.spec.js'; fi
  KAFKA_ADDRESS=$address KAFKA_VERSION=${KAFKA_VERSION:-2.4} NODE_ENV=test KAFKAJS_DEBUG_PROTOCOL_BUFFERS=1 \
    node node_modules/.bin/jest --ci --maxWorkers=2 --no-watchman --forceExit --reporters=default "$@"
}

copy_of() {
  mkdir -p "$2"
  git -C "$1" archive HEAD | tar x -C "$2"
}

case ${1:-} in
  franz-go) shift; suite_franz_go "$@" ;;
  kafka-python) shift; suite_kafka_python "$@" ;;
  kafkajs) shift; suite_kafkajs "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
