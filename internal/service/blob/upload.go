package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	cloud "gocloud.dev/blob"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

// Upload is a file that arrives in pieces, because the line is slow and breaks.
//
// The pieces are objects of the store under uploads/ID/, named by where they
// begin; what has arrived is as long as they follow on each other without a
// gap. A piece is written once, so two connections of one upload (the old one
// not knowing yet that it is cut) cannot mix: the later is told where to go on.
// So any node can take any piece, and none is lost once it was answered.
type Upload struct {
	ID     string  `json:"id"`
	Owner  string  `json:"owner"`            // whoever began it; only they may go on
	Name   string  `json:"name"`             // of the file, as it was called
	Size   int64   `json:"size"`             // announced, bytes
	SHA256 string  `json:"sha256,omitempty"` // announced; "" where the sender cannot know
	Kinds  []Kind  `json:"kinds,omitempty"`  // what it may be; nil for anything
	Begun  db.Time `json:"begun"`
	Offset int64   `json:"-"` // bytes that have arrived
	Result *Ref    `json:"result,omitempty"`
	pieces int     // how many have arrived
}

const (
	pieceSize = 8 << 20 // a piece is written when it has grown to this
	maxPieces = 20_000
)

// Begin starts an upload. What can be refused is refused at once, not after an
// hour of sending: a size over max is fault.TooLarge, a name that promises none
// of u.Kinds fault.Invalid. Nobody has more than maxOpen uploads: a further one
// takes the place of the one that rests the longest.
func (s *Store) Begin(ctx context.Context, u Upload, max int64) (Upload, error) {
	if u.Size < 0 || u.SHA256 != "" && !Valid(u.SHA256) {
		return Upload{}, fault.New(fault.Malformed, "blob.upload_begin")
	}
	if u.Size > max {
		return Upload{}, tooLarge(max)
	}
	u = Upload{ID: id.Random(), Owner: u.Owner, Name: cleanName(u.Name), Size: u.Size, SHA256: u.SHA256, Kinds: u.Kinds, Begun: db.Time{Time: s.now().UTC()}}
	if err := judgeName(u.Name, u.Kinds); err != nil {
		return Upload{}, err
	}
	if err := s.makeRoom(ctx, u.Owner); err != nil {
		return Upload{}, err
	}
	if err := s.writeSmall(ctx, openKey(u), nil); err != nil {
		return Upload{}, err
	}
	return u, s.saveUpload(ctx, u)
}

func (s *Store) saveUpload(ctx context.Context, u Upload) error {
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return s.writeSmall(ctx, "uploads/"+u.ID+"/upload.json", text)
}

func (s *Store) writeSmall(ctx context.Context, key string, text []byte) error {
	f, err := os.CreateTemp(s.tmp, "upload-*")
	if err != nil {
		return sayFull(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync()); err != nil {
		return sayFull(err)
	}
	return s.keep(ctx, f.Name(), key, "application/json", false)
}

// Find returns an upload of owner with how far it has come, or db.ErrNotFound,
// also for an upload of somebody else.
func (s *Store) Find(ctx context.Context, uploadID, owner string) (Upload, error) {
	if !id.Valid(uploadID) {
		return Upload{}, db.ErrNotFound
	}
	text, err := s.bucket.ReadAll(ctx, "uploads/"+uploadID+"/upload.json")
	if err != nil {
		return Upload{}, sayAway(err)
	}
	var u Upload
	if err := json.Unmarshal(text, &u); err != nil {
		return Upload{}, fmt.Errorf("read upload %s: %w", uploadID, err)
	}
	if u.Owner != owner {
		return Upload{}, db.ErrNotFound
	}
	if u.Result != nil {
		u.Offset = u.Size
		return u, nil
	}
	pieces, err := s.pieces(ctx, uploadID)
	if err != nil {
		return Upload{}, err
	}
	for _, p := range pieces {
		u.Offset += p.size
	}
	u.pieces = len(pieces)
	return u, nil
}

type piece struct {
	key      string
	at, size int64
}

// pieces lists what follows without a gap from the beginning.
func (s *Store) pieces(ctx context.Context, uploadID string) ([]piece, error) {
	var all []piece
	list := s.bucket.List(&cloud.ListOptions{Prefix: "uploads/" + uploadID + "/at-"})
	for {
		o, err := list.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, sayAway(err)
		}
		at, err := strconv.ParseInt(strings.TrimPrefix(path.Base(o.Key), "at-"), 16, 64)
		if err == nil {
			all = append(all, piece{o.Key, at, o.Size})
		}
	}
	slices.SortFunc(all, func(a, b piece) int { return int(min(1, max(-1, a.at-b.at))) })
	var end int64
	for i, p := range all {
		if p.at != end {
			return all[:i], nil
		}
		end += p.size
	}
	return all, nil
}

// Append adds what r gives from offset on and returns how far the upload has
// come. offset must be where it stands, else fault.Conflict: ask Find and go
// on there. When r breaks off, what came before is kept and r's error returned
// with the new offset; more than was announced is fault.TooLarge. A first piece
// whose beginning is of none of u.Kinds is fault.Invalid, and the upload over.
func (s *Store) Append(ctx context.Context, u Upload, offset int64, r io.Reader) (int64, error) {
	if offset != u.Offset || u.Result != nil {
		return u.Offset, fault.New(fault.Conflict, "blob.upload_offset", "offset", u.Offset)
	}
	for {
		more, err := s.addPiece(ctx, &u, r)
		if err != nil || !more {
			return u.Offset, err
		}
	}
}

// addPiece stores up to a piece of what r gives. more is false at r's end.
func (s *Store) addPiece(ctx context.Context, u *Upload, r io.Reader) (more bool, err error) {
	if u.pieces >= maxPieces {
		return false, fault.New(fault.Invalid, "blob.upload_pieces")
	}
	f, err := os.CreateTemp(s.tmp, "piece-*")
	if err != nil {
		return false, sayFull(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	left := u.Size - u.Offset
	n, readErr := io.CopyN(struct{ io.Writer }{f}, r, min(pieceSize, left+1))
	switch {
	case n > left:
		return false, fault.New(fault.TooLarge, "blob.upload_size", "size", u.Size)
	case n > 0 && u.Offset == 0 && n < u.Size:
		if err := judgeHead(f, *u); err != nil {
			return false, errors.Join(err, s.Abandon(context.WithoutCancel(ctx), *u))
		}
		fallthrough
	case n > 0: // also when the line was cut, which ends ctx
		if err := s.keepPiece(context.WithoutCancel(ctx), u, f, n); err != nil {
			return false, err
		}
	}
	if readErr == io.EOF {
		return false, nil
	}
	return true, sayFull(readErr)
}

// keepPiece stores a piece under its place, once.
func (s *Store) keepPiece(ctx context.Context, u *Upload, f *os.File, n int64) error {
	if err := f.Sync(); err != nil {
		return sayFull(err)
	}
	err := s.keep(ctx, f.Name(), fmt.Sprintf("uploads/%s/at-%016x", u.ID, u.Offset), "application/octet-stream", true)
	if errors.Is(err, errTaken) {
		return fault.New(fault.Conflict, "blob.upload_offset", "offset", u.Offset)
	}
	if err != nil {
		return err
	}
	u.Offset += n
	u.pieces++
	return nil
}

// Finish puts a complete upload together, judges it like Put and stores it. A
// second call gives the same answer, for senders who did not hear the first.
// An upload that is refused is over: its pieces are gone.
func (s *Store) Finish(ctx context.Context, u Upload, o PutOptions) (Ref, error) {
	if u.Result != nil { // perhaps for another form, which takes more than this one
		return *u.Result, u.Result.judge(o)
	}
	if u.Offset != u.Size {
		return Ref{}, fault.New(fault.Conflict, "blob.upload_short", "have", u.Offset, "size", u.Size)
	}
	pieces, err := s.pieces(ctx, u.ID)
	if err != nil {
		return Ref{}, err
	}
	ref, err := s.putTogether(ctx, u, pieces, o)
	if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.TooLarge {
		return Ref{}, errors.Join(err, s.Abandon(ctx, u))
	}
	if err != nil {
		return Ref{}, err
	}
	u.Result = &ref
	if err := s.saveUpload(ctx, u); err != nil {
		return Ref{}, err
	}
	return ref, errors.Join(s.removePieces(ctx, u.ID), s.remove(ctx, openKey(u)))
}

// judge refuses a stored file that is larger than may be, or of another kind.
func (r Ref) judge(o PutOptions) error {
	if o.Max > 0 && r.Size > o.Max {
		return tooLarge(o.Max)
	}
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Type == r.Type })
	if i < 0 || len(o.Kinds) == 0 {
		return nil
	}
	return formats[i].refuse(formats[i].body, o.Kinds)
}

func (s *Store) putTogether(ctx context.Context, u Upload, pieces []piece, o PutOptions) (Ref, error) {
	all := &joined{ctx: ctx, s: s, rest: pieces}
	defer all.close()
	t, err := s.receive(ctx, all, o.Max)
	if err != nil {
		return Ref{}, err
	}
	defer t.discard()
	if t.size != u.Size || u.SHA256 != "" && t.sha != u.SHA256 {
		return Ref{}, fault.New(fault.Invalid, "blob.upload_hash")
	}
	if o.Name == "" {
		o.Name = u.Name
	}
	return s.admit(ctx, t, o)
}

// joined reads pieces one after the other.
type joined struct {
	ctx  context.Context
	s    *Store
	rest []piece
	now  io.ReadCloser
}

// Read reads on through the pieces.
func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.now == nil {
			if len(j.rest) == 0 {
				return 0, io.EOF
			}
			r, err := j.s.bucket.NewReader(j.ctx, j.rest[0].key, nil)
			if err != nil {
				return 0, sayAway(err)
			}
			j.now, j.rest = r, j.rest[1:]
		}
		n, err := j.now.Read(p)
		if err == io.EOF {
			err = j.close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (j *joined) close() error {
	if j.now == nil {
		return nil
	}
	err := j.now.Close()
	j.now = nil
	return err
}

// Abandon ends an upload and removes what had arrived.
func (s *Store) Abandon(ctx context.Context, u Upload) error {
	if err := s.removePieces(ctx, u.ID); err != nil {
		return err
	}
	return errors.Join(s.remove(ctx, "uploads/"+u.ID+"/upload.json"), s.remove(ctx, openKey(u)))
}

func (s *Store) removePieces(ctx context.Context, uploadID string) error {
	list := s.bucket.List(&cloud.ListOptions{Prefix: "uploads/" + uploadID + "/at-"})
	var keys []string
	for o, err := list.Next(ctx); err != io.EOF; o, err = list.Next(ctx) {
		if err != nil {
			return sayAway(err)
		}
		keys = append(keys, o.Key)
	}
	for _, k := range keys {
		if err := s.remove(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) remove(ctx context.Context, key string) error {
	if err := sayAway(s.bucket.Delete(ctx, key)); !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return nil
}
