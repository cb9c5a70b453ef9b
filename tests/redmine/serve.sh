#!/usr/bin/env bash
# Serves the Redmine of a folder on loopback: `serve.sh FOLDER PORT`.
set -euo pipefail
cd "$1"
export RAILS_ENV=production BUNDLE_GEMFILE=$1/Gemfile RUBYOPT=-W0
exec bundle exec puma -e production -b "tcp://127.0.0.1:$2" -t 1:4 config.ru
