#!/usr/bin/env bash
# Damaged frames against a broker whose addon reports every bad memory access and undefined operation.
#
#   bash test/fuzz/sanitized.sh [--frames 1000000] [--seed N]
#
# Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer in a copy of the tree, so that the ordinary
# build stays as it is. Leaks are left to the growth check: Node itself frees little when it ends.

set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cp -r "$repository"/{package.json,tsconfig.json,binding.gyp,src,native,test/fuzz,.ci} "$copy/"
mkdir "$copy/test"
mv "$copy/fuzz" "$copy/test/"
cp -r "$repository/test/support" "$repository/test/protocol" "$copy/test/"
ln -s "$repository/node_modules" "$copy/node_modules"
cd "$copy"

export CXXFLAGS='-fsanitize=address,undefined -fno-omit-frame-pointer -g -O1'
export LDFLAGS='-fsanitize=address,undefined'
node .ci/build-addon.mjs >"$copy/build.log" 2>&1 || { tail -n 30 "$copy/build.log" >&2; exit 1; }
npm run -s build:ts
runtime=$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libubsan.so)
# Short call stacks: the sanitizer keeps every distinct one, and those through compiled script never end, which looks
# like growth.
node --import tsx test/fuzz/run.ts --rss-growth-mb-max 64 --command \
  "env LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0:malloc_context_size=5 UBSAN_OPTIONS=print_stacktrace=1 node" "$@"
