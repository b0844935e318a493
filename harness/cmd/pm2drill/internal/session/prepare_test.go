package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

func TestReportFolderIsCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	if err := checkUntaken(dir); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Errorf("a folder that is there: %v", err)
	}
	if err := checkUntaken(filepath.Join(dir, "new", "run")); err != nil {
		t.Errorf("a new folder: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.Begin(filepath.Join(file, "run"), report.Report{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a folder inside a file counts as writable: %v", err)
	}
}
