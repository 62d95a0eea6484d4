package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/jcs"
)

// Confidence is how sure a scorer is.
type Confidence int

// The confidences.
const (
	Unsure Confidence = 1 + iota
	FairlySure
	Sure
)

// Score is what a scorer says of one criterion.
type Score struct {
	Assignment string     `json:"assignment"` // id: who, what, in which round
	Revision   int        `json:"revision"`   // 0 is the first, 1 what it became after the computed value was seen
	Code       string     `json:"code"`       // on the criterion's scale
	Confidence Confidence `json:"confidence"`
	Reasoning  string     `json:"reasoning"`
	Evidence   []string   `json:"evidence"` // ids
}

// Check looks at what the scorer filled in. The error is fault.Fields.
func (s Score) Check() error {
	var f fault.Fields
	f.Require("assignment", s.Assignment)
	f.Require("code", s.Code)
	f.Require("reasoning", s.Reasoning)
	if s.Confidence < Unsure || s.Confidence > Sure {
		f.Add("confidence", "evaluation.seal.confidence")
	}
	if s.Revision < 0 || s.Revision > 1 {
		f.Add("revision", "evaluation.seal.revision")
	}
	for _, text := range append([]string{s.Assignment, s.Code, s.Reasoning}, s.Evidence...) {
		if !utf8.ValidString(text) {
			f.Add("reasoning", "evaluation.seal.not_text")
			break
		}
	}
	return f.Err()
}

// Nonce keeps a commitment from being guessed: there are few codes to try.
type Nonce [32]byte

// NewNonce draws a nonce.
func NewNonce() (n Nonce) {
	_, _ = rand.Read(n[:]) // never fails, says crypto/rand
	return n
}

// Commitment is what is published before the score is.
type Commitment [sha256.Size]byte

// String is the commitment in hexadecimal.
func (c Commitment) String() string { return hex.EncodeToString(c[:]) }

// ParseCommitment reads what String wrote.
func ParseCommitment(s string) (c Commitment, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(c) {
		return c, fmt.Errorf("%q is no commitment", s)
	}
	return Commitment(b), nil
}

// Commit seals a score. The error is that of [Score.Check].
func Commit(s Score, n Nonce) (Commitment, error) {
	if err := s.Check(); err != nil {
		return Commitment{}, err
	}
	if s.Evidence == nil {
		s.Evidence = []string{} // none is the same as an empty list
	}
	text, err := jcs.Marshal(s)
	if err != nil {
		return Commitment{}, err
	}
	return sha256.Sum256(append(text, n[:]...)), nil
}

// Open verifies that a score is the one that was committed to for an
// assignment. The error is a fault with the key "evaluation.seal.altered" or
// "evaluation.seal.other_assignment".
func (c Commitment) Open(assignment string, s Score, n Nonce) error {
	if s.Assignment != assignment {
		return fault.New(fault.Invalid, "evaluation.seal.other_assignment")
	}
	again, err := Commit(s, n)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(c[:], again[:]) != 1 {
		return fault.New(fault.Invalid, "evaluation.seal.altered")
	}
	return nil
}

// Late reports whether a commitment came after the deadline. The moment of the
// deadline itself is in time. A late score is shown as late, and left out of
// statistics of agreement.
func Late(committed, deadline time.Time) bool { return committed.After(deadline) }
