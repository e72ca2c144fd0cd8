#!/usr/bin/env bash
# Measures mm-import on generated logs, beside GoAccess where it is installed
# (apt-get install goaccess), which parses and counts the same log.
#
#   LINES_OF_LOG=N   lines of each log (default 4600000, about 1 GB)
#   ROUNDS=N         of which the medians are shown (default 3)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=${BUILD:-build}
BUILD=$(cd "$BUILD" && pwd)
lines=${LINES_OF_LOG:-4600000}
rounds=${ROUNDS:-3}
work=$(mktemp -d "${TMPDIR:-/tmp}/mm-bench-import.XXXXXX")
trap 'rm -rf "$work"' EXIT
export PATH="$BUILD/bin:$PATH"

"$BUILD/tests/gen-log" -n "$lines" >"$work/combined"
"$BUILD/tests/gen-log" --json -n $((lines * 2 / 3)) >"$work/json"
"$BUILD/tests/gen-log" -n "$lines" | gzip -1 >"$work/combined.gz"

# show NAME FILE COMMAND: a line of the table
show() {
	local median least most kib status bytes
	read -r median least most kib status < <("$BUILD/tests/measure" -r "$rounds" "$3")
	bytes=$(stat -c %s "$2")
	awk -v name="$1" -v s="$median" -v least="$least" -v most="$most" -v kib="$kib" -v status="$status" \
		-v bytes="$bytes" 'BEGIN {
		printf "%-28s %8.2f s (%.2f to %.2f) %8.0f MB/s %8.1f MiB  status %d\n",
			name, s, least, most, bytes / s / 1e6, kib / 1024, status
	}'
}

show 'wc -l' "$work/combined" "wc -l $work/combined > /dev/null"
show 'mm-import combined' "$work/combined" "mm-import -q combined --site shop.example $work/combined > /dev/null"
show 'mm-import combined --jobs 2' "$work/combined" "mm-import -q combined --jobs 2 --site shop.example $work/combined > /dev/null"
show 'mm-import nginx-json' "$work/json" "mm-import -q nginx-json $work/json > /dev/null"
show 'mm-import combined, .gz' "$work/combined" "mm-import -q combined --site shop.example $work/combined.gz > /dev/null"
head -c 1000000 /dev/zero | tr '\0' '\1' >"$work/controls"
printf '{"time":"2026-05-16T19:00:00Z","remote_addr":"192.0.2.1","uri":"/","http_user_agent":"%s"}\n' \
	"$(cat "$work/controls")" >"$work/one"
cat "$work/one" "$work/one" "$work/one" >"$work/odd"
show 'lines of 1 MB of controls' "$work/odd" "mm-import -q nginx-json --site shop.example $work/odd > /dev/null"
if command -v goaccess >/dev/null; then
	show 'goaccess' "$work/combined" \
		"goaccess $work/combined --log-format=COMBINED --no-progress -o $work/report.json"
fi
