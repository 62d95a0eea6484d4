package app

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/record"
)

// TestEvidenceOfARequirement takes the evidence of a rule as a journalist does
// and checks it without the site (T1.6).
func TestEvidenceOfARequirement(t *testing.T) {
	h := openHouse(t, storeIn(t))
	v := h.as("nobody")
	plan := h.one(`SELECT id FROM plan WHERE title LIKE 'Demonstration: a plan that is being kept'`)
	h.quiet()
	_, err := h.Ledger.Publish(t.Context())
	must(t, err)
	for _, rule := range []string{"3.1", "2.2b", "5.1"} {
		res, err := client.Do(h.request(v, ask{path: "/plan/" + plan + "/requirements/" + rule + "/pack.zip"}))
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatalf("%s: status %d, %v", rule, res.StatusCode, err)
		}
		files := map[string][]byte{}
		for _, f := range z.File {
			in, err := f.Open()
			must(t, err)
			files[f.Name], err = io.ReadAll(in)
			must(t, err)
		}
		var manifest struct {
			Files []struct{ Name, SHA256 string }
		}
		must(t, json.Unmarshal(files["manifest.json"], &manifest))
		proofs := 0
		for _, f := range manifest.Files {
			if sum := sha256.Sum256(files[f.Name]); hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s: %s is not what the manifest says", rule, f.Name)
			}
			if strings.HasPrefix(f.Name, "ledger/") {
				proofs++
				report, err := ledger.VerifyPack(files[f.Name], h.Ledger.Key())
				if err != nil || len(report.Entries) == 0 {
					t.Errorf("%s: %s: %+v %v", rule, f.Name, report, err)
				}
				changed := bytes.Replace(files[f.Name], []byte("Demonstration"), []byte("Demonstrasion"), 1)
				if _, err := ledger.VerifyPack(changed, h.Ledger.Key()); err == nil {
					t.Errorf("%s: %s verifies with another word in it", rule, f.Name)
				}
			}
		}
		if len(manifest.Files) != len(files)-1 || proofs == 0 || !bytes.Contains(files["verdicts.json"], []byte(`"rule": "`+rule+`"`)) {
			t.Errorf("%s: %d files, %d proofs\n%s", rule, len(files), proofs, files["verdicts.json"])
		}
	}
	verifyBundle(t, h, "/plan/"+plan+"/requirements/2.2b/pack.zip")
	if r := h.get(v, "/plan/"+plan+"/requirements/9.9/pack.zip"); r.status != 404 {
		t.Errorf("a rule that is none: %d", r.status)
	}
}

// verifyBundle checks a ZIP of evidence with the command, as it came and with
// one file changed.
func verifyBundle(t *testing.T, h *house, path string) {
	t.Helper()
	res, err := client.Do(h.request(h.as("nobody"), ask{path: path}))
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	if _, err := verifies(t, h, body); err != nil {
		t.Errorf("the bundle does not verify: %v", err)
	}
	var b bytes.Buffer
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(t, err)
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		data, err := zipped(in, f.Name)
		must(t, err)
		if f.Name == "facts.json" {
			data = append(data, ' ')
		}
		w, err := out.Create(f.Name)
		must(t, err)
		_, err = w.Write(data)
		must(t, err)
	}
	must(t, out.Close())
	if _, err := verifies(t, h, b.Bytes()); err == nil || !strings.Contains(err.Error(), "facts.json") {
		t.Errorf("a changed bundle: %v", err)
	}
}

// A decision about another record is no reason for giving a promise up.
func TestDecisionOfAnotherMatter(t *testing.T) {
	c := plan.Commitment{ID: "c", Plan: "p"}
	for _, x := range []struct {
		kind, id string
		want     bool
	}{{"", "", true}, {"commitment", "c", true}, {"plan", "p", true}, {"commitment", "d", false}, {"plan", "q", false}, {"meeting", "c", false}} {
		if got := concerns(record.Ref{Kind: x.kind, ID: x.id}, c); got != x.want {
			t.Errorf("a decision about %s %s: %t", x.kind, x.id, got)
		}
	}
}
