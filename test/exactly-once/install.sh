# What the scenarios need beyond the compatibility checks. To be sourced after common.sh and lib/install.sh.

EXACTLY_ONCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STREAMS_JARS=$WORK/streams-jars

KGO_VERIFIER=${KGO_VERIFIER:-$WORK/bin/kgo-verifier}
FRANZ_GO=github.com/twmb/franz-go@v1.22.3
FRANZ_GO_TEST=$WORK/bin/franz-go-test

install_exactly_once() {
  [[ $1 != *verifier ]] || install_kgo_verifier
  [[ $1 != etl ]] || install_franz_go_test
  install_kcat
  install_jars
  install_python
  once streams "$EXACTLY_ONCE/pom.xml" -- bash -c "rm -rf '$STREAMS_JARS' && mvn -q -B -f '$EXACTLY_ONCE/pom.xml' \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory='$STREAMS_JARS'"
  once exactly-once-classes "$EXACTLY_ONCE/pom.xml" "$EXACTLY_ONCE"/java/*.java -- \
    javac -d "$WORK/exactly-once-classes" -cp "$STREAMS_JARS/*:$JARS/*" "$EXACTLY_ONCE"/java/*.java
}

# From its sources in KGO_VERIFIER_SOURCE, or a clone. It expects of every broker the control record with which its own
# begins a transaction in each partition; Kafka's protocol has none, so here it is not counted.
install_kgo_verifier() {
  local source=${KGO_VERIFIER_SOURCE:-} copy=$WORK/kgo-verifier
  [[ -x $KGO_VERIFIER ]] && return
  rm -rf "$copy"
  if [[ -n $source ]]; then
    cp -r "$source" "$copy"
  else
    git clone -q --depth 1 https://github.com/redpanda-data/kgo-verifier "$copy"
  fi
  python3 - "$copy/pkg/worker/transaction_stm.go" <<'PYTHON'
import re, sys
path = sys.argv[1]
text = open(path).read()
head, begin = text.split('// Begin new transaction if one doesn\'t exist', 1)
begin, count = re.subn(r'\n\t\taddedControlMarkers \+= 1\n', '\n', begin, count=1)
assert count == 1, 'the verifier counts markers in another way now'
open(path, 'w').write(head + begin)
PYTHON
  once kgo-verifier "$copy/go.mod" "$copy/pkg/worker/transaction_stm.go" -- \
    bash -c "cd '$copy' && go build -o '$KGO_VERIFIER' ./cmd/kgo-verifier"
}

# The tests come with the module; they are built in a copy, for the module's own folder cannot be written.
install_franz_go_test() {
  once franz-go-test "$EXACTLY_ONCE/install.sh" -- bash -c "set -e; rm -rf '$WORK/franz-go-source'
    folder=\$(cd / && go mod download -json '$FRANZ_GO' | sed -n 's/.*\"Dir\": \"\(.*\)\".*/\1/p')
    cp -r \"\$folder\" '$WORK/franz-go-source'
    chmod -R u+w '$WORK/franz-go-source'
    cd '$WORK/franz-go-source' && go test -c -o '$FRANZ_GO_TEST' ./pkg/kgo"
}
