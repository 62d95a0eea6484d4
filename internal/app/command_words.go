package app

import (
	"fmt"
	"os"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/logs"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/i18n/overlay"
)

// WordsExportCommand writes a translator's file.
type WordsExportCommand struct {
	Lang string `arg:"" help:"The language: en, es, bzj, cab, kek, mop or yua."`
}

// Run runs the command.
func (w *WordsExportCommand) Run(c *console) error {
	if !i18n.Known(w.Lang) {
		return usage{fmt.Errorf("there is no language %q; `ceiba words export --help` lists them", w.Lang)}
	}
	words, err := c.words()
	if err != nil {
		return err
	}
	return words.Export(c.Out, w.Lang)
}

// WordsImportCommand puts a translator's file beside the program's own words.
type WordsImportCommand struct {
	File string `arg:"" help:"The translator's file, as export wrote it and with the last column filled in." type:"existingfile"`
}

// Run runs the command.
func (w *WordsImportCommand) Run(c *console) error {
	words, err := c.words()
	if err != nil {
		return err
	}
	f, err := os.Open(w.File)
	if err != nil {
		return err
	}
	defer f.Close()
	lang, got, problems, err := words.Import(f)
	if err != nil {
		return fmt.Errorf("%s: %w", w.File, err)
	}
	for _, p := range problems {
		fmt.Fprintln(c.Err, p)
	}
	n, err := overlay.Add(overlay.Path(c.cli.Data, lang), got)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%d sentences in %s are kept in %s; the site says them from its next start.\n", n, lang, overlay.Path(c.cli.Data, lang))
	if len(problems) > 0 {
		return fmt.Errorf("%d lines were left out", len(problems))
	}
	return nil
}

// words gathers the sentences of all modules. The modules want their stores, so
// they get an empty site that is thrown away.
func (c *console) words() (*i18n.Catalog, error) {
	dir, err := os.MkdirTemp("", "ceiba-words-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	a, err := Open(c.ctx, config.Store{Data: dir}, config.Serve{Listen: "127.0.0.1:8080"}, logs.New(c.Err, "error"))
	if err != nil {
		return nil, err
	}
	defer a.Close()
	return a.Words, overlay.Apply(a.Words, c.cli.Data, func(problem string) { fmt.Fprintln(c.Err, problem) })
}
