#!/bin/sh
# Kills whatever is stopped, as soon as it is: a pause does not live to be one.
exec node -e '
  const fs = require("fs"), dir = `${process.env.PM2_HOME}/pids`;
  process.stdin.on("end", () => process.exit()).resume();
  setInterval(() => {
    for (const file of fs.readdirSync(dir)) {
      if (!file.startsWith(`${process.env.ENGINE_APP}-`)) continue;
      try {
        const pid = Number(fs.readFileSync(`${dir}/${file}`));
        if (fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()[0] === "T") process.kill(pid, "SIGKILL");
      } catch {} // it has ended
    }
  }, 20);
'
