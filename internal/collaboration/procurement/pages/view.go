package pages

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

func crumbs(ctx context.Context, more ...ui.Link) []ui.Link {
	return append([]ui.Link{{Text: i18n.T(ctx, "procurement.nav"), Href: "/contracting"}}, more...)
}

// says is the story in three short sentences: who buys from whom, for how much, since
// when.
func says(ctx context.Context, p procurement.Process) (out []string) {
	say := func(key string, args ...any) { out = append(out, i18n.T(ctx, "procurement.says."+key, args...)) }
	switch suppliers := shortened(p.Suppliers); {
	case p.Buyer != "" && suppliers != "":
		say("buys", "buyer", p.Buyer, "suppliers", suppliers)
	case suppliers != "":
		say("sells", "suppliers", suppliers)
	case p.Buyer != "" && p.Stage == procurement.Cancelled:
		say("wanted", "buyer", p.Buyer)
	case p.Buyer != "":
		say("wants", "buyer", p.Buyer)
	}
	if p.Amount != nil {
		say("amount_"+p.AmountOf, "amount", moneyText(ctx, *p.Amount))
	} else {
		say("no_amount")
	}
	switch {
	case p.Signed != "":
		say("signed", "date", i18n.CivilDate(ctx, p.Signed))
	case p.Awarded != "":
		say("awarded", "date", i18n.CivilDate(ctx, p.Awarded))
	case p.Closes != "":
		say("closes", "date", i18n.CivilDate(ctx, p.Closes))
	}
	if end := lastEnd(p); end != "" && p.Stage != procurement.Cancelled {
		say("ends", "date", i18n.CivilDate(ctx, end))
	}
	return out
}

func saysShort(ctx context.Context, p procurement.Process) string {
	return strings.Join(says(ctx, p), " ")
}

// lastEnd is the last day of its contracts.
func lastEnd(p procurement.Process) (last string) {
	for _, c := range p.Contracts {
		last = max(last, c.Ends)
	}
	return last
}

// chainOf is the strip of the evidence chain: what the process is linked with, by
// the step at which each stands.
func chainOf(ctx context.Context, v processView) *ui.Chain {
	c := &ui.Chain{Current: ui.StepContract}
	own := stageBadge(ctx, v.Process.Stage)
	at := map[ui.Step][]ui.ChainItem{ui.StepContract: {{Title: v.Process.Name(), Tone: own.Tone, State: own.Word}}}
	for _, e := range v.Edges {
		item := ui.ChainItem{Title: e.Card.Title, Href: e.Card.Path(), Tone: ui.Tone(e.Card.Tone)}
		if e.Card.State != "" {
			item.State = i18n.T(ctx, e.Card.State)
		}
		kind, _ := v.Kinds.Kind(e.To.Kind)
		if step := ui.Step(kind.Chain); slices.Contains(ui.Steps[:], step) {
			at[step] = append(at[step], item)
			continue
		}
		c.LinkedFrom = append(c.LinkedFrom, item)
	}
	if d := v.Process.District; d != "" && len(at[ui.StepPlace]) == 0 {
		at[ui.StepPlace] = []ui.ChainItem{{Title: i18n.T(ctx, "geo.district."+d), Href: "/place/" + d}}
	}
	for _, s := range ui.Steps {
		if items := at[s]; len(items) > 0 {
			more := max(0, len(items)-5)
			c.Links = append(c.Links, ui.ChainLink{Step: s, Items: items[:len(items)-more], More: more})
		}
	}
	return c
}

// timeline is what happened, with what is due, in the order of the days.
func timeline(ctx context.Context, v processView) *ui.Timeline {
	t := &ui.Timeline{}
	for _, m := range v.Story.Moments {
		x := ui.Event{Day: i18n.T(ctx, "procurement.no_date"), Title: i18n.T(ctx, "procurement.moment."+m.What), Of: m.Title, Who: m.Who, Tone: momentTone(m)}
		if m.Day != "" {
			x.Day = i18n.CivilDate(ctx, m.Day)
		}
		var parts []string
		switch {
		case m.Was != nil:
			parts = append(parts, i18n.T(ctx, "procurement.revalued", "was", moneyText(ctx, *m.Was), "now", moneyText(ctx, *m.Amount)))
		case m.Amount != nil:
			parts = append(parts, moneyText(ctx, *m.Amount))
		}
		if m.Count != nil {
			parts = append(parts, i18n.N(ctx, "procurement.bidders", int(*m.Count)))
		}
		switch {
		case m.Starts != "" && m.Ends != "":
			parts = append(parts, i18n.T(ctx, "procurement.period", "from", i18n.CivilDate(ctx, m.Starts), "to", i18n.CivilDate(ctx, m.Ends)))
		case m.Starts != "":
			parts = append(parts, i18n.T(ctx, "procurement.period_from", "from", i18n.CivilDate(ctx, m.Starts)))
		case m.Ends != "":
			parts = append(parts, i18n.T(ctx, "procurement.period_to", "to", i18n.CivilDate(ctx, m.Ends)))
		}
		if m.Status != "" {
			parts = append(parts, statusWord(ctx, m.Status))
		}
		if m.Text != "" {
			parts = append(parts, m.Text)
		}
		x.Text = strings.Join(parts, " · ")
		t.Items = append(t.Items, x)
	}
	return t
}

// statusWord is a status of the standard in words; another one as it is written.
func statusWord(ctx context.Context, status string) string {
	if key := "procurement.status." + status; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return status
}

func momentTone(m procurement.Moment) ui.Tone {
	switch {
	case slices.Contains([]string{"cancelled", "unsuccessful", "notMet"}, m.Status), m.What == "amended", m.What == "revalued":
		return ui.Attention
	case m.What == "paid", m.Status == "met", m.Status == "terminated":
		return ui.Done
	case m.What == "award", m.What == "signed":
		return ui.Going
	}
	return ui.Plain
}

func side(ctx context.Context, v processView) *ui.Side {
	p := v.Process
	s := &ui.Side{Share: v.Base + p.Ref().Path(), Follow: v.Talk.Follow()}
	if p.Org != "" && who.From(ctx).May("procurement.write", who.In(p.Org)) {
		s.Edit = ui.Link{Text: i18n.T(ctx, "contractdesk.edit"), Href: p.Ref().Path() + "/edit"}
	}
	fact := func(name, text, href string) {
		s.Facts = append(s.Facts, ui.Pair{Term: i18n.T(ctx, "procurement.fact."+name), Text: text, Href: href})
	}
	for i, x := range p.Parties {
		if x.Role == procurement.Tenderer || i > onParty {
			continue
		}
		fact(x.Role, x.Name, partyPath(x.Role, x.Key))
	}
	if p.Amount != nil {
		fact("amount_"+p.AmountOf, moneyText(ctx, *p.Amount), "")
	} else {
		fact("amount", "", "")
	}
	method := p.Details
	if p.Method != "" {
		method = strings.Trim(i18n.T(ctx, "procurement.method."+p.Method)+" – "+p.Details, " –")
		if !i18n.Has(ctx, "procurement.method."+p.Method) {
			method = strings.Trim(p.Method+" – "+p.Details, " –")
		}
	}
	fact("method", method, "")
	category := p.Category
	if key := "procurement.category." + category; i18n.Has(ctx, key) {
		category = i18n.T(ctx, key)
	}
	fact("category", category, "")
	if p.District != "" {
		fact("district", i18n.T(ctx, "geo.district."+p.District), "/place/"+p.District)
	} else {
		fact("district", "", "")
	}
	fact("ocid", p.OCID, "")
	return s
}

func processData(v processView) *ui.Data {
	at := api.Base + "/ocds/records/" + url.PathEscape(v.Process.OCID)
	return &ui.Data{
		JSON: at, Atom: "/activity.atom?kind=contracting&record=" + v.Process.ID, API: &ui.APICall{ID: "api", URL: v.Base + at},
	}
}

// placeMap is where the process is, among the districts.
func placeMap(ctx context.Context, v processView) *ui.Map {
	p := v.Process
	if p.Place == nil {
		return nil
	}
	b := stageBadge(ctx, p.Stage)
	m := &ui.Map{
		ID: "map", Title: i18n.T(ctx, "procurement.where"), Source: i18n.T(ctx, "procurement.map_source"),
		Points: []ui.Point{{Lon: p.Place.Lon, Lat: p.Place.Lat, Title: p.Name(), Tone: b.Tone, State: b.Word}},
	}
	for _, d := range geo.Districts() {
		m.Areas = append(m.Areas, ui.Area{Name: i18n.T(ctx, d.NameKey()), Href: "/place/" + d.Code, Rings: ringsOf(d)})
	}
	if p.District == "" { // elsewhere in the world: our map does not reach there
		m.Areas = nil
		m.Frame = ui.Frame{MinLon: p.Place.Lon - 1, MaxLon: p.Place.Lon + 1, MinLat: max(-84, p.Place.Lat-1), MaxLat: min(84, p.Place.Lat+1)}
	}
	return m
}

func ringsOf(d geo.District) (out [][][2]float64) {
	for _, polygon := range d.Shape() {
		for _, ring := range polygon {
			var r [][2]float64
			for _, at := range ring {
				r = append(r, [2]float64(at))
			}
			out = append(out, r)
		}
	}
	return out
}

func contractRows(ctx context.Context, v processView) (out [][]ui.Cell) {
	names := map[string]string{}
	for _, x := range v.Process.Parties {
		names[x.Key] = x.Name
	}
	for _, c := range v.Process.Contracts {
		row := []ui.Cell{{Text: titled(c.Title, c.Name), Note: statusWord(ctx, c.Status)}, {}, {}, ui.Text(i18n.CivilDate(ctx, c.Signed)), ui.Text(i18n.CivilDate(ctx, c.Ends))}
		if c.Supplier != "" {
			row[1] = ui.LinkCell(titled(names[c.Supplier], c.Supplier), partyPath(procurement.Supplier, c.Supplier))
		}
		if c.Amount != nil {
			row[2] = ui.Text(moneyText(ctx, *c.Amount))
		}
		out = append(out, row)
	}
	return out
}

// tendererRows are those who made an offer, with whether they won.
func tendererRows(ctx context.Context, v processView) (out [][]ui.Cell) {
	won := map[string]bool{}
	for _, x := range v.Process.Parties {
		won[x.Key] = won[x.Key] || x.Role == procurement.Supplier
	}
	for _, x := range v.Process.Parties {
		if x.Role != procurement.Tenderer || len(out) >= onStory {
			continue
		}
		row := []ui.Cell{ui.Text(x.Name), {}}
		if won[x.Key] {
			row = []ui.Cell{ui.LinkCell(x.Name, partyPath(procurement.Supplier, x.Key)), ui.Text(i18n.T(ctx, "procurement.won"))}
		}
		out = append(out, row)
	}
	return out
}

func itemRows(ctx context.Context, v processView) (out [][]ui.Cell) {
	for _, x := range v.Story.Items[:min(len(v.Story.Items), onStory)] {
		row := []ui.Cell{{Text: x.Name, Note: x.Class}, ui.Text(strings.TrimSpace(x.Quantity + " " + x.Unit)), {}}
		if x.Price != nil {
			row[2] = ui.Text(moneyText(ctx, *x.Price))
		}
		out = append(out, row)
	}
	return out
}

func releaseCells(ctx context.Context, v processView) (out [][]ui.Cell) {
	for _, r := range v.Releases {
		row := []ui.Cell{ui.LinkCell(releaseDay(ctx, r.Date), releasePath(v.Process.ID, r.Digest)), ui.Text(tagWords(ctx, r.Tags)), {}, {View: digestView(r.Digest)}}
		if r.File != "" {
			row[2] = ui.LinkCell(titled(v.Files[r.File], r.File), "/contractingfile/"+r.File)
		} else {
			row[2] = ui.Text(i18n.T(ctx, "procurement.written_here"))
		}
		out = append(out, row)
	}
	return out
}

// filesOf are the ids of the files that brought releases.
func filesOf(rows []ContractingReleaseRow) (out []string) {
	for _, r := range rows {
		if r.File != "" && !slices.Contains(out, r.File) {
			out = append(out, r.File)
		}
	}
	return out
}

// partySays is what an organisation bought or won, in one line.
func partySays(ctx context.Context, v partyView) ui.Said {
	r := v.Row
	out := ui.SayN(ctx, "procurement.party."+v.Role+".n", r.count(r.Processes))
	if r.Shared > 0 {
		out = out.And(ui.SayN(ctx, "procurement.n_shared", r.count(r.Shared, "amount", procurement.WithAmount, "shared", "yes")))
	}
	if r.Without > 0 {
		out = out.And(ui.SayN(ctx, "procurement.n_without", r.count(r.Without, "amount", procurement.WithoutAmount)))
	}
	return out
}

func (v partyView) withRows(ctx context.Context) (out [][]ui.Cell) {
	for _, r := range v.With {
		row := []ui.Cell{ui.LinkCell(r.Name, partyPath(r.dealer.Role, r.Key)), {View: r.count(r.Processes)}, {}}
		if len(r.dealer.Sums) > 0 {
			row[2].View = sumsView(r.totals(ctx))
		}
		out = append(out, row)
	}
	return out
}

// partyData is where the processes of an organisation can be had. It is no list of
// them itself, so its CSV is not marked as one.
func (p *Pages) partyData(role, key string) *ui.Data {
	d := listing.Data(p.Base(), "/contracting", listing.Of("", role, key))
	d.Rows = false
	return d
}

func faultCells(all []ContractingFaultRow) (out [][]ui.Cell) {
	for _, f := range all {
		out = append(out, []ui.Cell{ui.Text(f.Says), ui.Text(lineText(f.Line)), ui.Text(f.Pointer), ui.Text(f.OCID)})
	}
	return out
}

func fileFacts(ctx context.Context, r ContractingFileRow) []ui.Pair {
	t := func(key string) string { return i18n.T(ctx, "procurement.file."+key) }
	ended := t("cut_off")
	if r.Ended != nil {
		ended = i18n.DateTime(ctx, *r.Ended)
	}
	return []ui.Pair{
		{Term: t("begun"), Text: i18n.DateTime(ctx, r.Begun)},
		{Term: t("ended"), Text: ended},
		{Term: t("licence"), Text: r.Licence},
		{Term: t("read"), Text: i18n.Number(ctx, r.Read), Note: t("read_note")},
		{Term: t("fresh"), View: freshFigure(r)},
		{Term: t("processes"), View: ui.Derived(r.Processes, listing.Of("/contracting", "file", r.ID)), Note: t("processes_note")},
		{Term: t("faults"), View: faultFigure(r)},
		{Term: t("digest"), View: digestView(r.Digest), Note: t("digest_note")},
	}
}

// withNote says that the table of others does not have all of them.
func withNote(ctx context.Context, v partyView) string {
	if v.More {
		return i18n.T(ctx, "procurement.with_first")
	}
	return ""
}

// owner is who buys, as the head of the page names them.
func owner(p procurement.Process) ui.Link {
	if p.Buyer == "" {
		return ui.Link{}
	}
	return ui.Link{Text: p.Buyer, Href: partyPath(procurement.Buyer, p.BuyerKey)}
}

// kept is a filter that a form keeps; nothing for an empty one.
func kept(name, value string) []ui.Hidden {
	if value == "" {
		return nil
	}
	return []ui.Hidden{{Name: name, Value: value}}
}
