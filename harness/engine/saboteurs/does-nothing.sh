#!/bin/sh
# Declares everything and does nothing.
echo '{"type":"ready","engine":"does-nothing","capabilities":["detect","roll","scale","alert"]}'
exec cat >/dev/null
