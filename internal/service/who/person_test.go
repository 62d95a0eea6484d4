package who

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// Who may give which role, cell by cell.
func TestGrantMatrix(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		target := w.actor(t, "target@example.org")
		actors := map[string]Actor{
			"nobody":        Nobody(w.Policy),
			"resident":      w.actor(t, "resident@example.org"),
			"moderator":     w.strong(t, "mod@example.org", Grant{Role: Moderator}),
			"editor o1":     w.strong(t, "ed@example.org", Grant{Editor, "o1"}),
			"official o1":   w.strong(t, "off@example.org", Grant{Official, "o1"}),
			"member o1":     w.strong(t, "mem@example.org", Grant{Member, "o1"}),
			"administrator": w.strong(t, "admin@example.org", Grant{Role: Administrator}),
		}
		weak := actors["official o1"]
		weak.Strong = false
		actors["official o1, weak"] = weak
		grants := map[string]Grant{
			"administrator": {Role: Administrator}, "secretariat": {Role: Secretariat}, "official o1": {Official, "o1"},
			"editor o1": {Editor, "o1"}, "member o1": {Member, "o1"}, "member o2": {Member, "o2"}, "evaluator": {Role: Evaluator},
		}
		may := map[string]string{
			"editor o1": "editor o1, member o1", "official o1": "editor o1, member o1",
			"administrator": "administrator secretariat official o1 editor o1 member o1 member o2 evaluator",
		}
		for who, a := range actors {
			for what, g := range grants {
				err := w.GiveRole(ctx, a, target.ID, g)
				if want := strings.Contains(may[who], what); (err == nil) != want {
					t.Errorf("%s gives %s: %v", who, what, err)
				}
				if err != nil && fault.KindOf(err) != fault.Denied && fault.KindOf(err) != fault.SignIn {
					t.Errorf("%s gives %s: %v", who, what, err)
				}
				if err := w.TakeRole(ctx, a, target.ID, g); err == nil != strings.Contains(may[who], what) {
					t.Errorf("%s takes %s: %v", who, what, err)
				}
			}
		}
	})
}

func TestGrantsThatMakeNoSense(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		sys, p := System(w.Policy, "test"), w.actor(t, "ana@example.org")
		refused(t, w.GiveRole(ctx, sys, p.ID, Grant{Administrator, "o1"}), "who.role_for_site")
		refused(t, w.GiveRole(ctx, sys, p.ID, Grant{Role: Editor}), "who.role_needs_org")
		refused(t, w.GiveRole(ctx, sys, p.ID, Grant{Role: "boss"}), "fault.choice")
		refused(t, w.GiveRole(ctx, sys, p.ID, Grant{Role: Resident}), "fault.choice")
		if err := w.GiveRole(ctx, sys, "no such person", Grant{Role: Moderator}); !notFound(err) {
			t.Error(err)
		}
		ok(t, w.GiveRole(ctx, sys, p.ID, Grant{Role: Administrator}))
		ok(t, w.GiveRole(ctx, sys, p.ID, Grant{Role: Administrator}))
		refused(t, w.TakeRole(ctx, sys, p.ID, Grant{Role: Administrator}), "who.last_administrator")
	})
}

func TestPeople(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		mod := w.strong(t, "mod@example.org", Grant{Role: Moderator})
		ed := w.strong(t, "ed@example.org", Grant{Editor, "o1"})
		for i := range 5 {
			w.pass(time.Second)
			w.actor(t, "p"+itoa(i)+"_x@example.org")
		}
		_, _, err := w.People(ctx, ed, PeopleFilter{})
		refused(t, err, "who.denied")
		page, next, err := w.People(ctx, mod, PeopleFilter{Limit: 4})
		ok(t, err)
		rest, end, err := w.People(ctx, mod, PeopleFilter{Limit: 4, Cursor: next})
		ok(t, err)
		if len(page) != 4 || len(rest) != 3 || end != "" || page[0].Email != "p4_x@example.org" {
			t.Errorf("%d and %d, %q", len(page), len(rest), end)
		}
		for f, want := range map[PeopleFilter]int{
			{Search: "P3_"}: 1, {Search: "%"}: 0, {Role: Editor}: 1, {Org: "o1"}: 1, {Org: "o2"}: 0, {State: Suspended}: 0, {Search: "_x@"}: 5,
		} {
			got, _, err := w.People(ctx, mod, f)
			if err != nil || len(got) != want {
				t.Errorf("%+v: %d, want %d, %v", f, len(got), want, err)
			}
		}
		ok(t, w.db.View(ctx, func(tx *db.Tx) error {
			holders, err := HoldersOf(ctx, tx, "o1")
			if len(holders) != 1 || holders[0].Person != ed.ID {
				t.Errorf("%+v", holders)
			}
			if err != nil {
				return err
			}
			with, err := PeopleWith(ctx, tx, "o1", Editor, Moderator)
			if len(with) != 2 {
				t.Errorf("%v", with)
			}
			if err != nil {
				return err
			}
			names, err := NamesOf(ctx, tx, []string{ed.ID, mod.ID, "x"})
			if len(names) != 2 || names[ed.ID] == "" {
				t.Errorf("%v", names)
			}
			return err
		}))
	})
}

func TestProfile(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		me := must(w.Me(ctx, a))(t)
		in := Profile{Name: "  Ana   Gómez ", Lang: "es", District: "BZ-TOL", Version: me.Version}
		ok(t, w.EditProfile(ctx, a, in, []string{"BZ-TOL"}))
		now := must(w.Me(ctx, a))(t)
		if now.Name != "Ana Gómez" || now.Lang != "es" || now.District != "BZ-TOL" {
			t.Errorf("%+v", now)
		}
		if err := w.EditProfile(ctx, a, in, []string{"BZ-TOL"}); err != db.ErrConflict {
			t.Errorf("an old version: %v", err)
		}
		in.Version = now.Version
		for name, want := range map[string]string{"": "fault.required", "x@y.z": "who.name_plain", "a\u202eb": "who.name_plain", strings.Repeat("x", 81): "fault.too_long"} {
			in.Name = name
			refused(t, w.EditProfile(ctx, a, in, []string{"BZ-TOL"}), want)
		}
		in.Name, in.District = "Ana", "BZ-XX"
		refused(t, w.EditProfile(ctx, a, in, []string{"BZ-TOL"}), "fault.choice")
	})
}

func TestSuspend(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		mod := w.strong(t, "mod@example.org", Grant{Role: Moderator})
		admin := w.strong(t, "admin@example.org", Grant{Role: Administrator})
		ana := w.actor(t, "ana@example.org")
		refused(t, w.Suspend(ctx, ana, mod.ID, ""), "who.denied")
		refused(t, w.Suspend(ctx, mod, mod.ID, ""), "who.not_yourself")
		refused(t, w.Suspend(ctx, mod, admin.ID, ""), "who.denied")
		ok(t, w.Suspend(ctx, mod, ana.ID, "spam"))
		if err := w.Suspend(ctx, mod, ana.ID, "spam"); err != db.ErrConflict {
			t.Errorf("twice: %v", err)
		}
		ticket := must(w.StartCode(ctx, "ana@example.org", Visit{}))(t)
		_, err := w.FinishCode(ctx, ticket, w.post.last(t).arg("code"), Visit{})
		refused(t, err, "who.suspended")
		refused(t, w.GiveRole(ctx, admin, ana.ID, Grant{Role: Evaluator}), "who.suspended")
		ok(t, w.Restore(ctx, mod, ana.ID))
		w.enterAs(t, "ana@example.org")
	})
}

func TestInvitation(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		off := w.strong(t, "off@example.org", Grant{Official, "o1"})
		_, err := w.Invite(ctx, off, "x@example.org", Grant{Official, "o1"}, "Works")
		refused(t, err, "who.denied")
		_, err = w.Invite(ctx, off, "x@example.org", Grant{Member, "o2"}, "Other")
		refused(t, err, "who.denied")
		i := must(w.Invite(ctx, off, "ben@example.org", Grant{Editor, "o1"}, "Works"))(t)
		link := w.post.last(t).arg("link")
		token := link[strings.LastIndexByte(link, '/')+1:]
		if open := must(w.Invitations(ctx, off, "o1"))(t); len(open) != 1 || open[0].ID != i.ID {
			t.Errorf("%+v", open)
		}
		if got := must(w.LookInvitation(ctx, token))(t); got.Role != Editor || got.Org != "o1" {
			t.Errorf("%+v", got)
		}
		var in atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				e, err := w.Accept(ctx, token, Visit{})
				if err == nil {
					in.Add(1)
					if a, _ := w.Session(ctx, e.Token); !a.Has(Editor, "o1") || a.Strong || !e.Weak || !e.New {
						t.Errorf("%+v %+v", e, a)
					}
				} else if fault.KindOf(err) != fault.Gone {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d accepted", in.Load())
		}
		_, err = w.SetUp(ctx, token, "eve@example.org", "Eve", Visit{})
		if fault.KindOf(err) != fault.Gone {
			t.Errorf("an invitation sets the site up: %v", err)
		}
	})
}

// Nothing makes an invitation last longer, and cancelling ends it.
func TestInvitationEnds(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		admin := w.strong(t, "admin@example.org", Grant{Role: Administrator})
		invite := func() (Invitation, string) {
			i := must(w.Invite(ctx, admin, "ben@example.org", Grant{Role: Moderator}, ""))(t)
			link := w.post.last(t).arg("link")
			return i, link[strings.LastIndexByte(link, '/')+1:]
		}
		_, late := invite()
		w.enterAs(t, "ben@example.org")
		w.pass(7*24*time.Hour + time.Second)
		_, err := w.Accept(ctx, late, Visit{})
		refused(t, err, "who.invitation_over")
		_, err = w.LookInvitation(ctx, late)
		refused(t, err, "who.invitation_over")
		i, taken := invite()
		ok(t, w.CancelInvitation(ctx, System(w.Policy, "test"), i.ID))
		_, err = w.Accept(ctx, taken, Visit{})
		refused(t, err, "who.invitation_over")
	})
}

func TestFirstStart(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		first := must(w.SetupLink(ctx))(t)
		link := must(w.SetupLink(ctx))(t)
		tok := func(l string) string { return strings.TrimPrefix(l, "http://localhost:8080/setup/") }
		_, err := w.SetUp(ctx, tok(first), "boss@example.org", "Boss", Visit{})
		refused(t, err, "who.invitation_over")
		_, err = w.SetUp(ctx, tok(link), "nonsense", "Boss", Visit{})
		refused(t, err, "fault.email")
		e := must(w.SetUp(ctx, tok(link), "boss@example.org", "Boss", Visit{}))(t)
		a := must(w.Session(ctx, e.Token))(t)
		if !a.Has(Administrator, "") || a.May("person.grant", Site) || !e.Weak {
			t.Errorf("%+v", a)
		}
		app := must(w.StartTOTP(ctx, a))(t)
		must(w.ConfirmTOTP(ctx, a, w.totp(t, app.Secret)))(t)
		if a = must(w.Session(ctx, e.Token))(t); !a.May("person.grant", Site) {
			t.Error("with a second factor the role does not count")
		}
		_, err = w.SetUp(ctx, tok(link), "eve@example.org", "Eve", Visit{})
		refused(t, err, "who.invitation_over")
		if again := must(w.SetupLink(ctx))(t); again != "" {
			t.Errorf("another link: %s", again)
		}
		// The address was never proved: whoever has that mailbox meets the app.
		if e := w.enterAs(t, "boss@example.org"); e.Second == "" {
			t.Error("the mailbox alone opens the first administrator's account")
		}
	})
}

func TestRecovery(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.strong(t, "ana@example.org")
		begin := func(email string) (Recovery, Entry, error) {
			ticket := must(w.StartRecovery(ctx, email, Visit{Network: email}))(t)
			return w.FinishRecovery(ctx, ticket, w.post.last(t).arg("code"), Visit{})
		}
		_, _, err := begin("none@example.org")
		refused(t, err, "who.no_account")
		r, e, err := begin("ana@example.org")
		ok(t, err)
		if e.Token != "" || r.Due.Sub(w.clock()) != waitFor {
			t.Fatalf("%+v %+v", r, e)
		}
		ok(t, w.StopRecovery(ctx, a))
		w.pass(waitFor + time.Hour)
		_, e, err = begin("ana@example.org") // a new wait: the old one was stopped
		ok(t, err)
		if e.Token != "" {
			t.Fatal("a wait that was stopped went on")
		}
		w.pass(waitFor + time.Hour)
		_, e, err = begin("ana@example.org")
		ok(t, err)
		b := must(w.Session(ctx, e.Token))(t)
		if f := must(w.FactorsOf(ctx, b))(t); b.ID != a.ID || b.Strong || f != (Factors{}) {
			t.Errorf("%+v %+v", b, f)
		}
		if got := must(w.Sessions(ctx, b))(t); len(got) != 1 {
			t.Errorf("%d sessions", len(got))
		}
	})
}

func TestLetIn(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		admin := w.strong(t, "admin@example.org", Grant{Role: Administrator})
		mod := w.strong(t, "mod@example.org", Grant{Role: Moderator})
		ana := w.strong(t, "ana@example.org")
		refused(t, w.LetIn(ctx, mod, ana.ID, "", "passport"), "who.denied")
		refused(t, w.LetIn(ctx, admin, ana.ID, "", ""), "fault.required")
		ok(t, w.LetIn(ctx, admin, ana.ID, "ana2@example.org", "passport seen"))
		if must(w.Sessions(ctx, ana))(t) != nil {
			t.Error("sessions go on")
		}
		e := w.enterAs(t, "ana2@example.org")
		if e.Person != ana.ID || e.Token == "" {
			t.Errorf("%+v", e)
		}
	})
}

func TestKeys(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.strong(t, "ed@example.org", Grant{Editor, "o1"})
		_, _, err := w.MakeKey(ctx, a, "k", []string{"no.such"}, time.Hour)
		refused(t, err, "fault.choice")
		_, _, err = w.MakeKey(ctx, a, "", nil, time.Hour)
		refused(t, err, "fault.required")
		secret, k, err := w.MakeKey(ctx, a, "loader", []string{"doc.write"}, 48*time.Hour)
		ok(t, err)
		if !strings.HasPrefix(secret, k.ID+"_") {
			t.Errorf("%s %s", secret, k.ID)
		}
		by := must(w.Key(ctx, secret))(t)
		if !by.May("doc.write", In("o1")) || by.May("person.edit", Own(a.ID)) || by.ID != a.ID {
			t.Errorf("%+v", by)
		}
		all, _, err := w.MakeKey(ctx, a, "all", nil, 48*time.Hour)
		ok(t, err)
		wide := must(w.Key(ctx, all))(t)
		_, _, err = w.MakeKey(ctx, wide, "child", nil, time.Hour)
		refused(t, err, "who.key_never")
		for _, bad := range []string{"", "ceiba_", "ceiba_x_y", k.ID + "_00000000000000000000000000000000", secret + "x", "x" + secret} {
			if got := must(w.Key(ctx, bad))(t); got.SignedIn() {
				t.Errorf("%q opens", bad)
			}
		}
		if list := must(w.Keys(ctx, a))(t); len(list) != 2 || list[0].UsedDay != "2026-03-03" {
			t.Errorf("%+v", list)
		}
		ben := w.actor(t, "ben@example.org")
		if err := w.RevokeKey(ctx, ben, k.ID); !notFound(err) {
			t.Errorf("another's key: %v", err)
		}
		ok(t, w.RevokeKey(ctx, a, k.ID))
		if must(w.Key(ctx, secret))(t).SignedIn() {
			t.Error("a revoked key works")
		}
		w.pass(49 * time.Hour)
		if must(w.Key(ctx, all))(t).SignedIn() {
			t.Error("an old key works")
		}
	})
}

func TestAssurance(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		fac := w.strong(t, "fac@example.org", Grant{Role: Facilitator})
		ana, ben := w.actor(t, "ana@example.org"), w.actor(t, "ben@example.org")
		proof := Proof{Level: L2, District: "BZ-TOL", Phone: "622-1234", How: "in person"}
		refused(t, w.Assure(ctx, ana, ben.ID, proof), "who.denied")
		refused(t, w.Assure(ctx, fac, fac.ID, proof), "who.not_yourself")
		ok(t, w.Assure(ctx, fac, ana.ID, proof))
		proof.Phone = "+501 6221234"
		refused(t, w.Assure(ctx, fac, ben.ID, proof), "who.phone_taken")
		refused(t, w.Assure(ctx, fac, ben.ID, Proof{Level: L2, How: "x", District: "BZ-TOL"}), "fault.required")
		ok(t, w.Assure(ctx, fac, ben.ID, Proof{Level: L3, How: "register"}))
		if me := must(w.Me(ctx, ana))(t); me.Level != L2 || !me.HasPhone() || strings.Contains(me.phone, "622") {
			t.Errorf("%+v", me)
		}
		ok(t, w.Doubt(ctx, fac, ana.ID, "mistaken"))
		if me := must(w.Me(ctx, ana))(t); me.Level != L1 || me.HasPhone() {
			t.Errorf("%+v", me)
		}
	})
}

// diary is a module that keeps something about people.
type diary struct{ fail bool }

func (diary) Name() string { return "diary" }

func (diary) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	pages, err := db.List(ctx, tx, db.One[string], `SELECT page FROM diary WHERE person = $1`, person)
	return WithFiles{Data: pages, Files: []PersonalFile{{Name: "photo.jpg", SHA256: "ab", Bytes: 3}}}, err
}

func (d diary) Erase(ctx context.Context, tx *db.Tx, person string) error {
	if d.fail {
		return context.DeadlineExceeded
	}
	_, err := tx.Exec(ctx, `DELETE FROM diary WHERE person = $1`, person)
	return err
}

// After erasure no column of any table of this module, and no payload of the
// log, holds the name or the address.
func TestErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := build(t, d)
		w.Register(diary{})
		e := w.enterAs(t, "ana.unique@example.org")
		a := must(w.Session(ctx, e.Token))(t)
		me := must(w.Me(ctx, a))(t)
		ok(t, w.EditProfile(ctx, a, Profile{Name: "Anaunique", Lang: "es", Version: me.Version}, nil))
		ok(t, w.GiveConsent(ctx, a, "terms", "1"))
		ok(t, w.SetPassword(ctx, a, "three brown herons"))
		_, _, err := w.MakeKey(ctx, a, "Anaunique's key", nil, time.Hour)
		ok(t, err)
		must(w.Invite(ctx, System(w.Policy, "test"), "Ana.Unique@example.org", Grant{Role: Evaluator}, ""))(t)
		ok(t, d.Update(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `CREATE TABLE diary (person TEXT, page TEXT)`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO diary VALUES ($1, 'dear Anaunique')`, a.ID)
			return err
		}))
		log := activity.NewLog(d, w.log)
		ok(t, log.Drain(ctx))

		p := must(w.Export(ctx, a))(t)
		doc := string(must(json.Marshal(p))(t))
		for _, want := range []string{"ana.unique@example.org", "dear Anaunique", "photo.jpg", "person.consented", "terms"} {
			if !strings.Contains(doc, want) {
				t.Errorf("the export lacks %q", want)
			}
		}
		ok(t, w.Erase(ctx, a))
		if must(w.Session(ctx, e.Token))(t).SignedIn() {
			t.Error("the session goes on")
		}
		tables := []string{
			"person", "person_grant", "person_session", "sign_in_ticket", "person_password", "person_totp", "person_identity",
			"person_invitation", "person_key", "person_consent", "activity", "diary",
		}
		ok(t, d.View(ctx, func(tx *db.Tx) error {
			for _, table := range tables {
				as := tx.Pick(`json_group_array(json_array(*))`, `json_agg(t)`)
				if tx.Pick("s", "p") == "s" {
					cols, err := db.List(ctx, tx, db.One[string], `SELECT name FROM pragma_table_info('`+table+`')`)
					if err != nil {
						return err
					}
					as = `json_group_array(json_array(` + strings.Join(cols, ", ") + `))`
				}
				all, err := db.Get(ctx, tx, db.One[string], `SELECT coalesce(CAST(`+as+` AS TEXT), '') FROM `+table+` t`)
				if err != nil {
					return err
				}
				if low := strings.ToLower(all); strings.Contains(low, "anaunique") || strings.Contains(low, "ana.unique") {
					t.Errorf("%s still holds %s", table, all)
				}
			}
			return nil
		}))
		if e := w.enterAs(t, "ana.unique@example.org"); !e.New || e.Person == a.ID {
			t.Error("the address leads back to the erased account")
		}
	}, activity.Schema, Schema)
}

func TestErasureIsWholeOrNot(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		w.Register(diary{fail: true})
		a := w.actor(t, "ana@example.org")
		if err := w.Erase(ctx, a); err == nil {
			t.Fatal("erased although a module could not")
		}
		if me := must(w.Me(ctx, a))(t); me.State != Active || me.Email == "" {
			t.Errorf("half erased: %+v", me)
		}
		boss := w.strong(t, "boss@example.org", Grant{Role: Administrator})
		refused(t, w.Erase(ctx, boss), "who.last_administrator")
	})
}

func TestDemo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := build(t, d)
		real := w.actor(t, "ana@example.org")
		ok(t, w.FillDemo(ctx, System(w.Policy, "test"), "o1"))
		if _, err := w.SignInDemo(ctx, real.ID, Visit{}); !notFound(err) {
			t.Errorf("outside a demonstration: %v", err)
		}
		w.Demo = true
		ok(t, w.FillDemo(ctx, System(w.Policy, "test"), "o1"))
		ok(t, w.FillDemo(ctx, System(w.Policy, "test"), "o1"))
		ok(t, w.FillDemo(ctx, System(w.Policy, "test"), "o1", "o1", "o2"))
		list := must(w.DemoAccounts(ctx))(t)
		if n := len(list); n != len(Roles)+1 || list[n-2].Nth != 2 || list[n-2].Name != "Demo member2" {
			t.Fatalf("%+v", list)
		}
		want := slices.Insert(slices.Clone(Roles), len(Roles)-1, Member)
		for i, x := range list {
			e := must(w.SignInDemo(ctx, x.Person, Visit{}))(t)
			a := must(w.Session(ctx, e.Token))(t)
			if x.Role != want[i] || !a.Strong || !a.Has(x.Role, x.Org) {
				t.Errorf("%+v %+v", x, a)
			}
		}
		if _, err := w.SignInDemo(ctx, real.ID, Visit{}); !notFound(err) {
			t.Errorf("a real account by one click: %v", err)
		}
	}, activity.Schema, Schema)
}

// sorter is a mailer for many at once.
type sorter struct {
	mu   sync.Mutex
	mail map[string]string
}

func (s *sorter) Send(_ context.Context, _ *db.Tx, m Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail[m.To] = m.arg("code")
	return nil
}

func (s *sorter) code(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mail[email]
}

// counter numbers what runs in parallel.
type counter struct{ n atomic.Int64 }

func (c *counter) next() int { return int(c.n.Add(1)) }
