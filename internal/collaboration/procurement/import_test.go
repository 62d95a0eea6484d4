package procurement

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, org.Schema, record.Schema, Schema}

func system() who.Actor {
	p, err := who.NewPolicy(append(org.Rules, Rules...)...)
	if err != nil {
		panic(err)
	}
	return who.System(p, "test")
}

func take(t *testing.T, d *db.DB, name, text string) Taken {
	t.Helper()
	got, err := Import(t.Context(), d, system(), Source{Name: name}, strings.NewReader(text), nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return got
}

func find(t *testing.T, d *db.DB, name string) (p Process) {
	t.Helper()
	if err := d.View(t.Context(), func(tx *db.Tx) (err error) { p, err = Find(t.Context(), tx, name); return err }); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

const tender = `{"ocid":"ocds-x-1","id":"1","date":"2026-01-05T00:00:00Z","tag":["tender"],"initiationType":"tender",
	"parties":[{"id":"b","name":"Ministry of Works","roles":["buyer"]},{"id":"s","name":"Road Co","identifier":{"scheme":"BZ-CR","id":"77"},"roles":["supplier"]}],
	"buyer":{"id":"b","name":"Ministry of Works"},
	"tender":{"id":1,"title":"Road to San Antonio","status":"active","procurementMethod":"open","mainProcurementCategory":"works","value":{"amount":"60000.50","currency":"BZD"},
	"tenderPeriod":{"startDate":"2026-01-06T00:00:00Z","endDate":"2026-02-06T00:00:00Z"},"numberOfTenderers":3,
	"items":[{"id":"i","deliveryLocation":{"geometry":{"type":"Point","coordinates":[-88.9,16.2]}}}]}}`

const award = `{"ocid":"ocds-x-1","id":"2","date":"2026-03-01T00:00:00Z","tag":["award","contract"],"initiationType":"tender",
	"awards":[{"id":"a","status":"active","date":"2026-02-20T00:00:00Z","suppliers":[{"id":"s","name":"Road Co"}],"value":{"amount":{"$numberLong":"55000"},"currency":"BZD"}}],
	"contracts":[{"id":"c","awardID":"a","status":"active","dateSigned":"2026-02-28T00:00:00-06:00","value":{"amount":55000,"currency":"BZD"},"period":{"startDate":"2026-03-01T00:00:00Z"}}]}`

// Releases of one process in two files, in either order, one of them twice.
func TestImport(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for i, files := range [][]string{{tender, award}, {award, tender}, {tender + "\n" + award, tender}} {
			swap := func(s string) string { return strings.ReplaceAll(s, "ocds-x-1", fmt.Sprint("ocds-x-", i)) }
			for n, f := range files {
				got := take(t, d, fmt.Sprint("file ", n), swap(f))
				if again := take(t, d, "again", swap(f)); again.Fresh != 0 || again.Processes != 0 || again.Read != got.Read || again.Digest != got.Digest {
					t.Errorf("the same again: %+v after %+v", again, got)
				}
			}
			p := find(t, d, fmt.Sprint("ocds-x-", i))
			if p.Title != "Road to San Antonio" || p.Stage != Contracted || p.Method != "open" || p.Category != "works" || p.Buyer != "Ministry of Works" ||
				p.Suppliers != "Road Co" || p.Amount == nil || p.Amount.Minor != 5_500_000 || p.Amount.Currency != "BZD" || p.AmountOf != "contract" ||
				p.Latest != "2026-03-01" || p.Opened != "2026-01-06" || p.Closes != "2026-02-06" || p.Awarded != "2026-02-20" || p.Signed != "2026-02-28" ||
				p.Bidders == nil || *p.Bidders != 3 || p.District != "BZ-TOL" || p.Place == nil || p.Releases != 2 || p.Trouble != "" {
				t.Errorf("%d: %+v", i, p)
			}
			if len(p.Contracts) != 1 || p.Contracts[0].Supplier != "BZ-CR-77" || p.Contracts[0].Signed != "2026-02-28" || len(p.Parties) != 2 {
				t.Errorf("%+v %+v", p.Contracts, p.Parties)
			}
		}
	}, schemas...)
}

// What cannot be taken is told with its line and costs nothing but itself.
func TestImportFaults(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		fmt.Fprintln(z, strings.ReplaceAll(tender, "\n", " "))
		z.Close()
		short := packed.String()[:packed.Len()-12]
		for _, x := range []struct {
			name, text string
			read       int64
			words      string
		}{
			{"no ocid", `{"id":"1","tag":["tender"],"date":"2026-01-01T00:00:00Z","tender":{"id":"1"}}` + "\n" + strings.ReplaceAll(tender, "\n", " "), 1, "procurement.fault.ocid 1"},
			{"broken line", strings.ReplaceAll(tender, "\n", " ") + "\n{\"ocid\": \"x\", \"id\": }\n" + strings.ReplaceAll(award, "\n", " "), 2, "ocds.read.syntax 2"},
			{"cut gzip", short, -1, "ocds.read.gzipshort"},
			{"links", `{"uri":"u","version":"1.1","records":[{"ocid":"ocds-x-9","releases":[{"url":"https://example.org/1","date":"2026-01-01T00:00:00Z","tag":["tender"]}]}]}`, 0, "procurement.fault.link 1"},
		} {
			got := take(t, d, x.name, x.text)
			if x.read >= 0 && got.Read != x.read || got.Faults != 1 {
				t.Errorf("%s: %+v", x.name, got)
			}
			if err := d.View(t.Context(), func(tx *db.Tx) error {
				all, err := Faults(t.Context(), tx, got.ID, 0, 10)
				if len(all) != 1 || !strings.HasPrefix(fmt.Sprint(all[0].Word, " ", all[0].Line), x.words) {
					t.Errorf("%s: %+v", x.name, all)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
		take(t, d, "no date", `{"ocid":"ocds-x-1","id":"3","tag":["contractUpdate"],"contracts":[{"id":"c2","awardID":"a"}]}`)
		if p := find(t, d, "ocds-x-1"); p.Trouble != "procurement.trouble.nodate" || p.Releases != 3 || len(p.Contracts) != 1 {
			t.Errorf("a release without a date: %+v", p)
		}
	}, schemas...)
}

// Every real file goes in without a crash, twice, and its releases come out again as
// they were.
func TestImportRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		releases := int64(0)
		for _, name := range files {
			if !strings.Contains(filepath.Base(name), ".json") {
				continue
			}
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Import(t.Context(), d, system(), Source{Name: filepath.Base(name)}, f, nil)
			f.Close()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got.Read+got.Faults == 0 {
				t.Errorf("%s: nothing was read", name)
			}
			releases += got.Fresh
		}
		if err := d.View(t.Context(), func(tx *db.Tx) error {
			type row struct{ text, digest string }
			all, err := db.List(t.Context(), tx, func(r *row) []any { return []any{&r.text, &r.digest} }, `SELECT text, digest FROM procurement_release`)
			if int64(len(all)) != releases || releases < 300 {
				t.Errorf("%d releases, %d new", len(all), releases)
			}
			for _, r := range all {
				v, err := read.Value([]byte(r.text), again)
				if o, ok := v.(*ocds.Object); err != nil || !ok || arrival(o, false, "").Digest != r.digest {
					t.Errorf("%.80s: %v", r.text, err)
				}
			}
			whole, _, err2 := List(t.Context(), tx, Filter{}, "", 10_000)
			if n, err := Count(t.Context(), tx, Filter{}); err != nil || err2 != nil || n != len(whole) || n < 200 {
				t.Errorf("%d processes, %d listed (%v %v)", n, len(whole), err, err2)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}, schemas...)
}

// An import that is cut off is whole after the next, and nothing is counted twice.
func TestImportAgain(t *testing.T) {
	var file strings.Builder
	const n = 3 * batch
	for i := range n {
		fmt.Fprintln(&file, strings.ReplaceAll(strings.ReplaceAll(tender, "\n", " "), "ocds-x-1", fmt.Sprint("ocds-y-", i)))
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		first, err := Import(ctx, d, system(), Source{Name: "f"}, strings.NewReader(file.String()), func(Taken) { stop() })
		if err == nil || first.Ended != nil {
			t.Fatalf("%+v %v", first, err)
		}
		second := take(t, d, "f", file.String())
		if second.Read != n || first.Fresh == 0 || first.Fresh+second.Fresh != n || second.Ended == nil {
			t.Errorf("%+v then %+v", first, second)
		}
		if err := d.View(t.Context(), func(tx *db.Tx) error {
			got, err := Count(t.Context(), tx, Filter{District: "BZ-TOL", Words: "sán ANTONIO road", Party: "BZ-CR-77"})
			if got != 0 || err != nil {
				t.Errorf("%d (%v)", got, err) // nothing is awarded yet
			}
			if got, err = Count(t.Context(), tx, Filter{Stage: Tendering, Method: "open", Party: "b", Role: Buyer, Currency: "BZD", Least: 6_000_050, From: "2026-01-05", To: "2026-01-05"}); got != n {
				t.Errorf("%d of %d (%v)", got, n, err)
			}
			seen, cursor := map[string]bool{}, ""
			for {
				all, next, err := List(t.Context(), tx, Filter{}, cursor, 100)
				if err != nil {
					return err
				}
				for _, p := range all {
					seen[p.OCID] = true
				}
				if cursor = next; next == "" {
					break
				}
			}
			if len(seen) != n {
				t.Errorf("%d pages hold %d of %d", n/100, len(seen), n)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}, schemas...)
}
