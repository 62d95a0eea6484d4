package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// shelf is a kind of record whose texts a test sets.
type shelf map[string][]record.Text

func (s shelf) kind(name string) record.Kind {
	return record.Kind{
		Name:     name,
		Describe: func(context.Context, *db.Tx, who.Actor, []string) ([]record.Card, error) { return nil, nil },
		Text: func(_ context.Context, _ *db.Tx, ids []string) (out []record.Text, err error) {
			for _, id := range ids {
				out = append(out, s[name+"/"+id]...)
			}
			return out, nil
		},
	}
}

// say puts a text of a record into the shelf, in place of what it said before.
func (s shelf) say(kind, id, title, body string, facets map[string][]string) {
	s[kind+"/"+id] = []record.Text{{ID: id, Lang: "en", Title: title, Body: body, Facets: facets}}
}

type library struct {
	shelf
	*Index
	d *db.DB
	t testing.TB
}

func open(t testing.TB, d *db.DB) library {
	s := shelf{}
	reg, err := record.NewRegistry(s.kind("book"), s.kind("map"))
	if err != nil {
		t.Fatal(err)
	}
	return library{s, New(d, func() *record.Registry { return reg }), d, t}
}

// heard has the listener hear of records.
func (l library) heard(refs ...string) {
	l.t.Helper()
	var events []activity.Event
	for _, r := range refs {
		kind, id, _ := strings.Cut(r, "/")
		e := activity.Event{}
		e.Kind, e.Record = kind, id
		events = append(events, e)
	}
	if err := l.d.Update(context.Background(), func(tx *db.Tx) error { return l.Listener().Handle(context.Background(), tx, events) }); err != nil {
		l.t.Fatal(err)
	}
}

func (l library) find(q Query) Result {
	l.t.Helper()
	var r Result
	if err := l.d.View(context.Background(), func(tx *db.Tx) (err error) { r, err = Find(context.Background(), tx, q); return err }); err != nil {
		l.t.Fatal(err)
	}
	return r
}

func (l library) ids(words string) string {
	var out []string
	for _, h := range l.find(Query{Words: words}).Hits {
		out = append(out, h.Ref.ID)
	}
	return strings.Join(out, " ")
}

func filled(t testing.TB, d *db.DB) library {
	l := open(t, d)
	l.say("book", "g", "Garífuna settlement day", "Music of the coast.\nDrums and songs", map[string][]string{"district": {"BZ-SC"}, "org": {"o1"}})
	l.say("book", "w", "Water readings", "Monthly readings of wells in the communities of Toledo", map[string][]string{"district": {"BZ-TOL"}, "org": {"o1"}})
	l.say("book", "r", "Road works", "What was built, near Garifuna villages, of water drains and roads", map[string][]string{"district": {"BZ-SC", "BZ-TOL"}, "org": {"o2"}})
	l.say("map", "e", "Escuelas y ciudades", "Los datos de las escuelas de cada ciudad de Belice; luces y países. Q’eqchi’ too.", map[string][]string{"district": {"BZ-CY"}})
	l.heard("book/g", "book/w", "book/r", "map/e", "other/x")
	return l
}

func TestWordsHoweverTheyAreTyped(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := filled(t, d)
		for _, x := range []struct{ words, want string }{
			{"garifuna", "g r"},
			{"Garífuna", "g r"},
			{"GARIFUNA", "g r"},
			{"garifna", "g r"},
			{"garifnua", "g r"},
			{"gari", "g r"},
			{"water", "w r"},
			{"watr readings", "w"},
			{"reading", "w"},
			{"community", "w"},
			{"road", "r"},
			{"roads", "r"},
			{"escuela", "e"},
			{"ciudad", "e"},
			{"luz", "e"},
			{"dato", "e"},
			{"pais", "e"},
			{"qeqchi", "e"},
			{"Q'eqchi'", "e"},
			{"water garifuna", "r"},
			{"drums zzzzqqqq", "g"},
			{"zzzzqqqq", ""},
			{"!!!", ""},
			{`" OR (`, ""},
			{"", "e r w g"},
			{"NEAR AND OR NOT", "r g"},
			{"'drums':* & songs", "g"},
		} {
			if got := l.ids(x.words); got != x.want {
				t.Errorf("%q finds %q, want %q", x.words, got, x.want)
			}
		}
		r := l.find(Query{Words: "garifna drums"})
		if r.Meant["garifna"] != "garifuna" || r.Some || r.Total != 1 {
			t.Errorf("%+v", r)
		}
		if r := l.find(Query{Words: "drums zzzzqqqq"}); !r.Some {
			t.Error("does not say that only some words are there")
		}
	}, Schema)
}

func TestFacetsAndPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := filled(t, d)
		r := l.find(Query{Words: "water", Facets: map[string]string{"district": "BZ-TOL", "org": ""}})
		if r.Total != 2 || r.Hits[0].Ref.ID != "w" {
			t.Errorf("in Toledo %+v", r)
		}
		want := map[string][]Count{"kind": {{"book", 2}}, "lang": {{"en", 2}}, "org": {{"o1", 1}, {"o2", 1}}, "district": {{"BZ-TOL", 2}, {"BZ-SC", 1}}}
		if diff := cmp.Diff(want, r.Facets); diff != "" {
			t.Error(diff)
		}
		if r := l.find(Query{Words: "water", Facets: map[string]string{"kind": "map"}}); r.Total != 0 || len(r.Hits) != 0 {
			t.Errorf("maps %+v", r)
		}
		first := l.find(Query{Limit: 3})
		if len(first.Hits) != 3 || first.Next != 3 || first.Total != 4 {
			t.Errorf("first page %+v", first)
		}
		if second := l.find(Query{Limit: 3, Offset: 3}); len(second.Hits) != 1 || second.Next != 0 || second.Hits[0].Ref.ID != "g" {
			t.Errorf("second page %+v", second)
		}
	}, Schema)
}

func TestSnippetsSayWhy(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := filled(t, d)
		hs := l.find(Query{Words: "garifuna"}).Hits
		want := []Part{{"Garífuna", true}, {" settlement day", false}}
		if hs[0].Field != "title" || cmp.Diff(want, hs[0].Title) != "" {
			t.Errorf("%+v", hs[0])
		}
		want = []Part{{"What was built, near ", false}, {"Garifuna", true}, {" villages, of water drains and roads", false}}
		if hs[1].Field != "body" || cmp.Diff(want, hs[1].Text) != "" {
			t.Errorf("%+v", hs[1])
		}
		long := strings.Repeat("sentence without end ", 80)
		l.say("book", "long", "Long", long+"<b>needle</b> here "+long, nil)
		l.heard("book/long")
		h := l.find(Query{Words: "needle"}).Hits[0]
		var all strings.Builder
		for _, p := range h.Text {
			all.WriteString(p.Text)
		}
		if s := all.String(); !strings.HasPrefix(s, "… ") || !strings.HasSuffix(s, " …") || !strings.Contains(s, "<b>needle</b>") || len(s) > 300 {
			t.Errorf("%q", s)
		}
	}, Schema)
}

func TestIndexFollowsRecords(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := filled(t, d)
		l.say("book", "g", "Belmopan", "the capital", nil)
		delete(l.shelf, "book/r") // not public any more
		l.heard("book/g", "book/r", "book/g")
		if got := l.ids("garifuna"); got != "" {
			t.Errorf("finds %q, though nothing says so any more", got)
		}
		if got := l.ids("belmopan"); got != "g" {
			t.Errorf("finds %q", got)
		}
		r := l.find(Query{Words: "garifna"}) // the vocabulary has forgotten it too
		if len(r.Meant) != 0 {
			t.Errorf("%+v", r.Meant)
		}
	}, Schema)
}

// TestRebuild fills an index from the log, and takes out what is there by
// mistake: the order is that of the last changes.
func TestRebuild(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l := filled(t, d)
		log := activity.NewLog(d, nil)
		for _, ref := range []string{"map/e", "book/g", "book/w", "book/r", "book/g", "gone/x"} {
			kind, id, _ := strings.Cut(ref, "/")
			if err := d.Update(ctx, func(tx *db.Tx) error {
				_, err := activity.Append(ctx, tx, activity.Entry{Actor: "system:t", Verb: "x.y", Kind: kind, Record: id})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := l.Rebuild(ctx); err != nil {
				t.Fatal(err)
			}
			if got := l.ids(""); got != "g r w e" {
				t.Errorf("after a rebuild %q", got)
			}
		}
		n := 0
		d.View(ctx, func(tx *db.Tx) (err error) {
			n, err = db.Get(ctx, tx, db.One[int], `SELECT docs FROM search_word WHERE word = 'garifuna'`)
			return err
		})
		if n != 2 {
			t.Errorf("%d documents hold the word", n)
		}
	}, activity.Schema, Schema)
}

// TestLanguagesOfOneRecord shows a record once, in the reader's language.
func TestLanguagesOfOneRecord(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		l.shelf["book/m"] = []record.Text{{ID: "m", Lang: "en", Title: "Ministry of Works (MIDH)"}, {ID: "m", Lang: "es", Title: "Ministerio de Obras (MIDH)"}}
		l.heard("book/m")
		r := l.find(Query{Words: "midh", Lang: "es"})
		if len(r.Hits) != 1 || r.Total != 1 || r.Hits[0].Lang != "es" {
			t.Errorf("%+v", r)
		}
	}, Schema)
}

// TestEnginesAgree asks the same of both engines, of the same thousand texts.
func TestEnginesAgree(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	vocabulary := strings.Fields("water well road bridge school clinic garífuna settlement village river coast mountain budget contract promise report year month teacher nurse drainage light power council ministry datos escuelas agua camino puente presupuesto contrato promesas informe mayores")
	text := func(n int) string {
		var b []string
		for range n {
			b = append(b, vocabulary[min(rnd.IntN(len(vocabulary)), rnd.IntN(len(vocabulary)))])
		}
		return strings.Join(b, " ")
	}
	texts := shelf{}
	var refs []string
	for i := range 1000 {
		id := fmt.Sprint(i)
		texts.say("book", id, text(3), text(20), map[string][]string{"district": {fmt.Sprint(rnd.IntN(6))}})
		refs = append(refs, "book/"+id)
	}
	var queries []Query
	for range 60 {
		q := Query{Words: text(1 + rnd.IntN(3))}
		if rnd.IntN(2) == 0 {
			w := []rune(q.Words)
			at := rnd.IntN(len(w))
			q.Words = string(slices.Delete(w, at, at+1))
		}
		if rnd.IntN(3) == 0 {
			q.Facets = map[string]string{"district": fmt.Sprint(rnd.IntN(6))}
		}
		queries = append(queries, q)
	}
	var answers [][]Result
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		for k, v := range texts {
			l.shelf[k] = v
		}
		l.heard(refs...)
		var got []Result
		found := 0
		for _, q := range queries {
			r := l.find(q)
			found += len(r.Hits)
			got = append(got, r)
		}
		if found < 200 {
			t.Errorf("the queries find only %d results", found)
		}
		answers = append(answers, got)
	}, Schema)
	if len(answers) == 2 {
		if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
			t.Errorf("SQLite and PostgreSQL differ:\n%s", diff)
		}
	}
}

func TestStem(t *testing.T) {
	for _, pair := range [][2]string{
		{"road", "roads"},
		{"box", "boxes"},
		{"house", "houses"},
		{"community", "communities"},
		{"class", "classes"},
		{"bus", "buses"},
		{"status", "statuses"},
		{"tree", "trees"},
		{"dato", "datos"},
		{"ciudad", "ciudades"},
		{"luz", "luces"},
		{"ley", "leyes"},
		{"pais", "paises"},
		{"camion", "camiones"},
		{"calle", "calles"},
	} {
		if a, b := stem(pair[0]), stem(pair[1]); a != b {
			t.Errorf("%s is %s, %s is %s", pair[0], a, pair[1], b)
		}
	}
	for _, w := range []string{"bus", "census", "as", "9s", "año"} {
		if got := stem(w); got != w {
			t.Errorf("%s becomes %s", w, got)
		}
	}
}
