package ledgersite

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
)

func (p *Pages) api(a *api.API) {
	api.Add(a, api.Op{
		Method: "GET", Path: "/ledger", Access: web.Public, Tag: "ledger",
		Summary: "The published checkpoint of the tamper-evident log, and its key",
	}, p.getLedger)
	api.Add(a, api.Op{
		Method: "GET", Path: "/ledger/entries/{id}", Access: web.Public, Tag: "ledger",
		Summary: "One public entry of the log with the proof that it is in it",
	}, p.getEntry)
}

// ledgerAnswer is the log as it stands.
type ledgerAnswer struct {
	Body struct {
		Origin     string    `json:"origin" doc:"The log's name, the first line of its checkpoints"`
		Key        string    `json:"key" doc:"The key that signs checkpoints: name+hash+data"`
		Size       int64     `json:"size" doc:"Entries that the checkpoint covers; 0 before the first"`
		Root       string    `json:"root,omitempty" doc:"Their root, in base64"`
		Signed     time.Time `json:"signed,omitzero" doc:"When the checkpoint was signed"`
		Witnesses  int       `json:"witnesses" doc:"How many others have signed it too"`
		Checkpoint string    `json:"checkpoint,omitempty" doc:"The signed note"`
		Prefix     string    `json:"prefix" doc:"Where the log's files are, as in C2SP tlog-tiles"`
	}
}

func (p *Pages) getLedger(ctx context.Context, _ *struct{}) (*ledgerAnswer, error) {
	c, some, err := p.latest(ctx)
	if err != nil {
		return nil, err
	}
	var out ledgerAnswer
	b := &out.Body
	b.Origin, b.Key, b.Prefix = p.Ledger().Origin(), p.Ledger().Key(), p.Base()+"/ledger"
	if some {
		b.Size, b.Root, b.Signed, b.Witnesses, b.Checkpoint = c.Size, c.Root.String(), c.At.Time, c.Seen, string(c.Note)
	}
	return &out, nil
}

type entryInput struct {
	ID string `path:"id" doc:"Id of the entry"`
}

// entryAnswer is an entry with its proof.
type entryAnswer struct {
	Body struct {
		ID         string   `json:"id"`
		Seq        int64    `json:"seq" doc:"Its place in the log, from 1; its leaf is seq-1"`
		Envelope   string   `json:"envelope" doc:"The leaf: canonical JSON, a text because its bytes are hashed"`
		Erased     bool     `json:"erased" doc:"What it said was deleted"`
		Salt       string   `json:"salt,omitempty" doc:"In hexadecimal; SHA-256 of salt and payload is the envelope's digest"`
		Payload    string   `json:"payload,omitempty"`
		Leaf       string   `json:"leaf" doc:"Hash of the leaf, in base64"`
		Covered    bool     `json:"covered" doc:"The checkpoint covers it; if not, there is no proof yet"`
		Size       int64    `json:"size,omitempty" doc:"Size of the tree for which the proof holds"`
		Proof      []string `json:"proof,omitempty" doc:"Inclusion proof by RFC 6962, base64, from the leaf up"`
		Checkpoint string   `json:"checkpoint,omitempty"`
	}
}

func (p *Pages) getEntry(ctx context.Context, in *entryInput) (*entryAnswer, error) {
	v, err := p.prove(ctx, strings.TrimSuffix(in.ID, ".json"))
	if err != nil {
		return nil, err
	}
	var out entryAnswer
	b := &out.Body
	b.ID, b.Seq, b.Envelope, b.Erased, b.Covered, b.Leaf = v.Event.ID, v.Event.Seq, v.Envelope, v.Event.Erased, v.Covered, v.Leaf.String()
	b.Salt, b.Payload = payloadOf(&v.Event)
	if v.Covered {
		b.Size, b.Proof, b.Checkpoint = v.Checkpoint.Size, hashes(v.Proof), string(v.Checkpoint.Note)
	}
	return &out, nil
}
