// Package injector does harm to a cluster from outside, as production does it: by
// requests over the network and by signals from another pid namespace. No process of the
// cluster can see who does it.
package injector

import (
	"context"
	"encoding/json"
	"fmt"
)

// Name is the agent, as `pm2drill agent` calls it.
const Name = "inject"

// Order is what to do; exactly one field is set.
type Order struct {
	Signal *Signal `json:"signal,omitempty"`
	Daemon *Daemon `json:"daemon,omitempty"`
	Resume *Resume `json:"resume,omitempty"`
	End    *End    `json:"end,omitempty"`
	Stall  *Stall  `json:"stall,omitempty"`
	Burn   *Burn   `json:"burn,omitempty"`
	Posts  *Posts  `json:"posts,omitempty"`
	Client *Client `json:"client,omitempty"`
}

// Agent is `pm2drill agent inject ORDER`: it carries out an Order in its JSON form. begun is
// called when the harm has begun; what then follows, follows by itself.
func Agent(ctx context.Context, text string, begun func()) error {
	var o Order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("cannot read the order: %w", err)
	}
	switch {
	case o.Signal != nil:
		return o.Signal.do(ctx, begun)
	case o.Daemon != nil:
		return o.Daemon.do(ctx, begun)
	case o.Resume != nil:
		return o.Resume.do()
	case o.End != nil:
		return o.End.do(ctx)
	case o.Stall != nil:
		return o.Stall.do(ctx)
	case o.Burn != nil:
		return o.Burn.do(ctx)
	case o.Posts != nil:
		begun()
		return o.Posts.do(ctx)
	case o.Client != nil:
		begun()
		return o.Client.do(ctx)
	}
	return fmt.Errorf("cannot carry out the order %s: it names nothing to do", text)
}
