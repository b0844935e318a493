// Package session runs drills for the verbs that drill: it selects scenarios, prepares what
// they need, schedules them, shows progress, and writes the report.
//
//	Flags  ->  Select  ->  NewJobs  ->  Prepare  ->  Drill  ->  Finish
//
// What a verb does besides comes in by hooks.
package session
