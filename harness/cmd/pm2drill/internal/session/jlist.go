package session

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Row holds what the harness needs of a row of pm2 jlist.
type Row struct {
	ID   int    `json:"pm_id"`
	Name string `json:"name"`
	Env  struct {
		Mode   string     `json:"exec_mode"`
		Status pm2.Status `json:"status"`
	} `json:"pm2_env"`
}

// ListRows returns the rows of pm2 jlist in a cluster.
func ListRows(ctx context.Context, c *cluster.Cluster) ([]Row, error) {
	out, err := c.Exec(ctx, "pm2", "jlist")
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the apps: %w", err)
	}
	var rows []Row
	if err := json.Unmarshal([]byte(out.Stdout), &rows); err != nil {
		return nil, fmt.Errorf("cannot read pm2 jlist: %w: %.200q", err, out.Stdout)
	}
	return rows, nil
}
