#!/usr/bin/env bats
# --compare of mm-stats, mm-sources and mm-funnel: the answer is that of two questions, beside one
# another (tests/oracles/compare-oracle.mjs); what is not whole is not compared.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	node "$repo/tests/oracles/visits-oracle.mjs" rows 7 > "$BATS_FILE_TMPDIR/rows"
	{
		# before all else, so that every period of the tests is whole; and purchases
		head -1 "$BATS_FILE_TMPDIR/rows" | jq -c '.timestamp = "2024-01-01 00:00:00.000" | .event_id = "first"'
		jq -c '.timestamp |= "2025" + .[4:] | .event_id += "y" | .anonymous_id += "y"' "$BATS_FILE_TMPDIR/rows"
		jq -c 'select(.source != "google") | .timestamp |= "2024" + .[4:] | .event_id += "z" | .anonymous_id += "z"' "$BATS_FILE_TMPDIR/rows"
		jq -c 'select((.event_id | explode | add) % 3 == 0) | .event_name = "purchase" | .event_id += "p" |
			.timestamp |= sub("\\.\\d+$"; ".999") |
			.properties = ({amount: (19.99 + (.anonymous_id | length)), currency: (if .country == "DE" then "eur" else "usd" end),
				plan: (["pro", "free", null, 1][(.event_id | length) % 4])} | tojson)' "$BATS_FILE_TMPDIR/rows"
		cat "$BATS_FILE_TMPDIR/rows"
	} | put
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT COLUMNS NO_COLOR MM_TZ
}

# agree JSON PERIOD OTHER COMMAND...: what the command answers with --compare OTHER is what it
# answers about both; JSON tells the oracle what the rows are.
agree() {
	local what=$1 period=$2 other=$3
	shift 3
	"$@" --period "$period" > this 2> /dev/null
	"$@" --period "$other" > there 2> /dev/null
	run -0 --separate-stderr "$@" --period "$period" --compare "$other"
	[[ -z $stderr || $stderr == *"what it has beyond the last interval of this one is left out" ]] ||
		{ echo "$stderr"; return 1; }
	printf '%s\n' "$output" > compared
	node "$repo/tests/oracles/compare-oracle.mjs" "$what" this there compared || {
		echo "$* --period $period --compare $other"
		return 1
	}
}

@test "stats: every metric, groups that are in one period alone with 0 or null" {
	local metric group counts
	for metric in count uniques pageviews visits new events_per_user bounce_rate visit_duration views_per_visit; do
		case $metric in
		events_per_user | bounce_rate | visit_duration | views_per_visit) counts=false ;;
		*) counts=true ;;
		esac
		agree "{\"value\":\"value\",\"counts\":$counts,\"keys\":[]}" 2026-03 2026-02 mm-stats --metric $metric
		for group in campaign source,country; do
			agree "{\"value\":\"value\",\"counts\":$counts,\"keys\":[\"${group//,/\",\"}\"],\"ordered\":true}" \
				2026-03-29 2026-02-28 mm-stats --metric $metric --group-by $group --limit 1000
		done
	done
	agree '{"value":"value","counts":true,"keys":[]}' 2026-03 2026-02 mm-stats --metric returning
	agree '{"value":"value","counts":true,"keys":["properties.plan"],"ordered":true}' 2026-03 2026-02 \
		mm-stats --event purchase --group-by properties.plan --where country!=FR
}

@test "stats: intervals stand beside one another by their position, in any zone" {
	local tz group
	for tz in UTC Asia/Kathmandu America/New_York; do
		for group in "" source; do
			# of 31 days and of 28, and the other way round; weeks; two years of months
			agree "{\"value\":\"value\",\"counts\":true,\"keys\":[\"bucket\",\"source\"],\"interval\":\"day\",\"ordered\":true,
				\"from\":\"2026-03-01\",\"to\":\"2026-04-01\",\"other_from\":\"2026-02-01\",\"other_to\":\"2026-03-01\"}" \
				2026-03 2026-02 mm-stats --interval day --tz $tz ${group:+--group-by $group} --limit 1000
			agree "{\"value\":\"value\",\"counts\":true,\"keys\":[\"bucket\",\"source\"],\"interval\":\"week\",
				\"from\":\"2026-02-01\",\"to\":\"2026-03-01\",\"other_from\":\"2026-03-01\",\"other_to\":\"2026-04-01\"}" \
				2026-02 2026-03 mm-stats --interval week --tz $tz ${group:+--group-by $group} --limit 1000 --metric uniques
			agree "{\"value\":\"value\",\"counts\":true,\"keys\":[\"bucket\",\"source\"],\"interval\":\"month\",
				\"from\":\"2025-01-01\",\"to\":\"2026-01-01\",\"other_from\":\"2024-01-01\",\"other_to\":\"2025-01-01\"}" \
				2025 2024 mm-stats --interval month --tz $tz ${group:+--group-by $group} --limit 1000 --metric visits
		done
	done
}

@test "stats: hours, also over a change of the clocks" {
	agree '{"value":"value","counts":true,"keys":["bucket","medium"],"interval":"hour",
		"from":"2026-03-30T00:00:00Z","to":"2026-03-31T00:00:00Z","other_from":"2026-03-29T00:00:00Z","other_to":"2026-03-30T00:00:00Z"}' \
		2026-03-30 2026-03-29 mm-stats --interval hour --group-by medium --limit 1000
	# the day of 23 hours in Berlin: the last hour of the next has none to be compared with
	run -0 --separate-stderr mm-stats --period 2026-03-30 --compare previous --interval hour --tz Europe/Berlin --limit 1000
	printf '%s\n' "$output" > hours
	mm-stats --period 2026-03-29 --interval hour --tz Europe/Berlin --limit 1000 > before
	[ "$(jq -s 'map(.previous // 0) | add' hours)" -eq "$(jq -s 'map(.value) | add' before)" ]
	[ "$(jq -s 'map(select(.bucket >= "2026-03-30T23") | .previous) | unique' -c hours)" = "$([ "$(grep -c T23 hours)" -gt 0 ] && echo '[null]' || echo '[]')" ]
	[ "$(jq -r .bucket hours | grep -vc '^2026-03-30T..:00:00+02:00$')" -eq 0 ]
}

@test "sources: by events and visits, and conversions with their value" {
	local breakdown keys
	for breakdown in source_medium source campaign source_rule_id; do
		keys=\"$breakdown\"
		[ $breakdown = source_medium ] && keys='"source","medium"'
		agree "{\"value\":\"events\",\"counts\":true,\"keys\":[$keys],\"ordered\":true}" 2026-03-29 2026-02-28 mm-sources --breakdown $breakdown
		agree "{\"value\":\"visits\",\"counts\":true,\"keys\":[$keys],\"ordered\":true}" 2026-03-29 2026-02-28 mm-sources --breakdown $breakdown --by visits
		agree "{\"value\":\"conversions\",\"counts\":true,\"keys\":[$keys],\"ordered\":true}" 2026-03-29 2026-02-28 \
			mm-sources --breakdown $breakdown --conversion purchase
	done
	for touch in first last session; do
		agree '{"value":"value","counts":true,"keys":["source","medium","currency"]}' 2026-03 2026-02 \
			mm-sources --conversion purchase --value amount --currency currency --touch $touch --limit 200
	done
}

@test "funnel: each step's visitors of both periods" {
	for by in anonymous_id user_id; do
		agree '{"value":"visitors","counts":true,"keys":["step","event"]}' 2026-03 2026-02 mm-funnel --by $by \
			--step '$pageview' --step signup --step 'purchase,country!=DE' --window 30d
	done
}

@test "previous: the month before of a month, the year before of a year, else as long before" {
	# previous PERIOD COMPARED [OPTION]...
	previous() {
		local period=$1 other=$2
		shift 2
		[ "$(mm-stats --period "$period" --compare previous "$@" | jq .previous)" = "$(mm-stats --period "$other" "$@" | jq .value)" ]
	}
	previous 2026-03 2026-02
	previous 2026-04 2026-03 --tz America/New_York
	previous 2025 2024
	previous 2026-03-29 2026-03-28 --tz Europe/Berlin
	for spelling in "2026-03-01 2026-04-01 2026-02-01 2026-03-01" "2026-02-01 2026-04-01 2025-12-01 2026-02-01" \
		"2026-03-02 2026-03-09 2026-02-23 2026-03-02" "2026-03-29T10:00:00Z 2026-03-29T11:30:00Z 2026-03-29T08:30:00Z 2026-03-29T10:00:00Z"; do
		read -r from to before after <<< "$spelling"
		[ "$(mm-stats --from "$from" --to "$to" --compare previous | jq .previous)" = "$(mm-stats --from "$before" --to "$after" | jq .value)" ]
	done
}

@test "what --explain prints runs as it stands, and no value of the user stands in it" {
	mm-stats --period 2026-03 --compare 2026-02 --group-by properties.plan --event "purchase" --where "country!=a'b" --explain > sql
	grep -qxF -- "-- compares it with what events has from 2026-02-01 00:00:00.000 to 2026-03-01 00:00:00.000" sql
	sed '/^SET /d;/^--/d' sql > statement
	run -1 grep -E "purchase|plan|a'b|2026" statement
	[ "$(explained < sql | jq -c '[.value, .previous]')" = \
		"$(mm-stats --period 2026-03 --compare 2026-02 --group-by properties.plan --event purchase --where "country!=a'b" | jq -c '[.value, .previous]')" ]
}

@test "the formats: previous and change stand beside the value" {
	local P=(--period 2026-03-29 --compare 2026-02-28)
	mm-stats "${P[@]}" --group-by country --format csv > got.csv
	[ "$(head -1 got.csv)" = '"country","value","previous","change"' ]
	mm-stats "${P[@]}" --group-by country --format table > got.table
	[[ $(head -1 got.table) =~ ^country\ +value\ +previous\ +change$ ]]
	grep -qE '^[A-Z]* +[0-9]+ +[0-9]+ +[+-][0-9.]+%$' got.table
	mm-stats "${P[@]}" --group-by country --format chart > got.chart
	grep -qE '^[A-Z]+ +[0-9]+ +[+-][0-9.]+% ' got.chart
	mm-stats "${P[@]}" --group-by country --format json | jq -e '.rows | all(has("previous") and has("change"))'
	mm-funnel "${P[@]}" --step '$pageview' --step signup --format chart > got.chart
	grep -qE '%  +[+-][0-9.]+%' got.chart
	mm-stats "${P[@]}" --interval hour --format chart > got.chart 2> err
	[ -s got.chart ]
	grep -q '^mm-stats: a chart of intervals draws this period alone; --format table has the other one beside it$' err
}

@test "what the other period has beyond the last interval is left out, which is said" {
	run -0 --separate-stderr mm-stats --period 2026-02 --compare 2026-03 --interval day --limit 1000
	[ "$(jq -s 'map(.previous // 0) | add' <<< "$output")" -eq "$(mm-stats --from 2026-03-01 --to 2026-03-29 | jq .value)" ]
	[ "$stderr" = "mm-stats: the other period is longer: what it has beyond the last interval of this one is left out" ]
	run -0 --separate-stderr mm-stats --period 2026-02 --compare 2026-03
	[ -z "$stderr" ]
}

@test "what can not be compared with is refused with a word" {
	run -2 --separate-stderr mm-stats --period 2026-03 --compare nonsense
	[[ $stderr == "mm-stats: --compare: previous, or a period: expected a word such as yesterday, "* ]]
	run -2 --separate-stderr mm-stats --period 1900-01 --compare previous
	[[ $stderr == *"--compare: the period before would begin before the year 1900" ]]
}

@test "what is there in part only is not compared, which is said" {
	run -0 --separate-stderr mm-stats --period 2024-01 --compare previous --group-by source
	[ "$(jq -c '[.previous, .change]' <<< "$output" | sort -u)" = "[null,null]" ]
	[ "$stderr" = "mm-stats: the period before is partial: the project's first event is of 2024-01-01; so nothing is compared" ]
	[ "$(jq -c 'del(.previous, .change)' <<< "$output")" = "$(mm-stats --period 2024-01 --group-by source)" ]
	run -0 --separate-stderr mm-sources --from 2026-03-01 --to tomorrow --compare previous
	[ "$(jq -c '[.previous, .change]' <<< "$output" | sort -u)" = "[null,null]" ]
	[ "$stderr" = "mm-sources: the period is partial: it is not over yet; so nothing is compared" ]
	run -0 --separate-stderr mm-funnel --period 2024-01 --compare previous --step '$pageview' --step signup
	[[ $stderr == *"so nothing is compared" ]]
}
