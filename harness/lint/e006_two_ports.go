package lint

import "strings"

func e006() Rule {
	return Rule{
		ID: "E006", Severity: Warning,
		Title:  "two ports for one app",
		Why:    "port sets PORT in env, over what stands there; an env_NAME that --env chooses is laid over that. So port wins over env.PORT, and loses to env_production.PORT.",
		Fix:    "Say the port in one place.",
		Source: "lib/Common.js:123",
		Apps: func(a App) []Finding {
			port := a.getRaw("port")
			if port.Missing() {
				return nil
			}
			var out []Finding
			for _, env := range a.listEnvs() {
				other := a.Raw.Get(env).Get("PORT")
				if other.Missing() || other.String() == port.String() {
					continue
				}
				wins := "port"
				if strings.HasPrefix(env, "env_") {
					wins = env + ".PORT, with --env " + strings.TrimPrefix(env, "env_")
				}
				out = append(out, a.report("port", "port is %s and %s.PORT is %s: %s wins.", port.String(), env, other.String(), wins))
			}
			return out
		},
	}
}
