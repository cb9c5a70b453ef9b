#!/usr/bin/env bash
# Makes target/editor-env with the YAML language server that package-lock.json pins. Needs Node.js 18 or
# later and npm. Touches nothing outside target/.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../node-env.sh"
make_packages editor editor-env
