#!/bin/sh
# Runs scenarios of the official conformance suite of the Model Context Protocol against
# the server at URL, which asks for no key:
#
#	mcp-conformance.sh URL SCENARIO...
#
# Prints a line for each check: its scenario, its id, and SUCCESS, FAILURE, WARNING, INFO or
# SKIPPED, with what is wrong.  The suite and the node that it needs are fetched by npm,
# pinned; fetched once; several can ask at the same time.
set -eu

suite=0.2.0-alpha.12
node=22.23.3
base=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/mcp-conformance
dir=$base/$suite-$node
case $(uname -m) in
aarch64 | arm64) arch=arm64 ;;
*) arch=x64 ;;
esac

if [ ! -d "$dir" ]; then
	mkdir -p "$base"
	fetched=$(mktemp -d "$base/.fetch.XXXXXX")
	trap 'rm -rf "$fetched"' EXIT
	npm install --prefix "$fetched" --silent --ignore-scripts --no-audit --no-fund --no-save \
		--no-update-notifier "@modelcontextprotocol/conformance@$suite" \
		"node-linux-$arch@$node" >"$fetched/log" 2>&1 || {
		cat "$fetched/log" >&2
		echo "mcp-conformance.sh: npm could not fetch the suite; is the network there?" >&2
		exit 1
	}
	mv -T "$fetched" "$dir" 2>/dev/null || [ -d "$dir" ]
fi

url=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for scenario; do
	"$dir/node_modules/node-linux-$arch/bin/node" \
		"$dir/node_modules/@modelcontextprotocol/conformance/dist/index.js" \
		server --url "$url" --scenario "$scenario" -o "$results" >/dev/null 2>"$results/errors" || true
	checks=$(find "$results" -name checks.json)
	[ -n "$checks" ] || {
		cat "$results/errors" >&2
		exit 1
	}
	jq -r --arg scenario "$scenario" '.[] | [$scenario, .id, .status, .errorMessage // ""] | join(" ")' "$checks"
	rm -rf "${checks%/*}"
done
