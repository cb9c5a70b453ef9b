#!/usr/bin/env bash
# The inspector's page in a real browser, which this installs under target/. Where it cannot be had or does not
# run, that is said and nothing is tested.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() {
  echo "SKIPPED: $1; the inspector's page is NOT tested."
  exit 0
}
command -v node >/dev/null && command -v npm >/dev/null || skip "Node.js and npm are not there"
"$here/setup.sh" || skip "the pinned Chromium cannot be installed"
"${CARGO:-cargo}" build --quiet --locked -p talkdesk-bridge
node "$here/check.mjs"
