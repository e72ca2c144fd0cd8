#!/usr/bin/env bats
# mm-funnel against the real engine and a count of its own.

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

P=(--from 2026-03-02 --to 2026-04-13)
T='"from":"2026-03-02T00:00Z","to":"2026-04-13T00:00Z"'

funnel() {
	run --separate-stderr mm-funnel "$@"
	echo "status $status: $stderr"
}

@test "three steps are those of a count by hand" {
	agree funnel "{$T,\"steps\":[\"view\",\"signup\",\"purchase\"],\"window\":604800000}" \
		mm-funnel "${P[@]}" --step view --step signup --step purchase
}

@test "steps that differ are those of ClickHouse's windowFunnel" {
	for hours in 2 24 500; do
		mm-funnel "${P[@]}" --step view --step signup --step purchase --window "${hours}h" |
			jq -r .visitors > found
		MM_CLICKHOUSE_DATABASE=millimetric sql "SELECT countIf(level >= step) FROM (
			SELECT windowFunnel($hours * 3600000)(toUInt64(toUnixTimestamp64Milli(timestamp)),
				event_name = 'view', event_name = 'signup', event_name = 'purchase') AS level
			FROM events WHERE timestamp >= '2026-03-02' AND timestamp < '2026-04-13'
			GROUP BY anonymous_id) ARRAY JOIN [1, 2, 3] AS step GROUP BY step ORDER BY step" > theirs
		diff theirs found
	done
}

@test "a short window lets fewer through, and says so exactly" {
	agree funnel "{$T,\"steps\":[\"view\",\"signup\",\"purchase\"],\"window\":7200000}" \
		mm-funnel "${P[@]}" --step view --step signup --step purchase --window 2h
	[ "$(jq -s '.[0].visitors > .[2].visitors' found)" = true ]
}

@test "the same event may be two steps; one row is one of them only" {
	agree funnel "{$T,\"steps\":[\"purchase\",\"purchase\",\"purchase\"],\"window\":86400000}" \
		mm-funnel "${P[@]}" --step purchase --step purchase --step purchase --window 1d
}

@test "properties choose: strings by their text, others by their JSON" {
	for value in pro 3 true null; do
		agree funnel "{$T,\"steps\":[\"view,plan=$value\",\"purchase,plan.a=pro\"],\"window\":604800000}" \
			mm-funnel "${P[@]}" --step "view,plan=$value" --step purchase,plan.a=pro
		[ "$(jq -s '.[0].visitors > 0' found)" = true ]
	done
	agree funnel "{$T,\"steps\":[\"view,plan=pro,properties.cart.total=77\",\"signup\"],\"window\":604800000}" \
		mm-funnel "${P[@]}" --step view,plan=pro,properties.cart.total=77 --step signup
}

@test "by user_id, a user's devices are one person" {
	agree funnel "{$T,\"steps\":[\"view\",\"signup\",\"purchase\"],\"window\":86400000,\"by\":\"user_id\"}" \
		mm-funnel "${P[@]}" --step view --step signup --step purchase --window 1d --by user_id
	users=$(jq -s '.[0].visitors' found)
	[ "$users" -lt "$(mm-funnel "${P[@]}" --step view --step signup | jq -s '.[0].visitors')" ]
}

@test "of one instant, only one step is taken" {
	printf '%s\n' '{"timestamp":"2020-02-01 00:00:00.000","event_name":"one","anonymous_id":"x"}' \
		'{"timestamp":"2020-02-01 00:00:00.000","event_name":"two","anonymous_id":"x"}' \
		'{"timestamp":"2020-02-01 00:00:02.000","event_name":"two","anonymous_id":"x"}' |
		put
	funnel --from 2020-02-01 --to 2020-02-02 --step one --step two --step two
	[ "$(jq -sc 'map([.visitors, .median_seconds])' <<< "$output")" = '[[1,0],[1,2],[0,null]]' ]
}

@test "only the period counts" {
	agree funnel '{"from":"2026-03-10T06:00Z","to":"2026-03-12T00:00Z","steps":["view","purchase"],"window":604800000}' \
		mm-funnel --from 2026-03-10T06:00:00Z --to 2026-03-12 --step view --step purchase
}

@test "steps that nobody came to have a row" {
	funnel "${P[@]}" --step view --step nothing --step purchase --format csv
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = '"step","event","visitors","conversion","step_conversion","median_seconds"' ]
	[ "${lines[2]}" = '2,"nothing",0,0,0,' ]
	[ "${lines[3]}" = '3,"purchase",0,0,0,' ]
	funnel "${P[@]}" --step nothing --step view
	[ "${lines[0]}" = '{"step":1,"event":"nothing","visitors":0,"conversion":0,"step_conversion":0,"median_seconds":null}' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "a name with a comma or a quote in it is a name" {
	printf '%s\n' '{"timestamp":"2020-01-01 00:00:00.000","event_name":"a, '\''b","anonymous_id":"x"}' \
		'{"timestamp":"2020-01-01 00:00:01.000","event_name":"c","anonymous_id":"x","properties":"{\"k\":\"1,2\"}"}' |
		put
	funnel --from 2020-01-01 --to 2020-01-02 --step "a, 'b" --step c,k=1,2
	[ "${lines[1]}" = '{"step":2,"event":"c,k=1,2","visitors":1,"conversion":1,"step_conversion":1,"median_seconds":1}' ]
}

@test "by group: people belong where their first step was, and all groups are all people" {
	local names
	for names in country source,medium campaign properties.plan country,properties.plan,campaign; do
		agree groups "{$T,\"steps\":[\"view\",\"signup\",\"purchase\"],\"window\":604800000,\"group_by\":[\"${names//,/\",\"}\"],\"limit\":100}" \
			mm-funnel "${P[@]}" --step view --step signup --step purchase --group-by "$names"
	done
	[ "$(jq -s 'map(.step_3) | add' found)" -eq \
		"$(mm-funnel "${P[@]}" --step view --step signup --step purchase | jq -s '.[2].visitors')" ]
	agree groups "{$T,\"steps\":[\"view,plan=pro\",\"signup\"],\"window\":7200000,\"by\":\"user_id\",\"group_by\":[\"country\"],\"limit\":2}" \
		mm-funnel "${P[@]}" --step view,plan=pro --step signup --by user_id --window 2h --group-by country --limit 2
	[ "$(wc -l < found)" -eq 2 ]
}

@test "by group: of several first steps in one millisecond, the group is that of the first event_id" {
	printf '{"timestamp":"2020-05-01 00:00:00.000","event_name":"one","anonymous_id":"x","event_id":"%s","country":"%s"}\n' \
		b DE a FR c US | put
	funnel --from 2020-05-01 --to 2020-05-02 --step one --step two --group-by country
	[ "$output" = '{"country":"FR","step_1":1,"step_2":0,"conversion":0}' ]
}

@test "by group: tables have the names of the steps, charts the rate" {
	printf '{"timestamp":"2020-06-01 00:00:0%s.000","event_name":"%s","anonymous_id":"%s","country":"%s"}\n' \
		0 one a DE 1 "two, or so" a DE 0 one b DE 0 one c FR 0 one d "" 1 "two, or so" d "" |
		put
	local ask=(--from 2020-06-01 --to 2020-06-02 --step one --step "two, or so" --group-by country)
	funnel "${ask[@]}" --format table
	[ "$output" = "country  one  two, or so  conversion
DE         2           1       50.0%
           1           1      100.0%
FR         1           0        0.0%" ]
	COLUMNS=25 funnel "${ask[@]}" --format table
	[ "$output" = "country  one  conversion
DE         2       50.0%
           1      100.0%
FR         1        0.0%" ]
	funnel "${ask[@]}" --format csv --limit 1
	[ "$output" = '"country","step_1","step_2","conversion"
"DE",2,1,0.5' ]
	[[ $stderr != *"first 1 rows"* ]]
	COLUMNS=40 funnel "${ask[@]}" --format chart --ascii
	[ "$output" = "DE        50.0%        2  =======
(empty)  100.0%        1  ==============
FR         0.0%        1" ]
	funnel "${ask[@]}" --format json
	[ "$(jq -c '.rows | map(.conversion)' <<< "$output")" = '[0.5,1,0]' ]
	# what a terminal can't show is no title; a long one is cut between characters
	long=$(printf 'ё%.0s' {1..30})
	funnel --from 2020-06-01 --to 2020-06-02 --step one --step $'x\e[1m' --step "$long" --group-by country --format table
	[[ ${lines[0]} == "country  one  step_2  $(printf 'ё%.0s' {1..16})  conversion" ]]
}

@test "by group: a period beside the one before it has the rate of each" {
	printf '{"timestamp":"2020-07-0%s 00:00:0%s.000","event_name":"%s","anonymous_id":"%s","country":"%s"}\n' \
		1 0 one a DE 1 1 two a DE 1 0 one b DE 2 0 one c DE 2 1 two c DE 2 0 one d US 1 0 one e FR | put
	funnel --from 2020-07-02 --to 2020-07-03 --step one --step two --group-by country --compare 2020-07-01
	[ "$output" = '{"country":"DE","step_1":1,"step_2":1,"conversion":1,"previous":0.5,"change":1}
{"country":"US","step_1":1,"step_2":0,"conversion":0,"previous":null,"change":null}
{"country":"FR","step_1":0,"step_2":0,"conversion":null,"previous":0,"change":null}' ]
}

@test "by group: what can't be grouped by is told" {
	funnel "${P[@]}" --step view --step signup --group-by planet
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-funnel: --group-by: expected one of event_name, source, "* ]]
	funnel "${P[@]}" --step view --step signup --group-by entry_path
	[ "$status" -eq 2 ]
	funnel "${P[@]}" --step view --step signup --limit 5
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-funnel: --limit needs --group-by"* ]]
	funnel "${P[@]}" --step view --step signup --group-by country --explain
	[ "$(explained <<< "$output" | jq -c .)" = "$(mm-funnel "${P[@]}" --step view --step signup --group-by country)" ]
}

@test "a chart has a bar for each step" {
	funnel "${P[@]}" --step view --step signup --format chart --ascii
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == '1. view '*' 100.0%  ==='* ]]
	[[ ${lines[1]} == '2. signup '*'%  ==='* ]]
}

@test "a table has shares in percent, and spans" {
	printf '{"timestamp":"2020-03-01 %s","event_name":"%s","anonymous_id":"%s"}\n' \
		00:00:00.000 one a 00:00:00.000 one b 00:00:00.000 one c 04:48:00.000 two c |
		put
	funnel --from 2020-03-01 --to 2020-03-02 --step one --step two --step three --format table
	[ "$output" = "step  event  visitors  conversion  of step before  median time
   1  one           3      100.0%          100.0%           0s
   2  two           1       33.3%           33.3%       4h 48m
   3  three         0        0.0%            0.0%            -" ]
	COLUMNS=40 funnel --from 2020-03-01 --to 2020-03-02 --step one --step two --format table
	[ "$output" = "step  event  visitors  conversion
   1  one           3      100.0%
   2  two           1       33.3%" ]
}

@test "tables and charts at three widths" {
	local ask=(mm-funnel "${P[@]}" --step view --step signup --step "purchase,plan=pro")
	golden funnel "${ask[@]}" --format chart
	golden funnel-ascii "${ask[@]}" --format chart --ascii
	golden funnel-table "${ask[@]}" --format table
}

@test "what can't be asked is told, with what is allowed" {
	funnel "${P[@]}" --step view
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-funnel: --step: expected 2 to 10 of them" ]
	funnel "${P[@]}" --step view --step ,a=b
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-funnel: --step: expected an event's name"* ]]
	funnel "${P[@]}" --step view --step a,.=b
	[ "$status" -eq 2 ]
	[[ $stderr == *"a property is a name, or up to 4 with dots between" ]]
	funnel "${P[@]}" --step view --step a,a=1,b=2,c=3,d=4,e=5
	[ "$status" -eq 2 ]
	[[ $stderr == *"at most 4 conditions"* ]]
	funnel --step view --step a
	[ "$status" -eq 2 ]
	[[ $stderr == *"--from: missing"* ]]
	for window in 0 7 '' 0d 367d d; do
		funnel "${P[@]}" --step a --step b --window "$window"
		[ "$status" -eq 2 ]
		[[ $stderr == "mm-funnel: --window: expected "* ]]
	done
}

@test "the largest question that can be asked is answered" {
	local steps=() i
	for ((i = 0; i < 10; i++)); do
		steps+=(--step 'view,a.b.c.d=1,b.b.c.d=1,c.b.c.d=1,d.b.c.d=1')
	done
	funnel "${P[@]}" "${steps[@]}"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 10 ]
	names=event_name,source,medium,campaign,source_rule_id,country,device_type,browser,os,path,url,host
	names+=,referrer,user_id,utm_term,utm_content,weekday,hour_of_day,properties.plan,properties.cart.total
	for format in csv table chart; do
		COLUMNS=80 funnel --from 2026-03-09 --to 2026-03-16 "${steps[@]//view,*/view}" --by user_id --tz Asia/Tokyo \
			--group-by "$names" --compare previous --limit 3 --format $format
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -ge 3 ]
	done
}

@test "--explain prints the SQL, with the values apart" {
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ funnel "${P[@]}" --step view --step "x'y" --explain
	[ "$status" -eq 0 ]
	[[ $output == *"{window:UInt64}"* ]]
	[[ $output == *"= 'x\\'y';"* ]]
	[[ $output != *"'x'y'"* ]]
	answer=$(explained <<< "$output" | jq -c .)
	funnel "${P[@]}" --step view --step "x'y"
	[ "$(jq -c . <<< "$output")" = "$answer" ]
}

@test "a full disk and no server are told" {
	run --separate-stderr sh -c 'mm-funnel --from 2026-03-02 --step view --step signup > /dev/full'
	[ "$status" -eq 2 ]
	[[ $stderr == *"No space left"* ]]
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ funnel "${P[@]}" --step view --step signup
	[ "$status" -eq 75 ]
}
