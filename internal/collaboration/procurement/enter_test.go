package procurement

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// entries draws an entry that is right, with any of its fields empty.
func entries(t *rapid.T) Entry {
	pick := func(name string, choices ...string) string {
		return rapid.SampledFrom(append(choices, "")).Draw(t, name)
	}
	e := Entry{
		Reference: "R-1", Title: rapid.SampledFrom([]string{"Road", "Bridge"}).Draw(t, "title"), Description: pick("description", "Long & <short>"), Category: pick("category", Categories...),
		Method: pick("method", Methods...), Rationale: pick("rationale", "Because"), Currency: pick("currency", currencies...), Value: pick("value", "100", "1,000.5"),
		Opened: pick("opened", "2026-01-02", "2/1/2026"), Closes: pick("closes", "2026-02-01"), Bidders: pick("bidders", "0", "03"), Awarded: pick("awarded", "2026-02-03"),
		Supplier: pick("supplier", "Road Co", "Bridge Co"), AwardValue: pick("award value", "99.99"), Contract: pick("contract", "12/2026"), Signed: pick("signed", "2026-03-01"),
		Starts: pick("starts", "2026-03-02"), Ends: pick("ends", "2027-03-02"), Amount: pick("amount", "98"), Status: pick("status", Statuses...), Paid: pick("paid", "10"),
		District: pick("district", "Toledo", "BZ-CY"), Place: pick("place", "Mile 12"), BudgetLine: pick("budget line", "18 / 30"),
	}
	if e.Supplier != "" {
		e.SupplierNumber = pick("number", "77")
	}
	if rapid.Bool().Draw(t, "point") {
		e.Lat, e.Lon = "16.20", "-88.9"
	}
	return e
}

// Whatever is written, and written again in its place, is what stands there, and the
// releases are OCDS that the reference merges to the same.
func TestEntryRoundTrip(t *testing.T) {
	rules := merge.Standard(schema.V11)
	rapid.Check(t, func(t *rapid.T) {
		var all []any
		var before *ocds.Object
		for i := range rapid.IntRange(1, 4).Draw(t, "times") {
			e := entries(t)
			if err := e.check(now); err != nil {
				t.Fatalf("%+v: %v", e, err)
			}
			all = append(all, e.release(Prefix+"-R-1", before, "o1", "Ministry", now.Add(time.Duration(i)*time.Second)))
			got, err := merge.Compiled(rules, all)
			if err != nil {
				t.Fatal(err)
			}
			if before = got.Release; EntryOf(before) != e {
				t.Fatalf("written %+v\nstands  %+v\n%s", e, EntryOf(before), ocds.Append(nil, before))
			}
			if f := FactsOf(before); f.Title != e.Title || f.District == "" && e.District+e.Lat != "" {
				t.Fatalf("%+v", f)
			}
		}
	})
}

func TestEntryWrong(t *testing.T) {
	for in, want := range map[Entry]string{
		{}: "title fault.required",
		{Title: "x", Value: "a lot", Method: "secret", Opened: "2026-02-30", District: "Petén", Lat: "16"}:    "method procurement.wrong.choice; value procurement.wrong.amount; opened procurement.wrong.day; district procurement.wrong.district; lon procurement.wrong.point",
		{Title: "x", Opened: "2026-02-02", Closes: "1/2/2026", Bidders: "-1", Value: "-5", Reference: "../x"}: "value procurement.wrong.amount; bidders procurement.wrong.count; closes procurement.wrong.before; reference procurement.wrong.reference",
		{Title: "x", Lat: "91", Lon: "NaN", Amount: "99999999999999999"}:                                      "amount procurement.wrong.amount; lat procurement.wrong.degrees; lon procurement.wrong.degrees",
	} {
		var said []string
		var fields fault.Fields
		errors.As(in.check(now), &fields)
		for _, f := range fields {
			said = append(said, f.Name+" "+f.Key)
		}
		if got := strings.Join(said, "; "); got != want {
			t.Errorf("%+v: %s\nwant %s", in, got, want)
		}
	}
}

func TestEnter(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		body, _, err := org.EnsureByName(ctx, d, system(), "Ministry of Works", org.National)
		if err != nil {
			t.Fatal(err)
		}
		enter := func(process string, version int, e Entry) (p Process, err error) {
			err = d.Update(ctx, func(tx *db.Tx) (err error) {
				p, err = Enter(ctx, tx, system(), body.ID, process, version, e)
				return err
			})
			return p, err
		}
		e := Entry{Reference: "MOW 7", Title: "Road to San Antonio", Method: "open", Value: "60000", Supplier: "Road Co", Amount: "55000", Signed: "2026-03-01"}
		p, err := enter("", 0, e)
		if err != nil || p.OCID != Prefix+"-MOW-7" || p.Buyer != "Ministry of Works" || p.Suppliers != "Road Co" || p.Amount.Minor != 5_500_000 || p.Org != body.ID {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := enter("", 0, e); err == nil {
			t.Error("a reference is taken twice")
		}
		e.Supplier, e.Status = "Bridge Co", "active"
		q, err := enter(p.ID, p.Version, e)
		if err != nil || q.Suppliers != "Bridge Co" || q.Releases != 2 || q.ID != p.ID || q.Version != p.Version+1 {
			t.Errorf("%+v %v", q, err)
		}
		if same, err := enter(p.ID, q.Version, e); err != nil || same.Version != q.Version {
			t.Errorf("the same again: %+v %v", same, err)
		}
		if _, err := enter(p.ID, p.Version, e); !errors.Is(err, db.ErrConflict) {
			t.Errorf("over somebody else's change: %v", err)
		}
	}, schemas...)
}

// A table goes in by hand's rules: what is wrong is told by its line, the rest is
// written, and the mended table changes only what was mended.
func TestEnterTable(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		body, _, err := org.EnsureByName(ctx, d, system(), "Ministry of Works", org.National)
		if err != nil {
			t.Fatal(err)
		}
		send := func(text string) Tabled {
			path := filepath.Join(t.TempDir(), "t.csv")
			os.WriteFile(path, []byte(text), 0o600)
			got, err := EnterTable(ctx, d, system(), body.ID, path, "t.csv", map[string]string{"importe": "amount"})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		var text strings.Builder
		fmt.Fprintln(&text, "Reference;Title;Supplier;Importe;Signed;colour")
		for i := range 120 {
			fmt.Fprintf(&text, "A/%d;Works %d;Road Co;\"1,%03d.50\";5/3/2026;red\n", i, i, i)
		}
		broken := strings.Replace(text.String(), "1,007.50", "plenty", 1)
		got := send(broken)
		if got.Rows != 120 || got.New != 119 || len(got.Wrong) != 1 || got.Wrong[0].Line != 9 || got.Wrong[0].Name != "amount" || fmt.Sprint(got.Unknown) != "[colour]" {
			t.Errorf("%+v", got)
		}
		if got = send(text.String()); got.New != 1 || got.Same != 119 || got.Changed != 0 || len(got.Wrong) != 0 {
			t.Errorf("mended: %+v", got)
		}
		if got = send(strings.Replace(text.String(), "Works 5;", "Works five;", 1)); got.Changed != 1 || got.Same != 119 {
			t.Errorf("changed: %+v", got)
		}
	}, schemas...)
}
