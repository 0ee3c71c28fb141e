#!/usr/bin/env bash
# What is cheap to check and hard to see: form, vet, floors, pinned versions.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
fail() { echo "lint: $*" >&2; status=1; }

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[[ -z $unformatted ]] || fail $'not formatted (gofmt -w):\n'"$unformatted"

go vet ./... || fail "go vet (above)"
go vet -tags peers ./... || fail "go vet -tags peers (above)"
go test -run '^TestFloors|^TestModules' ./test/ || fail "floors or modules (above)"

for script in scripts/*.sh .ci/run; do
	bash -n "$script" || fail "$script does not parse"
done
if command -v shellcheck >/dev/null; then
	shellcheck scripts/*.sh .ci/run || fail "shellcheck (above)"
fi
exit $status
