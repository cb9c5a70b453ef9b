#!/usr/bin/env bash
# Makes target/odoo-env: a Python 3.7 environment with Odoo 11, PostgreSQL in `postgresql`, and `template`,
# an initialised Odoo with agents, contacts, leads, tasks and notes (seed.py; user admin, database crm).
# Does nothing when all of it is there and up to date. Touches nothing outside target/.
#
#   PYTHON=/opt/python3.7/bin/python3.7 tests/odoo/setup.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"

# The first Python 3.7 of those that people have.
python37() {
  local candidate
  for candidate in ${PYTHON:-} python3.7 "$(pyenv prefix 3.7 2>/dev/null)/bin/python" "$(uv python find 3.7 2>/dev/null)"; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 7))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  stop "Odoo 11 needs Python 3.7, which is not here; install it (pyenv install 3.7) or name it: PYTHON=… $0"
}

installed() {
  "$venv/bin/python" "$here/prune.py" "$("$venv/bin/python" -W ignore -c 'import odoo.addons; print(list(odoo.addons.__path__)[-1])')"
  # Its programs are the same for every Python.
  "$venv/bin/python" -m pip install --disable-pip-version-check -q --no-deps --only-binary :all: \
    --ignore-requires-python --implementation cp --python-version 3.11 --target "$venv/postgresql" -r "$here/requirements-postgresql.txt"
}

fill() {
  local port status=0
  source "$here/run.sh"
  (umask 077 && "$python" -c 'import secrets; print(secrets.token_hex(16))' >"$1/password")
  mkdir "$1/db" "$1/data"
  chmod o+x "$work"
  hand_over "$1/db" "$1/password"
  "${as[@]}" "$bin/initdb" -D "$1/db" -U odoo --pwfile "$1/password" -A scram-sha-256 \
    --locale=C.UTF-8 -E UTF8 --wal-segsize=1 --no-sync &&
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') &&
    start_postgresql "$1" "$port" || return 1
  { (odoo "$1" "$port" "$here/odoo_bin.py" -i contacts,crm,project --without-demo=all --stop-after-init) &&
    (odoo "$1" "$port" "$here/seed.py"); } || status=$?
  kill -INT "$postgresql"
  wait "$postgresql"
  return "$status"
}

PYTHON=$(python37)
open_environment odoo-env 3.7
make_venv "$here/requirements.txt"
make_template "$here/seed.py" "$here/run.sh" "${BASH_SOURCE[0]}"
