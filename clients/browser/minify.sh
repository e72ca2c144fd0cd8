#!/bin/sh
# Prints a.js as mm-serve serves it, by terser, pinned and fetched by npm:
#
#   clients/browser/minify.sh > clients/browser/a.min.js      (make browser-script)
#
# The result is kept beside the source, so that the build needs no npm; a test
# compares the two.
set -eu

version=5.51.4
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/terser
dir=$base/$version

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	work=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	npm install --prefix "$work" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "terser@$version" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "minify.sh: npm could not fetch terser; is the network there?" >&2
		exit 1
	}
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
"$dir/node_modules/.bin/terser" "${0%/*}/a.js" --ecma 2015 --toplevel --mangle \
	--compress passes=3,unsafe_arrows
