#!/bin/sh
# Takes monit out of Debian's package, for the container has no way to install it.
# Debian keeps one version a release, so that the version is the release's.
set -eu
command -v apt-get >/dev/null || { echo "monit comes from Debian's packages, and there is no apt-get here" >&2; exit 1; }
apt-get download -q monit
dpkg-deb --extract monit_*.deb root
cp root/usr/bin/monit .
rm -r monit_*.deb root
