package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// tusServer serves one owner's uploads as web would.
func tusServer(t *testing.T, s *Store, ended chan<- error) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := s.ServeUpload(w, r, r.URL.Path[1:], "me")
		switch {
		case errors.Is(err, db.ErrNotFound):
			w.WriteHeader(http.StatusNotFound)
		case err != nil:
			w.WriteHeader(map[fault.Kind]int{fault.Internal: 500, fault.Conflict: 409, fault.Malformed: 400, fault.TooLarge: 413}[fault.KindOf(err)])
		}
		if ended != nil && r.Method == http.MethodPatch {
			ended <- err
		}
	}))
	server.Config.ReadTimeout = 200 * time.Millisecond // far less than a slow upload takes
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func ask(t *testing.T, method, url string, body io.Reader, offset int64) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPatch {
		r.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
		r.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// A real connection is cut in the middle of a PATCH; the upload goes on from
// what had arrived.
func TestCutConnection(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ended := make(chan error, 1)
		server := tusServer(t, s, ended)
		file := noise(300_000)
		u := begin(t, s, Upload{Owner: "me", Size: int64(len(file))})
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "PATCH /%s HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", u.ID, len(file))
		conn.Write(file[:100_000])
		conn.Close()
		if err := <-ended; err == nil {
			t.Fatal("a cut connection is no error")
		}
		res := ask(t, http.MethodHead, server.URL+"/"+u.ID, nil, 0)
		if res.StatusCode != 204 || res.Header.Get("Upload-Offset") != "100000" || res.Header.Get("Upload-Length") != "300000" {
			t.Fatal(res.Status, res.Header)
		}
		res = ask(t, http.MethodPatch, server.URL+"/"+u.ID, bytes.NewReader(file[100_000:]), 100_000)
		if <-ended != nil || res.StatusCode != 204 || res.Header.Get("Upload-Offset") != "300000" {
			t.Fatal(res.Status, res.Header)
		}
		ref, err := s.Finish(context.Background(), find(t, s, u), PutOptions{})
		if err != nil || ref.Size != 300_000 {
			t.Fatal(ref, err)
		}
	})
}

// trickle gives a few bytes at a time, slower than the server's time limit.
type trickle struct {
	rest []byte
	tick <-chan time.Time
}

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	<-r.tick
	n := copy(p, r.rest[:min(100, len(r.rest))])
	r.rest = r.rest[n:]
	return n, nil
}

func TestSlowLineIsWaitedFor(t *testing.T) {
	s := folderStore(t)
	server := tusServer(t, s, nil)
	u := begin(t, s, Upload{Owner: "me", Size: 1000})
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	res := ask(t, http.MethodPatch, server.URL+"/"+u.ID, &trickle{noise(1000), tick.C}, 0)
	if res.StatusCode != 204 || find(t, s, u).Offset != 1000 {
		t.Fatal(res.Status, find(t, s, u).Offset)
	}
}

func TestUploadProtocol(t *testing.T) {
	s := folderStore(t)
	server := tusServer(t, s, nil)
	mine, yours := begin(t, s, Upload{Owner: "me", Size: 10}), begin(t, s, Upload{Owner: "you", Size: 10})
	if res := ask(t, http.MethodHead, server.URL+"/"+yours.ID, nil, 0); res.StatusCode != 404 {
		t.Error(res.Status)
	}
	res := ask(t, http.MethodPatch, server.URL+"/"+mine.ID, bytes.NewReader(noise(4)), 3)
	if res.StatusCode != 409 || res.Header.Get("Upload-Offset") != "0" {
		t.Error(res.Status, res.Header)
	}
	if res := ask(t, http.MethodPatch, server.URL+"/"+mine.ID, bytes.NewReader(noise(11)), 0); res.StatusCode != 413 {
		t.Error(res.Status)
	}
	if res := ask(t, http.MethodPatch, server.URL+"/"+mine.ID, nil, -1); res.StatusCode != 400 {
		t.Error(res.Status)
	}
	if res := ask(t, http.MethodDelete, server.URL+"/"+mine.ID, nil, 0); res.StatusCode != 204 {
		t.Error(res.Status)
	}
	if res := ask(t, http.MethodHead, server.URL+"/"+mine.ID, nil, 0); res.StatusCode != 404 {
		t.Error(res.Status)
	}
}
