package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// sample has one of everything.
func sample() *Record {
	return &Record{
		Header:    Header{Format: Format, Run: "r", Scenario: "s", Arm: ArmEngine, Start: time.Second, Wall: time.Unix(1, 0).UTC(), Workers: 4},
		Marks:     []Mark{{At: 1, Name: MarkInject, Kind: KindRequest}, {At: 2, Name: MarkBitten, PIDs: []int{7}}},
		Requests:  []Request{{Lane: LaneShort, ID: "short-1", Class: Answered, PID: 7}, {Lane: LaneShort, ID: "short-2", Class: Reset}},
		Tallies:   []Tally{{Lane: LaneShort, Owed: 2, Counts: map[Class]int{Answered: 1, Reset: 1}}},
		Served:    []Served{{ID: "short-1", PID: 7, Phase: "finished"}},
		Snapshots: []Snapshot{{At: 3, Daemon: 5, Workers: []Worker{{ID: 0, PID: 7, Alive: true}}}},
		Events:    []Event{{At: 4, Topic: "process:event", Event: "exit", ID: 0}},
		Exits:     []Exit{{At: 5, PID: 7, ID: 0}},
		Claims:    []Claim{{At: 6, Type: "detected", ID: -1, Raw: json.RawMessage(`{"type":"detected"}`)}},
		Alerts:    []Alert{{At: 7, Body: json.RawMessage(`{}`)}},
	}
}

func TestSaveLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.jsonl")
	want := sample()
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("loaded %+v\nsaved  %+v", got, want)
	}
}

func TestSaveLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	r := sample()
	r.Claims[0].Raw = json.RawMessage("{not json")
	if err := r.Save(filepath.Join(dir, "e.jsonl")); err == nil {
		t.Fatal("saved a record that cannot be encoded")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v behind (%v)", left, err)
	}
}

func TestReadNamesTheBadLine(t *testing.T) {
	_, err := Read(strings.NewReader(`{"mark":{"at":1,"name":"inject"}}` + "\n{\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v does not name line 2", err)
	}
}

func TestReadRefusesWhatIsNewer(t *testing.T) {
	_, err := Read(strings.NewReader(`{"header":{"format":7,"program":"v3.1.0","lanes":"all of them"}}` + "\n"))
	if err == nil || !strings.Contains(err.Error(), "format 7") || !strings.Contains(err.Error(), "wrote it (v3.1.0)") {
		t.Errorf("error %v does not say which version to use", err)
	}
}

// TestReadPartial: an old file is whole, for it appeared at once; a numbered one is
// whole if its last line is an End. Only a line that has no end itself may be cut.
func TestReadPartial(t *testing.T) {
	const (
		old  = `{"header":{"scenario":"s","start":1000000000}}` + "\n"
		head = `{"header":{"format":2,"scenario":"s","start":1000000000}}` + "\n"
		mark = `{"mark":{"at":3500000000,"name":"steady"}}` + "\n"
		end  = `{"end":{}}` + "\n"
		off  = "breaks off 2.5 s after the start"
	)
	for name, c := range map[string]struct{ text, cut, err string }{
		"old":                   {text: old + mark},
		"old, with a cut line":  {text: old + mark + `{"ma`, err: "line 3"},
		"whole":                 {text: head + mark + end},
		"whole, no newline":     {text: head + mark + `{"end":{}}`},
		"ended early":           {text: head + `{"end":{"cut":"it was interrupted"}}` + "\n", cut: "it was interrupted"},
		"no end":                {text: head + mark, cut: off},
		"a cut line":            {text: head + mark + `{"ma`, cut: off},
		"a cut end":             {text: head + mark + `{"end":{}`, cut: off},
		"a bad line at the end": {text: head + mark + "{\n", err: "line 3"},
		"a bad line within":     {text: head + "{\n" + mark, err: "line 2"},
		"more after the end":    {text: head + end + mark, err: "line 3"},
		"a cut header":          {text: `{"header":{"for`, cut: "had not begun"},
		"no line":               {text: head[:0]},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Read(strings.NewReader(c.text))
			if (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if err == nil && ((r.Cut == "") != (c.cut == "") || !strings.Contains(r.Cut, c.cut)) {
				t.Errorf("cut: %q, want %q", r.Cut, c.cut)
			}
		})
	}
}

// TestAppend: what was added is in the file long before a second has passed, and the
// file is that of the record once it is closed.
func TestAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "e.jsonl")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		want := sample()
		a := Append(f, func(err error) { t.Error(err) })
		lines := want.Lines()
		for _, l := range lines[:len(lines)-1] {
			a.Add(l)
		}
		a.Add(Line{Progress: &Progress{Lane: LaneShort}})
		time.Sleep(flushEvery)
		synctest.Wait()
		got, err := Load(path)
		if err != nil || got.Cut == "" || len(got.Requests) != len(want.Requests) {
			t.Fatalf("after %s: %+v (%v)", flushEvery, got, err)
		}
		if err := a.Close(""); err != nil {
			t.Fatal(err)
		}
		if got, err = Load(path); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("kept %+v (%v)\nwant %+v", got, err, want)
		}
	})
}

func TestAppendTellsOfAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	told := make(chan error, 1)
	a := Append(full, func(err error) { told <- err })
	a.Add(Line{Header: &Header{Format: Format}})
	if err := <-told; !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("told of %v", err)
	}
	if err := a.Close(""); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("closed with %v", err)
	}
}

func TestBalance(t *testing.T) {
	for name, c := range map[string]struct {
		bend func(*Record)
		want string
	}{
		"balanced":           {func(*Record) {}, ""},
		"no tally":           {func(r *Record) { r.Tallies = nil }, "no tally"},
		"a row too few":      {func(r *Record) { r.Requests = r.Requests[:1] }, "1 reset counted, 0 recorded"},
		"a row too many":     {func(r *Record) { r.Requests = append(r.Requests, Request{ID: "x", Lane: LaneShort, Class: Refused}) }, "0 refused counted, 1 recorded"},
		"a row twice":        {func(r *Record) { r.Requests[1] = r.Requests[0] }, "recorded twice"},
		"more owed":          {func(r *Record) { r.Tallies[0].Owed = 3 }, "3 owed, 2 settled"},
		"a class of its own": {func(r *Record) { r.Requests[1].Class = "lost" }, "1 reset counted, 0 recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			c.bend(r)
			err := r.Balance()
			if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestServing(t *testing.T) {
	r := &Record{}
	for _, q := range []Request{
		{Lane: LaneShort, Class: Answered, PID: 1, Done: 1 * time.Second},
		{Lane: LaneShort, Class: Answered, PID: 2, Done: 3 * time.Second},
		{Lane: LaneKeepAlive, Class: Answered, PID: 3, Done: 3 * time.Second},
		{Lane: LaneShort, Class: WrongStatus, PID: 4, Done: 3 * time.Second},
		{Lane: LaneShort, Class: Answered, PID: 0, Done: 3 * time.Second},
		{Lane: LaneLong, Class: Answered, PID: 5, Done: 2 * time.Second}, // its batch came late
	} {
		r.Add(Line{Request: &q})
	}
	if got := r.Serving(2*time.Second, 3*time.Second); !reflect.DeepEqual(got, []int{2, 5}) {
		t.Errorf("serving %v, want [2 5]", got)
	}
	r.Exits = []Exit{{PID: 2, At: 2900 * time.Millisecond}, {PID: 5, At: 4 * time.Second}}
	if got := r.StillServing(2*time.Second, 3*time.Second); !reflect.DeepEqual(got, []int{5}) {
		t.Errorf("still serving %v, want [5]", got)
	}
}

func TestDroppedAreInOrderAndWithoutNoise(t *testing.T) {
	r := &Record{Requests: []Request{
		{ID: "b", Due: 2, Class: Reset}, {ID: "n", Due: 1, Class: Reset, Lane: LaneNoise},
		{ID: "a", Due: 1, Class: TimedOut}, {ID: "ok", Class: Answered}, {ID: "u", Class: Unsent},
	}}
	var ids []string
	for _, q := range r.Dropped() {
		ids = append(ids, q.ID)
	}
	if strings.Join(ids, "") != "ab" {
		t.Errorf("dropped %v, want a, b", ids)
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := sample().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		// What was read must survive being written and read again.
		var out bytes.Buffer
		if err := r.Write(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(&out); err != nil {
			t.Fatal(err)
		}
	})
}

func TestUnaided(t *testing.T) {
	want := map[string]bool{ArmControl: true, ArmClaim: true, ArmInstead: true}
	for _, arm := range Arms() {
		if r := (&Record{Header: Header{Arm: arm}}); r.Unaided() != want[arm] {
			t.Errorf("%s: unaided %v", arm, r.Unaided())
		}
	}
}

// TestPacked: a record that is saved compressed is read back, and is smaller.
func TestPacked(t *testing.T) {
	r := &Record{Header: Header{Scenario: "s", Arm: ArmEngine}}
	for range 1000 {
		r.Requests = append(r.Requests, Request{ID: "short-1", Lane: LaneShort, Class: Answered})
	}
	dir := t.TempDir()
	var sizes []int64
	for _, name := range []string{"plain.jsonl", "packed.jsonl" + Packed} {
		path := filepath.Join(dir, name)
		if err := r.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil || len(got.Requests) != 1000 || got.Header.Scenario != "s" {
			t.Errorf("%s: %v, %d requests", name, err, len(got.Requests))
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	if sizes[1]*10 > sizes[0] {
		t.Errorf("packed it has %d bytes of %d", sizes[1], sizes[0])
	}
}
