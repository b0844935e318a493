package engine

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestDecodeLine(t *testing.T) {
	tests := []struct {
		name, in, err string
	}{
		{"ready", `{"type":"ready","engine":"x"}`, ""},
		{"detected", `{"type":"detected","cause":"stalled_event_loop"}`, ""},
		{"unknown fields are the engine's own", `{"type":"verified","by":["probe"],"mood":1}`, ""},
		{"action", `{"type":"action","action":"kill","phase":"begin","id":0,"pid":7}`, ""},
		{"an action of the engine's own", `{"type":"action","action":"pray","phase":"done"}`, ""},
		{"incident", `{"type":"incident","incident":"opened"}`, ""},
		{"text", `hello`, "is not a JSON object"},
		{"array", `[1]`, "is not a JSON object"},
		{"cut short", `{"type":"rea`, "unexpected end"},
		{"no type", `{}`, "is not known"},
		{"invented cause", `{"type":"detected","cause":"gremlins"}`, "not in the contract's list"},
		{"no phase", `{"type":"action","action":"kill"}`, "neither begin, done nor failed"},
		{"no action", `{"type":"action","phase":"begin"}`, "names no action"},
		{"incident in between", `{"type":"incident","incident":"half"}`, "neither opened nor resolved"},
		{"negative pid", `{"type":"ready","pid":-1}`, "negative"},
		{"negative id", `{"type":"ready","id":-1}`, "negative"},
		{"negative time", `{"type":"ready","at":-1}`, "negative"},
		{"too long", `{"type":"ready","why":"` + strings.Repeat("x", MaxLine) + `"}`, "are more than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeLine([]byte(tt.in))
			checkError(t, err, tt.err)
		})
	}
}

func TestDecodeRequest(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"roll", `{"request":"roll","app":"app"}`, ""},
		{"roll with a way back", `{"request":"roll","app":"app","rollback":["git","checkout","v1"]}`, ""},
		{"roll with an empty way back", `{"request":"roll","rollback":[""]}`, "names no command"},
		{"scale", `{"request":"scale","app":"app","workers":1}`, ""},
		{"scale to nothing", `{"request":"scale","app":"app"}`, "fewer than 1"},
		{"scale to less", `{"request":"scale","workers":-1}`, "fewer than 1"},
		{"unknown", `{"request":"dance"}`, "is not known"},
		{"text", `roll`, "is not a JSON object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeRequest([]byte(tt.in))
			checkError(t, err, tt.err)
		})
	}
}

// TestContractNamesEveryCause holds CONTRACT.md, and the list that lines and
// alerts are checked against, to the causes of contract.go.
func TestContractNamesEveryCause(t *testing.T) {
	source, err := os.ReadFile("contract.go")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("CONTRACT.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`Cause = "([^"]+)"`).FindAllSubmatch(source, -1)
	if len(declared) != len(Causes()) {
		t.Errorf("contract.go declares %d causes, Causes() lists %d", len(declared), len(Causes()))
	}
	for _, m := range declared {
		cause := Cause(m[1])
		if !cause.Known() {
			t.Errorf("Causes() lacks %s", cause)
		}
		if !strings.Contains(string(document), "`"+string(cause)+"`") {
			t.Errorf("CONTRACT.md lacks %s", cause)
		}
	}
}

func TestDecodeAlert(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"firing", `{"status":"firing","cause":"daemon_dead","confidence":1}`, ""},
		{"no status", `{"cause":"daemon_dead"}`, "neither firing nor resolved"},
		{"no cause", `{"status":"firing"}`, "not in the contract's list"},
		{"too sure", `{"status":"firing","cause":"daemon_dead","confidence":2}`, "not between 0 and 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeAlert([]byte(tt.in))
			checkError(t, err, tt.err)
		})
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("got error %v, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Fatalf("got error %v, want one with %q", err, want)
	}
}

func TestLineRoundTrip(t *testing.T) {
	id := 3
	want := Line{
		Type: TypeAction, At: 5, Action: ActionRestart, Phase: PhaseBegin, ID: &id, PID: 9, Why: "it died",
		Evidence: []Fact{{Source: "bus", Text: "exit"}}, RuledOut: []Ruled{{Cause: PortSelf, Fact: "pid 7 holds it"}},
	}
	var buf bytes.Buffer
	if err := EncodeLine(&buf, want); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(buf.String(), "\n"); n != 1 {
		t.Fatalf("got %d newlines, want 1", n)
	}
	got, err := DecodeLine(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

func TestLinesGoesOnAfterNonsense(t *testing.T) {
	in := "boot noise\n\n{\"type\":\"ready\"}\n" + strings.Repeat("x", 3*MaxLine) +
		"\n{\"type\":\"verified\"}\n{\"type\":\"withheld\"}"
	var types []string
	bad := 0
	for l, err := range Lines(strings.NewReader(in)) {
		if err != nil {
			bad++
			continue
		}
		types = append(types, l.Type)
	}
	if got := strings.Join(types, " "); got != "ready verified withheld" || bad != 2 {
		t.Fatalf("got %q and %d errors, want three lines and 2 errors", got, bad)
	}
}

func TestLinesEndsOnReadError(t *testing.T) {
	broken := errors.New("pipe burst")
	r := io.MultiReader(strings.NewReader("{\"type\":\"ready\"}\n"), errorReader{broken})
	var got []error
	for _, err := range Lines(r) {
		got = append(got, err)
	}
	if len(got) != 2 || got[0] != nil || !errors.Is(got[1], broken) {
		t.Fatalf("got %v, want a line and the read error", got)
	}
}

type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) { return 0, e.err }

func TestRequestsStopsWhenAsked(t *testing.T) {
	in := strings.NewReader("{\"request\":\"roll\"}\n{\"request\":\"roll\"}\n")
	n := 0
	for _, err := range Requests(in) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		break
	}
	if n != 1 {
		t.Fatalf("got %d requests, want 1", n)
	}
}

func FuzzDecodeLine(f *testing.F) {
	for _, seed := range []string{
		`{"type":"ready"}`, `{"type":"detected","cause":"daemon_dead","evidence":[{"source":"rpc","text":"x"}]}`,
		`{"type":"action","action":"kill","phase":"done","id":1,"pid":2}`, `{`, `null`, `[]`, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := DecodeLine(b)
		if err != nil {
			return
		}
		var buf bytes.Buffer
		if err := EncodeLine(&buf, l); err != nil {
			return // escaping may make it longer than the bound
		}
		again, err := DecodeLine(buf.Bytes())
		if err != nil {
			t.Fatalf("a line that was accepted is refused when it comes back: %v: %s", err, buf.Bytes())
		}
		if again.Type != l.Type || again.Cause != l.Cause || again.PID != l.PID {
			t.Fatalf("got %+v, want %+v", again, l)
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"type\":\"ready\"}\n\n{}\n"))
	f.Add([]byte("\r\n{\"type\":\"ready\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for range Lines(bytes.NewReader(b)) {
			n++
		}
		if most := bytes.Count(b, []byte("\n")) + 1; n > most {
			t.Fatalf("got %d lines out of %d", n, most)
		}
	})
}

func FuzzDecodeAlert(f *testing.F) {
	f.Add([]byte(`{"status":"firing","cause":"undetermined","workers":[{"id":0}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := DecodeAlert(b)
		if err == nil && !a.Cause.Known() {
			t.Fatalf("accepted cause %q", a.Cause)
		}
	})
}
