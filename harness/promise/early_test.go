package promise

// earlyHistories tell when an engine names a cause, and when there was anything to see.
func earlyHistories() []ruled {
	paused := func() history {
		h := faulted()
		h.Header.Pause = sec(2)
		return h
	}
	return []ruled{
		{"nothing is named", SeesFirst(), faulted, Kept},
		{"before the injection", SeesFirst(), func() history { return faulted().detect(9, "c") }, Broken},
		{"after a worker has died", SeesFirst(), func() history { return faulted().died(13, 1).detect(13.1, "c") }, Kept},
		{"a moment before PM2 says so", SeesFirst(), func() history { return faulted().died(13, 1).detect(12.8, "c") }, Kept},
		{"a second before anything is to be seen", SeesFirst(), func() history { return faulted().died(13, 1).detect(12, "c") }, Broken},
		{"a silence as long as the decoy's", SeesFirst(), func() history { return paused().detect(12.1, "c") }, Kept},
		{"a silence that the decoy has too", SeesFirst(), func() history { return paused().detect(11, "c") }, Broken},
		{"a silence, and no decoy", SeesFirst(), func() history { return faulted().detect(10.2, "c") }, Kept},
		{"a request", SeesFirst(), func() history { return asked().detect(10.1, "c") }, Kept},
		{"no fault at all", SeesFirst(), func() history { h := healthy(); return h.detect(9, "c") }, Kept},
	}
}
