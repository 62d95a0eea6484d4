package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ceiba/dev/cluster"
)

// need is something of the machine that a check uses, and the Debian packages
// that bring it.
type need struct {
	name     string
	packages []string
	found    func() bool
}

// What checks need beside Go and a C++ compiler; smtp is what notify's tests
// send to.
var (
	postgres = need{"PostgreSQL", []string{"postgresql"}, func() bool { _, ok := cluster.Programs(); return ok }}
	chromium = need{"Chromium", []string{"chromium", "fonts-dejavu-core"}, func() bool { _, ok := chromiumPath(); return ok }}
	node     = need{"Node.js", []string{"nodejs", "npm"}, func() bool { _, ok := lookAny("npm"); return ok }}
	smtp     = need{"aiosmtpd", []string{"python3-aiosmtpd"}, func() bool { _, ok := lookAny("aiosmtpd"); return ok }}
	ext4     = need{"mkfs.ext4 and losetup", []string{"e2fsprogs", "mount"}, func() bool {
		_, mkfs := lookAny("mkfs.ext4", "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4")
		_, loop := lookAny("losetup", "/usr/sbin/losetup", "/sbin/losetup")
		return mkfs && loop
	}}
)

// servers are programs of others that tests talk to, built from Go modules into
// bin/tools, where the tests look for them.
var servers = map[string]string{
	"versitygw": "github.com/versity/versitygw/cmd/versitygw@v1.8.0", // S3, for blob
}

// buildServers builds what is not there yet.
func (c *checkout) buildServers(ctx context.Context) error {
	for name, pkg := range sorted(servers) {
		if _, ok := lookAny(name, c.path("bin", "tools", name)); ok {
			continue
		}
		cmd := c.command(ctx, "go", "install", pkg)
		cmd.Env = append(cmd.Env, "GOBIN="+c.path("bin", "tools"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return cannot{fmt.Sprintf("%s cannot be built: %v %s", name, err, out)}
		}
	}
	return nil
}

// need makes sure that the machine has something: it installs it where the
// user is root, and answers cannot elsewhere.
func (c *checkout) need(ctx context.Context, w io.Writer, n need) error {
	if n.found() {
		return nil
	}
	line := "apt-get install " + strings.Join(n.packages, " ")
	if _, ok := lookAny("apt-get"); !ok || os.Getuid() != 0 {
		return cannot{n.name + " is missing (as root, on Debian: " + line + ")"}
	}
	out, err := c.aptInstall(ctx, n.packages)
	if err != nil {
		fmt.Fprint(w, out)
		return cannot{fmt.Sprintf("%s is missing, and `%s` failed: %v", n.name, line, err)}
	}
	if !n.found() {
		return cannot{n.name + " is missing, also after " + line}
	}
	return nil
}

// aptInstall updates the package lists once and installs.
func (c *checkout) aptInstall(ctx context.Context, packages []string) (string, error) {
	mark := filepath.Join(os.TempDir(), "ceiba-apt-updated")
	env := []string{"DEBIAN_FRONTEND=noninteractive"}
	apt := func(args ...string) (string, error) {
		cmd := c.command(ctx, "apt-get", args...)
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.CombinedOutput()
		return string(out), explain(err, "apt-get", args)
	}
	if !exists(mark) {
		if out, err := apt("update", "-q"); err != nil {
			return out, err
		}
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return "", err
		}
	}
	return apt(append([]string{"install", "-q", "-y", "--no-install-recommends"}, packages...)...)
}

// chromiumPath finds a browser: CEIBA_CHROMIUM, else the system's.
func chromiumPath() (string, bool) {
	if p := os.Getenv("CEIBA_CHROMIUM"); p != "" {
		return p, exists(p)
	}
	return lookAny("chromium", "chromium-browser", "google-chrome")
}

// npmInstall fills dir/node_modules from its lock file, unless it was done for
// this very lock already. No package's script runs.
func (c *checkout) npmInstall(ctx context.Context, dir string) error {
	lock, err := os.ReadFile(c.path(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	mark := c.path(dir, "node_modules", ".ceiba-lock")
	if done, err := os.ReadFile(mark); err == nil && string(done) == string(lock) {
		return nil
	}
	cmd := c.command(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = c.path(dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, out)
	}
	if err := os.MkdirAll(filepath.Dir(mark), 0o755); err != nil {
		return err
	}
	return os.WriteFile(mark, lock, 0o644)
}
