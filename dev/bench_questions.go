package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// questions ask the published table of a million rows what its readers ask,
// one at a time, each a little different so that none comes from the cache. A
// figure is the median in milliseconds, from the request to the last byte.
func (s *sideBySide) questions(ctx context.Context) error {
	base := "/api/v1/resources/" + s.item.Resource
	rows := func(filter string) string { return base + "/rows?limit=100&filter=" + url.QueryEscape(filter) }
	at := func(lat, lon int) (float64, float64) {
		return 15.9 + float64(lat%2500)/1000, -89.2 + float64(lon%1300)/1000
	}
	for _, q := range []struct {
		name  string
		limit float64
		path  func(n int) string
	}{
		{"4 facets at once", 50, func(n int) string {
			return base + fmt.Sprintf("/facets?fields=district,status,channel,score&limit=%d", 10+n)
		}},
		{"4 facets of a filter", 50, func(n int) string {
			return base + "/facets?fields=district,status,channel,score&filter=" + url.QueryEscape(fmt.Sprintf("cost >= %d", n))
		}},
		{"group-by", 30, func(n int) string {
			return base + fmt.Sprintf("/aggregate?group=district,status&agg=count,sum(cost)&limit=%d", 100+n)
		}},
		{"group-by with a filter", 30, func(n int) string {
			return base + fmt.Sprintf("/aggregate?group=district&agg=avg(cost)&filter=%s", url.QueryEscape(fmt.Sprintf("score > %d", n)))
		}},
		{"page of 100 by key", 5, func(n int) string { return rows(fmt.Sprintf("ref >= '%s'", itemID(n*977))) + "&sort=ref" }},
		{"page of 100 by key, at nine tenths", 5, func(n int) string { return rows(fmt.Sprintf("ref >= '%s'", itemID(s.rows/10*9+n))) + "&sort=ref" }},
		{"page of 100 filtered on indexed columns", 5, func(n int) string {
			return rows(fmt.Sprintf("created >= '2023-11-%02dT0%d:00:00Z'", 15+n%8, n/8))
		}},
		{"page of 100 filtered on another column", 150, func(n int) string { return rows(fmt.Sprintf("remarks LIKE '%%Monday %d'", n%97)) }},
		{"box", 10, func(n int) string {
			lat, lon := at(n*17, n*13)
			return base + fmt.Sprintf("/rows?limit=100&bbox=%.3f,%.3f,%.3f,%.3f", lon, lat, lon+0.05, lat+0.05)
		}},
		{"nearest 10", 15, func(n int) string {
			lat, lon := at(n*29, n*31)
			return base + fmt.Sprintf("/near?lat=%.4f&lon=%.4f&limit=10", lat, lon)
		}},
		{"unfiltered count", 5, func(n int) string { return base + fmt.Sprintf("/rows?limit=%d", 1+n) }},
	} {
		took, err := s.median(ctx, q.path)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		s.atMost(q.name+": ms", took, q.limit)
	}
	took, err := s.cursors(ctx, base, 20)
	if err == nil {
		s.atMost("page of 100 by cursor in load order: ms", took, 5)
	}
	return err
}

func (s *sideBySide) median(ctx context.Context, path func(n int) string) (float64, error) {
	var took []float64
	for n := range 40 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		begun := time.Now()
		if _, err := s.ours.Get(path(n)); err != nil {
			return 0, err
		}
		if n >= 5 { // the first ones open files
			took = append(took, float64(time.Since(begun).Microseconds())/1000)
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// cursors follows the cursor through some pages.
func (s *sideBySide) cursors(ctx context.Context, base string, pages int) (float64, error) {
	var took []float64
	cursor := ""
	for range pages {
		begun := time.Now()
		text, err := s.ours.Get(base + "/rows?limit=100&cursor=" + url.QueryEscape(cursor))
		if err != nil {
			return 0, err
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
		_, rest, ok := strings.Cut(text, `"next":"`)
		if !ok {
			return 0, fmt.Errorf("a page of a million rows has no next: %.200s", text)
		}
		cursor, _, _ = strings.Cut(rest, `"`)
	}
	slices.Sort(took)
	return took[len(took)/2], ctx.Err()
}
