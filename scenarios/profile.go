package scenarios

import "slices"

// ProfileCore is the label of what every engine must be able to do: see that
// something is wrong, say what, heal it or leave it alone, and tell people.
const ProfileCore = "profile:core"

// Profiles names what a gate may hold an engine to. The extended profile is every
// incident: rolling restarts and scaling on request, servers that go away, jobs that
// must run once.
func Profiles() []string { return []string{"core", "extended"} }

// Profile returns the scenarios of a profile.
func Profile(name string) []Scenario {
	return slices.DeleteFunc(Catalogue(), func(s Scenario) bool {
		return s.Claim != nil || (name == "core" && !slices.Contains(s.Labels, ProfileCore))
	})
}
