package channel

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Bounds of a Slack message (docs.slack.dev/reference/block-kit/blocks): a header block has 150
// characters, the text of a section block 3000, and a message 50 blocks.
const (
	maxSlackHeader  = 150
	maxSlackSection = 3000
)

type slackMessage struct {
	Text   string       `json:"text"` // of notifications, and where blocks are not shown
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type string    `json:"type"` // header or section
	Text slackText `json:"text"`
}

type slackText struct {
	Type string `json:"type"` // plain_text or mrkdwn
	Text string `json:"text"`
}

// NewSlack returns a target that is an incoming webhook of Slack. Each incident is told when
// it opens and when it is over, with the key that the two have in common.
func NewSlack(url string) *HTTP {
	return newHTTP("slack", url, func(a engine.Alert) any { return writeSlack(a) })
}

func writeSlack(a engine.Alert) slackMessage {
	mark := ":red_circle: "
	if a.Status == engine.StatusResolved {
		mark = ":large_green_circle: "
	}
	line := formatSubject(a)
	m := slackMessage{Text: escapeSlack(mark + line), Blocks: []slackBlock{
		{"header", slackText{"plain_text", clip(mark+line, maxSlackHeader)}},
	}}
	section := func(text string) {
		m.Blocks = append(m.Blocks, slackBlock{"section", slackText{"mrkdwn", clip(text, maxSlackSection)}})
	}
	for _, s := range buildSections(a) {
		if a.Status == engine.StatusResolved && s.title != "Actions" {
			continue
		}
		section("*" + s.title + "*\n" + escapeSlack(strings.Join(s.lines, "\n")))
	}
	section("incident " + escapeSlack(a.Dedupe))
	return m
}

// escapeSlack writes the three characters that Slack's markup begins with as text.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
