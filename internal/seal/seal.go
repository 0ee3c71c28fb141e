// Package seal keeps the installation's keys and does everything that needs
// them: sealing bodies at rest, signing the journal, and making the codes in
// links and token addresses. It knows nothing of what it seals.
package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Env is the environment variable that may hold the keys in place of the
// files: what Export gives, as JSON or as base64 of it. Several nodes on one
// database need the same keys.
const Env = "BELAY_KEY"

// Purpose names one of the keysets; its file is <dir>/<purpose>.json.
type Purpose string

const (
	Body    Purpose = "body"    // XAES-256-GCM: bodies at rest
	Token   Purpose = "token"   // HMAC-SHA-256: links, token addresses
	Journal Purpose = "journal" // Ed25519: the journal's blocks
)

// purposes in a fixed order, with what a new key of each is.
var purposes = []struct {
	name     Purpose
	template func() *tinkpb.KeyTemplate
}{
	// 192 bits of nonce: messages never run out of random ones.
	{Body, aead.XAES256GCM192BitNonceKeyTemplate},
	{Token, mac.HMACSHA256Tag256KeyTemplate},
	{Journal, signature.ED25519KeyTemplate},
}

// Keys are the installation's keys. They are safe for concurrent use.
type Keys struct {
	dir   string     // "" where they came from the environment
	mu    sync.Mutex // one rotation at a time
	sets  map[Purpose]*keyset.Handle
	tools atomic.Pointer[tools]
}

// tools do the work with the keys.
type tools struct {
	aead    tink.AEAD
	mac     tink.MAC
	signer  tink.Signer
	checker tink.Verifier
}

// ErrOpen means that sealed bytes were changed, belong elsewhere, or were
// sealed with a key that is not here.
var ErrOpen = errors.New("the sealed bytes do not open: they were changed, or the key is another one")

// Load reads the keys from env (the value of BELAY_KEY) where it is set, else
// from the directory dir, making the files that are missing (mode 0600) there.
func Load(dir, env string) (*Keys, error) {
	if env != "" {
		return Import([]byte(env))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for keys: %w", err)
	}
	// Without the key every body is lost: the directory it stands in must be on
	// the disk before anything is sealed.
	if err := syncDirectory(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("make the directory for keys: %w", err)
	}
	k := &Keys{dir: dir, sets: map[Purpose]*keyset.Handle{}}
	for _, p := range purposes {
		handle, err := load(k.file(p.name), p.template)
		if err != nil {
			return nil, err
		}
		k.sets[p.name] = handle
	}
	return k, k.arm()
}

// New makes keys that are kept nowhere, for tests and trials.
func New() (*Keys, error) {
	k := &Keys{sets: map[Purpose]*keyset.Handle{}}
	for _, p := range purposes {
		handle, err := keyset.NewHandle(p.template())
		if err != nil {
			return nil, fmt.Errorf("make a %s key: %w", p.name, err)
		}
		k.sets[p.name] = handle
	}
	return k, k.arm()
}

// Import reads what Export gave, as JSON or as base64 of it.
func Import(exported []byte) (*Keys, error) {
	exported = bytes.TrimSpace(exported)
	if !bytes.HasPrefix(exported, []byte("{")) {
		decoded, err := base64.StdEncoding.DecodeString(string(exported))
		if err != nil {
			return nil, fmt.Errorf("read the keys (%s): neither JSON nor base64 of it", Env)
		}
		exported = decoded
	}
	var sets map[Purpose]json.RawMessage
	if err := json.Unmarshal(exported, &sets); err != nil {
		return nil, fmt.Errorf("read the keys (%s): no JSON object of keysets", Env) // err could show a part of a key
	}
	k := &Keys{sets: map[Purpose]*keyset.Handle{}}
	for _, p := range purposes {
		handle, err := parse(sets[p.name])
		if err != nil {
			return nil, fmt.Errorf("read the %s key from %s: %w", p.name, Env, err)
		}
		k.sets[p.name] = handle
	}
	return k, k.arm()
}

// Export gives all keys in the clear, as one JSON object of tink keysets: for
// other nodes, and for a backup with keys. Whoever has it can read every body.
func (k *Keys) Export() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	sets := map[Purpose]json.RawMessage{}
	for name, handle := range k.sets {
		text, err := format(handle)
		if err != nil {
			return nil, fmt.Errorf("export the %s key: %w", name, err)
		}
		sets[name] = text
	}
	return json.Marshal(sets)
}

// Save writes the keys as files into dir, which must hold none yet.
func (k *Keys) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory for keys: %w", err)
	}
	for _, p := range purposes {
		name := filepath.Join(dir, string(p.name)+".json")
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("save the keys: %s is there already", name)
		}
		if err := store(name, k.sets[p.name]); err != nil {
			return err
		}
	}
	return nil
}

// Rotate makes a new key for a purpose. New bytes are sealed with it; the old
// keys stay, to open what they sealed. Keys from the environment cannot be
// rotated here.
func (k *Keys) Rotate(p Purpose) error {
	if k.dir == "" {
		return fmt.Errorf("rotate the %s key: the keys come from %s; make a new one where that is set", p, Env)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, purpose := range purposes {
		if purpose.name != p {
			continue
		}
		manager := keyset.NewManagerFromHandle(k.sets[p])
		id, err := manager.Add(purpose.template())
		if err == nil {
			err = manager.SetPrimary(id)
		}
		if err != nil {
			return fmt.Errorf("rotate the %s key: %w", p, err)
		}
		handle, err := manager.Handle()
		if err != nil {
			return fmt.Errorf("rotate the %s key: %w", p, err)
		}
		// On disk before it is used: what is sealed with it must open later.
		if err := store(k.file(p), handle); err != nil {
			return err
		}
		k.sets[p] = handle
		return k.arm()
	}
	return fmt.Errorf("rotate: no key for %q", p)
}

func (k *Keys) file(p Purpose) string { return filepath.Join(k.dir, string(p)+".json") }

// arm makes the tools from the keysets.
func (k *Keys) arm() (err error) {
	t := &tools{}
	if t.aead, err = aead.New(k.sets[Body]); err != nil {
		return fmt.Errorf("use the body key: %w", err)
	}
	if t.mac, err = mac.New(k.sets[Token]); err != nil {
		return fmt.Errorf("use the token key: %w", err)
	}
	if t.signer, err = signature.NewSigner(k.sets[Journal]); err != nil {
		return fmt.Errorf("use the journal key: %w", err)
	}
	public, err := k.sets[Journal].Public()
	if err != nil {
		return fmt.Errorf("use the journal key: %w", err)
	}
	if t.checker, err = signature.NewVerifier(public); err != nil {
		return fmt.Errorf("use the journal key: %w", err)
	}
	k.tools.Store(t)
	return nil
}

// Seal encrypts and authenticates plain together with ad, which is not stored
// and must be the same when it is opened. The result is about 45 bytes longer.
func (k *Keys) Seal(plain, ad []byte) ([]byte, error) {
	sealed, err := k.tools.Load().aead.Encrypt(plain, ad)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open gives back what Seal took. Any difference is ErrOpen.
func (k *Keys) Open(sealed, ad []byte) ([]byte, error) {
	plain, err := k.tools.Load().aead.Decrypt(sealed, ad)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// MAC makes a code of 37 bytes for data that CheckMAC knows again.
func (k *Keys) MAC(data []byte) ([]byte, error) { return k.tools.Load().mac.ComputeMAC(data) }

// CheckMAC tells whether code is MAC's for data, in constant time.
func (k *Keys) CheckMAC(code, data []byte) bool {
	return k.tools.Load().mac.VerifyMAC(code, data) == nil
}

// Sign signs data with the journal's key.
func (k *Keys) Sign(data []byte) ([]byte, error) { return k.tools.Load().signer.Sign(data) }

// CheckSignature tells whether the journal's key, or one before it, signed data.
func (k *Keys) CheckSignature(sig, data []byte) bool {
	return k.tools.Load().checker.Verify(sig, data) == nil
}

// load reads a keyset, or makes it where the file is missing.
func load(name string, template func() *tinkpb.KeyTemplate) (*keyset.Handle, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		handle, err := keyset.NewHandle(template())
		if err != nil {
			return nil, fmt.Errorf("make the key %s: %w", name, err)
		}
		return handle, store(name, handle)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	info, err := os.Stat(name)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key %s can be read by others (mode %o): chmod 600 it", name, info.Mode().Perm())
	}
	handle, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the key %s: %w", name, err)
	}
	return handle, nil
}

// store writes a keyset so that a crash leaves the old file or the new one.
func store(name string, handle *keyset.Handle) error {
	text, err := format(handle)
	if err != nil {
		return fmt.Errorf("write the key %s: %w", name, err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".key-") // mode 0600
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("write the key %s: %w", name, err)
	}
	return nil
}

func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func parse(text []byte) (*keyset.Handle, error) {
	if len(text) == 0 {
		return nil, errors.New("the keyset is missing or empty")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, errors.New("it is no tink keyset") // err could show a part of a key
	}
	return handle, nil
}

func format(handle *keyset.Handle) ([]byte, error) {
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
