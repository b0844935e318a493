package session

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// Progress shows a run's progress: one line that rewrites itself on a terminal,
// a line per phase and every few seconds elsewhere. With --json it is on stderr, and
// stdout has the report alone.
type Progress struct {
	mu     sync.Mutex
	out    io.Writer // summary
	live   io.Writer // progress
	Colour bool
	rewind bool // the progress line may be rewritten
	ceded  bool // the terminal is somebody else's
	AsJSON bool
	under  map[string]lastLine // drills under way, by title
	left   fmt.Stringer        // how long it will still take; nil if nobody knows
	told   string              // the last that was said of it in lines
}

// between is the least time between two looks at the same phase.
const (
	betweenLive  = 200 * time.Millisecond
	betweenLines = 10 * time.Second
)

// NewProgress returns a progress that writes to stdout, or to stderr if stdout is for JSON.
func NewProgress(stdout, stderr io.Writer, asJSON bool) *Progress {
	s := &Progress{out: stdout, live: stdout, Colour: cli.UsesColour(stdout), AsJSON: asJSON, under: map[string]lastLine{}}
	if asJSON {
		s.live = stderr
	}
	s.rewind = cli.IsTerminal(s.live)
	return s
}

// lastLine holds the last line that was shown for one drill under way.
type lastLine struct {
	phase string
	at    time.Time
	brief string
}

// Watch returns the function that a drill reports its pulse to.
func (s *Progress) Watch(title string) func(string, drill.Pulse) {
	return func(phase string, p drill.Pulse) {
		s.mu.Lock()
		defer s.mu.Unlock()
		was, known := s.under[title]
		pause := betweenLines
		if s.rewind {
			pause = betweenLive
		}
		if s.ceded || (known && phase == was.phase && time.Since(was.at) < pause) {
			return
		}
		line := fmt.Sprintf("%s  %-8s %5.1f s  %d/%d workers  %d requests, %d dropped  %s",
			title, phase, p.Elapsed.Seconds(), p.Serving, p.Workers, p.Owed, p.Dropped, p.Note)
		s.under[title] = lastLine{phase, time.Now(), fmt.Sprintf("%s %s %.0f s %d/%d", title, phase, p.Elapsed.Seconds(), p.Serving, p.Workers)}
		if !s.rewind {
			fmt.Fprintln(s.live, line)
			return
		}
		if len(s.under) > 1 { // side by side: a little of each
			var all []string
			for _, t := range slices.Sorted(maps.Keys(s.under)) {
				all = append(all, s.under[t].brief)
			}
			line = strings.Join(all, " | ")
		}
		if s.left != nil {
			line = s.left.String() + "  " + line
		}
		fmt.Fprintf(s.live, "\r\x1b[2K%s", cli.ClipLine(line, s.findWidth()))
	}
}

// Say shows what happens before there is a drill.
func (s *Progress) Say(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ceded:
	case s.rewind:
		fmt.Fprintf(s.live, "\r\x1b[2K%s", cli.ClipLine(what, s.findWidth()))
	default:
		fmt.Fprintln(s.live, what)
	}
}

// Tell shows a line that stays.
func (s *Progress) Tell(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rewind {
		fmt.Fprint(s.live, "\r\x1b[2K")
	}
	fmt.Fprintln(s.live, what)
}

func (s *Progress) findWidth() int {
	if f, ok := s.live.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			return w
		}
	}
	return 80
}

// Cede leaves the terminal to somebody else until it is resumed. Results that come
// meanwhile are shown then.
func (s *Progress) Cede() (resume func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, kept := s.live, &bytes.Buffer{}
	if s.rewind {
		fmt.Fprint(out, "\r\x1b[2K")
	}
	s.live, s.ceded = kept, true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.live, s.ceded = out, false
		_, _ = kept.WriteTo(out) // the summary's error is the one that is told
	}
}

// SetETA sets what tells how long it will still take.
func (s *Progress) SetETA(left fmt.Stringer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = left
}

// ShowResult replaces the progress line by the drill's result.
func (s *Progress) ShowResult(title string, d report.Drill) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.under, title)
	if s.rewind {
		fmt.Fprint(s.live, "\r\x1b[2K")
	}
	_ = render.Line(s.live, report.DigestOfDrill(d), s.Colour) // the summary's error is the one that is told
	if text := fmt.Sprint(s.left); s.left != nil && !s.rewind && text != s.told {
		s.told = text
		fmt.Fprintf(s.live, "[%s]\n", text)
	}
}

// ShowSummary ends the run: the whole picture for people, report.json for machines.
func (s *Progress) ShowSummary(r report.Digest) {
	show := func() error { return render.Text(s.out, r, s.Colour) }
	if s.AsJSON {
		show = func() error { return folder.JSON(s.out, r) }
	}
	if err := show(); err != nil {
		fmt.Fprintf(s.live, "pm2drill run: %v\n", err)
	}
}
