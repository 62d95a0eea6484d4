package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"
)

// eicar is the test file that every virus scanner reports, in two halves so
// that scanners leave this source alone.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// instream speaks clamd's side of INSTREAM and finds EICAR; past limit bytes it
// answers as clamd does past StreamMaxLength.
func instream(t *testing.T, limit int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerScan(conn, limit)
		}
	}()
	return l.Addr().String()
}

func answerScan(conn net.Conn, limit int) {
	defer conn.Close()
	cmd := make([]byte, 10)
	if _, err := io.ReadFull(conn, cmd); err != nil || string(cmd) != "zINSTREAM\x00" {
		io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var all bytes.Buffer
	for {
		var n uint32
		if binary.Read(conn, binary.BigEndian, &n) != nil {
			return
		}
		if n == 0 {
			break
		}
		if all.Len()+int(n) > limit {
			io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		io.CopyN(&all, conn, int64(n))
	}
	if bytes.Contains(all.Bytes(), []byte(eicar)) {
		io.WriteString(conn, "stream: Eicar-Test-Signature FOUND\x00")
		return
	}
	io.WriteString(conn, "stream: OK\x00")
}

func TestVirusGoesToQuarantine(t *testing.T) {
	var log bytes.Buffer
	s := folderStore(t, ScanWith(Clamd("tcp:"+instream(t, 1<<20))), LogTo(slog.New(slog.NewTextHandler(&log, nil))))
	ctx := context.Background()
	if _, err := s.Put(ctx, bytes.NewReader(noise(300_000)), PutOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(ctx, strings.NewReader(eicar), PutOptions{Name: "letter.txt"})
	wantKind(t, err, fault.Invalid, "blob.virus")
	if !strings.Contains(log.String(), "Eicar-Test-Signature") {
		t.Errorf("log: %s", log.String())
	}
	if n := count(t, s); n != 1 {
		t.Errorf("%d files", n)
	}
	held := 0
	list := s.bucket.List(nil)
	for o, err := list.Next(ctx); err == nil; o, err = list.Next(ctx) {
		if strings.HasPrefix(o.Key, "quarantine/") {
			held++
		}
	}
	if held != 1 {
		t.Errorf("%d in quarantine", held)
	}
	if _, err := s.Put(ctx, strings.NewReader(eicar), PutOptions{Ours: true}); err != nil {
		t.Errorf("our own file was scanned: %v", err)
	}
}

func TestNothingPassesUnscanned(t *testing.T) {
	ctx := context.Background()
	for name, address := range map[string]string{
		"away":     "127.0.0.1:1",
		"socket":   "unix:/nowhere/clamd.ctl",
		"too long": instream(t, 1000),
	} {
		s := folderStore(t, ScanWith(Clamd(address)))
		_, err := s.Put(ctx, bytes.NewReader(noise(2_000_000)), PutOptions{})
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Image(ctx, bytes.NewReader(jpegOf(t, scene(300, 300))), PictureOptions{}); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: picture: %v", name, err)
		}
		if n := count(t, s); n != 0 {
			t.Errorf("%s: %d files", name, n)
		}
	}
}
