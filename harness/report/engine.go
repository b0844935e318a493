package report

import (
	"cmp"
)

// GateEngine says which engine it is, as far as whoever calls knows. An empty name
// is filled in with the engine's own word.
type GateEngine struct {
	Name    string
	Command string // starts it inside the cluster's container
	Image   string // the container image that it came in, "" for none
}

// Engine is who was drilled.
type Engine struct {
	Name         string   `json:"name"`
	Version      string   `json:"version,omitempty"`
	Command      string   `json:"command,omitempty"`
	Image        string   `json:"image,omitempty"`
	Ready        bool     `json:"ready"` // whether it has printed a ready line in any drill
	Capabilities []string `json:"capabilities"`
}

// EngineOf identifies the engine: what the caller knows of it, and what its ready
// line says in the first drill that has one.
func EngineOf(r Digest, g GateEngine) Engine {
	out := Engine{Name: g.Name, Command: g.Command, Image: g.Image, Capabilities: []string{}}
	for _, d := range r.Drills {
		if d.Record == nil || d.Record.Unaided() {
			continue
		}
		for _, c := range d.Record.Claims {
			if c.Type == "ready" {
				line := ReadClaim(c.Raw)
				out.Name, out.Version, out.Ready = cmp.Or(out.Name, line.Engine, r.Run.Versions.Engine), line.Version, true
				out.Capabilities = append(out.Capabilities, d.Record.Capabilities()...)
				return out
			}
		}
	}
	out.Name = cmp.Or(out.Name, r.Run.Versions.Engine)
	return out
}
