package lsp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// Settings are what a client may set, in its initializationOptions or, below "pm2drill",
// in its configuration. They have the names and values of the flags of validate.
type Settings struct {
	CPUs     int      `json:"cpus"`
	Memory   string   `json:"memory"`
	Node     string   `json:"node"`
	PM2      string   `json:"pm2"`
	Env      string   `json:"env"`
	OSEnv    string   `json:"os-env"`
	Cwd      string   `json:"cwd"` // "" for the folder of the workspace that the file is in
	Severity string   `json:"severity"`
	Rules    []string `json:"rule"`
	Ignored  []string `json:"ignore"`
}

// set takes the client's settings over those that are there. The lock is held.
func (s *server) set(raw protocol.LSPAny) error {
	text := []byte(raw)
	if len(text) == 0 || string(text) == "null" {
		return nil
	}
	var section struct {
		PM2drill json.RawMessage `json:"pm2drill"`
	}
	if json.Unmarshal(text, &section) == nil && section.PM2drill != nil {
		text = section.PM2drill
	}
	next := s.settings
	if err := json.Unmarshal(text, &next); err != nil {
		return err
	}
	if err := next.check(); err != nil {
		return err
	}
	if _, err := s.cfg.Target(next); err != nil {
		return err
	}
	s.settings = next
	return nil
}

func (s Settings) check() error {
	if !slices.Contains(lint.Severities(), lint.Severity(s.Severity)) {
		return fmt.Errorf("there is no severity %q: use info, warning or error", s.Severity)
	}
	for _, id := range slices.Concat(s.Rules, s.Ignored) {
		if _, ok := lint.Find(id); !ok {
			return fmt.Errorf("there is no rule %q: `pm2drill explain` lists them", id)
		}
	}
	return nil
}

// wants reports whether the settings leave the finding in.
func (s Settings) wants(f lint.Finding) bool {
	named := func(ids []string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, f.Rule) })
	}
	return f.Severity.AtLeast(lint.Severity(s.Severity)) && (len(s.Rules) == 0 || named(s.Rules)) && !named(s.Ignored)
}
