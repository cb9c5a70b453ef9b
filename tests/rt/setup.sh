#!/usr/bin/env bash
# Makes target/rt-env/template: the folder of an initialised Request Tracker 5 (serve.sh) with agents, contacts and
# tickets (seed.pl). RT itself comes as Debian's package, which this installs where it may (as root, with apt-get).
# Does nothing when all of it is there and up to date. Where RT cannot be had it says so and ends with 77.
#
#   cp -a target/rt-env/template DIR; tests/rt/serve.sh DIR PORT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"
source "$here/../debian.sh"

fill() {
  export RT_FOLDER=$1 RT_SITE_CONFIG=$here/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$1/conf.d
  mkdir "$1/conf.d" "$1/mason" "$1/sessions"
  (umask 077 && "$python" -c 'import secrets; print(secrets.token_hex(16), end="")' >"$1/password")
  rt-setup-database-5 --action init --root-password-file "$1/password" && perl "$here/seed.pl"
}

open_environment rt-env 3.9
debian_package request-tracker5 '5.0.3*' rt5-db-sqlite rt5-standalone starlet
make_template "$here/seed.pl" "$here/RT_SiteConfig.pm" "${BASH_SOURCE[0]}"
