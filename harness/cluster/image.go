package cluster

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/moby/client"
	"golang.org/x/mod/semver"
)

// Images are the images of one choice of versions, as images/build.sh tags them.
type Images struct {
	Node        string // Node and PM2
	Servers     map[Server]string
	NodeVersion string
	PM2Version  string
}

const (
	nodeRepository = "pm2drill/node"
	redisImage     = "pm2drill/redis:7"
	postgresImage  = "pm2drill/postgres:15"
)

// DefaultPM2 is the PM2 that is drilled unless another one is named.
const DefaultPM2 = "7.0.4"

// DefaultNode is the Node that is drilled unless another one is named: the newest
// of the active LTS line, which is 26 since 2026-10-28.
const DefaultNode = "26.10.0"

// VersionError is a version that no image has, or that is none.
type VersionError struct{ what string }

func (e VersionError) Error() string { return e.what }

// Images finds the built image for a version of Node ("26", "26.10.0", "" for
// DefaultNode) and of PM2 ("" for DefaultPM2). It builds nothing:
// a missing image is a VersionError that says how to build it and what there is.
func (d *Docker) Images(ctx context.Context, node, pm2 string) (Images, error) {
	node, pm2 = chooseText(node, DefaultNode), chooseText(pm2, DefaultPM2)
	if !version.MatchString(node) || !version.MatchString(pm2) {
		return Images{}, VersionError{fmt.Sprintf("node %q, pm2 %q: a version is digits and dots, such as 26 or 7.0.4", node, pm2)}
	}
	list, err := d.api.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("reference", nodeRepository)})
	if err != nil {
		return Images{}, fmt.Errorf("cannot list Docker's images: %w", err)
	}
	var tags []string
	for _, image := range list.Items {
		tags = append(tags, image.RepoTags...)
	}
	found, ok := pick(tags, node, pm2)
	if !ok {
		return Images{}, VersionError{fmt.Sprintf("there is no image of Node %s with PM2 %s: build it with `make images NODE=%s PM2=%s` (built: %s)",
			node, pm2, node, pm2, chooseText(strings.Join(formatVersions(tags), ", "), "none"))}
	}
	found.Servers = map[Server]string{Redis: redisImage, Postgres: postgresImage}
	return found, nil
}

var (
	version = regexp.MustCompile(`^[0-9.]*$`)
	tag     = regexp.MustCompile(`^` + nodeRepository + `:([0-9.]+)-pm2-([0-9.]+)$`)
)

// pick chooses the newest Node that fits the prefix.
func pick(tags []string, node, pm2 string) (Images, bool) {
	var best Images
	for _, t := range tags {
		m := tag.FindStringSubmatch(t)
		if m == nil || m[2] != pm2 || (node != "" && m[1] != node && !strings.HasPrefix(m[1], node+".")) {
			continue
		}
		if best.Node == "" || semver.Compare("v"+m[1], "v"+best.NodeVersion) > 0 {
			best = Images{Node: t, NodeVersion: m[1], PM2Version: m[2]}
		}
	}
	return best, best.Node != ""
}

// formatVersions lists what the tags have, for people.
func formatVersions(tags []string) []string {
	var out []string
	for _, t := range tags {
		if m := tag.FindStringSubmatch(t); m != nil {
			out = append(out, "Node "+m[1]+" with PM2 "+m[2])
		}
	}
	slices.Sort(out)
	return out
}

func chooseText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
