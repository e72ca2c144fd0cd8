#!/bin/sh
# Fetches the official clients of the Model Context Protocol by npm, pinned, and prints
# where the one of the revisions with a handshake is; that of 2026-07-28 is the folder
# `client` beside it.  Fetched once; several can ask at the same time.
set -eu

sdk=1.32.2
client=2.4.0
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/mcp-sdk
dir=$base/$sdk-$client

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	work=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	npm install --prefix "$work" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "@modelcontextprotocol/sdk@$sdk" \
		"@modelcontextprotocol/client@$client" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "mcp-sdk.sh: npm could not fetch the clients; is the network there?" >&2
		exit 1
	}
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir/node_modules/@modelcontextprotocol/sdk"
