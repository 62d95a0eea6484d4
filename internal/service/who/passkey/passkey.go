// Package passkey says to the library for passkeys what Ceiba is and who holds
// one.
//
// Passkeys here are discoverable and check who holds them (a finger, a face, a
// PIN), so that one is enough to sign in with and counts as a second factor. No
// attestation is asked for: which maker's device somebody has is not our
// business. What is kept of a passkey, and when one may be used, is package
// who's.
package passkey

import (
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Party prepares passkeys for the site's address. They are bound to
// a name: at a bare network address there are none, and nil is returned.
func Party(name string, base *url.URL) (*webauthn.WebAuthn, error) {
	host := base.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return nil, nil
	}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: name, RPOrigins: []string{base.Scheme + "://" + base.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		AttestationPreference: protocol.PreferNoAttestation,
	})
}

// Holder is a person as the library wants to see one.
type Holder struct {
	ID      string // the handle that a passkey keeps of its owner
	Address string
	Name    string
	Keys    []webauthn.Credential
}

// WebAuthnID is the handle that a passkey keeps of its owner.
func (h Holder) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName tells the owner's accounts apart on their own device.
func (h Holder) WebAuthnName() string { return h.Address }

// WebAuthnDisplayName is the name shown on the owner's own device.
func (h Holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials are all passkeys of the owner.
func (h Holder) WebAuthnCredentials() []webauthn.Credential { return h.Keys }
