package door

import (
	"encoding/json"
	"net/http"
)

// Problem answers with problem details (RFC 9457).
func Problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
}

// foreign answers a changing request that another site's page made.
func foreign(w http.ResponseWriter, r *http.Request) {
	Problem(w, http.StatusForbidden, "this request comes from another site's page; belay only does what its own pages ask. Open the page afresh and try again")
}
