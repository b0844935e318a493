package format

import (
	"encoding/xml"
	"io"
)

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Failure *junitReason `xml:"failure"`
	Error   *junitReason `xml:"error"`
	Out     string       `xml:"system-out,omitempty"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite for each file and a case for each finding, which fails if it
// fails the run, and otherwise passes with its text. A file without findings is a case
// that passes; one that is inconclusive, for which the command exits with 2, is a case
// with an error.
func writeJUnit(w io.Writer, r Run) error {
	var doc suites
	for _, x := range r.Results {
		s := suite{Name: x.Path}
		for _, f := range x.Findings {
			c := junitCase{Name: f.Rule + " " + formatPosition(x.Path, f), Class: x.Path}
			text := f.Message + "\nFix: " + f.Fix
			if !r.isFailure(f.Severity) {
				c.Out = text
			} else {
				c.Failure = &junitReason{f.Message, string(f.Severity), text}
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
		switch {
		case x.Inconclusive() != "":
			s.Cases = append(s.Cases, junitCase{Name: "can be evaluated", Class: x.Path, Error: &junitReason{x.Inconclusive(), "inconclusive", x.goOn()}})
			s.Errors++
		case len(x.Findings) == 0:
			s.Cases = append(s.Cases, junitCase{Name: "nothing found", Class: x.Path})
		}
		s.Tests = len(s.Cases)
		doc.Suites = append(doc.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
