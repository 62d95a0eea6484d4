package seal

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/jcs"
)

// Item is something that is published.
type Item struct {
	Kind string          `json:"kind"` // such as "reply"
	ID   string          `json:"id"`   // of that kind
	Body json.RawMessage `json:"body"`
}

// NewItem writes a body as JSON.
func NewItem(kind, id string, body any) (Item, error) {
	text, err := jcs.Marshal(body)
	return Item{kind, id, text}, err
}

// leaf is the hash of an item in the tree.
func (i Item) leaf() (tlog.Hash, error) {
	text, err := jcs.Marshal(i)
	return tlog.RecordHash(text), err
}

// Leaf names an item and its hash.
type Leaf struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	Hash tlog.Hash `json:"hash"`
}

// compare orders leaves by kind and id.
func (l Leaf) compare(o Leaf) int {
	return cmp.Or(cmp.Compare(l.Kind, o.Kind), cmp.Compare(l.ID, o.ID))
}

// Publication is what a round's result is, or was before a correction.
type Publication struct {
	Round    string    `json:"round"`
	Version  int       `json:"version"`  // 1 is the first
	Previous string    `json:"previous"` // root of the version before, "" of the first
	Root     tlog.Hash `json:"root"`
	Leaves   []Leaf    `json:"leaves"`
}

// Publish makes the tree over all items, in the order of kind and id. previous
// is the version that it corrects, or nil. It refuses an item that is there
// twice, or whose body is no JSON, and a publication of nothing.
func Publish(round string, items []Item, previous *Publication) (*Publication, error) {
	p := &Publication{Round: round, Version: 1}
	if previous != nil {
		if previous.Round != round {
			return nil, errors.New("a publication corrects one of the same round")
		}
		p.Version, p.Previous = previous.Version+1, previous.Root.String()
	}
	var err error
	if p.Leaves, err = leaves(items); err != nil {
		return nil, err
	}
	p.Root, err = root(p.Leaves)
	return p, err
}

func leaves(items []Item) ([]Leaf, error) {
	if len(items) == 0 {
		return nil, fault.New(fault.Invalid, "evaluation.seal.nothing")
	}
	out := make([]Leaf, len(items))
	for i, item := range items {
		hash, err := item.leaf()
		if err != nil {
			return nil, fault.New(fault.Invalid, "evaluation.seal.no_json", "kind", item.Kind, "id", item.ID).Wrap(err)
		}
		out[i] = Leaf{item.Kind, item.ID, hash}
	}
	slices.SortFunc(out, Leaf.compare)
	for i := range out[1:] {
		if out[i].compare(out[i+1]) == 0 {
			return nil, fault.New(fault.Invalid, "evaluation.seal.twice", "kind", out[i].Kind, "id", out[i].ID)
		}
	}
	return out, nil
}

// stored are the hashes of a tree as tlog numbers them.
func stored(leaves []Leaf) (tlog.HashReader, error) {
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = all[n]
		}
		return out, nil
	})
	for n, l := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(n), l.Hash, reader)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return reader, nil
}

func root(leaves []Leaf) (tlog.Hash, error) {
	reader, err := stored(leaves)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.TreeHash(int64(len(leaves)), reader)
}

// Statement is the text to sign and to append to the ledger: everything but the
// leaves, which the root stands for.
func (p *Publication) Statement() ([]byte, error) {
	return jcs.Marshal(map[string]any{
		"round": p.Round, "version": p.Version, "previous": p.Previous, "size": len(p.Leaves), "root": p.Root.String(),
	})
}

// Difference is how items differ from what was published.
type Difference struct {
	Kind, ID string
	What     Change
}

// Change is what happened to an item.
type Change string

// The changes.
const (
	Removed Change = "removed"
	Added   Change = "added"
	Altered Change = "altered"
)

// Verify compares items with the publication and returns what differs, in the
// order of kind and id: nothing if they are the same. The error is about items
// that can't be read, or about leaves that don't come to the root.
func (p *Publication) Verify(items []Item) ([]Difference, error) {
	now, err := leaves(items)
	if err != nil && len(items) > 0 {
		return nil, err
	}
	if again, err := root(p.Leaves); err != nil || again != p.Root {
		return nil, errors.Join(fault.New(fault.Invalid, "evaluation.seal.root"), err)
	}
	var out []Difference
	for _, l := range p.Leaves {
		at, found := slices.BinarySearchFunc(now, l, Leaf.compare)
		switch {
		case !found:
			out = append(out, Difference{l.Kind, l.ID, Removed})
		case now[at].Hash != l.Hash:
			out = append(out, Difference{l.Kind, l.ID, Altered})
		}
	}
	for _, l := range now {
		if _, found := slices.BinarySearchFunc(p.Leaves, l, Leaf.compare); !found {
			out = append(out, Difference{l.Kind, l.ID, Added})
		}
	}
	slices.SortStableFunc(out, func(a, b Difference) int {
		return Leaf{Kind: a.Kind, ID: a.ID}.compare(Leaf{Kind: b.Kind, ID: b.ID})
	})
	return out, nil
}

// Proof shows to whoever has only the statement that one item was published.
type Proof struct {
	At     int64            `json:"at"`   // place of the leaf
	Size   int64            `json:"size"` // of the tree
	Hashes tlog.RecordProof `json:"hashes"`
}

// Prove makes the proof of an item; false if it was not published.
func (p *Publication) Prove(kind, id string) (Proof, bool) {
	at, found := slices.BinarySearchFunc(p.Leaves, Leaf{Kind: kind, ID: id}, Leaf.compare)
	if !found {
		return Proof{}, false
	}
	reader, err := stored(p.Leaves)
	if err != nil {
		return Proof{}, false
	}
	hashes, err := tlog.ProveRecord(int64(len(p.Leaves)), int64(at), reader)
	return Proof{int64(at), int64(len(p.Leaves)), hashes}, err == nil
}

// Check verifies that an item, as it is, stands below a root.
func (p Proof) Check(item Item, root tlog.Hash) error {
	hash, err := item.leaf()
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p.Hashes, p.Size, root, p.At, hash)
}
