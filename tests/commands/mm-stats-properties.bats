#!/usr/bin/env bats
# mm-stats --group-by properties.NAME: the text as it was sent, whatever the name and the value.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

P=(--period 2026-05)

# what is sent as "plan" (- is none), how often, and the text that it is
values() {
	cat <<-'END'
		"pro"	9	"pro"
		1	8	"1"
		1.0	7	"1.0"
		19.90	6	"19.90"
		-	5	null
		18446744073709551616	4	"18446744073709551616"
		1e400	3	"1e400"
		true	2	"true"
		{"a": [1, "x y"]}	1	"{\"a\":[1,\"x y\"]}"
		"a\"b\\c\u00e9/\n,"	10	"a\"b\\cé/\n,"
		""	11	""
		"PRO"	12	"PRO"
	END
}

rows() {
	local raw times text i n=0
	while IFS=$'\t' read -r raw times text; do
		for ((i = 0; i < times; i++)); do
			n=$((n + 1))
			jq -cn --argjson n $n --arg properties "$([ "$raw" = - ] && echo '{"x":1}' || printf '{"x":1.5,"plan":%s}' "$raw")" \
				'{timestamp: "2026-05-\($n % 28 + 1 | tostring | if length < 2 then "0\(.)" else . end) 12:00:00.000",
				event_name: (if $n % 2 == 0 then "signup" else "$pageview" end), event_id: "e\($n)",
				anonymous_id: "a\($n % 7)", session_id: "s", source: "direct", medium: "direct", properties: $properties}'
		done
	done < <(values)
	# one event for each odd name, and two explicit nulls
	jq -cn '{"a\"b": "quote", "a b": "space", "línea": "accent", "購入": "kanji", "a\\b": "backslash", "{p0:String}": "braces",
		"value": "v", "bucket": "b", "event_name": "e", "properties": {"plan": "inner"}, "deep": {"a": {"b": {"c": 5}}}, "a=b": "equals",
		"plan": null} |
		{timestamp: "2026-06-01 12:00:00.000", event_name: ("odd", "even"), event_id: "odd", anonymous_id: "o", session_id: "s",
		source: "direct", medium: "direct", properties: tostring}'
}

setup_file() {
	engine_start
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
	rows | put
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT COLUMNS NO_COLOR MM_TZ
}

# the rows that the table of values makes, largest first
expected() {
	values | sort -t $'\t' -k 2,2nr | awk -F '\t' '{ printf "{\"properties.plan\":%s,\"value\":%d}\n", $3, $2 }'
}

@test "each text is a group as it was sent: 1 is not 1.0, null and none are null, empty is empty" {
	run -0 --separate-stderr mm-stats "${P[@]}" --group-by properties.plan
	diff <(expected) <(printf '%s\n' "$output")
	[ -z "$stderr" ]
}

@test "in every format the group has the name that was asked for" {
	mm-stats "${P[@]}" --group-by properties.plan --format json > got
	diff <(expected | jq -s '{metric: "count", rows: .}') <(jq . got)
	mm-stats "${P[@]}" --group-by properties.plan --format csv > got
	[ "$(head -1 got)" = '"properties.plan","value"' ]
	grep -qx '"1.0",7' got
	grep -qx ',5' got
	mm-stats "${P[@]}" --group-by properties.plan --format table > got
	[[ $(head -1 got) == "properties.plan "*value ]]
	grep -qE '^19\.90 +6$' got
	mm-stats "${P[@]}" --group-by properties.plan --format chart > got
	grep -qE '^19\.90 +6 ' got
	grep -qE '^\(none\) +5 ' got
	mm-stats "${P[@]}" --group-by properties.plan --interval week --format chart > got
	[[ $(head -1 got) == "properties.plan "*peak* ]]
}

@test "beside other groups, intervals, conditions and metrics" {
	mm-stats "${P[@]}" --group-by event_name,properties.plan --interval week --limit 1000 > got
	[ "$(head -1 got | jq -c keys_unsorted)" = '["bucket","event_name","properties.plan","value"]' ]
	[ "$(jq -s 'map(.value) | add' got)" -eq "$(values | awk -F '\t' '{ n += $2 } END { print n }')" ]
	mm-stats "${P[@]}" --group-by properties.plan --where 'properties.plan^=P' > got
	[ "$(cat got)" = '{"properties.plan":"PRO","value":12}' ]
	mm-stats "${P[@]}" --group-by properties.plan --where properties.plan=PRO --metric uniques > got
	[ "$(cat got)" = '{"properties.plan":"PRO","value":7}' ]
	mm-stats "${P[@]}" --group-by properties.plan,properties.x --event signup > got
	[ "$(head -1 got | jq -c keys_unsorted)" = '["properties.plan","properties.x","value"]' ]
}

@test "odd names are found, are keys of the row, and no part of the SQL" {
	local name
	while IFS=$'\t' read -r name text; do
		run -0 --separate-stderr mm-stats --period 2026-06-01 --group-by "properties.$name"
		[ "$output" = "$(jq -cn --arg n "properties.$name" --arg v "$text" '{($n): $v, value: 2}')" ]
		mm-stats --period 2026-06-01 --group-by "properties.$name" --explain > sql
		sed '/^SET /d' sql > statement
		run -1 grep -F "properties.$name" statement
		[ "$(explained < sql | jq '.value')" -eq 2 ]
	done <<-'END'
		a"b	quote
		a b	space
		línea	accent
		購入	kanji
		a\b	backslash
		{p0:String}	braces
		value	v
		bucket	b
		event_name	e
		properties.plan	inner
		deep.a.b.c	5
		a=b	equals
	END
}

@test "names that no property has are refused, with what is allowed" {
	local name
	for name in properties. properties properties.a..b properties.a.b.c.d.e $'properties.a\tb' $'properties.a\x80' properties.plan,properties.plan; do
		run -2 --separate-stderr mm-stats "${P[@]}" --group-by "$name"
		[[ $stderr == "mm-stats: --group-by: expected one of event_name, "*", properties.NAME, or several, each once, separated by commas" ]]
	done
	run -2 --separate-stderr mm-stats "${P[@]}" --metric visits --group-by properties.plan
	[[ $stderr == *"properties are of events"* ]]
	run -2 mm-stats "${P[@]}" --group-by "$(printf 'properties.%d,' {1..9})path"
	run -0 mm-stats "${P[@]}" --group-by "$(printf 'properties.%d,' {1..8})path"
}

@test "a name that nothing has is told, beside the answer" {
	run -0 --separate-stderr mm-stats "${P[@]}" --group-by properties.plna
	[ "$output" = "$(jq -cn --argjson n "$(values | awk -F '\t' '{ n += $2 } END { print n }')" '{"properties.plna": null, value: $n}')" ]
	[ "$stderr" = "mm-stats: no property 'plna' in this period; did you mean 'plan'?" ]
}
