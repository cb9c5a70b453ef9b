#!/usr/bin/env bash
# Makes target/editor-env with the YAML language server that package-lock.json pins. Needs Node.js 18 or
# later and npm. Touches nothing outside target/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../node-env.sh"
make_packages "$here" "$here/../../target/editor-env"
