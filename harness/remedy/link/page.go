package link

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"sync"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// Book is where what is asked for stands, and what was permitted.
type Book interface {
	List() ([]Ask, error)        // what is asked for now
	IsPermitted(key string) bool // whether somebody has permitted it already
	Permit(key string) error     // permits it
}

// Why a link that is signed does nothing.
var (
	errOver = errors.New("this is not asked for any more: the incident is over, or the engine has started anew")
	errUsed = errors.New("this was permitted already: a link works once")
)

// Handler answers GET with a page that says what a link permits, and POST by permitting it.
type Handler struct {
	Signer Signer
	Book   Book
	Host   string // name of this machine, for the page

	mu sync.Mutex // so that of two uses at once one is the first
}

// view is what the page shows.
type view struct {
	Ask
	Host, Token, Until string
	Done               bool
	Problem            string
}

// maxForm bounds what is posted, bytes.
const maxForm = 16 << 10

// ServeHTTP answers GET, HEAD and POST. A POST that a browser sends for another site's page is refused.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := http.NewCrossOriginProtection().Check(req); err != nil {
		h.show(w, http.StatusForbidden, view{Problem: "this request comes from another site's page"})
		return
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		h.answer(w, req.URL.Query().Get("token"), false)
	case http.MethodPost:
		req.Body = http.MaxBytesReader(w, req.Body, maxForm)
		h.answer(w, req.PostFormValue("token"), true)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		h.show(w, http.StatusMethodNotAllowed, view{Problem: "this address takes GET and POST"})
	}
}

// answer shows what a token permits, and permits it if that is asked for.
func (h *Handler) answer(w http.ResponseWriter, token string, act bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ask, until, err := h.Signer.Verify(token)
	if errors.Is(err, ErrForged) {
		h.show(w, http.StatusForbidden, view{Problem: err.Error()})
		return
	}
	v := view{Ask: ask, Token: token, Until: until.UTC().Format(time.RFC1123)}
	if err == nil {
		err = h.find(ask)
	}
	switch {
	case err != nil:
		v.Problem = err.Error()
		h.show(w, http.StatusGone, v)
		return
	case act:
		err = h.Book.Permit(ask.Key)
		v.Done = err == nil
	}
	if err != nil {
		v.Problem = "the engine could not note it: " + err.Error()
		h.show(w, http.StatusInternalServerError, v)
		return
	}
	h.show(w, http.StatusOK, v)
}

// find returns why what a link permits cannot be permitted now, nil if it can.
func (h *Handler) find(ask Ask) error {
	all, err := h.Book.List()
	if err != nil {
		return err
	}
	for _, a := range all {
		switch {
		case !a.isSame(ask):
		case h.Book.IsPermitted(a.Key):
			return errUsed
		default:
			return nil
		}
	}
	return errOver
}

// show writes the page. It may be kept nowhere, framed by nobody, and post to this address alone.
func (h *Handler) show(w http.ResponseWriter, code int, v view) {
	v.Host = h.Host
	var text bytes.Buffer
	if err := page.Execute(&text, v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	for key, value := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Referrer-Policy":         "same-origin", "X-Robots-Tag": "noindex",
	} {
		w.Header().Set(key, value)
	}
	w.WriteHeader(code)
	_, _ = w.Write(text.Bytes()) // nobody is told if the one who asked is gone
}
