#!/usr/bin/env bash
# Makes target/roundup-env: a Python virtual environment with Roundup, and `template`, an initialised
# tracker with agents, contacts and issues (seed.py; user admin, password adminpw). Does nothing when
# all of it is there and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/roundup/setup.sh
#   cp -r target/roundup-env/template DIR; target/roundup-env/bin/python tests/roundup/serve.py DIR PORT
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
python=${PYTHON:-python3}
venv=$target/roundup-env

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || {
  echo "roundup/setup: $python is missing or older than Python 3.9; name another one: PYTHON=python3.12 $0" >&2
  exit 1
}

mkdir -p "$target"
# Two test programs may start this at the same time; the second one waits and finds the work done.
if command -v flock >/dev/null; then
  exec 9>"$target/roundup-env.lock"
  flock 9
fi

# Two stamps: a changed seed makes a new tracker, not a new environment.
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
if [ ! -x "$venv/bin/roundup-admin" ] || [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$wanted_venv" ]; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  # There is no wheel of it; building it takes no compiler.
  "$venv/bin/python" -m pip install --disable-pip-version-check -q -r "$here/requirements.txt"
  printf '%s\n' "$wanted_venv" >"$venv/.stamp"
fi

if [ ! -d "$venv/template" ] || [ "$(cat "$venv/.template-stamp" 2>/dev/null)" != "$wanted_template" ]; then
  rm -rf "$venv/.template-stamp" "$venv/template"
  work=$(mktemp -d "$venv/template.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  # The public address is another one than that of the tests, as behind a reverse proxy. Passwords
  # are hashed in few rounds: every call of the tests logs in.
  if ! {
    "$venv/bin/roundup-admin" -i "$work/tracker" install classic sqlite \
      'tracker_web=https://tracker.example.com/,tracker_email=tracker@example.com,mail_domain=example.com,mail_host=localhost,mail_debug=mail.log,password_pbkdf2_default_rounds=1000' </dev/null &&
      "$venv/bin/roundup-admin" -i "$work/tracker" initialise adminpw &&
      "$venv/bin/python" "$here/seed.py" "$work/tracker"
  } >"$work/log" 2>&1; then
    echo "roundup/setup: Roundup could not make its tracker:" >&2
    tail -n 40 "$work/log" >&2
    exit 1
  fi
  mv "$work/tracker" "$venv/template"
  printf '%s\n' "$wanted_template" >"$venv/.template-stamp"
  echo "roundup/setup: made target/roundup-env in $((SECONDS - started)) s"
fi
