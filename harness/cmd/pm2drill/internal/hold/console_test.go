package hold

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// TestKeysOfAPipe: letters that come by a pipe are keys, in their order, and its end is known.
func TestKeysOfAPipe(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := io.WriteString(out, "e+q"); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	k := NewConsole(cli.Call{Stdin: in, Stdout: new(bytes.Buffer)})
	var got []byte
	for key := range k.keys {
		got = append(got, key)
	}
	if string(got) != "e+q" {
		t.Errorf("the keys %q", got)
	}
}

// TestConsoleWithoutKeys: where nobody can type, it says how to leave.
func TestConsoleWithoutKeys(t *testing.T) {
	var out bytes.Buffer
	k := NewConsole(cli.Call{Stdin: strings.NewReader("q"), Stdout: &out})
	k.Note("a note")
	if _, end, err := k.open([]string{"a hint"}); err != nil {
		t.Fatal(err)
	} else {
		end()
	}
	if got := strings.Split(strings.TrimSpace(out.String()), "\n"); !slices.Equal(got, []string{"a note", "a hint", unattendedHelp}) {
		t.Errorf("it prints %q", got)
	}
}

// TestConclude: what stands there already is not printed twice.
func TestConclude(t *testing.T) {
	var out bytes.Buffer
	k := NewConsole(cli.Call{Stdout: &out})
	k.latest = "same symptom: yes"
	k.Conclude("same symptom: yes")
	k.Conclude("same symptom: no")
	if out.String() != "same symptom: no\n" {
		t.Errorf("it prints %q", out.String())
	}
}
