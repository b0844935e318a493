package proofs

func l003() Proof {
	return Proof{
		Rule: "L003",
		File: "ecosystem.config.mjs",
		Bad:  "export default { apps: [{ name: 'web', script: 'server.js' }] };",
		Good: "export const apps = [{ name: 'web', script: 'server.js' }];",
		Harm: nothingRuns,
	}
}
