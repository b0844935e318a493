#!/bin/sh
# The guard that looks at CPU: a worker that PM2's list shows above so many per cent
# is restarted, the others are not.
every=10 most=80 # seconds, per cent of one core
while sleep "$every"; do
  pm2 jlist | node -e '
    const list = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const hot = (w) => w.name === process.env.ENGINE_APP && w.monit.cpu > process.argv[1];
    console.log(list.filter(hot).map((w) => w.pm_id).join(" "))' "$most" | xargs -r pm2 restart
done
