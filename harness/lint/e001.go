package lint

import (
	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func e001() Rule {
	return Rule{
		ID: "E001", Severity: Warning,
		Title:  "a secret in the file",
		Why:    "What stands in the file is in the repository, in PM2's dump file, and in the output of `pm2 env` and `pm2 jlist`, for everybody who may run them.",
		Fix:    "Take it from the environment of the host: process.env.NAME, or node_args: \"--env-file\" with a file that is not in the repository.",
		Source: "lib/API.js (dump), lib/God/ActionMethods.js",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.envs() {
				for _, f := range a.Raw.Get(env).Fields {
					key := env + "." + f.Key
					if f.Value.Is(ecosystem.String) && len(f.Value.Text) > 3 && secret(key, f.Value) && a.literal(f.Value.Text) {
						out = append(out, a.says(key, "%s has its value in the file.", f.Key))
					}
				}
			}
			return out
		},
	}
}
