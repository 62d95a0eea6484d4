// Package offline holds the commands that need no site: they read files, and
// print. They run as well inside a server that carries a command out for another
// process.
package offline

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Console is what a command reads and writes.
type Console struct {
	In       io.Reader // standard input; nothing for a command that a server carries out
	Out, Err io.Writer
	Dir      string               // where file names are meant from; empty for the process's own folder
	Say      func() *i18n.Printer // sentences of the whole program, in English; nil if there are none

	SayIn func(lang string) *i18n.Printer // the same in any language
}

// Path is a file name as whoever typed the command meant it.
func (c *Console) Path(name string) string {
	if c.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.Dir, name)
}

// Print writes one JSON object.
func (c *Console) Print(v any) error {
	enc := json.NewEncoder(c.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Plain gives a fault's English sentence to whoever sits at a terminal.
func (c *Console) Plain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	words := c.Say()
	if words == nil {
		return err.Error()
	}
	return words.Fault(f)
}
