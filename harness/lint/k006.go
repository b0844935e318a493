package lint

func k006() Rule {
	return Rule{
		ID: "K006", Severity: Error,
		Title:  "env_file, which loads no file",
		Why:    "PM2 takes any key that begins with env_ for an environment of that name, so that env_file passes its checks as the environment \"file\". Nothing in PM2 reads the file that it names: the app starts without its variables.",
		Fix:    "node_args: \"--env-file=.env\" (Node 20.6 and newer), or load the file in the app.",
		Source: "lib/API/schema.json (^env_\\S*$); github.com/Unitech/pm2/issues/3388",
		Apps: func(a App) []Finding {
			if !a.Raw.Get("env_file").Truthy() {
				return nil
			}
			f := a.says("env_file", "PM2 does not read %s: the app gets none of its variables.", shown("env_file", a.Raw.Get("env_file")))
			return one(f)
		},
	}
}
