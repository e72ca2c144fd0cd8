#!/usr/bin/env bash
# Measures mm-insert beside curl, which sends the same rows as JSONEachRow, into
# the embedded engine: the table alone, and with the views of sql/.
#
#   EVENTS=N   rows (default 500000), of a fifth as many visitors
#   ROUNDS=N   of which the medians are shown (default 3)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=${BUILD:-build}
bin=$(cd "$BUILD/bin" && pwd)
measure=$BUILD/tests/measure
events=${EVENTS:-500000}
rounds=${ROUNDS:-3}
base=/tmp
[ -w /dev/shm ] && base=/dev/shm
work=$(mktemp -d "$base/mm-bench-insert.XXXXXX")
engine=
finish() {
	if [ -n "$engine" ]; then
		kill "$engine"
		wait "$engine" || true # its status is that of the signal
	fi
	rm -rf "$work"
}
trap finish EXIT
export work PATH="$bin:$PATH" MM_IP_SALT=0123456789abcdef-bench-salt XDG_STATE_HOME="$work/state"

# ---- rows, the engine, the tables ----

"$BUILD/tests/gen-events" -n "$events" --visitors $((events / 5 + 1)) | mm-enrich -q > "$work/rows"
# as mm-insert cuts them
split --line-bytes=64M "$work/rows" "$work/batch."
mm-clickhouse -d "$work/data" > "$work/url" 2> "$work/log" < /dev/null &
engine=$!
for ((i = 0; i < 300; i++)); do
	[ -s "$work/url" ] && break
	sleep 0.1
done
set -a
# shellcheck source=/dev/null
. "$work/data/mm-clickhouse.env"
set +a
export MM_CLICKHOUSE_NETRC=$work/data/mm-clickhouse.netrc

sql() { # DATABASE STATEMENT
	curl -sS --fail-with-body --netrc-file "$MM_CLICKHOUSE_NETRC" --data-binary "$2" "$MM_CLICKHOUSE_URL?database=$1"
}

MM_CLICKHOUSE_DATABASE=views mm-schema
sql views 'CREATE DATABASE plain'
sql plain 'CREATE TABLE plain.events AS views.events'

empty() { # DATABASE
	local table
	for table in events daily_rollup sessions; do
		sql "$1" "TRUNCATE TABLE IF EXISTS $table"
	done
}

# Seconds of processor time that the server, a child of mm-clickhouse, has taken.
server_seconds() {
	local pid
	for pid in "$engine" $(cat "/proc/$engine/task/$engine/children"); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk -v hertz="$(getconf CLK_TCK)" '{ t += $12 + $13 } END { print t / hertz }'
}

# ---- jobs ----

job() { # DATABASE NAME COMMAND
	local result before
	empty "$1"
	export MM_CLICKHOUSE_DATABASE=$1
	export insert="$MM_CLICKHOUSE_URL?database=$1&query=INSERT%20INTO%20events%20FORMAT%20JSONEachRow"
	before=$(server_seconds)
	result=$("$measure" -r 1 "$3")
	before+=" $(server_seconds)"
	# shellcheck disable=SC2086 # words
	set -- "$1" "$2" $result $before
	if [ "$(sql "$1" 'SELECT count() FROM events')" != "$events" ] || [ "$7" != 0 ]; then
		echo "$1, $2: not all rows are stored, or status $7" >&2
		exit 1
	fi
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$6" "$(awk "BEGIN { print $9 - $8 }")" \
		>> "$work/results"
}

# shellcheck disable=SC2016 # for the shell that is measured
all_jobs() { # DATABASE
	job "$1" 'curl, one body' 'curl -sS --fail --netrc-file "$MM_CLICKHOUSE_NETRC" --data-binary "@$work/rows" "$insert"'
	job "$1" 'curl, in batches' \
		'for f in "$work"/batch.*; do
			curl -sS --fail --netrc-file "$MM_CLICKHOUSE_NETRC" --data-binary "@$f" "$insert" || exit; done'
	job "$1" 'mm-insert --wire-format json' 'mm-insert --wire-format json "$work/rows"'
	job "$1" 'mm-insert --compress gzip' 'mm-insert --compress gzip "$work/rows"'
	job "$1" 'mm-insert --compress zstd' 'mm-insert --compress zstd "$work/rows"'
	job "$1" 'mm-insert' 'mm-insert "$work/rows"'
}

for ((round = 0; round < rounds; round++)); do
	all_jobs plain
	all_jobs views
done

# ---- the table ----

bytes=$(stat -c %s "$work/rows")
echo "$events rows, $((bytes / events)) bytes each as JSON, in $base; median of $rounds rounds;" \
	"$(nproc) processors for sender and engine; RSS that of the sender"
echo
awk -F '\t' -v events="$events" '
function median(list,    v, n, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2
}
function bound(text, have, want, most) {
	printf "%-60s %8.2f  %s\n", text, have, (most ? have <= want : have >= want) ? "ok" : "short"
}
{
	if (!(($1, $2) in times)) {
		database[++n] = $1
		name[n] = $2
	}
	times[$1, $2] = times[$1, $2] " " $3
	server[$1, $2] = server[$1, $2] " " $5
	if ($4 > rss[$1, $2])
		rss[$1, $2] = $4
}
END {
	printf "%-8s %-28s %8s %10s %8s %8s %18s\n", "views", "job", "seconds", "rows/s", "x curl",
	    "RSS MiB", "server, us a row"
	for (i = 1; i <= n; i++) {
		d = database[i]
		s = median(times[d, name[i]])
		rate[d, name[i]] = events / s
		cost[d, name[i]] = median(server[d, name[i]]) / events * 1e6
		printf "%-8s %-28s %8.3f %10.0f %8.2f %8.1f %18.2f\n", d == "views" ? "three" : "none",
		    name[i], s, events / s, rate[d, name[i]] / rate[d, "curl, one body"],
		    rss[d, name[i]] / 1024, cost[d, name[i]]
	}
	printf "\n%-60s %8s\n", "bound", "measured"
	bound("no view: at least 3 x curl, one body",
	    rate["plain", "mm-insert"] / rate["plain", "curl, one body"], 3)
	bound("no view: at least 3 x curl, in batches",
	    rate["plain", "mm-insert"] / rate["plain", "curl, in batches"], 3)
	bound("three views: at least 2 x curl, one body",
	    rate["views", "mm-insert"] / rate["views", "curl, one body"], 2)
	bound("three views: at least 2 x curl, in batches",
	    rate["views", "mm-insert"] / rate["views", "curl, in batches"], 2)
	bound("three views: at least 0.7 x the rows/s without",
	    rate["views", "mm-insert"] / rate["plain", "mm-insert"], 0.7)
	bound("no view: server time of curl, one body / of mm-insert",
	    cost["plain", "curl, one body"] / cost["plain", "mm-insert"], 3)
	bound("three views: the same",
	    cost["views", "curl, one body"] / cost["views", "mm-insert"], 2)
	most = rss["views", "mm-insert"]
	if (rss["plain", "mm-insert"] > most)
		most = rss["plain", "mm-insert"]
	bound("mm-insert: at most 64 MiB", most / 1024, 64, 1)
}' "$work/results"
