// Package rehearse starts an app of the user's in a container, rehearses its rollout, and says
// what that means for its ecosystem file.
//
//	first start  ->  acts (drills)  ->  figures, findings, proposals  ->  report
package rehearse
