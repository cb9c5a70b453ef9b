# What the set-up scripts of the tests in Node.js have in common; for `source`. Each keeps the packages that its
# package-lock.json pins in a folder of its own in target/: made once, and anew when the file has changed.
#
#   make_packages FOLDER NAME     the packages of tests/FOLDER in target/NAME; needs npm

make_packages() {
  local here there
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")/$1" && pwd)
  there=$here/../../target/$2
  if cmp -s "$here/package-lock.json" "$there/installed.json"; then
    return
  fi
  mkdir -p "$there"
  cp "$here/package.json" "$here/package-lock.json" "$there/"
  npm ci --prefix "$there" --ignore-scripts --no-audit --no-fund --silent
  cp "$here/package-lock.json" "$there/installed.json"
}
