package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// TestAnomalies: each anomaly with its pointer.
func TestAnomalies(t *testing.T) {
	for _, c := range []struct{ name, release, want string }{
		{"nothing", `{}`, ``},
		{"numbers", `{"tender":{"value":{"amount":" 15.50","currency":"BZD"},"minValue":{"amount":"BZ$ 5","currency":"BZD"},"items":[{"quantity":""},{"quantity":{"$numberInt":"7"}},{"quantity":{"n":"7"}}]}}`, `
			odd.number.text /tender/value/amount " 15.50" 15.50
			odd.number.words /tender/minValue/amount "BZ$ 5"
			odd.number.empty /tender/items/0/quantity ""
			odd.number.wrapped /tender/items/1/quantity {"$numberInt":"7"} 7`},
		{"amounts", `{"awards":[{"id":"1","value":{"amount":-0.01,"currency":"BZD"}},{"id":"2","value":{"amount":1e999999}},{"id":"3","value":{"amount":0,"currency":""}},{"id":"4","value":{"amount":null}}]}`, `
			odd.number.negative /awards/0/value/amount -0.01
			odd.number.huge /awards/1/value/amount 1e999999
			odd.currency /awards/1/value/amount 1e999999
			odd.currency /awards/2/value/amount 0`},
		{"dates", `{"date":"2016-02-29","tender":{"id":"1","tenderPeriod":{"startDate":"2016-02-29T10:00:00","endDate":"29/2/2016"},"documents":[{"id":"1","datePublished":{"$date":"2016-02-29T10:00:00Z"},"dateModified":"0001-01-01T00:00:00Z"}]}}`, `
			odd.date.day /date "2016-02-29"
			odd.date.zone /tender/tenderPeriod/startDate "2016-02-29T10:00:00"
			odd.date.words /tender/tenderPeriod/endDate "29/2/2016"
			odd.date.wrapped /tender/documents/0/datePublished {"$date":"2016-02-29T10:00:00Z"} 2016-02-29T10:00:00Z
			odd.date.year /tender/documents/0/dateModified "0001-01-01T00:00:00Z"`},
		{"order of dates", `{"tender":{"tenderPeriod":{"startDate":"2016-01-02T00:00:00Z","endDate":"2016-01-01T23:00:00-05:00"},"awardPeriod":{"startDate":"2016-01-02","endDate":"2016-01-01","durationInDays":-6},"enquiryPeriod":{"startDate":"2016-01-02","endDate":"2016-01-01T00:00:00Z"}},
			"awards":[{"id":1,"date":"2016-01-01T00:00:00Z"},5],"contracts":[{"id":"1","awardID":1,"dateSigned":"2015-12-31T00:00:00Z"},null]}`, `
			odd.date.day /tender/awardPeriod/startDate "2016-01-02"
			odd.date.day /tender/awardPeriod/endDate "2016-01-01"
			odd.duration.negative /tender/awardPeriod/durationInDays -6
			odd.period /tender/awardPeriod/endDate "2016-01-01" "2016-01-02"
			odd.date.day /tender/enquiryPeriod/startDate "2016-01-02"
			odd.award.early /awards/0/date "2016-01-01T00:00:00Z" "2016-01-02T00:00:00Z"
			odd.contract.early /contracts/0/dateSigned "2015-12-31T00:00:00Z" "2016-01-01T00:00:00Z"`},
		{"ids", `{"awards":[{"id":1},{"id":"1"},{"id":"a "},{"id":"a "},{"id":"a "},{"id":{"$oid":"b"}},{"id":null},{}]}`, `
			odd.ids.twins /awards/1/id "1"
			odd.ids.twice /awards/3/id "a "
			odd.ids.mixed /awards
			odd.ids.spaces /awards/2/id "a "
			odd.ids.spaces /awards/3/id "a "
			odd.ids.spaces /awards/4/id "a "
			odd.ids.wrapped /awards/5/id {"$oid":"b"} b`},
		{"lists", `{"tender":[{"id":"1"}],"awards":{"id":"1","suppliers":{"id":"2"}},"tag":"award"}`, `
			odd.object.list /tender
			odd.list.object /awards {…}
			odd.list.object /awards/suppliers {"id":"2"}`},
		{"links", `{"parties":[{"id":"1"},{"id":"2"}],"buyer":{"id":"3"},"tender":{"procuringEntity":{"id":"1"},"tenderers":[{"id":"2"},{"id":2},{"name":"x"}],"numberOfTenderers":2},
			"awards":[{"id":7,"suppliers":[{"id":"9"}]}],"contracts":[{"id":"c","awardID":"7"},{"id":"d","awardID":8},{"id":"e"}],"bids":{"details":[{"tenderers":[{"id":"x"}]}]}}`, `
			odd.ids.twins /tender/tenderers/1/id 2
			odd.ids.mixed /tender/tenderers
			odd.award.type /contracts/0/awardID "7" 7
			odd.award.missing /contracts/1/awardID 8
			odd.tenderers /tender/numberOfTenderers 2 3
			odd.party.missing /buyer/id "3"
			odd.party.type /tender/tenderers/1/id 2 "2"
			odd.party.missing /awards/0/suppliers/0/id "9"
			odd.party.missing /bids/details/0/tenderers/0/id "x"`},
		{"nothing to link to", `{"parties":[],"buyer":{"id":"3"},"contracts":[{"id":"c","awardID":"7"}]}`, ``},
		{"text", `{"tender":{"title":"Caf\ufffd","submissionMethod":["\ufffd"],"x":"\ufffd"}}`, `
			odd.text.broken /tender/title "Caf` + "\ufffd" + `"
			odd.text.broken /tender/submissionMethod/0 "` + "\ufffd" + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := read.Value([]byte(c.release), read.Usual)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range check.Anomalies(v.(*ocds.Object)) {
				if f.Kind != check.Odd {
					t.Error(f.Kind)
				}
				got = append(got, strings.TrimSpace(strings.Join([]string{f.Rule, f.Pointer, f.Value, f.Other}, " ")))
			}
			var want []string
			for line := range strings.Lines(strings.TrimSpace(c.want)) {
				want = append(want, strings.TrimSpace(line))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
