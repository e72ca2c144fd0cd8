#!/usr/bin/env bats
# EVENT,CONDITION: the same wherever an event is named. For each condition there are copies, under
# a name of their own, of the purchases that jq finds; every command answers the same about both.

bats_require_minimum_version 1.5.0
load helper
load server

# conditions and what they are in jq, of a row $r and its properties $p
conditions() {
	cat <<-'END'
		amount>=20	($p.amount | type) == "number" and $p.amount >= 20
		amount<20	($p.amount | type) == "number" and $p.amount < 20
		amount>20.5	($p.amount | type) == "number" and $p.amount > 20.5
		amount<=20.5	($p.amount | type) == "number" and $p.amount <= 20.5
		properties.plan=pro	$p.plan == "pro"
		plan!=pro	$p.plan != "pro"
		plan=	($p.plan // "") == ""
		plan!=	($p.plan // "") != ""
		plan^=pr	($p.plan // "" | startswith("pr"))
		plan~re	($p.plan // "" | contains("re"))
		country!=DE	$r.country != "DE"
		path^=/pri	($r.path // "" | startswith("/pri"))
		path=	($r.path // "") == ""
		country=DE,amount>21	$r.country == "DE" and ($p.amount | type) == "number" and $p.amount > 21
		weekday>=6	($r.timestamp[:10] | strptime("%Y-%m-%d") | mktime / 86400 + 3) % 7 >= 5
	END
}

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	node "$repo/tests/oracles/visits-oracle.mjs" rows 5 > "$BATS_FILE_TMPDIR/rows"
	jq -c '(.event_id | ltrimstr("e5-") | tonumber) as $n | select($n % 3 == 0) | .event_name = "purchase" | .event_id += "p" |
		.properties = ({amount: [19.99, 20, 20.5, 21.25, "20", null, 1000][$n % 7], plan: ["pro", "free", "premium", "", null][$n % 5]} |
		if $n % 11 == 0 then del(.plan) else . end | tojson)' "$BATS_FILE_TMPDIR/rows" > "$BATS_FILE_TMPDIR/purchases"
	{
		cat "$BATS_FILE_TMPDIR/rows" "$BATS_FILE_TMPDIR/purchases"
		local n=0 condition filter
		while IFS=$'\t' read -r condition filter; do
			n=$((n + 1))
			jq -c --arg n $n ". as \$r | (.properties | fromjson) as \$p | select($filter) |
				.event_name = \"match_\(\$n)\" | .event_id += \"m\(\$n)\"" "$BATS_FILE_TMPDIR/purchases"
		done < <(conditions)
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

# same OPTION COMMAND...: the command answers OPTION purchase,CONDITION as it does OPTION match_N,
# of which there are some, and not all.
same() {
	local option=$1 n=0 condition all
	shift
	all=$("$@" "$option" purchase)
	while IFS=$'\t' read -r condition _; do
		n=$((n + 1))
		"$@" "$option" "match_$n" > expected
		[ -s expected ]
		"$@" "$option" "purchase,$condition" > got
		sed "s|match_$n\"|purchase,$condition\"|" expected | diff - got || { echo "$* $option purchase,$condition"; return 1; }
		[ "$(cat got)" != "$all" ]
	done < <(conditions)
}

P=(--from 2026-01-01 --to 2026-05-01)

@test "mm-stats --event, by events and by groups" {
	same --event mm-stats "${P[@]}"
	same --event mm-stats "${P[@]}" --group-by source,country --interval month --metric uniques --limit 1000
}

@test "mm-query --event" {
	same --event mm-query "${P[@]}" --all --fields timestamp,anonymous_id,properties
}

@test "mm-sources --event" {
	same --event mm-sources "${P[@]}"
	same --event mm-sources "${P[@]}" --breakdown campaign
}

@test "mm-sources --conversion, also with a value" {
	same --conversion mm-sources "${P[@]}"
	same --conversion mm-sources "${P[@]}" --touch first --value amount
}

@test "mm-sources --where beside --conversion is about the conversions" {
	local condition
	while IFS=$'\t' read -r condition _; do
		[[ $condition != *,* ]] || continue
		mm-sources "${P[@]}" --conversion "purchase,$condition" --value amount > expected
		[[ $condition == properties.* || $condition != @(amount|plan)* ]] || condition=properties.$condition
		mm-sources "${P[@]}" --conversion purchase --value amount --where "$condition" > got
		diff expected got
	done < <(conditions)
	mm-sources "${P[@]}" --conversion purchase --where country=DE --where 'properties.amount>21' | diff - <(mm-sources "${P[@]}" --conversion 'purchase,country=DE,amount>21')
	run -2 --separate-stderr mm-sources "${P[@]}" --conversion purchase --where entry_path=/
	[ "$stderr" = "mm-sources: --where: conversions are events; entry_path is of visits" ]
}

@test "mm-funnel --step" {
	same --step mm-funnel "${P[@]}" --step '$pageview'
}

@test "mm-retention --start and --back" {
	same --start mm-retention "${P[@]}" --interval week --later 5
	same --back mm-retention "${P[@]}" --interval week --later 5
}

@test "what is no condition is refused everywhere, with the character" {
	local option
	for option in "mm-stats --event" "mm-query --event" "mm-sources --event" "mm-sources --conversion" "mm-retention --start" \
		"mm-retention --back" "mm-funnel --step x --step"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr $option 'purchase,amount>=much' "${P[@]}"
		[[ $stderr == "${option%% *}: --${option##*--}: character 9: expected a number, such as 12 or -0.5" ]]
		# shellcheck disable=SC2086
		run -2 --separate-stderr $option '' "${P[@]}"
		[[ $stderr == *": --${option##*--}: expected an event's name"* ]]
	done
	run -2 --separate-stderr mm-sources "${P[@]}" --by visits --event purchase
	[[ $stderr == "mm-sources: --event: this is of whole visits"* ]]
	run -2 --separate-stderr mm-stats "${P[@]}" --metric visits --event purchase
	[[ $stderr == "mm-stats: --event: this is of whole visits"* ]]
}
