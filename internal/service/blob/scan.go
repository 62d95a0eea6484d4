package blob

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"ceiba/internal/ground/fault"
)

// Scanner looks for viruses. It returns the name of what it found, "" if
// nothing.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) (found string, err error)
}

// Clamd speaks to ClamAV's daemon at unix:PATH or tcp:HOST:PORT; either word may
// be left out. Its StreamMaxLength must be as large as the largest upload.
func Clamd(address string) Scanner {
	return clamd(strings.TrimPrefix(strings.TrimPrefix(address, "unix:"), "tcp:"))
}

type clamd string

// Scan sends r with the command INSTREAM.
func (c clamd) Scan(ctx context.Context, r io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(string(c), "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, string(c))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	sendErr := sendStream(conn, r)
	// clamd answers and hangs up when a stream is too long: its word counts more
	// than our failed write.
	answer, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString(0)
	if answer == "" {
		return "", errors.Join(sendErr, err)
	}
	return readAnswer(strings.TrimSpace(strings.TrimRight(answer, "\x00")))
}

func sendStream(w io.Writer, r io.Reader) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	buf := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(r, buf[4:])
		binary.BigEndian.PutUint32(buf, uint32(n))
		if n > 0 {
			if _, err := w.Write(buf[:4+n]); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			_, err = w.Write([]byte{0, 0, 0, 0})
			return err
		}
		if err != nil {
			return err
		}
	}
}

func readAnswer(answer string) (string, error) {
	answer = strings.TrimPrefix(answer, "stream: ")
	if found, ok := strings.CutSuffix(answer, " FOUND"); ok {
		return found, nil
	}
	if answer == "OK" {
		return "", nil
	}
	return "", fmt.Errorf("clamd: %s", answer)
}

// inspect has a received file scanned. What is found goes to quarantine, where
// nothing serves it; what cannot be scanned is not let in.
func (s *Store) inspect(ctx context.Context, t *temp) error {
	found, err := s.scan.Scan(ctx, io.NewSectionReader(t, 0, t.size))
	if err != nil {
		return fault.New(fault.Unavailable, "blob.scanner_away").After(time.Minute).Wrap(err)
	}
	if found == "" {
		return nil
	}
	s.log.WarnContext(ctx, "blob: virus refused", "found", found, "sha256", t.sha, "size", t.size)
	if err := errors.Join(t.Sync(), s.keep(ctx, t.Name(), "quarantine/"+t.sha, "application/octet-stream", false)); err != nil {
		s.log.ErrorContext(ctx, "blob: quarantine", "sha256", t.sha, "error", err)
	}
	return fault.New(fault.Invalid, "blob.virus", "found", shown(found))
}
