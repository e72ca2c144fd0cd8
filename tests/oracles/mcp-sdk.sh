#!/bin/sh
# Fetches the official client of the Model Context Protocol by npm, pinned, and
# prints where it is.  Fetched once; several can ask at the same time.
set -eu

version=1.32.2
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/mcp-sdk
dir=$base/$version

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	work=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	npm install --prefix "$work" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "@modelcontextprotocol/sdk@$version" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "mcp-sdk.sh: npm could not fetch the client; is the network there?" >&2
		exit 1
	}
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir/node_modules/@modelcontextprotocol/sdk"
