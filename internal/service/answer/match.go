package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// mostWords is how many different words of one input are kept for finding it.
const mostWords = 60

// common are words that say nothing about what a text is about, in English,
// Kriol and Spanish.
var common = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`the and for that this with from have has had are was were will would should could can not but all any our
		your their there here they them who what when where which how more most very into out over than then too also just been being does did
		need want please make get some such only other every each because about after before between much many
		los las una uno unos unas del que con por para como mas pero sus este esta estos estas ese esa son fue ser hay muy sin sobre entre
		cuando donde quien tambien todo toda todos todas cada porque desde hasta nos les sea han tiene tienen necesita
		necesitamos queremos fi weh dis dat deh wi unu`) {
		m[plain(w)] = true
	}
	return m
}()

// plain is a word without accents, case and plural.
func plain(w string) string {
	w = id.Fold(w)
	if len(w) > 4 && strings.HasSuffix(w, "es") {
		return w[:len(w)-2]
	}
	if len(w) > 3 && strings.HasSuffix(w, "s") {
		return w[:len(w)-1]
	}
	if len(w) > 4 && strings.HasSuffix(w, "e") {
		return w[:len(w)-1]
	}
	return w
}

// telling are the different words of a text that tell what it is about, in the
// order of the alphabet.
func telling(text string) []string {
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w = plain(w); len([]rune(w)) >= 3 && len(w) <= 40 && !common[w] {
			seen[w] = true
		}
		if len(seen) == mostWords {
			break
		}
	}
	out := make([]string, 0, len(seen))
	for w := range seen {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// index keeps the words of an input.
func (in *Input) index(ctx context.Context, tx *db.Tx, words []string) error {
	if len(words) == 0 {
		return nil
	}
	var rows []string
	args := []any{in.Box, in.ID}
	for _, w := range words {
		args = append(args, w)
		rows = append(rows, fmt.Sprintf("($1, $%d, $2)", len(args)))
	}
	_, err := tx.Exec(ctx, `INSERT INTO answer_word (box, word, input) VALUES `+strings.Join(rows, ", "), args...)
	return err
}

// Alike is an input that says something similar.
type Alike struct {
	Input Input
	Score float64 // shared words of all words of both (Jaccard), from 0 to 1
}

const (
	alikeEnough = 0.25 // score from which two inputs are shown as similar
	candidates  = 30
)

// Similar returns the inputs of a call that share most words with a text, the most
// alike first, at most limit. without is the id of an input to leave out.
func Similar(ctx context.Context, tx *db.Tx, box, text, without string, limit int) ([]Alike, error) {
	words := telling(text)
	if len(words) < 2 {
		return nil, nil
	}
	in, args := db.In(4, words)
	type shared struct {
		id string
		n  int
	}
	found, err := db.List(ctx, tx, func(s *shared) []any { return []any{&s.id, &s.n} }, `SELECT input, count(*) FROM answer_word
		WHERE box = $1 AND input <> $2 AND word IN `+in+` GROUP BY input HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT $3`,
		append([]any{box, without, candidates}, args...)...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	n, ids := map[string]int{}, []string{}
	for _, f := range found {
		n[f.id], ids = f.n, append(ids, f.id)
	}
	list, err := inputsByID(ctx, tx, ids)
	var out []Alike
	for _, x := range list {
		score := float64(n[x.ID]) / float64(len(words)+x.words-n[x.ID])
		if x.View == Visible && x.Root == "" && score >= alikeEnough {
			out = append(out, Alike{x, score})
		}
	}
	slices.SortFunc(out, func(a, b Alike) int {
		if a.Score != b.Score {
			return int((b.Score - a.Score) * 1e6)
		}
		return strings.Compare(a.Input.ID, b.Input.ID)
	})
	return out[:min(len(out), limit)], err
}
