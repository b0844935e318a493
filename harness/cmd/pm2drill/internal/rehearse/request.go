package rehearse

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

// requestFlags say what the load asks for besides the paths.
type requestFlags struct {
	method, body string
	headers      []string
	asks         load.Asks // what they come to; set by read

	eventsPath, webSocketPath string // "" for no such lane
	streams                   int    // clients of each
}

func (f *requestFlags) declare(fs *pflag.FlagSet) {
	fs.StringVar(&f.method, "method", "", "`METHOD` of the requests for --path, such as POST (default GET)")
	fs.StringArrayVar(&f.headers, "header", nil, "send this header, as `NAME: VALUE`, with every request, those for --long-path too; @FILE reads one from each line of a file; may be given again")
	fs.StringVar(&f.body, "body", "", "send this `TEXT` with each request for --path; @FILE sends a file; name its type with --header")
	fs.StringVar(&f.eventsPath, "events-path", "", "keep event streams of this `PATH` open through every act")
	fs.StringVar(&f.webSocketPath, "websocket-path", "", "keep WebSockets of this `PATH` open through every act")
	fs.IntVar(&f.streams, "streams", 10, "`N` clients of --events-path, and as many of --websocket-path, 1 to 500; each connects again a second after its connection has ended")
}

// given reports whether any of the flags was given.
func (f *requestFlags) given() bool {
	return f.method != "" || f.body != "" || len(f.headers) > 0 || f.eventsPath != "" || f.webSocketPath != ""
}

// mostBody is how large the body of a request may be, in bytes.
const mostBody = 1 << 20

// read reads what the flags name, and says what of it cannot be used, "" if all can.
func (f *requestFlags) read() string {
	for _, path := range []string{f.eventsPath, f.webSocketPath} {
		if path != "" && !strings.HasPrefix(path, "/") {
			return fmt.Sprintf("--events-path and --websocket-path begin with /, not as %q does", path)
		}
	}
	if f.streams < 1 || f.streams > 500 {
		return fmt.Sprintf("--streams %d: give 1 to 500 clients", f.streams)
	}
	f.asks = load.Asks{Method: f.method, Body: f.body}
	var wrong string
	if name, ok := strings.CutPrefix(f.body, "@"); ok {
		if f.asks.Body, wrong = readFlagFile("--body", name); wrong != "" {
			return wrong
		}
	}
	for _, h := range f.headers {
		lines := []string{h}
		if name, ok := strings.CutPrefix(h, "@"); ok {
			text, wrong := readFlagFile("--header", name)
			if wrong != "" {
				return wrong
			}
			lines = slices.DeleteFunc(strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
		}
		for _, line := range lines {
			if wrong := f.addHeader(line); wrong != "" {
				return wrong
			}
		}
	}
	if wrong := f.asks.Wrong(); wrong != "" {
		return "the request of --method, --header and --body cannot be sent: " + wrong
	}
	return ""
}

// addHeader adds one header. Its message never has the value, which may be a secret.
func (f *requestFlags) addHeader(line string) string {
	name, value, ok := strings.Cut(line, ":")
	name = http.CanonicalHeaderKey(strings.TrimSpace(name))
	if !ok {
		return "--header has no colon: give NAME: VALUE, or @FILE with one on each line"
	}
	if _, twice := f.asks.Headers[name]; twice {
		return fmt.Sprintf("--header %s is given twice: join its values with a comma", name)
	}
	if f.asks.Headers == nil {
		f.asks.Headers = map[string]string{}
	}
	f.asks.Headers[name] = strings.TrimSpace(value)
	return ""
}

// readFlagFile reads a file that a flag names.
func readFlagFile(flag, name string) (text, wrong string) {
	info, err := os.Stat(name)
	switch {
	case err != nil || !info.Mode().IsRegular():
		return "", fmt.Sprintf("%s @%s: there is no such file that can be read", flag, name)
	case info.Size() > mostBody:
		return "", fmt.Sprintf("%s @%s: the file has more than 1 MiB", flag, name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Sprintf("%s @%s: the file cannot be read", flag, name)
	}
	return string(b), ""
}

// words are the flags that ask for the same again, without secrets: a value that may be one is
// marked, and must be given anew.
func (f *requestFlags) words() (words [][2]string) {
	if f.method != "" {
		words = append(words, [2]string{"--method", f.method})
	}
	for _, h := range f.headers {
		if name, value, ok := strings.Cut(h, ":"); ok && !strings.HasPrefix(h, "@") {
			h = name + ": " + shownHeader(name, strings.TrimSpace(value))
		}
		words = append(words, [2]string{"--header", h})
	}
	for _, w := range [][2]string{{"--events-path", f.eventsPath}, {"--websocket-path", f.webSocketPath}} {
		if w[1] != "" {
			words = append(words, [2]string{w[0], redact.Text(w[1])})
		}
	}
	if len(words) > 0 && f.streams != 10 && f.eventsPath+f.webSocketPath != "" {
		words = append(words, [2]string{"--streams", strconv.Itoa(f.streams)})
	}
	if f.body != "" {
		words = append(words, [2]string{"--body", redact.Text(f.body)})
	}
	return words
}

// shownHeader is the value of a header as a report shows it: only those that say of what form
// something is are no secret for sure.
func shownHeader(name, value string) string {
	if slices.Contains([]string{"accept", "accept-language", "accept-encoding", "content-type", "content-language", "user-agent", "origin", "cache-control"}, strings.ToLower(strings.TrimSpace(name))) {
		return redact.Text(value)
	}
	return redact.Mark
}

// secrets are the values of headers that no report may show.
func (f *requestFlags) secrets() map[string]string {
	out := map[string]string{}
	for name, value := range f.asks.Headers {
		if shownHeader(name, value) == redact.Mark {
			out[name] = value
		}
	}
	return out
}

// lanes are the load of the rehearsal: what the flags say of method and body goes with the
// requests for the path, headers with all.
func (f *Flags) lanes() []load.Lane {
	lanes := scenarios.OwnLoad(f.path, f.longPath, f.rate)
	for i := range lanes {
		lanes[i].Asks = f.request.asks
		if lanes[i].Name == evidence.LaneLong {
			lanes[i].Asks = load.Asks{Headers: f.request.asks.Headers}
		}
	}
	for _, l := range []load.Lane{{Name: evidence.LaneEvents, Kind: load.Events, Path: f.request.eventsPath}, {Name: evidence.LaneWebSockets, Kind: load.WebSockets, Path: f.request.webSocketPath}} {
		if l.Path != "" {
			l.Conns, l.Timeout, l.Asks = f.request.streams, streamOpens, load.Asks{Headers: f.request.asks.Headers}
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// streamOpens is how long a connection that stays open may take to be there.
const streamOpens = 5 * time.Second

// requested is the load as the report shows it.
func (f *Flags) requested() (out []report.Requested) {
	for _, l := range f.lanes() {
		q := report.Requested{Lane: l.Name, Rate: l.Rate, Clients: l.Conns, Method: l.Method, Path: redact.Text(l.Path), Body: len(l.Body)}
		if !l.Kind.Stays() {
			q.Clients = 0
		}
		if q.Method == "" {
			q.Method = http.MethodGet
		}
		for name, value := range l.Headers {
			q.Headers = append(q.Headers, name+": "+shownHeader(name, value))
		}
		slices.Sort(q.Headers)
		out = append(out, q)
	}
	return out
}
