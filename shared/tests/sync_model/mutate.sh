#!/usr/bin/env bash
# Shows that the model finds errors: each of these wrong versions of the engine must fail it.
# Works on a copy under target/mutants; `make mutants-sync` calls it. With `--texts` it only sees that every text that
# a wrong version replaces is still there (`make lint`): a mutant that went stale would be found in vain.
# ONLY=TEXT runs those whose names have the text.
set -euo pipefail
cd "$(dirname "$0")/../../.."
root=$PWD
copy=$root/target/mutants
contacts=shared/src/crm/contacts
export RUST_BACKTRACE=0 SYNC_CASES=${SYNC_CASES:-300}

only_texts=${1:-}
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
  (cd "$copy" && cargo test --offline --quiet -p bridge --test sync_model -- lossless worlds rules decide overlap) >"$log" 2>&1
}

# mutant NAME FILE PYTHON-PAIRS: replaces texts that must be there exactly once.
mutant() {
  local name=$1 file=$2 old=$3 new=$4 to=$copy/$2
  [[ $name == *"${ONLY:-}"* ]] || return 0
  if [ "$only_texts" ]; then to=/dev/null; else fresh; fi
  if ! python3 - "$file" "$old" "$new" "$to" <<'PYTHON'
import sys
path, old, new, to = sys.argv[1:]
text = open(path).read()
if text.count(old) != 1:
    sys.exit(f"mutate.sh: {path} has {text.count(old)} places for the mutation, not 1: {old!r}")
open(to, "w").write(text.replace(old, new))
PYTHON
  then
    failed=1
    return
  fi
  if [ "$only_texts" ]; then return; fi
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
if [ ! "$only_texts" ]; then
  fresh
  if run; then
    printf 'passes    the engine as it is\n'
  else
    printf 'FAILS     the engine as it is\n'
    cat "$log"
    exit 1
  fi
fi
mutant '>= becomes >: the bound of the next query is one step later' $contacts/range.rs \
  'Some(Place::Query { from: newest.micros(), shown })' \
  'Some(Place::Query { from: newest.plus(bounds.step).micros(), shown: shown.filter(|_| false) })'
mutant 'nothing is withheld: the newest bucket counts as closed' $contacts/range.rs \
  'let shown = Some(shown(keys, newest, floor));
            let next = Some(Place::Query { from: newest.micros(), shown });
            Ok(Turn { deliver, next, mark: bounds.mark(newest) })' \
  'let after = newest.plus(bounds.step);
            let deliver = (0..keys.len()).filter(|i| asked(&keys[*i])).collect();
            let next = Some(Place::query(after.micros()));
            Ok(Turn { deliver, next, mark: bounds.mark(after) })'
mutant 'the checkpoint does not wait for settle' $contacts/checkpoint.rs \
  'started.minus(rules.settle.0).floor(step(rules))' \
  'started.floor(step(rules))'
mutant 'the checkpoint is not floored to step' $contacts/checkpoint.rs \
  'started.minus(rules.settle.0).floor(step(rules))' \
  'started.minus(rules.settle.0)'
mutant 'stamps are not floored to step' $contacts/read.rs \
  'Key { stamp: stamp.map(|s| s.floor(step)),' \
  'Key { stamp: stamp.filter(|_| !step.is_zero()),'
mutant 'nothing at all is floored' shared/src/time.rs \
  'Self(self.0.div_euclid(step).saturating_mul(step))' \
  'Self(if step == 0 { 0 } else { self.0 })'
mutant 'the run ends once it has passed its own start' $contacts/range.rs \
  'query(&bounds, Moment::from_micros(*from), keys, more),' \
  'query(&bounds, Moment::from_micros(*from), keys, more && Moment::from_micros(*from) <= clocks.started),'
mutant 'every stamp tells where its row stood' $contacts/range.rs \
  'stamp < self.limit || from >= self.limit' \
  'stamp < self.limit || from >= self.limit || stamp >= self.limit'
mutant 'the Date header is believed' $contacts/clock.rs \
  'let started = date.min(begun).minus(skew);' \
  'let started = if skew.is_zero() { date } else { date.max(begun) };'
mutant 'the clock of the stamps is believed' $contacts/run.rs \
  'history.behind = self.behind(rules, clocks);' \
  'history.behind = self.behind(rules, clocks).min(1);'
mutant 'what was shown need not come again' $contacts/confirm.rs \
  'if again((from, to), &page) {' \
  'if again((from, to), &page) || !shown.since.is_positive() || shown.since.is_positive() {'
mutant 'a filter that is ignored passes' $contacts/range.rs \
  'ignored(bounds.step, floor, keys) {' \
  'ignored(bounds.step, floor, keys) && keys.is_empty() {'
mutant 'an announced empty page of a bucket is believed' $contacts/confirm.rs \
  'last_id.is_some() || page.is_some(),' \
  'last_id.is_some() && page.is_some() && last_id == page,'
mutant 'nothing is ever read again' $contacts/begin.rs \
  'history.generation < generation || full_is_due(' \
  'history.generation < generation && full_is_due('
mutant 'a checkpoint in the future is believed' $contacts/begin.rs \
  'time.is_some_and(|time| time > now.plus(AHEAD))' \
  'time.is_some_and(|time| time > now.plus(AHEAD * 1_000_000))'
mutant 'a page that cannot be mapped counts as delivered' $contacts/deliver.rs \
  'mostly(skipped, done - filtered, "cannot be mapped: the CRM'"'"'s answer has another form")?;' \
  'let _ = mostly(skipped, done - filtered, "cannot be mapped");'
mutant 'one changed row speaks for all that were shown' $contacts/confirm.rs \
  '|| key.stamp < settled);' \
  '|| (key.stamp < settled && key.id.is_none()));'
mutant 'what is too young to tell is forgotten' $contacts/run.rs \
  'if let Some(shown) = &self.history.shown {' \
  'if let Some(shown) = self.history.shown.as_ref().filter(|shown| shown.to.is_none()) {'
mutant 'the stamps of a long run are measured at its beginning' $contacts/run.rs \
  'if let Some(behind) = behind(keys, now) {' \
  'if let Some(behind) = behind(keys, now.min(clocks.started)) {'
mutant 'a checkpoint of another integration is taken' $contacts/checkpoint.rs \
  'if other != integration {' \
  'if other.is_empty() {'
mutant 'a page need not follow the one before' $contacts/walk.rs \
  'self.start == 0 || self.last.is_some_and(shown)' \
  'self.start == 0 || self.last.is_some_and(shown) || self.last.is_some()'
mutant 'newest: a page need not follow the one before' $contacts/newest.rs \
  'if walk.start > 0 && !last.as_ref().is_some_and(shown) {' \
  'if walk.start > 0 && !last.as_ref().is_some_and(shown) && last.is_none() {'
mutant 'newest: the checkpoint moves with every page' $contacts/newest.rs \
  'next: Some(walk.on(last)), mark: Mark::Time(base) })' \
  'next: Some(walk.on(last)), mark: Mark::Time(limit.max(base)) })'
mutant 'newest: a young stamp ends the run' $contacts/newest.rs \
  'let older = telling.last().is_some_and(|stamp| *stamp < floor);' \
  'let older = telling.last().is_some_and(|stamp| *stamp < limit);'
exit $failed
