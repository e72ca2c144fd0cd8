#!/bin/sh
# Fetches the compiler of TypeScript by npm, pinned, and prints the path of tsc.
# Fetched once; several can ask at the same time.
set -eu

version=5.9.3
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/typescript
dir=$base/$version

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	work=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	npm install --prefix "$work" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "typescript@$version" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "typescript.sh: npm could not fetch typescript; is the network there?" >&2
		exit 1
	}
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir/node_modules/.bin/tsc"
