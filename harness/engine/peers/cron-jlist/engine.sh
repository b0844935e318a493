#!/bin/sh
# The guard that believes PM2's list: what is errored or stopped is restarted.
every=10 # seconds
while sleep "$every"; do
  pm2 jlist | node -e '
    const list = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const dead = (w) => w.name === process.env.ENGINE_APP && ["errored", "stopped"].includes(w.pm2_env.status);
    console.log(list.filter(dead).map((w) => w.pm_id).join(" "))' | xargs -r pm2 restart
done
