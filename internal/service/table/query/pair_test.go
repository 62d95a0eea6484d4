package query

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/versiontest"
)

// TestPairs reads the newest rows of a district, page after page, along the
// index of both, and finds what a scan finds.
func TestPairs(t *testing.T) {
	dir, m := versiontest.Derived(t, 30_000)
	if len(m.Pairs) == 0 || m.Pairs[0].Along != "created_at" {
		t.Fatalf("pairs: %+v", m.Pairs)
	}
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	s, err := v.hold()
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	ctx := context.Background()
	for _, desc := range []bool{false, true} {
		for _, f := range []filter.Filter{
			filter.Compare{Column: "district", Op: "=", Value: "Cayo"},
			filter.And{filter.Compare{Column: "district", Op: "=", Value: "Toledo"}, filter.Compare{Column: "status", Op: "=", Value: "open"}},
			filter.And{filter.Compare{Column: "district", Op: "=", Value: "Cayo"}, filter.Compare{Column: "cost", Op: ">", Value: 50.0}},
		} {
			q := Query{Filter: f, Sort: []Sort{{"created_at", desc}}, Limit: 37}
			for page := range 4 {
				p, err := newPlan(m, q)
				if err != nil {
					t.Fatal(err)
				}
				w, ok, err := s.way(ctx, p)
				if err != nil || !ok || w.pair.Along != "created_at" {
					t.Fatalf("%+v: way %+v %v %v", f, w, ok, err)
				}
				ours, err := s.walk(ctx, p, w)
				if err != nil {
					t.Fatal(err)
				}
				scan, err := s.findInDuck(ctx, p)
				if err != nil {
					t.Fatal(err)
				}
				if a, b := idsOf(ours), idsOf(scan); !reflect.DeepEqual(a, b) || len(a) == 0 {
					t.Fatalf("%+v page %d, descending %v: %v, a scan finds %v", f, page, desc, a, b)
				}
				got, err := v.Rows(ctx, q)
				if err != nil {
					t.Fatal(err)
				}
				if q.Cursor = got.Next; q.Cursor == "" {
					break
				}
			}
		}
	}
}

func idsOf(all []found) (out []string) {
	for _, f := range all {
		out = append(out, fmt.Sprint(f.id))
	}
	return out
}
