#!/bin/sh
# Heals, and keeps all that it has ever seen, and more.
node -e 'const kept = []; setInterval(() => kept.push(Buffer.alloc(48 << 20, 1)), 500);' &
. ./trouble.sh
kill -KILL $culprits
cat >/dev/null
kill $!
