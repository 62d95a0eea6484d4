package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// names answers every look-up with the next of a name's addresses, the last for
// ever. It speaks the real protocol to Go's resolver.
func names(table map[string][]string) *net.Resolver {
	asked := map[string]*atomic.Int32{}
	for n := range table {
		asked[n] = new(atomic.Int32)
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			buf := make([]byte, 2048)
			n, err := there.Read(buf)
			if err != nil {
				return
			}
			// A pipe is a stream to the resolver: two bytes of length go before.
			if n == 2 {
				n, err = there.Read(buf)
			} else {
				buf, n = buf[2:], n-2
			}
			if err == nil {
				there.Write(answer(buf[:n], table, asked))
			}
		}()
		return here, nil
	}}
}

func answer(query []byte, table map[string][]string, asked map[string]*atomic.Int32) []byte {
	var q dnsmessage.Message
	if err := q.Unpack(query); err != nil || len(q.Questions) == 0 {
		return nil
	}
	name := strings.TrimSuffix(q.Questions[0].Name.String(), ".")
	q.Header.Response, q.Header.RecursionAvailable, q.Additionals = true, true, nil
	addresses := table[name]
	if len(addresses) == 0 {
		q.Header.RCode = dnsmessage.RCodeNameError
	}
	for _, text := range addresses[:min(1, len(addresses))] {
		if len(addresses) > 1 && q.Questions[0].Type == dnsmessage.TypeA {
			text = addresses[min(int(asked[name].Add(1))-1, len(addresses)-1)]
		}
		a := netip.MustParseAddr(text)
		h := dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET}
		switch {
		case a.Is4() && q.Questions[0].Type == dnsmessage.TypeA:
			q.Answers = append(q.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Questions[0].Type == dnsmessage.TypeAAAA:
			q.Answers = append(q.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	out, _ := q.Pack()
	return append([]byte{byte(len(out) >> 8), byte(len(out))}, out...)
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// The table of addresses that must never be reached, whoever asks.
func TestRefused(t *testing.T) {
	var reached atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached.Add(1) }))
	defer inside.Close()
	port := inside.URL[strings.LastIndex(inside.URL, ":")+1:]
	resolver := names(map[string][]string{
		"loop.test": {"127.0.0.1"}, "six.test": {"::1"}, "mapped.test": {"::ffff:127.0.0.1"}, "private.test": {"10.1.2.3"},
		"cloud.test": {"169.254.169.254"}, "nat64.test": {"64:ff9b::7f00:1"}, "zero.test": {"0.0.0.0"},
		"rebind.test": {"127.0.0.1", "127.0.0.1", "93.184.215.14"},
	})
	var p int
	fmt.Sscan(port, &p)
	client := Client(Options{Ports: []int{p}, Resolver: resolver})
	urls := []string{
		"http://127.0.0.1:PORT/", "http://127.1.2.3:PORT/", "http://localhost:PORT/", "http://LOCALHOST.:PORT/", "http://a.localhost:PORT/",
		"http://0.0.0.0:PORT/", "http://0:PORT/", "http://[::1]:PORT/", "http://[::]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
		"http://[::ffff:7f00:1]:PORT/", "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/",
		"http://[2002:7f00:1::]:PORT/", "http://[2001:0:7f00:1::]:PORT/", "http://[fe80::1%25lo]:PORT/", "http://[fd00:ec2::254]/",
		"http://2130706433:PORT/", "http://0x7f000001:PORT/", "http://0x7f.1:PORT/", "http://0177.0.0.1:PORT/", "http://017700000001:PORT/",
		"http://127.1:PORT/", "http://127.0.0.1.:PORT/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", "http://100.100.100.200/",
		"http://168.63.129.16/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://198.18.0.1/",
		"http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/", "http://192.0.2.1/", "http://[ff02::1]/", "http://[fc00::1]/",
		"http://loop.test:PORT/", "http://six.test:PORT/", "http://mapped.test:PORT/", "http://private.test/", "http://cloud.test/",
		"http://nat64.test:PORT/", "http://zero.test:PORT/", "http://rebind.test:PORT/",
		"http://93.184.215.14:22/", "http://example.org:25/", "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "http:example.org",
		"http://user:pass@example.org/", "http://@127.0.0.1:PORT/", "http://example.org\\@127.0.0.1:PORT/", "http:///", "//127.0.0.1:PORT/", "",
		"http://①②⑦.⓪.⓪.①:PORT/",
	}
	for _, u := range urls {
		u = strings.ReplaceAll(u, "PORT", port)
		res, err := client.Get(u)
		if err == nil {
			res.Body.Close()
			t.Errorf("%s was called", u)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Fatalf("the inside was reached %d times", n)
	}
}

// Every hop of a redirect is judged like the first.
func TestRedirects(t *testing.T) {
	var inner atomic.Int32
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner.Add(1) }))
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	inside.Listener.Close()
	inside.Listener = l
	inside.Start()
	defer inside.Close()
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/in":
			http.Redirect(w, r, inside.URL, http.StatusFound)
		case "/file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/once":
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer outer.Close()
	client := Client(Options{Allow: loopback})
	for _, path := range []string{"/in", "/file", "/loop"} {
		if res, err := client.Get(outer.URL + path); err == nil {
			res.Body.Close()
			t.Errorf("%s was followed", path)
		} else if !Refused(err) {
			t.Errorf("%s: %v is not a refusal in words", path, err)
		}
	}
	if inner.Load() != 0 {
		t.Fatal("the inside was reached by a redirect")
	}
	for path, o := range map[string]Options{"/once": {Allow: loopback}, "/": {Allow: loopback}} {
		res, err := Client(o).Get(outer.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	res, err := Client(Options{Allow: loopback, Redirects: -1}).Get(outer.URL + "/in")
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatal(err)
	}
	res.Body.Close()
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.215.14": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true,
		"169.254.0.1": false, "2001:db8::1": false, "::": false, "fe80::1%eth0": false, "2002:101:101::": false,
	} {
		if got := Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestOwnAddressesAreRefused(t *testing.T) {
	all, err := net.InterfaceAddrs()
	if err != nil || len(all) == 0 {
		t.Fatal("this machine has no addresses, not even of itself: ", err)
	}
	p := netip.MustParsePrefix(all[0].String())
	if err := (Options{}).check(p.Addr()); !Refused(err) {
		t.Errorf("%s: %v", p, err)
	}
	if !ours(p.Addr()) {
		t.Errorf("%s is not known as ours", p)
	}
}

func TestGoodURLs(t *testing.T) {
	for _, u := range []string{"https://example.org", "http://example.org:80/x?y=z", "https://xn--bcher-kva.example/", "https://1.1.1.1/", "https://a1.b2c/"} {
		if err := CheckURL(u); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestReadAll(t *testing.T) {
	if b, err := ReadAll(strings.NewReader("abc"), 3); string(b) != "abc" || err != nil {
		t.Fatal(b, err)
	}
	if _, err := ReadAll(strings.NewReader("abcd"), 3); fault.KindOf(err) != fault.TooLarge {
		t.Fatal(err)
	}
}

func TestWords(t *testing.T) {
	if err := i18n.NewCatalog().Add("outbound", Words); err != nil {
		t.Fatal(err)
	}
}

func TestDeadNameIsNoRefusal(t *testing.T) {
	_, err := Client(Options{Resolver: names(nil)}).Get("http://nowhere.test/")
	var dns *net.DNSError
	if err == nil || Refused(err) || !errors.As(err, &dns) {
		t.Fatal(err)
	}
}

// The look-ups of these tests do lead somewhere: with loopback allowed the same
// name is reached, and a name that turns to the inside after its first look-up
// is refused the second time.
func TestNamesAreJudgedWhenDialled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	var p int
	fmt.Sscan(port, &p)
	client := Client(Options{Allow: loopback, Ports: []int{p}, Resolver: names(map[string][]string{"turn.test": {"127.0.0.1", "127.0.0.3"}})})
	res, err := client.Get("http://turn.test:" + port + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	client.CloseIdleConnections()
	if _, err := client.Get("http://turn.test:" + port + "/"); !Refused(err) {
		t.Fatal(err)
	}
}
