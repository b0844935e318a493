#!/usr/bin/env bash
# Fetches the binary of a release, and makes sure that it is the one that was published.
#
#   .packaging/fetch.sh VERSION FOLDER
#
# VERSION is v1.2.3, or "latest". Prints the path of the binary in FOLDER. The address
# of the releases is PM2DRILL_RELEASES, by default GitHub's. Where cosign is installed,
# it verifies who has signed the checksums. Exits with 64 if there is no such release or
# no binary for this platform, and with 70 if what arrived is not what was published.
set -euo pipefail

releases=${PM2DRILL_RELEASES:-https://github.com/pm2drill/pm2drill/releases}
signer='^https://github\.com/pm2drill/pm2drill/\.github/workflows/release\.yml@refs/tags/v'

die() { echo "pm2drill: $1" >&2; exit "$2"; }
[ $# = 2 ] || die "fetch.sh takes VERSION and FOLDER" 64
version=$1 folder=$2

case "$(uname -s)-$(uname -m)" in
Linux-x86_64) platform=linux-amd64 ;;
Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
Darwin-x86_64) platform=darwin-amd64 ;;
Darwin-arm64) platform=darwin-arm64 ;;
*) die "there is no binary for $(uname -s) on $(uname -m): use a runner with Linux or macOS on amd64 or arm64" 64 ;;
esac

case "$version" in
latest) from=$releases/latest/download ;;
v[0-9]*) from=$releases/download/$version ;;
*) die "\"$version\" is no release: write it like v1.2.3, or latest" 64 ;;
esac

name=pm2drill-$platform.tar.gz
mkdir -p "$folder"
cd "$folder"

get() {
  curl --fail --silent --show-error --location --retry 3 --output "$1" "$from/$1" ||
    die "cannot fetch $from/$1: check that the release $version exists and that this runner reaches it" 64
}
get "$name"
get SHA256SUMS
if command -v cosign >/dev/null; then
  get SHA256SUMS.sigstore.json
  cosign verify-blob --bundle SHA256SUMS.sigstore.json --certificate-identity-regexp "$signer" \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com SHA256SUMS >&2 ||
    die "SHA256SUMS of $version is not signed by the project's release workflow: do not use it" 70
fi

# Exactly one line may name the archive, or a second one could vouch for another file.
line=$(awk -v name="$name" '$2 == name || $2 == "*" name' SHA256SUMS)
[ "$(grep -c . <<<"$line")" = 1 ] || die "SHA256SUMS of $version has not one line for $name: do not use it" 70
sum=${line%% *}
if command -v sha256sum >/dev/null; then have=$(sha256sum "$name"); else have=$(shasum -a 256 "$name"); fi
if [ "${have%% *}" != "$sum" ]; then
  rm -f "$name"
  die "the checksum of $name is ${have%% *}, and the release says $sum: do not use it" 70
fi
tar -xzf "$name" pm2drill
chmod 755 pm2drill
echo "$PWD/pm2drill"
