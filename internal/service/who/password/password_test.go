package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/fault"
)

var ctx = context.Background()

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, err error, key string) {
	t.Helper()
	var e *fault.Error
	var f fault.Fields
	if errors.As(err, &e) && e.Key == key || errors.As(err, &f) && f[0].Key == key {
		return
	}
	t.Fatalf("got %v, want %s", err, key)
}

func TestCheck(t *testing.T) {
	k := NewKitchen()
	phc, err := k.Hash(ctx, "three brown herons")
	ok(t, err)
	for typed, want := range map[string]bool{"three brown herons": true, "three brown heron": false, "": false} {
		if got, err := k.Check(ctx, typed, phc); err != nil || got != want {
			t.Errorf("%q: %t %v", typed, got, err)
		}
	}
	if got, _ := k.Check(ctx, "", ""); got {
		t.Error("no hash matches")
	}
	if Stale(phc) || !Stale("") {
		t.Error("stale is wrong")
	}
}

func TestPasswordRules(t *testing.T) {
	for password, want := range map[string]string{
		"short":                           "who.password_short",
		"ñandúes":                         "who.password_short", // seven letters, nine bytes
		"password":                        "who.password_common",
		"BASEBALL":                        "who.password_common",
		"aaaaaaaaaaaa":                    "who.password_common",
		"anagomez1999!":                   "who.password_common",
		"anagomez@a.bz":                   "who.password_common",
		"three brown herons":              "",
		"ñandúes!":                        "",
		strings.Repeat("long words ", 30): "",
		strings.Repeat("x y", 400):        "fault.too_long",
	} {
		err := Refuse(password, "anagomez@a.bz", "Ceiba")
		if want == "" {
			ok(t, err)
		} else {
			refused(t, err, want)
		}
	}
	if len(common()) < 3000 {
		t.Errorf("only %d common passwords are known", len(common()))
	}
}

func TestPHC(t *testing.T) {
	for _, bad := range []string{
		"", "x", "$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AA",
	} {
		if _, _, _, good := parsePHC(bad); good {
			t.Errorf("%q passes", bad)
		}
	}
}

// Hashes are made one at a time; the queue has an end, and says so at once.
func TestKitchenHasOneStove(t *testing.T) {
	k := NewKitchen()
	var cooking, most atomic.Int32
	gate := make(chan struct{})
	var wg sync.WaitGroup
	started := make(chan struct{}, queueLength)
	for range queueLength {
		wg.Go(func() {
			started <- struct{}{}
			if err := k.cook(ctx, func() {
				most.Store(max(most.Load(), cooking.Add(1)))
				<-gate
				cooking.Add(-1)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	for range queueLength {
		<-started
	}
	for len(k.waiting) < queueLength { // all have taken a place
		time.Sleep(time.Millisecond)
	}
	err := k.cook(ctx, func() { t.Error("cooked beyond the end of the queue") })
	refused(t, err, "who.busy")
	if e := err.(*fault.Error); e.RetryAfter <= 0 {
		t.Error("nobody says when to come back")
	}
	close(gate)
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
	gone, cancel := context.WithCancel(ctx)
	k.stove <- struct{}{}
	cancel()
	if err := k.cook(gone, func() {}); err != context.Canceled {
		t.Errorf("whoever left got %v", err)
	}
	<-k.stove
	if len(k.waiting) != 0 {
		t.Errorf("%d places lost", len(k.waiting))
	}
}

func BenchmarkPassword(b *testing.B) {
	k := NewKitchen()
	for b.Loop() {
		if _, err := k.Hash(ctx, "three brown herons"); err != nil {
			b.Fatal(err)
		}
	}
}
