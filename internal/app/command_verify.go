package app

import (
	"archive/zip"
	"bytes"
	"cmp"
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
// each proof in it, and every document against what the proofs say of it. What no
// proof covers is named.
func (v *VerifyCommand) bundle(c *console, say *i18n.Printer, text []byte) error {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	has, err := manifest(z)
	if err != nil {
		return err
	}
	known := proved{papers: map[string]paper{}, removed: map[string]bool{}}
	proofs, bare := 0, []string{}
	for _, f := range z.File {
		if f.Name == "manifest.json" {
			continue
		}
		fmt.Fprintf(c.Out, "%s\t%s\n", has[f.Name], f.Name)
		switch {
		case strings.HasPrefix(f.Name, "ledger/"):
			data, err := zipped(z, f.Name)
			if err != nil {
				return err
			}
			r, err := v.proof(c, say, data)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			proofs++
			known.add(r)
		case f.Name != "documents.json" && !strings.HasPrefix(f.Name, "documents/"):
			bare = append(bare, f.Name)
		}
	}
	if proofs == 0 {
		return errors.New("there is no proof of a ledger in it")
	}
	if err := checkDocuments(c, z, has, known); err != nil {
		return err
	}
	if len(bare) > 0 {
		fmt.Fprintf(c.Err, "no proof covers %s: compare them with the site\n", strings.Join(bare, ", "))
	}
	return nil
}

// manifest checks that every file of a bundle is what the manifest says, and that
// there is one of each name, and returns their digests.
func manifest(z *zip.Reader) (map[string]string, error) {
	seen := map[string]bool{}
	for _, f := range z.File { // of two with one name this command would read the first, and others unpack the second
		if name := strings.ToLower(f.Name); seen[name] || !fs.ValidPath(f.Name) || strings.Contains(f.Name, `\`) {
			return nil, fmt.Errorf("%q is there twice, or is no name of a file of evidence", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
	}
	var said struct {
		Files []struct{ Name, SHA256 string }
	}
	if data, err := zipped(z, "manifest.json"); err != nil {
		return nil, err
	} else if err := json.Unmarshal(data, &said); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	has := map[string]string{}
	for _, f := range said.Files {
		data, err := zipped(z, f.Name)
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
			return nil, fmt.Errorf("%s is not what the manifest says: it was changed", f.Name)
		}
		has[f.Name] = f.SHA256
	}
	if len(has) != len(z.File)-1 {
		return nil, fmt.Errorf("the manifest names %d files, and there are %d", len(has), len(z.File)-1)
	}
	return has, nil
}

// paper is what the ledger says of a version of a plan's document.
type paper struct{ ID, Title, Name, URL, SHA256 string }

// proved is what the proofs of a bundle say of documents.
type proved struct {
	papers  map[string]paper // by id
	removed map[string]bool
}

// add notes the documents of a proof. Only a plan's own entries count: other
// records have files as well, from anybody.
func (p *proved) add(r ledger.Report) {
	if r.Kind != "plan" {
		return
	}
	for _, e := range r.Entries {
		var said struct {
			paper
			Versions []string
		}
		if json.Unmarshal(e.After, &said) != nil {
			continue
		}
		switch e.Verb {
		case "plan.paper", "plan.paper_replaced", "plan.paper_opened":
			said.Title = e.Title
			p.papers[said.ID] = said.paper
		case "plan.paper_removed":
			for _, id := range said.Versions {
				p.removed[id] = true
			}
		}
	}
}

// checkDocuments checks that every document of the list is one that the ledger
// names, with its title and where it is, and that what the bundle brings under its
// name is that file.
func checkDocuments(c *console, z *zip.Reader, has map[string]string, known proved) error {
	var list struct {
		Documents []struct {
			paper
			Address, File, Removed string
		}
	}
	if _, there := has["documents.json"]; there {
		data, err := zipped(z, "documents.json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("documents.json: %w", err)
		}
	}
	listed := map[string]bool{}
	for _, d := range list.Documents {
		d.URL = d.Address
		switch said, there := known.papers[d.ID]; {
		case !there: // how many entries are still to come, a proof only claims
			return fmt.Errorf("no entry of the ledger names %s: it was never published, or no checkpoint covers it yet; then take the evidence again later", cmp.Or(d.Name, d.Title))
		case said != d.paper:
			return fmt.Errorf("%s (%s) is not what the ledger says of it: it is not what was published", cmp.Or(d.Name, d.Title), cmp.Or(d.SHA256, d.Address))
		case known.removed[d.ID] && (d.Removed == "" || d.File != ""):
			return fmt.Errorf("%s was taken out of the repository, and this does not say so", d.Title)
		case d.File != "" && (d.SHA256 == "" || has[d.File] != d.SHA256):
			return fmt.Errorf("%s is not the document that documents.json lists", d.File)
		}
		listed[d.File] = true
		fmt.Fprintf(c.Out, "%s\t%s\t%s\n", d.SHA256, cmp.Or(d.Name, d.Address), d.Title)
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
