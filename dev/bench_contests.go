package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ceiba/dev/server"
)

// A contest is one thing that both servers are asked to do, or ours alone.
type contest struct {
	name         string
	conns        int // 50 when 0
	status       int
	ours, theirs func(conn, n int) []byte
	theirStatus  int
	ratio        float64       // at least, of requests per second or of processor time
	cpu          time.Duration // of ours, at most; 0 for no bound
	p99          time.Duration
	perSecond    float64
}

// run lets both take turns and prints the line.
func (s *sideBySide) run(ctx context.Context, c contest) error {
	var ours, theirs measured
	conns := cmp.Or(c.conns, 50)
	for range s.rounds {
		m, err := s.once(ctx, s.ours, conns, c.status, c.ours)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		ours = ours.better(m)
		if c.theirs == nil {
			continue
		}
		if m, err = s.once(ctx, s.theirs, conns, c.theirStatus, c.theirs); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		theirs = theirs.better(m)
	}
	s.judge(c, ours, theirs)
	return s.table.Flush()
}

func (s *sideBySide) judge(c contest, ours, theirs measured) {
	var targets []string
	kept, ratio, their := true, "", ""
	must := func(ok bool, format string, args ...any) {
		targets, kept = append(targets, fmt.Sprintf(format, args...)), kept && ok
	}
	if c.theirs != nil {
		rate, cpu := ours.perSecond/theirs.perSecond, float64(theirs.cpu)/float64(max(ours.cpu, 1))
		ratio, their = fmt.Sprintf("%.1f× cpu %.1f×", rate, cpu), theirs.String()
		must(max(rate, cpu) >= c.ratio, "≥ %g×", c.ratio)
	}
	if c.cpu > 0 {
		must(ours.cpu <= c.cpu, "cpu ≤ %d µs", c.cpu.Microseconds())
	}
	if c.p99 > 0 {
		must(ours.p99 <= c.p99, "p99 ≤ %d ms", c.p99.Milliseconds())
	}
	if c.perSecond > 0 {
		must(ours.perSecond >= c.perSecond, "≥ %g/s", c.perSecond)
	}
	s.verdict(c.name, ours.String(), their, ratio, strings.Join(targets, ", "), kept)
}

// contests are those of section 5. "As served" asks the same again and again,
// as the readers of a page do, which ours answers from its cache; "each
// another" asks for something else every time. The bars of section 5 hold for
// what is served; of the second sort, a list must keep its bar too, and rows and
// totals must at least be equal.
func (s *sideBySide) contests(ctx context.Context) error {
	for _, c := range slices.Concat([]contest{s.createContest()}, s.readContests(), []contest{{
		name: "static file (" + staticFile + ")", status: 200, theirStatus: 200, ratio: 1,
		ours: s.our("/static/" + staticFile), theirs: s.their("/" + staticFile),
	}}) {
		err := s.run(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // the rest of the table is still worth having
			s.verdict(c.name, "failed", "", "", "", false)
			fmt.Fprintf(os.Stderr, "%.400v\n", err)
		}
	}
	return nil
}

func (s *sideBySide) readContests() []contest {
	rows, pb := "/api/v1/resources/"+s.item.Resource+"/rows?", "/api/collections/items/records"
	list := func(total string, n int) string {
		return rows + "limit=30&sort=-created&total=" + total + "&filter=" + url.QueryEscape(fmt.Sprintf("district = 'D%d' AND status = 'S%d' AND created < '2023-11-2%dT0%d:%02d:%02dZ'", n%6, n%4, n%9, n/9%9, n/81%60, n/4860%60))
	}
	theirList := func(skip string, n int) string {
		return pb + "?perPage=30&sort=-created" + skip + "&filter=" + url.QueryEscape(fmt.Sprintf("district = 'D%d' && status = 'S%d' && created < '2023-11-2%d 0%d:%02d:%02d.000Z'", n%6, n%4, n%9, n/9%9, n/81%60, n/4860%60))
	}
	const same, theirSame = "&limit=30&sort=-created&filter=district%20%3D%20%27D3%27%20AND%20status%20%3D%20%27S1%27", "?perPage=30&sort=-created&filter=district%20%3D%20%27D3%27%20%26%26%20status%20%3D%20%27S1%27"
	read := func(name string, ratio float64, ours, theirs func(int, int) []byte) contest {
		return contest{name: name, status: 200, theirStatus: 200, ratio: ratio, ours: ours, theirs: theirs}
	}
	asServed := read("record as JSON, as served", 2.5, s.our("/api/v1/datasets/"+s.item.Dataset), s.their(pb+"/"+itemID(s.rows/2)))
	asServed.cpu = 80 * time.Microsecond
	page := contest{name: "page with 50 rows, as served", status: 200, ours: s.our("/resource/" + s.item.Resource), perSecond: 3000, cpu: time.Millisecond}
	fresh := contest{
		name: "page with 50 rows, each another (4 connections)", conns: 4, status: 200,
		ours: s.each(func(n int) string {
			return "/resource/" + s.item.Resource + "?filter=" + url.QueryEscape(fmt.Sprintf("ref >= '%s' AND ref < '%s'", itemID(n*37%s.rows), itemID(n*37%s.rows+2000)))
		}),
	}
	return []contest{
		asServed,
		read("row by key as JSON, each another", 1, s.each(func(n int) string {
			return rows + "limit=1&filter=" + url.QueryEscape("ref = '"+itemID(1+n*7919%s.rows)+"'")
		}), s.theirEach(func(n int) string { return pb + "/" + itemID(1+n*7919%s.rows) })),
		read("list 30 filtered, as served", 3, s.our(rows+same), s.their(pb+theirSame+"&skipTotal=1")),
		read("list 30 filtered, each another", 3, s.each(func(n int) string { return list("false", n) }), s.theirEach(func(n int) string { return theirList("&skipTotal=1", n) })),
		read("list 30 with a total, as served", 10, s.our(rows+"total=true"+same), s.their(pb+theirSame)),
		read("list 30 with a total, each another", 1, s.each(func(n int) string { return list("true", n) }), s.theirEach(func(n int) string { return theirList("", n) })),
		page, fresh,
	}
}

// itemID is the key of row i on both sides.
func itemID(i int) string { return fmt.Sprintf("r%014d", i) }

func (s *sideBySide) our(path string) func(int, int) []byte   { return always(asks(s.ours, path)) }
func (s *sideBySide) their(path string) func(int, int) []byte { return always(asks(s.theirs, path)) }

func always(b []byte) func(int, int) []byte { return func(int, int) []byte { return b } }

func (s *sideBySide) each(path func(int) string) func(int, int) []byte {
	return eachOf(s.ours, path)
}

func (s *sideBySide) theirEach(path func(int) string) func(int, int) []byte {
	return eachOf(s.theirs, path)
}

// eachOf numbers requests through all connections and rounds.
func eachOf(x *server.Server, path func(int) string) func(int, int) []byte {
	var n atomic.Int64
	return func(int, int) []byte { return asks(x, path(int(n.Add(1)))) }
}

// createContest: a draft with its address, its uniqueness, its entry in the
// log and the kept answer, against a row with one text.
func (s *sideBySide) createContest() contest {
	var n atomic.Int64
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	orgID := s.orgOf()
	return contest{
		name: "durable create, 50 connections", status: http.StatusCreated, theirStatus: http.StatusOK, ratio: 4, p99: 15 * time.Millisecond,
		ours: func(int, int) []byte {
			k := strconv.FormatInt(n.Add(1), 10)
			return posts(s.ours, "/api/v1/datasets", "Authorization: Bearer "+s.key+"\r\nIdempotency-Key: "+run+"-"+k+"\r\n",
				`{"org":"`+orgID+`","title":"Option B because of drainage `+run+" "+k+`"}`)
		},
		theirs: func(int, int) []byte {
			return posts(s.theirs, "/api/collections/votes/records", "", `{"body":"I support option B because of drainage `+strconv.FormatInt(n.Add(1), 10)+`"}`)
		},
	}
}

// orgOf is the organisation of the imported dataset.
func (s *sideBySide) orgOf() string {
	text, err := s.ours.Get("/api/v1/datasets/" + s.item.Dataset)
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(text, `"org":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// staticFile is the style sheet that every page asks for, some 30 KB.
const staticFile = "app.css"

// asks writes a GET request.
func asks(s *server.Server, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + s.Addr + "\r\nAccept: application/json\r\n\r\n")
}

// posts writes a POST request with a JSON body.
func posts(s *server.Server, path, headers, body string) []byte {
	return []byte("POST " + path + " HTTP/1.1\r\nHost: " + s.Addr + "\r\nContent-Type: application/json\r\n" + headers +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}
