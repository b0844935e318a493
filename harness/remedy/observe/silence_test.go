package observe

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestSilenceIsTold: people are told for how long there was no answer, and not which context ended.
func TestSilenceIsTold(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }))
	defer silent.Close()
	door := connection{within: 50 * time.Millisecond}
	if a := door.get(t.Context(), silent.URL); a.Error != "no answer within 50ms" {
		t.Errorf("it says %q", a.Error)
	}
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
	}))
	defer half.Close()
	door = connection{within: 500 * time.Millisecond}
	if a := door.get(t.Context(), half.URL); a.Error != "no answer within 500ms" {
		t.Errorf("of half an answer it says %q", a.Error)
	}
}
