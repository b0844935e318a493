package proofs

func l010() Proof {
	return Proof{
		Rule:  "L010",
		File:  "ecosystem.config.mjs",
		Node:  oldNode,
		Bad:   "export const apps = [{ name: 'web', script: 'server.js' }];",
		Good:  web(""),
		Fixed: "ecosystem.config.cjs",
		Harm:  nothingRuns,
	}
}
