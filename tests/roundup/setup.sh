#!/usr/bin/env bash
# Makes target/roundup-env: a Python virtual environment with Roundup, and `template`, an initialised
# tracker with agents, contacts and issues (seed.py; user admin, password adminpw). Does nothing when
# all of it is there and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/roundup/setup.sh
#   cp -r target/roundup-env/template DIR; target/roundup-env/bin/python tests/roundup/serve.py DIR PORT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"

# The public address is another one than that of the tests, as behind a reverse proxy. Passwords are
# hashed in few rounds: every call of the tests logs in.
settings=tracker_web=https://tracker.example.com/,tracker_email=tracker@example.com,mail_domain=example.com
settings+=,mail_host=localhost,mail_debug=mail.log,password_pbkdf2_default_rounds=1000
# A test logs in with a wrong password once with every component, and is not to be shut out for it.
settings+=,web_api_failed_login_limit=100

fill() {
  "$venv/bin/roundup-admin" -i "$1" install classic sqlite "$settings" </dev/null &&
    "$venv/bin/roundup-admin" -i "$1" initialise adminpw &&
    "$venv/bin/python" "$here/seed.py" "$1"
}

open_environment roundup-env 3.9
# There is no wheel of it; building it takes no compiler.
make_venv "$here/requirements.txt"
make_template "$here/seed.py" "${BASH_SOURCE[0]}"
