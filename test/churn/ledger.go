package main

import (
	"fmt"
	"sync"
	"time"
)

const faultsMax = 20

type place struct {
	generation int32
	partition  int32
}

// ledger is what members and observer saw, shared by all of them.
type ledger struct {
	mu        sync.Mutex
	seen      [][]bool // partition -> offset -> delivered
	committed []int64  // partition -> highest offset whose commit was acknowledged
	observed  []int64  // partition -> highest committed offset the broker told
	owners    map[place]string
	last      time.Time
	silence   time.Duration // longest time without a record that was new

	delivered, repeated, commits, refused, faultCount int
	found                                             []string
}

func newLedger(partitions int) *ledger {
	return &ledger{seen: make([][]bool, partitions), committed: make([]int64, partitions),
		observed: make([]int64, partitions), owners: map[place]string{}, last: time.Now()}
}

func (l *ledger) fault(format string, args ...any) {
	l.faultCount++
	if len(l.found) < faultsMax {
		l.found = append(l.found, fmt.Sprintf(format, args...))
	}
}

func (l *ledger) take(partition int32, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delivered++
	for int64(len(l.seen[partition])) <= offset {
		l.seen[partition] = append(l.seen[partition], false)
	}
	if l.seen[partition][offset] {
		l.repeated++
		return
	}
	l.seen[partition][offset] = true
	l.silence, l.last = max(l.silence, time.Since(l.last)), time.Now()
}

// own: a member was given partitions in a generation, or at an epoch.
func (l *ledger) own(member string, generation int32, partitions []int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, partition := range partitions {
		at := place{generation, partition}
		if other, taken := l.owners[at]; taken && other != member {
			l.fault("generation %d gave partition %d to %s and to %s", generation, partition, other, member)
		}
		l.owners[at] = member
	}
}

func (l *ledger) generations() int {
	generations := map[int32]bool{}
	for at := range l.owners {
		generations[at.generation] = true
	}
	return len(generations)
}

func (l *ledger) acknowledged(partition int32, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits++
	l.committed[partition] = max(l.committed[partition], offset)
}

func (l *ledger) refusal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused++
}

func (l *ledger) acknowledgedNow() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64(nil), l.committed...)
}

// observe: the broker told a committed offset; atLeast was acknowledged before it was asked.
func (l *ledger) observe(partition int32, offset, atLeast int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if floor := max(atLeast, l.observed[partition]); offset < floor {
		l.fault("partition %d: committed offset %d, after %d", partition, offset, floor)
	}
	l.observed[partition] = max(l.observed[partition], offset)
}

func (l *ledger) faults() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.found...)
}

func (l *ledger) undelivered(ends []int64) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	faults := []string{}
	for partition, end := range ends {
		missing := int64(0)
		for offset := range end {
			if offset >= int64(len(l.seen[partition])) || !l.seen[partition][offset] {
				missing++
			}
		}
		if missing > 0 {
			faults = append(faults, fmt.Sprintf("partition %d: %d of %d records were not delivered", partition, missing, end))
		}
	}
	return faults
}
