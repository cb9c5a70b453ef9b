# What the set-up scripts in Node.js have in common; for `source`. Each keeps the packages that its package-lock.json
# pins in a folder of its own under target/: made once, and anew when the file has changed.
#
#   make_packages FROM TO     the packages of the folder FROM in the folder TO; needs npm

make_packages() {
  local from=$1 to=$2
  if cmp -s "$from/package-lock.json" "$to/installed.json"; then
    return
  fi
  mkdir -p "$to"
  cp "$from/package.json" "$from/package-lock.json" "$to/"
  npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --silent
  cp "$from/package-lock.json" "$to/installed.json"
}
