# Real CRMs that come as Debian's packages; for `source`, after python-env.sh and open_environment.
#
#   debian_package PACKAGE VERSION OTHER…   the package in this version (a pattern of apt's), and others with it
#
# The files of a package stand where it puts them; whoever tests there without being root installs it before. Where
# it cannot be had the script ends with 77, which the tests take for "not on this platform".
debian_package() {
  local package=$1 version=$2 wanted
  shift 2
  mkdir -p "$venv"
  if ! installed_version "$package" "$version"; then
    command -v apt-get >/dev/null || skip "$package needs Debian or a relative of it"
    [ "$(id -u)" = 0 ] || skip "$package is not installed, and only root may: apt-get install $package=$version $*"
    apt-get update -qq || true
    apt-cache madison "$package" | grep -q "| ${version%\*}" || skip "apt offers no $package $version"
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get install -y -q --no-install-recommends "$package=$version" "$@" >"$venv/apt.log" 2>&1; then
      tail -n 20 "$venv/apt.log" >&2
      stop "$package could not be installed: see above"
    fi
    installed_version "$package" "$version" || stop "$package is there in another version than $version"
  fi
  wanted=$(dpkg-query -W -f '${Version}' "$package")
  printf '%s\n' "$wanted" >"$venv/.stamp"
}

installed_version() {
  # shellcheck disable=SC2053 # a pattern
  [[ $(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null) == "installed "$2 ]]
}

skip() {
  echo "${0##*tests/}: $1" >&2
  exit 77
}
