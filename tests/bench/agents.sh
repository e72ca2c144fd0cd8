#!/bin/sh
# How lib/enrich/agent agrees with corpora that others made, and what it costs:
# `make bench-agents`.  Prints two tables; ends with 1 when a target is missed or
# a disagreement is not listed in tests/data/agent-disagreements.tsv.
#
#   BUILD=DIR             where the programs were built (default: build)
#   agents.sh --list      prints the disagreements that are not listed, as lines for it
#
# The corpora are fetched, never copied into the repository: Debian's package
# uap-core (Apache-2.0), npm's user-agents (BSD-2-Clause) and crawler-user-agents (MIT).
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/../../cmd/setup/fetch.sh"

build=${BUILD:-$here/../../build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/agents
uap=/usr/share/uap-core
real=$cache/user-agents-2.1.198.json
crawlers=$cache/crawler-user-agents-1.60.0.json

if [ ! -d "$uap/tests" ]; then
	echo "agents.sh: Debian's package uap-core is needed: apt-get install uap-core" >&2
	exit 2
fi
if [ ! -s "$real" ]; then
	echo "agents.sh: fetching agents of real browsers by npm (6 MB)" >&2
	fetch_npm user-agents 2.1.198 \
		cpFqEfpW1DW7MZYfJaknK5mNJZBgUwfroY0y1jSVy8Y93T4pmP0wp5HhXTOqZUbUbFppp0fwCyfttG9rsl3vqw== \
		package/dist/user-agents.json "$real" || exit 2
fi
if [ ! -s "$crawlers" ]; then
	echo "agents.sh: fetching agents of robots by npm (1 MB)" >&2
	fetch_npm crawler-user-agents 1.60.0 \
		p8hKVsnZl3msolBhGW8s86V0tmmcuBSwhTXkzkegGQzTt0A/ysKDHKzek9fichfqL5qBEgDrR9CuGBU0Y7bDrg== \
		package/crawler-user-agents.json "$crawlers" || exit 2
fi

status=0
node "$here/agents.mjs" "$build/tests/agents" "$here/../data" "$uap" "$real" "$crawlers" "$@" ||
	status=$?

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# The first program prints one agent a line, in the order of their traffic.
# shellcheck disable=SC2016
node -e 'for (const r of JSON.parse(require("fs").readFileSync(process.argv[1]))) console.log(r.userAgent)' \
	"$real" >"$work/agents"
echo
"$build/tests/bench_agents" "$work/agents"
exit $status
