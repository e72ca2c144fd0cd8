# shellcheck shell=sh
# For scripts to source: fetches one file out of a package by npm, pinned.
#
#   fetch_npm PACKAGE VERSION INTEGRITY MEMBER FILE
#
# Leaves MEMBER (a path inside the package) at FILE.  INTEGRITY is the
# package's SHA-512 in base64.  FILE appears whole or not at all, so that
# several can fetch at once.  On failure prints a sentence on standard error
# and returns 1.  Runs in a subshell: it changes nothing of the caller's.

fetch_npm() (
	package=$1 version=$2 integrity=$3 member=$4 file=$5

	complain() {
		echo "${0##*/}: $*" >&2
		exit 1
	}

	for program in npm sha512sum tar; do
		command -v "$program" >/dev/null ||
			complain "'$program' is needed to fetch $package; install it first (cmd/setup/deps.sh demo)"
	done
	dir=$(dirname -- "$file")
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
	mv -f -- "$work/$member" "$file" || complain "cannot write $file"
)
