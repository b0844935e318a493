package nodeerr

import "testing"

// TestNative: what native code, the C library and V8 say before a signal is told from errors of
// the app and from a full heap.
func TestNative(t *testing.T) {
	for text, want := range map[string]Class{
		"double free or corruption (out)":                                                   Native,
		"free(): invalid pointer":                                                           Native,
		"malloc(): corrupted top size":                                                      Native,
		"*** stack smashing detected ***: terminated":                                       Native,
		"Segmentation fault (core dumped)":                                                  Native,
		"Illegal instruction":                                                               Native,
		"Bus error (core dumped)":                                                           Native,
		"PID 31 received SIGSEGV for address: 0x0":                                          Native,
		"terminate called after throwing an instance of 'std::bad_alloc'":                   Native,
		"#\n# Fatal error in , line 0\n# Check failed: args[0]->IsObject().":                Native,
		"FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal":                                  Native,
		"thread '<unnamed>' panicked at src/lib.rs:10:5:":                                   Native,
		"node: ../src/binding.cc:10: void f(): Assertion `x != nullptr' failed.":            Native,
		"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory": Heap,
		"AssertionError [ERR_ASSERTION]: Assertion failed":                                  Code,
		"Error: Assertion failed":                                                           Unknown,
		"Error: connect ECONNREFUSED 10.0.0.5:5432":                                         Refused,
	} {
		if got := Read(text).Class; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
