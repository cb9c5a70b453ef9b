# What the set-up scripts of the tests have in common; for `source`. Each keeps a Python virtual
# environment of its own in target/, made once, and anew when what it is made from has changed.
#
#   open_environment NAME OLDEST     sets root, target, python and venv; the next one waits until this one ends
#   make_venv REQUIREMENTS OPTION…   the environment with these packages; OPTION… are pip's
#   make_template FILE…              the folder $venv/template: what the script's function `fill FOLDER` makes
#
# PYTHON names another interpreter than python3. Where `installed` is defined, it follows on an installation.

# What goes wrong, and what to do about it.
stop() {
  echo "${0##*tests/}: $1" >&2
  exit 1
}

open_environment() {
  local oldest=$2
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  target=${CARGO_TARGET_DIR:-$root/target}
  python=${PYTHON:-python3}
  venv=$target/$1
  "$python" -c "import sys; sys.exit(sys.version_info < (${oldest/./, }))" ||
    stop "$python is missing or older than Python $oldest; name another one: PYTHON=python3.12 $0"
  mkdir -p "$target"
  # Two test programs may start this at the same time; the second one waits and finds the work done.
  if command -v flock >/dev/null; then
    exec 9>"$venv.lock"
    flock 9
  fi
}

# The files' digest, and where and for what: the programs of an environment name their own place.
fingerprint() {
  "$python" -c '
import hashlib, platform, sys
digest = hashlib.sha256()
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        digest.update(file.read())
print(digest.hexdigest(), platform.python_version(), platform.machine(), sys.argv[1])
' "$venv" "$@" | tr -d '\r'
}

make_venv() {
  local requirements=$1 wanted started=$SECONDS
  shift
  wanted=$(fingerprint "$requirements")
  [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$wanted" ] || return 0
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --disable-pip-version-check -q "$@" -r "$requirements"
  if declare -F installed >/dev/null; then installed; fi
  printf '%s\n' "$wanted" >"$venv/.stamp"
  echo "${0##*tests/}: installed target/${venv##*/} with $("$venv/bin/python" -V) in $((SECONDS - started)) s"
}

# A changed seed makes a new template, not a new environment.
make_template() {
  local wanted started=$SECONDS
  wanted=$(fingerprint "$venv/.stamp" "$@")
  [ "$(cat "$venv/.template-stamp" 2>/dev/null)" != "$wanted" ] || return 0
  rm -rf "$venv/.template-stamp" "$venv/template" "$venv/template.log"
  work=$(mktemp -d "$venv/template.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/template"
  if ! fill "$work/template" >"$work/log" 2>&1; then
    # A backtrace of Ruby is longer than its end, and says what happened before it.
    mv "$work/log" "$venv/template.log"
    { grep -i 'error' "$venv/template.log" | tail -n 5 || true; tail -n 40 "$venv/template.log"; } >&2
    stop "the template could not be made: see above, and all of it in $venv/template.log"
  fi
  mv "$work/template" "$venv/template"
  printf '%s\n' "$wanted" >"$venv/.template-stamp"
  echo "${0##*tests/}: filled target/${venv##*/}/template in $((SECONDS - started)) s"
}
