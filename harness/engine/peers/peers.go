// Package peers lists engines that other people run: published PM2 modules and the
// customs of PM2's users, each wrapped so that pm2drill can judge it.
package peers

import (
	"embed"
	"io/fs"
)

// Command starts every peer, in its folder.
const Command = "sh ./engine.sh"

// What completes a peer's folder.
const (
	NPM     = "npm"     // `npm ci`, by the lock file in the folder
	APT     = "apt-get" // fetch.sh, from Debian's packages
	Nothing = ""        // it is complete as it is
)

// Peer is an engine of somebody else's.
type Peer struct {
	Name    string // its folder here; in .cache/peers once `make peers` has completed it
	Version string // "" of a custom, which has none, and where the distribution decides
	From    string // where it comes from, or where a custom is told of
	Licence string // SPDX; "" of a custom, which is written here
	Does    string // in one sentence
	Needs   string // NPM, APT or Nothing
}

// All returns every peer: PM2 alone, then customs, then what is published.
func All() []Peer {
	return []Peer{
		{
			Name: "pm2-alone",
			From: "https://pm2.keymetrics.io/docs/usage/restart-strategies/",
			Does: "Nothing: what heals is what PM2 heals by itself.",
		},
		{
			Name: "pm2-commands",
			From: "https://pm2.keymetrics.io/docs/usage/cluster-mode/",
			Does: "Answers a request for a rolling restart with `pm2 reload` and one for workers with `pm2 scale`, and does nothing unasked.",
		},
		{
			Name: "cron-curl",
			From: "https://ericbt.com/blog/214",
			Does: "Asks the health URL every 5 s, and restarts the whole app after 3 failures in a row.",
		},
		{
			Name: "cron-jlist",
			From: "https://gist.github.com/thatbeautifuldream/165693313b48bc898803b71230cd6cde",
			Does: "Reads `pm2 jlist` every 10 s, and restarts the workers that it calls errored or stopped.",
		},
		{
			Name: "cron-cpu",
			From: "https://gist.github.com/yanzhihong23/c9618d672eee0f467af872ea23a9f39c",
			Does: "Reads `pm2 jlist` every 10 s, and restarts the workers that use more than 80 % of a core.",
		},
		{
			Name: "monit", From: "https://mmonit.com/monit/", Licence: "AGPL-3.0-or-later", Needs: APT,
			Does: "Asks the health URL every 5 s, restarts the whole app from the third failure in a row on, and gives up after 5 restarts.",
		},
		{
			Name: "pm2-autoscale", Version: "1.4.0", From: "https://github.com/VeXell/pm2-autoscale", Licence: "MIT", Needs: NPM,
			Does: "Adds a worker while one uses 30 % of a core or more, and takes one away again when all are idle.",
		},
		{
			Name: "pm2-health", Version: "1.12.10", From: "https://github.com/pankleks/pm2-health", Licence: "MIT", Needs: NPM,
			Does: "Sends a mail for every worker that exits and every exception, and does nothing about them.",
		},
	}
}

//go:embed */*
var files embed.FS

// Files is the peer's folder as it is here: for a peer that needs nothing, all of it.
func (p Peer) Files() (fs.FS, error) { return fs.Sub(files, p.Name) }
