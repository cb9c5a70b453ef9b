#!/usr/bin/env bash
# Checks what `sam build` made before it is uploaded: every function is a program for the stack's processor
# and needs no newer C library than Amazon Linux 2023 has. Lambda would take another one without a word, and
# every request would fail.
#
#   deploy/check-build.sh arm64|x86_64 FOLDER [KB]     KB: what a function may have at most
set -euo pipefail

architecture=$1 folder=$2 largest=${3:-}
# Amazon Linux 2023's glibc.
newest=2.34

stop() {
  echo "check-build: $1" >&2
  exit 1
}

found=0
for program in "$folder"/*/bootstrap; do
  [ -f "$program" ] || stop "$folder holds no function: run sam build first"
  # ELF's first four bytes, and the machine in bytes 18 and 19.
  magic=$(od -An -tx1 -N4 "$program" | tr -d ' ')
  [ "$magic" = 7f454c46 ] || stop "$program is no program for Linux"
  machine=$(od -An -tx1 -j18 -N2 "$program" | tr -d ' ')
  case $machine in
    3e00) made_for=x86_64 ;;
    b700) made_for=arm64 ;;
    *) made_for="another processor ($machine)" ;;
  esac
  [ "$made_for" = "$architecture" ] ||
    stop "$program is made for $made_for, but the stack's Architecture is $architecture: build with the same parameters"
  needs=$(grep -aoE 'GLIBC_[0-9]+\.[0-9]+' "$program" | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
  [ "$(printf '%s\n' "${needs:-0}" "$newest" | sort -V | tail -n 1)" = "$newest" ] ||
    stop "$program needs glibc $needs, Lambda has $newest: build with cargo-lambda, as sam build does"
  size=$(wc -c <"$program")
  [ -z "$largest" ] || [ "$((size / 1000))" -le "$largest" ] ||
    stop "$program has $((size / 1000)) kB, more than $largest: what came in? (LARGEST in the Makefile)"
  echo "check-build: $(basename "$(dirname "$program")") $made_for, glibc ${needs:-none}, $((size / 1000)) kB"
  found=$((found + 1))
done
[ "$found" -gt 0 ]
