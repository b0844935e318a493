package proofs

// c016 is tried with a daemon that was started in another directory, as all proofs are.
func c016() Proof {
	return Proof{
		Rule: "C016",
		Bad:  web("exec_mode: 'cluster', instances: 2, node_args: '--env-file=.vars', env: { PORT: 4116 }"),
		Good: web("exec_mode: 'cluster', instances: 2, node_args: [`--env-file=${__dirname}/.vars`], env: { PORT: 4116 }"),
		With: map[string]string{".vars": "FROM_FILE=yes\n"},
		Wait: 5000,
		Port: 4116,
		Harm: silent,
	}
}

// silent: nobody answers on the port of the app.
func silent(o Outcome) string {
	if !o.Answers.OK {
		return "nobody listens on the port that the file says"
	}
	return ""
}
