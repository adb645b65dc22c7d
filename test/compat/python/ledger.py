"""What the lifecycle scenario sends and how it judges what came back, see node/ledger.mjs."""

import json
import os
import sys
import threading
import time

PARTITIONS = 8
RECORDS_PER_PHASE = 2000
MEMBERS = 2
PHASE_TIMEOUT_S = 60
# A record that is delivered twice arrives after the wanted number is reached.
SETTLE_S = 0.5


def key_of(index):
    return b"key-%d" % index


def value_of(index):
    return b"value-%d-%s" % (index, b"x" * (index % 200))


def headers_of(index):
    return [("index", b"%d" % index), ("empty", b""), ("source", b"compat")]


class Ledger:
    """Shared by the threads of both members."""

    def __init__(self):
        self._lock = threading.Lock()
        self._taken = set()
        self._offsets = {}
        self._owned = {}
        self.counts = {"consumed": 0, "repeated": 0, "damaged": 0, "misordered": 0}

    def take(self, partition, offset, key, value, headers):
        index = int(dict(headers)["index"])
        with self._lock:
            self.counts["consumed"] += 1
            self.counts["repeated"] += index in self._taken
            self._taken.add(index)
            same = (key, value, list(headers)) == (key_of(index), value_of(index), headers_of(index))
            self.counts["damaged"] += not same
            self.counts["misordered"] += offset != self._offsets.get(partition, 0)
            self._offsets[partition] = offset + 1

    def own(self, member, partitions):
        with self._lock:
            self._owned[member] = set(partitions)

    def distinct(self):
        return len(self._taken)

    def phase_begin(self):
        """While no member runs: a late report of the last phase must not count in this one."""
        self._owned.clear()

    def phase_end(self, records_wanted):
        deadline = time.monotonic() + PHASE_TIMEOUT_S
        while self.distinct() < records_wanted or not self._all_owned():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.distinct()} of {records_wanted} records, owned {self._owned}")
            time.sleep(0.02)
        with self._lock:
            shares = [len(partitions) for partitions in self._owned.values()]
        time.sleep(SETTLE_S)
        return shares

    def _all_owned(self):
        with self._lock:
            owned = list(self._owned.values())
        # A member may tell of what it gave up after another told of having it.
        told = sum(len(partitions) for partitions in owned)
        return len(owned) == MEMBERS and all(owned) and told == len(set().union(*owned)) == PARTITIONS


def lifecycle(client, ledger, produce, member):
    """member(number, stop) consumes until the event is set, then commits and closes."""
    threading.excepthook = _fail_at_once
    shares = []
    for phase in range(2):
        first = phase * RECORDS_PER_PHASE
        produce(range(first, first + RECORDS_PER_PHASE))
        ledger.phase_begin()
        stop = threading.Event()
        threads = [threading.Thread(target=member, args=(n, stop), daemon=True) for n in range(MEMBERS)]
        for thread in threads:
            thread.start()
        shares.append(ledger.phase_end(first + RECORDS_PER_PHASE))
        stop.set()
        for thread in threads:
            thread.join(PHASE_TIMEOUT_S)
            if thread.is_alive():
                raise TimeoutError("a member did not stop")
    produced = 2 * RECORDS_PER_PHASE
    print(json.dumps({"client": client, "produced": produced, "distinct": ledger.distinct(), **ledger.counts,
                      "shares": shares}, separators=(",", ":")))


def _fail_at_once(thrown):
    sys.excepthook(thrown.exc_type, thrown.exc_value, thrown.exc_traceback)
    os._exit(1)
