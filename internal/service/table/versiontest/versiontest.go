// Package versiontest makes versions of tables for tests.
package versiontest

import (
	"context"
	"path/filepath"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/build"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
)

// Build profiles and builds a file into a new folder.
func Build(t testing.TB, path string, opts profile.Options) (string, *table.Manifest) {
	t.Helper()
	p, err := profile.File(context.Background(), path, opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "version")
	m, err := build.Version(context.Background(), path, p, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// Derived builds and derives n service requests.
func Derived(t testing.TB, n int) (string, *table.Manifest) {
	t.Helper()
	dir, _ := Build(t, tabletest.RequestsFile(t, n, tabletest.Spoil{}), profile.Options{})
	if err := derive.Files(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	m, err := table.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}
