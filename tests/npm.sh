#!/bin/sh
# Prints the folder with these packages of npm, whose versions are pinned:
#
#     tests/npm.sh NAME VERSION PACKAGE@VERSION...
#
# They are fetched once, into a folder NAME/VERSION of the user's cache, which
# appears whole or not at all, so that several can ask at the same time.
set -eu

name=$1 version=$2
shift 2
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/$name
dir=$base/$version

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	work=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	npm install --prefix "$work" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "npm could not fetch $name; is the network there?" >&2
		exit 1
	}
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir/node_modules"
