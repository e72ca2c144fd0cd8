#!/usr/bin/env bats
# mm-forget against the real engine.  What has to remain is what a database holds
# into which only the others' events were inserted, chosen by jq.

bats_require_minimum_version 1.5.0
load helper
load server

PROJECT=11111111-2222-4333-8444-555555555555
DEFAULT=00000000-0000-0000-0000-000000000000

# rows: of two projects with the same ids, on days of two months; users 0 to 39 on
# shared devices, and visitors who are not logged in yet.
rows() {
	jq -nc '
		range(1500) | . as $i | (($i * 37 + $i / 45) % 61 | floor) as $visitor |
		(1767225600 + 86400 * ($i % 45) + $i * 61 % 86400) as $time |
		{
			project_id: (if $i % 5 == 0 then "'$PROJECT'" else "'$DEFAULT'" end),
			timestamp: ($time | strftime("%Y-%m-%d %H:%M:%S.000")),
			event_name: ["$pageview", "signup"][$i % 2], event_id: "e\($i)",
			anonymous_id: "a\($visitor)", session_id: "s\($visitor)-\($time / 86400 | floor)",
			user_id: (if $i % 3 == 0 then null else "u\(($visitor + $i % 2) % 40)" end),
			source: ["google", "direct", "bing"][$i % 3], medium: "organic",
			country: (if $i == 700 then "ZZ" else "" end),
			url: "https://shop.example/\($i)", path: "/\($i)"
		}'
}

# fill DATABASE [FILTER]: tables, and of the rows those that jq selects.
fill() {
	schema_copy "$1"
	jq -c "select(${2:-true})" "$BATS_FILE_TMPDIR/rows" > "filled-$1"
	mm-insert --database "$1" --spool spool --max-rows 800 "filled-$1"
	export MM_CLICKHOUSE_DATABASE=$1
}

# dump DATABASE: all that readers see.
dump() {
	MM_CLICKHOUSE_DATABASE=$1 sql "SELECT * FROM events ORDER BY ALL"
	MM_CLICKHOUSE_DATABASE=$1 sql "SELECT project_id, day, event_name, source, medium, country,
		device_type, sum(events), uniqMerge(uniques) FROM daily_rollup GROUP BY ALL ORDER BY ALL"
	MM_CLICKHOUSE_DATABASE=$1 sql "SELECT * FROM sessions_v ORDER BY ALL"
}

# no_tables: of staging, in the test's database.
no_tables() {
	[ -z "$(sql "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'mm_forget')")" ]
}

forget() {
	run --separate-stderr mm-forget "$@"
	echo "status $status: $output $stderr"
}

setup_file() {
	engine_start
	rows > "$BATS_FILE_TMPDIR/rows"
	# all who are forgotten below are there, also when nobody is logged in
	jq -es '[("'$DEFAULT'", "'$PROJECT'") as $project | ("u3", "u4", "u5", "u17") as $user |
		any(.[]; .project_id == $project and .user_id == $user)] +
		[any(.[]; .anonymous_id == "a5" and .user_id == null)] | all' "$BATS_FILE_TMPDIR/rows"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	salt
	db=t$BATS_TEST_NUMBER
}

teardown() {
	fake_stop
	local name
	for name in "$db" "${db}_others"; do
		MM_CLICKHOUSE_DATABASE=default sql "DROP DATABASE IF EXISTS $name SYNC"
	done
}

# ---- what goes and what stays ----

@test "--rebuild: tables and aggregates are as if the others alone had been there" {
	local gone='.project_id == "'$DEFAULT'" and (.user_id == "u3" or .user_id == "u17" or .anonymous_id == "a5")'
	fill "${db}_others" "$gone | not"
	fill "$db"
	printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' '{"user_id":"u17"}' > people
	forget --rebuild --wait people
	[ "$status" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	[ -z "$(sql "SELECT 1 FROM sessions WHERE project_id = '$DEFAULT' AND anonymous_id = 'a5'")" ]
	no_tables
}

@test "--linked: also what the visitors of a user did when nobody was logged in" {
	local visitors
	visitors=$(jq -c 'select(.project_id == "'$DEFAULT'" and .user_id == "u3") | .anonymous_id' \
		"$BATS_FILE_TMPDIR/rows" | sort -u | paste -sd,)
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and (.user_id == "u3" or
		(.user_id == null and (.anonymous_id | IN('"$visitors"'))))) | not'
	fill "$db"
	forget --linked --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	[ "$(jq .linked <<< "$output")" = true ]
	[ "$(jq .events <<< "$output")" -eq $(($(wc -l < filled-"$db") - $(wc -l < "filled-${db}_others"))) ]
}

@test "--linked: a visitor without an id is nobody's" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	printf '%s\n' '{"timestamp":"2026-01-01 00:00:00.000","event_id":"1","user_id":"u"}' \
		'{"timestamp":"2026-01-01 00:00:00.000","event_id":"2","user_id":null}' | put
	forget --linked <<< '{"user_id":"u"}'
	[ "$(sql "SELECT event_id FROM events")" = 2 ]
}

@test "--project and MM_PROJECT choose the project" {
	fill "${db}_others" '(.project_id == "'$PROJECT'" and (.user_id == "u3" or .user_id == "u4")) | not'
	fill "$db"
	forget --rebuild --project $PROJECT <<< '{"user_id":"u3"}'
	[ "$(jq -r .project_id <<< "$output")" = $PROJECT ]
	MM_PROJECT=$PROJECT forget --rebuild <<< '{"user_id":"u4"}'
	diff <(dump "$db") <(dump "${db}_others")
}

@test "everybody forgotten: nothing is left, and batches that are sent again stay away" {
	fill "$db"
	jq -c '{anonymous_id}' "$BATS_FILE_TMPDIR/rows" | sort -u > people
	forget --rebuild --wait people
	forget --rebuild --wait --project $PROJECT people
	[ "$status" -eq 0 ]
	[ -z "$(dump "$db")" ]
	mm-insert --spool spool --max-rows 800 "filled-$db"
	[ -z "$(dump "$db")" ]
}

@test "without --rebuild the aggregates stay as they are" {
	fill "$db"
	dump "$db" | grep -v shop.example > before
	forget <<< '{"user_id":"u3"}'
	[ "$(jq -r .aggregates <<< "$output")" = kept ]
	dump "$db" | grep -v shop.example | diff before -
	[ "$(sql "SELECT countIf(user_id = 'u3' AND project_id = '$DEFAULT'), countIf(user_id = 'u3') > 0 FROM events")" = $'0\t1' ]
}

@test "days and sessions of others stay, also when their events have expired" {
	fill "$db"
	forgotten="SELECT DISTINCT toDate(timestamp) FROM events WHERE anonymous_id = 'a5' AND project_id = '$DEFAULT'"
	rollup="SELECT * EXCEPT (events, uniques), sum(events), uniqMerge(uniques) FROM daily_rollup
		WHERE project_id != '$DEFAULT' OR day NOT IN (SELECT * FROM kept) GROUP BY ALL ORDER BY ALL"
	sessions="SELECT * FROM sessions_v WHERE project_id != '$DEFAULT' OR anonymous_id != 'a5' ORDER BY ALL"
	sql "CREATE TABLE kept ENGINE = MergeTree ORDER BY tuple() AS $forgotten"
	sql "DELETE FROM events WHERE toDate(timestamp) NOT IN ($forgotten)"
	{ sql "$rollup"; sql "$sessions"; } > before
	[ "$(wc -l < before)" -gt 100 ]
	forget --rebuild <<< '{"anonymous_id":"a5"}'
	[ "$status" -eq 0 ]
	{ sql "$rollup"; sql "$sessions"; } | diff before -
	[ "$(sql "SELECT count() FROM sessions_v WHERE project_id = '$DEFAULT' AND anonymous_id = 'a5'")" -eq 0 ]
}

@test "a session goes also when its events have expired" {
	fill "$db"
	sql "DELETE FROM events WHERE user_id = 'u3' OR anonymous_id = 'a5'"
	printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' > people
	forget --rebuild people
	[ "$(sql "SELECT count() FROM sessions_v WHERE project_id = '$DEFAULT' AND (user_id = 'u3' OR anonymous_id = 'a5')")" -eq 0 ]
}

@test "a day of which events have expired is left, and counted" {
	fill "$db"
	sql "ALTER TABLE events MODIFY TTL toDateTime(timestamp) + INTERVAL 50 YEAR"
	day=$(sql "SELECT min(toDate(timestamp)) FROM events WHERE anonymous_id = 'a5' AND project_id = '$DEFAULT'")
	sql "ALTER TABLE events DELETE WHERE toDate(timestamp) = '$day' AND anonymous_id != 'a5' SETTINGS mutations_sync = 2"
	before=$(sql "SELECT sum(events) FROM daily_rollup WHERE day = '$day'")
	forget --rebuild <<< '{"anonymous_id":"a5"}'
	[ "$(jq -c '[.days_left, .days > 0]' <<< "$output")" = '[1,true]' ]
	[ "$(sql "SELECT sum(events) FROM daily_rollup WHERE day = '$day'")" = "$before" ]
}

@test "sessions that go over the end of a month" {
	local -a times=("2026-01-31 23:50:00.000" "2026-02-01 00:10:00.000")
	for i in 0 1 2 3 4 5; do
		printf '{"timestamp":"%s","event_id":"%s","anonymous_id":"v","session_id":"s","user_id":%s,"url":"https://x/%s"}\n' \
			"${times[i / 3]}" "$i" "$((i % 2))" "$i" | sed 's/:0,/:"u0",/; s/:1,/:"u1",/' >> in
	done
	for name in "${db}_others" "$db"; do
		mm-schema --database "$name"
	done
	grep -v u0 in | MM_CLICKHOUSE_DATABASE=${db}_others put
	MM_CLICKHOUSE_DATABASE=$db put in
	MM_CLICKHOUSE_DATABASE=$db forget --rebuild <<< '{"user_id":"u0"}'
	[ "$status" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	[ "$(MM_CLICKHOUSE_DATABASE=$db sql "SELECT events FROM sessions_v")" -eq 3 ]
}

@test "--rebuild: events of years that daily_rollup does not count" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	# 2199-06-06 wraps round to a day of 2019, on which others have been there
	local wrapped
	wrapped=$(sql "SELECT toDate(toDateTime64('2199-06-06 10:00:00', 3, 'UTC'))")
	printf '{"timestamp":"%s 10:00:00.000","event_id":"%s","anonymous_id":"%s","session_id":"%s"}\n' \
		"$wrapped" 1 b x 2199-06-06 2 a y 2199-06-06 3 b z 1901-01-01 4 a w "$wrapped" 5 a v |
		put
	forget --rebuild --wait <<< '{"anonymous_id":"a"}'
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.events, .events_left, .days, .days_left, .sessions]' <<< "$output")" = '[3,0,1,0,3]' ]
	[ "$(sql "SELECT groupArray(event_id) FROM (SELECT * FROM events ORDER BY event_id)")" = "['1','3']" ]
	[ "$(sql "SELECT day, sum(events) FROM daily_rollup GROUP BY day")" = "$wrapped	1" ]
	[ "$(sql "SELECT groupArray(session_id) FROM (SELECT * FROM sessions_v ORDER BY session_id)")" = "['x','z']" ]
}

@test "the people's events are found by the indices of their ids" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	sql "INSERT INTO events (project_id, timestamp, anonymous_id, user_id) SELECT '$DEFAULT',
		toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number, 'a' || toString(intDiv(number, 10)),
		if(number % 3 = 0, 'u' || toString(intDiv(number, 20)), NULL) FROM numbers(500000)"
	fake_start 'with:max_rows_to_read=50000'
	forget --linked --dry-run <<< '{"user_id":"u777","anonymous_id":"a42"}'
	[ "$status" -eq 0 ]
	[ "$(jq .events <<< "$output")" = 30 ]
}

@test "readers see days and sessions as they were, as they are, or not yet; others as they are" {
	local days="(SELECT DISTINCT toDate(timestamp) FROM events WHERE anonymous_id = 'a5' AND project_id = '$DEFAULT')"
	fill "$db"
	sql "CREATE TABLE days_of_a5 ENGINE = MergeTree ORDER BY tuple() AS $days"
	local values="SELECT sumIf(events, project_id = '$DEFAULT' AND day IN days_of_a5), sumIf(events, NOT (project_id = '$DEFAULT' AND day IN days_of_a5)),
		(SELECT countIf(anonymous_id != 'a5') FROM sessions_v) FROM daily_rollup"
	sql "$values" > seen
	mm-forget --rebuild <<< '{"anonymous_id":"a5"}' > audit 3>&- &
	pid=$!
	while kill -0 $pid; do
		sql "$values" >> seen
	done 2> err
	wait $pid
	sql "$values" > last
	[ "$(cut -f 2,3 seen | sort -u)" = "$(cut -f 2,3 last)" ]
	[ "$(cut -f 1 seen | sort -n | tail -n 1)" = "$(head -n 1 seen | cut -f 1)" ]
	(($(cut -f 1 last) < $(head -n 1 seen | cut -f 1)))
}

@test "a view that reads another table is noticed, and nothing is changed" {
	fill "$db"
	sql "CREATE TABLE copy AS events"
	sql "INSERT INTO copy SELECT * FROM events"
	select=$(sql "SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = 'daily_rollup_mv' FORMAT TSVRaw")
	sql "DROP VIEW daily_rollup_mv SYNC"
	sql "CREATE MATERIALIZED VIEW daily_rollup_mv TO daily_rollup AS ${select/.events/.copy}"
	dump "$db" > before
	forget --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"the view daily_rollup_mv does not read the table events"* ]]
	dump "$db" | diff before -
	no_tables
}

@test "a view that is missing is told, and nothing is changed" {
	fill "$db"
	sql "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_"
	dump "$db" > before
	forget --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[ "${stderr_lines[0]}" = "mm-forget: the view daily_rollup_mv is missing; see 'mm-schema --check'" ]
	dump "$db" | diff before -
	no_tables
}

@test "--dry-run counts, and changes nothing" {
	fill "$db"
	dump "$db" > before
	forget --dry-run --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.state, .aggregates, .events]' <<< "$output")" = \
		"[\"dry_run\",\"kept\",$(jq -c 'select(.user_id == "u3" and .project_id == "'$DEFAULT'")' "filled-$db" | wc -l)]" ]
	dump "$db" | diff before -
	[ -z "$(sql "SELECT mutation_id FROM system.mutations WHERE database = '$db'")" ]
	no_tables
}

@test "ids of any characters" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	ids=('a\"b' "it's" 'back\\slash' 'tab\there' 'nul\u0000' 'l\u00ednea' 'línea2' '{x:String}' '@ids' '😀' '%27' '\ud83d\ude00x' "$(times 256 ä)")
	for id in "${ids[@]}"; do
		printf '{"timestamp":"2026-01-01 00:00:00.000","anonymous_id":"v","user_id":"%s"}\n' "$id" >> in
		printf '{"user_id":"%s"}\n' "$id" >> people
	done
	echo '{"timestamp":"2026-01-01 00:00:00.000","anonymous_id":"v","user_id":"ab"}' >> in
	put in
	forget --rebuild people
	[ "$status" -eq 0 ]
	[ "$(jq -s 'map(.events) | unique | .[]' <<< "$output")" = 1 ]
	[ "$(sql "SELECT user_id FROM events")" = ab ]
}

# ---- batches that wait to be sent again ----

# counts: of rows, of different ones, and of events by both aggregates.
counts() {
	sql "SELECT count(), uniqExact(event_id), (SELECT sum(events) FROM daily_rollup),
		(SELECT sum(events) FROM sessions_v) FROM events FORMAT TSV"
}

@test "a batch in the spool that was stored in part: others' rows are there once when it is sent" {
	local gone='.project_id == "'$DEFAULT'" and .anonymous_id == "a5"' all stored others
	local refused='"e37", "e411", "e1007"'
	fill "${db}_others" "(($gone) or (.event_id | IN($refused))) | not"
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	# refused by the table alone, so that a batch is taken apart
	sql "ALTER TABLE events ADD CONSTRAINT c CHECK event_id NOT IN (${refused//\"/\'})"
	fake_start 'pass*20' refuse
	run -75 mm-insert --spool spool --max-rows 400 --connections 1 --retry-for 1ms "$BATS_FILE_TMPDIR/rows"
	fake_stop
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	all=$(jq -c "select($gone)" "$BATS_FILE_TMPDIR/rows" | wc -l)
	stored=$(sql "SELECT countIf(anonymous_id = 'a5' AND project_id = '$DEFAULT') FROM events")
	((stored > 0 && stored < all))
	forget --rebuild --wait <<< '{"anonymous_id":"a5"}'
	[ "$status" -eq 0 ]
	run -1 --separate-stderr mm-insert --drain spool
	[[ $stderr == *"rows of people who were forgotten were not stored"* ]]
	others=$(wc -l < "filled-${db}_others")
	[ "$(counts)" = "$others	$others	$others	$others" ]
	forget --rebuild --wait <<< '{"anonymous_id":"a5"}'
	[ "$(jq .events <<< "$output")" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	run -1 mm-insert --spool spool --max-rows 400 "$BATS_FILE_TMPDIR/rows"
	diff <(dump "$db") <(dump "${db}_others")
}

@test "rows in the spool of this server and database are told, and those of others are not" {
	local spool=$BATS_TEST_TMPDIR/spool
	fill "$db"
	export MM_SPOOL=$spool
	for other in "--database other" "--table other" "--url http://elsewhere.invalid/" ""; do
		forget --dry-run <<< '{"user_id":"u3"}'
		[ "$stderr" = "" ]
		# shellcheck disable=SC2086 # an option and its value
		run -75 env MM_CLICKHOUSE_URL=http://127.0.0.1:1/ MM_SPOOL="$spool" \
			mm-insert --retry-for 1ms $other "filled-$db"
	done
	forget --dry-run <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	[[ $stderr == "mm-forget: rows that wait "*"('mm-insert --drain $spool')"* ]]
	# the other tables are not there
	run -2 mm-insert --drain "$spool"
	forget --dry-run <<< '{"user_id":"u3"}'
	[ "$stderr" = "" ]
}

# break_off: an insert of which the table holds more than the views have counted,
# and which waits in the spool.
break_off() {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	sql "ALTER TABLE daily_rollup ADD CONSTRAINT c CHECK country != 'ZZ'"
	run -75 mm-insert --spool spool --max-rows 400 --retry-for 1ms "$BATS_FILE_TMPDIR/rows"
	sql "ALTER TABLE daily_rollup DROP CONSTRAINT c"
	run -0 sql "SELECT (SELECT count() FROM events) > (SELECT sum(events) FROM daily_rollup)"
	[ "$output" = 1 ]
}

@test "an insert that broke off between table and views has to be sent before --rebuild" {
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and .anonymous_id == "a5") | not'
	break_off
	dump "$db" > before
	for option in --wait --dry-run; do
		forget --rebuild "$option" <<< '{"anonymous_id":"a5"}'
		[ "$status" -eq 2 ]
		[ "$output" = "" ]
		[[ $stderr == *"does not count all events of "*" days: an insert broke off"*"mm-insert --drain"* ]]
	done
	dump "$db" | diff before -
	no_tables
	mm-insert --drain spool
	forget --rebuild --wait <<< '{"anonymous_id":"a5"}'
	[ "$status" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	mm-insert --spool spool --max-rows 400 "$BATS_FILE_TMPDIR/rows"
	diff <(dump "$db") <(dump "${db}_others")
}

@test "a broken insert that sessions alone have not seen is noticed as well" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	for i in u0 u1; do
		printf '{"timestamp":"2026-01-01 00:00:00.000","anonymous_id":"v","session_id":"s","user_id":"%s"}\n' $i
	done | put
	sql "TRUNCATE TABLE sessions"
	forget --rebuild <<< '{"user_id":"u0"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"sessions does not count all events of 1 session: "* ]]
	[ "$(sql "SELECT count() FROM events")" -eq 2 ]
}

@test "--recount: what an insert that is not sent again has left is counted" {
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and .anonymous_id == "a5") | not'
	break_off
	mapfile -t days < <(sql "SELECT DISTINCT toDate(timestamp) FROM events WHERE anonymous_id = 'a5' AND project_id = '$DEFAULT'")
	forget --rebuild --recount <<< '{"anonymous_id":"a5"}'
	[ "$status" -eq 0 ]
	by_days="WHERE project_id = '$DEFAULT' AND has(splitByChar(' ', '${days[*]}'), toString(day)) GROUP BY day ORDER BY day"
	diff <(sql "SELECT toDate(timestamp) AS day, count() FROM events $by_days") \
		<(sql "SELECT day, sum(events) FROM daily_rollup $by_days")
	forget --recount <<< '{"anonymous_id":"a5"}'
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-forget: --recount needs --rebuild; try 'mm-forget --help'" ]
}

# ---- nobody comes back ----

# clean_up: what ClickHouse does ten minutes after parts were emptied or replaced, and a crash.
clean_up() {
	local table
	for table in events daily_rollup sessions; do
		sql "ALTER TABLE $table MODIFY SETTING cleanup_delay_period = 1, max_cleanup_delay_period = 1,
			cleanup_delay_period_random_add = 0"
	done
	crash_and_wait
	eventually no_outdated
	sleep 2 # a round of it more
	crash_and_wait
}

crash_and_wait() {
	pkill -KILL -P "$own"
	wait "$own" || true
	own_engine
}

no_outdated() {
	[ "$(sql "SELECT count() FROM system.parts WHERE database = currentDatabase() AND NOT active
		AND table IN ('events', 'daily_rollup', 'sessions')")" -eq 0 ]
}

@test "a replay after clean-up and restart: nobody is back, and others are there once" {
	local own ENGINE_URL options
	for options in '' '--rebuild --wait'; do
		own_engine
		fill "${db}_others" '(.project_id == "'$DEFAULT'" and (.user_id == "u3" or .anonymous_id == "a5")) | not'
		fill "$db"
		# batches of theirs alone, too
		jq -c 'select(.project_id == "'$DEFAULT'" and .user_id == "u3")' "filled-$db" > alone
		printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' > people
		# shellcheck disable=SC2086 # options
		forget $options people
		[ "$status" -eq 0 ]
		[ -z "$options" ] || diff <(dump "$db") <(dump "${db}_others")
		dump "$db" > before
		clean_up
		mm-insert --spool spool --max-rows 800 "filled-$db"
		mm-insert --spool spool alone
		dump "$db" | diff before -
		kill "$own"
		wait "$own" || true
		rm -r "$ENGINE_DIR/own"
	done
}

@test "late events of the people are refused and counted, others' are stored" {
	fill "$db"
	forget --linked <<< '{"user_id":"u3"}'
	forget <<< '{"anonymous_id":"a5"}'
	dump "$db" > before
	cat > late <<-'END'
		{"event_name":"x","project_id":"00000000-0000-0000-0000-000000000000","timestamp":"2026-03-01 00:00:00.000","event_id":"1","anonymous_id":"new","user_id":"u3"}
		{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-03-01 00:00:00.000","event_id":"2","anonymous_id":"new","user_id":"\u0075\u0033"}
		{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","user_id":null,"anonymous_id":"a5","timestamp":"2026-03-01 00:00:00.000","event_id":"3"}
		{"event_name":"x","anonymous_id":"a5","user_id":"other","project_id":"00000000000000000000000000000000","timestamp":"2026-03-01 00:00:00.000","event_id":"4"}
	END
	for format in native json; do
		run -0 --separate-stderr mm-insert --spool spool --wire-format $format --rejects r late
		[ "$stderr" = "mm-insert: 4 rows of people who were forgotten were not stored; see mm-forget(1)" ]
		dump "$db" | diff before -
	done
	[ ! -s r ]
	# the same ids elsewhere, and what resembles them
	cat > others <<-'END'
		{"event_name":"x","project_id":"11111111-2222-4333-8444-555555555555","timestamp":"2026-03-01 00:00:00.000","event_id":"5","anonymous_id":"a5","user_id":"u3"}
		{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-03-01 00:00:00.000","event_id":"6","anonymous_id":"u3","user_id":"a5"}
		{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-03-01 00:00:00.000","event_id":"7","anonymous_id":"a55","user_id":"U3"}
		{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-03-01 00:00:00.000","anonymous_id":"v","event_id":"8"}
	END
	run -0 --separate-stderr mm-insert --spool spool --summary json others late
	[ "$(jq -c '[.stored, .forgotten]' <<< "$stderr")" = '[4,4]' ]
	[ "$(sql "SELECT groupArray(event_id) FROM (SELECT event_id FROM events WHERE timestamp = '2026-03-01 00:00:00' ORDER BY event_id)")" = "['5','6','7','8']" ]
}

@test "a linked visitor's events without a user_id are refused, those of others on the device are not" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	printf '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-01-01 00:00:00.000","event_id":"%s","anonymous_id":"v","user_id":%s}\n' \
		1 '"u"' 2 null 3 '"w"' > in
	mm-insert --spool spool in
	forget --linked --rebuild <<< '{"user_id":"u"}'
	[ "$(sql "SELECT event_id FROM events")" = 3 ]
	sed 's/01-01/02-02/' in > late
	run -0 --separate-stderr mm-insert --spool spool late
	[[ $stderr == *": 2 rows of people"* ]]
	[ "$(sql "SELECT groupArray(event_id), (SELECT sum(events) FROM sessions_v) FROM events")" = "['3','3']	2" ]
}

@test "rows of theirs in the spool are not stored when it is delivered" {
	fill "$db"
	jq -c '.event_id += "-late" | select(.user_id | IN("u3", "u4"))' "$BATS_FILE_TMPDIR/rows" > late
	run -75 mm-insert --url http://127.0.0.1:1/ --retry-for 1ms --spool spool late
	forget --rebuild <<< '{"user_id":"u3"}'
	run -0 --separate-stderr mm-insert --drain spool
	[[ $stderr == *"rows of people who were forgotten were not stored"* ]]
	[ "$(sql "SELECT countIf(user_id = 'u3' AND project_id = '$DEFAULT'), countIf(endsWith(event_id, '-late') AND NOT (user_id = 'u3' AND project_id = '$DEFAULT')) FROM events")" = \
		"0	$(jq -c 'select(.user_id == "u3" and .project_id == "'$DEFAULT'" | not)' late | wc -l)" ]
	[ -z "$(find spool -type f)" ]
}

@test "a row of theirs that the table refuses: the rest of the batch is known when it comes again" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	for ((i = 0; i < 50; i++)); do
		printf '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-01-%02d 00:00:00.000","event_id":"%d","anonymous_id":"a%d","user_id":"u%d"}\n' $((i % 31 + 1)) $i $((i % 5)) $((i % 5))
	done > in
	echo '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"never","anonymous_id":"a3","user_id":"u3"}' >> in
	run -1 mm-insert --spool spool --rejects r in
	forget --rebuild --wait <<< '{"user_id":"u3"}'
	run -0 mm-insert --spool spool --rejects r in
	[ "$(counts)" = "40	40	40	40" ]
}

@test "the list is asked for before each request: mm-insert that runs already knows" {
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	mkfifo pipe
	mm-insert --follow --flush-after 100ms --spool spool pipe 2> err 3>&- &
	exec 4> pipe
	echo '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-01-01 00:00:00.000","anonymous_id":"v","event_id":"1","user_id":"u"}' >&4
	eventually one_event 1
	forget <<< '{"user_id":"u"}'
	[ "$status" -eq 0 ]
	printf '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-01-01 00:00:00.000","anonymous_id":"v","event_id":"%s","user_id":"%s"}\n' 2 u 3 w >&4
	exec 4>&-
	wait $!
	one_event 3
	grep -q "1 row of people" err
}

one_event() {
	[ "$(sql "SELECT groupArray(event_id) FROM events")" = "['$1']" ]
}

@test "the list can't be read: nothing is stored, all is kept; it goes away: as before" {
	fill "$db"
	fake_start list code:497
	head -n 3 "$BATS_FILE_TMPDIR/rows" | jq -c '.event_id += "x"' > in
	run -2 --separate-stderr mm-insert --spool spool in
	[[ $stderr == *"GRANT SELECT ON forgotten"* ]]
	[ "$(find spool -type f | wc -l)" -eq 1 ]
	fake_stop
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	sql "DROP TABLE forgotten SYNC"
	mm-insert --drain spool
	[ "$(sql "SELECT count() FROM events WHERE endsWith(event_id, 'x')")" -eq 3 ]
}

@test "the question for the list fails in passing: it is asked again, and all is stored once" {
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and .user_id == "u3") | not'
	schema_copy "$db"
	export MM_CLICKHOUSE_DATABASE=$db
	forget <<< '{"user_id":"u3"}'
	fake_start list 503 cut pass lost pass code:241 pass
	run -0 --separate-stderr mm-insert --spool spool --connections 1 --max-rows 400 "$BATS_FILE_TMPDIR/rows"
	[[ $stderr == *"rows of people who were forgotten were not stored"* ]]
	[ "$(grep -c INSERT "$FAKE/log")" -ge 4 ]
	diff <(dump "$db") <(dump "${db}_others")
}

@test "--allow takes people off the list; the list names nobody" {
	fill "$db"
	printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' > people
	forget --linked people
	run ! grep -E '\b(u3|a5)\b' <(sql "SELECT * FROM forgotten")
	[ "$(sql "SELECT countIf(kind = 0), countIf(kind = 1), countIf(kind = 2), countIf(kind = 3) > 0 FROM forgotten")" = "1	1	1	1" ]
	forget --allow <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.state, .events, .events_left]' <<< "$output")" = '["allowed",0,0]' ]
	no_tables
	printf '{"project_id":"00000000-0000-0000-0000-000000000000","event_name":"x","timestamp":"2026-03-01 00:00:00.000","event_id":"%s","anonymous_id":"%s","user_id":"u3"}\n' back new not a5 |
		mm-insert --spool spool
	[ "$(sql "SELECT groupArray(event_id) FROM events WHERE user_id = 'u3' AND project_id = '$DEFAULT'")" = "['back']" ]
	forget --allow --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"--allow can't be used with"* ]]
}

@test "tables of before: says to run mm-schema, and changes nothing" {
	fill "$db"
	sql "ALTER TABLE sessions MODIFY SETTING remove_empty_parts = 1"
	forget --rebuild <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"run 'mm-schema' first"* ]]
	sql "DROP TABLE forgotten SYNC"
	forget <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"there is no table forgotten"*"run 'mm-schema' first"* ]]
	[ "$(sql "SELECT count() FROM events")" -eq "$(wc -l < "filled-$db")" ]
}

# ---- projections ----

@test "tables with projections: forgotten as everywhere, and the projections as well" {
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and .user_id == "u3") | not'
	fill "$db"
	sql "ALTER TABLE events ADD PROJECTION by_user (SELECT user_id, count() GROUP BY user_id)"
	sql "ALTER TABLE events MATERIALIZE PROJECTION by_user SETTINGS mutations_sync = 2"
	sql "ALTER TABLE sessions MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild'"
	sql "ALTER TABLE sessions ADD PROJECTION by_visitor (SELECT anonymous_id, sum(events) GROUP BY anonymous_id)"
	sql "ALTER TABLE sessions MATERIALIZE PROJECTION by_visitor SETTINGS mutations_sync = 2"
	forget --dry-run <<< '{"user_id":"u3"}'
	run ! grep -q lightweight_mutation <(sql "SHOW CREATE TABLE events")
	forget --rebuild --wait <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	[ "$(jq -r .state <<< "$output")" = gone ]
	diff <(dump "$db") <(dump "${db}_others")
	diff <(sql "SELECT user_id, count() FROM events GROUP BY user_id ORDER BY user_id SETTINGS force_optimize_projection = 1") \
		<(MM_CLICKHOUSE_DATABASE=${db}_others sql "SELECT user_id, count() FROM events GROUP BY user_id ORDER BY user_id")
	mm-insert --spool spool --max-rows 800 "filled-$db"
	diff <(dump "$db") <(dump "${db}_others")
}

# ---- --wait ----

@test "--wait: no part holds the rows any more; without it they are hidden and go soon" {
	local all="SELECT count() FROM events WHERE user_id = 'u3' AND project_id = '$DEFAULT' SETTINGS apply_deleted_mask = 0"
	fill "$db"
	forget --wait <<< '{"user_id":"u3"}'
	[ "$(sql "$all")" -eq 0 ]
	[ "$(jq -c '[.state, .events_left, (.mutations | length)]' <<< "$output")" = '["gone",0,2]' ]
	forget <<< '{"user_id":"u4"}'
	[ "$(jq -c '[.state, .events_left]' <<< "$output")" = '["hidden",0]' ]
	[ "$(sql "SELECT count() FROM events WHERE user_id = 'u4' AND project_id = '$DEFAULT'")" -eq 0 ]
	all=${all/u3/u4}
	eventually bash -c "$(declare -f sql ch); [ \"\$(sql \"$all\")\" -eq 0 ]"
}

@test "mutations of the record are those of the server" {
	fill "$db"
	forget --wait <<< '{"user_id":"u3"}'
	[ "$(jq -r '.mutations[]' <<< "$output")" = \
		"$(sql "SELECT mutation_id FROM system.mutations WHERE database = '$db' ORDER BY length(mutation_id), mutation_id")" ]
	forget --wait <<< '{"user_id":"u3"}'
	[ "$(jq -c '[.events, .mutations, .state]' <<< "$output")" = '[0,[],"gone"]' ]
}

# ---- the record ----

@test "hashes are HMAC-SHA-256 as openssl has it, and no id is in any output" {
	fill "$db"
	printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' '{"user_id":"l\u00ednea","anonymous_id":"a6"}' > people
	forget --rebuild people
	hmac() {
		printf %s "$1" | openssl dgst -sha256 -hmac "$MM_IP_SALT" -r | cut -c 1-32
	}
	[ "$(jq -r '.user_id_hash // empty, .anonymous_id_hash // empty' <<< "$output")" = \
		"$(for id in user_id:u3 anonymous_id:a5 user_id:línea anonymous_id:a6; do hmac "$id"; done)" ]
	run ! grep -E '"(u3|a5|a6)"|nea' <<< "$output$stderr"
}

@test "times are RFC 3339, and one comes before the other" {
	fill "$db"
	forget <<< '{"user_id":"u3"}'
	[ "$(jq -c '[(.began, .ended | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z$")),
		.began <= .ended, .took_ms >= 0]' <<< "$output")" = '[true,true,true,true]' ]
}

@test "a record a line, in the order of the lines, over several batches" {
	fill "$db"
	seq 0 20500 | jq -c '{user_id: "u\(.)"}' > people
	mm-forget people > audit
	[ "$(wc -l < audit)" -eq 20501 ]
	[ "$(jq -c 'select(.events > 0)' audit | wc -l)" -eq 40 ]
	[ "$(jq -r .user_id_hash audit | sed -n 20501p)" = \
		"$(printf user_id:u20500 | openssl dgst -sha256 -hmac "$MM_IP_SALT" -r | cut -c 1-32)" ]
	[ "$(sql "SELECT count() FROM events WHERE user_id IS NOT NULL AND project_id = '$DEFAULT'")" -eq 0 ]
}

@test "ids are in no URL and in no mutation" {
	fill "$db"
	fake_start pass
	forget --linked --rebuild --wait <<< '{"user_id":"u3","anonymous_id":"a5"}'
	[ "$status" -eq 0 ]
	[ "$(wc -l < "$FAKE/log")" -gt 20 ]
	run ! grep -E '\b(u3|a5)\b' "$FAKE/log"
	run ! grep -E '\b(u3|a5)\b' <(sql "SELECT command FROM system.mutations")
}

# ---- lines ----

@test "what is wrong with a line is said" {
	fill "$db"
	while IFS='|' read -r line reason; do
		forget <<< "$line"
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = "mm-forget: <stdin>:1: $reason" ]
	done <<-'END'
		{}|Required: user_id or anonymous_id
		{"user_id":null}|Required: user_id or anonymous_id
		{"user_id":7}|user_id: Expected string, received number
		{"user_id":""}|user_id: Too short: at least 1 character
		{"userid":"u3"}|Unknown key: only user_id and anonymous_id may stand here
		{"user_id":"u3","project_id":"11111111-2222-4333-8444-555555555555"}|Unknown key: only user_id and anonymous_id may stand here
		["u3"]|Expected object, received array
		{"user_id":"u3"|Invalid JSON at byte offset 15: the text ends too early
	END
	[ "$(sql "SELECT count() > 0 FROM events WHERE user_id = 'u3'")" -eq 1 ]
}

@test "good lines among bad ones are forgotten, status 1" {
	fill "$db"
	printf '%s\n' '{"user_id":"u3"}' 'x' '{"\u0075ser_id":"x","user_id":"u4","anonymous_id":null}' > people
	forget --rejects rejects people
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -r .input rejects)" = x ]
	[ "$(sql "SELECT count() FROM events WHERE user_id IN ('u3', 'u4') AND project_id = '$DEFAULT'")" -eq 0 ]
}

@test "nothing to forget: no server is needed" {
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ forget < /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
}

# ---- what goes wrong ----

@test "no server: status 75, and the first line that is not forgotten" {
	printf 'x\n{"user_id":"u3"}\n' > people
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ forget -q people
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
	[[ $stderr == *"people:2: this line and those after it may not be forgotten"* ]]
}

@test "no tables, other tables: says so, status 2" {
	MM_CLICKHOUSE_DATABASE=nosuch forget <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *mm-schema* ]]
	sql "CREATE DATABASE $db"
	export MM_CLICKHOUSE_DATABASE=$db
	sql "CREATE TABLE events (x UInt8) ENGINE = Memory"
	forget <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"tables of a cluster can't be worked on"* ]]
	no_tables
}

@test "no salt, a bad project: status 2 before anything is read" {
	MM_IP_SALT='' forget <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"no salt"*"audit records"* ]]
	forget --project x <<< '{"user_id":"u3"}'
	[ "$status" -eq 2 ]
	[[ $stderr == *"--project: expected a UUID"* ]]
}

@test "records that can't be written: status 2, and nothing more is deleted" {
	fill "$db"
	{ seq 1 10000 | jq -c '{user_id: "x\(.)"}'; echo '{"user_id":"u3"}'; } > people
	run -2 --separate-stderr bash -c 'mm-forget people > /dev/full'
	[[ $stderr == *"No space left"* ]]
	run -2 --separate-stderr bash -c 'mm-forget people | true; exit "${PIPESTATUS[0]}"'
	[[ $stderr == *"audit records of what was deleted are lost"* ]]
	[ "$(sql "SELECT count() > 0 FROM events WHERE user_id = 'u3' AND project_id = '$DEFAULT'")" -eq 1 ]
}

@test "what one that was killed has left behind is removed, and nothing else" {
	local other
	fill "$db"
	sql "CREATE TABLE mm_forget_lock (x UInt8) ENGINE = MergeTree ORDER BY x"
	sql "CREATE TABLE mm_forget_0123456789abcdef_ids (id String) ENGINE = MergeTree ORDER BY id"
	for other in 'mm_forget_x\nevents' 'mm_forget_0123456789abcdef_ids\nevents' mm_forget_mine mm_forget_0123_ids; do
		sql "CREATE TABLE \`$other\` (id String) ENGINE = MergeTree ORDER BY id"
	done
	forget --dry-run <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	[[ $stderr == *"removing what one that was killed has left behind"* ]]
	[ "$(sql "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'mm_forget') ORDER BY name")" = 'mm_forget_0123456789abcdef_ids\nevents
mm_forget_0123_ids
mm_forget_mine
mm_forget_x\nevents' ]
	[ "$(sql "SELECT count() FROM events")" -eq "$(wc -l < "filled-$db")" ]
}

@test "two at once: one waits for the other" {
	local other
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and (.user_id == "u3" or .user_id == "u4" or .user_id == "u5")) | not'
	fill "$db"
	for other in u3 u4; do
		mm-forget --rebuild --wait <<< "{\"user_id\":\"$other\"}" > "audit-$other" 2> "err-$other" 3>&- &
	done
	forget --rebuild --wait <<< '{"user_id":"u5"}'
	[ "$status" -eq 0 ]
	wait
	[ "$(cat audit-* | wc -l)" -eq 2 ]
	diff <(dump "$db") <(dump "${db}_others")
	no_tables
}

@test "killed at any moment: run again, it is complete" {
	local delay
	fill "${db}_others" '(.project_id == "'$DEFAULT'" and (.user_id == "u3" or .anonymous_id == "a5")) | not'
	printf '%s\n' '{"user_id":"u3"}' '{"anonymous_id":"a5"}' > people
	for delay in 0.06 0.15 0.25 0.4; do
		fill "$db"
		mm-forget --rebuild --wait people > audit 2> err 3>&- &
		sleep $delay
		kill -9 $! 2> err || true
		wait $! || true
		forget --rebuild --wait people
		[ "$status" -eq 0 ]
		diff <(dump "$db") <(dump "${db}_others")
		no_tables
		MM_CLICKHOUSE_DATABASE=default sql "DROP DATABASE $db SYNC"
	done
}

# own_engine: another server, which may be killed; sets MM_CLICKHOUSE_URL and own.
own_engine() {
	rm -f own-url
	mm-clickhouse -d "$ENGINE_DIR/own" --password-file "$ENGINE_DIR/password" > own-url 2> own-log 3>&- &
	own=$!
	await_file own-url
	MM_CLICKHOUSE_URL=$(cat own-url)
	ENGINE_URL=$MM_CLICKHOUSE_URL
}

@test "a server that is killed in the middle: run again, it is complete" {
	local own ENGINE_URL
	own_engine
	fill "${db}_others" '.user_id == "u3" and .project_id == "'$DEFAULT'" | not'
	fill "$db"
	mm-forget --rebuild --wait <<< '{"user_id":"u3"}' > audit 2> err 3>&- &
	sleep 0.3
	pkill -KILL -P $own
	wait $! || true
	wait $own || true
	own_engine
	forget --rebuild --wait <<< '{"user_id":"u3"}'
	[ "$status" -eq 0 ]
	diff <(dump "$db") <(dump "${db}_others")
	no_tables
	kill $own
	wait $own || true
}

# libcurl may send a request again by itself when the connection goes.
@test "an answer that is lost, whichever it is: nothing twice, and complete when run again" {
	local nth requests faults said=0
	fill "${db}_others" '.timestamp < "2026-01-20" and (.user_id == "u3" and .project_id == "'$DEFAULT'" | not)'
	for ((nth = 1;; nth += 9)); do
		fill "$db" '.timestamp < "2026-01-20"'
		mapfile -t faults < <(yes pass | head -n $nth)
		fake_start "${faults[@]}" lost lost pass
		forget --rebuild --wait <<< '{"user_id":"u3"}'
		fake_stop
		requests=$(wc -l < "$FAKE/log")
		((requests > nth)) || break
		rm -r "$FAKE"
		export MM_CLICKHOUSE_URL=$ENGINE_URL
		if [ "$status" -ne 0 ]; then
			[[ $stderr == *"may not be forgotten"* ]]
			said=$((said + 1))
			forget --rebuild --wait <<< '{"user_id":"u3"}'
			[ "$status" -eq 0 ]
		fi
		diff <(dump "$db") <(dump "${db}_others")
		no_tables
		MM_CLICKHOUSE_DATABASE=default sql "DROP DATABASE $db SYNC"
	done
	((nth > 20 && said > 2))
}

@test "events that arrive meanwhile are in the aggregates" {
	local i pid
	fill "$db"
	for ((i = 0; i < 12; i++)); do
		sed -n "$((i + 1))~12p" "filled-$db" |
			jq -c --arg i "$i" 'select(.user_id | IN("u3", "u4", "u5") | not) | .event_id += "-\($i)"' > "more-$i"
	done
	for ((i = 0; i < 12; i++)); do
		mm-insert --spool spool "more-$i"
		sleep 0.2
	done 3>&- &
	pid=$!
	for i in u3 u4 u5; do
		forget --rebuild <<< "{\"user_id\":\"$i\"}"
		[ "$status" -eq 0 ] || [ "$status" -eq 75 ]
	done
	wait $pid
	diff <(sql "SELECT project_id, toDate(timestamp) AS day, event_name, source, count(), uniq(anonymous_id) FROM events GROUP BY ALL ORDER BY ALL") \
		<(sql "SELECT project_id, day, event_name, source, sum(events), uniqMerge(uniques) FROM daily_rollup GROUP BY ALL ORDER BY ALL")
	diff <(sql "SELECT project_id, session_id, anonymous_id, count() FROM events GROUP BY ALL ORDER BY ALL") \
		<(sql "SELECT project_id, session_id, anonymous_id, events FROM sessions_v ORDER BY ALL")
}

@test "a signal ends the waiting, and what is not forgotten is said" {
	fill "$db"
	sql "CREATE TABLE mm_forget_lock (x UInt8) ENGINE = MergeTree ORDER BY x"
	echo '{"user_id":"u3"}' > people
	mm-forget people > audit 2> err 3>&- &
	eventually grep -q waiting err
	kill -TERM $!
	ends_with 143 $!
	grep -q "people:1: this line and those after it may not be forgotten" err
	[ ! -s audit ]
}

@test "misuse is one line and status 2" {
	for arguments in --nonsense --max-line=1 --summary=xml; do
		forget "$arguments" < /dev/null
		[ "$status" -eq 2 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-forget: "*"; try 'mm-forget --help'" ]]
	done
}
