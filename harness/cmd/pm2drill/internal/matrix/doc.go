// Package matrix drills scenarios without an engine on several versions of PM2 and Node, and
// keeps what was found as the matrix of truth.
package matrix
