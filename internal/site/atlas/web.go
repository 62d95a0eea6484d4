package atlas

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"ceiba/internal/face/tiles"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
)

// tileSet answers /map/NAME.json: where the tiles are and what is in them.
func (a *Atlas) tileSet(w http.ResponseWriter, r *http.Request) error {
	name, isJSON := strings.CutSuffix(r.PathValue("file"), ".json")
	title, layers, ok := a.set(name)
	if !ok || !isJSON {
		return db.ErrNotFound
	}
	return tiles.Describe(w, geo.NewTileSet(title, a.Base()+"/map/"+name+"/{z}/{x}/{y}.mvt", layers...))
}

// tile answers /map/NAME/Z/X/Y.mvt; 204 where nothing is.
func (a *Atlas) tile(w http.ResponseWriter, r *http.Request) error {
	_, layers, ok := a.set(r.PathValue("file"))
	if !ok {
		return db.ErrNotFound
	}
	return tiles.Send(w, r, layers...)
}

// basemapZoom is how deep the file for offline maps goes: a village fills the
// screen of a phone.
const basemapZoom = 12

// basemap is the file for offline maps, kept as long as the gazetteer stays as
// it is: a map client asks for dozens of ranges of it.
type basemap struct {
	mu      sync.Mutex
	version string // of the gazetteer
	file    []byte
	etag    string
}

// pmtiles answers with all districts and places in one PMTiles file, in ranges
// or whole: a phone keeps it and needs no network.
func (a *Atlas) pmtiles(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	file, etag, err := a.basemapFile(ctx)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.pmtiles")
	h.Set("ETag", etag)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Content-Range")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
	return nil
}

func (a *Atlas) basemapFile(ctx context.Context) (file []byte, etag string, err error) {
	b := &a.basemap
	b.mu.Lock() // who comes while it is made waits for it
	defer b.mu.Unlock()
	version := ""
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { version, err = geo.PlacesVersion(ctx, tx); return err }); err != nil {
		return nil, "", err
	}
	if b.version == version {
		return b.file, b.etag, nil
	}
	title, layers, _ := a.set("belize")
	var out bytes.Buffer
	if err := geo.WriteBasemap(ctx, &out, title, basemapZoom, layers...); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(out.Bytes())
	b.version, b.file, b.etag = version, out.Bytes(), `"`+hex.EncodeToString(sum[:16])+`"`
	return b.file, b.etag, nil
}
