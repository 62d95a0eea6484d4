package round_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/evaluation/agreement"
	"ceiba/internal/collaboration/evaluation/instrument"
	"ceiba/internal/collaboration/evaluation/round"
	"ceiba/internal/ground/fault"
)

var start = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

func days(n int) time.Time { return start.AddDate(0, 0, n) }

// ready are facts with which any step may be taken.
func ready(at round.State) round.Facts {
	f := round.Facts{
		Now: start, ScoreDeadline: days(10), ReplyDeadline: days(40), Protocol: "ab12",
		Criteria: 4, Assigned: 4, Government: 1, Independent: 2, Expected: 12, Commits: 12, Reveals: 12,
		Compulsory: 2, Moderated: 2, RepliesAsked: 1, Replies: 1, Adjudicated: 1, Sealed: 30, Items: 30,
	}
	if at == round.Published || at == round.Corrected {
		f.Correction = "a figure was misread"
	}
	return f
}

func TestWay(t *testing.T) {
	for i, s := range round.States[:len(round.States)-1] {
		if err := round.Move(s, round.States[i+1], ready(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if err := round.Move(round.Corrected, round.Corrected, ready(round.Corrected)); err != nil {
		t.Error(err)
	}
}

// TestGuards: each lacking fact keeps the round where it is.
func TestGuards(t *testing.T) {
	for _, c := range []struct {
		from   round.State
		change func(*round.Facts)
		key    string // "" if it may go on
	}{
		{round.Draft, func(f *round.Facts) { f.Protocol = "" }, "no_protocol"},
		{round.Draft, func(f *round.Facts) { f.Criteria = 0 }, "no_criteria"},
		{round.Draft, func(f *round.Facts) { f.Assigned-- }, "unassigned"},
		{round.Draft, func(f *round.Facts) { f.Independent = 0 }, "one_sided"},
		{round.Draft, func(f *round.Facts) { f.ScoreDeadline = start }, "no_deadline"},
		{round.Open, func(f *round.Facts) { f.Commits-- }, "scores"},
		{round.Open, func(f *round.Facts) { f.Commits--; f.Now = days(10) }, "scores"},
		{round.Open, func(f *round.Facts) { f.Commits--; f.Now = days(10).Add(1) }, ""},
		{round.ScoringLocked, func(f *round.Facts) { f.Commits, f.Reveals = 11, 11 }, "scores"},
		{round.ScoringLocked, func(f *round.Facts) { f.Reveals-- }, "reveals"},
		{round.ScoringLocked, func(f *round.Facts) { f.Reveals--; f.Now = days(11) }, ""},
		{round.ScoringLocked, func(f *round.Facts) { f.Reveals--; f.Now = days(11); f.RevealDeadline = days(12) }, "reveals"},
		{round.Revealed, func(f *round.Facts) { f.Moderated = 0 }, ""},
		{round.Moderation, func(f *round.Facts) { f.Moderated-- }, "unmoderated"},
		{round.Moderation, func(f *round.Facts) { f.ReplyDeadline = time.Time{} }, "no_reply_deadline"},
		{round.Reply, func(f *round.Facts) { f.Replies = 0 }, "replies"},
		{round.Reply, func(f *round.Facts) { f.Replies = 0; f.Now = days(41) }, ""},
		{round.Adjudication, func(f *round.Facts) { f.Adjudicated = 0 }, "undecided"},
		{round.Adjudication, func(f *round.Facts) { f.Independent = 0 }, "one_sided"},
		{round.Adjudication, func(f *round.Facts) { f.Sealed-- }, "unsealed"},
		{round.Adjudication, func(f *round.Facts) { f.PublishAt = days(1) }, "too_early"},
		{round.Published, func(f *round.Facts) { f.Correction = "" }, "no_correction"},
		{round.Corrected, func(f *round.Facts) { f.Sealed-- }, "unsealed"},
	} {
		f := ready(c.from)
		c.change(&f)
		next, _ := round.Next(c.from)
		err := round.Move(c.from, next, f)
		var got *fault.Error
		if errors.As(err, &got) != (c.key != "") || got != nil && got.Key != "evaluation.round."+c.key {
			t.Errorf("%s: %v, want %q", c.from, err, c.key)
		}
	}
}

// TestMachine: whatever happens in whatever order, a round goes forward only,
// one state at a time, and is never revealed with scores to come in time, nor
// published with a reply that nobody decided on.
func TestMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.IntRange(0, 3)
		day := rapid.IntRange(0, 60)
		state := round.Draft
		for range 40 {
			f := round.Facts{
				Now: days(day.Draw(t, "now")), ScoreDeadline: days(day.Draw(t, "score by")), ReplyDeadline: days(day.Draw(t, "reply by")),
				Protocol: rapid.SampledFrom([]string{"", "ab"}).Draw(t, "protocol"),
				Criteria: small.Draw(t, "criteria"), Assigned: small.Draw(t, "assigned"), Government: small.Draw(t, "gov"), Independent: small.Draw(t, "cso"),
				Expected: small.Draw(t, "expected"), Commits: small.Draw(t, "commits"), Reveals: small.Draw(t, "reveals"),
				Compulsory: small.Draw(t, "compulsory"), Moderated: small.Draw(t, "moderated"),
				RepliesAsked: small.Draw(t, "asked"), Replies: small.Draw(t, "replies"), Adjudicated: small.Draw(t, "decided"),
				Sealed: small.Draw(t, "sealed"), Items: small.Draw(t, "items"), Correction: rapid.SampledFrom([]string{"", "x"}).Draw(t, "correction"),
			}
			to := rapid.SampledFrom(round.States).Draw(t, "to")
			err := round.Move(state, to, f)
			next, _ := round.Next(state)
			if (err == nil) != (to == next && len(round.Blockers(state, f)) == 0) {
				t.Fatalf("%s to %s: %v", state, to, err)
			}
			if err != nil {
				continue
			}
			before, now := slices.Index(round.States, state), slices.Index(round.States, to)
			if now != before+1 && (state != round.Corrected || to != round.Corrected) {
				t.Fatalf("%s to %s", state, to)
			}
			if to == round.Revealed && f.Commits < f.Expected && !f.Now.After(f.ScoreDeadline) {
				t.Fatal("revealed before all had scored")
			}
			if to == round.Published && (f.Adjudicated < f.Replies || f.Government == 0 || f.Independent == 0 || f.Sealed != f.Items) {
				t.Fatal("published too early")
			}
			state = to
		}
	})
}

func scale(t *testing.T, id, name string) *instrument.Scale {
	t.Helper()
	all, err := instrument.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		if in.ID == id {
			return in.Scale(name)
		}
	}
	t.Fatal(id)
	return nil
}

func sheets(codes ...string) (out []round.Sheet) {
	for _, c := range codes {
		out = append(out, round.Sheet{Code: c})
	}
	return out
}

func TestDiscrepancies(t *testing.T) {
	pefa := scale(t, "pefa-pi24", "pefa")
	nominal := *pefa
	nominal.Level = agreement.Nominal
	for _, c := range []struct {
		what round.Criterion
		want []round.Discrepancy
	}{
		{round.Criterion{Scale: pefa, Sheets: sheets("A", "B", "A")}, nil},
		{round.Criterion{Scale: pefa, Sheets: sheets("A", "C", "A")}, []round.Discrepancy{{round.HumanVsHuman, 2}}},
		{round.Criterion{Scale: pefa, Sheets: sheets("A", "D*", "A")}, []round.Discrepancy{{round.HumanVsHuman, 3}}},
		{round.Criterion{Scale: pefa, Sheets: sheets("D", "D*")}, nil},
		{round.Criterion{Scale: pefa, Sheets: sheets("A", "A"), Computed: "A"}, nil},
		{round.Criterion{Scale: pefa, Sheets: sheets("A", "B"), Computed: "A"}, []round.Discrepancy{{round.HumanVsComputed, 1}}},
		{round.Criterion{Scale: pefa, Sheets: sheets("NA"), Computed: "A"}, []round.Discrepancy{{round.HumanVsComputed, 0}}},
		{round.Criterion{Scale: pefa, Sheets: sheets("NA", "A")}, []round.Discrepancy{{round.Applicability, 0}}},
		{round.Criterion{Scale: pefa, Sheets: sheets("B"), Low: true, Disputed: true}, []round.Discrepancy{{round.LowAgreement, 0}, {round.Disputed, 0}}},
		{round.Criterion{Scale: &nominal, Sheets: sheets("A", "D")}, nil},
		{round.Criterion{Scale: pefa}, nil},
	} {
		if got := round.Discrepancies(c.what); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.what.Sheets, got, c.want)
		}
	}
}

func TestRatings(t *testing.T) {
	survey := scale(t, "budget-documents", "answer")
	r := round.Ratings(survey, 3, []round.Sheet{{Code: "a"}, {Code: "c", Late: true}, {Code: "b"}}, sheets("e", "d"), nil)
	if a, err := agreement.Krippendorff(r, survey.Level); err != nil || a.Units != 1 || a.Scores != 2 || a.Missing != 6.0/9 {
		t.Errorf("%v: %+v %v", r, a, err)
	}
	if got := round.Ratings(scale(t, "pefa-pi24", "pefa"), 2, sheets("A", "D*"))[0]; got[0] != 4 || got[1] != 1 {
		t.Errorf("%v", got)
	}
}

func TestTooLow(t *testing.T) {
	for alpha, want := range map[float64]bool{0.9: false, 0.667: false, 0.6669: true, -1: true} {
		if round.TooLow(agreement.Alpha{Value: alpha}, nil) != want {
			t.Errorf("%v", alpha)
		}
	}
	_, same := agreement.Krippendorff(agreement.Ratings{{1, 1}}, agreement.Ordinal)
	_, alone := agreement.Krippendorff(agreement.Ratings{{1}}, agreement.Ordinal)
	if round.TooLow(agreement.Alpha{}, same) || !round.TooLow(agreement.Alpha{}, alone) {
		t.Error("all the same is agreement; nothing scored twice is none")
	}
}
