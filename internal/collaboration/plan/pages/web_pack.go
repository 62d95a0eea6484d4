package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

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

// packed is one file of a pack.
type packed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
	data   []byte
}

// pack gives the evidence for one rule as of a day: the verdicts, the facts
// they were judged from, and the ledger's proof of every record behind them, in
// a ZIP with a manifest. A reviewer checks it without this site.
func (p *Pages) pack(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
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
	var b bytes.Buffer
	if err := writeZip(&b, files); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="requirement-`+rule.ID+`.zip"`)
	_, err := w.Write(b.Bytes())
	return err
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
	proofs, err := p.proofs(ctx, tx, pl, refs)
	if err != nil {
		return nil, err
	}
	return append(files, proofs...), nil
}

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

// writeZip writes the files with a manifest of their digests at the end.
func writeZip(b *bytes.Buffer, files []packed) error {
	for i := range files {
		sum := sha256.Sum256(files[i].data)
		files[i].SHA256, files[i].Bytes = hex.EncodeToString(sum[:]), len(files[i].data)
	}
	manifest, err := jsonFile("manifest.json", map[string]any{"files": files})
	if err != nil {
		return err
	}
	z := zip.NewWriter(b)
	for _, f := range append(files, manifest) {
		w, err := z.Create(f.Name)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.data); err != nil {
			return err
		}
	}
	return z.Close()
}

func (p *Pages) packRoutes(r *web.Routes) {
	r.Get("/plan/{key}/requirements/{rule}/pack.zip", web.Public, p.pack, web.Limit(web.Heavy))
}
