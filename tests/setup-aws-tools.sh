#!/usr/bin/env bash
# Makes target/test-env, a Python virtual environment with the AWS tools of tests/requirements.txt:
# sam (with the Runtime Interface Emulator), cargo-lambda and zig, moto, cfn-lint, boto3.
# Does nothing when it is there already and up to date. Touches nothing outside target/.
#
#   PYTHON=python3.12 tests/setup-aws-tools.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
requirements=$root/tests/requirements.txt
venv=$root/target/test-env
stamp=$venv/.stamp

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "setup-aws-tools: $python is missing or older than Python 3.10; name another one: PYTHON=python3.12 $0" >&2
  exit 1
}

mkdir -p "$root/target"
# Two test programs may start this at the same time; the second one waits and finds the work done.
if command -v flock >/dev/null; then
  exec 9>"$root/target/test-env.lock"
  flock 9
fi

# The path is part of it: the programs in a virtual environment name their own place.
wanted=$("$python" -c '
import hashlib, platform, sys
digest = hashlib.sha256()
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        digest.update(file.read())
print(digest.hexdigest(), platform.python_version(), platform.machine(), sys.argv[1])
' "$venv" "$requirements" "${BASH_SOURCE[0]}")

if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
  echo "setup-aws-tools: target/test-env is up to date"
  exit 0
fi

started=$SECONDS
rm -rf "$venv"
"$python" -m venv "$venv"
# Wheels only: no compiler is needed, and no package's own code runs while it is installed.
"$venv/bin/python" -m pip install --disable-pip-version-check -q --no-compile \
  --only-binary :all: -r "$requirements"
# pip compiles on one core, zig's library included. `sam` starts twice as fast with its modules compiled.
"$venv/bin/python" -m compileall -q -j 0 -x '/(ziglang|pip|setuptools|tests)/' \
  "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true
printf '%s\n' "$wanted" >"$stamp"
echo "setup-aws-tools: made target/test-env with $("$venv/bin/python" -V) in $((SECONDS - started)) s"
