package seal_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/evaluation/seal"
	"ceiba/internal/ground/fault"
)

var score = seal.Score{Assignment: "a1", Code: "B", Confidence: seal.Sure, Reasoning: "The plan is public.", Evidence: []string{"e1"}}

// keyed fails unless an error is a fault with that key.
func keyed(t *testing.T, err error, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != "evaluation.seal."+key {
		t.Errorf("got %v, want %s", err, key)
	}
}

// TestCommitment: anybody can compute it with a hash and the published text.
func TestCommitment(t *testing.T) {
	nonce := seal.Nonce{1, 2, 3}
	got, err := seal.Commit(score, nonce)
	if err != nil {
		t.Fatal(err)
	}
	text := `{"assignment":"a1","code":"B","confidence":3,"evidence":["e1"],"reasoning":"The plan is public.","revision":0}`
	if want := sha256.Sum256(append([]byte(text), nonce[:]...)); got != want {
		t.Errorf("%s, want %x", got, want)
	}
	if back, err := seal.ParseCommitment(got.String()); err != nil || back != got {
		t.Errorf("%v %v", back, err)
	}
	if _, err := seal.ParseCommitment("ab"); err == nil {
		t.Error("one byte is a commitment")
	}
}

func TestReveal(t *testing.T) {
	nonce := seal.NewNonce()
	c, err := seal.Commit(score, nonce)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open("a1", score, nonce); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*seal.Score){
		func(s *seal.Score) { s.Code = "A" },
		func(s *seal.Score) { s.Confidence = seal.Unsure },
		func(s *seal.Score) { s.Reasoning += " " },
		func(s *seal.Score) { s.Evidence = nil },
		func(s *seal.Score) { s.Revision = 1 },
	} {
		altered := score
		change(&altered)
		keyed(t, c.Open("a1", altered, nonce), "altered")
	}
	keyed(t, c.Open("a1", score, seal.NewNonce()), "altered")
	keyed(t, c.Open("a2", score, nonce), "other_assignment")
	copied := score
	copied.Assignment = "a2"
	keyed(t, c.Open("a2", copied, nonce), "altered")
}

func TestCheck(t *testing.T) {
	for field, change := range map[string]func(*seal.Score){
		"assignment": func(s *seal.Score) { s.Assignment = "" },
		"code":       func(s *seal.Score) { s.Code = "" },
		"confidence": func(s *seal.Score) { s.Confidence = 4 },
		"revision":   func(s *seal.Score) { s.Revision = 2 },
		"reasoning":  func(s *seal.Score) { s.Reasoning = "\xff" },
	} {
		bad := score
		change(&bad)
		_, err := seal.Commit(bad, seal.Nonce{})
		var found fault.Fields
		if !errors.As(err, &found) || found[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestLate(t *testing.T) {
	deadline := time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC)
	if seal.Late(deadline, deadline) || !seal.Late(deadline.Add(time.Microsecond), deadline) {
		t.Error("the last moment is in time, the next is not")
	}
}

// reply is what a body answers.
type reply struct {
	Node string `json:"node"`
	Text string `json:"text"`
}

// items are those of a small round, with a reply.
func items(t *testing.T, text string) []seal.Item {
	t.Helper()
	var out []seal.Item
	for _, one := range []struct {
		kind, id string
		body     any
	}{
		{"reply", "r1", reply{"24.2", text}},
		{"score", "s2", score},
		{"score", "s1", score},
		{"moderation", "m1", map[string]any{"before": []string{"A", "B"}, "after": "B"}},
		{"computed", "24.2", map[string]any{"percent": 79.99}},
	} {
		item, err := seal.NewItem(one.kind, one.id, one.body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, item)
	}
	return out
}

const said = "We don't agree.\r\n\t<b>“79.99 %”</b> is e\u0301 & \u2028 0x\u0000!"

// TestReply: the reply's text comes back byte for byte, and cannot be changed
// or taken away.
func TestReply(t *testing.T) {
	all := items(t, said)
	p, err := seal.Publish("r", all, nil)
	if err != nil {
		t.Fatal(err)
	}
	exported, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var back []seal.Item
	if err := json.Unmarshal(exported, &back); err != nil {
		t.Fatal(err)
	}
	var r reply
	if err := json.Unmarshal(back[0].Body, &r); err != nil || r.Text != said {
		t.Errorf("%q %v", r.Text, err)
	}
	if found, err := p.Verify(back); err != nil || len(found) > 0 {
		t.Errorf("after the export: %v %v", found, err)
	}
	for name, change := range map[seal.Change][]seal.Item{
		seal.Removed: all[1:],
		seal.Altered: items(t, said+" "),
	} {
		found, err := p.Verify(change)
		if want := (seal.Difference{Kind: "reply", ID: "r1", What: name}); err != nil || len(found) != 1 || found[0] != want {
			t.Errorf("%s: %v %v", name, found, err)
		}
		other, err := seal.Publish("r", change, nil)
		if err != nil || other.Root == p.Root {
			t.Errorf("%s: the root is the same", name)
		}
	}
	if found, err := p.Verify(nil); err != nil || len(found) != 5 {
		t.Errorf("%v %v", found, err)
	}
}

func TestVersions(t *testing.T) {
	first, err := seal.Publish("r", items(t, said), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := seal.Publish("r", items(t, said)[:4], first)
	if err != nil || second.Version != 2 || second.Previous != first.Root.String() {
		t.Fatalf("%+v %v", second, err)
	}
	a, _ := first.Statement()
	b, _ := second.Statement()
	if string(a) == string(b) || !strings.Contains(string(b), first.Root.String()) || !strings.Contains(string(a), `"size":5`) {
		t.Errorf("%s\n%s", a, b)
	}
	if _, err := seal.Publish("another", items(t, said), first); err == nil {
		t.Error("it corrects another round")
	}
}

func TestPublishRefuses(t *testing.T) {
	_, err := seal.Publish("r", nil, nil)
	keyed(t, err, "nothing")
	one := items(t, said)[:1]
	_, err = seal.Publish("r", append(one, one[0]), nil)
	keyed(t, err, "twice")
	_, err = seal.Publish("r", []seal.Item{{Kind: "reply", ID: "1", Body: json.RawMessage(`{"a":1,"a":2}`)}}, nil)
	keyed(t, err, "no_json")
	p, _ := seal.Publish("r", one, nil)
	p.Root[0]++
	_, err = p.Verify(one)
	keyed(t, err, "root")
}

// TestProofs: of any set of items, each is proved, and no other text is.
func TestProofs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé]{1,6}`), 1, 20, rapid.ID).Draw(t, "items")
		var all []seal.Item
		for _, text := range texts {
			item, err := seal.NewItem("reply", text, text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, item)
		}
		p, err := seal.Publish("r", all, nil)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(all)
		if q, err := seal.Publish("r", all, nil); err != nil || q.Root != p.Root {
			t.Fatalf("the order of items matters (%v)", err)
		}
		for _, item := range all {
			proof, ok := p.Prove(item.Kind, item.ID)
			if !ok || proof.Check(item, p.Root) != nil {
				t.Fatalf("no proof of %s", item.ID)
			}
			item.Body = json.RawMessage(`"other"`)
			if proof.Check(item, p.Root) == nil {
				t.Fatalf("%s is proved with another text", item.ID)
			}
		}
		if _, ok := p.Prove("reply", "not there"); ok {
			t.Fatal("a proof of nothing")
		}
	})
}
