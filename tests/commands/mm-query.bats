#!/usr/bin/env bats
# mm-query against the real engine: the rows that went in come out again.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

setup_file() {
	engine_start
	export MM_IP_SALT=0123456789abcdef-test-salt
	gen_events -n 2500 --invalid 0 --end 2026-06-30 | mm-enrich -q |
		jq -c 'select(.timestamp < "2026-07-01")' > "$BATS_FILE_TMPDIR/rows"
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-insert --spool "$BATS_FILE_TMPDIR/spool" "$BATS_FILE_TMPDIR/rows"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT COLUMNS NO_COLOR
}

P=(--from 2026-05-01 --to 2026-07-01)

query() {
	run --separate-stderr mm-query "$@"
	echo "status $status: $stderr"
}

# The rows that went in, newest first, as they have to come out.
expected() {
	jq -sc 'sort_by(.timestamp, .event_id) | reverse | .[] | del(.project_id, .ip_hash)' \
		"$BATS_FILE_TMPDIR/rows"
}

@test "the rows that went in come out, newest first, less project_id and ip_hash" {
	query "${P[@]}" --limit 1000
	[ "$status" -eq 0 ]
	[ "$(jq -c . <<< "$output")" = "$(expected | head -1000)" ]
	[ "${#lines[@]}" -eq 1000 ]
}

@test "the default is 100 rows" {
	query "${P[@]}"
	[ "${#lines[@]}" -eq 100 ]
}

@test "where it was cut without having been asked to it says so, and only there" {
	query "${P[@]}"
	[ "$stderr" = "mm-query: only the first 100 rows were printed, and there are more; see --limit" ]
	query "${P[@]}" --limit 1000 --format table
	[ "$stderr" = "mm-query: only the first 1000 rows were printed, and there are more; see --limit" ]
	query "${P[@]}" --limit 7
	[ -z "$stderr" ]
	# exactly so many as there are
	first=$(jq -s 'sort_by(.timestamp, .event_id) | reverse | .[99].timestamp' -r "$BATS_FILE_TMPDIR/rows")
	[ "$(jq -c --arg t "$first" 'select(.timestamp == $t)' "$BATS_FILE_TMPDIR/rows" | wc -l)" = 1 ]
	query --from "${first/ /T}Z" --to 2026-07-01
	[ "${#lines[@]}" -eq 100 ]
	[ -z "$stderr" ]
}

@test "--user-id with nothing finds the events of nobody known, also where it is an empty text" {
	query "${P[@]}" --user-id '' --limit 1000
	[ "$output" = "$(expected | jq -c 'select((.user_id // "") == "")' | head -1000)" ]
	[ "${#lines[@]}" -gt 100 ]
	[ "$(jq -c 'select(.user_id)' <<< "$output" | wc -l)" = 0 ]
}

@test "properties leave as the text that was stored, byte for byte" {
	query "${P[@]}" --limit 1000
	[ "$(jq -r .properties <<< "$output")" = "$(jq -sr 'sort_by(.timestamp, .event_id) | reverse | .[].properties' \
		"$BATS_FILE_TMPDIR/rows" | head -1000)" ]
}

@test "from is part of the period, to is not" {
	second=$(jq -sr 'sort_by(.timestamp) | reverse | .[2].timestamp | sub(" "; "T") + "Z"' "$BATS_FILE_TMPDIR/rows")
	first=$(jq -sr 'sort_by(.timestamp) | reverse | .[1].timestamp | sub(" "; "T") + "Z"' "$BATS_FILE_TMPDIR/rows")
	query --from "$second" --to "$first"
	[ "$(jq -r '.timestamp | sub(" "; "T") + "Z"' <<< "$output" | sort -u)" = "$second" ]
}

@test "each filter passes those rows only" {
	for pair in event:event_name source:source medium:medium anonymous-id:anonymous_id user-id:user_id; do
		key=${pair#*:}
		value=$(jq -r ".$key // empty | select(. != \"\")" "$BATS_FILE_TMPDIR/rows" | sort | uniq -c |
			sort -n | sed -n '2s/^ *[0-9]* //p')
		query "${P[@]}" "--${pair%:*}" "$value" --limit 1000
		[ "$status" -eq 0 ]
		[ -n "$output" ]
		[ "$(jq -c . <<< "$output")" = "$(jq -sc --arg v "$value" \
			'sort_by(.timestamp, .event_id) | reverse | .[] | select(.'"$key"' == $v) | del(.project_id, .ip_hash)' \
			"$BATS_FILE_TMPDIR/rows" | head -1000)" ]
	done
}

@test "filters narrow each other; --country takes either case, and empty for unknown" {
	echo '{"timestamp":"2027-01-01 00:00:00.000","event_name":"e","country":"GB","source":"s"}
{"timestamp":"2027-01-01 00:00:01.000","event_name":"e","country":"GB","source":"t"}
{"timestamp":"2027-01-01 00:00:02.000","event_name":"e","country":"","source":"s"}' |
		put
	Q=(--from 2027-01-01 --to 2027-01-02)
	query "${Q[@]}" --country gb
	[ "$(jq -r .source <<< "$output")" = $'t\ns' ]
	query "${Q[@]}" --country GB --source s
	[ "${#lines[@]}" -eq 1 ]
	query "${Q[@]}" --country ''
	[ "$(jq -r .timestamp <<< "$output")" = "2027-01-01 00:00:02.000" ]
}

@test "a value is never SQL" {
	for option in event source medium user-id anonymous-id country; do
		query "${P[@]}" --$option "x' OR 1=1 --"
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
	query "${P[@]}" --event $'a\tb\nc\\d{limit:UInt32}'
	[ "$status" -eq 0 ]
}

@test "--all prints the whole period, oldest first, as it comes" {
	jq -sc 'sort_by(.timestamp, .event_id) | .[] | del(.project_id, .ip_hash)' "$BATS_FILE_TMPDIR/rows" > all
	[ "$(wc -l < all)" -gt 1000 ]
	mm-query "${P[@]}" --all | jq -c . | diff all -
	mm-query "${P[@]}" --all --event signup | jq -c . | diff <(jq -c 'select(.event_name == "signup")' all) -
	query "${P[@]}" --all --explain
	[[ $output == *'ORDER BY timestamp, event_id;' ]]
	# nobody waits for the end of it: neither ClickHouse nor the command
	fake_start pass
	mm-query "${P[@]}" --all | head -n 1 > first
	diff <(head -n 1 all) <(jq -c . first)
	run ! grep wait_end_of_query "$FAKE/log"
}

@test "--all goes on behind any line that it wrote" {
	for i in 3 2 1; do
		jq -nc --arg i "$i" 'range(3) | {timestamp: "2025-01-01 00:00:0\($i).000", event_id: "e\(.)", event_name: "x"}'
	done | put
	P=(--from 2025-01-01 --to 2025-01-02 --all --fields 'timestamp,event_id')
	mm-query "${P[@]}" > all
	[ "$(wc -l < all)" -eq 9 ]
	for i in 1 2 3 5 6 9; do
		last=$(sed -n ${i}p all)
		mm-query --from "$(jq -r '(.timestamp | sub(" "; "T")) + "Z"' <<< "$last")" --to 2025-01-02 --all \
			--after "$(jq -r .event_id <<< "$last")" --fields timestamp,event_id > rest 2> /dev/null
		diff <(tail -n +$((i + 1)) all) rest
	done
}

@test "--fields names what is printed, in its order" {
	query "${P[@]}" --limit 2 --fields path,event_name
	[ "$(jq -c keys_unsorted <<< "$output" | sort -u)" = '["path","event_name"]' ]
	query "${P[@]}" --limit 1 --fields session_id,os --format table
	[[ ${lines[0]} == session_id*os* ]]
	query "${P[@]}" --all --fields event_id --format csv
	[ "${lines[0]}" = '"event_id"' ]
	[ "${#lines[@]}" -eq $(($(wc -l < "$BATS_FILE_TMPDIR/rows") + 1)) ]
	for wrong in path,path ip_hash 'path,' ''; do
		query "${P[@]}" --fields "$wrong"
		[ "$status" -eq 2 ]
		[[ $stderr == *'--fields: expected some of timestamp, event_name'* ]]
	done
	for wrong in '--all --limit 5' '--all --format table' '--after x'; do
		# shellcheck disable=SC2086 # words
		query "${P[@]}" $wrong
		[ "$status" -eq 2 ]
	done
}

@test "an answer to --all that breaks off is an error, whatever came before" {
	fake_start cut-answer:20000
	mm-query "${P[@]}" --all > rows 2> err && status=0 || status=$?
	[ "$status" -eq 75 ]
	[ -s err ]
}

@test "another project's rows stay hidden" {
	query "${P[@]}" --project 11111111-2222-4333-8444-555555555555
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"nothing is stored of this project"* ]]
}

@test "--format json is the API's object" {
	query "${P[@]}" --limit 7
	rows=$output
	query "${P[@]}" --limit 7 --format json
	[ "$(jq -c 'keys_unsorted' <<< "$output")" = '["rows"]' ]
	[ "$(jq -c '.rows[]' <<< "$output")" = "$(jq -c . <<< "$rows")" ]
}

@test "--format csv is what jq makes of the rows" {
	query "${P[@]}" --limit 1000
	rows=$output
	query "${P[@]}" --limit 1000 --format csv
	[ "$output" = "$(jq -sr '(.[0] | keys_unsorted), (.[] | [.[]]) | @csv' <<< "$rows")" ]
}

@test "--format table shows what fits: the time whole, others cut, then left out" {
	COLUMNS=200 query "${P[@]}" --limit 3 --format table
	[[ ${lines[0]} == "timestamp                event_name"*"country" ]]
	for width in 40 80 120; do
		COLUMNS=$width query "${P[@]}" --limit 50 --format table
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 51 ]
		[[ ${lines[1]} == 2026-06-??" "??:??:??.???* ]]
	done
	COLUMNS=40 query "${P[@]}" --limit 1 --format table
	[[ ${lines[0]} != *country* ]]
}

# refused OPTION...: status 2, one line on standard error, no row.
refused() {
	query "$@"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
}

@test "what is wrong with the parameters is said" {
	refused --limit 0 "${P[@]}"
	[[ $stderr == *"1 to 1000"* ]]
	refused --format chart "${P[@]}"
	[[ $stderr == *"ndjson|table|csv|json"* ]]
	refused
	[[ $stderr == *"--from: missing"* ]]
	refused --from "2026-02-02' OR 1=1" --to now
	[[ $stderr == *"--from: expected a date"* ]]
	[[ $stderr != *OR* ]]
	refused "${P[@]}" signup
	[[ $stderr == *operand* ]]
}

@test "no server: says so, status 75; an answer that breaks off is an error" {
	query "${P[@]}" --url http://127.0.0.1:1/
	[ "$status" -eq 75 ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
	for fault in cut html code:241; do
		fake_start $fault
		query "${P[@]}"
		[ "$status" -ne 0 ]
		[ -z "$output" ]
		[ -n "$stderr" ]
		fake_stop
		rm -r "$FAKE"
	done
}

# shellcheck disable=SC2016 # for the inner shell
@test "a full output: status 2; a closed one: status 0" {
	run -2 --separate-stderr bash -c "mm-query ${P[*]} > /dev/full"
	[[ $stderr == *"No space left"* ]]
	run -0 bash -c "mm-query ${P[*]} --limit 1000"' | head -1 > /dev/null; exit ${PIPESTATUS[0]}'
}

@test "--format csv: nothing that a spreadsheet works out or a terminal obeys; numbers stay numbers" {
	texts=('=1+1' '+1+1' '-1+1' '@SUM(A1)' $'\t=1+1' $'\r=1+1' '-12.5' '+3e5' '-' '=' 'a=b' '"=x"' \
		$'a\e[31mb' $'\u009b31m' $'\u202eabc' $'two\nlines' 'plain')
	i=0
	for text in "${texts[@]}"; do
		jq -c --arg text "$text" --arg i "$(printf %02d $((i++)))" '.project_id = "00000000-0000-4000-8000-000000000009"
			| .timestamp = "2020-01-01 00:00:\($i).000" | .event_id = $i | .path = $text' \
			<(head -1 "$BATS_FILE_TMPDIR/rows")
	done > odd
	mm-insert --spool spool odd
	odd=(--project 00000000-0000-4000-8000-000000000009 --from 2020-01-01 --to 2020-01-02)
	mm-stats "${odd[@]}" --group-by path --format csv > found
	for text in "'=1+1" "'+1+1" "'-1+1" "'@SUM(A1)" "'"$'\t=1+1' "'"'\x0d=1+1' '-12.5' '+3e5' "'-" "'=" 'a=b' '""=x""' \
		'a\x1b[31mb' '\x9b31m' '\u202eabc' $'two\nlines' 'plain'; do
		[[ $(cat found) == *$'\n'"\"$text\",1"* ]]
	done
	[ "$(wc -l < found)" = 19 ]
	# numbers of an answer are written as they are
	mm-stats "${odd[@]}" --format csv > found
	[ "$(tail -1 found)" = 17 ]
	# a table neither
	mm-stats "${odd[@]}" --group-by path --format table > found
	run grep -c $'[\e\r]' found
	[ "$output" = 0 ]
	grep -F 'a\x1b[31mb' found
	# for programs all is as it was sent
	[ "$(mm-query "${odd[@]}" | jq -s 'map(.path) | sort')" = "$(jq -s 'map(.path) | sort' odd)" ]
}
