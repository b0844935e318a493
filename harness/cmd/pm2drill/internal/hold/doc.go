// Package hold shows a cluster live and takes commands from a terminal or a pipe, until
// somebody leaves.
package hold
