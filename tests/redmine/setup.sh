#!/usr/bin/env bash
# Makes target/redmine-env/template: the folder of an initialised Redmine 5 (serve.sh) with agents, contacts and
# issues (seed.rb). Redmine itself comes as Debian's package, which this installs where it may (as root, with
# apt-get). Does nothing when all of it is there and up to date. Where Redmine cannot be had it says so and ends
# with 77.
#
#   cp -a target/redmine-env/template DIR; tests/redmine/serve.sh DIR PORT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"
source "$here/../debian.sh"

# A folder in which Rails finds its root: Debian's program, with a configuration and a database of its own.
fill() {
  local program=/usr/share/redmine instance=$1/instances/default it
  mkdir -p "$instance"/{config,tmp/cache,log,files,public/plugin_assets}
  cp -a "$program/config" "$1/config"
  rm -f "$1/config/database.yml"
  for it in app bin db extra lib public templates Rakefile config.ru; do ln -s "$program/$it" "$1/$it"; done
  { cat "$program/Gemfile" && echo "gem 'puma'"; } >"$1/Gemfile"
  printf 'production: {adapter: sqlite3, database: instances/default/redmine.db, timeout: 20000}\n' \
    >"$instance/config/database.yml"
  (umask 077 && "$python" -c 'import secrets; print(secrets.token_hex(32))' >"$instance/config/secret_key.txt")
  cd "$1"
  export RAILS_ENV=production REDMINE_LANG=en BUNDLE_GEMFILE=$1/Gemfile
  export RUBYOPT=-W0
  bundle install --local --quiet && bundle exec rake db:migrate && bundle exec rake redmine:load_default_data &&
    bundle exec rails runner "$here/seed.rb"
}

open_environment redmine-env 3.9
debian_package redmine '5.0.4*' redmine-sqlite puma
make_template "$here/seed.rb" "${BASH_SOURCE[0]}"
