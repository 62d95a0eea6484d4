package answer

import (
	"context"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

const notes = `Texto;Distrito;Sector;Idioma;Fecha;Tel
El pozo está seco;Toledo;joven;español;3/3/2026;501-600-0001
The road floods;Atlantis;;en;;501-600-0002
;Cayo;;en;;
The road floods;cayo;NGO;Kriol;2026-03-04;
The road floods;cayo;NGO;Kriol;2026-03-04;
Too early;cayo;;en;1/1/2020;
`

// bring puts a sheet and takes it in.
func (w *town) bring(b Box, name, text string) (s Sheet, err error) {
	w.t.Helper()
	s, err = w.PutSheet(w.t.Context(), w.as("olga"), b.ID, name, "paper", []byte(text))
	if err != nil {
		return s, err
	}
	return w.TakeSheet(w.t.Context(), w.as("olga"), s.ID)
}

func TestSheet(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		w.pass(3 * dayLong)
		_, err := w.PutSheet(t.Context(), w.as("xena"), b.ID, "a.csv", "paper", []byte(notes))
		wants(t, err, "who.denied")
		_, err = w.bring(b, "b.csv", "name,age\nx,1\n")
		wants(t, err, "file=answer.no_text_column")
		s, err := w.PutSheet(t.Context(), w.as("olga"), b.ID, "mesa.csv", "paper", []byte(notes))
		must(t, err)
		if s.Total != 6 || len(s.Reading.V.Bad) != 2 || len(s.Reading.V.Ignored) != 1 || s.Reading.V.Ignored[0] != "tel" {
			t.Fatalf("preview: %+v", s.Reading.V)
		}
		sample, err := s.sampled(t, b)
		if err != nil || len(sample) == 0 || sample[0].Sector != "youth" || sample[0].Lang != "es" || sample[0].District != "BZ-TOL" || sample[0].Channel != "paper" {
			t.Fatalf("sample: %+v %v", sample, err)
		}
		s, err = w.TakeSheet(t.Context(), w.as("olga"), s.ID)
		must(t, err)
		if s.Taken != 3 || s.Doubled != 0 || len(s.Reading.V.Bad) != 3 || s.Reading.V.Bad[2].Troubles[0].Key != "answer.not_then" || s.Reading.V.Bad[2].Row != 7 {
			t.Fatalf("taken: %+v", s)
		}
		_, err = w.TakeSheet(t.Context(), w.as("olga"), s.ID)
		wants(t, err, "answer.sheet_taken")
		again, err := w.bring(b, "mesa copy.csv", notes)
		must(t, err)
		if again.Taken != 0 || again.Doubled != 3 {
			t.Errorf("the same file again: %d taken, %d doubled", again.Taken, again.Doubled)
		}
		w.handed(s)
		w.DB.View(t.Context(), func(tx *db.Tx) error {
			all, err := tx.Tables(t.Context())
			for _, table := range all {
				must(t, tx.Each(t.Context(), table, func(row []any) error {
					for _, v := range row {
						if text, ok := v.(string); ok && strings.Contains(text, "600-000") {
							t.Errorf("%s holds a telephone number: %s", table.Name, text)
						}
					}
					return nil
				}))
			}
			return err
		})
	}, schemas...)
}

// sampled previews a sheet that was just put.
func (s Sheet) sampled(t *testing.T, b Box) ([]Input, error) { return s.Sample(t.Context(), b, 2) }

// handed fetches the receipts of a sheet, once.
func (w *town) handed(s Sheet) {
	w.t.Helper()
	var list []Handout
	must(w.t, w.update(func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = w.Handouts(ctx, tx, w.as("olga"), s.ID)
		return err
	}))
	if len(list) != 3 {
		w.t.Fatalf("%d receipts", len(list))
	}
	for _, x := range list {
		w.view(func(ctx context.Context, tx *db.Tx) error {
			in, err := w.ByReceipt(ctx, tx, x.Code)
			if in.ID != x.Input.ID || in.RecordedBy != "olga" || in.View != Visible {
				w.t.Errorf("%s leads to %+v", x.Code, in)
			}
			return err
		})
	}
	wants(w.t, w.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := w.Handouts(ctx, tx, w.as("olga"), s.ID)
		return err
	}), "answer.receipts_gone")
}

func TestReadDay(t *testing.T) {
	for text, want := range map[string]string{"3/2/2026": "2026-02-03", "2026-02-03": "2026-02-03", "2026-02-03T10:00:00": "2026-02-03", "03-02-2026 08:00": "2026-02-03"} {
		at, ok := readDay(text)
		if !ok || at.Add(-6*3600e9).Format("2006-01-02") != want {
			t.Errorf("%s is %s", text, at)
		}
	}
	if _, ok := readDay("soon"); ok {
		t.Error("soon is a day")
	}
}
