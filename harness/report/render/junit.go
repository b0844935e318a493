package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/report"
)

// The JUnit dialect that Jenkins, GitLab and the common XSDs agree on: suites,
// suite, properties, case, failure, error, system-out, in that order.
type (
	JunitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"` // seconds
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		ID         int             `xml:"id,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Hostname   string          `xml:"hostname,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string      `xml:"name,attr"`
		Classname string      `xml:"classname,attr"`
		Time      string      `xml:"time,attr"`
		Failure   *junitFault `xml:"failure,omitempty"`
		Error     *junitFault `xml:"error,omitempty"`
		Skipped   *junitSkip  `xml:"skipped,omitempty"`
		Out       string      `xml:"system-out,omitempty"`
	}
	junitSkip struct {
		Message string `xml:"message,attr"`
	}
	junitFault struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes junit.xml: a suite per drill, a case per promise. A promise that
// is not what its arm had to show is a failure, an inconclusive one an error of
// type "inconclusive"; a control arm's expected break passes and says so. What the
// engine does not declare is skipped. A drill that was not judged is an error of
// that type too: an empty suite would pass. Repetitions have one name, so that a CI
// system knows them again, and a property that tells which it is. Each case has its share
// of the drill's time: all promises are judged of the whole of it.
func JUnit(w io.Writer, r report.Digest) error {
	doc := JunitSuites{Name: "pm2drill", Time: formatJUnitSeconds(r.Run.Duration)}
	for i, d := range r.Drills {
		s := buildSuite(r, d, report.Plain(d.Scenario)+"."+report.Plain(d.Arm))
		s.ID = i
		doc.Tests, doc.Failures, doc.Errors = doc.Tests+s.Tests, doc.Failures+s.Failures, doc.Errors+s.Errors
		doc.Suites = append(doc.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("cannot write junit.xml: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("cannot write junit.xml: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("cannot write junit.xml: %w", err)
	}
	return nil
}

func buildSuite(r report.Digest, d report.DrillDigest, class string) junitSuite {
	took := d.Took()
	at := r.Run.Started
	if d.Record != nil && !d.Record.Header.Wall.IsZero() {
		at = d.Record.Header.Wall
	}
	s := junitSuite{
		Name: class, Tests: len(d.Rulings), Time: formatJUnitSeconds(took),
		Timestamp: at.UTC().Format("2006-01-02T15:04:05"), Hostname: "localhost",
		Properties: listProperties(r, d), Out: "reproduce: " + d.Command,
	}
	if len(d.Rulings) == 0 {
		s.Tests, s.Errors = 1, 1
		s.Cases = []junitCase{{Name: "the drill is judged", Classname: class, Time: formatJUnitSeconds(took),
			Error: &junitFault{string(report.OutcomeUnknown), report.NothingJudged, "because: " + report.NothingJudged + "\nreproduce: " + d.Command}}}
	}
	for _, x := range d.Rulings {
		o := report.OutcomeOf(x)
		c := junitCase{Name: x.Promise, Classname: class, Time: formatJUnitSeconds(took / time.Duration(len(d.Rulings)))}
		switch {
		case o.Met():
			c.Out = fmt.Sprintf("%s: %s", o, x.Because)
		case o == report.OutcomeSkipped:
			s.Skipped++
			c.Skipped = &junitSkip{x.Because}
		case o == report.OutcomeUnknown:
			s.Errors++
			c.Error = &junitFault{string(report.OutcomeUnknown), x.Because, formatFailure(x.Promise, o, x.Because, d.Command)}
		default:
			s.Failures++
			c.Failure = &junitFault{x.Name, fmt.Sprintf("%s: %s", o, x.Because), formatFailure(x.Promise, o, x.Because, d.Command)}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func formatFailure(sentence string, o report.Outcome, because, command string) string {
	return fmt.Sprintf("promise: %s\nruling: %s\nbecause: %s\nreproduce: %s", sentence, o, because, command)
}

func listProperties(r report.Digest, d report.DrillDigest) []junitProperty {
	var out []junitProperty
	add := func(name, value string) {
		if value != "" {
			out = append(out, junitProperty{name, value})
		}
	}
	add("run", r.Run.ID)
	add("scenario", d.Scenario)
	add("arm", d.Arm)
	add("verdict", string(d.Verdict))
	add("repetition", d.Repetition)
	add("variant", d.Differs())
	if v, ok := r.VoidOf(d.Drill); ok {
		add("drilled_again", v.Spoiled())
	}
	add("labels", strings.Join(d.Labels, ","))
	add("seed", strconv.FormatInt(r.Run.Seed, 10))
	add("pm2drill", r.Run.Versions.PM2Drill)
	add("engine", r.Run.Versions.Engine)
	add("pm2", r.Run.Versions.PM2)
	add("node", r.Run.Versions.Node)
	add("kernel", r.Run.Host.Kernel)
	add("docker", r.Run.Host.Docker)
	add("command", d.Command)
	return out
}

func formatJUnitSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
