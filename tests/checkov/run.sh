#!/usr/bin/env bash
# checkov over template.yaml: every rule of its list holds, or is skipped with its reason beside the resource
# (`Metadata: checkov: skip`). Makes target/checkov-env first, a Python virtual environment with checkov, when
# it is not there; asks no server for rules of an account.
#
#   tests/checkov/run.sh [TEMPLATE]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../python-env.sh"
open_environment checkov-env 3.10
make_venv "$here/requirements.txt" --only-binary :all:
cd "$root"
"$venv/bin/checkov" --file "${1:-template.yaml}" --framework cloudformation --skip-download --compact --quiet
