package lint

import (
	"fmt"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func t014() Rule {
	return Rule{
		ID: "T014", Severity: Warning,
		Title:  "a stop that takes longer than is waited for",
		Why:    "When its container or unit is stopped, PM2 signals ten processes at a time and waits up to kill_timeout for each (four workers that ignore SIGINT, with kill_timeout: 3000, ended in 3.7 s). docker stop kills all of the container after 10 s, systemd all of the unit after 90 s: requests and jobs that kill_timeout was to save are cut off. The flag --target decides: runtime has 10 s, systemd 90 s; a daemon that is started by hand has no limit.",
		Fix:    "kill_timeout below the limit; or a longer one: docker stop --time, stop_grace_period, terminationGracePeriodSeconds, TimeoutStopSec.",
		Source: "lib/API.js:629 and 1350, lib/God/Methods.js:158; docs.docker.com/reference/cli/docker/container/stop, systemd.service(5)",
		File: func(s *Subject) []Finding {
			target, why := s.Target, fmt.Sprintf("--target %s", s.Target.Route)
			if in, ok := s.isRuntime(); ok {
				target.Route, why = ecosystem.Runtime, in
			}
			limit := target.StopLimit()
			workers, longest, who := 0, 0.0, -1
			for i, a := range s.Apps {
				workers += a.Plan.Workers
				if n, given := a.getNumber("kill_timeout"); given && n > longest {
					longest, who = n, i
				}
			}
			rounds := float64((workers + 9) / 10)
			if limit == 0 || who < 0 || rounds*longest < limit {
				return nil
			}
			return listOne(s.Apps[who].report("kill_timeout", "A stop may take %.0f s, and the supervisor kills all after %.0f (%s).", rounds*longest/1000, limit/1000, why))
		},
	}
}
