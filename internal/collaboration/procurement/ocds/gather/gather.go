// Package gather puts the releases of one contracting process together, in
// whatever order and from however many packages they come.
//
// Memory is bounded by the number of releases and by the largest process, not by
// the size of the files: releases wait in a temporary file, of which only ocid,
// place and position are remembered (about 150 bytes each).
//
// It stops at one process of a few hundred megabytes: its releases are in memory
// together while it is handed out.
package gather

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// Process is the releases of one ocid, in the order in which they came.
type Process struct {
	OCID     string
	Releases []any
	Places   []read.Place   // of each release
	Version  schema.Version // 1.0 if all its packages are of 1.0, otherwise 1.1
}

// waiting is a release in the temporary file.
type waiting struct {
	start, size int64
	place       read.Place
	pack        *read.Package
}

// Gatherer takes releases and hands out processes.
type Gatherer struct {
	file  *os.File
	out   *bufio.Writer
	size  int64
	order []string
	by    map[string][]waiting
	line  []byte
}

// New makes a Gatherer with a temporary file. Close removes it.
func New() (*Gatherer, error) {
	f, err := os.CreateTemp("", "ocds-*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	return &Gatherer{file: f, out: bufio.NewWriter(f), by: map[string][]waiting{}}, nil
}

// Close removes the temporary file.
func (g *Gatherer) Close() error {
	g.file.Close()
	return os.Remove(g.file.Name())
}

// Add takes the releases of an item: itself, or those that a record holds. It
// returns how many it could not take: links to releases elsewhere, and releases
// without an ocid.
func (g *Gatherer) Add(item *read.Item) (left int, err error) {
	if item.Kind != read.Record {
		return g.add(item, item.Object)
	}
	v, _ := item.Object.Get("releases")
	releases, _ := v.([]any)
	if len(releases) == 0 && !item.Rest {
		return 1, nil
	}
	for _, r := range releases {
		o, ok := r.(*ocds.Object)
		if !ok {
			left++
			continue
		}
		n, err := g.add(item, o)
		if err != nil {
			return left, err
		}
		left += n
	}
	return left, nil
}

func (g *Gatherer) add(item *read.Item, release *ocds.Object) (left int, err error) {
	ocid := release.Text("ocid")
	if ocid == "" {
		return 1, nil
	}
	g.line = ocds.Append(g.line[:0], release)
	if _, err := g.out.Write(g.line); err != nil {
		return 0, fmt.Errorf("write a temporary file: %w", err)
	}
	if g.by[ocid] == nil {
		g.order = append(g.order, ocid)
	}
	n := int64(len(g.line))
	g.by[ocid] = append(g.by[ocid], waiting{g.size, n, item.Place, item.Package})
	g.size += n
	return 0, nil
}

// Processes hands out processes in the order in which their first releases came.
func (g *Gatherer) Processes() iter.Seq2[Process, error] {
	return func(yield func(Process, error) bool) {
		if err := g.out.Flush(); err != nil {
			yield(Process{}, fmt.Errorf("write a temporary file: %w", err))
			return
		}
		for _, ocid := range g.order {
			p, err := g.process(ocid)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

func (g *Gatherer) process(ocid string) (Process, error) {
	p := Process{OCID: ocid, Version: schema.V10}
	for _, w := range g.by[ocid] {
		text := make([]byte, w.size)
		if _, err := g.file.ReadAt(text, w.start); err != nil && err != io.EOF {
			return p, fmt.Errorf("read a temporary file: %w", err)
		}
		limits := read.Usual
		limits.Bytes *= 6 // a character may be written as an escape now
		v, err := read.Value(text, limits)
		if err != nil {
			return p, err
		}
		p.Releases, p.Places = append(p.Releases, v), append(p.Places, w.place)
		if w.pack == nil || schema.Of(w.pack.Version()) != schema.V10 {
			p.Version = schema.V11
		}
	}
	return p, nil
}
