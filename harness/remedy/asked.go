package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Asked is an incident that the engine asks people's approval to act on.
type Asked struct {
	Key    string       `json:"key"`
	App    string       `json:"app"`
	Cause  engine.Cause `json:"cause"`
	Action string       `json:"action"` // the first one that it would take
	Worker *int         `json:"worker,omitempty"`
	Since  time.Time    `json:"since"`
}

// Bounds of the file.
const (
	maxAsked     = 100
	maxAskedFile = 1 << 20 // bytes
)

// ask notes that an approval is asked for, so that it can be given. Each is noted once.
func (n *notes) ask(a Asked) error {
	return n.changeAsked(func(all []Asked) []Asked {
		if slices.ContainsFunc(all, func(b Asked) bool { return b.Key == a.Key }) {
			return all
		}
		all = append(all, a)
		return all[max(0, len(all)-maxAsked):]
	})
}

// unask forgets what was asked about an incident that is over.
func (n *notes) unask(key string) error {
	return n.changeAsked(func(all []Asked) []Asked {
		return slices.DeleteFunc(slices.Clone(all), func(a Asked) bool { return a.Key == key })
	})
}

func (n *notes) changeAsked(change func([]Asked) []Asked) error {
	if n.folder == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	next := change(n.asked)
	if slices.Equal(next, n.asked) {
		return nil
	}
	text, err := json.Marshal(next)
	if err == nil {
		err = n.folder.Replace(askedFile, text)
	}
	if err != nil {
		return fmt.Errorf("cannot note what is asked: %w", err)
	}
	n.asked = next
	return nil
}

// forgetAsked removes what an earlier run has asked, and what people have answered: its
// incidents are no more.
func (n *notes) forgetAsked() error {
	var all error
	for _, name := range []string{askedFile, observe.ApprovedFile} {
		if err := n.folder.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// noteAsk notes that a decision asks for approval.
func (r *runner) noteAsk(d plan.Decision) {
	err := r.notes.ask(Asked{Key: d.Asks, App: r.app.Name, Cause: d.Cause, Action: d.Action, Worker: d.WorkerID(), Since: time.Now().UTC()})
	if err != nil {
		r.say(engine.Line{Type: engine.TypeWithheld, Action: "ask", Error: err.Error()})
	}
}

// ListAsked returns what the engine of a PM2_HOME asks approval for, oldest first.
func ListAsked(home string) ([]Asked, error) {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return readAsked(folder)
}

func readAsked(folder *host.Folder) ([]Asked, error) {
	text, err := folder.Read(askedFile, maxAskedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []Asked
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read what the engine asks: %w", err)
	}
	return all, nil
}

// Approve permits the engine of a PM2_HOME to act on an incident that it asks about. A key
// that it does not ask about is an error that names those it does.
func Approve(home, key string) (Asked, error) {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return Asked{}, err
	}
	defer folder.Close()
	all, err := readAsked(folder)
	if err != nil {
		return Asked{}, err
	}
	i := slices.IndexFunc(all, func(a Asked) bool { return a.Key == key })
	if i < 0 {
		return Asked{}, fmt.Errorf("the engine of %s asks no approval %q: %s", home, key, showAsked(all))
	}
	approved := slices.DeleteFunc(observe.ReadApproved(folder), func(k string) bool {
		return !slices.ContainsFunc(all, func(a Asked) bool { return a.Key == k })
	})
	text, err := json.Marshal(append(approved, key))
	if err == nil {
		err = folder.Replace(observe.ApprovedFile, text)
	}
	return all[i], err
}

// showAsked lists keys for people.
func showAsked(all []Asked) string {
	if len(all) == 0 {
		return "it asks for none"
	}
	var keys []string
	for _, a := range all {
		keys = append(keys, fmt.Sprintf("%s (%s: %s)", a.Key, a.App, a.Cause))
	}
	return "it asks for " + strings.Join(keys, ", ")
}
