package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"time"
)

//go:embed static/*.css static/*.js static/*.svg
var staticFiles embed.FS

// assets serves the pages' own files. Their addresses carry a hash of their
// content, so that a browser may keep them for ever.
type assets struct {
	files map[string]asset
}

type asset struct {
	content []byte
	kind    string
	hash    string
}

func loadAssets() (*assets, error) {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("list the pages' files: %w", err)
	}
	a := &assets{files: map[string]asset{}}
	for _, e := range entries {
		content, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the page's file %s: %w", e.Name(), err)
		}
		sum := sha256.Sum256(content)
		a.files[e.Name()] = asset{content, kindOf(e.Name()), hex.EncodeToString(sum[:6])}
	}
	return a, nil
}

// kindOf does not ask the machine's mime tables, which differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (a *assets) url(name string) string { return "/static/" + name + "?v=" + a.files[name].hash }

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", `"`+f.hash+`"`)
	if r.URL.Query().Get("v") == f.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}
