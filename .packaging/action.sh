#!/usr/bin/env bash
# The step of action.yml that runs pm2drill. It reads the action's inputs from the
# environment, writes the outputs to GITHUB_OUTPUT, and ends with the command's exit code.
set -euo pipefail

die() { echo "pm2drill: $1" >&2; output ruling error; output exit-code 64; exit 64; }
output() { echo "$1=$2" >>"$GITHUB_OUTPUT"; }
# lines reads the lines of a text that are not empty into the array words.
lines() { while IFS= read -r line; do [ -z "$line" ] || words+=("$line"); done <<<"$1"; }

words=()
case "$MODE" in
validate)
  words=(validate --format github)
  lines "$ARGS"
  words+=(--)
  lines "${FILES:-.}"
  ;;
gate)
  report=$(mktemp -d "$RUNNER_TEMP/pm2drill-XXXXXX")/report
  output report "$report"
  output part "${SHARD//\//-of-}"
  words=(gate --profile "$PROFILE" --out "$report")
  for flag in engine:ENGINE engine-dir:ENGINE_DIR engine-image:ENGINE_IMAGE shard:SHARD node:DRILL_NODE pm2:DRILL_PM2; do
    name=${flag#*:}
    [ -z "${!name}" ] || words+=("--${flag%%:*}" "${!name}")
  done
  lines "$ARGS"
  ;;
*) die "mode \"$MODE\" is unknown: use validate or gate" ;;
esac

code=0
"$BINARY" "${words[@]}" || code=$?
case $code in
0) ruling=kept ;;
1) ruling=broken ;;
2) ruling=inconclusive ;;
*) ruling=error ;;
esac
output ruling "$ruling"
output exit-code "$code"
exit "$code"
