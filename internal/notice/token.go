package notice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"belay/internal/mail"
)

// Act is what a token lets its holder do.
type Act byte

const (
	ActStop   Act = 1
	ActSend   Act = 2
	ActAnswer Act = 3 // answer what one was asked, in words
)

// Why a token is refused.
var (
	ErrTokenBroken  = errors.New("this is no token of ours, or it was changed")
	ErrTokenExpired = errors.New("the token has expired")
	ErrTokenOther   = errors.New("the token was made for somebody else or for something else")
)

// Token is what a token says: what may be done to which message, until when.
// The person it was made for is not in it, but in its signature.
type Token struct {
	Act     Act
	ID      mail.ID
	Expires time.Time // seconds
}

// A token has 36 octets: act, id, seconds since 1970, the first 15 octets of
// its HMAC. In base32 that is 58 characters, so that "undo+" and it fit into a
// local part (64 octets, RFC 5321 §4.5.3.1.1) and survive those who write
// local parts in another case.
const (
	tokenFacts = 1 + 16 + 4
	tokenMAC   = 15
)

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Tokens makes and checks tokens with a key that only this installation has.
type Tokens struct {
	key []byte
}

// NewTokens derives the key from a keyed hash of this installation (at least
// 16 octets). When its key is replaced, the tokens that are out stop working.
func NewTokens(mac func([]byte) ([]byte, error)) (Tokens, error) {
	key, err := mac([]byte("belay: the key for tokens in notices, 1"))
	if err != nil {
		return Tokens{}, fmt.Errorf("derive the key for tokens: %w", err)
	}
	if len(key) < 16 {
		return Tokens{}, fmt.Errorf("derive the key for tokens: it has %d octets, want 16", len(key))
	}
	return Tokens{key: key}, nil
}

// Make makes a token for a person (an address).
func (t Tokens) Make(act Act, id mail.ID, person string, expires time.Time) string {
	raw := make([]byte, 0, tokenFacts+tokenMAC)
	raw = append(raw, byte(act))
	raw = append(raw, id[:]...)
	raw = binary.BigEndian.AppendUint32(raw, uint32(expires.Unix()))
	return tokenText.EncodeToString(append(raw, t.sum(raw, person)...))
}

// Read reads a token without checking it: Check does that, once it is known
// whose message it is about. The error is ErrTokenBroken.
func (t Tokens) Read(text string) (Token, error) {
	text = strings.ToLower(text)
	raw, err := tokenText.DecodeString(text)
	if err != nil || len(raw) != tokenFacts+tokenMAC || tokenText.EncodeToString(raw) != text {
		return Token{}, fmt.Errorf("read a token of %d characters: %w", len(text), ErrTokenBroken)
	}
	var token Token
	token.Act = Act(raw[0])
	copy(token.ID[:], raw[1:17])
	token.Expires = time.Unix(int64(binary.BigEndian.Uint32(raw[17:21])), 0).UTC()
	if token.Act < ActStop || token.Act > ActAnswer {
		return Token{}, fmt.Errorf("read a token: %w", ErrTokenBroken)
	}
	return token, nil
}

// Check tells whether a token that Read understood was made by us for a
// person and an act, and is still good.
func (t Tokens) Check(text string, act Act, person string, now time.Time) error {
	token, err := t.Read(text)
	if err != nil {
		return err
	}
	raw, err := tokenText.DecodeString(strings.ToLower(text))
	if err != nil {
		return ErrTokenBroken
	}
	switch {
	case !hmac.Equal(raw[tokenFacts:], t.sum(raw[:tokenFacts], person)):
		return ErrTokenOther
	case token.Act != act:
		return ErrTokenOther
	case !now.Before(token.Expires):
		return ErrTokenExpired
	}
	return nil
}

// sum binds the facts to a person.
func (t Tokens) sum(facts []byte, person string) []byte {
	h := hmac.New(sha256.New, t.key)
	h.Write(facts) // of fixed length, so that person needs no mark
	h.Write([]byte(mail.Base(mail.Key(person))))
	return h.Sum(nil)[:tokenMAC]
}
