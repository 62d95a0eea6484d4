package story

import (
	"context"
	"net/http"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/collaboration/forum"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// partShown is how many of each way to take part the page shows.
const partShown = 6

// partView is the page of all ways to take part.
type partView struct {
	Ways []way
	Orgs map[string]string
}

// way is a sort of taking part, with what is open of it.
type way struct {
	key   string // of its words: title, hint, link
	all   string // where all of it is
	refs  []record.Ref
	cards []record.Card
}

// part shows in one place what people can have a say in today.
func (s *Story) part(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := partView{}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Ways, err = open(ctx, tx); err != nil {
			return err
		}
		var orgs []string
		for i := range v.Ways {
			x := &v.Ways[i]
			if x.cards, err = s.cards(ctx, tx, x.refs); err != nil {
				return err
			}
			x.cards = x.cards[:min(len(x.cards), partShown)]
			for _, c := range x.cards {
				orgs = append(orgs, c.Org)
			}
		}
		v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "story.part"), Description: i18n.T(ctx, "story.part_lead"), Canonical: s.Base() + "/take-part", Wide: true,
	}, partPage(v))
}

// open lists what is open now, by the way to take part.
func open(ctx context.Context, tx *db.Tx) ([]way, error) {
	calls, _, err := answer.Boxes(ctx, tx, "", 50)
	if err != nil {
		return nil, err
	}
	texts, err := consultation.Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	polls, _, err := ballot.List(ctx, tx, ballot.Filter{States: []ballot.State{ballot.Open, ballot.Declared}, Limit: 50})
	if err != nil {
		return nil, err
	}
	meetings, _, err := meeting.List(ctx, tx, meeting.Filter{Now: db.Time{Time: tx.Now}}, "", partShown)
	if err != nil {
		return nil, err
	}
	forums, err := forum.All(ctx, tx)
	if err != nil {
		return nil, err
	}
	ways := []way{{key: "calls", all: "/calls"}, {key: "texts", all: "/consultations"}, {key: "polls", all: "/polls"}, {key: "meetings", all: "/meetings"}, {key: "forums", all: "/forums"}, {key: "joint", all: "/joint"}}
	add := func(i int, ref record.Ref) { ways[i].refs = append(ways[i].refs, ref) }
	for _, c := range calls {
		if !c.Closes.Before(tx.Now) {
			add(0, c.Ref())
		}
	}
	for _, t := range texts {
		if t.Open(tx.Now) {
			add(1, t.Ref())
		}
	}
	for _, p := range polls {
		add(2, p.Ref())
	}
	for _, m := range meetings {
		add(3, m.Ref())
	}
	for _, f := range forums {
		add(4, f.Ref())
	}
	return ways, joined(ctx, tx, &ways[5])
}

// joined lists the joint projects that go on: organisations can give to them.
func joined(ctx context.Context, tx *db.Tx, to *way) error {
	all, _, err := joint.List(ctx, tx, joint.Filter{}, "", 50)
	for _, p := range all {
		if p.State.Open() {
			to.refs = append(to.refs, p.Ref())
		}
	}
	return err
}

// partCards are cards with how each stands instead of when it changed.
func partCards(ctx context.Context, cards []record.Card, orgs map[string]string) []ui.Card {
	var out []ui.Card
	for _, c := range cards {
		v := ui.Card{Over: orgs[c.Org], Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn}
		if c.State != "" {
			v.State = &ui.Badge{Tone: ui.Tone(c.Tone), Word: i18n.T(ctx, c.State)}
		}
		out = append(out, v)
	}
	return out
}
