// Package assets holds the files that a browser fetches beside the pages:
// styles, scripts, the typeface and the mark. They are built from web/src by
// `dev assets`, committed in web/dist, and embedded in the program, so that a
// fresh clone builds without Node.
//
// What it promises: the files of a first view stay within the budgets that the
// tests here hold (app.css, app.js and form.js small enough for slow 3G; the
// map apart, fetched only when a reader asks for it), and every colour of
// src/part/tokens.css that carries text passes WCAG contrast, light and dark.
//
// The typeface is Bitter, (c) 2011 The Bitter Project Authors, under the SIL
// Open Font License 1.1 (src/bitter.OFL.txt), subset to the letters of
// Belize's languages. Maps are drawn by Leaflet, (c) 2010-2023 Volodymyr
// Agafonkin, (c) 2010-2011 CloudMade, BSD-2-Clause (dist/leaflet.LICENSE.txt).
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Base is the path below which the files are served.
const Base = "/static/"

var versions = readVersions()

// Files is the content of web/dist: app.css, app.js, form.js and so on.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a valid path
	}
	return files
}

// Path is the address of a file with its version, "/static/app.css?v=0a1b2c3d",
// so that a browser may keep it for ever. A name that is not in dist gets no
// version.
func Path(name string) string {
	if v := versions[name]; v != "" {
		return Base + name + "?v=" + v
	}
	return Base + name
}

// Version is the version that Path gives name, for handlers that decide how
// long a file may be kept; empty when there is no such file.
func Version(name string) string { return versions[name] }

func readVersions() map[string]string {
	out := map[string]string{}
	entries, err := dist.ReadDir("dist")
	if err != nil {
		panic(err) // dist is embedded
	}
	for _, e := range entries {
		text, err := dist.ReadFile("dist/" + e.Name())
		if err != nil {
			continue // a folder
		}
		sum := sha256.Sum256(text)
		out[e.Name()] = hex.EncodeToString(sum[:4])
	}
	return out
}
