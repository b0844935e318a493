package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Bounds of what an engine may say. They protect whoever listens: an engine is
// somebody else's program.
const (
	MaxLine  = 256 << 10 // bytes of one line on stdout or stdin, without its newline
	MaxAlert = 1 << 20   // bytes of one alert's body
)

// Causes lists every cause in the order the contract documents them.
func Causes() []Cause {
	return []Cause{
		PortForeign, PortSelf, PortSibling, DependencyOutage, RejectedBoot, Serialisation, BootCrash, FileMissing,
		NoDrainSupport, SigintIgnored, KillTimeoutShort, SlowReady, ReadyNeverSent, StreamsCut,
		CannotStart, NativeCrash, HeapExhausted, OutOfMemory, MemoryLimit, CronRestart, WatchLoop, StaleRelease, OpenFiles, EverybodyLeads, LeaderMissing, LeaderTwice,
		HotWorker, StalledEventLoop, StoppedProcess, DaemonDead, Undetermined,
	}
}

// Symptoms lists every symptom in the order the contract documents them.
func Symptoms() []Symptom {
	return []Symptom{
		NoService, NeverServed, PartialService, HealthFailing, HealthSlow, RestartLoop, SilentWorker, Starved, MemoryNear, Orphans, DaemonSilent,
	}
}

// Known reports whether the symptom is in the closed list.
func (s Symptom) Known() bool { return slices.Contains(Symptoms(), s) }

// Known reports whether the cause is in the closed list.
func (c Cause) Known() bool { return slices.Contains(Causes(), c) }

// EncodeLine writes one line and its newline in a single write, so that lines of
// concurrent writers do not mix in a pipe.
func EncodeLine(w io.Writer, l Line) error { return encode(w, l, "line") }

// EncodeRequest writes one request and its newline in a single write.
func EncodeRequest(w io.Writer, r Request) error { return encode(w, r, "request") }

func encode(w io.Writer, v any, what string) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode %s: %w", what, err)
	}
	if len(b) > MaxLine {
		return fmt.Errorf("cannot encode %s: %d bytes are more than %d", what, len(b), MaxLine)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("cannot write %s: %w", what, err)
	}
	return nil
}

// DecodeLine reads one line of an engine's stdout. Fields it does not know are
// ignored; a line that breaks the contract is an error that says how.
func DecodeLine(b []byte) (Line, error) {
	var l Line
	if err := decode(b, MaxLine, &l); err != nil {
		return Line{}, fmt.Errorf("cannot decode line: %w", err)
	}
	if err := l.check(); err != nil {
		return Line{}, fmt.Errorf("cannot accept line: %w", err)
	}
	return l, nil
}

// DecodeRequest reads one line of an engine's stdin.
func DecodeRequest(b []byte) (Request, error) {
	var r Request
	if err := decode(b, MaxLine, &r); err != nil {
		return Request{}, fmt.Errorf("cannot decode request: %w", err)
	}
	switch {
	case r.Request != RequestRoll && r.Request != RequestScale:
		return Request{}, fmt.Errorf("cannot accept request: %.40q is not known", r.Request)
	case r.Request == RequestScale && r.Workers < 1:
		return Request{}, fmt.Errorf("cannot accept request: %d workers are fewer than 1", r.Workers)
	case len(r.Rollback) > 0 && r.Rollback[0] == "":
		return Request{}, errors.New("cannot accept request: rollback names no command")
	}
	return r, nil
}

// DecodeAlert reads the body of one alert.
func DecodeAlert(b []byte) (Alert, error) {
	var a Alert
	if err := decode(b, MaxAlert, &a); err != nil {
		return Alert{}, fmt.Errorf("cannot decode alert: %w", err)
	}
	switch {
	case a.Status != StatusFiring && a.Status != StatusResolved:
		return Alert{}, fmt.Errorf("cannot accept alert: status %.40q is neither firing nor resolved", a.Status)
	case !a.Cause.Known():
		return Alert{}, fmt.Errorf("cannot accept alert: cause %.40q is not in the contract's list", a.Cause)
	case a.Symptom != "" && !a.Symptom.Known():
		return Alert{}, fmt.Errorf("cannot accept alert: symptom %.40q is not in the contract's list", a.Symptom)
	case a.Confidence < 0 || a.Confidence > 1:
		return Alert{}, fmt.Errorf("cannot accept alert: confidence %g is not between 0 and 1", a.Confidence)
	}
	return a, nil
}

func decode(b []byte, limit int, v any) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > limit:
		return fmt.Errorf("%d bytes are more than %d", len(b), limit)
	case len(b) == 0 || b[0] != '{':
		return fmt.Errorf("%.40q is not a JSON object", b)
	}
	return json.Unmarshal(b, v)
}

// check holds a line to the contract.
func (l Line) check() error {
	switch l.Type {
	case TypeReady, TypeVerified, TypeWithheld:
	case TypeDetected:
		if !l.Cause.Known() {
			return fmt.Errorf("cause %.40q is not in the contract's list", l.Cause)
		}
	case TypeSymptom:
		if !l.Symptom.Known() {
			return fmt.Errorf("symptom %.40q is not in the contract's list", l.Symptom)
		}
	case TypeAction:
		if l.Action == "" {
			return errors.New("an action line names no action")
		}
		if l.Phase != PhaseBegin && l.Phase != PhaseDone && l.Phase != PhaseFailed {
			return fmt.Errorf("phase %.40q is neither begin, done nor failed", l.Phase)
		}
	case TypeIncident:
		if l.Incident != IncidentOpened && l.Incident != IncidentResolved {
			return fmt.Errorf("incident %.40q is neither opened nor resolved", l.Incident)
		}
	default:
		return fmt.Errorf("type %.40q is not known", l.Type)
	}
	switch {
	case l.PID < 0:
		return fmt.Errorf("pid %d is negative", l.PID)
	case l.ID != nil && *l.ID < 0:
		return fmt.Errorf("id %d is negative", *l.ID)
	case l.At < 0:
		return fmt.Errorf("time %d is negative", l.At)
	}
	return nil
}

// Lines yields every line of an engine's stdout until it ends. What breaks the
// contract is yielded as an error and reading goes on; a read error ends it. A
// line longer than MaxLine is skipped to its end, never held in memory.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for raw, err := range RawLines(r) {
			if err != nil {
				if !yield(Line{}, err) {
					return
				}
				continue
			}
			if !yield(DecodeLine(raw)) {
				return
			}
		}
	}
}

// Requests yields every request of an engine's stdin until it ends, as Lines
// does for stdout.
func Requests(r io.Reader) iter.Seq2[Request, error] {
	return func(yield func(Request, error) bool) {
		for raw, err := range RawLines(r) {
			if err != nil {
				if !yield(Request{}, err) {
					return
				}
				continue
			}
			if !yield(DecodeRequest(raw)) {
				return
			}
		}
	}
}

// RawLines yields the non-empty lines of r, whatever they hold. The bytes are valid
// until the next one. A line longer than MaxLine is an error in its place, and
// never held in memory; a read error ends it.
func RawLines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		br := bufio.NewReaderSize(r, 4096)
		var line []byte
		for long := 0; ; {
			part, err := br.ReadSlice('\n')
			if long == 0 && len(line)+len(part) <= MaxLine+1 {
				line = append(line, part...)
			} else {
				long += len(line) + len(part)
				line = line[:0]
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			switch {
			case long > 0:
				if !yield(nil, fmt.Errorf("cannot read line: %d bytes are more than %d", long, MaxLine)) {
					return
				}
			case len(bytes.TrimSpace(line)) > 0:
				if !yield(line, nil) {
					return
				}
			}
			line, long = line[:0], 0
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(nil, fmt.Errorf("cannot read line: %w", err))
				}
				return
			}
		}
	}
}
