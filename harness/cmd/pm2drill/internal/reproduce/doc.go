// Package reproduce causes one incident and shows it: that of a scenario, or one that was
// captured on a host, of which it checks that the symptom is the same.
package reproduce
