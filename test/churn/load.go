package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func createTopic(o *options) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(o.bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	return patiently(func(ctx context.Context) error {
		_, err := kadm.NewClient(client).CreateTopic(ctx, int32(o.partitions), 1, nil, o.topic)
		return err
	})
}

// load produces at a steady rate, idempotently and to all partitions in turn, until it is stopped.
type load struct {
	client       *kgo.Client
	options      *options
	done, ended  chan struct{}
	acknowledged []atomic.Int64 // partition -> offset after the last acknowledged record
	failed       atomic.Int64
}

func startLoad(o *options) (*load, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(o.bootstrap), kgo.DefaultProduceTopic(o.topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return nil, err
	}
	p := &load{client: client, options: o, done: make(chan struct{}), ended: make(chan struct{}),
		acknowledged: make([]atomic.Int64, o.partitions)}
	go p.run()
	return p, nil
}

func (p *load) run() {
	defer close(p.ended)
	ticks := time.NewTicker(50 * time.Millisecond)
	defer ticks.Stop()
	next := 0
	for {
		select {
		case <-p.done:
			return
		case <-ticks.C:
		}
		for range max(1, p.options.rate/20) {
			record := &kgo.Record{Partition: int32(next % p.options.partitions), Value: fmt.Appendf(nil, "record-%090d", next)}
			next++
			p.client.Produce(context.Background(), record, p.finish)
		}
	}
}

func (p *load) finish(record *kgo.Record, err error) {
	if err != nil {
		p.failed.Add(1)
		return
	}
	end := &p.acknowledged[record.Partition]
	for before := end.Load(); before <= record.Offset; before = end.Load() {
		if end.CompareAndSwap(before, record.Offset+1) {
			return
		}
	}
}

// stop returns the end of every partition: with one idempotent producer the log has no record but its own.
func (p *load) stop() ([]int64, error) {
	close(p.done)
	<-p.ended
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := p.client.Flush(ctx)
	p.client.Close()
	if failed := p.failed.Load(); err == nil && failed > 0 {
		err = errors.New(fmt.Sprint(failed, " records could not be produced"))
	}
	ends := make([]int64, p.options.partitions)
	for partition := range ends {
		ends[partition] = p.acknowledged[partition].Load()
	}
	return ends, err
}
