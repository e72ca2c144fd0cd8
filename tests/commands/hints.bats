#!/usr/bin/env bats
# What the commands that read say on standard error of an answer that is empty, or of a
# period that is there in part only.

bats_require_minimum_version 1.5.0
load helper
load server

NOBODY=00000000-0000-0000-0000-0000000000ff

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	{
		for i in 1 2 3 4 5 6 7 8 9; do
			at "2026-05-0$i 12:00:00.000" '$pageview' '{}'
		done
		at "2026-05-03 12:00:00.000" signup '{"plan":"pro"}'
		at "2026-05-04 12:00:00.000" purchase '{"amount_cents":500,"currency":"usd","big":18446744073709551616}'
	} > "$BATS_FILE_TMPDIR/rows"
	put "$BATS_FILE_TMPDIR/rows"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
}

teardown() {
	fake_stop
}

# at TIME EVENT PROPERTIES [PROJECT]
at() {
	jq -cn --arg t "$1" --arg e "$2" --arg p "$3" --arg project "${4:-00000000-0000-0000-0000-000000000000}" \
		'{project_id: $project, timestamp: $t, event_name: $e, event_id: $t, anonymous_id: "a", session_id: "s",
		source: "direct", medium: "direct", properties: $p}'
}

# days_ago N: the time, as the tables have it.
days_ago() {
	date -u -d "$1 days ago" '+%F 12:00:00.000'
}

# says TEXT COMMAND...: status 0, and this one message, after the command's name.
says() {
	local text=$1
	shift
	run -0 --separate-stderr "$@"
	diff <(printf '%s: %s\n' "$1" "$text") <(printf '%s\n' "$stderr")
}

# silent COMMAND...: an answer, and no word.
silent() {
	run -0 --separate-stderr "$@"
	[ -n "$output" ]
	diff /dev/null <(printf %s "$stderr")
}

P=(--from 2026-05-01 --to 2026-05-08)

@test "an event that is not there: the nearest name, or those that there are" {
	says "no event 'pageview' in this period; did you mean '\$pageview'?" mm-stats "${P[@]}" --event pageview
	says "no event 'Sing_up' in this period; did you mean 'signup'?" mm-stats "${P[@]}" --event Sing_up --group-by path
	run -2 --separate-stderr mm-query "${P[@]}" --event ''
	[ "$stderr" = "mm-query: --event: expected an event's name, which may be followed by ,NAME=VALUE" ]
	says "no event 'x\x1b[2J' in this period; there are '\$pageview', 'purchase' and 'signup'" \
		mm-query "${P[@]}" --event $'x\e[2J'
	says "no event 'purchace' in this period; did you mean 'purchase'?" \
		mm-funnel "${P[@]}" --step '$pageview' --step purchace
	says "no event 'sinup' in this period; did you mean 'signup'?" mm-sources "${P[@]}" --conversion sinup
	says "no event 'sinup' in this period; did you mean 'signup'?" mm-retention "${P[@]}" --start sinup
}

@test "a property that is not there is told, also where only a value is empty" {
	says "no property 'curency' in this period; did you mean 'currency'?" \
		mm-sources "${P[@]}" --conversion purchase,curency=usd
	says "no property 'amuont' in this period; did you mean 'amount_cents'?" \
		mm-sources "${P[@]}" --conversion purchase --value amuont
	says "no property 'plan' in this period; there are 'amount_cents', 'big' and 'currency'" \
		mm-funnel "${P[@]}" --step '$pageview,plan=pro' --step purchase,plan=pro
}

@test "else: what the period has, when the project's events are, or that there are none" {
	says "what this period has: '\$pageview' (7), 'purchase' (1) and 'signup' (1)" mm-query "${P[@]}" --source bing
	says "what this period has: '\$pageview' (7), 'purchase' (1) and 'signup' (1)" \
		mm-sources "${P[@]}" --conversion signup,plan=free
	says "no event is stored in this period; the last one before it is of 2026-05-09" mm-stats --period 2026-06
	says "no event is stored in this period; the last one before it is of 2026-05-10" \
		mm-stats --period 2026-06 --tz Pacific/Auckland
	says "no event is stored in this period; the first one after it is of 2026-05-01" mm-stats --period 2026-04 --group-by path
	says "no event is stored in this period; there are some before and after it" \
		mm-query --from 2026-05-02T13:00:00Z --to 2026-05-02T14:00:00Z
	says "nothing is stored of this project; --project or MM_PROJECT names another" \
		mm-stats "${P[@]}" --project $NOBODY
}

@test "a hint that can't be asked for fails nothing" {
	fake_start pass code:241
	says "can't find out what else this period has: ClickHouse code 241 SOME_NAME: Something about '...'" \
		mm-stats "${P[@]}" --event pageview
	[ "$output" = '{"value":0}' ]
}

@test "an answer that is whole is given without a word" {
	silent mm-stats "${P[@]}"
	silent mm-stats "${P[@]}" --group-by path
	silent mm-stats "${P[@]}" --metric bounce_rate
	silent mm-sources "${P[@]}" --conversion purchase --value amount_cents --format chart
	silent mm-query --from 2020-01-01 --to 2030-01-01 --limit 1000
	silent mm-stats --from 2026-05-01T00:00:00Z --tz Asia/Tokyo
}

@test "a period from before the first event, or that is not over, is said to be there in part" {
	says "the period is partial: the project's first event is of 2026-05-01" \
		mm-stats --from 2026-04-30 --to 2026-05-08
	says "the period is partial: the project's first event is of 2026-05-01" \
		mm-sources --from 2026-04-30T23:59:59Z --to 2026-05-08
	says "the period is partial: it is not over yet" mm-stats --from 2026-05-01 --to +1h
	says "the period is partial: the project's first event is of 2026-05-02" \
		mm-stats --from 2026-05-01 --to 2026-05-08 --tz Pacific/Auckland
}

@test "a period that retention has cut into is said to be there in part" {
	export MM_CLICKHOUSE_DATABASE=kept
	mm-schema
	for i in 1 5 8 30; do
		at "$(days_ago $i)" buy '{}'
	done | put
	silent mm-stats --from today-30d
	mm-schema --retention 9
	day=$(date -u -d '9 days ago' +%F)
	says "the period is partial: events are kept for 9 days, from $day on" \
		mm-stats --from today-14d --group-by path
	says "the period is partial: events are kept for 9 days, from $day on" \
		mm-funnel --from today-14d --step buy --step buy --window 10d
	silent mm-stats --from today-8d --group-by path
	# the days are counted for longer
	silent mm-stats --from today-14d --to today
}
