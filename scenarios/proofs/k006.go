package proofs

func k006() Proof {
	return Proof{
		Rule: "K006",
		Bad:  web("exec_mode: 'cluster', instances: 2, env_file: '.vars'"),
		Good: web("exec_mode: 'cluster', instances: 2, node_args: [`--env-file=${__dirname}/.vars`]"),
		With: map[string]string{".vars": "PORT=4107\n"},
		Wait: 3000,
		Port: 4107,
		Harm: silent,
	}
}
