#!/bin/sh
# shellcheck shell=sh
# For scripts to source: fetches one file out of a package by npm, pinned, and
# says where such files are.
#
#   place NAME       sets $found: the path of NAME where this user keeps such
#                    files; with $system=--system, where all users of the machine do
#   present NAME     sets $found to the one that is there, the machine's first;
#                    fails when there is none
#   fetch_npm PACKAGE VERSION INTEGRITY MEMBER FILE
#
# Leaves MEMBER (a path inside the package) at FILE.  INTEGRITY is the
# package's SHA-512 in base64.  FILE appears whole or not at all, so that
# several can fetch at once.  On failure prints a sentence on standard error
# and returns 1.  Runs in a subshell: it changes nothing of the caller's.

# Where all users of the machine look; make install writes its STATE here.
state=${MM_STATE_DIR:-/var/lib/millimetric}

place() {
	if [ "${system:-}" = --system ]; then
		found=$state/$1
	elif [ -n "${XDG_CACHE_HOME:-}" ]; then
		found=$XDG_CACHE_HOME/millimetric/$1
	elif [ -n "${HOME:-}" ]; then
		found=$HOME/.cache/millimetric/$1
	else
		echo "${0##*/}: there is no HOME; --system fetches it for all users, into $state" >&2
		exit 2
	fi
}

present() {
	found=$state/$1
	[ ! -s "$found" ] || return 0
	place "$1"
	[ -s "$found" ]
}

# The one option of the scripts.
options() {
	case $#-${1:-} in
	0-) system= ;;
	1---system) system=--system ;;
	*)
		echo "usage: ${0##*/} [--system]" >&2
		exit 2
		;;
	esac
}

fetch_npm() (
	package=$1 version=$2 integrity=$3 member=$4 file=$5

	complain() {
		echo "${0##*/}: $*" >&2
		exit 1
	}

	for program in npm sha512sum tar; do
		command -v "$program" >/dev/null ||
			complain "'$program' is needed to fetch $package; install it first (deps.sh demo does, on Debian)"
	done
	dir=$(dirname -- "$file")
	[ "${system:-}" != --system ] || umask 022
	mkdir -p -- "$dir" || complain "cannot make the folder $dir"
	# Beside the result, so that the last step is a rename.
	work=$(mktemp -d "$dir/.fetch.XXXXXX") || complain "cannot write in $dir"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	(cd "$work" && npm pack --silent --no-update-notifier "$package@$version") >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		complain "npm could not fetch $package@$version; is the network there?"
	}
	set -- "$work"/*.tgz
	[ -f "$1" ] || complain "npm left no package behind for $package@$version"
	want=$(printf '%s' "$integrity" | base64 -d | od -An -v -tx1 | tr -d ' \n')
	have=$(sha512sum <"$1" | cut -d ' ' -f 1)
	[ "$have" = "$want" ] ||
		complain "the checksum of $package@$version is not the pinned one; it is not used"
	tar -xzf "$1" -C "$work" "$member" || complain "unpacking failed; is there room in $dir?"
	[ "${system:-}" != --system ] || chmod a+r "$work/$member"
	mv -f -- "$work/$member" "$file" || complain "cannot write $file"
)
