// A group under churn: members join, leave and crash every turn while records are produced and the broker is killed
// with SIGKILL and started again every round. Afterwards nothing acts any more and the group must settle.
//
// Checked throughout, from outside:
//   - a committed offset never goes back, and is never less than what was acknowledged to a member;
//   - a generation (classic) or member epoch (consumer) gives a partition to one member;
//   - the broker never describes a partition as assigned to two members.
//
// Checked at the end: within the settling time every member that is left is in the group, every partition has one
// owner, every record is committed; every offset of every partition was delivered at least once.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"time"
)

type options struct {
	bootstrap, start, log, protocol, group, topic string
	partitions, members, rate                     int
	duration, turn, round, settle                 time.Duration
	seed                                          int64
}

func main() {
	var o options
	flag.StringVar(&o.bootstrap, "bootstrap", "", "address of the broker")
	flag.StringVar(&o.start, "start", "", "shell command that becomes the broker")
	flag.StringVar(&o.log, "log", "", "file for the broker's output, appended to")
	flag.StringVar(&o.protocol, "protocol", "classic", "classic or consumer")
	flag.IntVar(&o.partitions, "partitions", 64, "partitions of the topic")
	flag.IntVar(&o.members, "members", 50, "members of the group")
	flag.IntVar(&o.rate, "rate", 1000, "records per second")
	flag.DurationVar(&o.duration, "duration", 10*time.Minute, "how long members come and go")
	flag.DurationVar(&o.turn, "turn", 2*time.Second, "time between two acts")
	flag.DurationVar(&o.round, "round", time.Minute, "time between two kills of the broker")
	flag.DurationVar(&o.settle, "settle", time.Minute, "how long the group may take to settle")
	flag.Int64Var(&o.seed, "seed", time.Now().UnixNano(), "of the acts")
	flag.Parse()
	o.group, o.topic = "churn-"+o.protocol, "churn-"+o.protocol
	fmt.Fprintln(os.Stderr, "seed", o.seed)
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o *options) error {
	b := &broker{command: o.start, log: o.log}
	if err := b.start(); err != nil {
		return err
	}
	defer b.kill()
	l := newLedger(o.partitions)
	if err := createTopic(o); err != nil {
		return err
	}
	p, err := startLoad(o)
	if err != nil {
		return err
	}
	w, err := startObserver(o, l)
	if err != nil {
		return err
	}
	c := &crowd{options: o, ledger: l, random: rand.New(rand.NewSource(o.seed))}
	if err := c.churn(b); err != nil {
		return err
	}
	produced, err := p.stop()
	if err != nil {
		return err
	}
	settled, why := w.settles(c, produced)
	c.stop()
	w.stop()
	faults := append(l.faults(), l.undelivered(produced)...)
	if why != "" {
		faults = append(faults, "the group had not settled after "+o.settle.String()+": "+why)
	}
	report(o, c, b, l, w, produced, settled, faults)
	if len(faults) > 0 {
		return fmt.Errorf("%d faults, seed %d", len(faults), o.seed)
	}
	return nil
}

func report(o *options, c *crowd, b *broker, l *ledger, w *observer, ends []int64, settled time.Duration, faults []string) {
	produced := int64(0)
	for _, end := range ends {
		produced += end
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"protocol": o.protocol, "seconds": o.duration.Seconds(), "members": o.members, "partitions": o.partitions,
		"joined": c.joined, "left": c.left, "crashed": c.crashed, "kills": b.kills, "restartMsMax": b.startMax.Milliseconds(),
		"produced": produced, "delivered": l.delivered, "repeated": l.repeated, "commits": l.commits,
		"commitsRefused": l.refused, "offsetChecks": w.offsetChecks.Load(), "describeChecks": w.describeChecks.Load(),
		"generations": l.generations(), "settledMs": settled.Milliseconds(), "silenceMsMax": l.silence.Milliseconds(),
		"faults": faults,
	})
}

// patiently retries what the broker may refuse while it is down or young.
func patiently(what func(context.Context) error) error {
	var err error
	for range 60 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = what(ctx)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return err
}
