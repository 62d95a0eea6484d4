package app

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/ledger"
)

// VerifyCommand recomputes the ledger of the site, or checks one file of
// evidence without a site.
type VerifyCommand struct {
	Pack string `help:"Check this file of evidence instead of the site. It needs neither database nor network." placeholder:"FILE" type:"existingfile"`
	Key  string `help:"The key of the log that the file is from, as you know it from elsewhere: name+hash+data." placeholder:"KEY"`
}

// maxPackBytes bounds what is read into memory: the largest pack that a site
// makes is a tenth of it.
const maxPackBytes = 256 << 20

// Run runs the command.
func (v *VerifyCommand) Run(c *console) error {
	switch {
	case v.Pack != "":
		return v.pack(c, english())
	case v.Key != "":
		return usage{errors.New("--key goes with --pack FILE; the site's own key is found beside its data")}
	}
	s, err := v.site(c)
	if err != nil {
		return err
	}
	say := english()
	fmt.Fprintf(c.Out, "size %d\nroot %s\n", s.Size, s.Root)
	fmt.Fprintln(c.Out, say.T("ledger.verify.ok", "size", s.Size, "root", s.Root.String()))
	for _, x := range []struct {
		key string
		n   int64
	}{{"ledger.verify.erased", s.Erased}, {"ledger.verify.behind", s.Behind}, {"ledger.verify.unsealed", s.Unsealed}} {
		if x.n > 0 {
			fmt.Fprintln(c.Out, say.N(x.key, int(x.n)))
		}
	}
	return nil
}

// site verifies the site, in the running server if there is one.
func (v *VerifyCommand) site(c *console) (ledger.Site, error) {
	if c.server != nil {
		return ledger.VerifySite(c.ctx, c.server.DB, c.server.Store.KeyPath())
	}
	d, err := v.open(c)
	if err != nil {
		return ledger.Site{}, err
	}
	defer d.Close()
	return ledger.VerifySite(c.ctx, d, c.cli.KeyPath())
}

// open opens the database as it is, without bringing it up to date and without
// the guard of the start: what they would refuse is what is looked for.
func (v *VerifyCommand) open(c *console) (*db.DB, error) {
	path := c.cli.DatabasePath()
	if c.cli.Database == "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no site in %s: name its folder with --data", c.cli.Data)
		}
	}
	if _, err := os.Stat(c.cli.KeyPath()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the key of the ledger is not at %s: name it with --ledger-key", c.cli.KeyPath())
	}
	return db.Open(c.ctx, path)
}

func (v *VerifyCommand) pack(c *console, say *i18n.Printer) error {
	info, err := os.Stat(c.Path(v.Pack))
	if err != nil {
		return err
	}
	if info.Size() > maxPackBytes {
		return fmt.Errorf("%s holds %d bytes, which is more than any file of evidence", v.Pack, info.Size())
	}
	text, err := os.ReadFile(c.Path(v.Pack))
	if err != nil {
		return err
	}
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return v.bundle(c, say, text)
	}
	_, err = v.proof(c, say, text)
	return err
}

// bundle checks a ZIP of evidence: that every file is what the manifest says,
// and each proof in it.
func (v *VerifyCommand) bundle(c *console, say *i18n.Printer, text []byte) error {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	var manifest struct {
		Files []struct{ Name, SHA256 string }
	}
	if data, err := zipped(z, "manifest.json"); err != nil {
		return err
	} else if err := json.Unmarshal(data, &manifest); err != nil {
		return fmt.Errorf("manifest.json: %w", err)
	}
	if len(manifest.Files) != len(z.File)-1 {
		return fmt.Errorf("the manifest names %d files, and there are %d", len(manifest.Files), len(z.File)-1)
	}
	has, known := map[string]string{}, proved{files: map[string]bool{}}
	for _, f := range manifest.Files {
		data, err := zipped(z, f.Name)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
			return fmt.Errorf("%s is not what the manifest says: it was changed", f.Name)
		}
		has[f.Name] = f.SHA256
		fmt.Fprintf(c.Out, "%s\t%s\n", f.SHA256, f.Name)
		if strings.HasPrefix(f.Name, "ledger/") {
			r, err := v.proof(c, say, data)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			known.add(r)
		}
	}
	if _, there := has["documents.json"]; there {
		return checkDocuments(c, z, has, known)
	}
	return nil
}

// proved is what the proofs of a bundle say of files.
type proved struct {
	files   map[string]bool // digests that an entry of the log names
	pending bool            // there are entries that no checkpoint covers yet
}

func (p *proved) add(r ledger.Report) {
	p.pending = p.pending || r.Pending > 0
	for _, e := range r.Entries {
		var said struct{ SHA256 string }
		if json.Unmarshal(e.After, &said) == nil && said.SHA256 != "" {
			p.files[said.SHA256] = true
		}
	}
}

// checkDocuments checks that every file of the list of documents is one that the
// ledger names, and that what the bundle brings under its name is that file.
func checkDocuments(c *console, z *zip.Reader, has map[string]string, known proved) error {
	data, err := zipped(z, "documents.json")
	if err != nil {
		return err
	}
	var list struct {
		Documents []struct{ Title, Name, SHA256, File string }
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("documents.json: %w", err)
	}
	listed := map[string]bool{}
	for _, d := range list.Documents {
		switch {
		case d.SHA256 == "":
			continue // the address of a page elsewhere
		case d.File != "" && has[d.File] != d.SHA256:
			return fmt.Errorf("%s is not the document that documents.json lists", d.File)
		case known.files[d.SHA256]:
		case known.pending:
			fmt.Fprintf(c.Err, "%s is so new that no checkpoint of the ledger covers it yet: take the evidence again later\n", d.Name)
		default:
			return fmt.Errorf("no entry of the ledger names %s (%s): it is not what was published", d.Name, d.SHA256)
		}
		listed[d.File] = true
		fmt.Fprintf(c.Out, "%s\t%s\t%s\n", d.SHA256, d.Name, d.Title)
	}
	for name := range has {
		if strings.HasPrefix(name, "documents/") && !listed[name] {
			return fmt.Errorf("documents.json does not list %s", name)
		}
	}
	return nil
}

// zipped reads one file of a ZIP, which may not unpack to more than a file of
// evidence can hold.
func zipped(z *zip.Reader, name string) ([]byte, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPackBytes+1))
	if err == nil && len(data) > maxPackBytes {
		err = fmt.Errorf("%s unpacks to more than any file of evidence", name)
	}
	return data, err
}

// proof checks the ledger's evidence about one record, and says what it proves.
func (v *VerifyCommand) proof(c *console, say *i18n.Printer, text []byte) (ledger.Report, error) {
	r, err := ledger.VerifyPack(text, v.Key)
	if err != nil {
		return r, err
	}
	fmt.Fprintf(c.Out, "size %d\nroot %s\n", r.Size, r.Root)
	fmt.Fprintln(c.Out, say.T("ledger.pack.ok", "n", len(r.Entries), "kind", r.Kind, "record", r.Record, "origin", r.Origin, "size", r.Size))
	for _, e := range r.Entries {
		what := e.Title
		if e.Erased {
			what = say.T("ledger.erased")
		}
		fmt.Fprintf(c.Out, "%d\t%s\t%s\t%s\t%s\n", e.Seq, say.DateTime(e.At.Time), e.Verb, e.Actor, what)
	}
	if r.Pending > 0 {
		fmt.Fprintln(c.Out, say.N("ledger.pending", r.Pending))
	}
	if r.KeyInPack {
		fmt.Fprintln(c.Err, say.T("ledger.pack.own_key"))
	}
	return r, nil
}
