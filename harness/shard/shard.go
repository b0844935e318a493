// Package shard divides the drills of a run among several machines. It is pure: what takes
// how long goes in, and what each machine drills comes out, the same on every machine.
package shard

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shard is one part of a run: the Index-th of Of parts, counted from 1. The zero value is a
// whole run.
type Shard struct{ Index, Of int }

// Most is the greatest number of shards.
const Most = 1000

// Parse reads a shard as a flag has it: 1/4. The error says what is wrong and how to write it.
func Parse(s string) (Shard, error) {
	first, second, cut := strings.Cut(s, "/")
	index, err := strconv.Atoi(first)
	of, err2 := strconv.Atoi(second)
	switch {
	case !cut || err != nil || err2 != nil:
		return Shard{}, fmt.Errorf("%q is no shard: write the first of four as 1/4", s)
	case of < 1 || of > Most:
		return Shard{}, fmt.Errorf("%q has %d shards: there may be 1 to %d", s, of, Most)
	case index < 1 || index > of:
		return Shard{}, fmt.Errorf("%q is no shard of %d: the first is 1/%d and the last %d/%d", s, of, of, of, of)
	}
	return Shard{index, of}, nil
}

// String is the shard as Parse reads it, "" of a whole run.
func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// Group is what stays together, such as the arms of a scenario, with how long it takes.
type Group struct {
	Name     string
	Duration time.Duration
}

// Plan divides the groups among n shards: the longest first, each to the shard that has least
// so far (Graham, 1969: no shard takes more than 4/3 of what the best plan's longest takes).
// Ties go by name and by the first shard, so that every machine makes the same plan. A shard
// may be empty.
func Plan(groups []Group, n int) [][]Group {
	sorted := slices.Clone(groups)
	slices.SortFunc(sorted, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Duration, a.Duration), cmp.Compare(a.Name, b.Name))
	})
	shards := make([][]Group, n)
	for _, g := range sorted {
		least := slices.MinFunc(listIndexes(n), func(a, b int) int { return cmp.Compare(Sum(shards[a]), Sum(shards[b])) })
		shards[least] = append(shards[least], g)
	}
	return shards
}

func listIndexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Sum is how long groups take one after the other.
func Sum(groups []Group) (t time.Duration) {
	for _, g := range groups {
		t += g.Duration
	}
	return t
}

// Efficiency is how much of the machines' time a plan uses, from 0 to 1: the work over the
// number of shards times the longest.
func Efficiency(shards [][]Group) float64 {
	var work, longest time.Duration
	for _, s := range shards {
		work += Sum(s)
		longest = max(longest, Sum(s))
	}
	if longest == 0 {
		return 1
	}
	return float64(work) / float64(longest) / float64(len(shards))
}
