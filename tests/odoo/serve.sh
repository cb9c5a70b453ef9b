#!/usr/bin/env bash
# Serves the Odoo of a folder on loopback: `serve.sh ENVIRONMENT FOLDER PORT DB-PORT`.
#
#   cp -a target/odoo-env/template DIR; tests/odoo/serve.sh target/odoo-env DIR 8069 5433
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$1
source "$here/run.sh"

end() {
  trap '' EXIT TERM INT
  # Whoever of them has gone already is no failure. PostgreSQL's TERM would wait for its last client.
  kill -TERM ${server:-} 2>/dev/null || true
  kill -INT "$postgresql" 2>/dev/null || true
  wait
}

trap end EXIT
trap 'exit 0' TERM INT
start_postgresql "$2" "$4"
odoo "$2" "$4" "$here/odoo_bin.py" --xmlrpc-port="$3" &
server=$!
wait "$server"
