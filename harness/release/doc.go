// Package release holds what is published to what it promises: the release's configuration,
// the npm packages, and the script by which the GitHub Action fetches a binary. It is tests
// alone; .packaging has what they test.
package release
