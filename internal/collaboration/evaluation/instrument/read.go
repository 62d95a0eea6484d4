package instrument

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"go.yaml.in/yaml/v3"

	"ceiba/internal/ground/fault"
)

//go:embed shipped/*.yaml
var files embed.FS

// Read reads an instrument. The error is a fault: fault.Fields with a path for
// each thing that is wrong, or one about the file as a whole.
func Read(text []byte) (*Instrument, error) {
	in := &Instrument{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(in); err != nil {
		return nil, syntax(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, syntax(errors.New("more than one document"))
	}
	in.fill()
	digest := sha256.Sum256(text)
	in.Digest = hex.EncodeToString(digest[:])
	return in, in.check()
}

func syntax(err error) error {
	return fault.New(fault.Invalid, "evaluation.instrument.syntax", "reason", err.Error()).Wrap(err)
}

// fill puts in what may be left out.
func (in *Instrument) fill() {
	for n := range in.All() {
		if n.Weight == 0 {
			n.Weight = 1
		}
		if n.Aggregation == "" {
			n.Aggregation = NoValue
		}
	}
}

// Shipped are the instruments that come with the program, in the order of their
// files' names.
var Shipped = sync.OnceValues(func() ([]*Instrument, error) {
	names, err := fs.Glob(files, "shipped/*.yaml")
	if err != nil {
		return nil, err
	}
	out := make([]*Instrument, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err == nil {
			out[i], err = Read(text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
})
