// Package overlay keeps the sentences that translators of a site wrote, in files
// beside the site's data, and puts them over the program's own.
package overlay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ceiba/internal/service/i18n"
)

// Path is the file of the sentences that translators of this site wrote
// in a language: an object of modules, each an object of sentences as in the
// module's own locale/LANG.json.
func Path(data, lang string) string { return filepath.Join(data, "words", lang+".json") }

type words map[string]map[string]json.RawMessage

func read(path string) (words, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return words{}, nil
	}
	if err != nil {
		return nil, err
	}
	said := words{}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, fmt.Errorf("%s: %w: mend the file or move it away", path, err)
	}
	return said, nil
}

// Add adds sentences, by module and key, to a file, and returns how many it holds
// then.
func Add(path string, got map[string]map[string]any) (n int, err error) {
	said, err := read(path)
	if err != nil {
		return 0, err
	}
	for module, sentences := range got {
		if said[module] == nil {
			said[module] = map[string]json.RawMessage{}
		}
		for key, s := range sentences {
			if said[module][key], err = json.Marshal(s); err != nil {
				return 0, err
			}
		}
	}
	for _, sentences := range said {
		n += len(sentences)
	}
	text, err := json.MarshalIndent(said, "", " ")
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

// Apply puts the translators' sentences over the program's own. One that no
// longer fits, as after an upgrade that changed the English, is left out and
// told to say: a translation never keeps a site from starting.
func Apply(to *i18n.Catalog, data string, say func(problem string)) error {
	known := to.Keys("en")
	for _, l := range i18n.Languages {
		path := Path(data, l.Code)
		said, err := read(path)
		if err != nil {
			return err
		}
		for _, module := range slices.Sorted(maps.Keys(said)) {
			for _, key := range slices.Sorted(maps.Keys(said[module])) {
				err := errors.New("no such sentence any more")
				if _, ok := slices.BinarySearch(known, key); ok {
					err = to.Add(module, sentence{l.Code, key, said[module][key]})
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
