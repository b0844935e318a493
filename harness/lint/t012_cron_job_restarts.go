package lint

import (
	"bytes"
	"regexp"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func t012() Rule {
	return Rule{
		ID: "T012", Severity: Warning,
		Title:  "a job by cron_restart that PM2 restarts at once",
		Why:    "cron_restart restarts an app; it makes no job of it. A job that ends is an app that has exited: without autorestart: false PM2 starts it again at once, up to max_restarts times in a row, and then gives it up: the next time of the pattern starts the same again. A Node script that just comes to its end stays online, for PM2's channel keeps it; one that calls process.exit() does not (15 restarts in 3 s).",
		Fix:    "autorestart: false.",
		Source: "lib/God.js:433, lib/Worker.js:48",
		Apps: func(a App) []Finding {
			if !a.isScheduled() || a.Plan.Workers != 1 || isOff(a, "autorestart") || a.has("stop_exit_codes") || a.findPort() != "" {
				return nil
			}
			f := a.report("cron_restart", "If this is a job that ends, PM2 starts it again at once, and not by the pattern.")
			switch {
			case a.schedulesItself():
				return nil
			case jobs.MatchString(a.Name+" "+getBase(a.getScript())) || a.endsItself():
				return listOne(f)
			case !a.has("autorestart") && (!a.Plan.OnNode() || a.Plan.Launcher != ""):
				return listOne(f.setSeverity(Info))
			}
			return nil
		},
	}
}

// endsItself reports whether the script, as far as its first bytes show, ends the process
// by itself and opens nothing that would keep it.
func (a App) endsItself() bool {
	if a.of.Disk == nil {
		return false
	}
	head, ok := a.of.Disk.Head(a.Plan.Script)
	return ok && len(head) < headSize && exits.Match(head) && !stays.Match(head)
}

// schedulesItself reports whether the script has a scheduler of its own, which keeps it.
func (a App) schedulesItself() bool {
	if a.of.Disk == nil {
		return false
	}
	head, ok := a.of.Disk.Head(a.Plan.Script)
	return ok && schedules.Match(head) && !bytes.Contains(head, []byte("process.exit("))
}

var (
	schedules = regexp.MustCompile(`\b(cron|schedule|scheduler|nodeCron)\.(schedule|scheduleJob)\(|new CronJob\(|\bsetInterval\(|\.listen\(`)
	exits     = regexp.MustCompile(`process\.exit\(|\b(sys\.)?exit\(`)
	stays     = regexp.MustCompile(`listen\(|createServer|setInterval|\.schedule\(|process\.on\(|while\s*\(?\s*(true|True|1)\b`)
)

// isScheduled reports whether the app has a cron pattern in force.
func (a App) isScheduled() bool {
	v := a.Ready.Get("cron_restart")
	return v.Truthy() && v.String() != "0" && ecosystem.CheckCron(v) == nil
}

// jobs are words in the names of what ends by itself.
var jobs = regexp.MustCompile(`(?i)(^|[^a-z])(jobs?|cron|report|backup|clean(up|er)?|sync|nightly|daily|hourly|weekly|monthly|import|export|digest|purge|prune|sitemap|reminders?|invoices?|scrap(e|er)|crawl(er)?)([^a-z]|$)`)
