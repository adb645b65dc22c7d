package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What the lifecycle scenario sends and how it judges what came back, see node/ledger.mjs.
const (
	partitions      = 8
	recordsPerPhase = 2000
	memberCount     = 2
	phaseTimeout    = 60 * time.Second
	// A record that is delivered twice arrives after the wanted number is reached.
	settle = 500 * time.Millisecond
)

func recordOf(topic string, index int) *kgo.Record {
	return &kgo.Record{
		Topic: topic,
		Key:   []byte("key-" + strconv.Itoa(index)),
		Value: []byte("value-" + strconv.Itoa(index) + "-" + strings.Repeat("x", index%200)),
		Headers: []kgo.RecordHeader{
			{Key: "index", Value: []byte(strconv.Itoa(index))},
			{Key: "empty", Value: []byte{}},
			{Key: "source", Value: []byte("compat")},
		},
	}
}

// ledger is shared by the goroutines of both members.
type ledger struct {
	mu      sync.Mutex
	taken   map[int]bool
	offsets map[int32]int64
	owned   map[int]map[int32]bool

	consumed, repeated, damaged, misordered int
}

func newLedger() *ledger {
	return &ledger{taken: map[int]bool{}, offsets: map[int32]int64{}, owned: map[int]map[int32]bool{}}
}

func (l *ledger) take(r *kgo.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.consumed++
	index := -1
	if len(r.Headers) > 0 {
		index, _ = strconv.Atoi(string(r.Headers[0].Value))
	}
	if l.taken[index] {
		l.repeated++
	}
	l.taken[index] = true
	if !same(r, recordOf(r.Topic, index)) {
		l.damaged++
	}
	if r.Offset != l.offsets[r.Partition] {
		l.misordered++
	}
	l.offsets[r.Partition] = r.Offset + 1
}

func same(got, wanted *kgo.Record) bool {
	equal := string(got.Key) == string(wanted.Key) && string(got.Value) == string(wanted.Value) &&
		len(got.Headers) == len(wanted.Headers)
	for i := 0; equal && i < len(wanted.Headers); i++ {
		equal = got.Headers[i].Key == wanted.Headers[i].Key &&
			string(got.Headers[i].Value) == string(wanted.Headers[i].Value)
	}
	return equal
}

// own adds or removes what a member owns.
func (l *ledger) own(member int, changed []int32, owns bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owned[member] == nil {
		l.owned[member] = map[int32]bool{}
	}
	for _, partition := range changed {
		if owns {
			l.owned[member][partition] = true
		} else {
			delete(l.owned[member], partition)
		}
	}
}

// phaseBegin is called while no member runs: a late report of the last phase must not count in this one.
func (l *ledger) phaseBegin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owned = map[int]map[int32]bool{}
}

// phaseEnd waits for the records and the assignment, and returns each member's share.
func (l *ledger) phaseEnd(recordsWanted int) ([]int, error) {
	for deadline := time.Now().Add(phaseTimeout); !l.isOver(recordsWanted); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d of %d records, owned %v", len(l.taken), recordsWanted, l.owned)
		}
	}
	shares := l.shares()
	time.Sleep(settle)
	return shares, nil
}

func (l *ledger) shares() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	shares := []int{}
	for member := range memberCount {
		shares = append(shares, len(l.owned[member]))
	}
	return shares
}

func (l *ledger) isOver(recordsWanted int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A member may tell of what it gave up after another told of having it.
	union, told := map[int32]bool{}, 0
	for _, owned := range l.owned {
		if len(owned) == 0 {
			return false
		}
		told += len(owned)
		for partition := range owned {
			union[partition] = true
		}
	}
	return len(l.taken) >= recordsWanted && len(l.owned) == memberCount && told == partitions && len(union) == partitions
}
