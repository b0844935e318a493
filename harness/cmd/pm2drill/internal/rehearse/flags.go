package rehearse

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Flags are what validate --rehearse takes besides.
type Flags struct {
	On, npmCI, verify         bool
	image, app                string
	path, longPath, out, acts string
	port, jobs                int
	rate                      float64
	slow                      time.Duration
	seed                      int64
	request                   requestFlags
}

// Declare adds the flags of a rehearsal.
func (f *Flags) Declare(fs *pflag.FlagSet) {
	fs.BoolVar(&f.On, "rehearse", false, "start the app in a container and rehearse its rollout under load; needs Docker")
	fs.StringVar(&f.image, "image", "", "`IMAGE` with node and pm2 to run it in (default: the image of --node and --pm2)")
	fs.BoolVar(&f.npmCI, "npm-ci", false, "install the app's modules by npm ci, outside its folder, instead of copying node_modules")
	fs.BoolVar(&f.verify, "verify", false, "apply the advice to a copy of the app, rehearse again with the same seed, and show both side by side; your files stay as they are; needs git")
	fs.StringVar(&f.app, "app", "", "`NAME` of the app that serves, if the file has several")
	fs.IntVar(&f.port, "port", 0, "`PORT` that the app serves on (default: the one on which something listens)")
	fs.StringVar(&f.path, "path", "/", "`PATH` to request, which must be answered with 2xx, such as the health check")
	fs.StringVar(&f.longPath, "long-path", "", "`PATH` whose answer takes long")
	f.request.declare(fs)
	fs.Float64Var(&f.rate, "rate", 50, "`N` requests per second on new connections, and as many on reused ones, 5 to 1000")
	fs.DurationVar(&f.slow, "slow", 5*time.Second, "how much longer a start takes on a slow day, at most 1m")
	fs.StringVar(&f.acts, "acts", "", "only these `ACTS`, separated by commas")
	fs.StringVar(&f.out, "out", "", "write the report to this `FOLDER` (default reports/RUN)")
	fs.IntVar(&f.jobs, "jobs", 0, "`N` acts side by side; 0 means two for each core of the Docker host")
	fs.Int64Var(&f.seed, "seed", 0, "seed `N` of the timing; 0 draws one and prints it")
}

// Completions returns the values of those flags.
func Completions() cli.Completions {
	acts := func() (names []string) {
		for _, a := range (scenarios.Rehearsal{}).Acts() {
			names = append(names, a.Name)
		}
		return names
	}
	return cli.Completions{"acts": cli.CompleteList(acts), "out": cli.CompleteFolders}
}

// Wrong says what of the flags cannot be used, "" if they can.
func (f *Flags) Wrong(v *validate.Validation, names []string) string {
	switch {
	case !f.On && (f.npmCI || f.verify || f.image != "" || f.app != "" || f.acts != "" || f.request.given()):
		return "--npm-ci, --verify, --image, --app, --acts, --method, --header, --body, --events-path and --websocket-path go with --rehearse"
	case !f.On:
		return ""
	case v.Stdin || len(names) != 1:
		return "--rehearse takes one file or folder: the app is copied from where it lies"
	case v.Format != "human" && v.Format != "json":
		return "--rehearse writes human or json"
	case v.Plan || v.Fix:
		return "--rehearse goes with neither --plan nor --fix"
	case !strings.HasPrefix(f.path, "/") || (f.longPath != "" && !strings.HasPrefix(f.longPath, "/")):
		return "--path and --long-path begin with /"
	case !(f.rate >= 5) || f.rate > 1000:
		return fmt.Sprintf("--rate %v: give 5 to 1000 requests per second", f.rate)
	case f.slow < 0 || f.slow > time.Minute:
		return fmt.Sprintf("--slow %s: give at most a minute", f.slow)
	}
	return f.request.read()
}
