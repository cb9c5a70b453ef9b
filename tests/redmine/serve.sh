#!/usr/bin/env bash
# Serves the Redmine of a folder on loopback: `serve.sh FOLDER PORT`.
set -euo pipefail
cd "$1"
export RAILS_ENV=production BUNDLE_GEMFILE=$1/Gemfile RUBYOPT=-W0
# One thread: two that write would wait for each other (seed.rb).
exec bundle exec puma -e production -b "tcp://127.0.0.1:$2" -t 1:1 config.ru
