package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrUnsafe: the app is in no state to be rolled; nothing was touched.
var ErrUnsafe = errors.New("the app cannot be rolled now")

// ErrCrashing: a replacement died twice before it had proved itself. The roll
// stopped there; workers not yet replaced still serve.
var ErrCrashing = errors.New("the replacement crashes")

// Habit is what a worker does on SIGINT once it is empty.
type Habit string

// The habits.
const (
	// HabitUnknown: not seen. The worker left by itself, or it ended at SIGINT and
	// without its inspector nobody could tell whether it listens for it; or it was killed
	// while connections were open, for which it may have waited.
	HabitUnknown Habit = ""
	HabitNone    Habit = "none"    // it has no SIGINT listener and ends at once
	HabitExits   Habit = "exits"   // it has one and ends by itself
	HabitIgnores Habit = "ignores" // it lives on until PM2 kills it
)

// Replacement is one worker's part in a roll.
type Replacement struct {
	ID            int
	Old           int // pid before
	New           int // pid after; 0 if none came to serve
	Drain         Result
	Habit         Habit
	Ending        time.Duration // from PM2's order to the old process's end; 0 when it left by itself
	Killed        bool          // PM2 ended it with SIGKILL after kill_timeout
	Ended         bool          // the engine did, empty as it was: an earlier worker had ignored SIGINT
	Serve         time.Duration // from the old process's end until the new one answered
	Deaths        int           // of replacements before one held
	KillTimeout   time.Duration // as PM2 had it for this worker; 0 when it restarted by itself
	ListenTimeout time.Duration // likewise
	WaitReady     bool          // PM2 was to wait until the new process said "ready"
	// Online is from the old process's end until PM2 took the new one for online, or
	// for ready where WaitReady; 0 until it was seen: a roll goes on as soon as the
	// process serves, see Await.
	Online time.Duration
	Took   time.Duration

	gone  time.Duration // when the old process had ended
	order *order        // nil when PM2 restarted it by itself
}

// Timeouts are those of PM2 that a roll may set right on the way, by the restart
// of each worker. They last until the app is started from its file again. A zero
// one is left as it is.
type Timeouts struct{ Kill, Listen time.Duration }

// Roller replaces every worker of one app.
type Roller struct {
	Drainer
	Home   string // PM2_HOME, for PM2's own log on its bus
	App    string // PM2's name of the app
	Port   int    // the app's TCP port
	URL    string // an http or https URL of the app on that port that is cheap to answer; "" of an app without one
	Leader string // NODE_APP_INSTANCE that is replaced last; default "0"
	// Soak is how long the first replacement, the canary, must live before the next
	// worker's turn; the others half as long. Default 2 s.
	Soak time.Duration
	// Boot bounds the time a replacement may take to answer. Default 30 s.
	Boot time.Duration
	// Patience is how long a canary that serves is given to say that it is ready,
	// where PM2 waits for that. If it says so the others are given as long, else none.
	// Default 5 s.
	Patience time.Duration
	// Env is added to the environment of each replacement.
	Env map[string]string
	// Timeouts is what each replacement is configured with.
	Timeouts Timeouts
	// Surge has a spare worker added before the first is replaced, and removed after the last, so
	// that there are never fewer than before.
	Surge bool
	Spare SpareHooks
	// Mend, when set, reads off the canary's replacement which timeouts are wrong. If
	// any is, the canary is replaced once more with what Mend returned, and the
	// others after it.
	Mend func(canary Replacement) Timeouts
	// ignores: a worker of this roll, empty, was seen to ignore SIGINT.
	ignores bool
	// Begin and Done, when set, are called before and after each worker.
	Begin func(Worker)
	Done  func(Replacement, error)
}

func (r Roller) setDefaults() Roller {
	r.Drainer = r.Drainer.setDefaults()
	r.Leader = cmp.Or(r.Leader, "0")
	r.Soak = cmp.Or(r.Soak, 2*time.Second)
	r.Boot = cmp.Or(r.Boot, 30*time.Second)
	r.Patience = cmp.Or(r.Patience, 5*time.Second)
	return r
}

// Roll replaces every worker, the leader last, and stops at the first that
// cannot be replaced. Nothing is touched unless every worker serves: the error
// is then ErrUnsafe. With Surge, and with a single worker, since otherwise nobody would listen,
// a spare worker is there for the time of the roll (PM2's duplicateProcessId). The error is a
// SpareError if that one does not come to serve; no worker has been touched then.
func (r Roller) Roll(ctx context.Context) ([]Replacement, error) {
	r = r.setDefaults()
	workers, err := r.listWorkers(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot roll %s: %w", r.App, err)
	}
	if len(workers) > 1 && !r.Surge {
		return r.replaceEach(ctx, workers)
	}
	spare, err := r.addSpare(ctx, workers)
	if err != nil {
		return nil, fmt.Errorf("cannot roll %s: %w", r.App, err)
	}
	done, err := r.replaceEach(ctx, workers)
	return done, r.removeSpare(ctx, spare, err)
}

func (r Roller) replaceEach(ctx context.Context, workers []Worker) ([]Replacement, error) {
	var done []Replacement
	for i, patient := 0, true; i < len(workers); i++ {
		w, soak := workers[i], r.Soak
		if i > 0 {
			soak /= 2
		}
		if r.Begin != nil {
			r.Begin(w)
		}
		rep, err := r.replace(ctx, w, soak)
		if err == nil && rep.WaitReady && patient {
			patient = rep.order.waitForAnswer(r.Patience)
		}
		if r.Done != nil {
			r.Done(rep, err)
		}
		done = append(done, rep)
		if err != nil {
			return done, fmt.Errorf("cannot roll %s beyond worker %d: %w", r.App, w.ID, err)
		}
		r.ignores = r.ignores || rep.Habit == HabitIgnores
		if i == 0 && r.Mend != nil {
			if r.Timeouts = r.Mend(rep); r.Timeouts != (Timeouts{}) {
				again := w
				again.PID = rep.New
				workers = slices.Insert(slices.Clone(workers), 1, again)
			}
		}
	}
	return done, nil
}

// isKillNotice reports whether a text is what PM2's own log has when it kills a process
// that outlived its kill_timeout ("Process with pid 123 still alive after 1600ms, sending
// ...").
func isKillNotice(pid int, text string) bool {
	return strings.Contains(text, fmt.Sprintf("pid %d still alive after", pid))
}
