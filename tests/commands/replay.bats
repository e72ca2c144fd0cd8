#!/usr/bin/env bats
# What is run twice is stored once: mm-enrich FILE | mm-insert, for any file in which
# events bring their own time.
#
# bats and the helpers set repo, stderr, output.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helper
load server
load insert

setup() {
	salt
	insert_setup
}

# twice FILE COMMAND...: runs it twice, each time from the start; each event is there once.
twice() {
	local file=$1 n
	n=$(wc -l < "$file")
	[ "$n" -gt 0 ]
	for _ in 1 2; do
		"${@:2}" "$file" > rows 2> err
		[ ! -s err ] || { cat err; return 1; }
		mm-insert --max-rows 700 rows
		run -0 sql 'SELECT (SELECT count() FROM events), (SELECT sum(events) FROM daily_rollup),
			(SELECT sum(events) FROM sessions_v) FORMAT TSV'
		[ "$output" = "$n	$n	$n" ] || { echo "expected $n, the tables hold $output"; return 1; }
		sleep 0.01 # the clock moves on
	done
}

timed() {
	grep -E '"(timestamp|received_at)": *"'
}

@test "the demo's sample" {
	gen_events -n 5000 --invalid 12 --end 2026-06-30 | mm-validate -q > valid || [ $? -eq 1 ]
	timed < valid > in
	twice in mm-enrich
}

@test "a sample of the bench's corpus, on two threads" {
	gen_events -n 300000 | head -n 4000 | timed > in
	twice in mm-enrich --jobs 2
}

@test "events without visitor, id and session" {
	gen_events -n 2000 | timed | jq -c 'del(.anonymous_id, .event_id, .session_id)' > in
	twice in mm-enrich
	run -0 sql 'SELECT uniqExact(anonymous_id) > 1500 FROM events'
	[ "$output" = 1 ]
}

@test "logs and exports" {
	for format in nginx-json apache-json segment ga4 plausible; do
		export MM_CLICKHOUSE_DATABASE=replay_${format%-json}
		mm-schema
		mm-import -q "$format" "$repo/tests/data/import/samples/${format%-json}.records" > in || [ $? -eq 1 ]
		twice in mm-enrich
	done
}

@test "an event without a time is stored again, and mm-enrich says so beforehand" {
	printf '%s\n' '{"event":"x"}' '{"event":"y","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z"}' > in
	for n in 1 2; do
		run -0 --separate-stderr mm-enrich in
		[[ $stderr == *'1 event got the time of this run; a rerun stores it again' ]]
		mm-insert <<< "$output"
	done
	# one batch of both: a line that is new makes all of it new
	run -0 sql "SELECT countIf(event_name = 'x') FROM events"
	[ "$output" = "$n" ]
}
