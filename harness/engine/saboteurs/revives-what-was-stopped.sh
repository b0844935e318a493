#!/bin/sh
# Starts whatever is not online, whoever has stopped it.
while sleep 1; do
  pm2 jlist | node -e '
    let text = ""; process.stdin.on("data", (d) => text += d).on("end", () => {
      for (const p of JSON.parse(text.slice(text.indexOf("[")))) if (p.pm2_env.status === "stopped") console.log(p.pm_id);
    });' | while read -r id; do pm2 restart "$id"; done
done
