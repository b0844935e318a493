package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Agent is `pm2drill agent load`. It reads a Plan from the first line of in and
// prints what Sink takes as JSON lines, each at most 100 ms after it is known.
// It stops owing at the line "stop", when in ends, or when out breaks, and
// returns when every request is settled and the tallies are out. A read of in
// may outlast it.
func Agent(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := &printer{buf: bufio.NewWriterSize(out, 64<<10), broken: stop}
	w.enc = json.NewEncoder(w.buf)
	orders := bufio.NewReader(in)
	plan, err := readPlan(orders)
	if err != nil {
		return err
	}
	go func() {
		defer stop()
		for {
			line, err := orders.ReadString('\n')
			if strings.TrimSpace(line) == "stop" || err != nil {
				return
			}
		}
	}()
	_, err = runPlan(ctx, plan, w.line, w.flush)
	if w.err != nil {
		err = errors.Join(err, fmt.Errorf("cannot print the ledger: %w", w.err))
	}
	return err
}

func readPlan(r *bufio.Reader) (Plan, error) {
	first, err := r.ReadBytes('\n')
	if err != nil {
		return Plan{}, fmt.Errorf("cannot read the load plan, a JSON line on stdin: %w", err)
	}
	var plan Plan
	dec := json.NewDecoder(bytes.NewReader(first))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&plan); err != nil {
		return Plan{}, fmt.Errorf("cannot read the load plan: %w", err)
	}
	return plan, nil
}

// printer writes evidence lines. It keeps the first error and is silent after.
type printer struct {
	buf    *bufio.Writer
	enc    *json.Encoder
	err    error
	broken func() // called once it cannot write any more
}

func (p *printer) line(l evidence.Line) {
	if p.err == nil {
		p.note(p.enc.Encode(l))
	}
}

func (p *printer) flush() {
	if p.err == nil {
		p.note(p.buf.Flush())
	}
}

func (p *printer) note(err error) {
	if err != nil {
		p.err = err
		p.broken()
	}
}
