package validate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestConfigsInLooksIntoSubfolders finds what people hand to PM2, wherever it stands.
func TestConfigsInLooksIntoSubfolders(t *testing.T) {
	dir := t.TempDir()
	const apps = "module.exports = { apps: [{ script: 'a.js' }] };"
	for name, text := range map[string]string{
		"ecosystem.config.js": apps, "services/api/ecosystem.config.cjs": "", "services/web/pm2.json": `{"script": "a.js"}`, "logs/pm2-metrics.jsonl": `{"pm2": 1}`, "logs/pm2-metrics.jsonl.1": apps, "docs/ecosystem.json": `{"packages": []}`, "config/backups/1/ecosystem.config.js": apps, "cleanup-backup-2025/ecosystem.config.js": apps, "process.yml": "steps: []\n", "src/EcosystemService.ts": "export class EcosystemService {}", "pm2Start.js": "const pm2 = require('pm2'); pm2.start({ apps: [{ script: 'a.js' }] });", "deploy/ecosystem.prod.js": apps, "deploy/staging.config.js": apps,
		"deploy/apps.yml": "apps:\n  - script: a.js\n", "deploy/old/ecosystem.config.js.bak": apps, "jest.config.js": "module.exports = {};", "src/ecosystem.config.test.ts": apps, "package.json": `{"name": "x"}`,
		"web/webpack.config.js": "module.exports = { entry: './apps: x' };", "node_modules/x/ecosystem.config.js": apps, "services/api/node_modules/y/pm2.json": "{}", ".git/ecosystem.config.js": apps,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, leftOut, err := FindConfigs(dir, true)
	for i := range found {
		found[i] = strings.TrimPrefix(found[i], dir+"/")
	}
	want := []string{"deploy/apps.yml", "deploy/ecosystem.prod.js", "deploy/old/ecosystem.config.js.bak", "deploy/staging.config.js", "ecosystem.config.js", "services/api/ecosystem.config.cjs", "services/web/pm2.json"}
	if err != nil || leftOut != 5 || !slices.Equal(found, want) {
		t.Errorf("found %q, left out %d, %v", found, leftOut, err)
	}
	if found, _, err := FindConfigs(dir, false); err != nil || len(found) != 1 {
		t.Errorf("of the folder alone: %q, %v", found, err)
	}
}
