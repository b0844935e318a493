package proofs

func k006() Proof {
	return Proof{
		Rule: "K006",
		Bad:  web("env_file: '.vars'"),
		Good: web("node_args: '--env-file=.vars'"),
		With: map[string]string{".vars": "PORT=4107\n"},
		Port: 4107,
		Harm: func(o Outcome) string {
			if !o.Answers.OK {
				return "nobody listens on the port that the file says"
			}
			return ""
		},
	}
}
