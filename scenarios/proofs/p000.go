package proofs

import "fmt"

func p000() Proof {
	return Proof{
		Rule: "P000",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js' }, { name: 'lost' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.js' }, { name: 'lost', script: 'server.js', env: { PORT: 4123 } }] };",
		Harm: func(o Outcome) string { return half(o, 2) },
	}
}

// half: not all of the apps run.
func half(o Outcome, all int) string {
	if len(o.List) < all {
		return fmt.Sprintf("%d of %d apps run; pm2 start ended with %d", len(o.List), all, o.Start.Code)
	}
	return ""
}
