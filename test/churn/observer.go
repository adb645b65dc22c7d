package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const observeInterval = time.Second

// observer asks the broker what it believes, all the time. A question that fails is asked again.
type observer struct {
	options                      *options
	ledger                       *ledger
	client                       *kgo.Client
	admin                        *kadm.Client
	done, ended                  chan struct{}
	offsetChecks, describeChecks atomic.Int64
}

func startObserver(o *options, l *ledger) (*observer, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(o.bootstrap), kgo.RetryTimeout(5*time.Second))
	if err != nil {
		return nil, err
	}
	w := &observer{options: o, ledger: l, client: client, admin: kadm.NewClient(client), done: make(chan struct{}),
		ended: make(chan struct{})}
	go w.run()
	return w, nil
}

func (w *observer) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.done:
			return
		case <-time.After(observeInterval):
			w.offsets()
			w.group()
		}
	}
}

func (w *observer) stop() {
	close(w.done)
	<-w.ended
	w.client.Close()
}

func (w *observer) offsets() []int64 {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	atLeast := w.ledger.acknowledgedNow()
	told, err := w.admin.FetchOffsets(ctx, w.options.group)
	if err != nil {
		return nil
	}
	committed := make([]int64, w.options.partitions)
	for partition := range committed {
		offset, found := told.Lookup(w.options.topic, int32(partition))
		if found && offset.Err != nil {
			return nil
		}
		committed[partition] = max(0, offset.At)
		w.ledger.observe(int32(partition), committed[partition], atLeast[partition])
	}
	w.offsetChecks.Add(1)
	return committed
}

// group returns the state, how many members there are, and how many partitions have an owner.
func (w *observer) group() (state string, members, owned int) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	assignments := []map[int32]bool{}
	state, err := w.describe(ctx, func(partitions []int32) {
		assignment := map[int32]bool{}
		for _, partition := range partitions {
			assignment[partition] = true
		}
		assignments = append(assignments, assignment)
	})
	if err != nil {
		return err.Error(), 0, 0
	}
	owners := map[int32]int{}
	for index, assignment := range assignments {
		for partition := range assignment {
			if other, taken := owners[partition]; taken {
				w.ledger.mu.Lock()
				w.ledger.fault("in state %s members %d and %d of one description own partition %d", state, other, index, partition)
				w.ledger.mu.Unlock()
			}
			owners[partition] = index
		}
	}
	w.describeChecks.Add(1)
	return state, len(assignments), len(owners)
}

// describe: an assignment of the classic protocol is of the last generation, so only a stable group is looked into.
func (w *observer) describe(ctx context.Context, each func([]int32)) (string, error) {
	if w.options.protocol == "consumer" {
		groups, err := w.admin.DescribeConsumerGroups(ctx, w.options.group)
		if err == nil {
			err = groups[w.options.group].Err
		}
		for _, member := range groups[w.options.group].Members {
			each(slices.Collect(maps.Keys(member.Assignment[w.options.topic])))
		}
		return groups[w.options.group].State, err
	}
	groups, err := w.admin.DescribeGroups(ctx, w.options.group)
	if err == nil {
		err = groups[w.options.group].Err
	}
	if groups[w.options.group].State != "Stable" {
		return groups[w.options.group].State, err
	}
	for _, member := range groups[w.options.group].Members {
		assignment, _ := member.Assigned.AsConsumer()
		for _, topic := range assignment.Topics {
			each(topic.Partitions)
		}
	}
	return groups[w.options.group].State, err
}

// settles waits until the group is stable with those that are present, and all records are committed. Returns how
// long that took, or why it did not come.
func (w *observer) settles(c *crowd, ends []int64) (time.Duration, string) {
	began := time.Now()
	why := ""
	for time.Since(began) < w.options.settle {
		state, members, owned := w.group()
		lag := int64(0)
		for partition, committed := range w.offsets() {
			lag += ends[partition] - committed
		}
		why = fmt.Sprintf("%s, %d of %d members, %d partitions owned, lag %d", state, members, len(c.present), owned, lag)
		if state == "Stable" && members == len(c.present) && owned == w.options.partitions && lag == 0 {
			return time.Since(began), ""
		}
		time.Sleep(200 * time.Millisecond)
	}
	return time.Since(began), why
}
