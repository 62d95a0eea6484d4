package raw

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
)

// File is the publisher's file on disk.
type File struct {
	Ctx  context.Context // ends the reading of the whole file
	Path string
	Size int64 // on disk
	Gzip bool  // it is to be inflated
}

// Stream reads a file from its start, inflated where it is compressed.
type Stream struct {
	io.Reader
	disk *os.File
	read atomic.Int64 // bytes taken from disk
	left int64        // inflated bytes still allowed
	z    *gzip.Reader
}

// Open starts to read f. More than most inflated bytes are refused.
func (f File) Open(most int64) (*Stream, error) {
	disk, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	s := &Stream{disk: disk, left: most}
	s.Reader = counted{s}
	if !f.Gzip {
		return s, nil
	}
	if s.z, err = gzip.NewReader(counted{s}); err != nil {
		disk.Close()
		return nil, source.Refuse("damaged").Wrap(err)
	}
	s.Reader = inflated{s}
	return s, nil
}

// Close releases the file. It may be called more than once.
func (s *Stream) Close() error {
	err := s.disk.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// Taken is how many bytes of the file have been read.
func (s *Stream) Taken() int64 { return s.read.Load() }

type counted struct{ s *Stream }

func (c counted) Read(b []byte) (int, error) {
	n, err := c.s.disk.Read(b)
	c.s.read.Add(int64(n))
	return n, err
}

type inflated struct{ s *Stream }

func (i inflated) Read(b []byte) (int, error) {
	n, err := i.s.z.Read(b)
	i.s.left -= int64(n)
	switch {
	case i.s.left < 0:
		return 0, fault.New(fault.TooLarge, "table.read.bomb")
	case err != nil && err != io.EOF:
		return n, source.Refuse("damaged").Wrap(err)
	}
	return n, err
}
