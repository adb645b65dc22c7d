#!/usr/bin/env bash
# Fills the disk under a broker and gives it room again; see disk-full.py. Needs root, to mount a small tmpfs.
#
#   bash test/crash/disk-full.sh

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"
source "$COMPAT/lib/broker.sh"
PEER=millrace

if [[ $(id -u) != 0 ]]; then
  echo 'skipped: mounting a small file system needs root'
  exit 0
fi
install_python
MOUNT=$(mktemp -d)
mount -t tmpfs -o size=48m tmpfs "$MOUNT"
trap 'broker_stop; umount "$MOUNT"; rmdir "$MOUNT"' EXIT
BROKER_DIR=$MOUNT BROKER_PORT=$(free_port)
broker_start
"$WORK/venv/bin/python" "$COMPAT/../crash/disk-full.py" --bootstrap "127.0.0.1:$BROKER_PORT" --mount "$MOUNT"
