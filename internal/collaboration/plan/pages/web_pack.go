package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// maxProofs is for how many records a pack of evidence brings proofs; the rest
// are named in it.
const maxProofs = 300

// Files of the repository that a pack brings: up to maxBrought bytes each, and
// maxBroughtAll together. Of others it has the digest alone.
const (
	maxBrought    = 20 << 20
	maxBroughtAll = 100 << 20
)

// packed is one file of a pack.
type packed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	data   []byte
	stored string // the digest of a file in the store, instead of data
}

// pack gives the evidence for one rule as of a day: the verdicts, the facts
// they were judged from, and the ledger's proof of every record behind them, in
// a ZIP with a manifest. A reviewer checks it without this site.
func (p *Pages) pack(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	rule, ok := ruleOf(r.PathValue("rule"))
	if !ok {
		return db.ErrNotFound
	}
	var files []packed
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := find(ctx, tx, r)
		if err != nil {
			return err
		}
		if !pl.Public() {
			return db.ErrNotFound // the ledger proves only what everybody may read
		}
		on := asked(r)
		if on == "" || plan.EndOf(on).IsZero() || on > plan.Today(tx) {
			on = plan.Today(tx)
		}
		files, err = p.packFiles(ctx, tx, pl, rule, on)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="requirement-`+rule.ID+`.zip"`)
	return p.writeZip(r.Context(), w, files)
}

func ruleOf(id string) (require.Rule, bool) {
	for _, r := range require.All {
		if r.ID == id {
			return r, true
		}
	}
	return require.Rule{}, false
}

func (p *Pages) packFiles(ctx context.Context, tx *db.Tx, pl plan.Plan, rule require.Rule, on string) ([]packed, error) {
	f, err := p.Facts(ctx, tx, pl, on)
	if err != nil {
		return nil, err
	}
	m := plan.Monitor{On: on, Verdicts: require.Judge(f, require.Day(on))}
	var mine []require.Verdict
	var refs []string
	for _, v := range m.Verdicts {
		if v.Rule.ID == rule.ID {
			mine = append(mine, v)
			refs = append(refs, v.Evidence...)
		}
	}
	verdicts, err := jsonFile("verdicts.json", requirementsBody(ctx, plan.Monitor{On: on, Verdicts: mine}))
	if err != nil {
		return nil, err
	}
	facts, err := jsonFile("facts.json", f)
	if err != nil {
		return nil, err
	}
	files := []packed{{Name: "README.txt", data: []byte(i18n.T(ctx, "plan.pack_readme", "rule", rule.ID, "plan", pl.Title, "date", on) + "\n")}, verdicts, facts}
	papers, err := p.papers(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	proofs, err := p.proofs(ctx, tx, pl, refs)
	if err != nil {
		return nil, err
	}
	return append(append(files, papers...), proofs...), nil
}

// Packed is a document in the list of a pack.
type Packed struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Version   int    `json:"version"`
	Published string `json:"published"`
	Address   string `json:"address,omitempty"`
	Name      string `json:"name,omitempty"`
	Bytes     int64  `json:"bytes,omitempty"`
	SHA256    string `json:"sha256,omitempty"` // as the ledger has it
	File      string `json:"file,omitempty"`   // where it is in the pack; empty where it is not
	Removed   string `json:"removed,omitempty"`
}

// papers are the documents that a verdict names, and their list with the digest
// of each. What was taken out since is named, with the reason, and not brought.
func (p *Pages) papers(ctx context.Context, tx *db.Tx, refs []string) (files []packed, err error) {
	var ids []string
	for _, ref := range refs {
		if id, ok := strings.CutPrefix(ref, "paper/"); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := plan.PapersByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var list []Packed
	var brought int64
	for _, id := range ids {
		x := all[id]
		d := Packed{
			ID: x.ID, Title: x.Title, Version: x.N, Published: x.Published.Format(time.RFC3339), Address: x.URL, Name: x.Name, Bytes: x.Bytes,
			SHA256: x.SHA, Removed: x.Reason,
		}
		if x.SHA != "" && x.Removed.IsZero() && x.Bytes <= maxBrought && brought+x.Bytes <= maxBroughtAll {
			brought += x.Bytes
			d.File = "documents/" + x.ID + fileEnding.FindString(strings.ToLower(x.Name))
			files = append(files, packed{Name: d.File, stored: x.SHA})
		}
		list = append(list, d)
	}
	index, err := jsonFile("documents.json", map[string]any{"documents": list})
	return append([]packed{index}, files...), err
}

var fileEnding = regexp.MustCompile(`\.[a-z0-9]{1,8}$`)

// proofs are the ledger's packs of the plan and of the records that a verdict
// names.
func (p *Pages) proofs(ctx context.Context, tx *db.Tx, pl plan.Plan, refs []string) (files []packed, err error) {
	records := []record.Ref{pl.Ref()}
	for _, ref := range refs {
		kind, id, _ := strings.Cut(ref, "/")
		id, _, _ = strings.Cut(id, "/") // forum/ID/rules/2
		switch kind {
		case "progress":
			c, err := plan.CommitmentOfProgress(ctx, tx, id)
			if err != nil {
				return nil, err
			}
			records = append(records, record.Ref{Kind: "commitment", ID: c})
		case "meeting", "call", "input", "forum":
			records = append(records, record.Ref{Kind: kind, ID: id})
		case "term":
			if pl.Forum != "" {
				records = append(records, record.Ref{Kind: "forum", ID: pl.Forum})
			}
		}
	}
	slices.SortFunc(records[1:], func(a, b record.Ref) int { return strings.Compare(a.Kind+a.ID, b.Kind+b.ID) })
	records = slices.Compact(records)
	for _, ref := range records[:min(len(records), maxProofs)] {
		data, err := p.Proof(ctx, tx, ref)
		if errors.Is(err, db.ErrNotFound) {
			continue // nothing public was said of it
		}
		if err != nil {
			return nil, err
		}
		files = append(files, packed{Name: "ledger/" + ref.Kind + "-" + ref.ID + ".json", data: data})
	}
	return files, nil
}

func jsonFile(name string, v any) (packed, error) {
	data, err := json.MarshalIndent(v, "", " ")
	return packed{Name: name, data: append(data, '\n')}, err
}

// writeZip writes the files as they come, with a manifest of their digests at
// the end.
func (p *Pages) writeZip(ctx context.Context, to io.Writer, files []packed) error {
	z := zip.NewWriter(to)
	for i := range files {
		if err := p.writePacked(ctx, z, &files[i]); err != nil {
			return err
		}
	}
	manifest, err := jsonFile("manifest.json", map[string]any{"files": files})
	if err != nil {
		return err
	}
	if err := p.writePacked(ctx, z, &manifest); err != nil {
		return err
	}
	return z.Close()
}

// writePacked writes one file and notes its digest.
func (p *Pages) writePacked(ctx context.Context, z *zip.Writer, f *packed) error {
	var content io.Reader = bytes.NewReader(f.data)
	if f.stored != "" {
		file, err := p.Blob.Open(ctx, f.stored)
		if err != nil {
			return err
		}
		defer file.Close()
		content = file
	}
	w, err := z.Create(f.Name)
	if err != nil {
		return err
	}
	sum := sha256.New()
	f.Bytes, err = io.Copy(io.MultiWriter(w, sum), content)
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

func (p *Pages) packRoutes(r *web.Routes) {
	r.Get("/plan/{key}/requirements/{rule}/pack.zip", web.Public, p.pack, web.Limit(web.Heavy), web.Streams)
}
