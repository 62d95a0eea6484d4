package account

import (
	"net/http"
	"net/url"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

const members = "/account/members"

func (p *Pages) memberRoutes(rs *web.Routes) {
	may := web.Needs("org.member.write")
	rs.Get(members, may, p.members)
	rs.Post(members+"/invite", may, p.inviteMember)
	rs.Post(members+"/cancel", may, p.cancelInvitation)
	rs.Post(members+"/remove", may, p.removeMember)
}

// membersView is the page of those who belong to an organisation, for those
// who keep its members.
type membersView struct {
	web.Wrong
	Org     org.Org
	Lang    string
	Holders []who.Holder
	Invited []who.Invitation
	Others  []ui.Tab // the other organisations that the actor keeps
	Email   string
	Role    who.Role
}

// keeps returns the organisation whose members the reader wants to see: the
// one they name, or the first that is theirs to keep.
func keeps(a who.Actor, named string) (string, []string, error) {
	mine, _ := a.Orgs("org.member.write")
	if named == "" && len(mine) > 0 {
		named = mine[0]
	}
	if named == "" {
		return "", nil, db.ErrNotFound
	}
	return named, mine, a.Must("org.member.write", who.In(named))
}

func (p *Pages) membersOf(r *http.Request, named string) (v membersView, err error) {
	ctx := r.Context()
	a := who.From(ctx)
	named, mine, err := keeps(a, named)
	if err != nil {
		return v, err
	}
	if v.Invited, err = p.Who().Invitations(ctx, a, named); err != nil {
		return v, err
	}
	v.Lang, v.Role = i18n.LangOf(ctx), who.Member
	err = p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Org, err = org.Get(ctx, tx, named); err != nil {
			return err
		}
		if v.Holders, err = who.HoldersOf(ctx, tx, named); err != nil {
			return err
		}
		names, err := org.Names(ctx, tx, v.Lang, mine)
		for _, id := range mine {
			v.Others = append(v.Others, ui.Tab{Text: names[id], Href: members + "?org=" + url.QueryEscape(id), Current: id == named})
		}
		return err
	})
	return v, err
}

func (p *Pages) members(w http.ResponseWriter, r *http.Request) error {
	v, err := p.membersOf(r, r.URL.Query().Get("org"))
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.members.title", membersPage(v))
}

func (p *Pages) inviteMember(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.membersOf(r, f.Line("org"))
	if err != nil {
		return err
	}
	v.Email, v.Role = f.Line("email"), who.Role(f.Line("role"))
	if v.Role != who.Member && v.Role != who.Editor {
		err = fault.Fields{{Name: "role", Key: "fault.choice"}}
	} else {
		_, err = p.Who().Invite(r.Context(), who.From(r.Context()), v.Email, who.Grant{Role: v.Role, Org: v.Org.ID}, v.Org.NameIn(v.Lang))
	}
	if err == nil {
		return done(w, r, nil, "account.members.invited", membersOf(v.Org.ID))
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "email", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.members.title", membersPage(v))
}

func membersOf(id string) string { return members + "?org=" + url.QueryEscape(id) }

func (p *Pages) cancelInvitation(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Who().CancelInvitation(r.Context(), who.From(r.Context()), f.Line("invitation"))
	return done(w, r, err, "account.members.cancelled", membersOf(f.Line("org")))
}

func (p *Pages) removeMember(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g := who.Grant{Role: who.Role(f.Line("role")), Org: f.Line("org")}
	err = p.Who().TakeRole(r.Context(), who.From(r.Context()), f.Line("person"), g)
	return done(w, r, err, "account.members.removed", membersOf(g.Org))
}
