package scenarios

import "github.com/pm2drill/pm2drill/harness/variant"

// anyApp is what may differ of every app, whatever becomes of it.
func anyApp(more ...variant.Dimension) variant.Space {
	return append(variant.Space{
		variant.Names(),
		variant.Ports(),
		variant.InstanceNumbers(),
		variant.Logs(),
		variant.LogStreams(),
		variant.PM2Logs(),
		variant.Frameworks(),
		variant.Readiness(),
		variant.HealthURLs(),
		variant.Loads(),
	}, more...)
}

// oneOrMany is an app that may run in fork mode too, where it is alone.
func oneOrMany(most int) []variant.Dimension {
	return []variant.Dimension{variant.Modes(), variant.Workers(1, most)}
}
