#!/usr/bin/env bash
# Makes target/tryton-env: a Python virtual environment with Tryton, `template.sqlite` (an initialised
# database with agents, contacts and notes) and `key` (the integration's application key).
# Does nothing when all of it is there and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/tryton/setup.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
python=${PYTHON:-python3}
venv=$target/tryton-env

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "tryton/setup: $python is missing or older than Python 3.10; name another one: PYTHON=python3.12 $0" >&2
  exit 1
}

mkdir -p "$target"
# Two test programs may start this at the same time; the second one waits and finds the work done.
if command -v flock >/dev/null; then
  exec 9>"$target/tryton-env.lock"
  flock 9
fi

# Two stamps: a changed seed makes a new database, not a new environment.
{ read -r wanted_venv && read -r wanted_template; } < <("$python" -c '
import hashlib, platform, sys
def digest(*paths):
    sha = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            sha.update(file.read())
    return sha.hexdigest()
place, requirements, *seeding = sys.argv[1:]
venv = " ".join([digest(requirements), platform.python_version(), platform.machine(), place])
print(venv)
print(digest(*seeding), venv)
' "$venv" "$here/requirements.txt" "$here/seed.py" "${BASH_SOURCE[0]}" | tr -d '\r')

started=$SECONDS
if [ ! -x "$venv/bin/trytond" ] || [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$wanted_venv" ]; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  # Wheels only: no compiler is needed, and no package's own code runs while it is installed.
  "$venv/bin/python" -m pip install --disable-pip-version-check -q --only-binary :all: \
    -r "$here/requirements.txt"
  printf '%s\n' "$wanted_venv" >"$venv/.stamp"
fi

if [ ! -f "$venv/template.sqlite" ] || [ "$(cat "$venv/.template-stamp" 2>/dev/null)" != "$wanted_template" ]; then
  rm -f "$venv/.template-stamp"
  work=$(mktemp -d "$venv/template.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  printf '[database]\nuri = sqlite://\npath = %s\n' "$work" >"$work/trytond.conf"
  # trytond-admin asks for an existing file, and for the administrator's password in a file.
  : >"$work/crm.sqlite"
  "$python" -c 'import secrets; print(secrets.token_hex(16))' >"$work/password"
  if ! TRYTONPASSFILE=$work/password "$venv/bin/trytond-admin" -c "$work/trytond.conf" -d crm \
    -u ir res party --activate-dependencies --email admin@example.com >"$work/log" 2>&1 ||
    ! "$venv/bin/python" -W ignore "$here/seed.py" "$work/trytond.conf" "$work/key" >>"$work/log" 2>&1; then
    echo "tryton/setup: Tryton could not make its database:" >&2
    tail -n 40 "$work/log" >&2
    exit 1
  fi
  mv "$work/key" "$venv/key"
  mv "$work/crm.sqlite" "$venv/template.sqlite"
  printf '%s\n' "$wanted_template" >"$venv/.template-stamp"
  echo "tryton/setup: made target/tryton-env in $((SECONDS - started)) s"
fi
