#!/usr/bin/env bash
# What a row costs ClickHouse: processor time, and bytes on disk.  The figures
# of mm(7), "ONE MACHINE, THEN MANY", come from here.
#
#   BUILD=DIR ROWS=N tests/bench/tables.sh      (make bench-tables)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=$(realpath "${BUILD:-build}")
ROWS=${ROWS:-500000}
export PATH=$BUILD/bin:$PATH BUILD ROWS

ask() {
	curl -sS --fail-with-body --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL?database=${2:-millimetric}" -d "$1"
}

# The processor time that the engine has used, in hundredths of a second.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$engine/stat"
}

measure() {
	local before start seconds
	engine=$(pgrep -P "$PPID" | grep -vx "$$" | head -n 1)
	mm-schema
	before=$(ticks)
	start=$(date +%s%N)
	mm-insert -q "$1"
	seconds=$(awk -v n="$(($(date +%s%N) - start))" 'BEGIN { printf "%.2f", n / 1e9 }')
	awk -v rows="$ROWS" -v s="$seconds" -v t="$(($(ticks) - before))" -v hz="$(getconf CLK_TCK)" \
		'BEGIN { printf "insert: %d rows/s; by the engine, %d rows per second of one core\n",
		rows / s, rows / (t / hz) }'
	for table in events daily_rollup sessions; do
		ask "OPTIMIZE TABLE $table FINAL"
	done
	ask "SELECT table, sum(rows) AS rows, round(sum(bytes_on_disk) / rows, 1) AS bytes_a_row,
		round(sum(bytes_on_disk) / $ROWS, 1) AS bytes_an_event FROM system.parts
		WHERE active AND database = 'millimetric' GROUP BY table ORDER BY table
		FORMAT PrettyCompactMonoBlock"
	start=$(date +%s%N)
	mm-sources --from 1970-01-01 --to 2100-01-01 >/dev/null
	awk -v rows="$ROWS" -v n="$(($(date +%s%N) - start))" \
		'BEGIN { printf "mm-sources over all of it: %d rows/s\n", rows / (n / 1e9) }'
}

if [[ ${1:-} == --measure ]]; then
	measure "$2"
	exit
fi
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
trap 'rm -rf "$work"' EXIT
export MM_IP_SALT=0123456789abcdef-bench-salt
"$BUILD/tests/gen-events" -n "$ROWS" --invalid 0 --visitors $((ROWS / 5 + 1)) | mm-enrich -q >"$work/rows"
echo "a row as text: $(($(stat -c %s "$work/rows") / ROWS)) bytes"
mm-clickhouse -d "$work/data" -- bash "$PWD/tests/bench/tables.sh" --measure "$work/rows"
