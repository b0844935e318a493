package config

import (
	"strconv"
	"strings"
)

// Status is a range of HTTP statuses as it is written: 200, 2xx or 200-299.
type Status string

// Range returns its ends, both included.
func (s Status) Range() (from, to int) {
	if class, ok := strings.CutSuffix(string(s), "xx"); ok {
		n, _ := strconv.Atoi(class) // the schema has seen that it is a digit
		return 100 * n, 100*n + 99
	}
	first, last, ok := strings.Cut(string(s), "-")
	if !ok {
		last = first
	}
	from, _ = strconv.Atoi(first) // the schema has seen that they are numbers
	to, _ = strconv.Atoi(last)
	return from, to
}
