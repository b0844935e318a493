package evidence

import "time"

// Header says what was drilled, on what, and how to do it again.
type Header struct {
	Format   int           `json:"format"`            // Format, once it was read
	Program  string        `json:"program,omitempty"` // the version of pm2drill that wrote it, "" of format 1
	Run      string        `json:"run"`               // id of the run this drill belongs to
	Scenario string        `json:"scenario"`          // the scenario's name
	Arm      string        `json:"arm"`               // one of Arms
	Seed     int64         `json:"seed"`
	Wall     time.Time     `json:"wall"`  // wall clock at Start, for people
	Start    time.Duration `json:"start"` // the drill's zero on the record's clock
	App      string        `json:"app"`   // PM2's name of the app
	Workers  int           `json:"workers"`
	Left     int           `json:"left,omitempty"` // workers that the fault leaves on purpose; 0 for all
	Calm     bool          `json:"calm,omitempty"` // nothing is injected, on purpose
	// Pause is how long a worker may be silent before anything is wrong: the scenario's
	// decoy pauses one for so long. 0 where no decoy does.
	Pause time.Duration `json:"pause,omitempty"`
	// Restless are other apps that are deployed meanwhile: their processes come and go.
	Restless []string   `json:"restless,omitempty"`
	Port     int        `json:"port"`
	Engine   string     `json:"engine"`
	PM2      string     `json:"pm2"`
	Node     string     `json:"node"`
	Image    string     `json:"image"`
	Host     string     `json:"host,omitempty"` // address of the Docker host among several, "" for the only one
	Lanes    []LaneSpec `json:"lanes"`
	Command  string     `json:"command"` // reproduces this drill
	// Watches names what the observer of this version looks at besides, one of Watch...:
	// what is not among them is not missing from the record.
	Watches []string `json:"watches,omitempty"`
	// Varied says in what the app differs from the scenario's, drawn by the seed; nil of the catalogue's.
	Varied []Choice `json:"varied,omitempty"`
	// Definition is what the scenario's own file says, where it is not of the catalogue.
	Definition string `json:"definition,omitempty"`
	// Drawn says what a name of the fixture's files, paths and releases stands for, which
	// was drawn for this run.
	Drawn map[string]string `json:"drawn,omitempty"`
}

// Choice is the value that was drawn of a thing that may vary.
type Choice struct {
	Of    string `json:"of"`    // what varies: workers, log format
	Value string `json:"value"` // 6, pino
}

// What an observer may look at besides.
const (
	WatchTree  = "tree"  // processes below those of PM2's list, and the address of each listener
	WatchFiles = "files" // the app's files and PM2's logs
	// WatchEngine: what the engine's own processes use, from its start on.
	WatchEngine = "engine"
	// WatchTerms: on what terms the kernel runs each process of PM2's and the daemon itself,
	// and each worker's settings.
	WatchTerms = "terms"
	// WatchPrivate: the sockets of PM2's processes that listen on a loopback address.
	WatchPrivate = "private"
)

// LaneSpec is the load that one lane owed.
type LaneSpec struct {
	Lane    string        `json:"lane"`
	Rate    float64       `json:"rate"`    // requests per second
	Timeout time.Duration `json:"timeout"` // after which a request counts as dropped
}
