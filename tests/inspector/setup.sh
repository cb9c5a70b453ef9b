#!/usr/bin/env bash
# Makes target/inspector-env with the Chromium that package-lock.json pins; it comes inside of an npm package, so
# nothing is installed on the machine. Needs Node.js 20.11 or later and npm. Does nothing when it is there and up
# to date; touches nothing outside target/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
there=$here/../../target/inspector-env
if cmp -s "$here/package-lock.json" "$there/installed.json"; then
  exit 0
fi
mkdir -p "$there"
cp "$here/package.json" "$here/package-lock.json" "$there/"
npm ci --prefix "$there" --ignore-scripts --no-audit --no-fund --silent
cp "$here/package-lock.json" "$there/installed.json"
