#!/usr/bin/env bash
# Makes the root file system of the Debian base in an empty folder:
#
#   images/debian.sh SUITE FOLDER
#
# It needs root and debootstrap. What the making leaves behind goes: logs and caches,
# and what the host gives of itself (its name, resolver, a certificate of its name).
set -euo pipefail

suite=$1 root=$2
packages=ca-certificates,iproute2,procps,redis-server,postgresql-15

debootstrap --variant=minbase --include="$packages" "$suite" "$root"
cd "$root"
find var/log var/cache var/lib/apt/lists tmp var/tmp run ! -type d -delete
find etc/ssl/certs -name 'ssl-cert-snakeoil.pem' -delete -o -lname '*ssl-cert-snakeoil.pem' -delete
rm -rf etc/hostname etc/resolv.conf etc/machine-id etc/ssl/private/* var/lib/dpkg/*-old \
  usr/share/{doc,man,locale} var/lib/postgresql/* etc/postgresql/*
