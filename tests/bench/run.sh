#!/bin/sh
# Measures the filters beside cat, a copier of lines, jq and a pipeline in Node, in one
# run over one file of events of many visitors, and over one in which nothing repeats;
# prints a table and how the project's bounds are met.  A figure that falls short is
# printed, it does not fail the run.
#
#   BUILD=DIR             where the programs were built (default: build)
#   BENCH_EVENTS=N        events in the file (default: 500000)
#   BENCH_JQ_EVENTS=N     events that jq gets, which is slow (default: 50000)
#   BENCH_NODE_EVENTS=N   events that Node gets (default: 150000)
#   BENCH_REPETITIONS=N   runs of each job, of which the median counts (default: 5)
#   MM_GEOIP_DB=FILE      country database for mm-enrich; without it, the one
#                         that cmd/setup/geoip.sh has fetched, if it has
set -eu

here=$(dirname -- "$0")
root=$(cd "$here/../.." && pwd)
build=${BUILD:-$root/build}
events=${BENCH_EVENTS:-500000}
jq_events=${BENCH_JQ_EVENTS:-50000}
node_events=${BENCH_NODE_EVENTS:-150000}
repetitions=${BENCH_REPETITIONS:-5}
generate=$build/tests/gen-events
measure=$build/tests/measure

fail() {
	echo "bench: $*" >&2
	exit 2
}

for program in "$generate" "$measure"; do
	[ -x "$program" ] || fail "$program is missing; run 'make bench'"
done
command -v jq >/dev/null || fail "jq is missing; run 'cmd/setup/deps.sh check'"
[ "$jq_events" -le "$events" ] || jq_events=$events
[ "$node_events" -le "$events" ] || node_events=$events

# ---- the events: in memory if there is room, kept for the next run ----

room_in() { # MiB free, 0 when it cannot be written to
	if [ -d "$1" ] && [ -w "$1" ]; then
		df -Pm "$1" | awk 'NR == 2 { print $4 }'
	else
		echo 0
	fi
}

base=${TMPDIR:-/tmp}
[ "$(room_in /dev/shm)" -gt $((events / 300)) ] && base=/dev/shm
data=$base/millimetric-bench-$(id -u)
(umask 077 && mkdir -p "$data") || fail "cannot make the folder $data; set TMPDIR"
[ "$(room_in "$data")" -gt $((events / 300)) ] ||
	[ -n "$(find "$data" -name "events-$events-*" -print)" ] ||
	fail "not enough room in $data for $events events; set TMPDIR or BENCH_EVENTS"
version=$(cksum <"$here/../data/gen-events.c" | cut -d ' ' -f 1)
file=$data/events-$events-$version.ndjson
slice=$data/events-$events-$version-first-$jq_events.ndjson
work=$(mktemp -d "$data/run.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ ! -s "$file" ]; then
	find "$data" -name 'events-*' -exec rm -f {} + # of other versions and sizes
	"$generate" -n "$events" --visitors $((events / 5 + 1)) >"$work/events"
	mv "$work/events" "$file"
fi
[ -s "$slice" ] || head -n "$jq_events" "$file" >"$slice"
node_slice=$data/events-$events-$version-first-$node_events.ndjson
[ -s "$node_slice" ] || head -n "$node_events" "$file" >"$node_slice"
hostile_version=$(cksum <"$here/hostile.awk" | cut -d ' ' -f 1)
hostile=$data/events-$events-hostile-$hostile_version.ndjson
hostile_events=$(((events + 1) / 2))
if [ ! -s "$hostile" ]; then
	awk -v n=$hostile_events -f "$here/hostile.awk" >"$work/hostile"
	mv "$work/hostile" "$hostile"
fi
odd=$data/events-$events-$version-no-agent-twice.ndjson
if [ ! -s "$odd" ]; then
	awk -v key='"user_agent":"' '{
		i = index($0, key)
		if (!i) { print; next }
		print substr($0, 1, i + 13) "A/" NR " " substr($0, i + 14)
	}' "$file" >"$work/odd"
	mv "$work/odd" "$odd"
fi
# events that a plan is about, a tenth of them made and repeated
planned_version=$(cksum <"$here/plan.awk" | cut -d ' ' -f 1)
planned=$data/events-$events-planned-$planned_version.ndjson
plan=$data/events-$events-plan-$planned_version.json
if [ ! -s "$planned" ]; then
	awk -v n=0 -f "$here/plan.awk" >"$plan"
	awk -v n=$(((events + 9) / 10)) -f "$here/plan.awk" >"$work/tenth"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cat "$work/tenth"
	done >"$work/planned"
	rm "$work/tenth"
	mv "$work/planned" "$planned"
fi
planned_slice=$data/events-$events-planned-$planned_version-first-$jq_events.ndjson
[ -s "$planned_slice" ] || head -n "$jq_events" "$planned" >"$planned_slice"
cat "$file" "$slice" "$node_slice" "$odd" "$hostile" "$planned" >/dev/null # into the page cache
bytes=$(wc -c <"$file")
jq_bytes=$(wc -c <"$slice")

# ---- the jobs ----

if [ -z "${MM_IP_SALT:-}" ]; then
	MM_IP_SALT=$(head -c 32 /dev/urandom | base64)
	export MM_IP_SALT
fi
geoip=${MM_GEOIP_DB:-}
if [ -z "$geoip" ]; then
	geoip=$(find "${XDG_CACHE_HOME:-${HOME:-/}/.cache}/millimetric/geoip" -name '*.mmdb' 2>/dev/null |
		sort | tail -n 1)
fi
geoip_kib=0
[ -z "$geoip" ] || geoip_kib=$(($(wc -c <"$geoip") / 1024))
unset MM_GEOIP_DB # it is given, or not, by option

# The peer in Node, with the modules that its package-lock.json names.
peer=$data/peer
if [ ! -d "$peer/node_modules" ] && command -v npm >/dev/null; then
	mkdir -p "$peer"
	cp "$here"/node/package*.json "$peer"
	(cd "$peer" && npm ci --silent --no-audit --no-fund --ignore-scripts) >&2 ||
		fail "npm could not fetch the modules of tests/bench/node; is the network there?"
fi
[ ! -d "$peer" ] || cp "$here/node/enrich.mjs" "$peer"
node_bytes=$(wc -c <"$node_slice")
hostile_bytes=$(wc -c <"$hostile")

export file slice node_slice hostile peer odd geoip plan planned planned_slice
odd_bytes=$(wc -c <"$odd")
planned_bytes=$(wc -c <"$planned")
planned_events=$(((events + 9) / 10 * 10))
planned_slice_bytes=$(wc -c <"$planned_slice")
PATH=$build/bin:$build/tests:$PATH
export PATH
: >"$work/results"

# job NAME PROGRAM EVENTS BYTES COMMAND: runs it once, adds a line to the results.
job() {
	if ! command -v "$2" >/dev/null; then
		printf '%s\t-\t-\t-\t-\n' "$1" >>"$work/results"
		return
	fi
	[ ! -t 2 ] || printf '\r\033[Kround %s of %s: %s' "$round" "$repetitions" "$1" >&2
	"$measure" -r 1 "$5" >"$work/measured" 2>"$work/errors" || fail "measuring '$1' failed"
	[ ! -t 2 ] || printf '\r\033[K' >&2
	read -r median _ _ rss status <"$work/measured"
	if [ "$status" -ne 0 ]; then
		echo "bench: '$1' ended with status $status:" >&2
		head -n 3 "$work/errors" >&2
		median=failed # of a command that failed, no figure counts
	fi
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$3" "$4" "$median" "$rss" >>"$work/results"
}

# The commands are for measure's shell, which has the names in its environment.
# shellcheck disable=SC2016
all_jobs() {
	job 'cat FILE' cat "$events" "$bytes" 'cat "$file" >/dev/null'
	job 'cat FILE | cat' cat "$events" "$bytes" 'cat "$file" | cat >/dev/null'
	job 'copy-lines FILE | cat' copy-lines "$events" "$bytes" 'copy-lines "$file" | cat >/dev/null'
	job 'wc -l FILE' wc "$events" "$bytes" 'wc -l "$file" >/dev/null'
	job "jq -c . (first $jq_events)" jq "$jq_events" "$jq_bytes" 'jq -c . "$slice" >/dev/null'
	job 'mm-validate FILE' mm-validate "$events" "$bytes" 'mm-validate "$file" >/dev/null'
	job 'mm-validate FILE | cat' mm-validate "$events" "$bytes" \
		'mm-validate "$file" | cat >/dev/null'
	job 'mm-validate --report - FILE' mm-validate "$events" "$bytes" \
		'mm-validate --report - "$file" >/dev/null 2>&1'
	job 'mm-validate --infer-plan FILE' mm-validate "$events" "$bytes" \
		'mm-validate --infer-plan "$file" >/dev/null'
	job 'mm-validate, events of 10 properties' mm-validate "$planned_events" "$planned_bytes" \
		'mm-validate "$planned" >/dev/null'
	job 'mm-validate --plan, the same events' mm-validate "$planned_events" "$planned_bytes" \
		'mm-validate --plan "$plan" "$planned" >/dev/null'
	job "mm-validate --assert (first $jq_events)" mm-validate "$jq_events" "$planned_slice_bytes" \
		'mm-validate --assert ".properties.amount_cents >= 0" "$planned_slice" >/dev/null'
	job 'mm-enrich FILE' mm-enrich "$events" "$bytes" 'mm-enrich "$file" >/dev/null'
	job 'mm-classify FILE' mm-classify "$events" "$bytes" 'mm-classify "$file" >/dev/null'
	job 'mm-classify FILE | cat' mm-classify "$events" "$bytes" \
		'mm-classify "$file" | cat >/dev/null'
	job 'mm-validate --jobs 2 FILE | cat' mm-validate "$events" "$bytes" \
		'mm-validate --jobs 2 "$file" | cat >/dev/null'
	job 'mm-classify --jobs 2 FILE | cat' mm-classify "$events" "$bytes" \
		'mm-classify --jobs 2 "$file" | cat >/dev/null'
	job 'mm-validate, hostile | cat' mm-validate "$hostile_events" "$hostile_bytes" \
		'mm-validate "$hostile" | cat >/dev/null'
	job 'copy-lines, hostile | cat' copy-lines "$hostile_events" "$hostile_bytes" \
		'copy-lines "$hostile" | cat >/dev/null'
	job 'mm-batch FILE' mm-batch "$events" "$bytes" 'mm-batch "$file" >/dev/null'
	job 'mm-dedup FILE' mm-dedup "$events" "$bytes" 'mm-dedup -q "$file" >/dev/null'
	job 'mm-hash-ip --jobs 2 FILE' mm-hash-ip "$events" "$bytes" \
		'mm-hash-ip -q --date 2026-05-16 --jobs 2 "$file" >/dev/null'
	job 'mm-hash-ip FILE' mm-hash-ip "$events" "$bytes" 'mm-hash-ip -q --date 2026-05-16 "$file" >/dev/null'
	if [ -n "$geoip" ]; then
		job "node enrich.mjs (first $node_events)" node "$node_events" "$node_bytes" \
			'node "$peer/enrich.mjs" "$geoip" "$node_slice" >/dev/null'
		job 'mm-enrich --geoip DB, hostile' mm-enrich "$hostile_events" "$hostile_bytes" \
			'mm-enrich --geoip "$geoip" "$hostile" >/dev/null'
		job 'mm-enrich --geoip DB FILE' mm-enrich "$events" "$bytes" \
			'mm-enrich --geoip "$geoip" "$file" >/dev/null'
		job 'mm-enrich --geoip DB --jobs 2 FILE' mm-enrich "$events" "$bytes" \
			'mm-enrich --geoip "$geoip" --jobs 2 "$file" >/dev/null'
		job 'mm-enrich --geoip DB, no agent twice' mm-enrich "$events" "$odd_bytes" \
			'mm-enrich --geoip "$geoip" "$odd" >/dev/null'
		job 'mm-validate FILE | mm-enrich --geoip DB' mm-enrich "$events" "$bytes" \
			'mm-validate "$file" | mm-enrich --geoip "$geoip" >/dev/null'
	else
		job 'mm-validate FILE | mm-enrich' mm-enrich "$events" "$bytes" \
			'mm-validate "$file" | mm-enrich >/dev/null'
	fi
}

# Round by round, so that a slow minute of the machine falls on all alike.
round=1
while [ "$round" -le "$repetitions" ]; do
	all_jobs
	round=$((round + 1))
done

# ---- the table ----

echo "$events events, $((bytes / events)) bytes each, in $base; median of $repetitions runs;" \
	"$(nproc 2>/dev/null || echo '?') processors; MB is 10^6 bytes, RSS that of the largest process"
[ -n "$geoip" ] ||
	echo "no country database: set MM_GEOIP_DB, or fetch one with cmd/setup/geoip.sh"
echo
awk -F '\t' -v geoip_kib="$geoip_kib" '
function bound(text, have, want, unit, least) {
	if (have == "") {
		printf "%-60s %9s  not measured\n", text, "-"
		return
	}
	printf "%-60s %9s  %s\n", text, sprintf("%.2f%s", have, unit),
	    (least ? have >= want : have <= want) ? "ok" : "short"
}
function median(list, n,    v, i, j, t) {
	split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2
}
{
	if (!($1 in row)) {
		row[$1] = ++rows
		name[rows] = $1
	}
	r = row[$1]
	if ($4 + 0 <= 0) {
		why[r] = $4 == "-" ? "not built" : "failed"
		next
	}
	events[r] = $2
	bytes[r] = $3
	times[r] = times[r] " " $4
	runs[r]++
	if ($5 > rss[r])
		rss[r] = $5
}
END {
	for (i = 1; i <= rows; i++) {
		if (why[i])
			runs[i] = 0
		if (!runs[i])
			continue
		seconds[i] = median(times[i], runs[i])
		rate[i] = events[i] / seconds[i]
		speed[i] = bytes[i] / seconds[i] / 1e6
		if (name[i] ~ /^jq /)
			jq = rate[i]
		if (name[i] ~ /^node /)
			node = rate[i]
	}
	printf "%-42s %8s %11s %8s %8s %8s\n", "job", "seconds", "events/s", "MB/s", "x jq", "RSS MiB"
	for (i = 1; i <= rows; i++) {
		if (!runs[i]) {
			printf "%-42s %8s\n", name[i], why[i]
			continue
		}
		printf "%-42s %8.3f %11.0f %8.0f %8.1f %8.1f\n", name[i], seconds[i], rate[i],
		    speed[i], rate[i] / jq, rss[i] / 1024
	}
	printf "\n%-60s %9s\n", "bound", "measured"
	v = row["mm-validate FILE"]
	e = row["mm-enrich FILE"]
	g = row["mm-enrich --geoip DB FILE"]
	c = row["mm-classify FILE"]
	pipe = rate[row["cat FILE | cat"]]
	bound("mm-validate: at least 25 x jq -c .", runs[v] ? rate[v] / jq : "", 25, "", 1)
	bound("mm-validate: at least 50 % of cat FILE | cat",
	    runs[v] ? 100 * rate[v] / pipe : "", 50, " %", 1)
	copy = rate[row["copy-lines FILE | cat"]]
	vp = row["mm-validate FILE | cat"]
	cp = row["mm-classify FILE | cat"]
	bound("mm-validate: at least 80 % of copy-lines, by a pipe",
	    runs[vp] && copy ? 100 * rate[vp] / copy : "", 80, " %", 1)
	bound("mm-classify: at least 60 % of copy-lines, by a pipe",
	    runs[cp] && copy ? 100 * rate[cp] / copy : "", 60, " %", 1)
	vp = row["mm-validate, hostile | cat"]
	copy = rate[row["copy-lines, hostile | cat"]]
	bound("mm-validate, hostile: at least 40 % of copy-lines, by a pipe",
	    runs[vp] && copy ? 100 * rate[vp] / copy : "", 40, " %", 1)
	bound("mm-validate: at most 16 MiB", runs[v] ? rss[v] / 1024 : "", 16, "", 0)
	n = row["mm-validate, events of 10 properties"]
	p = row["mm-validate --plan, the same events"]
	bound("mm-validate --plan: at least 50 % of the speed without",
	    runs[n] && runs[p] ? 100 * rate[p] / rate[n] : "", 50, " %", 1)
	bound("mm-enrich: at least 10 x jq -c .", runs[e] ? rate[e] / jq : "", 10, "", 1)
	bound("mm-enrich: at most 16 MiB", runs[e] ? rss[e] / 1024 : "", 16, "", 0)
	bound("mm-classify: at least 20 x jq -c .", runs[c] ? rate[c] / jq : "", 20, "", 1)
	bound("mm-classify: at least 1,000,000 events/s", runs[c] ? rate[c] : "", 1000000, "", 1)
	d = row["mm-dedup FILE"]
	bound("mm-dedup: at least 20 x jq -c .", runs[d] ? rate[d] / jq : "", 20, "", 1)
	if (geoip_kib > 0) {
		bound("mm-enrich --geoip: at least 14 x jq -c .", runs[g] ? rate[g] / jq : "", 14, "", 1)
		t = row["mm-enrich --geoip DB --jobs 2 FILE"]
		bound("mm-enrich --geoip --jobs 2: at least 1.7 x one thread",
		    runs[g] && runs[t] ? rate[t] / rate[g] : "", 1.7, "", 1)
		bound("mm-enrich --geoip: at least 24 x Node",
		    runs[g] && node ? rate[g] / node : "", 24, "", 1)
		bound("mm-enrich --geoip --jobs 2: at least 40 x Node",
		    runs[t] && node ? rate[t] / node : "", 40, "", 1)
		h = row["mm-enrich --geoip DB, hostile"]
		bound("mm-enrich --geoip, hostile: at least half as many MB/s",
		    runs[g] && runs[h] ? 100 * speed[h] / speed[g] : "", 50, " %", 1)
		o = row["mm-enrich --geoip DB, no agent twice"]
		bound("mm-enrich, no agent twice: at least 60 % of the speed",
		    runs[g] && runs[o] ? 100 * rate[o] / rate[g] : "", 60, " %", 1)
		bound(sprintf("mm-enrich --geoip: at most 16 MiB and the database (%.1f)",
		    geoip_kib / 1024), runs[g] ? rss[g] / 1024 : "", 16 + geoip_kib / 1024, "", 0)
	}
}' "$work/results"
