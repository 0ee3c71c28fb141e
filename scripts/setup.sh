#!/usr/bin/env bash
# Installs what the tests with real peers need. May be run again at any time:
# it installs only what is missing. Services are installed but not started,
# and a Postfix or PostgreSQL that runs here already is left alone: the tests
# start private ones on loopback ports.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(postfix swaks sasl2-bin libsasl2-modules libsasl2-modules-db postgresql chromium strace)

if ! command -v go >/dev/null; then
	echo "setup: Go is missing: install Go 1.26 or later from https://go.dev/dl/" >&2
	exit 1
fi

if ! command -v apt-get >/dev/null; then
	echo "setup: this is no Debian or Ubuntu; install by hand: ${packages[*]}" >&2
	exit 1
fi

missing=()
for p in "${packages[@]}"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing+=("$p")
done

if ((${#missing[@]})); then
	root=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null || { echo "setup: run as root, or install sudo, to install: ${missing[*]}" >&2; exit 1; }
		root=(sudo)
	fi
	# policy-rc.d keeps the packages' services from starting; it goes away
	# again, and one that is there already is respected.
	policy=/usr/sbin/policy-rc.d
	if [[ ! -e $policy ]]; then
		printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
		"${root[@]}" chmod 755 $policy
		trap '"${root[@]}" rm -f '$policy EXIT
	fi
	echo "postfix postfix/main_mailer_type select No configuration" | "${root[@]}" debconf-set-selections
	"${root[@]}" apt-get update -q
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

go mod download
echo "setup: ready (make run, make test)"
