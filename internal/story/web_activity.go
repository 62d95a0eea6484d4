package story

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gorilla/feeds"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// activityView is what the page of all that happened shows.
type activityView struct {
	Asked    url.Values
	Filter   activity.Filter
	Events   []happening
	Next     int64
	Kinds    []string
	District geo.District // the promises for it alone; the zero District for everything
	About    string       // title of the one record it is about, or name of the organisation
}

func filterOf(r *http.Request) (activity.Filter, error) {
	q := r.URL.Query()
	before, err := web.QueryInt(r, "before", 0, 0, 1<<53)
	return activity.Filter{Kind: q.Get("kind"), Record: q.Get("record"), Org: q.Get("org"), Before: int64(before)}, err
}

func (s *Story) activityOf(r *http.Request, limit int) (v activityView, err error) {
	ctx := r.Context()
	v.Asked = r.URL.Query()
	if v.Filter, err = filterOf(r); err != nil {
		return v, err
	}
	for _, k := range s.Kinds().Kinds() {
		v.Kinds = append(v.Kinds, k.Name)
	}
	return v, s.DB.View(ctx, func(tx *db.Tx) error {
		if v.District, _ = geo.DistrictByCode(v.Asked.Get("district")); v.District.Code != "" {
			if v.Filter.Kind, v.Filter.Records, err = s.promisesIn(ctx, tx, v.District.Code); err != nil {
				return err
			}
		}
		if v.Events, v.Next, err = s.happenings(ctx, tx, v.Filter, limit); err != nil {
			return err
		}
		return s.fillAbout(ctx, tx, &v)
	})
}

func (s *Story) fillAbout(ctx context.Context, tx *db.Tx, v *activityView) error {
	if v.Filter.Record != "" {
		cards, err := s.cards(ctx, tx, []record.Ref{{Kind: v.Filter.Kind, ID: v.Filter.Record}})
		if err == nil && len(cards) == 1 {
			v.About = cards[0].Title
		}
		return err
	}
	if v.Filter.Org != "" {
		names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.Filter.Org})
		v.About = names[v.Filter.Org]
		return err
	}
	return nil
}

func (s *Story) activity(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.activityOf(r, 30)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "story.activity"), Description: i18n.T(ctx, "story.activity_lead"),
		Feeds: []ui.Feed{{Title: v.title(ctx), Href: v.feed("atom")}, {Title: v.title(ctx), Href: v.feed("json"), Type: "application/feed+json"}},
	}, activityPage(v))
}

// title names the feed: all of it, or what it is about.
func (v activityView) title(ctx context.Context) string {
	title := i18n.T(ctx, "story.activity")
	if v.District.Code != "" {
		return i18n.T(ctx, "story.promises_in", "district", i18n.T(ctx, v.District.NameKey()))
	}
	if v.About != "" {
		return title + ": " + v.About
	}
	if v.Filter.Kind != "" {
		return title + ": " + kindWord(ctx, v.Filter.Kind)
	}
	return title
}

// feed is the address of the same as a feed.
func (v activityView) feed(ending string) string {
	return ui.WithQuery("/activity."+ending, v.Asked, "before", "", "lang")
}

func (v activityView) options(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range v.Kinds {
		out = append(out, ui.Option{Value: k, Label: kindWord(ctx, k), Selected: k == v.Filter.Kind})
	}
	return out
}

func (v activityView) pager(ctx context.Context) ui.Pager {
	p := ui.Pager{Words: i18n.N(ctx, "story.events", len(v.Events))}
	if v.Filter.Before > 0 {
		p.First = ui.WithQuery("/activity", v.Asked, "before", "")
	}
	if v.Next > 0 {
		p.Next = ui.WithQuery("/activity", v.Asked, "before", strconv.FormatInt(v.Next, 10))
	}
	return p
}

// inFeed is how many events a feed holds.
const inFeed = 50

func (s *Story) feedOf(r *http.Request) (*feeds.Feed, activityView, error) {
	ctx := r.Context()
	v, err := s.activityOf(r, inFeed)
	if err != nil {
		return nil, v, err
	}
	f := &feeds.Feed{
		Title: "Ceiba · " + v.title(ctx), Link: &feeds.Link{Href: s.Base() + ui.WithQuery("/activity", v.Asked, "before", "")},
		Description: i18n.T(ctx, "story.activity_lead"), Id: s.Base() + v.feed("atom"), Author: &feeds.Author{Name: "Ceiba"},
	}
	for _, e := range v.Events {
		text := e.by(ctx)
		if e.Note != "" {
			text += ". " + e.Note
		}
		f.Items = append(f.Items, &feeds.Item{
			Title: e.What(ctx) + ": " + e.Card.Title, Link: &feeds.Link{Href: s.Base() + e.Card.Path()},
			Id: "urn:uuid:" + e.ID, Description: text, Created: e.At.Time, Updated: e.At.Time,
		})
	}
	if len(v.Events) > 0 {
		f.Updated = v.Events[0].At.Time
	} else {
		f.Updated = s.DB.Now()
	}
	return f, v, nil
}

// atomFeed is a feed with the link to itself that RFC 4287 asks for: readers
// keep it as the address of the feed.
type atomFeed struct {
	*feeds.AtomFeed
	Links []feeds.AtomLink `xml:"link"` // in place of the one that AtomFeed has
}

func (s *Story) atom(w http.ResponseWriter, r *http.Request) error {
	f, v, err := s.feedOf(r)
	if err != nil {
		return err
	}
	out := (&feeds.Atom{Feed: f}).AtomFeed()
	out.Id = s.Base() + v.feed("atom")
	for _, e := range out.Entries {
		e.Summary.Type = "text" // what people wrote is no HTML
	}
	text, err := xml.MarshalIndent(atomFeed{out, []feeds.AtomLink{
		{Href: out.Id, Rel: "self", Type: "application/atom+xml"}, {Href: f.Link.Href, Rel: "alternate", Type: "text/html"},
	}}, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(append([]byte(xml.Header), text...))
	return err
}

func (s *Story) jsonFeed(w http.ResponseWriter, r *http.Request) error {
	f, v, err := s.feedOf(r)
	if err != nil {
		return err
	}
	out := (&feeds.JSON{Feed: f}).JSONFeed()
	out.FeedUrl, out.Language = s.Base()+v.feed("json"), i18n.LangOf(r.Context())
	text, err := json.Marshal(struct {
		*feeds.JSONFeed
		Items []*feeds.JSONItem `json:"items"` // asked for even where there are none
	}{out, append([]*feeds.JSONItem{}, out.Items...)})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/feed+json; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(text)
	return err
}

// activityCSV gives all of what happened, by the page's own filter.
func (s *Story) activityCSV(w http.ResponseWriter, r *http.Request) error {
	f, err := filterOf(r)
	if err != nil {
		return err
	}
	return listing.CSV(w, r, "activity", func(ctx context.Context, cursor string) (out []ActivityEventBody, next string, err error) {
		if cursor != "" {
			if f.Before, err = strconv.ParseInt(cursor, 10, 64); err != nil {
				return nil, "", err
			}
		}
		err = s.DB.View(ctx, func(tx *db.Tx) error {
			events, more, err := s.happenings(ctx, tx, f, 200)
			for _, e := range events {
				out = append(out, s.eventBody(ctx, e))
			}
			if more > 0 {
				next = strconv.FormatInt(more, 10)
			}
			return err
		})
		return out, next, err
	})
}
