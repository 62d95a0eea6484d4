package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// victim is a running gatewriter and what it has acknowledged.
type victim struct {
	cmd       *exec.Cmd
	complaint bytes.Buffer
	done      chan struct{} // closed when its output has ended

	mu         sync.Mutex
	ready      bool
	acked      []string
	full, read int       // how often it said so
	lastAck    time.Time // when the newest acknowledgement was read
}

// buildWriter makes the program that the gates torment.
func (c *checkout) buildWriter(ctx context.Context) (string, error) {
	bin := c.path("bin", "gatewriter")
	out, err := c.quiet(ctx, "go", "build", "-o", bin, "./dev/gatewriter")
	if err != nil {
		return "", fmt.Errorf("%s%w", out, err)
	}
	return bin, nil
}

// startWriter starts the writers on file and waits until they are at work.
func (c *checkout) startWriter(ctx context.Context, bin, file string, args ...string) (*victim, error) {
	v := &victim{done: make(chan struct{})}
	v.cmd = c.command(ctx, bin, append([]string{"write", "-db", file}, args...)...)
	v.cmd.Stderr = &v.complaint
	pipe, err := v.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(v.done)
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			v.hear(lines.Text())
		}
	}()
	err = v.until(ctx, 30*time.Second, func() bool { return v.ready })
	return v, err
}

func (v *victim) hear(line string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch word, key, _ := strings.Cut(line, " "); word {
	case "ready":
		v.ready = true
	case "ack":
		v.acked = append(v.acked, key)
		v.lastAck = time.Now()
	case "full":
		v.full++
	case "read":
		v.read++
	}
}

// until waits for a condition of the victim.
func (v *victim) until(ctx context.Context, limit time.Duration, ok func() bool) error {
	deadline := time.Now().Add(limit)
	for {
		v.mu.Lock()
		held := ok()
		v.mu.Unlock()
		if held {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-v.done:
			v.cmd.Wait()
			return fmt.Errorf("the writer ended: %s", v.complaint.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("the writer does not get that far")
		}
	}
}

// acks waits until n more writes are acknowledged.
func (v *victim) acks(ctx context.Context, n int) error {
	v.mu.Lock()
	n += len(v.acked)
	v.mu.Unlock()
	return v.until(ctx, time.Minute, func() bool { return len(v.acked) >= n })
}

// kill ends the writer without warning and returns every key it acknowledged;
// what was in the pipe is read to its end.
func (v *victim) kill() []string {
	v.cmd.Process.Kill()
	<-v.done
	v.cmd.Wait()
	return v.acked
}

// verdict is what gatewriter's check found.
type verdict struct {
	Acked, Rows, Lost, Dup, Extra int
	Integrity                     string
	Examples                      []string
}

// checkWriter opens the database again and compares.
func (c *checkout) checkWriter(ctx context.Context, bin, file string, acked []string) (verdict, error) {
	var v verdict
	cmd := c.command(ctx, bin, "check", "-db", file)
	cmd.Stdin = strings.NewReader(strings.Join(acked, "\n"))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return v, fmt.Errorf("check: %w: %s", err, complaint.String())
	}
	return v, json.Unmarshal(out, &v)
}

// whole returns an error unless nothing is lost, doubled or damaged.
func (v verdict) whole() error {
	if v.Lost > 0 || v.Dup > 0 || v.Integrity != "ok" {
		return fmt.Errorf("of %d acknowledged writes %d are LOST (%s), %d rows are DOUBLE, integrity %q",
			v.Acked, v.Lost, strings.Join(v.Examples, " "), v.Dup, v.Integrity)
	}
	return nil
}

func (v verdict) String() string {
	return fmt.Sprintf("%d acknowledged, LOST %d, DUP %d, %d unacknowledged but there",
		v.Acked, v.Lost, v.Dup, v.Extra)
}

// crashLoop kills the writers in the middle of their work, again and again on
// one database: 3 times in small, 50 in full.
func crashLoop(ctx context.Context, c *checkout, _ io.Writer, small bool) (string, error) {
	kills := map[bool]int{true: 3, false: 50}[small]
	bin, err := c.buildWriter(ctx)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "ceiba-crash-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "crash.db")
	var acked []string
	for i := range kills {
		v, err := c.startWriter(ctx, bin, file, "-run", fmt.Sprint(i))
		if err != nil {
			return "", err
		}
		err = v.acks(ctx, 200+137*(i%9)) // at a different moment each time
		acked = append(acked, v.kill()...)
		if err != nil {
			return "", fmt.Errorf("kill %d: %w", i+1, err)
		}
	}
	found, err := c.checkWriter(ctx, bin, file, acked)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d kills: %s", kills, found), found.whole()
}
