#!/usr/bin/env bash
# Makes what `make bench` measures beside the functions: target/rivals-env, a Python environment with boto3,
# requests, Lambda's Runtime Interface Client and Airbyte's CDK, and target/rivals-node, the scripts for Node.js
# as esbuild bundles them. Every version is exact. Does nothing when it is there and up to date. Where Python 3.10
# or Node.js 18 is missing, says so in a line and ends well: the benchmark then has no such rows.
#
#   PYTHON=python3.12 bench/rivals/setup.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../tests/python-env.sh"
source "$here/../../tests/node-env.sh"

in_python() {
  open_environment rivals-env 3.10
  make_venv "$here/requirements.txt"
}

in_node() {
  local there=${CARGO_TARGET_DIR:-$here/../../target}/rivals-node
  command -v node npm >/dev/null || stop "node or npm is missing"
  node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' || stop "node is older than Node.js 18"
  make_packages "$here" "$there"
  cp "$here"/*.mjs "$there/"
  (cd "$there" && node_modules/.bin/esbuild validator.mjs contacts.mjs --bundle --minify --platform=node \
    --format=esm --target=node18 --out-extension:.js=.mjs --outdir=bundles --log-level=error \
    --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);')
}

(in_python) || echo "bench/rivals: no rows for Python, see above" >&2
(in_node) || echo "bench/rivals: no rows for Node.js, see above" >&2
