package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/pm2drill/pm2drill/harness/report/render"
)

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// UsesColour reports whether output to w may have colours; it follows https://no-color.org.
func UsesColour(w io.Writer) bool { return IsTerminal(w) && os.Getenv("NO_COLOR") == "" }

// FormatMark returns the mark for something that is as it should be, or is not.
func FormatMark(ok, colour bool) string {
	mark, code := "✓", "32"
	if !ok {
		mark, code = "✗", "31"
	}
	if colour {
		mark = "\x1b[" + code + "m" + mark + "\x1b[0m"
	}
	return mark
}

// ClipLine returns what of a line fits into that many columns.
func ClipLine(line string, width int) string {
	if r := []rune(line); len(r) >= width && width > 1 {
		return string(r[:width-1])
	}
	return line
}

// PrintLabelled prints a text beside its label, folded on a terminal.
func PrintLabelled(c Call, label, text string) {
	const indent = 11
	lines := []string{text}
	if f, ok := c.Stdout.(*os.File); ok && IsTerminal(f) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 2*indent {
			lines = render.Folded(text, width-indent)
		}
	}
	for _, line := range lines {
		fmt.Fprintf(c.Stdout, "%-*s%s\n", indent, label, line)
		label = ""
	}
}

// IsPipe reports whether somebody may write to the file while it is read.
func IsPipe(in *os.File) bool {
	info, err := in.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// IsUnattended reports whether nobody can leave what is held: stdin is neither a terminal
// nor a pipe, or the terminal is nobody's, as CI systems say by CI=true.
func IsUnattended(c Call) bool {
	in, ok := c.Stdin.(*os.File)
	return !ok || !IsTerminal(in) && (!IsPipe(in) || os.Getenv("CI") == "true")
}
