// Command bundle makes web/dist from web/src with esbuild: every .ts and .css
// file that lies directly in the source folder becomes one minified file of the
// same name, with what it imports inside; pictures and fonts are copied. Names
// carry no hash (the program adds one when it starts), and the same sources
// give the same bytes on every machine.
//
// It is a program of its own so that `go run ./dev` need not compile esbuild.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	src := flag.String("src", "web/src", "folder of the sources")
	out := flag.String("out", "web/dist", "folder to write")
	flag.Parse()
	if err := bundle(*src, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func bundle(src, out string) error {
	src, err := filepath.Abs(src)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	entries, static, err := sort(src)
	if err != nil {
		return err
	}
	for _, name := range static {
		text, err := os.ReadFile(filepath.Join(src, name))
		if err != nil {
			return err
		}
		to := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return build(src, out, entries)
}

// static are the files that pages load as they are.
var static = map[string]bool{
	".svg": true, ".png": true, ".webp": true, ".jpg": true, ".ico": true, ".woff2": true,
	".webmanifest": true, ".txt": true, ".json": true,
}

// sort tells what is bundled from what is copied. Folders hold parts that
// entries import, and static files.
func sort(src string) (entries, copied []string, err error) {
	err = fs.WalkDir(os.DirFS(src), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		ext := filepath.Ext(path)
		switch top := filepath.Dir(path) == "."; {
		case filepath.Base(path) == "tsconfig.json":
		case static[ext]:
			copied = append(copied, path)
		case top && (ext == ".ts" && !isDeclaration(path) || ext == ".css"):
			entries = append(entries, path)
		}
		return nil
	})
	return entries, copied, err
}

func isDeclaration(path string) bool {
	ok, _ := filepath.Match("*.d.ts", filepath.Base(path))
	return ok
}

func build(src, out string, entries []string) error {
	res := api.Build(api.BuildOptions{
		EntryPoints:       entries,
		AbsWorkingDir:     src,
		Outdir:            out,
		Outbase:           src,
		Bundle:            true,
		Write:             true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		Target:            api.ES2020,
		Format:            api.FormatIIFE,
		LegalComments:     api.LegalCommentsInline,
		LogLevel:          api.LogLevelSilent,
		Loader: map[string]api.Loader{
			".svg": api.LoaderDataURL, ".png": api.LoaderDataURL, ".woff2": api.LoaderFile,
		},
		AssetNames: "[name]",
		External:   []string{"*.woff2"},
	})
	var errs []error
	for _, m := range append(res.Errors, res.Warnings...) {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		errs = append(errs, errors.New(where+m.Text))
	}
	return errors.Join(errs...)
}
