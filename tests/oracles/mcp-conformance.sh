#!/bin/sh
# Runs scenarios of the official conformance suite of the Model Context Protocol against
# the server at URL, which asks for no key:
#
#	mcp-conformance.sh URL SCENARIO...
#
# Prints a line for each check: its scenario, its id, and SUCCESS, FAILURE, WARNING, INFO or
# SKIPPED, with what is wrong.  The suite and the node that it needs are fetched by npm, pinned.
set -eu

suite=0.2.0-alpha.12
node=22.23.3
case $(uname -m) in
aarch64 | arm64) arch=arm64 ;;
*) arch=x64 ;;
esac

modules=$("${0%/*}/../npm.sh" mcp-conformance $suite-$node \
	@modelcontextprotocol/conformance@$suite "node-linux-$arch@$node")

url=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for scenario; do
	"$modules/node-linux-$arch/bin/node" \
		"$modules/@modelcontextprotocol/conformance/dist/index.js" \
		server --url "$url" --scenario "$scenario" -o "$results" >/dev/null 2>"$results/errors" || true
	checks=$(find "$results" -name checks.json)
	[ -n "$checks" ] || {
		cat "$results/errors" >&2
		exit 1
	}
	jq -r --arg scenario "$scenario" '.[] | [$scenario, .id, .status, .errorMessage // ""] | join(" ")' "$checks"
	rm -rf "${checks%/*}"
done
