#!/usr/bin/env bash
# librdkafka's own performance tool, built into bench/.work/librdkafka from the sources that a Node package carries.
# Without TLS, SASL and HTTP, which no comparison uses; the codecs are those it brings along.
#
#   bash bench/librdkafka/build.sh        prints the path of the program

set -euo pipefail
PACKAGE=node-rdkafka@3.6.1
OUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.work/librdkafka
PROGRAM=$OUT/package/deps/librdkafka/examples/rdkafka_performance

if [[ ! -x $PROGRAM ]]; then
  mkdir -p "$OUT"
  cd "$OUT"
  tar xzf "$(npm pack --silent "$PACKAGE")"
  cd package/deps/librdkafka
  {
    ./configure --disable-ssl --disable-gssapi --disable-sasl --disable-curl --disable-zstd --disable-lz4-ext
    make -s -C src librdkafka.a
    make -s -C examples rdkafka_performance
  } >"$OUT/build.log" 2>&1 || { tail -n 20 "$OUT/build.log" >&2; exit 1; }
fi
echo "$PROGRAM"
