// Package validate checks ecosystem files for the command line and for editors.
//
//	files  ->  evaluate (or a real Node)  ->  findings  ->  baseline, fix, plan, formats
//
// A rehearsal takes over behind the findings, by a hook; this package knows nothing of it.
package validate
