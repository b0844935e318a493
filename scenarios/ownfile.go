package scenarios

import "github.com/pm2drill/pm2drill/harness/load"

// ownFile is OwnFile as it is written.
type ownFile struct {
	Story    string      `yaml:"story"`
	App      ownApp      `yaml:"app"`
	Load     ownLoad     `yaml:"load"`
	Fault    ownFault    `yaml:"fault"`
	Recover  duration    `yaml:"recover"`
	Breaks   string      `yaml:"breaks"`
	Promises ownPromises `yaml:"promises"`
	Decoy    *ownDecoy   `yaml:"decoy"`
}

type ownApp struct {
	Name    string    `yaml:"name"`
	Config  string    `yaml:"config"`
	Env     string    `yaml:"env"`
	Workers int       `yaml:"workers"`
	Port    int       `yaml:"port"`
	Health  string    `yaml:"health"`
	Server  string    `yaml:"server"`
	Limits  ownLimits `yaml:"limits"`
}

type ownLimits struct {
	Memory    size    `yaml:"memory"`
	Cores     float64 `yaml:"cores"`
	OpenFiles int     `yaml:"open_files"`
}

type ownLoad struct {
	Path     string            `yaml:"path"`
	Method   string            `yaml:"method"`
	Headers  map[string]string `yaml:"headers"`
	Body     string            `yaml:"body"`
	Status   int               `yaml:"status"`
	LongPath string            `yaml:"long_path"`
	Rate     float64           `yaml:"rate"`
	Checks   []ownCheck        `yaml:"checks"`
}

// ownCheck is a request that is sent besides, a connection each.
type ownCheck struct {
	Name    string            `yaml:"name"`
	Path    string            `yaml:"path"`
	Method  string            `yaml:"method"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Status  int               `yaml:"status"`
	Rate    float64           `yaml:"rate"`
}

func (l ownLoad) asks() load.Asks {
	return load.Asks{Method: l.Method, Headers: l.Headers, Body: l.Body, Status: l.Status}
}

func (c ownCheck) asks() load.Asks {
	return load.Asks{Method: c.Method, Headers: c.Headers, Body: c.Body, Status: c.Status}
}

type ownFault struct {
	Run      string    `yaml:"run"`
	Ask      string    `yaml:"ask"`
	Workers  int       `yaml:"workers"`
	Rollback string    `yaml:"rollback"`
	Undo     string    `yaml:"undo"`
	After    duration  `yaml:"after"`
	Left     int       `yaml:"left"`
	Bitten   ownBitten `yaml:"bitten"`
}

type ownBitten struct {
	Exits  int    `yaml:"exits"`
	Silent bool   `yaml:"silent"`
	Says   string `yaml:"says"`
	Drops  int    `yaml:"drops"`
}

// ownDecoy is a look-alike: what happens to the same app, or to another start of it.
type ownDecoy struct {
	Story    string      `yaml:"story"`
	Config   string      `yaml:"config"`
	Fault    ownFault    `yaml:"fault"`
	Watch    duration    `yaml:"watch"`
	Promises ownPromises `yaml:"promises"`
}

// ownPromises are promises by their names.
type ownPromises struct {
	Recovers         duration `yaml:"recovers"`
	Replaces         duration `yaml:"replaces"`
	DropsNothing     bool     `yaml:"drops-nothing"`
	SparesRequests   bool     `yaml:"spares-requests"`
	StopsLosing      duration `yaml:"stops-losing"`
	KeepsServing     int      `yaml:"keeps-serving"`
	StopsChurning    duration `yaml:"stops-churning"`
	Diagnoses        string   `yaml:"diagnoses"`
	Alerts           duration `yaml:"alerts"`
	Mentions         string   `yaml:"mentions"`
	ActsAtMost       *int     `yaml:"acts-at-most"` // nil for no such promise: 0 is one
	KeepsBounds      bool     `yaml:"keeps-bounds"`
	TellsTheTruth    bool     `yaml:"tells-the-truth"`
	DiagnosesNothing bool     `yaml:"diagnoses-nothing"`
}
