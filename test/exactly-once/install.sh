# What the scenarios need beyond the compatibility checks. To be sourced after common.sh and lib/install.sh.

EXACTLY_ONCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STREAMS_JARS=$WORK/streams-jars

KGO_VERIFIER=${KGO_VERIFIER:-$(command -v kgo-verifier || true)}
FRANZ_GO=github.com/twmb/franz-go@v1.22.3
FRANZ_GO_TEST=$WORK/bin/franz-go-test

install_exactly_once() {
  [[ $1 != *verifier ]] || need_kgo_verifier
  [[ $1 != etl ]] || install_franz_go_test
  install_kcat
  install_jars
  install_python
  once streams "$EXACTLY_ONCE/pom.xml" -- bash -c "rm -rf '$STREAMS_JARS' && mvn -q -B -f '$EXACTLY_ONCE/pom.xml' \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory='$STREAMS_JARS'"
  once exactly-once-classes "$EXACTLY_ONCE/pom.xml" "$EXACTLY_ONCE"/java/*.java -- \
    javac -d "$WORK/exactly-once-classes" -cp "$STREAMS_JARS/*:$JARS/*" "$EXACTLY_ONCE"/java/*.java
}

need_kgo_verifier() {
  [[ -x $KGO_VERIFIER ]] || { echo 'KGO_VERIFIER names no program; see test/exactly-once/README.md' >&2; exit 2; }
}

# The tests come with the module; they are built in a copy, for the module's own folder cannot be written.
install_franz_go_test() {
  once franz-go-test "$EXACTLY_ONCE/install.sh" -- bash -c "set -e; rm -rf '$WORK/franz-go-source'
    folder=\$(cd / && go mod download -json '$FRANZ_GO' | sed -n 's/.*\"Dir\": \"\(.*\)\".*/\1/p')
    cp -r \"\$folder\" '$WORK/franz-go-source'
    chmod -R u+w '$WORK/franz-go-source'
    cd '$WORK/franz-go-source' && go test -c -o '$FRANZ_GO_TEST' ./pkg/kgo"
}
