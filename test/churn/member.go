package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	sessionTimeout   = 6 * time.Second
	rebalanceTimeout = 15 * time.Second
	commitInterval   = time.Second
)

type commitReply = func(*kgo.Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error)

var errCrashed = errors.New("this member crashed")

// member consumes and commits what it took: at least once.
type member struct {
	client *kgo.Client
	ledger *ledger
	topic  string
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	sockets map[net.Conn]bool
	crashed bool
}

func newMember(o *options, l *ledger) (*member, error) {
	m := &member{ledger: l, topic: o.topic, ended: make(chan struct{}), sockets: map[net.Conn]bool{}}
	config := []kgo.Opt{
		kgo.SeedBrokers(o.bootstrap), kgo.ConsumerGroup(o.group), kgo.ConsumeTopics(o.topic), kgo.Dialer(m.dial),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.SessionTimeout(sessionTimeout), kgo.RebalanceTimeout(rebalanceTimeout), kgo.HeartbeatInterval(time.Second),
		kgo.FetchMaxBytes(1 << 20), kgo.FetchMaxWait(500 * time.Millisecond), kgo.RetryTimeout(10 * time.Second),
		kgo.OnPartitionsAssigned(m.assigned), kgo.OnPartitionsRevoked(m.revoked),
		kgo.OnPartitionsLost(func(context.Context, *kgo.Client, map[string][]int32) {}),
	}
	if o.protocol == "consumer" {
		config = append(config, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	} else {
		config = append(config, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	}
	client, err := kgo.NewClient(config...)
	if err != nil {
		return nil, err
	}
	m.client = client
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	go m.consume(ctx)
	return m, nil
}

func (m *member) consume(ctx context.Context) {
	defer close(m.ended)
	committed := time.Now()
	for ctx.Err() == nil {
		poll, cancel := context.WithTimeout(ctx, commitInterval)
		fetches := m.client.PollRecords(poll, 1000)
		cancel()
		if !m.isCrashed() {
			fetches.EachRecord(func(r *kgo.Record) { m.ledger.take(r.Partition, r.Offset) })
			if time.Since(committed) > commitInterval {
				m.commit(ctx)
				committed = time.Now()
			}
		}
		m.client.AllowRebalance()
	}
}

func (m *member) assigned(_ context.Context, client *kgo.Client, given map[string][]int32) {
	id, generation := client.GroupMetadata()
	m.ledger.own(id, generation, given[m.topic])
}

func (m *member) revoked(ctx context.Context, _ *kgo.Client, _ map[string][]int32) {
	if !m.isCrashed() {
		m.commit(ctx)
	}
}

func (m *member) commit(ctx context.Context) {
	offsets := m.client.UncommittedOffsets()
	if len(offsets) == 0 {
		return
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	m.client.CommitOffsetsSync(limited, offsets, m.committed(offsets))
}

// committed reads the reply of a commit: what was acknowledged must never be forgotten.
func (m *member) committed(offsets map[string]map[int32]kgo.EpochOffset) commitReply {
	return func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, reply *kmsg.OffsetCommitResponse, err error) {
		if err != nil {
			m.ledger.refusal()
			return
		}
		for _, topic := range reply.Topics {
			for _, partition := range topic.Partitions {
				if partition.ErrorCode != 0 {
					m.ledger.refusal()
				} else {
					m.ledger.acknowledged(partition.Partition, offsets[m.topic][partition.Partition].Offset)
				}
			}
		}
	}
}

func (m *member) leave() {
	m.cancel()
	<-m.ended
	m.client.CloseAllowingRebalance()
}

// crash: its connections end and it can say nothing more, as if its process had been killed.
func (m *member) crash() {
	m.mu.Lock()
	m.crashed = true
	for socket := range m.sockets {
		socket.Close()
	}
	m.mu.Unlock()
	m.leave()
}

func (m *member) isCrashed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.crashed
}

func (m *member) dial(ctx context.Context, network, host string) (net.Conn, error) {
	socket, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, host)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.crashed {
		socket.Close()
		return nil, errCrashed
	}
	m.sockets[socket] = true
	return socket, nil
}
