// Package provider speaks to other sites at which people can show who they are,
// by OpenID Connect: the authorization code flow with PKCE, state and nonce.
//
// It says only what the provider says. Whose account here that is, and whether
// the provider is to be believed about an address, is decided in package who.
// A provider is named in the configuration by an administrator, so its address
// is trusted; each request to it ends after ten seconds.
package provider

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ceiba/internal/ground/id"
)

// Provider is another site at which people can show who they are.
type Provider struct {
	ID     string // in addresses: "google"
	Name   string // on the button
	Issuer string // "https://accounts.google.com"
	Client string // our id there
	Secret string
}

// Client is a provider whose description was fetched.
type Client struct {
	provider *oidc.Provider
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
}

// Meet fetches a provider's description. back is the address to which it sends
// people back.
func Meet(ctx context.Context, p Provider, back string) (*Client, error) {
	found, err := oidc.NewProvider(bounded(ctx), p.Issuer)
	if err != nil {
		return nil, err
	}
	return &Client{
		provider: found,
		oauth: oauth2.Config{
			ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(),
			Scopes: []string{oidc.ScopeOpenID, "email", "profile"}, RedirectURL: back,
		},
		verifier: found.VerifierContext(bounded(context.WithoutCancel(ctx)), &oidc.Config{ClientID: p.Client}),
	}, nil
}

// bounded limits how long a provider may take.
func bounded(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: 10 * time.Second})
}

// Secrets bind the answer of a provider to the question. They stay here.
type Secrets struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// NewSecrets makes those of one visit.
func NewSecrets() Secrets { return Secrets{id.Secret(), oauth2.GenerateVerifier()} }

// Address is where to send somebody who wants to show who they are.
func (c *Client) Address(state string, s Secrets) string {
	return c.oauth.AuthCodeURL(state, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier))
}

// Claims are what a provider says of somebody.
type Claims struct {
	Subject  string `json:"sub"` // their id there, for ever
	Email    string `json:"email"`
	Verified Maybe  `json:"email_verified"` // the provider has checked the address
	Nonce    string `json:"nonce"`
}

// Maybe is a truth value that some providers write as a text.
type Maybe bool

// UnmarshalJSON implements json.Unmarshaler.
func (m *Maybe) UnmarshalJSON(b []byte) error {
	*m = string(b) == "true" || string(b) == `"true"`
	return nil
}

// Exchange asks the provider who came back with code, and checks its signature,
// audience, time and nonce.
func (c *Client) Exchange(ctx context.Context, code string, s Secrets) (said Claims, err error) {
	tokens, err := c.oauth.Exchange(bounded(ctx), code, oauth2.VerifierOption(s.Verifier))
	if err != nil {
		return said, err
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return said, errors.New("the provider sent no id_token")
	}
	token, err := c.verifier.Verify(bounded(ctx), raw)
	if err != nil {
		return said, err
	}
	if err := token.Claims(&said); err != nil {
		return said, err
	}
	if s.Nonce == "" || said.Nonce != s.Nonce || said.Subject == "" {
		return said, errors.New("the nonce or the subject is wrong")
	}
	if said.Email == "" && c.provider.UserInfoEndpoint() != "" {
		return c.ask(ctx, tokens, said)
	}
	return said, nil
}

// ask has a provider say the address that it left out of its token. The answer
// is believed only if it is about the same person.
func (c *Client) ask(ctx context.Context, tokens *oauth2.Token, said Claims) (Claims, error) {
	info, err := c.provider.UserInfo(bounded(ctx), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return said, err
	}
	var more Claims
	if err := info.Claims(&more); err != nil {
		return said, err
	}
	if more.Subject != said.Subject {
		return said, errors.New("the provider answered about somebody else")
	}
	said.Email, said.Verified = more.Email, more.Verified
	return said, nil
}
