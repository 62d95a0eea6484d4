// Package talk brings what package record keeps beside a record onto its page:
// the discussion, the button that follows it, the files attached to it, the way
// to its translations. Every kind of record shows them by it, so that they look
// and work the same everywhere; the forms lead to the routes of
// internal/site/record.
package talk

import (
	"context"
	"path"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Talk is what people did around a record, ready to be shown.
type Talk struct {
	of        record.Ref
	back      string // address of the record's page
	comments  []record.Comment
	names     map[string]string
	audience  record.Audience
	files     []record.Attachment
	mayAttach bool
	mayModer  bool
	mayTrans  bool
	gone      bool // the record is withdrawn
	me        string
	open      bool // people may discuss such records, and this one
	signedIn  bool
}

// Load reads what there is around a record that actor may see. back is the
// address of its page.
func Load(ctx context.Context, tx *db.Tx, reg *record.Registry, actor who.Actor, card record.Card, back string) (t Talk, err error) {
	kind, _ := reg.Kind(card.Kind)
	t = Talk{
		of: card.Ref, back: back, open: kind.Comments && !card.Gone, signedIn: actor.SignedIn(), gone: card.Gone, me: actor.ID,
		mayAttach: !card.Gone && actor.May("record.attach", who.In(card.Org)), mayModer: actor.May("record.moderate", who.Site),
		mayTrans: !card.Gone && len(kind.Fields) > 0 && actor.May("record.translate", who.In(card.Org)),
	}
	if t.audience, err = record.AudienceOf(ctx, tx, actor, card.Ref); err != nil {
		return t, err
	}
	if t.files, err = record.Attachments(ctx, tx, card.Ref); err != nil {
		return t, err
	}
	if t.comments, err = record.Comments(ctx, tx, actor, card.Ref); err != nil {
		return t, err
	}
	var people []string
	for _, c := range t.comments {
		people = append(people, c.Author)
	}
	t.names, err = who.NamesOf(ctx, tx, people)
	return t, err
}

// base is the address below which the record's forms lead.
func (t Talk) base() string { return "/record/" + t.of.Kind + "/" + t.of.ID }

// Follow is the button for the record's side, and nil for a record that is
// withdrawn and that the reader does not follow.
func (t Talk) Follow() *ui.Follow {
	if t.gone && !t.audience.Mine {
		return nil
	}
	return &ui.Follow{Action: t.base() + "/follow", Following: t.audience.Mine, Count: t.audience.Count}
}

// Discussion is the thread, and nil for a kind that has none.
func (t Talk) Discussion(ctx context.Context) *ui.Thread {
	if !t.open && len(t.comments) == 0 {
		return nil
	}
	th := &ui.Thread{Comments: t.under(ctx, ""), Count: len(t.comments), Rows: "/comments?of=" + t.of.Kind + ":" + t.of.ID}
	switch {
	case !t.open:
		th.Closed = i18n.T(ctx, "talk.closed")
	case !t.signedIn:
		th.SignIn = "/sign-in?next=" + t.back
	}
	return th
}

// under lists the comments that answer one, or the record itself. What answers
// a comment that the reader does not see stands where that would.
func (t Talk) under(ctx context.Context, parent string) []ui.Comment {
	var out []ui.Comment
	for _, c := range t.comments {
		if c.Parent != parent && !(parent == "" && t.orphan(c)) {
			continue
		}
		out = append(out, t.comment(ctx, c))
	}
	return out
}

func (t Talk) orphan(c record.Comment) bool {
	for _, o := range t.comments {
		if o.ID == c.Parent {
			return false
		}
	}
	return c.Parent != ""
}

func (t Talk) comment(ctx context.Context, c record.Comment) ui.Comment {
	v := ui.Comment{ID: c.ID, Author: t.names[c.Author], At: c.Created.Time, Edited: !c.Edited.IsZero(), Text: c.Body, Replies: t.under(ctx, c.ID)}
	switch {
	case c.State == record.Hidden && c.Reason == "":
		v.Removed = i18n.T(ctx, "talk.erased")
	case c.State == record.Hidden:
		v.Removed = i18n.T(ctx, "talk.hidden", "reason", c.Reason)
	case c.State == record.Held:
		v.Role = i18n.T(ctx, "talk.held")
	}
	if v.Author == "" {
		v.Author = i18n.T(ctx, "talk.somebody")
	}
	if c.State == record.Visible && t.open {
		v.Reply, v.Report = "/comment/"+c.ID+"/reply", "/moderation/report-comment/"+c.ID
		if t.mayModer {
			v.Report = "/moderation/comment/" + c.ID
		}
		if t.signedIn && c.Author == t.me {
			v.Edit, v.Report = "/comment/"+c.ID+"/edit", ""
		}
	}
	return v
}

// Form is the form below the discussion, and nil for whom there is none.
func (t Talk) Form(ctx context.Context) *ui.FormBox {
	if !t.open || !t.signedIn {
		return nil
	}
	return &ui.FormBox{Action: t.base() + "/comment", Submit: i18n.T(ctx, "talk.publish"), Plain: true}
}

// Files lists what is attached, and nil for nothing.
func (t Talk) Files() *ui.Files {
	if len(t.files) == 0 {
		return nil
	}
	out := &ui.Files{}
	for _, f := range t.files {
		format := strings.TrimPrefix(path.Ext(f.Name), ".")
		item := ui.File{Name: f.Name, Href: "/attachment/" + f.ID, Format: strings.ToUpper(format), Bytes: f.Bytes, Note: f.Alt, SHA256: f.SHA}
		if t.mayAttach {
			item.Remove = item.Href + "/remove"
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// Translate is where somebody who may puts the record's texts into other
// languages; empty for others, and for a kind without such texts.
func (t Talk) Translate() string {
	if !t.mayTrans {
		return ""
	}
	return t.base() + "/translate"
}

// Attach is where somebody who may adds a file; empty for others.
func (t Talk) Attach() string {
	if !t.mayAttach {
		return ""
	}
	return t.base() + "/attach"
}
