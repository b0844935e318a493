package cluster

import "github.com/moby/moby/api/types/container"

// Limits are what the kernel grants the cluster's container, PM2 and an engine in it
// included. 0 is no limit.
type Limits struct {
	Memory    int64   // bytes, swap included; past it the kernel kills a process
	Cores     float64 // of processor time
	OpenFiles int64   // of each process
}

// apply puts the limits on a container that is to be made.
func (l Limits) apply(h *container.HostConfig) {
	h.Memory, h.MemorySwap, h.NanoCPUs = l.Memory, l.Memory, int64(l.Cores*1e9)
	if l.OpenFiles > 0 {
		h.Ulimits = append(h.Ulimits, &container.Ulimit{Name: "nofile", Soft: l.OpenFiles, Hard: l.OpenFiles})
	}
}
