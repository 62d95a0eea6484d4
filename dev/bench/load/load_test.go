package load

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The generator counts what the server answered, in both forms of body, and
// tells wrong answers from right ones.
func TestRun(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunks":
			for range 3 {
				fmt.Fprint(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		case "/wrong":
			http.Error(w, "no such thing", http.StatusTeapot)
		default:
			fmt.Fprint(w, "short")
		}
	}))
	defer s.Close()
	run := func(path string) Result {
		return Run(t.Context(), Plan{
			Addr: s.Listener.Addr().String(), Conns: 3, For: 100 * time.Millisecond, Status: 200,
			Request: func(int, int) []byte { return []byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n") },
		})
	}
	for _, path := range []string{"/", "/chunks"} {
		if r := run(path); r.Requests < 3 || r.Wrong != 0 || r.P99 < r.P50 {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if r := run("/wrong"); r.Requests != 0 || r.Wrong < 3 || !strings.Contains(r.First, "418: no such thing") {
		t.Errorf("%+v", r)
	}
}
