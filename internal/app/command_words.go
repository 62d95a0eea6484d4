package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ceiba/internal/ground/config"
	"ceiba/internal/service/i18n"
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
	return words.Export(c.out, w.Lang)
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
		fmt.Fprintln(c.err, p)
	}
	n, err := writeOverlay(overlayPath(c.cli.Data, lang), got)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d sentences in %s are kept in %s; the site says them from its next start.\n", n, lang, overlayPath(c.cli.Data, lang))
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
	a, err := Open(c.ctx, config.Store{Data: dir}, config.Serve{Listen: "127.0.0.1:8080"}, logger(c.err, "error"))
	if err != nil {
		return nil, err
	}
	defer a.Close()
	return a.Words, overlay(a.Words, c.cli.Data, func(problem string) { fmt.Fprintln(c.err, problem) })
}

// overlayPath is the file of the sentences that translators of this site wrote
// in a language: an object of modules, each an object of sentences as in the
// module's own locale/LANG.json.
func overlayPath(data, lang string) string { return filepath.Join(data, "words", lang+".json") }

type overlayWords map[string]map[string]json.RawMessage

func readOverlay(path string) (overlayWords, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return overlayWords{}, nil
	}
	if err != nil {
		return nil, err
	}
	words := overlayWords{}
	if err := json.Unmarshal(text, &words); err != nil {
		return nil, fmt.Errorf("%s: %w: mend the file or move it away", path, err)
	}
	return words, nil
}

// writeOverlay adds sentences to a file, and returns how many it holds then.
func writeOverlay(path string, got map[string]map[string]any) (n int, err error) {
	words, err := readOverlay(path)
	if err != nil {
		return 0, err
	}
	for module, sentences := range got {
		if words[module] == nil {
			words[module] = map[string]json.RawMessage{}
		}
		for key, s := range sentences {
			if words[module][key], err = json.Marshal(s); err != nil {
				return 0, err
			}
		}
	}
	for _, sentences := range words {
		n += len(sentences)
	}
	text, err := json.MarshalIndent(words, "", " ")
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, append(text, '\n'), 0o600); err != nil {
		return 0, err
	}
	return n, os.Rename(tmp, path)
}

// overlay puts the translators' sentences over the program's own. One that no
// longer fits, as after an upgrade that changed the English, is left out and
// told to say: a translation never keeps a site from starting.
func overlay(to *i18n.Catalog, data string, say func(problem string)) error {
	known := to.Keys("en")
	for _, l := range i18n.Languages {
		path := overlayPath(data, l.Code)
		words, err := readOverlay(path)
		if err != nil {
			return err
		}
		for _, module := range slices.Sorted(maps.Keys(words)) {
			for _, key := range slices.Sorted(maps.Keys(words[module])) {
				err := errors.New("no such sentence any more")
				if _, ok := slices.BinarySearch(known, key); ok {
					err = to.Add(module, sentence{l.Code, key, words[module][key]})
				}
				if err != nil {
					say(fmt.Sprintf("%s: %s is left out: %v", path, key, err))
				}
			}
		}
	}
	return nil
}

// sentence is one sentence as a module's folder, which is what a catalogue
// reads.
type sentence struct {
	lang, key string
	text      json.RawMessage
}

// Open is part of fs.FS; the catalogue uses Glob and ReadFile.
func (s sentence) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Glob names the one file.
func (s sentence) Glob(string) ([]string, error) { return []string{"locale/" + s.lang + ".json"}, nil }

// ReadFile gives its text.
func (s sentence) ReadFile(string) ([]byte, error) {
	return json.Marshal(map[string]json.RawMessage{s.key: s.text})
}
