#!/usr/bin/env bats
# mm-stats against the real engine; the expected numbers come from jq, the
# local times from date(1), the charts from tests/data/charts.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

# events: four weeks of March and April 2026, fewer and fewer, with awkward names among them.
events() {
	jq -nc '
		["google", "facebook", "a\"b\\c", "línea", "購入サイト", "x,y", "", "tab\there\u001b[31m", "a name that is much too long for any chart or table column to hold it"] as $sources |
		["/", "/pricing", null, "/docs/a b"] as $paths |
		range(860) |
		{
			timestamp: (1773619200 + (. * . * 28 * 86400 / 739600 | floor) | strftime("%Y-%m-%d %H:%M:%S.000")),
			event_name: (if . % 3 == 0 then "signup" else "$pageview" end),
			event_id: "e\(.)", anonymous_id: "a\(. * . % 131)", session_id: "s\(. % 131)",
			source: $sources[(. % 7 + . % 5) % 9], medium: (if . % 4 == 0 then "paid" else "organic" end),
			path: $paths[. % 4], country: (if . % 2 == 0 then "GB" else "" end), device_type: "desktop",
			browser: (if . % 5 == 0 then "safari" else "chrome" end), os: "linux"
		}'
}

P=(--from 2026-03-16 --to 2026-04-13)

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
	unset MM_PROJECT COLUMNS NO_COLOR TZDIR
}

stats() {
	run --separate-stderr mm-stats "$@"
	echo "status $status: $stderr"
}

# expected FILTER: of the rows, an array in the period, by jq.
expected() {
	jq -sc "map(select(.timestamp >= \"2026-03-16\" and .timestamp < \"2026-04-13\")) | $1" \
		"$BATS_FILE_TMPDIR/events"
}

@test "count and uniques are those of the rows" {
	stats "${P[@]}"
	[ "$output" = "$(expected '{value: length}')" ]
	stats "${P[@]}" --metric uniques
	[ "$output" = "$(expected '{value: (map(.anonymous_id) | unique | length)}')" ]
}

@test "a period without events is a zero" {
	stats --from 2030-01-01 --to 2030-01-02
	[ "$output" = '{"value":0}' ]
	stats --from 2030-01-01 --to 2030-01-01T12:00:00Z --metric uniques
	[ "$output" = '{"value":0}' ]
	stats --from 2030-01-01 --to 2030-01-02 --group-by source
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "--event counts only those of that name" {
	stats "${P[@]}" --event signup
	[ "$output" = "$(expected '{value: (map(select(.event_name == "signup")) | length)}')" ]
	stats "${P[@]}" --event "signup' OR 1=1"
	[ "$output" = '{"value":0}' ]
}

@test "each name to group by gives the groups of the rows, largest first" {
	for name in event_name source medium country device_type browser os path; do
		stats "${P[@]}" --group-by $name
		[ "$status" -eq 0 ]
		[ "$(jq -sc 'sort_by(.value, .'$name')' <<< "$output")" = \
			"$(expected "group_by(.$name) | map({$name: .[0].$name, value: length}) | sort_by(.value, .$name)")" ]
		[ "$(jq .value <<< "$output")" = "$(jq .value <<< "$output" | sort -rn)" ]
	done
}

@test "several names give a row for each combination, keys in the order asked for" {
	stats "${P[@]}" --group-by medium,event_name,path --limit 1000
	[ "$(jq -c 'keys_unsorted' <<< "${lines[0]}")" = '["medium","event_name","path","value"]' ]
	[ "$(jq -sc 'sort_by(.medium, .event_name, .path)' <<< "$output")" = \
		"$(expected 'group_by([.medium, .event_name, .path]) |
			map({medium: .[0].medium, event_name: .[0].event_name, path: .[0].path, value: length})')" ]
}

@test "--interval day and week: buckets in order, weeks begin on Monday" {
	stats "${P[@]}" --interval day
	[ "$output" = "$(expected 'group_by(.timestamp[:10]) | .[] | {bucket: .[0].timestamp[:10], value: length}')" ]
	stats --from 2026-03-18 --to 2026-04-02 --interval week --metric uniques
	[ "$(jq -r .bucket <<< "$output")" = $'2026-03-16\n2026-03-23\n2026-03-30' ]
}

@test "--interval month: from its first, in the zone that is asked for" {
	for zone in UTC Asia/Tokyo; do
		stats --from 2026-03-01 --to 2026-05-01 --tz $zone --interval month --format chart
		[ "$status" -eq 0 ]
	done
	stats --from 2026-03-01 --to 2026-05-01 --interval month
	[ "$output" = "$(expected 'group_by(.timestamp[:7]) | .[] | {bucket: "\(.[0].timestamp[:7])-01", value: length}')" ]
	for metric in count uniques; do
		for month in 2026-03 2026-04; do
			stats --period $month --tz Asia/Tokyo --metric $metric
			one=$output
			stats --period $month --tz Asia/Tokyo --metric $metric --interval month
			[ "$output" = "{\"bucket\":\"$month-01\",${one#\{}" ]
		done
	done
}

@test "--interval hour names an instant that --from takes" {
	stats --from 2026-03-20 --to 2026-03-21 --interval hour
	[ "$output" = "$(expected 'map(select(.timestamp[:10] == "2026-03-20")) | group_by(.timestamp[:13]) | .[] |
		{bucket: "\(.[0].timestamp[:10])T\(.[0].timestamp[11:13]):00:00Z", value: length}')" ]
	first=$(jq -r .bucket <<< "${lines[3]}")
	stats --from "$first" --to "$first+1h"
	[ "$(jq .value <<< "$output")" -ge 1 ]
}

@test "within a bucket the largest value comes first" {
	stats "${P[@]}" --interval week --group-by source --limit 1000
	[ "$(jq -sc 'map([.bucket, -.value, .source])' <<< "$output")" = \
		"$(jq -sc 'map([.bucket, -.value, .source]) | sort' <<< "$output")" ]
}

# The same instants on Berlin's clock, by date(1).
berlin_times() {
	jq -r '.timestamp[:19] + " UTC"' "$BATS_FILE_TMPDIR/events" |
		TZ=Europe/Berlin date -f - "$1" | sort | uniq -c |
		awk '{ printf "{\"bucket\":\"%s\",\"value\":%d}\n", $2, $1 }'
}

@test "--period says both ends, in the zone of --tz or MM_TZ" {
	run -0 --separate-stderr mm-stats --period 2026-03 --interval day --limit 1000
	march=$output
	[ "$march" = "$(mm-stats --from 2026-03-01 --to 2026-04-01 --interval day --limit 1000)" ]
	[ -n "$march" ]
	run -0 mm-stats --period 2026-03-29 --tz Europe/Berlin --explain
	[[ $output == *2026-03-28\ 23:00:00.000* && $output == *2026-03-29\ 22:00:00.000* ]]
	MM_TZ=Europe/Berlin run -0 mm-stats --period 2026-03-29 --explain
	[[ $output == *2026-03-28\ 23:00:00.000* && $output == *2026-03-29\ 22:00:00.000* ]]
	MM_TZ=Europe/Berlin run -0 mm-stats --period 2026-03-29 --tz UTC --explain
	[[ $output == *2026-03-29* && $output == *2026-03-30* && $output != *22:00:00* ]]
	MM_TZ=Mars/Base run -2 mm-stats --period 2026-03-29 --explain
	[[ $output == "mm-stats: MM_TZ: no time zone"* ]]
	run -2 mm-stats --period fortnight
	[[ $output == "mm-stats: --period: expected a word such as"* ]]
	run -2 mm-stats --period 2026 --to now
	[ "$output" = "mm-stats: --period: stands in place of to" ]
	run -2 mm-stats
	[[ $output == "mm-stats: --from: missing; "* ]]
}

@test "--tz cuts days and hours by that zone's clock, across a change of it" {
	stats --from 2026-03-01 --to 2026-05-01 --tz Europe/Berlin --interval day --limit 1000
	[ "$output" = "$(berlin_times +%Y-%m-%d)" ]
	stats --from 2026-03-01 --to 2026-05-01 --tz Europe/Berlin --interval hour --limit 1000
	[ "$output" = "$(berlin_times +%Y-%m-%dT%H:00:00%:z)" ]
	[[ $output == *"2026-03-29T03:00:00+02:00"* ]]
	[[ $output != *"2026-03-29T02:00:00+02:00"* ]]
}

@test "an hour that a clock shows twice is two buckets" {
	for minute in 00 30; do
		for hour in 23 00 01 02; do
			day=25
			[ $hour = 23 ] && day=24
			echo "{\"timestamp\":\"2026-10-$day $hour:$minute:00.000\",\"event_name\":\"e\"}"
		done
	done | put
	stats --from 2026-10-25 --to 2026-10-26 --tz Europe/Berlin --interval hour
	[ "$output" = '{"bucket":"2026-10-25T01:00:00+02:00","value":2}
{"bucket":"2026-10-25T02:00:00+02:00","value":2}
{"bucket":"2026-10-25T02:00:00+01:00","value":2}
{"bucket":"2026-10-25T03:00:00+01:00","value":2}' ]
	stats --from 2026-10-24T18:00:00Z --to 2026-10-25T18:00:00Z --tz Asia/Kathmandu --interval hour
	[ "$(head -2 <<< "$output")" = '{"bucket":"2026-10-25T04:00:00+05:45","value":1}
{"bucket":"2026-10-25T05:00:00+05:45","value":2}' ]
}

# Both tables, for the same question: Abidjan's clock is UTC's, but not by its name; and
# a millisecond in which nothing happened keeps the rollup from being exact.
@test "daily_rollup and events give the same answer" {
	for options in "" "--group-by source" "--group-by event_name,source,medium,country,device_type" \
		"--event signup --group-by medium" "--interval day" "--interval week --group-by source" "--interval month" \
		"--interval day --event signup --group-by country,source"; do
		for metric in count uniques; do
			# shellcheck disable=SC2086
			set -- $options --metric $metric --limit 1000
			stats "${P[@]}" "$@" --explain
			[[ $output == "-- reads daily_rollup: "* ]]
			stats "${P[@]}" "$@"
			rollup=$output
			[ -n "$rollup" ]
			other=(--from 2026-03-16 --to 2026-04-13T00:00:00.001Z --tz Africa/Abidjan)
			stats "${other[@]}" "$@" --explain
			[[ $output == "-- reads events: "* ]]
			stats "${other[@]}" "$@"
			[ "$output" = "$rollup" ]
		done
	done
}

@test "mm-sources: both tables give the same answer" {
	for breakdown in source source_medium; do
		run -0 mm-sources "${P[@]}" --breakdown $breakdown
		rollup=$output
		run -0 mm-sources "${P[@]}" --breakdown $breakdown --explain
		[[ $output == "-- reads daily_rollup"* ]]
		run -0 mm-sources --from 2026-03-16 --to 2026-04-13T00:00:00.001Z --breakdown $breakdown
		[ "$output" = "$rollup" ]
		run -0 mm-sources --from 2026-03-16 --to 2026-04-13T00:00:00.001Z --explain
		[[ $output == "-- reads events"* ]]
	done
}

@test "--explain prints statements that run as they stand, and asks nothing" {
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ stats "${P[@]}" --event "it's" --group-by path --explain
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "-- reads events: daily_rollup has no path" ]]
	[[ $output == *"SET param_event = 'it\\'s';"* ]]
	[[ $(grep -v '^SET' <<< "$output") != *"it"*"s"*"event = 'it"* ]]
	stats "${P[@]}" --group-by medium --explain
	answer=$(explained <<< "$output")
	stats "${P[@]}" --group-by medium
	[ -n "$output" ]
	[ "$output" = "$answer" ]
}

@test "--explain keeps each byte of a value, and lets no control character out" {
	local name=$'a\'b\\c\td\ne\x1b[2Jf\xc2\x9bg\\nh;é'
	jq -nc --arg n "$name" '{timestamp: "2029-01-01 00:00:00.000", event_name: $n}' | put
	stats --from 2029-01-01 --to 2029-01-02 --event "$name" --metric count --group-by path --explain
	[ "$(tr -d '\n' <<< "$output" | LC_ALL=C grep -c '[[:cntrl:]]')" -eq 0 ]
	[[ $output != *$'\xc2\x9b'* ]]
	[ "$(explained <<< "$output")" = '{"path":null,"value":1}' ]
}

@test "--format json is the API's object" {
	stats "${P[@]}" --group-by medium --metric uniques --format json
	[ "$(jq -c 'keys_unsorted' <<< "$output")" = '["metric","rows"]' ]
	[ "$(jq -r .metric <<< "$output")" = uniques ]
	rows=$(jq -c '.rows[]' <<< "$output")
	stats "${P[@]}" --group-by medium --metric uniques
	[ "$output" = "$rows" ]
	stats --from 2030-01-01 --to 2030-01-02 --group-by medium --format json
	[ "$output" = '{"metric":"count","rows":[]}' ]
}

@test "--format csv: null is an empty field, an empty text is quoted" {
	stats "${P[@]}" --group-by path,country --format csv
	[ "${lines[0]}" = '"path","country","value"' ]
	[[ $output == *$'\n,"GB",'* ]]
	[[ $output == *'"/pricing","",'* ]]
}

@test "more rows than --limit: printed are the first, and it is said" {
	stats "${P[@]}" --interval day --limit 5
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	[[ $stderr == *"first 5 rows"*"--limit"* ]]
	stats "${P[@]}" --interval day
	[ -z "$stderr" ]
}

# chart NAME OPTION...: at three widths, as tests/data/charts has it.
chart() {
	local name=$1 width
	shift
	for width in 40 80 120; do
		COLUMNS=$width stats "$@"
		[ "$status" -eq 0 ]
		diff "$repo/tests/data/charts/$name-$width.txt" <(printf '%s\n' "$output")
	done
}

@test "charts and tables at three widths" {
	chart bars "${P[@]}" --group-by source --format chart
	chart bars-ascii "${P[@]}" --group-by source,medium --format chart --ascii
	chart days --from 2026-03-10 --to 2026-04-13 --interval day --format chart --event signup
	chart hours "${P[@]}" --interval hour --format chart
	chart sparks "${P[@]}" --interval day --group-by source --format chart
	chart sparks-ascii "${P[@]}" --interval week --group-by source --format chart --ascii
	chart table "${P[@]}" --group-by source,path --limit 12 --format table
	chart table-ascii "${P[@]}" --group-by source,path --limit 12 --format table --ascii
}

@test "no line of a chart is wider than the terminal, and --ascii is ASCII" {
	for width in 20 33 57 80 200; do
		for options in "--group-by source" "--interval day" "--interval hour" \
			"--interval day --group-by source,path" "--interval week --group-by medium"; do
			# shellcheck disable=SC2086
			COLUMNS=$width stats "${P[@]}" $options --format chart --ascii
			[ "$status" -eq 0 ]
			[ "$(awk '{ print length }' <<< "$output" | sort -n | tail -1)" -le $width ]
			run ! grep -P '[^\x20-\x7e]' <<< "$output"
		done
	done
}

@test "a chart has a zero where nothing happened" {
	stats --from 2026-10-23 --to 2026-10-27 --interval day --format csv
	[ "${#lines[@]}" -lt 5 ]
	stats --from 2030-01-01 --to 2030-01-05 --interval day --format chart --ascii
	[ "$status" -eq 0 ]
	[[ $output == *"0 +"* ]]
	[[ $output == *"2030-01-01"*"2030-01-04"* ]]
}

@test "a chart of many intervals shows them all by default, and says when it can't" {
	stats "${P[@]}" --interval day --group-by source --format chart --ascii
	[ -z "$stderr" ]
	[[ ${lines[0]} == *"2026-03-16"*"2026-04-12"* ]]
	stats "${P[@]}" --interval day --format chart --ascii --limit 10
	[[ $stderr == *"first 10 rows"* ]]
	[[ $output == *"2026-03-16"*"2026-03-25"* ]]
}

@test "colour only on a terminal" {
	stats "${P[@]}" --group-by medium --format chart
	[[ $output != *$'\e['* ]]
	run -0 env TERM=xterm script -qec "mm-stats ${P[*]} --group-by medium --format chart" /dev/null
	[[ $output == *$'\e[36m'* ]]
	run -0 env TERM=xterm NO_COLOR=1 script -qec "mm-stats ${P[*]} --group-by medium --format chart" /dev/null
	[[ $output != *$'\e['* ]]
}

@test "on a terminal the default is a table, of its width" {
	run -0 script -qec "stty cols 30; mm-stats ${P[*]} --group-by source" /dev/null
	[[ ${lines[0]} == "source"*"value"* ]]
	[[ $output == *"a name that is much to…"* ]]
	[[ $output == *'tab\x09here\x1b[31m'* ]]
}

# refused OPTION...: status 2, one line on standard error, no row.
refused() {
	stats "$@"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
}

@test "what is wrong with the parameters is said, with what is allowed" {
	refused --group-by colour "${P[@]}"
	[[ $stderr == "mm-stats: --group-by: expected one of event_name, source, medium, campaign"* ]]
	refused --group-by source,contry "${P[@]}"
	[[ $stderr == "mm-stats: --group-by: did you mean country? expected one of event_name, "* ]]
	refused --metric visits --group-by exitpath "${P[@]}"
	[[ $stderr == "mm-stats: --group-by: did you mean exit_path? of visits "* ]]
	refused --group-by source,source "${P[@]}"
	[[ $stderr == "mm-stats: --group-by: expected one of "* ]]
	refused --metric sum "${P[@]}"
	[[ $stderr == *"count|uniques"* ]]
	refused --interval year "${P[@]}"
	[[ $stderr == *"hour|day|week"* ]]
	refused --limit 1001 "${P[@]}"
	[[ $stderr == *"1 to 1000"* ]]
	refused --tz Europe/Atlantis "${P[@]}"
	[[ $stderr == *"--tz: no time zone"* ]]
	refused --to today
	[[ $stderr == *"--from: missing"* ]]
	refused --from today --to yesterday
	[[ $stderr == *"--from: has to be before"* ]]
}

@test "a zone needs the system's files, UTC does not" {
	TZDIR=$BATS_TEST_TMPDIR refused "${P[@]}" --tz Europe/Berlin
	[[ $stderr == *tzdata* ]]
	TZDIR=$BATS_TEST_TMPDIR stats "${P[@]}" --tz UTC
	[ "$status" -eq 0 ]
}

@test "a zone that only this machine knows" {
	mkdir -p zones/Foo
	cp /usr/share/zoneinfo/Europe/Berlin zones/Foo/Bar
	TZDIR=$PWD/zones refused "${P[@]}" --tz Foo/Bar --interval day
	[[ $stderr == *"may not know the time zone Foo/Bar" ]]
}

@test "no tables, no server, no right: says what to do" {
	refused "${P[@]}" --database nosuch
	[[ $stderr == *mm-schema* ]]
	stats "${P[@]}" --url http://127.0.0.1:1/
	[ "$status" -eq 75 ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
	MM_CLICKHOUSE_USER=default MM_CLICKHOUSE_PASSWORD=wrong refused "${P[@]}"
	[[ $stderr == *MM_CLICKHOUSE_PASSWORD* ]]
	[[ $stderr != *wrong* ]]
}

@test "rows that are not those of the question are an error, in each format that reads them" {
	fake_start 'rows:{"a":1,"b":2}'
	for format in table csv chart; do
		stats "${P[@]}" --format $format
		[ "$status" -ne 0 ]
		[ -n "$stderr" ]
	done
	fake_stop
}

@test "more rows than were asked for are an error" {
	fake_start 'rows:{"value":1}
{"value":2}
{"value":3}
{"value":4}'
	for format in ndjson table chart; do
		stats "${P[@]}" --limit 2 --format $format
		[ "$status" -eq 2 ]
		[[ $stderr == *"an unexpected answer"* ]]
	done
	fake_stop
}

@test "an interrupt while ClickHouse thinks ends it by the signal, without a word" {
	fake_start hang
	mm-stats "${P[@]}" > out 2> err 3>&- &
	eventually grep -q hang "$FAKE/log"
	kill -TERM $!
	ends_with 143 $!
	[ ! -s out ]
	[ ! -s err ]
	fake_stop
}

# shellcheck disable=SC2016 # for the inner shell
@test "a full output: status 2; a closed one: status 0; in each format" {
	for format in ndjson table csv json chart; do
		run -2 --separate-stderr bash -c "mm-stats ${P[*]} --format $format > /dev/full"
		[[ $stderr == *"No space left"* ]]
		run -0 bash -c "mm-stats ${P[*]} --format $format"' | true; exit ${PIPESTATUS[0]}'
	done
	run -2 --separate-stderr bash -c "mm-stats ${P[*]} --explain > /dev/full"
	[[ $stderr == *"No space left"* ]]
}

where() { # NAME... : jq's select, then --where
	local filter=$1
	shift
	local c options=()
	for c; do options+=(--where "$c"); done
	stats "${P[@]}" "${options[@]}"
	[ "$output" = "$(expected "map(select($filter)) | {value: length}")" ]
	[ "$output" != '{"value":0}' ]
}

@test "--where takes what meets all conditions" {
	where '.path == "/pricing"' path=/pricing
	where '.path == null' path=
	where '.path != null' path!=
	where '.country != "GB"' country!=GB
	where '(.path // "") | startswith("/docs")' 'path^=/docs'
	where '.source | contains("b\\c")' 'source~b\c'
	where '.source == "x,y" and .event_name == "signup"' source=x,y event_name=signup
	where '(.timestamp[11:13] | tonumber) >= 20' 'hour_of_day>=20'
	where '(.timestamp | strptime("%Y-%m-%d %H:%M:%S.000") | mktime / 86400 | floor + 3) % 7 + 1 < 3' 'weekday<3'
	where '.source == "google" and .country == "GB"' source=google country=GB
	stats "${P[@]}" --where 'source=google' --explain
	[[ $output == *daily_rollup* && $output != *"= google"* ]]
	stats "${P[@]}" --where 'path=/' --explain
	[[ $output != *"FROM daily_rollup"* ]]
}

@test "--where says at which character it is wrong, and what is allowed" {
	stats "${P[@]}" --where pat=/x
	[[ $status == 2 && $stderr == *"--where: character 1: no such name"*"path, url"*"properties.NAME"* ]]
	stats "${P[@]}" --where path
	[[ $status == 2 && $stderr == *"character 5: no operator"*"!=, ^=, ~"* ]]
	stats "${P[@]}" --where 'country<5'
	[[ $status == 2 && $stderr == *"character 8: country is a text"* ]]
	stats "${P[@]}" --where 'properties.n>=five'
	[[ $status == 2 && $stderr == *"character 15: expected a number"* ]]
	stats "${P[@]}" --where 'path~'
	[[ $status == 2 && $stderr == *"character 6: a text is missing"* ]]
	stats "${P[@]}" --where entry_path=/
	[[ $status == 2 && $stderr == *"entry_path is of visits"* ]]
	stats "${P[@]}" --metric returning --where country=GB
	[[ $status == 2 && $stderr == *"--where: returning is of all visitors"* ]]
}

@test "groups by weekday, hour of day and parts of the address" {
	local zone=Asia/Tokyo
	stats "${P[@]}" --group-by weekday --limit 7
	[ "$output" = "$(expected 'group_by((.timestamp | strptime("%Y-%m-%d %H:%M:%S.000") | mktime / 86400 | floor + 3) % 7)
		| map({weekday: ((.[0].timestamp | strptime("%Y-%m-%d %H:%M:%S.000") | mktime / 86400 | floor + 3) % 7 + 1), value: length})
		| sort_by(-.value, .weekday)[]' | jq -c)" ]
	stats --from 2026-03-16T00:00:00Z --to 2026-04-13T00:00:00Z --tz $zone --group-by hour_of_day
	[ "$output" = "$(expected 'group_by(((.timestamp[11:13] | tonumber) + 9) % 24)
		| map({hour_of_day: (((.[0].timestamp[11:13] | tonumber) + 9) % 24), value: length})
		| sort_by(-.value, .hour_of_day)[]' | jq -c)" ]
	printf '%s\n' '{"timestamp":"2025-02-03 10:00:00.000","event_name":"$pageview","event_id":"u1","anonymous_id":"z","session_id":"s","source":"google","medium":"paid","campaign":"sale","url":"https://Shop.example/p?utm_term=red+shoes&utm_content=a%20b","path":"/p","referrer":"https://news.example/","user_id":"u","country":"DE","device_type":"desktop","browser":"chrome","os":"linux","properties":"{\"n\":19.90,\"big\":18446744073709551616,\"plan\":\"pro\"}"}' | put
	stats --period 2025-02 --group-by campaign,host,url,referrer,user_id,utm_term,utm_content,source_rule_id
	[ "$output" = '{"campaign":"sale","host":"shop.example","url":"https://Shop.example/p?utm_term=red+shoes&utm_content=a%20b","referrer":"https://news.example/","user_id":"u","utm_term":"red shoes","utm_content":"a b","source_rule_id":"","value":1}' ]
	for c in properties.plan=pro 'properties.n>19.8' 'properties.n<=19.9' 'properties.big>=18446744073709551616' 'utm_term~shoes' \
		'properties.none=' 'properties.plan^=p' 'properties.plan!=basic' 'user_id=u' 'campaign=sale'; do
		stats --period 2025-02 --where "$c"
		[ "$output" = '{"value":1}' ]
	done
	for c in 'properties.n<19.9' 'properties.plan>1' 'properties.plan=' 'properties.plan=p' 'user_id!=u'; do
		stats --period 2025-02 --where "$c"
		[ "$output" = '{"value":0}' ]
	done
	run -0 --separate-stderr mm-query --period 2025-02 --where properties.plan=pro --where 'host=shop.example'
	[ "${#lines[@]}" -eq 1 ]
	run -0 --separate-stderr mm-sources --period 2025-02 --where country=DE
	[ "$output" = '{"source":"google","medium":"paid","events":1,"uniques":1,"paid_share":1}' ]
	run -0 --separate-stderr mm-funnel --period 2025-02 --step '$pageview,country=DE,n>=19.9' --step '$pageview'
	[[ ${lines[0]} == *'"visitors":1'* ]]
	run -0 --separate-stderr mm-funnel --period 2025-02 --step '$pageview,properties.country=DE' --step '$pageview'
	[[ ${lines[0]} == *'"visitors":0'* ]]
}
