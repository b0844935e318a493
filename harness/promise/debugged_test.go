package promise

import "github.com/pm2drill/pm2drill/harness/evidence"

// debuggedHistories tell who opens a debugger, and for how long.
func debuggedHistories() []ruled {
	return []ruled{
		{"it leaves a debugger open", ShutsDebuggers(), func() history {
			return set(debugging(20, 31, 101)).says(19.9, evidence.TopicDebugger, "", -1, opens9229)
		}, Broken},
		{"it leaves a debugger of PM2's daemon open", ShutsDebuggers(), func() history {
			return set(debugging(20, 31, 50)).says(19.9, evidence.TopicDebugger, "", -1, opens9229)
		}, Broken},
		{"it shuts a debugger", ShutsDebuggers(), func() history {
			return set(debugging(20, 22, 101)).says(19.9, evidence.TopicDebugger, "", -1, opens9229)
		}, Kept},
		{"the app's debugger was open before", ShutsDebuggers(), func() history {
			return set(debugging(0, 31, 101)).says(0.1, "log:err", "", 0, opens9229)
		}, Kept},
		{"a worker listens on a port of its own", ShutsDebuggers(), func() history { return set(debugging(20, 31, 101)) }, Kept},
	}
}

// debugging has a process listen where Node's debugger does, from one second to before another.
func debugging(from, to, pid int) func(int, *evidence.Snapshot) {
	return func(at int, s *evidence.Snapshot) {
		if at >= from && at < to {
			s.Private = []evidence.Listener{{PID: pid, Port: 9229, Addr: "127.0.0.1"}}
		}
	}
}

const opens9229 = "Debugger listening on ws://127.0.0.1:9229/c4de476b-1839-4402-a11f-6cfd3fa9f36f"
