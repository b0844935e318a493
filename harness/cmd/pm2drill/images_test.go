package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cluster"
)

// TestDockerImagesAreBlind looks for words of the experiment in all of the images: the
// files of all layers, configurations, histories. The layers of the Debian base and its
// history are theirs too. REPO names what images/build.sh has called them.
func TestDockerImagesAreBlind(t *testing.T) {
	built(t)
	docker, err := cluster.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	images, err := docker.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{images.Node}
	for _, server := range images.Servers {
		names = append(names, server)
	}
	repo := os.Getenv("REPO")
	for i := range names {
		if repo != "" {
			names[i] = repo + "/" + filepath.Base(names[i])
		}
	}
	archive := filepath.Join(t.TempDir(), "images.tar")
	if out, err := exec.Command("docker", append([]string{"save", "-o", archive}, names...)...).CombinedOutput(); err != nil {
		t.Fatalf("cannot save %v: %v: %s", names, err, out)
	}
	s := saved{words: forbidden(), leftovers: !upstream(t, images.Node), open: func() (io.ReadCloser, error) { return os.Open(archive) },
		found: func(where, what string) { t.Errorf("%s %s", where, what) }}
	if err := s.scan(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%v: %d files, %d configurations", names, s.files, s.texts)
	if s.files < 10000 || s.texts < len(names) || len(s.packaged) < 1000 {
		t.Errorf("%d files, %d configurations and %d files of packages: there must be more in %v", s.files, s.texts, len(s.packaged), names)
	}
}

// upstream reports whether an image has layers that somebody else has made, and with them
// logs that are not ours to empty. Those that images/routes.sh serves are ours.
func upstream(t *testing.T, image string) bool {
	route, err := exec.Command("docker", "image", "inspect", "-f", `{{index .Config.Labels "build.route"}}`, image).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(route)) == "registry" && os.Getenv("REPO") == ""
}

// TestScanOfImages plants each kind of leak in an archive.
func TestScanOfImages(t *testing.T) {
	const list = "./var/lib/dpkg/info/libfoo.list"
	clean := map[string]string{
		list:                             "/.\n/lib\n/lib/libfoo.so\n/usr/bin/foo\n",
		"./usr/lib/libfoo.so":            "a fault, a scenario",
		"./usr/bin/foo":                  "fixture",
		"./srv/node_modules/pino/log.js": "// a decoy",
		"./usr/local/bin/server":         "\x7fELF\x00 fault",
		"./etc/passwd":                   "root:x:0:0\n",
		"./var/log/empty.log":            "",
	}
	for name, c := range map[string]struct {
		file, content, config, want string
	}{
		"clean":                      {"./srv/package.json", `{"name": "apps"}`, `{"Labels": {"build.inputs": "0123"}}`, ""},
		"build folder in a log":      {"./var/log/bootstrap.log", "to /tmp/pm2drill-images.1/root", "{}", `var/log/bootstrap.log has "pm2drill"`},
		"log of nothing":             {"./var/log/dpkg.log", "installed", "{}", "var/log/dpkg.log is left over"},
		"package cache":              {"./var/lib/apt/lists/x_Packages", "foo", "{}", "lists/x_Packages is left over"},
		"npm's cache":                {"./root/.npm/_cacache/index-v5/1", "foo", "{}", "index-v5/1 is left over"},
		"name of the host":           {"./etc/hostname", "vm", "{}", "etc/hostname is left over"},
		"certificate of the host":    {"./etc/ssl/private/ssl-cert-snakeoil.key", "key", "{}", "snakeoil.key is left over"},
		"lock file":                  {"./opt/pm2/node_modules/.package-lock.json", `{"name": "PM2drill-pm2"}`, "{}", `.package-lock.json has "pm2drill"`},
		"word in npm's lock file":    {"./opt/pm2/node_modules/.package-lock.json", `{"name": "fixtures"}`, "{}", `.package-lock.json has "fixture"`},
		"name within a package":      {"./usr/bin/foo", "/home/ci/pm2drill", "{}", `usr/bin/foo has "pm2drill"`},
		"name within a binary":       {"./usr/local/bin/node", "\x7fELF\x00 /home/ci/pm2drill", "{}", `bin/node has "pm2drill"`},
		"word beside packages":       {"./etc/motd", "Scenario 1", "{}", `etc/motd has "scenario"`},
		"scenario's name":            {"./srv/flags/stopped-worker", "", "{}", `stopped-worker is called "stopped-worker"`},
		"user":                       {"./etc/passwd", "pm2drill:x:1000", "{}", `etc/passwd has "pm2drill"`},
		"file that is deleted again": {"./srv/.wh.decoy", "", "{}", `.wh.decoy is called "decoy"`},
		"label":                      {"./etc/motd", "", `{"Labels": {"pm2drill.inputs": "0123"}}`, `config.json has "pm2drill"`},
		"variable":                   {"./etc/motd", "", `{"Env": ["SCENARIO=x"]}`, `config.json has "scenario"`},
		"history":                    {"./etc/motd", "", `{"history": [{"created_by": "COPY fixtures /srv"}]}`, `config.json has "fixture"`},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{c.file: c.content}
			for f, content := range clean {
				if _, other := files[f]; !other {
					files[f] = content
				}
			}
			// The list comes last: what a package has brought is known before its files are.
			layer := archived(t, files, list)
			outer := archived(t, map[string]string{"abc/layer.tar": layer, "config.json": c.config, "manifest.json": `[{"RepoTags": ["pm2drill/node:1"]}]`}, "")
			var found []string
			s := saved{words: forbidden(), leftovers: true, open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(outer)), nil },
				found: func(where, what string) { found = append(found, where+" "+what) }}
			if err := s.scan(); err != nil {
				t.Fatal(err)
			}
			all := strings.Join(found, "\n")
			if (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
				t.Errorf("found %q, want %q", all, c.want)
			}
		})
	}
}

// archived makes a tar archive, with one of the files at its end.
func archived(t *testing.T, files map[string]string, last string) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(name string) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg, Format: tar.FormatPAX}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	for name := range files {
		if name != last {
			add(name)
		}
	}
	if last != "" {
		add(last)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
