package observer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// maxAlert bounds an alert's body, in bytes.
const maxAlert = 1 << 20

// startSink takes alerts: it records the body of every POST. What is not JSON is recorded
// as a JSON string, for a judge to see.
func (o *observer) startSink() (stop func(), err error) {
	ln, err := net.Listen("tcp", o.cfg.AlertAddr)
	if err != nil {
		return nil, fmt.Errorf("cannot take alerts: %w", err)
	}
	srv := &http.Server{ReadTimeout: 10 * time.Second, Handler: http.HandlerFunc(o.takeAlert)}
	go func() { _ = srv.Serve(ln) }() // ends with ErrServerClosed when stopped
	return func() { _ = srv.Close() }, nil
}

func (o *observer) takeAlert(w http.ResponseWriter, r *http.Request) {
	at := host.Now()
	if r.Method != http.MethodPost {
		http.Error(w, "alerts are POSTed", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAlert))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		http.Error(w, "the alert is too long", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		return // the engine has gone away midway: there is no alert
	}
	if !json.Valid(body) {
		body, _ = json.Marshal(string(body)) // a string always has a JSON form
	}
	o.w.writeLine(evidence.Line{Alert: &evidence.Alert{At: at, Body: body}})
	w.WriteHeader(http.StatusNoContent)
}
