package away

import (
	"context"
	"testing"
)

// TestAnswersAreJudged shows what the gate postgres-away lets pass and what not.
func TestAnswersAreJudged(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		err    error
		right  bool
	}{
		{200, "a page", nil, true},
		{503, "Sorry. " + sentences[0], nil, true},
		{503, `{"detail":"` + sentences[1] + `"}`, nil, true},
		{504, "The answer took longer than we allow", nil, true},
		{503, "upstream", nil, false},
		{504, "upstream", nil, false},
		{500, "The fault is ours", nil, false},
		{404, "not here", nil, false},
		{503, sentences[0] + " goroutine 7 [running]", nil, false},
		{0, "", context.DeadlineExceeded, false},
	} {
		if got := wrong(c.status, c.body, c.err); (got == "") != c.right {
			t.Errorf("%d %q %v: %q", c.status, c.body, c.err, got)
		}
	}
}
