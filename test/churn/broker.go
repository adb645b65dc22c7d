package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const startTimeout = 3 * time.Minute

var readyLine = []byte("Kafka Server started")

// broker is the process under test, leader of a process group of its own so that one signal ends it whole.
type broker struct {
	command, log string
	process      *exec.Cmd
	kills        int
	startMax     time.Duration
}

func (b *broker) start() error {
	began := time.Now()
	out, err := os.OpenFile(b.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	info, err := out.Stat()
	if err != nil {
		return err
	}
	b.process = exec.Command("bash", "-c", "exec "+b.command)
	b.process.Stdout, b.process.Stderr = out, out
	b.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.process.Start(); err != nil {
		return err
	}
	for time.Since(began) < startTimeout {
		if log, err := os.ReadFile(b.log); err == nil && bytes.Contains(log[info.Size():], readyLine) {
			b.startMax = max(b.startMax, time.Since(began))
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.kill()
	return fmt.Errorf("the broker did not start, see %s", b.log)
}

func (b *broker) kill() {
	syscall.Kill(-b.process.Process.Pid, syscall.SIGKILL)
	b.process.Wait()
}

func (b *broker) restart() error {
	b.kill()
	b.kills++
	return b.start()
}
