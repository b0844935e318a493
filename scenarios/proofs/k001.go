package proofs

func k001() Proof {
	return Proof{
		Rule: "K001",
		Bad:  web("kill_timout: 5000"),
		Good: web("kill_timeout: 5000"),
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].KillTimeout == nil {
				return "the process has no kill_timeout"
			}
			return ""
		},
	}
}
