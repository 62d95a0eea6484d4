// Package rules holds the tests that guard the rules of this house over the
// whole source tree. They read source text only; there is no code here to import.
package rules
