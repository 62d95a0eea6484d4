package ballot

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
)

// When secret ballots leave the place where they wait. A batch is released when
// BatchLeast wait; after BatchWait when BatchAlone wait, since one or two would
// hide behind nobody; and at the closing however many they are.
const (
	BatchLeast = 20
	BatchAlone = 5
	BatchMost  = 256 // in one transaction and one entry of the log
	BatchWait  = time.Hour
)

// waiting is a ballot that waits.
type waiting struct{ token, receipt, choices, bloc, district string }

// Batch is what the log says of ballots that were released: as many commitments
// as receipts, each sorted, so that none tells which belongs to which.
type Batch struct {
	N           int      `json:"batch"`
	Commitments []string `json:"commitments"` // SHA-256(salt, canonical ballot), hexadecimal
	Receipts    []string `json:"receipts"`    // SHA-256("ceiba ballot receipt", poll, receipt), each on a line
}

// Canonical is the text of a ballot whose digest, with the salt before it, is
// its commitment.
func Canonical(poll, ballot string, choices []string) []byte {
	if choices == nil {
		choices = []string{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(struct { // keys in order, so that it is canonical (RFC 8785)
		Ballot  string   `json:"ballot"`
		Choices []string `json:"choices"`
		Poll    string   `json:"poll"`
	}{ballot, choices, poll})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Commitment is the digest of a ballot with its salt (hexadecimal).
func Commitment(salt string, canonical []byte) string {
	raw, _ := hex.DecodeString(salt) // made by release, or typed by whoever checks: then it fits nothing
	return activity.Digest(raw, canonical)
}

// release moves one batch of a poll's waiting ballots to those that count, in
// an order of their own, and returns how many are left. Those with the smallest
// tokens go first: tokens are random, so their order says nothing of time.
func release(ctx context.Context, tx *db.Tx, p Poll) (left int, err error) {
	n, err := countWaiting(ctx, tx, p.ID)
	if err != nil || n == 0 {
		return n, err
	}
	take := min(n, BatchMost)
	if n-take < BatchLeast {
		take = n // no crumbs
	}
	ws, err := db.List(ctx, tx, func(w *waiting) []any { return []any{&w.token, &w.receipt, &w.choices, &w.bloc, &w.district} },
		`SELECT token, receipt, choices, bloc, district FROM poll_waiting WHERE poll = $1 ORDER BY token LIMIT $2`, p.ID, take)
	if err != nil {
		return 0, err
	}
	last := ws[len(ws)-1].token
	batch := Batch{}
	if batch.N, err = db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) + 1 FROM poll_batch WHERE poll = $1`, p.ID); err != nil {
		return 0, err
	}
	if err := putBallots(ctx, tx, p.ID, ws, &batch); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM poll_waiting WHERE poll = $1 AND token <= $2`, p.ID, last); err != nil {
		return 0, err
	}
	entry, err := tell(ctx, tx, clock, "poll.ballots_released", p, "", batch)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO poll_batch (poll, n, size, entry) VALUES ($1, $2, $3, $4)`, p.ID, batch.N, take, entry)
	return n - take, err
}

func countWaiting(ctx context.Context, tx *db.Tx, poll string) (int, error) {
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_waiting WHERE poll = $1`, poll)
}

// putBallots gives each ballot a random id and a salt, and writes them in the
// order of the ids.
func putBallots(ctx context.Context, tx *db.Tx, poll string, ws []waiting, batch *Batch) error {
	type made struct {
		id, salt string
		w        waiting
	}
	ballots := make([]made, len(ws))
	for i, w := range ws {
		var salt [16]byte
		rand.Read(salt[:])
		ballots[i] = made{id.Random(), hex.EncodeToString(salt[:]), w}
		batch.Receipts = append(batch.Receipts, w.receipt)
	}
	slices.Sort(batch.Receipts)
	slices.SortFunc(ballots, func(a, b made) int { return bytes.Compare([]byte(a.id), []byte(b.id)) })
	for _, b := range ballots {
		if _, err := tx.Exec(ctx, `INSERT INTO poll_ballot (id, poll, token, salt, choices, bloc, district, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'counted')`,
			b.id, poll, b.w.token, b.salt, b.w.choices, b.w.bloc, b.w.district); err != nil {
			return err
		}
		var choices []string
		if err := json.Unmarshal([]byte(b.w.choices), &choices); err != nil {
			return err
		}
		batch.Commitments = append(batch.Commitments, Commitment(b.salt, Canonical(poll, b.id, choices)))
	}
	slices.Sort(batch.Commitments)
	for _, r := range batch.Receipts {
		if _, err := tx.Exec(ctx, `INSERT INTO poll_receipt (poll, receipt, batch) VALUES ($1, $2, $3)
			ON CONFLICT (poll, receipt) DO UPDATE SET batch = excluded.batch`, poll, r, batch.N); err != nil {
			return err
		}
	}
	return nil
}

// releaseDue releases what is due while a poll is open.
func releaseDue(ctx context.Context, tx *db.Tx, p *Poll) error {
	n, err := countWaiting(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	due := n >= BatchLeast || n >= BatchAlone && !p.waits.IsZero() && tx.Now.Sub(p.waits.Time) >= BatchWait
	since := p.waits
	switch {
	case due:
		n, err = release(ctx, tx, *p)
		since = db.Time{}
	case n > 0 && since.IsZero():
		since = db.Time{Time: tx.Now}
	}
	if n == 0 {
		since = db.Time{}
	}
	if err != nil || since.Equal(p.waits.Time) {
		return err
	}
	p.waits = since
	_, err = tx.Exec(ctx, `UPDATE poll SET waits = $2 WHERE id = $1`, p.ID, since)
	return err
}

// Inclusion is what a receipt proves.
type Inclusion struct {
	Known   bool   // there is such a receipt
	Waits   bool   // the ballot waits for its batch
	Batch   int    // 0 while it waits
	Size    int    // ballots in the batch
	Digest  string // of the receipt, as it stands in the log
	Entry   string // id of the entry of the log
	Counted bool   // the poll has been counted, with this ballot among the others
}

// Included looks a receipt up. It never says what was voted: nothing in the
// database leads from a receipt to its ballot once that has been released.
func Included(ctx context.Context, tx *db.Tx, p Poll, code string) (Inclusion, error) {
	in := Inclusion{Digest: receiptHash(p.ID, CleanReceipt(code)), Counted: p.Result != nil}
	waits, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_waiting WHERE poll = $1 AND receipt = $2`, p.ID, in.Digest)
	if err != nil || waits > 0 {
		in.Known, in.Waits = waits > 0, waits > 0
		return in, err
	}
	type place struct {
		n, size int
		entry   string
	}
	b, err := db.Get(ctx, tx, func(x *place) []any { return []any{&x.n, &x.size, &x.entry} },
		`SELECT b.n, b.size, b.entry FROM poll_receipt r JOIN poll_batch b ON b.poll = r.poll AND b.n = r.batch WHERE r.poll = $1 AND r.receipt = $2`, p.ID, in.Digest)
	if errors.Is(err, db.ErrNotFound) {
		return in, nil
	}
	in.Known, in.Batch, in.Size, in.Entry = true, b.n, b.size, b.entry
	return in, err
}
