// Package matrix has the matrix of truth: which incidents and claims PM2 shows in which
// version, as drills have found it, and which public issues report them.
package matrix

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Schema names the shape of matrix.json.
const Schema = "pm2drill/matrix/1"

// Finding says whether an incident was reproduced.
type Finding string

const (
	Reproduced    Finding = "reproduced"     // PM2 alone breaks the promise, or the claim does not hold
	NotReproduced Finding = "not reproduced" // the fault took effect, and PM2 alone keeps the promise, or the claim holds
	Unclear       Finding = "inconclusive"   // the drill proves nothing
)

// Platform is one version of PM2 on one of Node.
type Platform struct {
	PM2  string `json:"pm2"`
	Node string `json:"node"`
	Lock string `json:"lock"` // SHA-256 of the lock file by which PM2 was installed, in hex
}

// Issue is a public issue of PM2.
type Issue struct {
	Number int    `json:"number"`
	Opened string `json:"opened"` // year and month
	About  string `json:"about"`  // in our words
}

// URL returns the address of the issue.
func (i Issue) URL() string { return fmt.Sprintf("https://github.com/Unitech/pm2/issues/%d", i.Number) }

// Cell is what one drill has found.
type Cell struct {
	Platform
	Found   Finding   `json:"found"`
	Because string    `json:"because"`
	At      time.Time `json:"at"`
	Command string    `json:"command"` // drills it again
	Report  string    `json:"report"`  // the report's folder, within that of the matrix
}

// Row is a scenario or a claim of the source document.
type Row struct {
	Scenario string  `json:"scenario"`
	Arm      string  `json:"arm"`             // in which it is drilled
	Breaks   string  `json:"breaks"`          // the promise that PM2 alone breaks
	Claim    string  `json:"claim,omitempty"` // what the source document says
	Issues   []Issue `json:"issues"`
	Cells    []Cell  `json:"cells"`
}

// Matrix is all that was found so far.
type Matrix struct {
	Schema    string     `json:"schema"`
	Platforms []Platform `json:"platforms"` // in the order of their versions
	Rows      []Row      `json:"rows"`
	// Undrilled are issues that no scenario is about, with the reason.
	Undrilled []Issue `json:"undrilled"`
}

// FindingOf reads off a drill of PM2 alone whether the incident was reproduced, and why.
func FindingOf(d report.Drill) (Finding, string) {
	for _, x := range d.Rulings {
		if x.Expected != promise.Broken {
			continue
		}
		switch {
		case x.Verdict == promise.Broken && d.AsItMust():
			return Reproduced, x.Because
		case x.Verdict == promise.Kept:
			return NotReproduced, x.Because
		}
	}
	for _, x := range d.Rulings {
		if !report.OutcomeOf(x).Met() {
			return Unclear, cmp.Or(x.Because, "the drill proves nothing")
		}
	}
	return Unclear, "the drill proves nothing"
}

// Find returns what was found of a scenario on a platform, nil if it was not drilled there.
func (m *Matrix) Find(scenario string, p Platform) *Cell {
	for _, r := range m.Rows {
		if r.Scenario != scenario {
			continue
		}
		for i := range r.Cells {
			if r.Cells[i].Platform == p {
				return &r.Cells[i]
			}
		}
	}
	return nil
}

// Enter adds a cell to a scenario's row, in place of an earlier one of the same versions.
func (m *Matrix) Enter(scenario string, c Cell) {
	if !slices.Contains(m.Platforms, c.Platform) {
		m.Platforms = slices.DeleteFunc(m.Platforms, c.Platform.sameVersions)
		m.Platforms = append(m.Platforms, c.Platform)
		slices.SortFunc(m.Platforms, comparePlatforms)
	}
	for i := range m.Rows {
		if m.Rows[i].Scenario == scenario {
			cells := slices.DeleteFunc(m.Rows[i].Cells, func(x Cell) bool { return x.sameVersions(c.Platform) })
			m.Rows[i].Cells = append(cells, c)
			slices.SortFunc(m.Rows[i].Cells, func(a, b Cell) int { return comparePlatforms(a.Platform, b.Platform) })
		}
	}
}

func (p Platform) sameVersions(q Platform) bool { return p.PM2 == q.PM2 && p.Node == q.Node }

func comparePlatforms(a, b Platform) int {
	return cmp.Or(semver.Compare("v"+a.PM2, "v"+b.PM2), semver.Compare("v"+a.Node, "v"+b.Node), strings.Compare(a.Lock, b.Lock))
}

// Merge adds the rows that the matrix does not have, and takes over what the others say of
// those that it has, except their cells.
func (m *Matrix) Merge(rows []Row, undrilled []Issue) {
	for _, r := range rows {
		i := slices.IndexFunc(m.Rows, func(x Row) bool { return x.Scenario == r.Scenario })
		if i < 0 {
			m.Rows = append(m.Rows, r)
			continue
		}
		r.Cells = m.Rows[i].Cells
		m.Rows[i] = r
	}
	m.Undrilled = undrilled
}

// Load reads matrix.json, or returns an empty matrix if there is no such file.
func Load(name string) (*Matrix, error) {
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &Matrix{Schema: Schema}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the matrix: %w", err)
	}
	var m Matrix
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("cannot read the matrix %s: %w", name, err)
	}
	if m.Schema != Schema {
		return nil, fmt.Errorf("cannot read the matrix %s: its schema is %q, not %q", name, m.Schema, Schema)
	}
	return &m, nil
}
