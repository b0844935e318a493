package act

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// ListRows lists the app's workers by id, if all of them may be scaled.
func (h Executor) ListRows(ctx context.Context, client *pm2.Client) ([]pm2.Process, error) {
	list, err := client.List(ctx)
	if err != nil {
		return nil, err
	}
	var rows []pm2.Process
	for _, p := range list {
		switch {
		case p.Name != h.App:
			continue
		case p.ID < 0:
			return nil, errors.New("cannot scale the app: a reload is under way or was left half done")
		case p.Mode != "cluster":
			return nil, fmt.Errorf("cannot scale the app: worker %d does not run in cluster mode", p.ID)
		}
		rows = append(rows, p)
	}
	slices.SortFunc(rows, func(a, b pm2.Process) int { return cmp.Compare(a.ID, b.ID) })
	if len(rows) == 0 {
		return nil, errors.New("cannot scale the app: PM2 does not know it")
	}
	return rows, nil
}
