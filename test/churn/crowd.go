package main

import (
	"fmt"
	"math/rand"
	"os"
	"sync"
	"time"
)

// crowd is the members that are there; churn replaces one every turn.
type crowd struct {
	options               *options
	ledger                *ledger
	random                *rand.Rand
	present               []*member
	going                 sync.WaitGroup
	joined, left, crashed int
}

// churn lasts the asked duration. The broker is killed in the middle of every round, while acts go on around it.
func (c *crowd) churn(b *broker) error {
	began, nextKill := time.Now(), c.options.round/2
	for len(c.present) < c.options.members {
		if err := c.join(); err != nil {
			return err
		}
	}
	for turn := 1; time.Since(began) < c.options.duration; turn++ {
		time.Sleep(time.Until(began.Add(time.Duration(turn) * c.options.turn)))
		c.goes()
		if err := c.join(); err != nil {
			return err
		}
		if time.Since(began) > nextKill {
			nextKill += c.options.round
			if err := b.restart(); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%.0f s: kill %d, %d delivered, %d faults\n", time.Since(began).Seconds(), b.kills,
				c.ledger.delivered, c.ledger.faultCount)
		}
	}
	return nil
}

func (c *crowd) join() error {
	m, err := newMember(c.options, c.ledger)
	if err != nil {
		return err
	}
	c.present = append(c.present, m)
	c.joined++
	return nil
}

// goes: a random member leaves or crashes. Both may wait for the broker, and nothing waits for them.
func (c *crowd) goes() {
	index := c.random.Intn(len(c.present))
	m := c.present[index]
	c.present = append(c.present[:index], c.present[index+1:]...)
	ending := m.leave
	if c.random.Intn(2) == 0 {
		ending = m.crash
		c.crashed++
	} else {
		c.left++
	}
	c.going.Add(1)
	go func() {
		defer c.going.Done()
		ending()
	}()
}

func (c *crowd) stop() {
	for _, m := range c.present {
		c.going.Add(1)
		go func() {
			defer c.going.Done()
			m.leave()
		}()
	}
	c.going.Wait()
}
