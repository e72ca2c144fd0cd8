#!/usr/bin/env bats
# mm-retention against the real engine and a count of its own.

bats_require_minimum_version 1.5.0
load helper
load server
load people

setup_file() {
	people_start
}

teardown_file() {
	engine_stop
}

setup() {
	people_setup
}

NOW='"now":"2026-07-01T00:00Z"' # long after the rows

retention() {
	run --separate-stderr mm-retention "$@"
	echo "status $status: $stderr"
}

@test "days are those of a count by hand" {
	agree cohorts "{\"from\":\"2026-03-02T00:00Z\",\"to\":\"2026-03-16T00:00Z\",\"later\":7,$NOW}" \
		mm-retention --from 2026-03-02 --to 2026-03-16
	[ "$(wc -l < found)" -ge 8 ]
}

@test "weeks, start and back are those of a count by hand" {
	agree cohorts "{\"from\":\"2026-03-02T00:00Z\",\"to\":\"2026-04-13T00:00Z\",\"later\":5,\"week\":true,\"start\":\"signup\",\"back\":\"purchase,plan=pro\",$NOW}" \
		mm-retention --from 2026-03-02 --to 2026-04-13 --interval week --later 5 \
		--start signup --back purchase,plan=pro
	[ "$(jq -s 'map(.week_1) | add > 0' found)" = true ]
}

@test "by user_id, a user's devices are one person" {
	agree cohorts "{\"from\":\"2026-03-02T00:00Z\",\"to\":\"2026-04-13T00:00Z\",\"later\":3,\"week\":true,\"by\":\"user_id\",\"start\":\"signup\",$NOW}" \
		mm-retention --from 2026-03-02 --to 2026-04-13 --interval week --later 3 --by user_id --start signup
}

@test "who comes back after the period is seen" {
	retention --from 2026-03-02 --to 2026-03-03 --later 30
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq '.day_30' <<< "${lines[0]}")" -gt 0 ]
}

@test "a day that is not over is null" {
	now=$(date -u +'%Y-%m-%d %H:%M:%S.000')
	printf '{"timestamp":"%s","event_name":"fresh","anonymous_id":"x"}\n' "$now" | put
	retention --from today --later 2 --start fresh
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.visitors, .day_1, .day_2]' <<< "$output")" = '[1,null,null]' ]
}

@test "days are those of the zone" {
	printf '%s\n' '{"timestamp":"2020-06-01 21:30:00.000","event_name":"a","anonymous_id":"z"}' \
		'{"timestamp":"2020-06-01 22:30:00.000","event_name":"a","anonymous_id":"z"}' |
		put
	retention --from 2020-06-01 --to 2020-06-03 --tz Europe/Berlin --later 1
	[ "$output" = '{"cohort":"2020-06-01","visitors":1,"day_1":1}' ]
	retention --from 2020-06-01 --to 2020-06-03 --later 1
	[ "$output" = '{"cohort":"2020-06-01","visitors":1,"day_1":0}' ]
}

@test "a table has the cohorts below one another" {
	retention --from 2026-03-02 --to 2026-03-30 --interval week --later 2 --format table
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "cohort      visitors  week_1  week_2" ]
	[[ ${lines[1]} == 2026-03-02* ]]
}

@test "a chart is a triangle of shares; what is not over yet is blank" {
	mm-retention --from 2026-03-02 --to 2026-03-30 --interval week --later 2 > rows
	retention --from 2026-03-02 --to 2026-03-30 --interval week --later 2 --format chart --ascii
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "cohort      visitors  week_1  week_2" ]
	[ "$(tail -n +2 <<< "$output" | tr -s ' .:=+*#@-' ' ' | tr -d %)" = "$(jq -r '
		. as $r | [.cohort, .visitors, (.week_1, .week_2 | . * 100 / $r.visitors + 0.5 | floor)] |
		join(" ") | gsub("-"; " ")' rows)" ]
	printf '{"timestamp":"%s","event_name":"just_now","anonymous_id":"now"}\n' "$(date -u '+%F %T.000')" |
		put
	retention --from today --start just_now --later 2 --format chart
	[ "${lines[0]}" = "cohort      visitors  day_1  day_2" ]
	[ "${lines[1]:10}" = "         1" ]
}

@test "in a narrow terminal the later weeks go, and nothing is cut" {
	COLUMNS=40 retention --from 2026-03-02 --to 2026-03-30 --interval week --later 30 --format table
	[ "${lines[0]}" = "cohort      visitors  week_1  week_2" ]
	[[ ${lines[1]} == 2026-03-02' '* ]]
}

@test "tables and charts at three widths" {
	local ask=(mm-retention --from 2026-03-02 --to 2026-04-06 --interval week --later 10)
	golden retention "${ask[@]}" --format chart
	golden retention-ascii "${ask[@]}" --format chart --ascii
	golden retention-table "${ask[@]}" --format table
}

@test "nobody is no row" {
	retention --from 2019-01-01 --to 2019-02-01
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "what can't be asked is told, with what is allowed" {
	retention --from 2026-03-02 --later 31
	[ "$status" -eq 2 ]
	retention --from 2026-03-02 --start ,a=b
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-retention: --start: expected an event's name"* ]]
	retention --from nonsense
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-retention: --from: expected a date"* ]]
}

@test "a full disk and no server are told" {
	run --separate-stderr sh -c 'mm-retention --from 2026-03-02 > /dev/full'
	[ "$status" -eq 2 ]
	[[ $stderr == *"No space left"* ]]
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ retention --from 2026-03-02
	[ "$status" -eq 75 ]
}
