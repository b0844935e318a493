// Package sandbox evaluates an ecosystem file as Node would, without Node, and
// without doing to the host what the file does: nothing is written, started or sent.
// It reads files, since a configuration may require others.
//
// The world in it is closed. Whatever it cannot do just as Node does (a module, a
// global, an option) ends the evaluation with the word that it is unsupported; it is
// never undefined, which would be a wrong answer that looks like a right one.
//
// What nobody knows beforehand (chance, the clock, the host, a package that is not
// installed) is assumed in several ways, and what all of them agree in is decided.
//
// Child is for a process of its own, whose memory is limited; Run starts one.
package sandbox
