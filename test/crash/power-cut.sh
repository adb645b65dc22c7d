#!/usr/bin/env bash
# Cuts the power under load, over and over, and compares what is left with what was acknowledged; see power-cut.py.
# Needs root, to mount the file system that loses what was not synced.
#
#   bash test/crash/power-cut.sh [--cuts 50] [--file-system ext4|lazyfs] [--seed N]
#
# ext4     on a loop device, shut down without flushing its journal: loses file contents, sizes, names and renames
#          alike, and comes back through its own journal recovery.
# lazyfs   LazyFS, a FUSE file system that keeps unsynced contents in its process, which is killed. Names and
#          renames survive. LAZYFS names the program; skipped where it does not.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../compat/lib/common.sh"
source "$COMPAT/lib/install.sh"

CUTS=50 FILE_SYSTEM=ext4 SEED=$EPOCHSECONDS
while (($# > 0)); do
  case $1 in
    --cuts) CUTS=$2; shift 2 ;;
    --file-system) FILE_SYSTEM=$2; shift 2 ;;
    --seed) SEED=$2; shift 2 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

skip() {
  echo "skipped: $*"
  exit 0
}

DIR=$WORK/crash/power-cut-$FILE_SYSTEM
MOUNT=$DIR/mount

ext4_prepare() {
  command -v mkfs.ext4 >/dev/null || skip 'there is no mkfs.ext4'
  truncate -s 2G "$DIR/image"
  mkfs.ext4 -q -F "$DIR/image"
}

# A long commit interval and no help for careless renames: whatever is not synced is lost.
ext4_mount() { mount -o loop,commit=300,noauto_da_alloc "$DIR/image" "$MOUNT"; }

ext4_cut() {
  python3 - "$MOUNT" <<'PYTHON'
import fcntl, os, struct, sys
EXT4_IOC_SHUTDOWN, GOING_FLAGS_NOLOGFLUSH = 0x8004587D, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack('I', GOING_FLAGS_NOLOGFLUSH))
PYTHON
}

lazyfs_prepare() {
  [[ -c /dev/fuse ]] || skip 'there is no FUSE here (/dev/fuse)'
  [[ -x ${LAZYFS:-} ]] || skip 'LAZYFS names no program'
  mkdir -p "$DIR/root"
}

lazyfs_mount() {
  cat >"$DIR/lazyfs.toml" <<TOML
[faults]
fifo_path="$DIR/lazyfs.fifo"
[cache]
apply_eviction=false
[cache.simple]
custom_size="1gb"
blocks_per_page=1
[filesystem]
log_all_operations=false
logfile="$DIR/lazyfs.log"
TOML
  "$LAZYFS" "$MOUNT" --config-path "$DIR/lazyfs.toml" -o allow_other -o modules=subdir -o "subdir=$DIR/root" -f \
    >"$DIR/lazyfs.out" 2>&1 </dev/null &
  echo $! >"$DIR/lazyfs.pid"
  disown $!
  until mountpoint -q "$MOUNT"; do
    kill -0 "$(<"$DIR/lazyfs.pid")" || { cat "$DIR/lazyfs.out" >&2; return 1; }
    sleep 0.05
  done
}

lazyfs_cut() { kill -9 "$(<"$DIR/lazyfs.pid")"; }

# The harness calls this script back for each of the two.
if [[ -n ${POWER_CUT_STEP:-} ]]; then
  case $POWER_CUT_STEP in
    cut) "${FILE_SYSTEM}_cut" ;;
    restore)
      umount "$MOUNT" 2>/dev/null || umount -l "$MOUNT"
      "${FILE_SYSTEM}_mount"
      ;;
  esac
  exit
fi

[[ $(id -u) == 0 ]] || skip 'mounting a file system needs root'
install_python
umount -l "$MOUNT" 2>/dev/null || true
rm -rf "$DIR"
mkdir -p "$MOUNT"
"${FILE_SYSTEM}_prepare"
"${FILE_SYSTEM}_mount" || skip "$FILE_SYSTEM cannot be mounted here"
trap 'umount "$MOUNT" 2>/dev/null || umount -l "$MOUNT"; [[ $FILE_SYSTEM == lazyfs ]] && kill -9 "$(<"$DIR/lazyfs.pid")" 2>/dev/null; rm -f "$DIR/image"' EXIT

PORT=$(free_port)
START="node '$COMPAT/../../dist/cli/millrace.js' start --override listeners=PLAINTEXT://127.0.0.1:$PORT \
  --override log.dirs='$MOUNT/data' --override log.flush.offset.checkpoint.interval.ms=500 \
  --override log.flush.start.offset.checkpoint.interval.ms=500"
SELF="FILE_SYSTEM=$FILE_SYSTEM bash '${BASH_SOURCE[0]}' --file-system $FILE_SYSTEM"
"$WORK/venv/bin/python" "$COMPAT/../crash/power-cut.py" --bootstrap "127.0.0.1:$PORT" --start "$START" \
  --log "$DIR/server.log" --cut "POWER_CUT_STEP=cut $SELF" --restore "POWER_CUT_STEP=restore $SELF" \
  --cuts "$CUTS" --seed "$SEED"
