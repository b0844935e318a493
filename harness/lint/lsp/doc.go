// Package lsp is a language server for ecosystem files: what lint finds in them, in an
// editor (microsoft.github.io/language-server-protocol, version 3.18, over stdio).
//
//	didOpen, didChange, didSave --> one evaluation of the newest text --> publishDiagnostics
//	codeAction                  --> the fixes of the findings there that are proven
//	hover                       --> the pages of the rules that found something there
//
// A text that changes while it is evaluated ends that evaluation. No more than two run at
// once, each in a process whose time and memory are limited (package sandbox).
package lsp
