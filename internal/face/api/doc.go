// Package api is the public JSON API below /api/v1: the same verbs and the same
// permissions as the pages, described by OpenAPI 3.1 (huma) and registered in
// the same list of routes, so that every test that walks the routes walks the
// API too.
//
// Errors are problems (RFC 9457) in the reader's language. Lists page by cursor.
// Every write takes an Idempotency-Key: Do keeps the answer in the transaction
// that has the effect, so that a client which heard nothing may ask again and
// hears the first answer, for 30 days. The same key with another body is
// refused with 422. Public reads may be called from any site (CORS) and carry
// ETags.
package api
