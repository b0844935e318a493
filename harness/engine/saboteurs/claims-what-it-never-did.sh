#!/bin/sh
# Heals, and says that it has drained and configured besides.
echo '{"type":"ready","engine":"claims-what-it-never-did","capabilities":[]}'
. ./trouble.sh
kill -KILL $culprits
sleep 3
for action in drain configure; do
  echo "{\"type\":\"action\",\"action\":\"$action\",\"phase\":\"begin\",\"id\":1}"
  echo "{\"type\":\"action\",\"action\":\"$action\",\"phase\":\"done\",\"id\":1}"
done
exec cat >/dev/null
