package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// volume is a small file system of our own, that may be filled or broken.
type volume struct {
	dir   string // where it is mounted
	image string // the file behind it; empty for a tmpfs
	undo  []func()
}

// canMount says why file systems cannot be mounted here, if so.
func canMount() error {
	switch {
	case runtime.GOOS != "linux":
		return cannot{"mounting a file system of our own needs Linux"}
	case os.Getuid() != 0:
		return cannot{"mounting a file system of our own needs root"}
	}
	return nil
}

// mount runs mount(8).
func (c *checkout) mount(ctx context.Context, args ...string) error {
	out, err := c.quiet(ctx, "mount", args...)
	if err != nil {
		return cannot{fmt.Sprintf("mount does not work here: %v %s", err, strings.TrimSpace(out))}
	}
	return nil
}

// unmount ends a mount, at once or as soon as its last user is gone.
func (c *checkout) unmount(dir string) error {
	ctx := context.Background() // also when the gate was interrupted
	for range 50 {
		if _, err := c.quiet(ctx, "umount", dir); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	out, err := c.quiet(ctx, "umount", "-l", dir)
	if err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	return nil
}

// tmpfs mounts a file system of so many bytes in memory.
func (c *checkout) tmpfs(ctx context.Context, size string) (*volume, error) {
	if err := canMount(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ceiba-full-")
	if err != nil {
		return nil, err
	}
	v := &volume{dir: dir, undo: []func(){func() { os.RemoveAll(dir) }}}
	if err := c.mount(ctx, "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir); err != nil {
		v.close()
		return nil, err
	}
	v.undo = append(v.undo, func() { c.unmount(dir) })
	return v, nil
}

// ext4 makes an ext4 file system in a file and mounts it.
func (c *checkout) ext4(ctx context.Context, w io.Writer) (*volume, error) {
	if err := canMount(); err != nil {
		return nil, err
	}
	if err := c.need(ctx, w, ext4); err != nil {
		return nil, err
	}
	base, err := os.MkdirTemp("/var/tmp", "ceiba-power-")
	if err != nil {
		return nil, err
	}
	v := &volume{dir: filepath.Join(base, "mount"), image: filepath.Join(base, "image")}
	v.undo = append(v.undo, func() { os.RemoveAll(base) })
	err = func() error {
		if err := os.Mkdir(v.dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(v.image, nil, 0o600); err != nil {
			return err
		}
		if err := os.Truncate(v.image, 400<<20); err != nil {
			return err
		}
		mkfs, _ := lookAny("mkfs.ext4", "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4")
		if out, err := c.quiet(ctx, mkfs, "-q", "-F", v.image); err != nil {
			return fmt.Errorf("%s%w", out, err)
		}
		return c.mount(ctx, "-o", "loop", v.image, v.dir)
	}()
	if err != nil {
		v.close()
		return nil, err
	}
	v.undo = append(v.undo, func() { c.unmount(v.dir) })
	return v, nil
}

// close unmounts and removes, in reverse order.
func (v *volume) close() {
	for i := len(v.undo) - 1; i >= 0; i-- {
		v.undo[i]()
	}
	v.undo = nil
}

// pull stops the file system without writing anything more, its journal
// included: what a power cut leaves. The kernel calls it EXT4_IOC_SHUTDOWN, and
// 2 is NOLOGFLUSH.
func (v *volume) pull() error {
	const shutdown, noLogFlush = 0x8004587d, 2
	d, err := os.Open(v.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	how := uint32(noLogFlush)
	_, _, no := syscall.Syscall(syscall.SYS_IOCTL, d.Fd(), shutdown, uintptr(unsafe.Pointer(&how)))
	if no != 0 {
		return cannot{fmt.Sprintf("this file system cannot be cut off: %v", no)}
	}
	return nil
}

// powerCut cuts the power under the writers: once in small; in full ten times,
// and then with synchronous=NORMAL until a write is lost, within ten cuts, to
// show that the gate would notice.
func powerCut(ctx context.Context, c *checkout, w io.Writer, small bool) (string, error) {
	bin, err := c.buildWriter(ctx)
	if err != nil {
		return "", err
	}
	cuts := map[bool]int{true: 1, false: 10}[small]
	var total verdict
	for i := range cuts {
		found, err := c.oneCut(ctx, w, bin, i, "FULL")
		if err == nil {
			err = found.whole()
		}
		if err != nil {
			return total.String(), fmt.Errorf("cut %d: %w", i+1, err)
		}
		total.Acked += found.Acked
		total.Extra += found.Extra
	}
	figure := fmt.Sprintf("%d cuts: %s", cuts, total)
	if small {
		return figure, nil
	}
	for i := range 10 {
		found, err := c.oneCut(ctx, w, bin, i, "NORMAL")
		if err != nil {
			return figure, fmt.Errorf("control, cut %d: %w", i+1, err)
		}
		if found.Lost > 0 || found.Integrity != "ok" {
			return fmt.Sprintf("%s; with NORMAL cut %d lost %d of %d", figure, i+1, found.Lost, found.Acked), nil
		}
	}
	return figure, errors.New("the control with synchronous=NORMAL lost nothing in 10 cuts: this gate proves nothing")
}

// oneCut writes to a new file system, cuts its power, mounts it again and looks
// what is left.
func (c *checkout) oneCut(ctx context.Context, w io.Writer, bin string, i int, synchronous string) (verdict, error) {
	vol, err := c.ext4(ctx, w)
	if err != nil {
		return verdict{}, err
	}
	defer vol.close()
	file := filepath.Join(vol.dir, "power.db")
	v, err := c.startWriter(ctx, bin, file, "-synchronous", synchronous)
	if err != nil {
		return verdict{}, err
	}
	err = v.acks(ctx, 3000+611*i)
	if err == nil {
		err = vol.pull()
	}
	acked := v.kill()
	if err != nil {
		return verdict{}, err
	}
	if err := c.unmount(vol.dir); err != nil {
		return verdict{}, err
	}
	if err := c.mount(ctx, "-o", "loop", vol.image, vol.dir); err != nil {
		return verdict{}, err
	}
	return c.checkWriter(ctx, bin, file, acked)
}

// diskFull fills the disk under the writers, looks whether writes are refused
// by name while reads go on, frees the space, and looks whether the same
// process takes writes again and lost none.
func diskFull(ctx context.Context, c *checkout, _ io.Writer, small bool) (string, error) {
	bin, err := c.buildWriter(ctx)
	if err != nil {
		return "", err
	}
	rounds := map[bool]int{true: 1, false: 10}[small]
	var total verdict
	for i := range rounds {
		found, err := c.fillOnce(ctx, bin)
		if err == nil {
			err = found.whole()
		}
		if err != nil {
			return "", fmt.Errorf("round %d: %w", i+1, err)
		}
		total.Acked += found.Acked
		total.Extra += found.Extra
	}
	return fmt.Sprintf("%d times full and recovered: %s", rounds, total), nil
}

func (c *checkout) fillOnce(ctx context.Context, bin string) (verdict, error) {
	vol, err := c.tmpfs(ctx, "48m")
	if err != nil {
		return verdict{}, err
	}
	defer vol.close()
	ballast := filepath.Join(vol.dir, "ballast")
	text := make([]byte, 32<<20)
	rand.Read(text)
	if err := os.WriteFile(ballast, text, 0o600); err != nil {
		return verdict{}, err
	}
	file := filepath.Join(vol.dir, "full.db")
	v, err := c.startWriter(ctx, bin, file, "-filler", "2000")
	if err != nil {
		return verdict{}, err
	}
	err = v.fullAndBack(ctx, ballast)
	acked := v.kill()
	if err != nil {
		return verdict{}, err
	}
	return c.checkWriter(ctx, bin, file, acked)
}

// fullAndBack waits until writes are refused, sees reads go on, frees the
// ballast, and sees writes taken again.
func (v *victim) fullAndBack(ctx context.Context, ballast string) error {
	if err := v.until(ctx, 2*time.Minute, func() bool { return v.full > 0 }); err != nil {
		return fmt.Errorf("waiting for the disk to be full: %w", err)
	}
	var reads int
	v.mu.Lock()
	reads = v.read
	v.mu.Unlock()
	if err := v.until(ctx, 20*time.Second, func() bool { return v.read > reads+3 }); err != nil {
		return fmt.Errorf("reading while the disk is full: %w", err)
	}
	if err := os.Remove(ballast); err != nil {
		return err
	}
	if err := v.acks(ctx, 200); err != nil {
		return fmt.Errorf("writing after space came back: %w", err)
	}
	return nil
}
