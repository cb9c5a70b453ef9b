#!/usr/bin/env bash
# Makes target/tryton-env: a Python virtual environment with Tryton, and `template` with `crm.sqlite` (an
# initialised database with agents, contacts and notes) and `key` (the integration's application key).
# Does nothing when all of it is there and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/tryton/setup.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"

fill() {
  printf '[database]\nuri = sqlite://\npath = %s\n' "$1" >"$work/trytond.conf"
  # trytond-admin asks for an existing file, and for the administrator's password in a file.
  : >"$1/crm.sqlite"
  "$python" -c 'import secrets; print(secrets.token_hex(16))' >"$work/password"
  TRYTONPASSFILE=$work/password "$venv/bin/trytond-admin" -c "$work/trytond.conf" -d crm \
    -u ir res party --activate-dependencies --email admin@example.com &&
    "$venv/bin/python" -W ignore "$here/seed.py" "$work/trytond.conf" "$1/key"
}

open_environment tryton-env 3.10
# Wheels only: no compiler is needed, and no package's own code runs while it is installed.
make_venv "$here/requirements.txt" --only-binary :all:
make_template "$here/seed.py" "${BASH_SOURCE[0]}"
