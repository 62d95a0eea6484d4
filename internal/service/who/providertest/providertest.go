// Package providertest runs a real OpenID Connect provider for tests: the npm
// package oidc-provider, in a process of its own on this machine.
//
// Where there is no Node the test that asks for it is skipped with a word, or
// fails where CI is set. The packages are installed beside this file the first
// time, from package-lock.json.
package providertest

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"ceiba/internal/ground/needtest"
)

// Client and Secret are how a site is known to the provider.
const (
	Client = "ceiba"
	Secret = "a secret of the tests"
)

// Start starts a provider that sends people back to redirect, and returns its
// address. It ends with the test. inToken has it say addresses in its tokens;
// otherwise it says them only when asked for them, as the standard has it.
func Start(t testing.TB, redirect string, inToken bool) (issuer string) {
	t.Helper()
	dir := install(t)
	mode := "when-asked"
	if inToken {
		mode = "in-token"
	}
	cmd := exec.Command("node", "provider.mjs", redirect, mode)
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	fatal(t, err)
	out, err := cmd.StdoutPipe()
	fatal(t, err)
	fatal(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://") {
			go io.Copy(io.Discard, out)
			return lines.Text()
		}
	}
	t.Fatal("the provider did not start")
	return ""
}

// install makes sure of Node and of the packages, and returns their folder.
func install(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(needtest.Root(t), "internal", "service", "who", "providertest")
	if _, err := exec.LookPath("node"); err != nil {
		needtest.Missing(t, "no Node.js, so no provider to sign in with")
	}
	// Packages are tested side by side: one installs, the others wait for it.
	lock, err := os.OpenFile(filepath.Join(dir, "package-lock.json"), os.O_RDONLY, 0)
	fatal(t, err)
	defer lock.Close()
	fatal(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil { // npm writes it last
		return dir
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		needtest.Missing(t, fmt.Sprintf("the provider's packages cannot be installed: npm ci: %v\n%s", err, text))
	}
	return dir
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var action = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)

// Visit goes to the provider as a browser would, signs in as login, agrees to
// what is asked, and returns the address to which the provider sends it back.
func Visit(t testing.TB, to, redirect, login string) (back *url.URL) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	fatal(t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	res, err := browser.Get(to)
	for step := 0; back == nil; step++ {
		fatal(t, err)
		page, err2 := io.ReadAll(res.Body)
		res.Body.Close()
		fatal(t, err2)
		form := action.FindStringSubmatch(string(page))
		if form == nil || step > 4 {
			t.Fatal(fmt.Errorf("the provider answered %d: %s", res.StatusCode, page))
		}
		prompt := "consent"
		if strings.Contains(string(page), `name="login"`) {
			prompt = "login"
		}
		res, err = browser.PostForm(html.UnescapeString(form[1]), url.Values{"prompt": {prompt}, "login": {login}, "password": {"any"}})
	}
	if res != nil {
		res.Body.Close()
	}
	return back
}
