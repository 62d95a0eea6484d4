package ledger

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// key is the log's own key: what signs checkpoints and seals entries that are
// not public.
type key struct {
	signer   note.Signer
	verifier note.Verifier
	public   string // the verifier key, for everybody
	sealing  []byte // nil where only the public half is known
}

// seal binds the columns of an entry that its public envelope leaves out.
func (k *key) seal(e *activity.Event) string {
	row, err := json.Marshal([]any{e.Seq, e.ID, e.At.UnixMicro(), e.Actor, e.Verb, e.Kind, e.Record, e.Org, e.Public, string(e.Envelope())})
	if err != nil {
		panic(err) // strings, numbers and a boolean only
	}
	h := hmac.New(sha256.New, k.sealing)
	h.Write(row)
	return hex.EncodeToString(h.Sum(nil))
}

// loadKey reads the file at path: the log's own key as makeKey wrote it, or
// only its public half.
func loadKey(path string) (*key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	line := strings.TrimSpace(string(text))
	if !strings.HasPrefix(line, "PRIVATE+KEY+") {
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fault.New(fault.Invalid, "ledger.key_broken", "path", path).Wrap(err)
		}
		return &key{verifier: v, public: line}, nil
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Denied, "ledger.key_open", "path", path, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	k, err := parseKey(line)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ledger.key_broken", "path", path).Wrap(err)
	}
	return k, nil
}

// parseKey reads note's "PRIVATE+KEY+name+hash+data", whose data is the
// algorithm's number and Ed25519's seed.
func parseKey(text string) (*key, error) {
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(strings.SplitN(text, "+", 5)[4])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return nil, errors.New("not an Ed25519 key")
	}
	seed := data[1:]
	public, err := note.NewEd25519VerifierKey(signer.Name(), ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, seed)
	h.Write([]byte("ceiba ledger seal 1"))
	return &key{signer: signer, verifier: verifier, public: public, sealing: h.Sum(nil)}, nil
}

// makeKey makes a key for a log and writes it, readable by its owner only. Of
// two processes that do it at once, one wins and both use its key.
func makeKey(path, origin string) (*key, error) {
	private, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, fmt.Errorf("key for %q: %w", origin, err)
	}
	tmp, done, err := writeTemp(path, []byte(private+"\n"))
	if err != nil {
		return nil, err
	}
	defer done()
	if err := os.Link(tmp, path); err != nil && !errors.Is(err, fs.ErrExist) { // unlike Rename it replaces nothing
		return nil, err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return loadKey(path)
}

// replace writes a file so that a power cut leaves the old or the new one.
func replace(path string, text []byte) error {
	tmp, done, err := writeTemp(path, text)
	if err != nil {
		return err
	}
	defer done()
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// witness verifies the signatures of somebody who watches the log.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// parseWitness reads a verifier key "name+hash+data": Ed25519 with algorithm 1,
// a plain note signature, or 4, a timestamped cosignature/v1.
func parseWitness(text string) (note.Verifier, error) {
	if v, err := note.NewVerifier(text); err == nil {
		return v, nil
	}
	f := strings.SplitN(text, "+", 3)
	if len(f) != 3 || f[0] == "" {
		return nil, errors.New("a witness key is name+hash+data")
	}
	data, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || len(data) != 1+ed25519.PublicKeySize || data[0] != 4 {
		return nil, errors.New("not an Ed25519 key of algorithm 1 or 4")
	}
	sum := sha256.Sum256([]byte(f[0] + "\n" + string(data)))
	w := &witness{f[0], binary.BigEndian.Uint32(sum[:4]), data[1:]}
	if fmt.Sprintf("%08x", w.hash) != f[1] {
		return nil, errors.New("the hash does not belong to the key")
	}
	return w, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

// Verify checks a timestamped signature: eight bytes of time and Ed25519 over
// a header, that time and the text.
func (w *witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at < 1<<63 && ed25519.Verify(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text), sig[8:])
}
