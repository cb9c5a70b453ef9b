#!/usr/bin/env bash
# Runs the fuzz targets one after the other, TIME seconds each (60), with what earlier runs found.
#
#   fuzz/run.sh                 all of them
#   TIME=600 fuzz/run.sh html   one of them, for ten minutes
#
# Stable Rust and a C++ compiler are enough: LLVM's coverage passes are switched on by hand, and there is no
# sanitizer. What crashes a target is kept under target/fuzz/artifacts/<target>/; give the file to the target's
# program to see it again. New inputs are kept under target/fuzz/corpus/<target>/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$(realpath -m "${CARGO_TARGET_DIR:-../target}")/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
coverage+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
# The versions that the functions have; the fuzzer itself is pinned in Cargo.toml.
cp ../Cargo.lock Cargo.lock
# With --target the flags do not reach build scripts and macros.
RUSTFLAGS="$coverage" ${CARGO:-cargo} build --release --target "$host" --target-dir "$out" --quiet
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(event body offset checkpoint crm_answer html phone expression manifest)
for target in "${targets[@]}"; do
  mkdir -p "$out/corpus/$target" "$out/artifacts/$target"
  seeds=("corpus/$target")
  case $target in
    event) seeds+=(../events) ;;
    manifest) seeds+=(../manifests) ;;
  esac
  log="$out/$target.log"
  # Panics that the bridge catches print their place; libFuzzer's figures stand at the end.
  "$out/$host/release/$target" -max_total_time="${TIME:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=65536 \
    -artifact_prefix="$out/artifacts/$target/" -dict=dictionary -print_final_stats=1 -verbosity=1 \
    "$out/corpus/$target" "${seeds[@]}" >"$log" 2>&1 || { tail -40 "$log"; echo "$target: FAILED, see $log"; exit 1; }
  printf '%-12s %s\n' "$target" "$(grep -E '^#[0-9]+.*(DONE|RELOAD|NEW|REDUCE|pulse)' "$log" | tail -1)"
done
