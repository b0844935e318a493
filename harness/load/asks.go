package load

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Asks is how a lane's request differs from a GET that is to be answered with 2xx.
type Asks struct {
	Method  string            `json:"method,omitempty"`  // "" for GET
	Headers map[string]string `json:"headers,omitempty"` // besides those that every request has
	Body    string            `json:"body,omitempty"`
	Status  int               `json:"status,omitempty"` // of the right answer; 0 for any 2xx
}

// Wrong says what of the request cannot be sent, "" if all can.
func (a Asks) Wrong() string {
	switch {
	case strings.Trim(a.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || a.Method == http.MethodConnect:
		return fmt.Sprintf("method %q: give one such as POST, in capitals", a.Method)
	case a.Body != "" && slices.Contains([]string{http.MethodGet, http.MethodHead}, a.getMethod()):
		return fmt.Sprintf("method %s has no body: name another one", a.getMethod())
	case a.Status != 0 && (a.Status < 200 || a.Status > 599):
		return fmt.Sprintf("status %d: give 200 to 599", a.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		switch {
		case name == "" || strings.ContainsFunc(name, isNoTokenRune) || strings.ContainsFunc(a.Headers[name], isNoValueRune):
			return fmt.Sprintf("header %q: its name or its value cannot be sent", name)
		case slices.ContainsFunc(listReserved(), func(own string) bool { return strings.EqualFold(own, name) }):
			return fmt.Sprintf("header %q is the generator's own", name)
		}
	}
	return ""
}

// listReserved returns the headers that the generator alone may set.
func listReserved() []string {
	return []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "X-Request-Id"}
}

// isNoTokenRune reports whether the rune cannot be in a header's name (RFC 9110, 5.6.2).
func isNoTokenRune(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

// isNoValueRune reports whether the rune cannot be in a header's value (RFC 9110, 5.5).
func isNoValueRune(c rune) bool { return (c < ' ' && c != '\t') || c == 0x7f }

func (a Asks) getMethod() string { return cmp.Or(a.Method, http.MethodGet) }

// formatRest returns the end of a request, from its own headers on.
func (a Asks) formatRest() string {
	headers := map[string]string{"User-Agent": "pm2drill"}
	for name, value := range a.Headers {
		headers[http.CanonicalHeaderKey(name)] = value
	}
	if a.Body != "" || slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, a.Method) {
		headers["Content-Length"] = strconv.Itoa(len(a.Body))
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		b.WriteString(name + ": " + headers[name] + "\r\n")
	}
	return b.String() + "\r\n" + a.Body
}

// isRightStatus reports whether an answer of that status is the right one.
func (a Asks) isRightStatus(status int) bool {
	if a.Status != 0 {
		return status == a.Status
	}
	return status >= 200 && status <= 299
}
