#!/usr/bin/env bats
# Visits, against a count of all events in memory (tests/oracles/visits-oracle.mjs): visitors
# with gaps around 30 minutes, over midnight, the ends of months and clock changes, and events of
# one millisecond.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

oracle=$repo/tests/oracles/visits-oracle.mjs

setup_file() {
	engine_start
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
	for seed in 1 2 3; do
		export MM_PROJECT=00000000-0000-0000-0000-00000000000$seed
		node "$oracle" rows $seed > "$BATS_FILE_TMPDIR/rows$seed"
		jq -c ".project_id = \"$MM_PROJECT\"" "$BATS_FILE_TMPDIR/rows$seed" | put
	done
	MM_CLICKHOUSE_DATABASE=millimetric sql "SELECT event_id, bitAnd(cityHash64(event_id), 131071)
		FROM events FORMAT TSV" > "$BATS_FILE_TMPDIR/ties"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset COLUMNS NO_COLOR
	asked=0
}

# periods: whole months, from the middle of visits, and hours
periods=("2026-01-01T00:00:00Z 2026-05-01T00:00:00Z" "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"
	"2026-03-29T01:00:00Z 2026-03-30T00:00:00Z" "2026-02-10T12:07:00Z 2026-02-10T13:07:00.001Z")

# asks JSON COMMAND...: notes what the command answers, and the question for the oracle; teardown
# lets the oracle answer all of a test's questions at once, and compare.
asks() {
	asked=$((asked + 1))
	printf '{"answer":"answer%d",%s}\n' "$asked" "$1" >> questions
	shift
	"$@" > "answer$asked"
}

teardown() { # bats does not end it where a command fails
	[ -e questions ] || return 0
	run -0 node "$oracle" answers "$BATS_FILE_TMPDIR/ties" < questions || return
	[ "$output" = "$asked" ] || { echo "$output"; return 1; }
}

# agree METRIC [OPTION...]: for each project and period the answers are those of the oracle.
agree() {
	local metric=$1 seed period from to interval='' group='' where='' tz=UTC i args
	shift
	args=("$@")
	for ((i = 0; i < $#; i += 2)); do
		case ${args[i]} in
		--interval) interval=${args[i + 1]} ;;
		--group-by) group=\"${args[i + 1]//,/\",\"}\" ;;
		--where) where+=${where:+,}\"${args[i + 1]}\" ;;
		--tz) tz=${args[i + 1]} ;;
		esac
	done
	for seed in 1 2 3; do
		for period in "${periods[@]}"; do
			read -r from to <<< "$period"
			asks "\"rows\":\"$BATS_FILE_TMPDIR/rows$seed\",\"from\":\"$from\",\"to\":\"$to\",\"tz\":\"$tz\",\"metric\":\"$metric\",\"interval\":\"$interval\",\"group_by\":[$group],\"where\":[$where]" \
				mm-stats --project 00000000-0000-0000-0000-00000000000$seed --from "$from" --to "$to" \
				--metric "$metric" --limit 1000 "$@"
		done
	done
}

@test "the oracle has visits of all kinds, and gaps of exactly 30 minutes" {
	jq -nc --arg rows "$BATS_FILE_TMPDIR/rows1" \
		'{$rows, from: "2026-01-01", to: "2026-05-01", metric: "visits", interval: ""}' |
		node "$oracle" answer "$BATS_FILE_TMPDIR/ties" > first
	[ "$(jq .value first)" -gt 400 ]
	grep -q '23:59:59.999' "$BATS_FILE_TMPDIR/rows1"
}

@test "visits, bounce rate, duration and views a visit are those of the events" {
	for metric in visits bounce_rate visit_duration views_per_visit; do
		agree $metric
	done
}

@test "visits by hour, day and week, also of other zones" {
	for interval in hour day week month; do
		agree visits --interval $interval
	done
	agree visits --interval day --tz Europe/Berlin
	agree bounce_rate --interval week --tz America/St_Johns
	agree visit_duration --interval hour --tz Europe/Berlin
}

@test "visits by where they came from, and by entry and exit page" {
	for group in source medium campaign source_rule_id country device_type browser os host entry_path \
		exit_path source,medium entry_path,exit_path,source; do
		agree visits --group-by $group
	done
	agree bounce_rate --group-by entry_path
	agree views_per_visit --group-by source --interval week
}

@test "visits of conditions go by how they began, and by what one of their events is" {
	local path
	path=$(jq -rs 'map(.path // empty) | group_by(.) | max_by(length)[0]' "$BATS_FILE_TMPDIR/rows1")
	for metric in visits bounce_rate visit_duration new; do
		agree $metric --where source=google
		agree $metric --where source!=google --where "path=$path"
		agree $metric --where path= --group-by source
	done
	agree visits --where "path=$path" --where 'event_name=$pageview' --where country!=DE --interval day --tz Europe/Berlin
	agree visits --where "path=$path" --where 'event_name!=$pageview'
	agree visits --where "entry_path=$path" --where "exit_path!=$path" --group-by entry_path
}

@test "new and returning visitors" {
	agree new
	agree returning
	for interval in day week month; do
		agree new --interval $interval --tz Europe/Berlin
		agree returning --interval $interval --tz Europe/Berlin
	done
	agree new --group-by source,campaign
}

@test "pageviews and events a visitor" {
	for metric in pageviews events_per_user; do
		agree $metric
		agree $metric --interval day
		agree $metric --group-by source
	done
}

@test "mm-sources --by visits leaves internal navigation out" {
	for seed in 1 2 3; do
		for breakdown in source source_medium campaign source_rule_id; do
			asks "\"rows\":\"$BATS_FILE_TMPDIR/rows$seed\",\"from\":\"2026-02-01\",\"to\":\"2026-04-01\",\"breakdown\":\"$breakdown\"" \
				mm-sources --project 00000000-0000-0000-0000-00000000000$seed --from 2026-02-01 --to 2026-04-01 \
				--by visits --breakdown $breakdown
			[ -s answer$asked ]
			[ "$(jq .visits answer$asked)" = "$(jq .visits answer$asked | sort -rn)" ]
			run ! grep internal answer$asked
		done
	done
}

@test "a period without visits: no visits are a zero, and a share of none is null" {
	run -0 --separate-stderr mm-stats --from 2030-01-01 --to 2030-02-01 --metric visits
	[ "$output" = '{"value":0}' ]
	for metric in bounce_rate visit_duration views_per_visit events_per_user; do
		run -0 --separate-stderr mm-stats --from 2030-01-01 --to 2030-02-01 --metric $metric
		[ "$output" = '{"value":null}' ]
	done
}

@test "what can't be grouped by is told, with what can" {
	run --separate-stderr mm-stats --from -7d --metric visits --group-by path
	[ "$status" -eq 2 ]
	[[ $stderr == *"entry_path, exit_path"* && $stderr == *"path, event_name and properties are of events"* ]]
	run --separate-stderr mm-stats --from -7d --metric new --group-by exit_path
	[ "$status" -eq 2 ]
	[[ $stderr == *"expected one of source, medium, campaign"* ]]
	run --separate-stderr mm-stats --from -7d --metric returning --group-by source
	[ "$status" -eq 2 ]
	[[ $stderr == *"returning goes by nothing but the interval"* ]]
	run --separate-stderr mm-stats --from -7d --metric bounce_rate --event signup
	[ "$status" -eq 2 ]
	[[ $stderr == *"--event: this is of whole visits"* ]]
	run --separate-stderr mm-stats --from -7d --metric pageviews --event signup
	[ "$status" -eq 2 ]
	run --separate-stderr mm-sources --from -7d --by visits --touch first
	[ "$status" -eq 2 ]
}

@test "assistants get the same figures" {
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}' \
		'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_stats","arguments":{"from":"2026-02-01","to":"2026-03-01","metric":"bounce_rate","group_by":["entry_path"]}}}' \
		'{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"top_sources","arguments":{"from":"2026-02-01","to":"2026-03-01","by":"visits"}}}' |
		mm-mcp --project 00000000-0000-0000-0000-000000000001 > out
	export MM_PROJECT=00000000-0000-0000-0000-000000000001
	mm-stats --from 2026-02-01 --to 2026-03-01 --metric bounce_rate --group-by entry_path | jq -s . > expected
	jq 'select(.id == 2) | .result.content[0].text | fromjson | .rows' out | diff expected -
	mm-sources --from 2026-02-01 --to 2026-03-01 --by visits | jq -s . > expected
	jq 'select(.id == 3) | .result.content[0].text | fromjson | .rows' out | diff expected -
}
