// Package node has a real Node evaluate an ecosystem file, in a Place that bounds what the
// file can do: a container, or this host where the caller names it.
//
//	request --(stdin)--> node -e evaluate.js --(a marked line of stdout)--> answer
//
// It says the same of a file as package sandbox wherever both can: what nobody knows
// beforehand (chance, the clock, the host, the output of commands) is assumed in the same
// worlds, nothing is written, started or sent, and what it would have done is noted.
package node
