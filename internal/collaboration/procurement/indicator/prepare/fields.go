package prepare

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"ceiba/internal/collaboration/procurement/ocds"
)

// The closed codelists of OCDS 1.1 and of its extension for bids.
var (
	bidStatuses   = []string{"invited", "pending", "valid", "disqualified", "withdrawn"}
	awardStatuses = []string{"pending", "active", "cancelled", "unsuccessful"}
)

func (c *cleaner) tender() {
	v, _ := c.release.Get("tender")
	tender, ok := v.(*ocds.Object)
	if !ok {
		return
	}
	c.organisation(tender, "procuringEntity", c.PrefixBuyer, "procuringEntity")
	if details, ok := text(tender, "procurementMethodDetails"); ok && c.SplitDetails != nil {
		before, _, _ := strings.Cut(details, *c.SplitDetails)
		tender.Set("procurementMethodDetails", strings.TrimRightFunc(before, unicode.IsSpace))
	}
}

// auctions moves the bids of auctions to where OCDS has bids.
func (c *cleaner) auctions() {
	v, there := c.release.Get("auctions")
	if !c.MoveAuctions || !there {
		return
	}
	if _, taken := c.release.Get("bids"); taken {
		c.notMoved = true
		return
	}
	if _, ok := v.([]any); !ok {
		return
	}
	details := []any{}
	for _, auction := range objects(c.release, "auctions") {
		for _, stage := range objects(auction, "stages") {
			bids, _ := stage.Get("bids")
			if a, ok := bids.([]any); ok {
				details = append(details, a...)
				stage.Remove("bids")
			}
		}
	}
	bids := &ocds.Object{}
	bids.Set("details", details)
	c.release.Set("bids", bids)
}

func (c *cleaner) bids() {
	v, _ := c.release.Get("bids")
	bids, ok := v.(*ocds.Object)
	if !ok {
		return
	}
	for j, bid := range objects(bids, "details") {
		value, _ := bid.Get("value")
		if value, ok := value.(*ocds.Object); ok {
			c.value(value, j)
		}
		for k, item := range objects(bid, "items") {
			c.scheme(item, "/bids/details[]/items[]/classification/scheme", j, k)
		}
		c.status(bid, c.BidStatus, c.BidStatuses, bidStatuses, "/bids/details[]/status", j)
		c.organisations(bid, "tenderers", c.PrefixTenderer, "tenderer")
	}
}

// value mends the price of a bid.
func (c *cleaner) value(value *ocds.Object, j int) {
	v, _ := value.Get("amount")
	if n, ok := v.(json.Number); ok {
		amount, err := n.Float64()
		switch {
		case err != nil:
		case slices.Contains(c.RedactAmounts, amount):
			value.Remove("amount")
		case amount == 0:
			c.issue(IsZero, "", "/bids/details[]/value/amount", j)
		}
	}
	c.fill(value, "currency", c.Currency, "/bids/details[]/value/currency", j)
}

// scheme mends the classification of an item.
func (c *cleaner) scheme(item *ocds.Object, path string, j, k int) {
	v, _ := item.Get("classification")
	if o, ok := v.(*ocds.Object); ok {
		c.fill(o, "scheme", c.ItemScheme, path, j, k)
	}
}

// fill puts a default where there is nothing, or reports that there is none.
func (c *cleaner) fill(o *ocds.Object, name, otherwise, path string, index ...int) {
	if _, there := o.Get(name); there {
		return
	}
	if otherwise == "" {
		c.issue(NotSet, "", path, index...)
		return
	}
	o.Set(name, otherwise)
}

// status fills a status in, maps it to OCDS's codes, and reports others.
func (c *cleaner) status(o *ocds.Object, otherwise string, codes map[string]string, known []string, path string, j int) {
	c.fill(o, "status", otherwise, path, j)
	status, ok := text(o, "status")
	if !ok {
		return
	}
	if to, ok := codes[status]; ok {
		status = to
		o.Set("status", to)
	}
	if !slices.Contains(known, status) {
		c.issue(Invalid, status, path, j)
	}
}

// contracts notes which awards have cancelled contracts alone.
func (c *cleaner) contracts() {
	if !c.AwardByContracts {
		return
	}
	for _, contract := range objects(c.release, "contracts") {
		stringify(contract, "awardID")
		id, ok := text(contract, "awardID")
		if !ok {
			continue
		}
		status, _ := text(contract, "status")
		before, seen := c.cancelled[id]
		c.cancelled[id] = status == "cancelled" && (before || !seen)
	}
}

func (c *cleaner) awards() {
	for j, award := range objects(c.release, "awards") {
		stringify(award, "id")
		for k, item := range objects(award, "items") {
			class, _ := item.Get("classification")
			if class, ok := class.(*ocds.Object); ok {
				stringify(class, "id")
			}
			c.scheme(item, "/awards[]/items[]/classification/scheme", j, k)
		}
		c.status(award, c.AwardStatus, c.AwardStatuses, awardStatuses, "/awards[]/status", j)
		if id, ok := text(award, "id"); ok && c.cancelled[id] {
			award.Set("status", "cancelled")
		}
		c.organisations(award, "suppliers", c.PrefixTenderer, "supplier")
	}
}

// stringify makes an id that is a number a text.
func stringify(o *ocds.Object, name string) {
	v, _ := o.Get(name)
	if n, ok := v.(json.Number); ok {
		o.Set(name, n.String())
	}
}

func text(o *ocds.Object, name string) (string, bool) {
	v, _ := o.Get(name)
	s, ok := v.(string)
	return s, ok
}

// objects goes through those elements of a list that are objects, with their
// places in it.
func objects(o *ocds.Object, name string) func(yield func(int, *ocds.Object) bool) {
	return func(yield func(int, *ocds.Object) bool) {
		v, _ := o.Get(name)
		a, ok := v.([]any)
		if !ok {
			return
		}
		for i, one := range a {
			if o, ok := one.(*ocds.Object); ok && !yield(i, o) {
				return
			}
		}
	}
}
