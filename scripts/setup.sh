#!/usr/bin/env bash
# Installs what the tests with real peers need. May be run again at any time:
# it installs only what is missing. Services are installed but not started,
# and a Postfix, PostgreSQL or OpenLDAP that runs here already is left alone: the tests
# start private ones on loopback ports.
#
# With --check it only looks, names what is missing and ends with 1 if there
# is anything; `make test` calls it so.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(postfix swaks sasl2-bin libsasl2-modules libsasl2-modules-db postgresql slapd ldap-utils chromium strace poppler-utils dovecot-imapd gcc libc6-dev)

# here tells whether this system has a program; those of a mail or database
# server are not in everybody's PATH.
here() {
	PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null ||
		compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

# look fills missing: packages on Debian and Ubuntu, elsewhere the programs.
look() {
	missing=()
	if command -v dpkg-query >/dev/null; then
		local installed p
		installed=" $(dpkg-query -W -f '${Package}=${Status} ' "${packages[@]}" 2>/dev/null || true)"
		for p in "${packages[@]}"; do
			[[ $installed == *" $p=install ok installed "* ]] || missing+=("$p")
		done
		return
	fi
	here postfix || missing+=(postfix)
	here swaks || missing+=(swaks)
	here saslpasswd2 || missing+=(saslpasswd2)
	here initdb || missing+=(postgresql)
	here slapd || missing+=(slapd)
	here ldapadd || missing+=(ldap-utils)
	here chromium || missing+=(chromium)
	here strace || missing+=(strace)
	here pdftotext || missing+=(poppler-utils)
	here dovecot || missing+=(dovecot)
	here cc || missing+=(gcc)
}

if ! command -v go >/dev/null; then
	echo "setup: Go is missing: install Go 1.26 or later from https://go.dev/dl/" >&2
	exit 1
fi

look
case ${1-} in
--check)
	((${#missing[@]} == 0)) && exit
	echo "setup: missing: ${missing[*]}" >&2
	exit 1
	;;
?*)
	echo "setup: unknown argument $1; there is only --check" >&2
	exit 2
	;;
esac

if ((${#missing[@]})); then
	if ! command -v apt-get >/dev/null; then
		echo "setup: this is no Debian or Ubuntu; install by hand: ${missing[*]}" >&2
		exit 1
	fi
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
	# OpenLDAP asks for a first directory; the tests make their own.
	echo "slapd slapd/no_configuration boolean true" | "${root[@]}" debconf-set-selections
	echo "postfix postfix/main_mailer_type select No configuration" | "${root[@]}" debconf-set-selections
	"${root[@]}" apt-get update -q
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

go mod download
echo "setup: ready (make run, make test)"
