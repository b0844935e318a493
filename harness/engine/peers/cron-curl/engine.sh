#!/bin/sh
# The script that most people write first: ask the health URL, and restart the app if
# it has failed some times in a row. Node asks, because the image has no curl.
every=5 timeout=1000 enough=3 # seconds, milliseconds, failures
failures=0
while sleep "$every"; do
  if node -e 'fetch(process.argv[1], {signal: AbortSignal.timeout(+process.argv[2])}).then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))' \
    "$ENGINE_URL" "$timeout"; then
    failures=0
  elif failures=$((failures + 1)) && [ "$failures" -ge "$enough" ]; then
    pm2 restart "$ENGINE_APP"
    failures=0
  fi
done
