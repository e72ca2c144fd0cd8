#!/usr/bin/env bats
# mm-schema against the real engine, and what the tables make of events.

bats_require_minimum_version 1.5.0
load helper
load server

project=00000000-0000-4000-8000-000000000001

sql=$repo/sql

# One engine for all tests, a database for each.
setup_file() {
	engine_start
}

teardown_file() {
	engine_stop
}

setup() {
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=t$BATS_TEST_NUMBER
}

teardown() {
	drop_database
}

# How many steps there are; the one that makes the database is not recorded.
step_count() {
	local files=("$sql"/[0-9]*.sql)
	echo $((${#files[@]} - 1))
}

# ask SQL: in the test's database.
ask() {
	ch "$MM_CLICKHOUSE_URL?database=$MM_CLICKHOUSE_DATABASE" --data-binary "$1"
}

# row TIME NAME ID USER SOURCE CAMPAIGN URL: a row as mm-enrich writes it; USER,
# CAMPAIGN and URL are JSON.
row() {
	printf '{"project_id":"%s","timestamp":"%s","event_name":"%s","event_id":"%s",' \
		"$project" "$1" "$2" "$3"
	printf '"anonymous_id":"a1","user_id":%s,"session_id":"s1","source":"%s",' "$4" "$5"
	printf '"medium":"m-%s","campaign":%s,"source_confidence":"high","source_rule_id":"r-%s",' \
		"$5" "$6" "$5"
	printf '"url":%s,"path":"/%s","referrer":null,"country":"DE","device_type":"desktop",' "$7" "$3"
	printf '"browser":"chrome","os":"linux","ip_hash":"","properties":"{\\"n\\":1.0}"}\n'
}

# insert TOKEN, rows on standard input.
insert() {
	ch --data-binary @- "$MM_CLICKHOUSE_URL?database=$MM_CLICKHOUSE_DATABASE\
&query=INSERT+INTO+events+FORMAT+JSONEachRow&insert_deduplication_token=$1\
&deduplicate_blocks_in_dependent_materialized_views=1"
}

@test "makes the tables and views, quietly" {
	run mm-schema
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	run ask "SELECT name, engine FROM system.tables WHERE database = currentDatabase() ORDER BY name"
	[ "$output" = "daily_rollup	AggregatingMergeTree
daily_rollup_mv	MaterializedView
events	MergeTree
forgotten	ReplacingMergeTree
schema_steps	ReplacingMergeTree
sessions	AggregatingMergeTree
sessions_mv	MaterializedView
sessions_v	View" ]
}

@test "events has the row's columns in the row's order, null only where rows have null" {
	mm-schema
	run ask "SELECT arrayStringConcat(groupArray(name), ' ') FROM (SELECT name FROM system.columns
		WHERE database = currentDatabase() AND table = 'events' ORDER BY position)"
	[ "$output" = "project_id timestamp event_name event_id anonymous_id user_id session_id source medium campaign source_confidence source_rule_id url path referrer country device_type browser os ip_hash properties" ]
	run ask "SELECT name FROM system.columns WHERE database = currentDatabase()
		AND table = 'events' AND type LIKE '%Nullable%' ORDER BY name"
	[ "$output" = "campaign
path
referrer
url
user_id" ]
}

@test "a second run changes nothing" {
	mm-schema
	before=$(ask "SELECT name, uuid, metadata_modification_time FROM system.tables
		WHERE database = currentDatabase() ORDER BY name")
	row '2026-07-01 10:00:00.000' a e1 null direct null null | insert t1
	run mm-schema
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$(ask "SELECT name, uuid, metadata_modification_time FROM system.tables
		WHERE database = currentDatabase() ORDER BY name")" = "$before" ]
	[ "$(ask "SELECT count() FROM events")" = 1 ]
}

@test "a second run makes what is missing" {
	mm-schema
	ask "DROP TABLE sessions_v"
	mm-schema
	run mm-schema --check
	[ "$status" -eq 0 ]
}

@test "--check is quiet when all is as expected" {
	mm-schema
	run mm-schema --check
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

@test "--check before the first run finds everything missing and makes nothing" {
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "${#stderr_lines[@]}" -eq "$(step_count)" ]
	[ "${stderr_lines[1]}" = "mm-schema: events: missing; 'mm-schema' makes it" ]
	run ch "$MM_CLICKHOUSE_URL" -d "EXISTS DATABASE $MM_CLICKHOUSE_DATABASE"
	[ "$output" = 0 ]
}

@test "--check finds a table that was dropped" {
	mm-schema
	ask "DROP TABLE daily_rollup"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: daily_rollup: missing; 'mm-schema' makes it" ]
}

@test "--check finds columns that were dropped, first and last ones too" {
	mm-schema
	ask "DROP TABLE daily_rollup_mv"
	ask "DROP TABLE sessions_mv"
	ask "ALTER TABLE events DROP COLUMN properties"
	ask "ALTER TABLE events DROP COLUMN event_name"
	ask "ALTER TABLE daily_rollup DROP COLUMN uniques"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: events: the column event_name is missing
mm-schema: events: the column properties is missing
mm-schema: daily_rollup: the column uniques is missing
mm-schema: daily_rollup_mv: missing; 'mm-schema' makes it
mm-schema: sessions_mv: missing; 'mm-schema' makes it" ]
}

@test "--check finds a column's changed type" {
	mm-schema
	ask "ALTER TABLE events MODIFY COLUMN os String"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: events: the column os is String and should be LowCardinality(String)" ]
}

@test "--check lets a column be added" {
	mm-schema
	ask "ALTER TABLE events ADD COLUMN note String"
	run mm-schema --check
	[ "$status" -eq 0 ]
}

@test "--check finds another engine, sorting key, and a lost deduplication window" {
	mm-schema
	ask "DROP TABLE daily_rollup"
	ask "CREATE TABLE daily_rollup (project_id UUID, day Date, event_name LowCardinality(String),
		source LowCardinality(String), medium LowCardinality(String),
		country LowCardinality(String), device_type LowCardinality(String),
		events SimpleAggregateFunction(sum, UInt64), uniques AggregateFunction(uniq, String))
		ENGINE = MergeTree ORDER BY (project_id, day)"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: daily_rollup: the engine is MergeTree and should be AggregatingMergeTree
mm-schema: daily_rollup: the sorting key should be (project_id, day, event_name, source, medium, country, device_type)
mm-schema: daily_rollup: the setting non_replicated_deduplication_window is missing" ]
}

@test "--check finds a view that selects or writes something else" {
	mm-schema
	ask "DROP TABLE sessions_v"
	ask "CREATE VIEW sessions_v AS SELECT * FROM sessions"
	ask "DROP TABLE daily_rollup_mv"
	ask "CREATE TABLE elsewhere AS daily_rollup"
	ask "CREATE MATERIALIZED VIEW daily_rollup_mv TO elsewhere AS SELECT project_id,
		toDate(timestamp) AS day, event_name, source, medium, country, device_type,
		count() AS events, uniqState(anonymous_id) AS uniques FROM events
		WHERE toDate32(timestamp) BETWEEN '1970-01-01' AND '2149-06-06'
		GROUP BY project_id, day, event_name, source, medium, country, device_type"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: daily_rollup_mv: the view should write to daily_rollup
mm-schema: sessions_v: the view's SELECT is not the one expected" ]
}

@test "--print connects to nothing, and what it prints is what is run" {
	run --separate-stderr mm-schema --print --url http://127.0.0.1:1/
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "CREATE DATABASE IF NOT EXISTS \`$MM_CLICKHOUSE_DATABASE\`;" ]
	for file in "$sql"/[1-9]*.sql; do
		[[ $output == *"$(cat "$file")"* ]]
	done
}

@test "a database's name can be a word of SQL, and two databases are two" {
	for database in select sessions_v; do
		mm-schema --database "$database"
		run mm-schema --check --database "$database"
		[ "$status" -eq 0 ]
	done
	run mm-schema --check
	[ "$status" -eq 1 ]
}

@test "a database's name has to be an identifier" {
	for database in 'a-b' '1a' '' 'a b' 'é' "a'" 'x;y' "$(printf '%065d' 0 | tr 0 a)"; do
		run --separate-stderr mm-schema --database "$database"
		[ "$status" -eq 2 ]
		[[ $stderr == "mm-schema: the name of the database must consist of "* ]]
	done
}

@test "no server: one sentence, status 75" {
	run --separate-stderr mm-schema --url http://127.0.0.1:1/
	[ "$status" -eq 75 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"is ClickHouse running there?"*"mm-clickhouse"* ]]
}

@test "a wrong password: one sentence, status 2, and the password is not told" {
	MM_CLICKHOUSE_USER=default MM_CLICKHOUSE_PASSWORD=hunter2 run --separate-stderr mm-schema
	[ "$status" -eq 2 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"--password-file"* ]]
	[[ $stderr != *hunter2* ]]
}

@test "--password-file is the first line, and goes before the environment" {
	(umask 077 && printf 'hunter2\r\nmore\n' >"$BATS_TEST_TMPDIR/password")
	# A server that takes only this password stands in for one with users.
	printf '%s\n' 'const s = require("http").createServer((q, r) => {' \
		'const k = q.headers["x-clickhouse-key"];' \
		'r.writeHead(k === "hunter2" ? 200 : 401, {"X-ClickHouse-Summary": "{}"}); r.end(); });' \
		's.listen(0, "127.0.0.1", () => console.log(s.address().port));' >"$BATS_TEST_TMPDIR/s.js"
	node "$BATS_TEST_TMPDIR/s.js" >"$BATS_TEST_TMPDIR/port" 3>&- &
	server=$!
	for _ in $(seq 100); do
		[ ! -s "$BATS_TEST_TMPDIR/port" ] || break
		sleep 0.1
	done
	MM_CLICKHOUSE_URL=http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port")/ MM_CLICKHOUSE_USER=u \
		MM_CLICKHOUSE_PASSWORD=other \
		run --separate-stderr mm-schema --password-file "$BATS_TEST_TMPDIR/password"
	kill "$server"
	[ "$stderr" = "" ]
	[ "$status" -eq 0 ]
}

@test "a password file that others can read is used, with a warning" {
	printf 'x\n' >"$BATS_TEST_TMPDIR/password"
	chmod 644 "$BATS_TEST_TMPDIR/password"
	run --separate-stderr mm-schema --print --password-file "$BATS_TEST_TMPDIR/password"
	[ "$status" -eq 0 ]
	[[ $stderr == "mm-schema: $BATS_TEST_TMPDIR/password: other users can read"* ]]
}

@test "a password file that is missing or empty" {
	run --separate-stderr mm-schema --password-file "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: $BATS_TEST_TMPDIR/none: No such file or directory" ]
	: >"$BATS_TEST_TMPDIR/password"
	chmod 600 "$BATS_TEST_TMPDIR/password"
	run --separate-stderr mm-schema --password-file "$BATS_TEST_TMPDIR/password"
	[ "$status" -eq 2 ]
	[[ $stderr == *"the first line must hold the password"* ]]
}

@test "> /dev/full" {
	run --separate-stderr bash -c 'mm-schema --print >/dev/full'
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: standard output: No space left on device" ]
}

@test "a row arrives as it was sent" {
	mm-schema
	row '2026-07-01 10:00:00.123' '$pageview' e1 '"u1"' google null '"https://x.example/ü"' | insert t1
	run ask "SELECT * FROM events FORMAT JSONEachRow
		SETTINGS output_format_json_escape_forward_slashes = 0"
	[ "$output" = "$(row '2026-07-01 10:00:00.123' '$pageview' e1 '"u1"' google null '"https://x.example/ü"')" ]
}

@test "a row shows in the rollup and in the sessions" {
	mm-schema
	row '2026-07-01 23:59:59.999' signup e1 '"u1"' google '"spring"' '"https://x.example/"' | insert t1
	run ask "SELECT day, event_name, source, medium, country, device_type, events, uniqMerge(uniques)
		FROM daily_rollup GROUP BY ALL"
	[ "$output" = "2026-07-01	signup	google	m-google	DE	desktop	1	1" ]
	run ask "SELECT * FROM sessions_v FORMAT JSONEachRow
		SETTINGS output_format_json_escape_forward_slashes = 0"
	[ "$output" = '{"project_id":"'$project'","session_id":"s1","anonymous_id":"a1","user_id":"u1","started_at":"2026-07-01 23:59:59.999","ended_at":"2026-07-01 23:59:59.999","events":1,"entry_url":"https://x.example/","entry_path":"/e1","entry_referrer":null,"entry_source":"google","entry_medium":"m-google","entry_campaign":"spring","entry_source_confidence":"high","entry_source_rule_id":"r-google"}' ]
}

@test "the entry of a session is the earliest event's, nulls included, whatever the order" {
	mm-schema
	{
		row '2026-07-01 10:00:05.000' b e2 null internal '"late"' '"https://x.example/late"'
		row '2026-07-01 10:00:09.000' c e3 null internal '"later"' '"https://x.example/later"'
	} | insert t1
	row '2026-07-01 10:00:01.000' a e1 null google null null | insert t2
	row '2026-07-01 10:00:07.000' d e4 null direct '"x"' '"https://x.example/x"' | insert t3
	for _ in once merged; do
		run ask "SELECT started_at, ended_at, events, entry_url, entry_path, entry_source,
			entry_campaign, entry_source_rule_id FROM sessions_v"
		[ "$output" = '2026-07-01 10:00:01.000	2026-07-01 10:00:09.000	4	\N	/e1	google	\N	r-google' ]
		ask "OPTIMIZE TABLE sessions FINAL"
	done
}

@test "events of one millisecond have one order, however they come" {
	local e1 e2
	mm-schema
	e1=$(row '2026-07-01 10:00:00.000' a e1 '"u1"' google null null)
	e2=$(row '2026-07-01 10:00:00.000' b e2 '"u2"' direct null null)
	insert t1 <<< "$e2"
	insert t2 <<< "$e1"
	one=$(ask "SELECT entry_source, user_id FROM sessions_v")
	[[ $one == "google	u2" || $one == "direct	u1" ]] # one is the first, the other the last
	ask "TRUNCATE TABLE events"
	ask "TRUNCATE TABLE sessions"
	insert t3 <<< "$e1"
	insert t4 <<< "$e2"
	[ "$(ask "SELECT entry_source, user_id FROM sessions_v")" = "$one" ]
}

@test "the user of a session is the last one seen, not a later null" {
	mm-schema
	{
		row '2026-07-01 10:00:01.000' a e1 null google null null
		row '2026-07-01 10:00:02.000' b e2 '"u1"' google null null
	} | insert t1
	row '2026-07-01 10:00:04.000' d e4 null google null null | insert t2
	row '2026-07-01 10:00:03.000' c e3 '"u2"' google null null | insert t3
	run ask "SELECT user_id FROM sessions_v"
	[ "$output" = u2 ]
}

@test "a session without a user has none" {
	mm-schema
	row '2026-07-01 10:00:01.000' a e1 null google null null | insert t1
	run ask "SELECT user_id FROM sessions_v"
	[ "$output" = '\N' ]
}

@test "a session over the end of a month is one session" {
	mm-schema
	row '2026-07-31 23:59:00.000' a e1 null google null null | insert t1
	row '2026-08-01 00:01:00.000' b e2 null internal null null | insert t2
	run ask "SELECT started_at, ended_at, events, entry_source FROM sessions_v"
	[ "$output" = "2026-07-31 23:59:00.000	2026-08-01 00:01:00.000	2	google" ]
}

# Events from both ends of what DateTime64 holds, and of the first and last day of a Date.
odd_times() {
	local i=0 time
	for time in '1900-01-02 00:00:00' '1969-12-31 23:59:59' '1970-01-01 00:00:00' \
		'2149-06-06 23:59:59' '2149-06-07 00:00:00' '2200-02-28 12:00:00' '2299-12-31 23:59:59'; do
		row "$time.000" a "e$((i++))" null google null null
	done
}

@test "events of a day that no Date holds are not counted as another day's" {
	mm-schema
	odd_times | insert t1
	run ask "SELECT count() FROM events"
	[ "$output" = 7 ]
	run ask "SELECT day, events FROM daily_rollup ORDER BY day"
	[ "$output" = "1970-01-01	1
2149-06-06	1" ]
}

@test "a database whose view counts days that no Date holds gets another view" {
	mm-schema
	ask "ALTER TABLE daily_rollup_mv MODIFY QUERY $(sed -n '/^SELECT/,$p' "$sql/21-daily_rollup_mv.sql" |
		grep -v '^WHERE')"
	ask "RENAME TABLE daily_rollup_mv TO other, other TO daily_rollup_mv"
	ask "DELETE FROM schema_steps WHERE number > 40"
	run --separate-stderr mm-schema --check
	[ "$stderr" = "mm-schema: daily_rollup_mv: the view's SELECT is not the one expected
mm-schema: 41-daily_rollup_days: the step has not been applied; 'mm-schema' applies it
mm-schema: 42-daily_rollup_tokens: the step has not been applied; 'mm-schema' applies it
mm-schema: 43-daily_rollup_definer: the step has not been applied; 'mm-schema' applies it
mm-schema: 44-sessions_definer: the step has not been applied; 'mm-schema' applies it
mm-schema: 45-definer_tokens: the step has not been applied; 'mm-schema' applies it
mm-schema: 51-events_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 52-daily_rollup_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 53-sessions_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 60-sessions_v_first: the step has not been applied; 'mm-schema' applies it
mm-schema: 61-sessions_mv_first: the step has not been applied; 'mm-schema' applies it
mm-schema: 62-sessions_tokens: the step has not been applied; 'mm-schema' applies it" ]
	row '2026-07-01 10:00:00.000' a e1 null direct null null | insert before
	mm-schema
	# a batch from before that comes again is known
	row '2026-07-01 10:00:00.000' a e1 null direct null null | insert before
	run --separate-stderr mm-schema --check
	[ "$status" -eq 0 ]
	odd_times | insert t1
	[ "$(ask "SELECT sum(events), uniqMerge(uniques) FROM daily_rollup")" = "3	1" ]
	[ "$(ask "SELECT sum(events) FROM sessions_v")" = 8 ]
}

# The sessions as they were before 30-sessions_first: with states of tuples.
old_sessions() {
	local statement
	mm-schema
	for statement in "DROP VIEW sessions_v" "DROP VIEW sessions_mv" "DROP TABLE sessions SYNC" \
		"DELETE FROM schema_steps WHERE name LIKE '%_first' OR number > 60"; do
		ask "$statement"
	done
	while IFS= read -r -d ';' statement; do
		ask "$statement"
	done < "$repo/tests/data/sessions-before-first.sql"
}

# What sessions_v has, without its order.
visits() {
	ask "SELECT sum(events), count(), sum(sipHash64(toString(tuple(*)))) FROM sessions_v"
}

@test "sessions with states of tuples: rows, replays and merges are as they would be in new ones" {
	local rows=$BATS_TEST_TMPDIR/rows before after
	gen_events -n 3000 -s 7 --visitors 300 | mm-enrich --no-ip-hash > "$rows"
	{
		row '2026-07-01 10:00:00.000' a e1 null google null null
		row '2026-07-01 10:00:03.000' b e2 '"u\u0000\"é"' '' '""' '""'
	} | jq -c '.session_id = "odd"' >> "$rows"
	head -2000 "$rows" > "$rows.1"
	tail -n +2001 "$rows" > "$rows.2"
	old_sessions
	mm-insert "$rows.1"
	before=$(visits)
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[[ $stderr == *"sessions: the column first is missing"* ]]
	mm-schema
	mm-schema --check
	[ "$(visits)" = "$before" ]
	mm-insert "$rows.1" # known
	[ "$(visits)" = "$before" ]
	mm-insert "$rows.2"
	mm-insert "$rows.2"
	after=$(visits)
	ask "OPTIMIZE TABLE sessions FINAL"
	[ "$(visits)" = "$after" ]
	MM_CLICKHOUSE_DATABASE=${MM_CLICKHOUSE_DATABASE}new
	mm-schema
	mm-insert "$rows"
	[ "$(visits)" = "$after" ]
	[ "$(ask "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = 'sessions'")" = 8 ]
}

@test "sessions with states of tuples: a run that is killed before any statement, and inserts meanwhile" {
	local killed i plan=$BATS_TEST_TMPDIR/plan statements
	old_sessions
	mm-schema --dry-run | one_a_line | grep -v '^USE' > "$plan"
	mapfile -t statements < "$plan"
	[ "${#statements[@]}" -gt 6 ]
	for ((killed = 0; killed <= ${#statements[@]}; killed++)); do
		admin "DROP DATABASE $MM_CLICKHOUSE_DATABASE SYNC"
		old_sessions
		row '2026-07-01 10:00:00.000' a e1 '"u1"' google '"x"' null | insert t
		for ((i = 0; i < killed; i++)); do
			ask "${statements[i]}"
			row "2026-07-01 10:00:0$((i % 9 + 1)).000" a "m$i" null direct null null | insert "t$i"
			# whoever reads meanwhile sees them all, and where they came from
			[ "$(ask "SELECT sum(events), any(entry_source), any(entry_campaign), any(user_id) FROM sessions_v")" = \
				"$((i + 2))	google	x	u1" ]
		done
		mm-schema
		mm-schema --check
		row '2026-07-01 10:00:00.000' a e1 '"u1"' google '"x"' null | insert t # known
		[ "$(ask "SELECT sum(events), any(entry_source), any(entry_campaign), any(user_id) FROM sessions_v")" = \
			"$((killed + 1))	google	x	u1" ]
	done
}

@test "sessions with states of tuples: people in them are forgotten" {
	salt
	old_sessions
	row '2026-07-01 10:00:00.000' a e1 '"u1"' google null null | insert t1
	row '2026-07-01 10:00:02.000' a e2 null direct null null | insert t2
	mm-schema
	row '2026-07-01 10:00:03.000' a e3 null direct null null | insert t3
	echo '{"user_id":"u1"}' | mm-forget --project "$project" --rebuild --wait > /dev/null
	[ "$(ask "SELECT events, entry_source, user_id FROM sessions_v")" = "2	direct	\N" ]
	row '2026-07-01 10:00:02.000' a e2 null direct null null | insert t2 # known
	[ "$(ask "SELECT sum(events) FROM sessions_v")" = 2 ]
}

@test "sessions with states of tuples, and without a view or two: all is made" {
	for missing in sessions_v sessions_mv; do
		old_sessions
		ask "DROP VIEW $missing"
		mm-schema
		mm-schema --check
		admin "DROP DATABASE $MM_CLICKHOUSE_DATABASE SYNC"
	done
}

@test "a batch that is sent twice is stored once in all three tables" {
	mm-schema
	for _ in first again; do
		{
			row '2026-07-01 10:00:01.000' a e1 null google null null
			row '2026-08-01 10:00:02.000' a e2 null google null null
		} | insert t1
	done
	run ask "SELECT (SELECT count() FROM events), (SELECT sum(events) FROM daily_rollup),
		(SELECT sum(events) FROM sessions_v)"
	[ "$output" = "2	2	2" ]
}

@test "two batches of the same rows with two tokens are stored twice" {
	mm-schema
	row '2026-07-01 10:00:01.000' a e1 null google null null | insert t1
	row '2026-07-01 10:00:01.000' a e1 null google null null | insert t2
	run ask "SELECT (SELECT count() FROM events), (SELECT sum(events) FROM daily_rollup),
		(SELECT sum(events) FROM sessions_v)"
	[ "$output" = "2	2	2" ]
}

# ---- steps ----

# Reads SQL; prints each statement as one line, without comments.
one_a_line() {
	awk 'BEGIN { RS = ";\n" } { gsub(/(^|\n)--[^\n]*/, ""); gsub(/\n/, " "); sub(/^ +/, "") }
		$0 != "" && !/^USE / { print }'
}

# ask_files FILE...: in the test's database the statement in each, over one connection.
ask_files() {
	(($# > 0)) || return 0
	printf "url = \"$MM_CLICKHOUSE_URL?database=$MM_CLICKHOUSE_DATABASE\"
		data-binary = \"@%s\"\nnetrc-file = \"$MM_CLICKHOUSE_NETRC\"\nfail-with-body\nnext\n" "$@" |
		sed '$d' | curl -sS --fail-early --config -
}

# admin SQL: outside of the test's database.
admin() {
	MM_CLICKHOUSE_DATABASE=system sql "$1"
}

steps() {
	ask "SELECT DISTINCT name, version != '' FROM schema_steps ORDER BY name"
}

# A database of the release before steps were recorded.
old_database() {
	mm-schema
	ask "DROP TABLE schema_steps"
	ask "ALTER TABLE events DROP INDEX user_id_bloom, DROP INDEX anonymous_id_bloom"
}

@test "every step is recorded, with the version of the tools" {
	mm-schema
	run ask "SELECT name, version FROM schema_steps ORDER BY number, name"
	version=$(mm-schema --version | cut -d ' ' -f 2)
	[ "$output" = "$(cd "$sql" && for f in 0[1-9]-*.sql [1-9]*.sql; do
		printf '%s\t%s\n' "${f%.sql}" "$version"
	done)" ]
}

@test "a database without recorded steps: what is there is recorded as found, the rest is applied" {
	old_database
	row '2026-07-01 10:00:00.000' a e1 null direct null null | insert t1
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: schema_steps: missing; 'mm-schema' makes it
mm-schema: 30-sessions_first: the step has not been applied; 'mm-schema' applies it
mm-schema: 40-events_persons: the step has not been applied; 'mm-schema' applies it
mm-schema: 41-daily_rollup_days: the step has not been applied; 'mm-schema' applies it
mm-schema: 42-daily_rollup_tokens: the step has not been applied; 'mm-schema' applies it
mm-schema: 43-daily_rollup_definer: the step has not been applied; 'mm-schema' applies it
mm-schema: 44-sessions_definer: the step has not been applied; 'mm-schema' applies it
mm-schema: 45-definer_tokens: the step has not been applied; 'mm-schema' applies it
mm-schema: 51-events_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 52-daily_rollup_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 53-sessions_empty_parts: the step has not been applied; 'mm-schema' applies it
mm-schema: 60-sessions_v_first: the step has not been applied; 'mm-schema' applies it
mm-schema: 61-sessions_mv_first: the step has not been applied; 'mm-schema' applies it
mm-schema: 62-sessions_tokens: the step has not been applied; 'mm-schema' applies it" ]
	mm-schema
	run steps
	[ "$output" = "01-schema_steps	1
10-events	0
20-daily_rollup	0
21-daily_rollup_mv	0
30-sessions	0
30-sessions_first	1
31-sessions_mv	0
32-sessions_v	0
40-events_persons	1
41-daily_rollup_days	1
42-daily_rollup_tokens	1
43-daily_rollup_definer	1
44-sessions_definer	1
45-definer_tokens	1
50-forgotten	0
51-events_empty_parts	1
52-daily_rollup_empty_parts	1
53-sessions_empty_parts	1
60-sessions_v_first	1
61-sessions_mv_first	1
62-sessions_tokens	1" ]
	run ask "SELECT count() FROM system.data_skipping_indices
		WHERE database = currentDatabase() AND table = 'events'"
	[ "$output" = 2 ]
	[ "$(ask "SELECT count() FROM events")" = 1 ]
	run mm-schema --check
	[ "$status" -eq 0 ]
}

@test "a change that was undone by hand is not applied again; one of a table made anew is" {
	mm-schema
	ask "ALTER TABLE events DROP INDEX user_id_bloom"
	mm-schema
	run ask "SELECT count() FROM system.data_skipping_indices WHERE database = currentDatabase()"
	[ "$output" = 1 ]
	ask "DROP TABLE events"
	mm-schema
	run ask "SELECT count() FROM system.data_skipping_indices WHERE database = currentDatabase()"
	[ "$output" = 2 ]
}

# What is left by a run that was killed before the Nth of its statements.
@test "killed before any of its statements, the next run gets to the same end" {
	mapfile -t statements < <(mm-schema --print | one_a_line)
	[ "${#statements[@]}" -gt 15 ]
	cd "$BATS_TEST_TMPDIR"
	for ((i = 0; i < ${#statements[@]}; i++)); do
		printf %s "${statements[i]}" > "statement$i"
	done
	for ((killed = 0; killed < ${#statements[@]}; killed++)); do
		admin "DROP DATABASE IF EXISTS $MM_CLICKHOUSE_DATABASE SYNC"
		((killed == 0)) || admin "${statements[0]}"
		ask_files $(seq -f statement%g $((killed - 1)))
		mm-schema
		run --separate-stderr mm-schema --check
		[ "$stderr" = "" ]
		[ "$(ask "SELECT uniqExact(name) FROM schema_steps")" = "$(mm-schema --print |
			grep -c '^INSERT INTO schema_steps')" ]
	done
}

@test "several runs at once do no harm to each other" {
	old_database
	for i in 1 2 3 4; do
		mm-schema 2>"$BATS_TEST_TMPDIR/$i" 3>&- &
		pids[i]=$!
	done
	for i in 1 2 3 4; do
		wait "${pids[i]}"
		[ ! -s "$BATS_TEST_TMPDIR/$i" ]
	done
	run mm-schema --check
	[ "$status" -eq 0 ]
	run ask "SELECT count(), uniqExact(name) FROM schema_steps FINAL"
	[ "$output" = "$(step_count)	$(step_count)" ]
}

@test "a database of newer tools is not touched" {
	mm-schema
	ask "INSERT INTO schema_steps (number, name, version) VALUES (99, '99-later', '9.9.9')"
	ask "DROP TABLE sessions_v"
	run --separate-stderr mm-schema --retention 30
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: $MM_CLICKHOUSE_DATABASE holds the step 99-later of version 9.9.9, which this version, $(mm-schema --version | cut -d ' ' -f 2), does not know; use one that does, nothing has been changed" ]
	run ask "EXISTS TABLE sessions_v"
	[ "$output" = 0 ]
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[[ $stderr == *"99-later"* ]]
	run --separate-stderr mm-schema --dry-run
	[ "$status" -eq 2 ]
	[ "$output" = "" ]
}

# ---- views that an interrupted run has left under another name ----

# store FIRST...: inserts three rows, with the ids from FIRST on, as one batch.
store() {
	local first i
	for first in "$@"; do
		for ((i = first; i < first + 3; i++)); do
			row "2026-07-01 10:00:0$((i % 10)).000" a "e$i" null direct null null
		done >"$BATS_TEST_TMPDIR/rows"
		mm-insert --spool "$BATS_TEST_TMPDIR/spool" "$BATS_TEST_TMPDIR/rows"
	done
}

sums() {
	ask "SELECT (SELECT count() FROM events), (SELECT sum(events) FROM daily_rollup),
		(SELECT sum(events) FROM sessions_v)" | paste -sd ' '
}

views() {
	ask "SELECT name FROM system.tables WHERE database = currentDatabase()
		AND engine = 'MaterializedView' ORDER BY name" | paste -sd ' '
}

# second_view: what a run made that took the view for missing.
second_view() {
	ask "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_"
	ask "$(cat "$sql/21-daily_rollup_mv.sql")"
}

@test "a view that was left under the interim name gets its own, and batches from before are known" {
	mm-schema
	store 1
	for view in daily_rollup_mv sessions_mv; do
		ask "RENAME TABLE $view TO ${view}_"
		run --separate-stderr mm-schema
		[ "$status" -eq 0 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-schema: $view: has its name again, instead of ${view}_, which "* ]]
		[ "$(views)" = "daily_rollup_mv sessions_mv" ]
		store 1
		[ "$(sums)" = "3	3	3" ]
	done
	store 4 4
	[ "$(sums)" = "6	6	6" ]
	run mm-schema --check
	[ "$status" -eq 0 ]
	run mm-schema
	[ "$output" = "" ]
}

@test "the same where the server has died in the step that renames, before it was recorded" {
	mm-schema
	store 1
	ask "DELETE FROM schema_steps WHERE number > 40"
	ask "ALTER TABLE daily_rollup_mv MODIFY QUERY $(sed -n '/^SELECT/,$p' "$sql/41-daily_rollup_days.sql")"
	# a statement that renames several and fails on its way has renamed the first
	run ask "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_, nosuch TO nosuch_"
	[ "$status" -ne 0 ]
	[ "$(views)" = "daily_rollup_mv_ sessions_mv" ]
	mm-schema
	[ "$(views)" = "daily_rollup_mv sessions_mv" ]
	store 1
	[ "$(sums)" = "3	3	3" ]
	run mm-schema --check
	[ "$status" -eq 0 ]
}

@test "the same where the table behind the view is missing as well" {
	mm-schema
	ask "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_"
	ask "DROP TABLE daily_rollup SYNC"
	mm-schema
	store 1 1
	[ "$(sums)" = "3	3	3" ]
	run mm-schema --check
	[ "$status" -eq 0 ]
}

@test "a second view is dropped: from then on all is counted once, and what was before can be counted anew" {
	mm-schema
	store 1
	second_view
	store 4
	[ "$(sums)" = "6	9	6" ]
	run --separate-stderr mm-schema
	[ "$status" -eq 0 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "mm-schema: daily_rollup_mv: daily_rollup_mv_, which an interrupted run had left beside it, is dropped; "* ]]
	[ "$(views)" = "daily_rollup_mv sessions_mv" ]
	store 1 4 7
	[ "$(sums)" = "9	12	9" ]
	# as the manual has it
	ask "CREATE TABLE daily_rollup_new AS daily_rollup"
	ask "INSERT INTO daily_rollup_new $(sed -n '/^SELECT/,$p' "$sql/21-daily_rollup_mv.sql")"
	ask "ALTER TABLE daily_rollup REPLACE PARTITION 202607 FROM daily_rollup_new"
	ask "DROP TABLE daily_rollup_new"
	[ "$(sums)" = "9	9	9" ]
	store 1 4 7
	[ "$(sums)" = "9	9	9" ]
}

@test "--check and --dry-run tell of a view's wrong name, and change nothing" {
	mm-schema
	ask "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: daily_rollup_mv: has the name daily_rollup_mv_, as an interrupted run leaves it; 'mm-schema' puts it right" ]
	run --separate-stderr mm-schema --dry-run
	[ "$status" -eq 0 ]
	[ "$stderr" = "" ]
	[ "$output" = "USE \`$MM_CLICKHOUSE_DATABASE\`;

-- names
RENAME TABLE IF EXISTS daily_rollup_mv_ TO daily_rollup_mv;" ]
	[ "$(views)" = "daily_rollup_mv_ sessions_mv" ]
	ask "$(cat "$sql/21-daily_rollup_mv.sql")"
	run --separate-stderr mm-schema --check
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: daily_rollup_mv: daily_rollup_mv_ stands beside it, as an interrupted run leaves it, so that events are counted twice; 'mm-schema' drops that" ]
	run --separate-stderr mm-schema --dry-run
	[ "$output" = "USE \`$MM_CLICKHOUSE_DATABASE\`;

-- names
DROP VIEW IF EXISTS daily_rollup_mv_;" ]
	[ "$(views)" = "daily_rollup_mv daily_rollup_mv_ sessions_mv" ]
}

@test "what has such a name and is something else is left alone" {
	mm-schema
	ask "CREATE TABLE elsewhere AS daily_rollup"
	ask "CREATE MATERIALIZED VIEW daily_rollup_mv_ TO elsewhere AS $(sed -n '/^SELECT/,$p' "$sql/21-daily_rollup_mv.sql")"
	ask "CREATE TABLE sessions_mv_ AS sessions"
	run --separate-stderr mm-schema
	[ "$status" -eq 0 ]
	[ "$stderr" = "" ]
	run mm-schema --check
	[ "$status" -eq 0 ]
	[ "$(views)" = "daily_rollup_mv daily_rollup_mv_ sessions_mv" ]
	[ "$(ask "EXISTS TABLE sessions_mv_")" = 1 ]
}

@test "several runs at once put a name right, and a second view" {
	mm-schema
	store 1
	for leave in "ask 'RENAME TABLE daily_rollup_mv TO daily_rollup_mv_'" second_view; do
		eval "$leave"
		ask "DELETE FROM schema_steps WHERE number > 40"
		for i in 1 2 3 4; do
			mm-schema 2>"$BATS_TEST_TMPDIR/$i" 3>&- &
			pids[i]=$!
		done
		for i in 1 2 3 4; do
			wait "${pids[i]}"
		done
		[ "$(views)" = "daily_rollup_mv sessions_mv" ]
		store 1
		[ "$(sums)" = "3	3	3" ]
	done
}

# ---- --dry-run ----

@test "--dry-run: all of it before the first run, nothing after it, and changes nothing" {
	run --separate-stderr mm-schema --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "$(mm-schema --print)" ]
	run admin "EXISTS DATABASE $MM_CLICKHOUSE_DATABASE"
	[ "$output" = 0 ]
	mm-schema
	run --separate-stderr mm-schema --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

@test "--dry-run prints what is missing, and that is what is run" {
	old_database
	ask "DROP TABLE sessions_v"
	mm-schema --dry-run >"$BATS_TEST_TMPDIR/plan"
	run grep -E '^(CREATE|ALTER|USE)' "$BATS_TEST_TMPDIR/plan"
	[ "$output" = "USE \`$MM_CLICKHOUSE_DATABASE\`;
CREATE TABLE IF NOT EXISTS schema_steps
ALTER TABLE sessions
CREATE VIEW IF NOT EXISTS sessions_v AS
ALTER TABLE events
ALTER TABLE daily_rollup_mv MODIFY QUERY
ALTER TABLE daily_rollup_mv MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
ALTER TABLE sessions_mv MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
ALTER TABLE events MODIFY SETTING remove_empty_parts = 0;
ALTER TABLE daily_rollup MODIFY SETTING remove_empty_parts = 0;
ALTER TABLE sessions MODIFY SETTING remove_empty_parts = 0;
CREATE OR REPLACE VIEW sessions_v AS
ALTER TABLE sessions_mv MODIFY QUERY" ]
	one_a_line <"$BATS_TEST_TMPDIR/plan" | while read -r statement; do
		ask "$statement"
	done
	run mm-schema --dry-run
	[ "$output" = "" ]
}

# ---- --retention ----

ttls() {
	ask "SELECT name, position(engine_full, ' TTL ') > 0 FROM system.tables
		WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name" | paste -sd ' '
}

@test "--retention deletes old events and sessions, keeps counts, and odd times do no harm" {
	mm-schema --retention 30
	now=$(date -u +%s)
	for age in 0 29 31 400; do
		row "$(date -u -d "@$((now - age * 86400))" '+%F %T.000')" a "e$age" null direct null null |
			insert "t$age"
	done
	row '1950-01-01 00:00:00.000' a e1950 null direct null null | insert t2
	row '2250-01-01 00:00:00.000' a e2250 null direct null null | insert t3
	ask "OPTIMIZE TABLE events FINAL"
	ask "OPTIMIZE TABLE sessions FINAL"
	run ask "SELECT event_id FROM events ORDER BY timestamp DESC"
	[ "$output" = "e2250
e0
e29" ]
	[ "$(ask "SELECT sum(events) FROM daily_rollup")" = 4 ]
	[ "$(ask "SELECT min(ended_at) > now() - INTERVAL 30 DAY, sum(events) FROM sessions")" = "1	3" ]
}

@test "--retention applies to what is there already, and is set once" {
	mm-schema
	row '2020-01-01 00:00:00.000' a e1 null direct null null | insert t1
	mm-schema --retention 365
	eventually nothing_left
	run --separate-stderr mm-schema --dry-run --retention 365
	[ "$output" = "" ]
	run mm-schema --check --retention 365
	[ "$status" -eq 0 ]
}

nothing_left() {
	[ "$(ask "SELECT count() FROM events")" = 0 ]
}

@test "without --retention a TTL stays as it is; 0 removes it" {
	mm-schema --retention 30
	mm-schema
	[ "$(ttls)" = "daily_rollup	0 events	1 forgotten	0 schema_steps	0 sessions	1" ]
	run --separate-stderr mm-schema --check
	[ "$status" -eq 0 ]
	run --separate-stderr mm-schema --check --retention 31
	[ "$status" -eq 1 ]
	[ "$stderr" = "mm-schema: events: rows are not kept for 31 days; 'mm-schema --retention 31' sees to it
mm-schema: sessions: rows are not kept for 31 days; 'mm-schema --retention 31' sees to it" ]
	mm-schema --retention 31
	run mm-schema --check --retention 31
	[ "$status" -eq 0 ]
	for _ in once again; do
		run --separate-stderr mm-schema --retention 0
		[ "$status" -eq 0 ]
		[ "$(ttls)" = "daily_rollup	0 events	0 forgotten	0 schema_steps	0 sessions	0" ]
	done
	run mm-schema --check --retention 0
	[ "$status" -eq 0 ]
}

@test "--retention takes days up to 10000 only" {
	for days in -1 10001 1d '' 99999999999999999999; do
		run --separate-stderr mm-schema --print --retention "$days"
		[ "$status" -eq 2 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	run mm-schema --print --retention 10000
	[ "$status" -eq 0 ]
}

# ---- sql/cluster ----

@test "--print --cluster: the engine can read every statement of it" {
	mm-schema --print --cluster web-1 --retention 30 >"$BATS_TEST_TMPDIR/all"
	count=0
	while read -r statement; do
		run admin "EXPLAIN AST $statement"
		[ "$status" -eq 0 ]
		count=$((count + 1))
	done < <(one_a_line <"$BATS_TEST_TMPDIR/all" | grep -v '^INSERT')
	[ "$count" -eq "$(grep -cE '^(CREATE|ALTER|RENAME)' "$BATS_TEST_TMPDIR/all")" ]
	# none of them is left to one server
	[ "$(one_a_line <"$BATS_TEST_TMPDIR/all" | grep -c " ON CLUSTER 'web-1'")" -eq "$count" ]
}

@test "all objects of sql/ are in sql/cluster, with the same columns, keys and SELECTs" {
	MM_CLICKHOUSE_DATABASE=one mm-schema
	mm-schema --print --cluster c | sed -E "s/ ON CLUSTER 'c'//; s/Replicated(\\w*MergeTree)\\([^)]*\\)/\\1/
		s/SETTINGS replicated.*;/;/; s/\`t$BATS_TEST_NUMBER\`/two/g; s/Distributed.*/Memory;/" |
		one_a_line | while read -r statement; do
		case $statement in
		'CREATE DATABASE'*) admin "$statement" ;;
		*) MM_CLICKHOUSE_DATABASE=two sql "$statement" ;;
		esac
	done
	export MM_CLICKHOUSE_DATABASE=system
	run sql "SELECT count() FROM system.tables WHERE database = 'one'
		AND name NOT IN (SELECT name FROM system.tables WHERE database = 'two')"
	[ "$output" = 0 ]
	# the columns of each object that is read, and of the tables behind them
	for tail in '' _local; do
		run sql "SELECT count() FROM system.columns AS a
			FULL JOIN (SELECT * FROM system.columns WHERE database = 'two') AS b
			ON b.table = if(a.table LIKE '%\\_v' OR a.table LIKE '%\\_mv' OR a.table IN ('schema_steps', 'forgotten'), a.table, a.table || '$tail')
			AND a.name = b.name AND a.type = b.type AND a.position = b.position
			AND a.comment = b.comment AND a.default_expression = b.default_expression
			AND if('$tail' = '', '', a.compression_codec) = if('$tail' = '', '', b.compression_codec)
			WHERE a.database = 'one' AND b.name = ''"
		[ "$output" = 0 ]
	done
	run sql "SELECT name, sorting_key, partition_key FROM system.tables WHERE database = 'one'
		AND engine LIKE '%MergeTree' AND (name, sorting_key, partition_key, engine) NOT IN
		(SELECT replaceOne(name, '_local', ''), sorting_key, partition_key, engine
		FROM system.tables WHERE database = 'two')"
	[ "$output" = "" ]
	run sql "SELECT name FROM system.tables WHERE database = 'one' AND as_select != ''
		AND (name, replaceAll(as_select, 'one.', '')) NOT IN
		(SELECT name, replaceRegexpAll(as_select, 'two\\.|_local', '') FROM system.tables
		WHERE database = 'two')"
	[ "$output" = "" ]
	run sql "SELECT name, type_full FROM system.data_skipping_indices WHERE database = 'one'
		AND (name, expr, type_full, granularity) NOT IN (SELECT name, expr, type_full, granularity
		FROM system.data_skipping_indices WHERE database = 'two' AND table = 'events_local')"
	[ "$output" = "" ]
}

@test "a cluster's name has to be one, and the server has to know it" {
	for cluster in "a'b" 'a b' '' "{cluster}" "$(times 65 a)"; do
		run --separate-stderr mm-schema --print --cluster "$cluster"
		[ "$status" -eq 2 ]
		[[ $stderr == "mm-schema: the name of the cluster must consist of "* ]]
	done
	run --separate-stderr mm-schema --cluster nowhere
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: the server knows no cluster named nowhere; its system.clusters lists those it knows" ]
}

@test "--check, --dry-run, --grants and --print exclude each other" {
	for pair in check=print check=dry-run print=dry-run; do
		run --separate-stderr mm-schema "--${pair%=*}" "--${pair#*=}"
		[ "$status" -eq 2 ]
		[ "$stderr" = "mm-schema: --check, --dry-run, --grants and --print exclude each other; try 'mm-schema --help'" ]
	done
}

# ---- views of others ----

# own_view NAME TARGET: a view of the user's own that counts names.
own_view() {
	ask "CREATE MATERIALIZED VIEW $1 $2 AS SELECT event_name, count() AS n FROM events GROUP BY event_name"
}

@test "--check names a view whose table would count a batch again, and the ALTER that helps" {
	mm-schema
	local own=${MM_CLICKHOUSE_DATABASE}own
	ask "CREATE DATABASE $own"
	ask "CREATE TABLE $own.\`odd name\` (event_name String, n UInt64) ENGINE = SummingMergeTree ORDER BY event_name"
	ask "CREATE TABLE replaces (event_name String, n UInt64) ENGINE = ReplacingMergeTree ORDER BY event_name"
	ask "CREATE TABLE safe (event_name String, n UInt64) ENGINE = SummingMergeTree ORDER BY event_name
		SETTINGS non_replicated_deduplication_window = 5"
	own_view "$own.counts" "TO $own.\`odd name\`"
	own_view replacing "TO replaces"
	own_view saving "TO safe"
	own_view inner_one "ENGINE = SummingMergeTree ORDER BY event_name"
	run -1 --separate-stderr mm-schema --check
	echo "$stderr"
	[ "$(wc -l <<<"$stderr")" = 2 ]
	[[ $stderr == *"mm-schema: $own.counts: a batch that is sent again is counted again in its table $own.odd name, "* ]]
	[[ $stderr == *"mm-schema: $MM_CLICKHOUSE_DATABASE.inner_one: "* ]]
	while IFS= read -r alter; do
		ask "${alter#*this gives it one: }"
	done <<<"$stderr"
	mm-schema --check
	for _ in first again; do
		row '2026-07-01 10:00:00.000' a e1 null direct null null | insert t1
	done
	[ "$(ask "SELECT sum(n) FROM $own.\`odd name\`")" = 1 ]
	[ "$(ask "SELECT sum(n) FROM inner_one")" = 1 ]
	ask "DROP DATABASE $own SYNC"
}
