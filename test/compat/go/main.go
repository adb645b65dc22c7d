// The lifecycle scenario with franz-go: BOOTSTRAP TOPIC GROUP.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bootstrap, topic, group string) error {
	if err := createTopic(bootstrap, topic); err != nil {
		return err
	}
	l := newLedger()
	shares := [][]int{}
	for phase := 1; phase <= 2; phase++ {
		if err := produce(bootstrap, topic, (phase-1)*recordsPerPhase, phase*recordsPerPhase); err != nil {
			return err
		}
		l.phaseBegin()
		stop, err := members(l, bootstrap, topic, group)
		if err != nil {
			return err
		}
		share, err := l.phaseEnd(phase * recordsPerPhase)
		if err != nil {
			return err
		}
		shares = append(shares, share)
		if err := stop(); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"client": "franz-go", "produced": 2 * recordsPerPhase, "distinct": len(l.taken), "consumed": l.consumed,
		"repeated": l.repeated, "damaged": l.damaged, "misordered": l.misordered, "shares": shares,
	})
}

func createTopic(bootstrap, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = kadm.NewClient(client).CreateTopic(context.Background(), partitions, 1, nil, topic)
	return err
}

// produce: the client is idempotent and asks for all acknowledgements unless told otherwise.
func produce(bootstrap, topic string, first, end int) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	records := []*kgo.Record{}
	for index := first; index < end; index++ {
		records = append(records, recordOf(topic, index))
	}
	return client.ProduceSync(context.Background(), records...).FirstErr()
}

// members starts both and returns what stops them.
func members(l *ledger, bootstrap, topic, group string) (func() error, error) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	failures := make(chan error, memberCount)
	for number := range memberCount {
		client, err := newMember(l, number, bootstrap, topic, group)
		if err != nil {
			cancel()
			return nil, err
		}
		running.Go(func() {
			failures <- consume(ctx, client, l)
			client.Close()
		})
	}
	stop := func() error {
		cancel()
		running.Wait()
		close(failures)
		for err := range failures {
			if err != nil {
				return err
			}
		}
		return nil
	}
	return stop, nil
}

func newMember(l *ledger, number int, bootstrap, topic, group string) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		// What was polled is committed before the partitions go to the other member.
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
			l.own(number, assigned[topic], true)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, revoked map[string][]int32) {
			if err := client.CommitUncommittedOffsets(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "commit at revocation:", err)
			}
			l.own(number, revoked[topic], false)
		}),
	)
}

func consume(ctx context.Context, client *kgo.Client, l *ledger) error {
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil && ctx.Err() == nil {
			return err
		}
		fetches.EachRecord(l.take)
		if fetches.NumRecords() > 0 {
			if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
				return err
			}
		}
		client.AllowRebalance()
	}
	return nil
}
