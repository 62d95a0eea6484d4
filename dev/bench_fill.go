package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ceiba/dev/server"
)

//go:embed bench/pocketbase/main.go.txt
var pocketbaseMain []byte

const pocketbaseVersion = "v0.39.9"

// pocketbase builds PocketBase from its module, once for each version and each
// state of our main.go, in a module of its own outside the checkout.
func (c *checkout) pocketbase(ctx context.Context) (string, error) {
	bin := c.path("bin", "tools", "pocketbase-"+pocketbaseVersion)
	if old, err := os.ReadFile(bin + ".source"); err == nil && bytes.Equal(old, pocketbaseMain) && exists(bin) {
		return bin, nil
	}
	dir, err := os.MkdirTemp("", "ceiba-pocketbase-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	mod := "module comparison\n\ngo 1.26\n\nrequire github.com/pocketbase/pocketbase " + pocketbaseVersion + "\n"
	for name, text := range map[string][]byte{"go.mod": []byte(mod), "main.go": pocketbaseMain} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	cmd := c.command(ctx, "go", "build", "-o", bin, ".")
	cmd.Dir, cmd.Env = dir, append(without(cmd.Env, "GOFLAGS"), "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", cannot{fmt.Sprintf("PocketBase cannot be built: %v %s", err, out)}
	}
	return bin, os.WriteFile(bin+".source", pocketbaseMain, 0o644)
}

// itemsFile writes the same rows that PocketBase is filled with, and five
// columns more, as a publisher's file of 12 columns.
func itemsFile(path string, rows int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	w.WriteString("ref,title,district,status,score,created,updated,channel,cost,lat,lon,remarks\n")
	channels := [...]string{"app", "phone", "whatsapp", "office", "web"}
	start := time.Unix(1_700_000_000, 0).UTC()
	var b []byte
	for i := 1; i <= rows; i++ {
		b = fmt.Appendf(b[:0], "r%014d,Project number %d drainage and road repair,D%d,S%d,%d,", i, i, i%6, i/6%4, i%1000)
		b = start.Add(time.Duration(i)*time.Second).AppendFormat(b, "2006-01-02 15:04:05.000Z")
		b = append(b, ",2026-01-01 00:00:00.000Z,"...)
		b = append(b, channels[i%5]...)
		b = append(b, ',')
		b = strconv.AppendFloat(b, float64(i*7919%500_000)/100, 'f', 2, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, 15.9+float64(i*104_729%26_000)/10_000, 'f', 4, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, -89.2+float64(i*1_299_709%14_000)/10_000, 'f', 4, 64)
		b = fmt.Appendf(b, ",standing water near the school since Monday %d\n", i%97)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}

// imported is what the import command tells, and what it took.
type imported struct {
	Dataset, Resource string
	Rows              int
	seconds, peakMB   float64
	cpu               float64 // seconds of processor
}

// importItems publishes the file with the command that a publisher would use.
func (c *checkout) importItems(ctx context.Context, data, file string) (imported, error) {
	cmd := c.command(ctx, c.path("bin", "ceiba"), "import", "table", file, "--data", data, "--title", "Projects for comparison", "--org", "Comparison", "--key", "ref")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return imported{}, fmt.Errorf("import: %w\n%s", err, complaint.String())
	}
	im := imported{
		seconds: time.Since(begun).Seconds(), peakMB: peakMB(cmd.ProcessState),
		cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
	}
	return im, json.Unmarshal(out.Bytes(), &im)
}

// peakMB is the most memory that a process held.
func peakMB(p *os.ProcessState) float64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return float64(u.Maxrss) / 1024
	}
	return 0
}

// apiKey makes an official of the organisation and returns their key.
func (c *checkout) apiKey(ctx context.Context, data string) (string, error) {
	out, err := c.output(ctx, c.path("bin", "ceiba"), "user", "add", "bench@example.org", "--role", "official", "--org", "Comparison", "--api-key", "--data", data)
	return strings.TrimSpace(out), err
}

// serveCeiba starts ours as an operator would, without limits on the rate and
// with its log of requests, as theirs keeps one.
func (c *checkout) serveCeiba(ctx context.Context, data string) (*server.Server, error) {
	addr, err := server.FreePort()
	if err != nil {
		return nil, err
	}
	cmd := c.command(ctx, c.path("bin", "ceiba"), "serve", "--listen", addr, "--data", data, "--limits", "off")
	return server.Start(ctx, addr, "/readyz", time.Minute, cmd)
}

// servePocketBase starts theirs, filled.
func (c *checkout) servePocketBase(ctx context.Context, bin, dir, public string, rows int) (*server.Server, error) {
	addr, err := server.FreePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, bin, "serve", "--http", addr, "--dir", dir)
	cmd.SysProcAttr = orphanProof()
	cmd.Env = append(os.Environ(), "PB_SYNC=FULL", "PB_PUBLIC="+public, "PB_FILL="+strconv.Itoa(rows))
	return server.Start(ctx, addr, "/api/health", 3*time.Minute, cmd)
}
