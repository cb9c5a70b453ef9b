#!/usr/bin/env bash
# Shows that the model finds errors: each of eight wrong versions of the engine must fail it.
# Works on a copy under target/mutants; `make mutants-sync` calls it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
root=$PWD
copy=$root/target/mutants
contacts=shared/src/crm/contacts
export RUST_BACKTRACE=0 SYNC_CASES=${SYNC_CASES:-300}

mkdir -p "$copy"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A fresh copy of the shared crate; the other members are left out of the copy's workspace.
# Only files that differ are written, with a new time: else cargo would not see that they changed.
fresh() {
  local path
  mkdir -p "$copy/shared"
  cp Cargo.lock "$copy/Cargo.lock"
  sed -e 's|^members = .*|members = ["shared"]|' -e '/^default-members/d' Cargo.toml >"$copy/Cargo.toml"
  ln -sfn "$root/manifests" "$copy/manifests"
  find "$copy/shared" -type f | while read -r path; do
    [ -e "shared/${path#"$copy/shared/"}" ] || rm -f "$path"
  done
  find shared -type f | while read -r path; do
    if ! cmp -s "$path" "$copy/$path"; then
      mkdir -p "$copy/$(dirname "$path")"
      cat "$path" >"$copy/$path"
    fi
  done
}

run() {
  (cd "$copy" && cargo test --offline --quiet -p bridge --test sync_model -- lossless) >"$log" 2>&1
}

# mutant NAME FILE PYTHON-PAIRS: replaces texts that must be there exactly once.
mutant() {
  local name=$1 file=$2 old=$3 new=$4
  fresh
  if ! python3 - "$copy/$file" "$old" "$new" <<'PYTHON'
import sys
path, old, new = sys.argv[1:]
text = open(path).read()
if text.count(old) != 1:
    sys.exit(f"{path}: {text.count(old)} places for the mutation, not 1: {old!r}")
open(path, "w").write(text.replace(old, new))
PYTHON
  then
    failed=1
    return
  fi
  if run; then
    printf 'SURVIVED  %s\n' "$name"
    failed=1
  elif grep -q '^error\(\[E\|: could not compile\)' "$log"; then
    printf 'BROKEN    %s: does not compile\n' "$name"
    tail -20 "$log"
    failed=1
  else
    printf 'found     %-58s %s\n' "$name" "$(grep -m1 -o 'Test failed: .\{0,90\}' "$log" || true)"
  fi
}

failed=0
fresh
if run; then
  printf 'passes    the engine as it is\n'
else
  printf 'FAILS     the engine as it is\n'
  cat "$log"
  exit 1
fi
mutant '>= becomes >: the bound of the next query is one step later' $contacts/range.rs \
  'Some(Place::Query { from: newest.micros() })' \
  'Some(Place::Query { from: newest.plus(bounds.step).micros() })'
mutant 'nothing is withheld: the newest bucket counts as closed' $contacts/range.rs \
  'let closed =
                |key: &Key| key.stamp.is_none_or(|stamp| stamp < newest || !bounds.tells(floor, stamp));
            let deliver = (0..keys.len()).filter(|i| asked(&keys[*i]) && closed(&keys[*i])).collect();
            let next = Some(Place::Query { from: newest.micros() });
            Ok(Turn { deliver, next, mark: bounds.mark(newest) })' \
  'let deliver = (0..keys.len()).filter(|i| asked(&keys[*i])).collect();
            let after = newest.plus(bounds.step);
            let next = Some(Place::Query { from: after.micros() });
            Ok(Turn { deliver, next, mark: bounds.mark(after) })'
mutant 'the checkpoint does not wait for settle' $contacts/checkpoint.rs \
  'started.minus(rules.settle.0).floor(step(rules))' \
  'started.floor(step(rules))'
mutant 'the checkpoint is not floored to step' $contacts/checkpoint.rs \
  'started.minus(rules.settle.0).floor(step(rules))' \
  'started.minus(rules.settle.0)'
mutant 'stamps are not floored to step' shared/src/crm/contacts.rs \
  'Key { stamp: stamp.map(|s| s.floor(step)),' \
  'Key { stamp: stamp.filter(|_| !step.is_zero()),'
mutant 'nothing at all is floored' shared/src/time.rs \
  'Self(self.0.div_euclid(step).saturating_mul(step))' \
  'Self(if step == 0 { 0 } else { self.0 })'
mutant 'the run ends once it has passed its own start' $contacts/range.rs \
  'query(&bounds, Moment::from_micros(*from), keys, more),' \
  'query(&bounds, Moment::from_micros(*from), keys, more && Moment::from_micros(*from) <= started),'
mutant 'every stamp tells where its row stood' $contacts/range.rs \
  'stamp < self.limit || from >= self.limit' \
  'stamp < self.limit || from >= self.limit || stamp >= self.limit'
exit $failed
