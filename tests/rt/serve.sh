#!/usr/bin/env bash
# Serves the Request Tracker of a folder on loopback: `serve.sh FOLDER PORT`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export RT_FOLDER=$1 RT_SITE_CONFIG=$here/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$1/conf.d
exec /usr/share/request-tracker5/libexec/rt-server --server Starlet --host 127.0.0.1 --port "$2" --max-workers 3
