#!/usr/bin/env bash
# An image in the place of Lambda's own, where nothing can be pulled: Debian's base with the paths and
# variables that the emulator expects. It stands for SAM's wiring only.
#
#   tests/sam-local/stand-in.sh IMAGE
set -euo pipefail
image=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The package source that this machine uses itself; it has one of the two kinds of files.
source=$({ cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true; } |
  sed -n 's/^URIs: *//p;s/^deb  *\(\[[^]]*\] *\)\?\([^ ]*\) .*/\2/p' | awk '/\/debian/ { print; exit }')
[ -n "$source" ] || { echo "stand-in: apt has no source of Debian here" >&2; exit 1; }
debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" "$source" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; exit 1; }
tar -C "$work/root" -c --exclude=./dev --exclude=./proc --exclude=./sys --exclude=./var/cache --exclude=./var/lib/apt \
  --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude=./usr/share/man . |
  docker import -c 'WORKDIR /var/task' \
    -c 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin' - "$image"
