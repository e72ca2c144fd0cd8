#!/usr/bin/env bats
# mm-sources against the real engine; the expected numbers come from jq.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

PROJECT=11111111-2222-4333-8444-555555555555

# events: rows of two projects over three months, with awkward names among them.
events() {
	jq -nc '
		["google", "facebook", "direct", "a\"b\\c", "línea", "x,y", "bing", "tab\there"] as $sources |
		["organic", "paid", "direct", "referral"] as $media |
		range(2000) |
		{
			project_id: (if . % 10 == 0 then "'$PROJECT'" else "00000000-0000-0000-0000-000000000000" end),
			timestamp: "2026-0\(1 + . % 3)-\(10 + . % 17) 0\(. % 10):00:00.000",
			event_name: "$pageview", event_id: "e\(.)", anonymous_id: "a\(. % 131)",
			session_id: "s\(. % 131)", source: $sources[(. % 7 + . % 5) % 8], medium: $media[. * . % 5 % 4]
		}'
}

# expected FROM TO PROJECT: what mm-sources has to print, as text.
expected() {
	jq -sc --arg from "$1" --arg to "$2" --arg project "$3" '
		map(select(.project_id == $project and .timestamp >= $from and .timestamp < $to))
		| group_by([.source, .medium])
		| map({
			source: .[0].source, medium: .[0].medium, events: length,
			uniques: (map(.anonymous_id) | unique | length),
			paid_share: (if .[0].medium == "paid" then 1 else 0 end)
		})
		| sort_by([-.events, .source, .medium]) | .[]' "$BATS_FILE_TMPDIR/events"
}

setup_file() {
	engine_start
	events > "$BATS_FILE_TMPDIR/events"
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
	put "$BATS_FILE_TMPDIR/events"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT
}

sources() {
	run --separate-stderr mm-sources "$@"
	echo "status $status: $stderr"
}

@test "events, uniques and paid_share are those of the rows" {
	sources --from 2026-01-01 --to 2026-04-01
	[ "$status" -eq 0 ]
	[ "$output" = "$(expected 2026-01-01 2026-04-01 00000000-0000-0000-0000-000000000000)" ]
}

@test "from is part of the period, to is not" {
	sources --from 2026-01-13T03:00:00Z --to 2026-02-11T01:00:00Z
	[ "$output" = "$(expected '2026-01-13 03:00:00.000' '2026-02-11 01:00:00.000' \
		00000000-0000-0000-0000-000000000000)" ]
	[ -n "$output" ]
}

@test "an offset from UTC is counted in" {
	sources --from 2026-01-13T05:00:00+02:00 --to 2026-02-10T20:00:00-05:00
	[ "$output" = "$(expected '2026-01-13 03:00:00.000' '2026-02-11 01:00:00.000' \
		00000000-0000-0000-0000-000000000000)" ]
}

@test "a day is that of --tz" {
	sources --from 2026-01-13 --to 2026-01-14 --tz Pacific/Honolulu
	honolulu=$output
	[ -n "$honolulu" ]
	sources --from 2026-01-13T10:00:00Z --to 2026-01-14T10:00:00Z
	[ "$output" = "$honolulu" ]
	sources --from 2026-01-13 --to 2026-01-14
	[ "$output" != "$honolulu" ]
}

@test "words are taken by the clock, and --to is now when it is not given" {
	for shift in -3800 -3400 3400; do
		jq -nc "{timestamp: (now + $shift | strftime(\"%Y-%m-%d %H:%M:%S.000\")), source: \"s$shift\", medium: \"m\"}"
	done | put
	sources --from -1h
	[ "$(jq -r .source <<< "$output")" = s-3400 ]
	sources --from -1h --to +1h
	[ "$(jq -r .source <<< "$output" | sort)" = $'s-3400\ns3400' ]
}

@test "--format chart draws a bar as long as a row has events" {
	COLUMNS=60 sources --from 2026-01-01 --to 2026-04-01 --breakdown source --format chart --ascii
	[ "$status" -eq 0 ]
	chart=$output
	sources --from 2026-01-01 --to 2026-04-01 --breakdown source
	[ "$(awk '{ print $(NF - 1) }' <<< "$chart")" = "$(jq .events <<< "$output")" ]
	[ "$(awk '{ print length($NF) }' <<< "$chart")" = \
		"$(awk '{ print length($NF) }' <<< "$chart" | sort -rn)" ]
	[ "$(head -1 <<< "$chart" | wc -m)" -eq 61 ]
}

@test "--format json is the API's object" {
	sources --from 2026-01-01 --to 2026-04-01 --breakdown source --format json
	[ "$(jq -c 'keys_unsorted, .breakdown' <<< "$output")" = $'["breakdown","rows"]\n"source"' ]
	rows=$(jq -c '.rows[]' <<< "$output")
	sources --from 2026-01-01 --to 2026-04-01 --breakdown source
	[ "$rows" = "$(jq -c . <<< "$output")" ]
}

@test "--project and MM_PROJECT choose the project" {
	sources --from 2026-01-01 --to 2026-04-01 --project $PROJECT
	[ "$output" = "$(expected 2026-01-01 2026-04-01 $PROJECT)" ]
	by_option=$output
	MM_PROJECT=$PROJECT sources --from 2026-01-01 --to 2026-04-01
	[ "$output" = "$by_option" ]
}

@test "--breakdown source adds the media up" {
	sources --from 2026-01-01 --to 2026-04-01 --breakdown source
	[ "$(jq -s 'map(.events) | add' <<< "$output")" -eq 1800 ]
	[ "$(jq -s 'map(.source) | unique | length' <<< "$output")" -eq "${#lines[@]}" ]
	[ "$(jq -c 'keys_unsorted' <<< "${lines[0]}")" = '["source","events","uniques","paid_share"]' ]
}

@test "--breakdown campaign and source_rule_id, as mm-stats counts them" {
	for by in campaign source_rule_id; do
		sources --from 2026-01-01 --to 2026-04-01 --breakdown $by
		[ "$(jq -c "[.$by, .events]" <<< "$output" | sort)" = \
			"$(mm-stats --from 2026-01-01 --to 2026-04-01 --group-by $by | jq -c "[.$by, .value]" | sort)" ]
		[ "$(jq -c 'keys_unsorted' <<< "${lines[0]}")" = '["'$by'","events","uniques","paid_share"]' ]
	done
}

@test "paid_share has at most four decimals" {
	sources --from 2026-01-01 --to 2026-04-01 --breakdown source
	[[ $output == *'"paid_share":0.'* ]]
	run ! grep -E '"paid_share":[0-9]\.[0-9]{5}' <<< "$output"
}

@test "--limit prints that many rows, the largest" {
	sources --from 2026-01-01 --to 2026-04-01
	all=$output
	sources --from 2026-01-01 --to 2026-04-01 --limit 3
	[ "$output" = "$(head -3 <<< "$all")" ]
}

@test "--format csv is the same table" {
	sources --from 2026-01-01 --to 2026-04-01
	json=$output
	sources --from 2026-01-01 --to 2026-04-01 --format csv
	[ "${lines[0]}" = '"source","medium","events","uniques","paid_share"' ]
	[ "${lines[1]}" = "$(head -1 <<< "$json" | jq -r '[.source,.medium,.events,.uniques,.paid_share] | @csv')" ]
	[ "${#lines[@]}" -eq $(($(wc -l <<< "$json") + 1)) ]
}

@test "a value with lines in it is no exception of the server" {
	local name='x
__exception__
code: 60. db::exception, "y"'
	jq -nc --arg name "$name" '{timestamp: "2027-01-01 00:00:00.000", source: $name, medium: "m"}' |
		put
	sources --from 2027-01-01 --to 2027-01-02 --format csv
	[ "$status" -eq 0 ]
	[ "$output" = '"source","medium","events","uniques","paid_share"
"x
__exception__
code: 60. db::exception, ""y""","m",1,1,0' ]
	sources --from 2027-01-01 --to 2027-01-02
	[ "$(jq -r .source <<< "$output")" = "$name" ]
}

@test "--format table is aligned, and shows control characters" {
	sources --from 2026-01-01 --to 2026-04-01 --format table
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "source  "*"medium  "*"events  uniques  paid_share" ]]
	for line in "${lines[@]}"; do
		[ ${#line} -eq ${#lines[0]} ]
	done
	[[ $output == *"línea "* ]]
	[[ $output == *'tab\x09here '* ]]
	[[ $output == *'a"b\c '* ]]
}

@test "a period without events: no row, status 0" {
	sources --from 2030-01-01 --to 2030-02-01
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	sources --from 2030-01-01 --to 2030-02-01 --format table
	[ "$output" = "source  medium  events  uniques  paid_share" ]
}

# refused OPTION...: status 2, one line on standard error, no row.
refused() {
	sources "$@"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
}

@test "what is wrong with the parameters is said, status 2" {
	refused --to 2026-02-01
	[[ $stderr == *"--from: missing; expected a date"* ]]
	refused --from 2100-02-01
	[[ $stderr == *"--from: has to be before the end"* ]]
	refused --from 2026-02-30 --to 2026-03-01
	[[ $stderr == *"--from: expected a date"* ]]
	refused --from 2026-02-01 --to "2026-02-02' OR 1=1"
	[[ $stderr == *"--to: expected a date"* ]]
	refused --from 2026-02-02 --to 2026-02-02
	[[ $stderr == *"has to be before"* ]]
	refused --from 2026-02-01 --to 2026-02-02 --project "x' OR 1=1"
	[[ $stderr == *"--project: expected a UUID"* ]]
	refused --from 2026-02-01 --to 2026-02-02 --limit 201
	[[ $stderr == *"--limit"* ]]
	refused --from 2026-02-01 --to 2026-02-02 --breakdown medium
	[[ $stderr == *"--breakdown"* ]]
}

@test "no tables: says what makes them, status 2" {
	refused --from 2026-01-01 --to 2026-02-01 --database nosuch
	[[ $stderr == *mm-schema* ]]
}

@test "no server: says so, status 75" {
	sources --from 2026-01-01 --to 2026-02-01 --url http://127.0.0.1:1/
	[ "$status" -eq 75 ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
}

@test "an answer that breaks off is an error" {
	for fault in cut html code:241; do
		fake_start $fault
		sources --from 2026-01-01 --to 2026-02-01
		[ "$status" -ne 0 ]
		[ -n "$stderr" ]
		fake_stop
		rm -r "$FAKE"
	done
}

# shellcheck disable=SC2016 # for the inner shell
@test "a full output: status 2; a closed one: status 0" {
	run -2 --separate-stderr bash -c 'mm-sources --from 2026-01-01 --to 2026-04-01 > /dev/full'
	[[ $stderr == *"No space left"* ]]
	run -0 bash -c 'mm-sources --from 2026-01-01 --to 2026-04-01 | true; exit ${PIPESTATUS[0]}'
}

@test "--breakdown utm_term and utm_content: decoded, of events, visits and conversions" {
	local i=0 query
	for query in 'utm_term=red+shoes&utm_content=top' 'utm_term=red%20shoes&utm_content=a%26b' 'x=1'; do
		i=$((i + 1))
		jq -cn --arg q "$query" --argjson i $i '{timestamp: "2021-06-0\($i) 10:00:00.000", event_name: ("$pageview", "purchase"),
			event_id: "u\($i)", anonymous_id: "u\($i)", session_id: "u\($i)", source: "google", medium: "paid",
			url: "https://shop.example/?\($q)"}'
	done | put
	P=(--from 2021-06-01 --to 2021-06-04)
	run -0 --separate-stderr mm-sources "${P[@]}" --breakdown utm_term
	[ "$(jq -c '[.utm_term, .events, .uniques]' <<< "$output")" = $'["red shoes",4,2]\n["",2,1]' ]
	run -0 --separate-stderr mm-sources "${P[@]}" --breakdown utm_content --by visits
	[ "$(jq -c '[.utm_content, .visits]' <<< "$output")" = $'["",1]\n["a&b",1]\n["top",1]' ]
	run -0 --separate-stderr mm-sources "${P[@]}" --breakdown utm_term --conversion purchase
	[ "$(jq -c '[.utm_term, .conversions]' <<< "$output")" = $'["red shoes",2]\n["",1]' ]
}
