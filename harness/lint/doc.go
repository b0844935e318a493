// Package lint finds faults in ecosystem files. Each rule is a way in which PM2 accepts
// a configuration and then takes the service down, or silently does something else
// than what is written. One rule, one file, named by its id.
//
// The letter of an id is what the rule is about: L loading the file, K keys and
// values, C cluster mode, T time, E the environment, P paths and processes, D
// deployment, R what a reload applies.
//
// Every figure in a rule's text was measured on PM2 7.0.4, and on 6.0.14 and 5.4.3
// where it says so; a source line is of 7.0.4's npm package.
package lint
