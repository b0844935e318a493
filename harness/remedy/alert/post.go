package alert

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// post is a poster at work.
type post struct {
	*poster
	done chan struct{} // closed when it has come to its end; nil before it begins
}

// Send queues the alert of an incident for every target, with what is known now, and returns
// at once: no target waits for another, and nothing of the engine's waits for any.
func (k *Desk) Send(status string, in Incident) {
	a, err := limitAlert(k.build(status, in), k.veil)
	if err != nil {
		k.fail(fmt.Errorf("cannot encode alert: %w", err))
		return
	}
	if k.Seen != nil {
		k.Seen(a)
	}
	for _, p := range k.listPosts() {
		p.send(a)
	}
}

func (k *Desk) listPosts() []*post {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.posts)
}

// Waiting returns how many alerts no target has taken yet, by the target's name.
func (k *Desk) Waiting() map[string]int {
	out := map[string]int{}
	for _, p := range k.listPosts() {
		out[p.target.Name()] += p.count()
	}
	return out
}

// Retarget makes these the targets. What waits for one that is among them no more is
// delivered still.
func (k *Desk) Retarget(targets []Target) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var posts []*post
	for _, t := range targets {
		i := slices.IndexFunc(k.posts, func(p *post) bool { return p.target == t })
		if i >= 0 {
			posts = append(posts, k.posts[i])
			continue
		}
		p := &post{poster: newPoster(t, func(err error) { k.fail(fmt.Errorf("%s: %w", t.Name(), err)) })}
		if k.opened != nil {
			p.begin(k.opened)
		}
		posts = append(posts, p)
	}
	for _, p := range k.posts {
		if !slices.Contains(posts, p) {
			p.end()
		}
	}
	k.posts = posts
}

// begin delivers until ctx ends, or until the poster is ended and nothing waits.
func (p *post) begin(ctx context.Context) {
	p.done = make(chan struct{})
	go func() {
		defer close(p.done)
		p.run(ctx)
	}()
}

// Open begins to deliver alerts, until ctx ends. What it returns ends that, and waits until
// what is queued is delivered, for postAtLeast at most.
func (k *Desk) Open(ctx context.Context) (end func()) {
	ctx, stop := context.WithCancel(ctx)
	k.mu.Lock()
	k.opened = ctx
	for _, p := range k.posts {
		p.begin(ctx)
	}
	k.mu.Unlock()
	return func() {
		posts := k.listPosts()
		for _, p := range posts {
			p.end()
		}
		late := time.AfterFunc(postAtLeast, stop)
		for _, p := range posts {
			<-p.done
		}
		late.Stop()
		stop()
	}
}
