#!/usr/bin/env bash
# Runs every fuzzer of the module, one after the other: fuzz.sh [TIME]
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
found=0
while IFS=: read -r file name; do
	package=./$(dirname "$file")
	echo "== $package $name ($time)"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "$package"
	found=$((found + 1))
done < <(git grep -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed 's/func //')
((found)) || { echo "fuzz: no fuzzer found" >&2; exit 1; }
echo "fuzz: $found fuzzers, nothing found"
