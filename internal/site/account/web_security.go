package account

import (
	"context"
	"errors"
	"net/http"
	"time"

	"rsc.io/qr"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

const security = "/account/security"

func (p *Pages) securityRoutes(rs *web.Routes) {
	rs.Get(security, web.SignedIn, p.security)
	rs.Post(security+"/passkey/start", web.SignedIn, p.startNewPasskey)
	rs.Post(security+"/passkey", web.SignedIn, p.finishNewPasskey)
	rs.Post(security+"/passkey/{id}/remove", web.SignedIn, p.removePasskey)
	rs.Post(security+"/app/start", web.SignedIn, p.startTOTP)
	rs.Get(security+"/app", web.SignedIn, p.totp)
	rs.Get(security+"/app.png", web.SignedIn, p.totpPicture)
	rs.Post(security+"/app", web.SignedIn, p.confirmTOTP)
	rs.Post(security+"/app/remove", web.SignedIn, p.removeTOTP)
	rs.Post(security+"/codes", web.SignedIn, p.recoveryCodes)
	rs.Get(security+"/password", web.SignedIn, p.newPassword)
	rs.Post(security+"/password", web.SignedIn, p.setPassword)
	rs.Post(security+"/password/remove", web.SignedIn, p.removePassword)
	rs.Post(security+"/sessions/{id}/end", web.SignedIn, p.endSession)
	rs.Post(security+"/sessions/end", web.SignedIn, p.endSessions)
	rs.Post(security+"/identity/remove", web.SignedIn, p.unlink)
	rs.Post(security+"/recovery/stop", web.SignedIn, p.stopRecovery)
	rs.Get(security+"/keys", web.SignedIn, p.keys)
	rs.Post(security+"/keys", web.SignedIn, p.makeKey)
	rs.Post(security+"/keys/{id}/revoke", web.SignedIn, p.revokeKey)
}

// securityView is the page of one's ways to sign in.
type securityView struct {
	Factors    who.Factors
	Passkeys   []who.Passkey
	CanPasskey bool
	Sessions   []who.SessionInfo
	Identities []who.Identity
	Providers  []who.Provider
	Keys       int
	Wait       who.Recovery // zero where nobody waits
	Staff      bool
	Strong     bool
}

func (p *Pages) security(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := who.From(ctx)
	v := securityView{CanPasskey: p.Who().PasskeysWork(), Providers: p.Who().Providers, Strong: a.Strong}
	for _, role := range who.Staff {
		v.Staff = v.Staff || a.HasAny(role)
	}
	var keys []who.APIKey
	for _, read := range []func() error{
		func() (err error) { v.Factors, err = p.Who().FactorsOf(ctx, a); return },
		func() (err error) { v.Passkeys, err = p.Who().Passkeys(ctx, a); return },
		func() (err error) { v.Sessions, err = p.Who().Sessions(ctx, a); return },
		func() (err error) { v.Identities, err = p.Who().Identities(ctx, a); return },
		func() (err error) { keys, err = p.Who().Keys(ctx, a); return },
		func() (err error) { v.Wait, err = p.Who().MyRecovery(ctx, a); return none(err) },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	v.Keys = len(keys)
	return page(w, r, http.StatusOK, "account.security.title", securityPage(v))
}

func none(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// orgNames returns the names of the organisations in grants.
func (p *Pages) orgNames(ctx context.Context, grants []who.Grant) (names map[string]string, err error) {
	var ids []string
	for _, g := range grants {
		if g.Org != "" {
			ids = append(ids, g.Org)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		names, err = org.Names(ctx, tx, i18n.LangOf(ctx), ids)
		return err
	})
	return names, err
}

// done ends a change on the security page: with a sentence, with a journey to
// show who one is, or with the error.
func done(w http.ResponseWriter, r *http.Request, err error, key, back string) error {
	switch {
	case web.ProveAgain(w, r, err, back):
		return nil
	case err != nil:
		return err
	}
	web.Flash(w, ui.Done, key)
	web.Redirect(w, r, back)
	return nil
}

func (p *Pages) startNewPasskey(w http.ResponseWriter, r *http.Request) error {
	options, ticket, err := p.Who().StartNewPasskey(r.Context(), who.From(r.Context()))
	if err != nil {
		return err
	}
	return sendJSON(w, asked{ticket, options})
}

func (p *Pages) finishNewPasskey(w http.ResponseWriter, r *http.Request) error {
	a, err := readAnswer(r)
	if err != nil {
		return err
	}
	if a.Name == "" {
		a.Name = i18n.T(r.Context(), "account.passkey.unnamed")
	}
	codes, err := p.Who().FinishNewPasskey(r.Context(), who.From(r.Context()), a.Ticket, a.Name, a.Answer)
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "account.passkey.added")
	return sendJSON(w, map[string]any{"to": security, "codes": codes})
}

func (p *Pages) removePasskey(w http.ResponseWriter, r *http.Request) error {
	err := p.Who().RemovePasskey(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return done(w, r, err, "account.passkey.removed", security)
}

func (p *Pages) startTOTP(w http.ResponseWriter, r *http.Request) error {
	_, err := p.Who().StartTOTP(r.Context(), who.From(r.Context()))
	if web.ProveAgain(w, r, err, security) {
		return nil
	}
	if err != nil {
		return err
	}
	web.Redirect(w, r, security+"/app")
	return nil
}

// totpView is the page that sets up an app.
type totpView struct {
	web.Wrong
	who.TOTP
}

func (p *Pages) pending(w http.ResponseWriter, r *http.Request) (v totpView, sent bool, err error) {
	v.TOTP, err = p.Who().PendingTOTP(r.Context(), who.From(r.Context()))
	switch {
	case web.ProveAgain(w, r, err, security):
		return v, true, nil
	case errors.Is(err, db.ErrNotFound):
		web.Redirect(w, r, security)
		return v, true, nil
	}
	return v, false, err
}

func (p *Pages) totp(w http.ResponseWriter, r *http.Request) error {
	v, sent, err := p.pending(w, r)
	if sent || err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.app.title", totpPage(v))
}

func (p *Pages) totpPicture(w http.ResponseWriter, r *http.Request) error {
	t, err := p.Who().PendingTOTP(r.Context(), who.From(r.Context()))
	if err != nil {
		return err
	}
	code, err := qr.Encode(t.URI, qr.M)
	if err != nil {
		return err
	}
	code.Scale = 6
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(code.PNG())
	return err
}

func (p *Pages) confirmTOTP(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	codes, err := p.Who().ConfirmTOTP(r.Context(), who.From(r.Context()), f.Line("code"))
	if err == nil {
		return page(w, r, http.StatusOK, "account.codes.title", codesPage(codes))
	}
	if web.ProveAgain(w, r, err, security) {
		return nil
	}
	e, ok := web.Mend(w, r, err, "code", label)
	if !ok {
		return err
	}
	v, sent, err := p.pending(w, r)
	if sent || err != nil {
		return err
	}
	v.Wrong = e
	return page(w, r, e.Status, "account.app.title", totpPage(v))
}

func (p *Pages) removeTOTP(w http.ResponseWriter, r *http.Request) error {
	return done(w, r, p.Who().RemoveTOTP(r.Context(), who.From(r.Context())), "account.app.removed", security)
}

func (p *Pages) recoveryCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.Who().RecoveryCodes(r.Context(), who.From(r.Context()))
	if web.ProveAgain(w, r, err, security) {
		return nil
	}
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.codes.title", codesPage(codes))
}

// newPasswordView is the page that sets a password.
type newPasswordView struct {
	web.Wrong
	Has   bool
	Email string // for the browser's store of passwords
}

func (p *Pages) passwordForm(r *http.Request) (v newPasswordView, err error) {
	a := who.From(r.Context())
	me, err := p.Who().Me(r.Context(), a)
	if err != nil {
		return v, err
	}
	f, err := p.Who().FactorsOf(r.Context(), a)
	return newPasswordView{Has: f.Password, Email: me.Email}, err
}

func (p *Pages) newPassword(w http.ResponseWriter, r *http.Request) error {
	v, err := p.passwordForm(r)
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.password.set", newPasswordPage(v))
}

func (p *Pages) setPassword(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := error(fault.Fields{{Name: "password", Key: "fault.required"}})
	if typed := r.PostFormValue("password"); typed != "" {
		err = p.Who().SetPassword(r.Context(), who.From(r.Context()), typed)
	}
	if err == nil {
		return done(w, r, nil, "account.password.saved", security)
	}
	if web.ProveAgain(w, r, err, security+"/password") {
		return nil
	}
	e, ok := web.Mend(w, r, err, "password", label)
	if !ok {
		return err
	}
	v, err := p.passwordForm(r)
	if err != nil {
		return err
	}
	v.Wrong = e
	return page(w, r, e.Status, "account.password.set", newPasswordPage(v))
}

func (p *Pages) removePassword(w http.ResponseWriter, r *http.Request) error {
	return done(w, r, p.Who().SetPassword(r.Context(), who.From(r.Context()), ""), "account.password.removed", security)
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	err := p.Who().EndSession(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return done(w, r, err, "account.session.ended", security)
}

func (p *Pages) endSessions(w http.ResponseWriter, r *http.Request) error {
	return done(w, r, p.Who().EndOtherSessions(r.Context(), who.From(r.Context())), "account.session.ended", security)
}

func (p *Pages) unlink(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Who().Unlink(r.Context(), who.From(r.Context()), f.Line("provider"), f.Line("subject"))
	return done(w, r, err, "account.unlinked", security)
}

func (p *Pages) stopRecovery(w http.ResponseWriter, r *http.Request) error {
	return done(w, r, p.Who().StopRecovery(r.Context(), who.From(r.Context())), "account.recover.stopped", security)
}

// lives are the choices of how long a key is good for, in days.
var lives = []int{30, 90, 365}

// keysView is the page of one's API keys.
type keysView struct {
	web.Wrong
	Keys    []who.APIKey
	Name    string
	Days    int
	Actions []ui.Option // what the actor may do somewhere
	Secret  string      // the new key, shown this once
}

func (p *Pages) keysOf(r *http.Request, chosen []string) (v keysView, err error) {
	a := who.From(r.Context())
	if v.Keys, err = p.Who().Keys(r.Context(), a); err != nil {
		return v, err
	}
	for _, rule := range p.Who().Policy.Rules() {
		if rule.Public || !a.MayAnywhere(rule.Action) {
			continue
		}
		o := ui.Option{Value: rule.Action, Label: rule.Action}
		for _, c := range chosen {
			o.Selected = o.Selected || c == rule.Action
		}
		v.Actions = append(v.Actions, o)
	}
	v.Days = 90
	return v, nil
}

func (p *Pages) keys(w http.ResponseWriter, r *http.Request) error {
	v, err := p.keysOf(r, nil)
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.key.title", keysPage(v))
}

func (p *Pages) makeKey(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var wrong fault.Fields
	name, days, actions := f.Line("name"), f.Int(&wrong, "life"), f.All("actions")
	if len(actions) == 0 {
		wrong.Add("actions", "account.key.no_actions")
	}
	var secret string
	if err = wrong.Err(); err == nil {
		secret, _, err = p.Who().MakeKey(r.Context(), who.From(r.Context()), name, actions, time.Duration(days)*24*time.Hour)
	}
	if web.ProveAgain(w, r, err, security+"/keys") {
		return nil
	}
	v, broken := p.keysOf(r, actions)
	if broken != nil {
		return broken
	}
	v.Name, v.Days, v.Status = name, days, http.StatusOK
	if err == nil {
		v.Secret, v.Name = secret, ""
	} else {
		var ok bool
		if v.Wrong, ok = web.Mend(w, r, err, "name", label); !ok {
			return err
		}
	}
	return page(w, r, v.Status, "account.key.title", keysPage(v))
}

func (p *Pages) revokeKey(w http.ResponseWriter, r *http.Request) error {
	err := p.Who().RevokeKey(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return done(w, r, err, "account.key.revoked", security+"/keys")
}
