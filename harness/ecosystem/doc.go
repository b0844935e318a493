// Package ecosystem reads what people hand to `pm2 start FILE`, as PM2 reads it:
// which files are configurations at all, what they evaluate to on a given host, and
// what PM2's own checks make of that. It has no opinion on what is wise; package
// lint has.
//
//	FILE ── Dialect ── Evaluation (packages sandbox, yaml) ── Apps ── Verify ── Plan
//
// Facts about PM2 are those of 7.0.4 where nothing else is said. The source lines
// are of its npm package.
package ecosystem
