#!/bin/sh
# Heals, and closes nothing that it has opened.
. ./trouble.sh
kill -KILL $culprits
exec node -e '
  const fs = require("fs");
  for (let n = 0; n < 1500; n++) fs.openSync("/proc/self/stat");
  process.stdin.on("end", () => process.exit()).resume();
'
