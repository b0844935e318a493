// Package field tries the engine on strangers' problems, on this host and with real PM2:
//
//	Case -> Do: PM2 alone  \
//	        and, beside it, -> two Records -> Judge -> Verdict -> Table
//	        with the engine/
//
// Both arms have a PM2 daemon of their own, the same app and the same schedule of faults
// at the same time. The engine is a process, `pm2drill engine`; the test knows of it what
// it prints and what it sends. Judge is a function of the records.
package field
