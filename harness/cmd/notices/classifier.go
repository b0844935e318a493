package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Kinds of files that are no licences.
const (
	notice  = "NOTICE"
	patents = "PATENTS"
)

// leastKnown is how much of a file has to be the text of licences, in percent. The
// rest is names, years and which part has which licence: 15 % at most, of what is
// linked today.
const leastKnown = 80

// classifier recognises the licences that a module in the binary may have.
type classifier struct{ scanner *licensecheck.Scanner }

// newClassifier makes a classifier of the licences that allow distribution in binary
// form with no more than their text and notices.
func newClassifier() (classifier, error) {
	accepted := []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
	var texts []licensecheck.License
	for _, l := range licensecheck.BuiltinLicenses() {
		if slices.Contains(accepted, l.ID) {
			texts = append(texts, l)
		}
	}
	scanner, err := licensecheck.NewScanner(texts)
	if err != nil {
		return classifier{}, fmt.Errorf("cannot make a classifier of licences: %w", err)
	}
	return classifier{scanner}, nil
}

// identify returns the SPDX identifiers of the licences in a file, joined by " AND ".
// Notices and patent grants are told by the file's name. name is the module's path
// and the file's name in it.
func (c classifier) identify(name, text string) (string, error) {
	for _, kind := range []string{notice, patents} {
		if strings.HasPrefix(strings.ToUpper(path.Base(name)), kind) {
			return kind, nil
		}
	}
	// Lucent's, for its conversion of numbers: permissive, and without an identifier.
	if name == "github.com/dop251/goja/ftoa/LICENSE_LUCENE" {
		return "LicenseRef-Lucent", nil
	}
	found := c.scanner.Scan([]byte(text))
	if found.Percent < leastKnown {
		return "", fmt.Errorf("%.0f %% of %s is the text of a licence that is accepted; read it, and accept it here or do without the module", found.Percent, name)
	}
	var ids []string
	for _, m := range found.Match {
		if !m.IsURL && !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return strings.Join(ids, " AND "), nil
}
