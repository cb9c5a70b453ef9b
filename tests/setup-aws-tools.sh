#!/usr/bin/env bash
# Makes target/test-env, a Python virtual environment with the AWS tools of tests/requirements.txt:
# sam (with the Runtime Interface Emulator), cargo-lambda and zig, moto, cfn-lint, boto3.
# Does nothing when it is there already and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/setup-aws-tools.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/python-env.sh"

# pip compiles on one core, zig's library included. `sam` starts twice as fast with its modules compiled; of those
# that are left out it loads few or none.
installed() {
  "$venv/bin/python" -m compileall -q -j 0 -x '/(ziglang|pip|setuptools|pygments|sympy|networkx|tests)/' \
    "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true
}

# The Makefile and the README know this one by its name in target/, wherever cargo builds.
unset CARGO_TARGET_DIR
open_environment test-env 3.10
# Wheels only: no compiler is needed, and no package's own code runs while it is installed.
make_venv "$here/requirements.txt" --no-compile --only-binary :all:
