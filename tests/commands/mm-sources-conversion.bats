#!/usr/bin/env bats
# mm-sources --conversion against the real engine and a count of its own.

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

P=(--from 2026-03-10 --to 2026-04-13)
T='"from":"2026-03-10T00:00Z","to":"2026-04-13T00:00Z"'

sources() {
	run --separate-stderr mm-sources "$@"
	echo "status $status: $stderr"
}

@test "each touch credits as a count by hand does" {
	for touch in first last session; do
		agree credit "{$T,\"conversion\":\"purchase\",\"touch\":\"$touch\"}" \
			mm-sources "${P[@]}" --conversion purchase --touch "$touch"
	done
}

@test "values are added up, where they are numbers" {
	for touch in first last session; do
		agree credit "{$T,\"conversion\":\"purchase,plan=pro\",\"touch\":\"$touch\",\"value\":\"amount\"}" \
			mm-sources "${P[@]}" --conversion purchase,plan=pro --touch "$touch" \
			--value properties.amount
	done
	agree credit "{$T,\"conversion\":\"signup\",\"touch\":\"last\",\"value\":\"cart.total\"}" \
		mm-sources "${P[@]}" --conversion signup --value cart.total
}

@test "sums are exact decimals, and only of numbers" {
	local i=0 v
	for v in 19.99 19.99 19.99 19.99 19.99 19.99 19.99 -19.99 9007199254740993 1e3 0.1 0.2 true '"5"' null '{"a":1}'; do
		printf '{"timestamp":"2021-03-01 00:00:00.%03d","event_name":"paid","anonymous_id":"p","source":"s","medium":"m","properties":"%s"}\n' \
			$((i++)) "{\\\"v\\\":${v//\"/\\\"}}"
	done | put
	sources --from 2021-03-01 --to 2021-03-02 --conversion paid --value v
	[ "$status" -eq 0 ]
	[[ $output == *',"conversions":16,'*',"value":9007199254742113.24}' ]]
}

# paid DATE PROPERTIES...: an event for each, with these properties.
paid() {
	local day=$1 i=0 v
	shift
	for v; do
		jq -cn --arg p "$v" --arg t "$day 00:00:00.$(printf %03d $((i++)))" '{timestamp: $t,
			event_name: "paid", anonymous_id: "p", source: "s", medium: "m", properties: $p}'
	done | put
}

@test "currencies are never added up" {
	paid 2021-05-01 '{"v":10.5,"c":"EUR"}' '{"v":1e3,"c":"USD"}' '{"v":0.25,"c":"EUR"}' '{"v":7}' \
		'{"v":-3,"c":"USD"}' '{"v":1,"c":""}' '{"v":"9","c":"JPY"}'
	P=(--from 2021-05-01 --to 2021-05-02 --conversion paid)
	sources "${P[@]}" --value v --currency properties.c --breakdown source
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.currency, .conversions, .visitors, .share, .value]' <<< "$output")" = \
		'["",1,1,0.1429,1]
["EUR",2,1,0.2857,10.75]
["JPY",1,1,0.1429,null]
["USD",2,1,0.2857,997]
[null,1,1,0.1429,7]' ]
	sources "${P[@]}" --value v --currency c --format chart --ascii
	[ "$(grep -c 's / m / USD' <<< "$output")" -eq 1 ]
	run -2 mm-sources "${P[@]}" --currency c
	[[ $output == *'--currency: goes with value'* ]]
	run -2 mm-sources "${P[@]}" --value v --currency a..b
	[[ $output == *'--currency: expected a property'* ]]
	run -2 mm-sources --from 2021-05-01 --currency c
	[[ $output == *'--currency asks about conversions'* ]]
}

@test "charts of values below zero, tiny, equal, huge and none" {
	local v
	for v in low:-40 half:-20 none:null tiny:0.001 high:40 same:40; do
		printf '{"timestamp":"2021-06-01 00:00:00.000","event_name":"paid","anonymous_id":"%s","source":"%s","medium":"m","properties":"{\\"v\\":%s}"}\n' \
			"$v" "${v%:*}" "${v#*:}"
	done | put
	P=(--from 2021-06-01 --to 2021-06-02 --conversion paid --value v --breakdown source --format chart)
	COLUMNS=40 sources "${P[@]}" --ascii
	[ "$output" = 'high     40               =============
same     40               =============
tiny  0.001               .
half    -20        -======
low     -40  =============
none      -' ]
	COLUMNS=40 sources "${P[@]}"
	[ "$output" = 'high     40               █████████████
same     40               █████████████
tiny  0.001               ▏
half    -20        ▐██████
low     -40  █████████████
none      -' ]
	printf '{"timestamp":"2021-06-03 00:00:00.000","event_name":"paid","anonymous_id":"%s","source":"%s","medium":"m","properties":"{\\"v\\":%s}"}\n' \
		a huge "$(times 57 9)" b small 1 | put
	sources --from 2021-06-03 --to 2021-06-04 "${P[@]:4}" --ascii
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == huge*999999999999*=* ]]
	[[ ${lines[1]} == small*1*. ]]
}

@test "a chart tells none, empty and a dash apart" {
	paid 2021-07-01 '{"v":1}' '{"v":2,"c":""}' '{"v":3,"c":"-"}' '{"v":4,"c":"(none)"}'
	COLUMNS=60 sources --from 2021-07-01 --to 2021-07-02 --conversion paid --value v --currency c \
		--breakdown source --format chart --ascii
	[ "${#lines[@]}" -eq 4 ]
	[ "$(awk '{ print $3, $(NF-1) }' FS=' +' <<< "$output" | sort)" = "$(printf '%s\n' '(empty) 2' '(none) 1' '(none) 4' '- 3' | sort)" ]
}

@test "a number that ClickHouse's reader refuses hides no other property" {
	local numbers=(18446744073709551616 -9223372036854775809 1e309 -1E+400 0.1e310
		'[1,{"b":99999999999999999999999}]' "$(printf '9%.0s' {1..400}).5") n
	for n in "${numbers[@]}"; do
		printf '{"plan":"pro","trace":%s,"amount":5,"a.b":{"c d":"7, 8"},"title":"\\"1e999\\" {\\\\"}\n' "$n"
		printf '{"o" : { "trace":%s , "amount" : -2.50}, "plan":"pr\\u006f","amount":0.75,"url":"/a-1?b=2"}\n' "$n"
	done > lines
	mapfile -t lines < lines
	paid 2021-04-01 "${lines[@]}"
	sources --from 2021-04-01 --to 2021-04-02 --conversion paid,plan=pro --value amount
	[[ $output == *',"conversions":14,'*',"value":40.25}' ]]
	sources --from 2021-04-01 --to 2021-04-02 --conversion paid,o.amount=-2.50 --value o.amount
	[[ $output == *',"conversions":7,'*',"value":-17.5}' ]]
	sources --from 2021-04-01 --to 2021-04-02 --conversion 'paid,title="1e999" {\,url=' --value o.amount
	[[ $output == *',"conversions":7,'*',"value":null}' ]]
	for n in "${numbers[@]:0:5}"; do
		sources --from 2021-04-01 --to 2021-04-02 --conversion "paid,trace=$n"
		[[ $output == *',"conversions":1,'* ]]
	done
	# of those that a decimal holds
	sources --from 2021-04-01 --to 2021-04-02 --conversion paid --value trace
	[[ $output == *',"value":9223372036854775807}' ]]
}

@test "numbers are compared as numbers, and by the text that was sent" {
	paid 2021-05-01 '{"v":19.90}' '{"v":19.9}' '{"v":"19.9"}' '{"v":"19.90"}' '{"v":1.99E1}' '{"v":null}' '{}' \
		'{"v":0.1000000000000000055}' '{"v":"1.10"}' '{"v":1.1}' '{"v":"null"}' '{"v":""}' '{"v":true}' '{"v":[1 , 2]}'
	while read -r value n; do
		sources --from 2021-05-01 --to 2021-05-02 --conversion "paid,v=$value"
		[[ $output == *",\"conversions\":$n,"* ]] || { echo "$value: $n: $output"; return 1; }
	done <<- 'END'
		19.90 4
		19.9 4
		1.99e1 3
		0.1000000000000000055 1
		1.1 1
		1.10 2
		null 2
		true 1
		[1,2] 1
	END
	sources --from 2021-05-01 --to 2021-05-02 --conversion paid,v=
	[[ $output == *',"conversions":3,'* ]]
}

@test "all conversions are credited, to somebody" {
	sources "${P[@]}" --conversion purchase --breakdown source
	[ "$(jq -s 'map(.conversions) | add' <<< "$output")" -eq \
		"$(mm-stats "${P[@]}" --event purchase | jq .value)" ]
	[ "$(jq -s 'map(has("medium")) | any' <<< "$output")" = false ]
	for touch in first last session; do
		for by in campaign source_rule_id; do
			sources "${P[@]}" --conversion purchase --touch $touch --breakdown $by
			[ "$(jq -s 'map(.conversions) | add' <<< "$output")" -eq \
				"$(mm-stats "${P[@]}" --event purchase | jq .value)" ]
			[ "$(jq -c keys_unsorted <<< "${lines[0]}")" = '["'$by'","conversions","visitors","share"]' ]
		done
	done
}

@test "a campaign is credited with what it brought" {
	local db=$MM_CLICKHOUSE_DATABASE
	MM_CLICKHOUSE_DATABASE=campaigns mm-schema
	printf '%s\n' \
		'{"event":"$pageview","anonymous_id":"v","timestamp":"2026-05-01T10:00:00Z","url":"https://a.example/?utm_source=news&utm_medium=email&utm_campaign=may"}' \
		'{"event":"purchase","anonymous_id":"v","timestamp":"2026-05-02T10:00:00Z","properties":{"amount":10}}' \
		'{"event":"purchase","anonymous_id":"w","timestamp":"2026-05-02T10:00:00Z","properties":{"amount":5}}' |
		mm-enrich --no-ip-hash | MM_CLICKHOUSE_DATABASE=campaigns mm-insert
	MM_CLICKHOUSE_DATABASE=campaigns sources --period 2026-05 --conversion purchase --value amount --breakdown campaign
	[ "$output" = '{"campaign":"may","conversions":1,"visitors":1,"share":0.5,"value":10}
{"campaign":null,"conversions":1,"visitors":1,"share":0.5,"value":5}' ]
	sql "DROP DATABASE campaigns SYNC"
	[ "$MM_CLICKHOUSE_DATABASE" = "$db" ]
}

@test "--touch and --value want --conversion" {
	sources "${P[@]}" --touch first
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-sources: --touch asks about conversions; say which events they are with --conversion" ]
	sources "${P[@]}" --value amount
	[ "$status" -eq 2 ]
	sources "${P[@]}" --conversion purchase --value a..b
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-sources: --value: expected a property"* ]]
}

@test "a chart draws the value, or the conversions" {
	sources "${P[@]}" --conversion purchase --value amount --format chart --ascii
	[ "$status" -eq 0 ]
	value=$(mm-sources "${P[@]}" --conversion purchase --value amount --limit 1 | jq .value)
	[[ ${lines[0]} == *" $value "*'==='* ]]
	share=$(mm-sources "${P[@]}" --conversion purchase --limit 1 | jq '.share * 1000 + 0.5 | floor / 10')
	sources "${P[@]}" --conversion purchase --format chart --ascii
	[[ ${lines[0]} == *"  $share%  ==="* ]]
}

@test "tables and charts at three widths" {
	local ask=(mm-sources "${P[@]}" --conversion purchase --limit 5)
	golden conversions "${ask[@]}" --format chart
	golden conversions-table "${ask[@]}" --value amount --format table
}

@test "values that are missing have no bar, negative ones one to the left" {
	sources "${P[@]}" --conversion purchase --value nothing --format chart
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *" -" ]]
	printf '{"timestamp":"2020-03-01 00:00:00.000","event_name":"refund","anonymous_id":"%s","source":"%s","medium":"x","properties":"{\\"v\\":%s}"}\n' \
		a more 7 b less -5 | put
	sources --from 2020-03-01 --to 2020-03-02 --conversion refund --value v --format chart --ascii
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == 'more / x   7    '*' =='* ]]
	[[ ${lines[1]} == 'less / x  -5  ='*= ]]
}

# beside JQ-KEY OPTION...: visits and conversions in one answer are those of two.
beside() {
	local key=$1
	shift
	mm-sources "${P[@]}" --by visits --limit 200 "${@:1:2}" > came
	mm-sources "${P[@]}" --limit 200 "$@" > conversions
	mm-sources "${P[@]}" --by visits --limit 200 "$@" > both
	[ -s came ] && [ -s conversions ]
	diff <(jq -sc --slurpfile v came --slurpfile c conversions -n "
			def key: $key; def unit: .currency? // null;
			(\$v | map({key: (key | tojson), value: .visits}) | from_entries) as \$visits |
			[(\$c[] | . as \$r | (\$visits[key | tojson] // 0) as \$n | {key: key, unit: unit, visits: \$n, conversions, value: (.value? // null)}),
				(\$v[] | key as \$k | select(any(\$c[]; key == \$k) | not) | {key: \$k, unit: null, visits, conversions: 0, value: null})] |
			map(.rate = (if .visits > 0 then (.conversions / .visits * 10000 | round / 10000) else null end)) | sort[]" | sort) \
		<(jq -sc "def key: $key; .[] | {key: key, unit: (.currency? // null), visits, conversions, value: (.value? // null), rate: .conversion_rate}" both | sort)
}

@test "--by visits beside --conversion: visits, conversions and value of each source in one answer" {
	local breakdown
	for breakdown in source campaign source_rule_id utm_term utm_content; do
		beside ".$breakdown" --breakdown $breakdown --conversion purchase --value amount
		beside ".$breakdown" --breakdown $breakdown --conversion signup
	done
	beside '[.source, .medium]' --breakdown source_medium --conversion 'purchase,plan=pro' --value amount --touch first
	beside '.source' --breakdown source --conversion purchase --value amount --currency plan
	[ "$(jq -sc 'map(.value // -1e9) == (map(.value // -1e9) | sort | reverse)' <(mm-sources "${P[@]}" --by visits --conversion purchase --value amount))" = true ]
	run -0 mm-sources "${P[@]}" --by visits --breakdown campaign --conversion purchase --value amount --format chart
	run -0 --separate-stderr mm-sources "${P[@]}" --by visits --conversion purchse
	[[ $stderr == *"no event 'purchse' in this period; did you mean 'purchase'?"* ]]
}

@test "--by visits beside --conversion: --explain runs as it stands, --compare goes with it" {
	local all=("${P[@]}" --by visits --breakdown campaign --conversion purchase --value amount --where 'country!=DE')
	mm-sources "${all[@]}" --explain > sql
	diff <(explained < sql | jq -c '[.visits, .conversions]') <(mm-sources "${all[@]}" | jq -c '[.visits, .conversions]')
	mm-sources "${all[@]}" --compare 2026-03 > compared
	[ "$(jq -c 'select(.conversions > 0) | del(.previous, .change)' compared)" = "$(mm-sources "${all[@]}" | jq -c 'select(.conversions > 0)')" ]
}
