#!/bin/sh
# PM2's own commands, as most deploy scripts call them. It does what it is asked and
# nothing unasked.
echo '{"type":"ready","engine":"pm2-commands","capabilities":["roll","scale"]}'
while read -r request; do
  case $request in
    *'"request":"roll"'*)
      pm2 reload "$ENGINE_APP" ;;
    *'"request":"scale"'*)
      workers=${request##*'"workers":'}
      pm2 scale "$ENGINE_APP" "${workers%%[!0-9]*}" ;;
  esac </dev/null
done
