#!/usr/bin/env bash
# How the filters' work grows, in instructions as valgrind counts them, which no other load on
# the machine changes: `make bench-scale`.  Ends with 1 where work grows faster than the input.
#
# A row is one way to grow.  Each step is ten times the one before (or as said), over input that
# costs the same if nothing but bytes and events count; the figure must stay within TOLERANCE of
# the first one, or fall.
#
#   BUILD=DIR   where the programs were built (default: build)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
build=${BUILD:-build}
tolerance=1.5
work=$(mktemp -d "${TMPDIR:-/tmp}/mm-bench-scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
export MM_IP_SALT=0123456789abcdef-bench-salt
unset MM_GEOIP_DB
status=0
"$build/tests/gen-events" -n 1 >"$work/one"

# instructions COMMAND...: of all its threads, without those of its start.
instructions() {
	local all start
	all=$(count "$@" "$work/in")
	start=$(count "$@" "$work/one")
	echo $((all - start))
}

count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bin/$1" "${@:2}" 2>"$work/log" >/dev/null || {
		tail -n 5 "$work/log" >&2
		return 1
	}
	awk '/Collected/ { print $NF }' "$work/log"
}

# row NAME UNIT MAKE SIZE... -- COMMAND...: MAKE SIZE writes the input and prints how many UNITs it has.
row() {
	local name=$1 unit=$2 make=$3 size units cost first='' sizes=()
	shift 3
	while [[ $1 != -- ]]; do
		sizes+=("$1")
		shift
	done
	shift
	printf '%-44s' "$name: $1"
	for size in "${sizes[@]}"; do
		units=$("$make" "$size")
		cost=$(instructions "$@")
		cost=$(awk "BEGIN { printf \"%.1f\", $cost / $units }")
		printf ' %12s' "$size: $cost"
		first=${first:-$cost}
		if awk "BEGIN { exit !($cost > $first * $tolerance) }"; then
			printf ' (grows)'
			status=1
		fi
	done
	echo " a $unit"
}

# The makers are called by their names.
# shellcheck disable=SC2317
events() { # VISITORS
	"$build/tests/gen-events" -n 20000 --visitors "$1" >"$work/in"
	echo 20000
}

# shellcheck disable=SC2317
# Lines of SIZE bytes, two megabytes in all, filled by KIND.
lines() {
	awk -v size="$1" -v kind="$kind" 'BEGIN {
		while (length(fill) < size - 60)
			fill = fill (kind == "escapes" ? "\\\"\\n" : kind == "keys" ? ",\"a\":1" : "abcdefgh")
		for (i = 0; i < 2000000 / size; i++) {
			if (kind == "keys")
				printf "{\"event\":\"e\",\"anonymous_id\":\"a\",\"other\":{\"k\":1%s}}\n", fill
			else
				printf "{\"event\":\"e\",\"anonymous_id\":\"a\",\"other\":[\"%s\"]}\n", fill
		}
	}' >"$work/in"
	wc -c <"$work/in"
}

# shellcheck disable=SC2317
hosts() { # SIZE: each of so many hosts refers, in 20,000 events
	awk -v hosts="$1" 'BEGIN {
		for (i = 0; i < 20000; i++)
			printf "{\"event\":\"e\",\"anonymous_id\":\"a\",\"url\":\"https://s.example/\",\"referrer\":\"https://h%d.example/\"}\n", \
			    100000000 + i * 7919 % hosts
	}' >"$work/in"
	echo 20000
}

echo "instructions, by valgrind"
for command in mm-validate mm-enrich mm-classify; do
	row visitors event events 100 1000 10000 20000 -- $command -q
	row hosts event hosts 100 1000 20000 -- $command -q
	for kind in plain escapes keys; do
		row "bytes a line, $kind" byte lines 1000 8000 64000 -- $command -q
	done
done
row 'visitors, 2 threads' event events 100 20000 -- mm-enrich -q --jobs 2
row visitors event events 100 20000 -- mm-dedup -q
exit $status
