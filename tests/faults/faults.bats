#!/usr/bin/env bats
# What networks, servers, disks and clocks do on bad days: whatever it is, the
# message tells, the status is right, and in the end every row is there, once.

bats_require_minimum_version 1.5.0
load ../commands/helper
load ../commands/server

setup_file() {
	salt
	engine_start
	cd "$BATS_FILE_TMPDIR" || return
	gen_events -n 3000 --days 70 | mm-enrich -q --deterministic --rejects rejects > in || [ $? -eq 1 ]
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=undisturbed
	mm-schema
	mm-insert in
	fingerprint > expected
	[ "$(cut -f2 expected | uniq)" -eq "$(wc -l < in)" ]
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cp "$BATS_FILE_TMPDIR"/{in,expected} .
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=t$BATS_TEST_NUMBER
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	export MM_SPOOL=$BATS_TEST_TMPDIR/spool
	SPOOL=$MM_SPOOL
	schema_copy "$MM_CLICKHOUSE_DATABASE"
}

teardown() {
	fake_stop
	if [ -n "${own_engine:-}" ]; then engine_stop; else drop_database; fi
}

# shellcheck disable=SC2154 # bats sets status and stderr
# insert [OPTION]...: some of the rows in each of six batches.
insert() {
	run --separate-stderr mm-insert --max-rows 500 "$@" in
	echo "status $status: $stderr"
}

# Every row is there, once, in every column and in the aggregates.
whole() {
	[ -z "${FAKE_PID:-}" ] || fake_idle
	fingerprint > found
	diff expected found
}

# The rows in the spool.
spooled() {
	find "$SPOOL" -name '*.ndjson' -exec cat {} +
}

# Each row is stored or kept, and what is kept are rows of the input.
kept() {
	local stored
	[ -z "$(comm -23 <(spooled | sort) <(sort in))" ]
	stored=$(sql "SELECT ifNull(sum(total_rows), 0) FROM system.tables
		WHERE database = currentDatabase() AND name = 'events'")
	[ $(($(spooled | wc -l) + stored)) -ge "$(wc -l < in)" ]
}

# Does what the message says, then runs the same command again: neither does harm.
send_all() {
	local command
	command=$(sed -n 's/.*this sends them: //p' <<< "$stderr")
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	sh -c "$command"
	whole
	mm-insert --max-rows 500 in
	whole
}

# passes MESSAGE FAULT...: through faults that pass it goes on by itself.
passes() {
	local message=$1
	shift
	fake_start "$@"
	insert --timeout 700ms --retry-for 30s
	[ "$status" -eq 0 ]
	[[ $stderr == *"$message"*"; trying again for up to 30 s"* ]]
	whole
}

# stays MESSAGE FAULT...: faults that stay end it with 75, and all is kept.
stays() {
	local message=$1
	shift
	fake_start "$@"
	insert --timeout 500ms --retry-for 1s
	[ "$status" -eq 75 ]
	[[ $stderr == *"$message"*"rows are not stored but kept; this sends them: mm-insert "* ]]
	fake_idle
	kept
	send_all
}

# broken NAME ADVICE: what has to be put right is told at once, and all is kept.
broken() {
	insert
	[ "$status" -eq 2 ]
	[[ $stderr == *"$1"*"; $2"* ]]
	[[ $stderr != *"trying again"* ]]
	kept
}

# ---- connections

@test "connections refused, then taken: stored once" {
	fake_start pass refuse
	mm-insert --max-rows 500 --retry-for 30s in 2> err 3>&- &
	eventually grep -q 'trying again' err
	fake_faults pass
	wait $!
	whole
}

@test "connections refused for good: kept, 75" {
	stays "is ClickHouse running there?" refuse
}

@test "a connection that is closed without an answer: stored once" {
	passes "Empty reply" cut*3 pass cut*2 pass
}

@test "a connection that is always closed: kept, 75" {
	stays "Empty reply" pass cut
}

@test "a server that never answers: stored once when it does" {
	passes "timed out" pass hang pass
}

@test "a server that never answers again: kept, 75" {
	stays "timed out" pass pass hang
}

@test "a server that does not read: stored once when it does" {
	passes "timed out" deaf pass
}

# ---- requests and answers that are cut

@test "the request is cut before its body" {
	passes "Empty reply" cut-body:0*3 pass cut-body:0*2 pass
}

@test "the request is cut in its body" {
	passes "Empty reply" cut-body:100000*3 pass cut-body:3000*2 pass
}

@test "the request is cut behind its body" {
	passes "Empty reply" cut-body:99999999*3 pass cut-body:99999999*2 pass
}

# Where nothing at all was answered on a connection that was used before, libcurl
# sends the request again on a new one, by itself: hence more than one in a row.
@test "stored, and the answer is lost" {
	passes "Empty reply" lost*3 pass lost*2 pass
}

@test "stored, and the answer is cut in its first line" {
	passes "127.0.0.1" cut-answer:10*3 pass cut-answer:10*2 pass
}

@test "stored, and the answer is cut in its headers" {
	passes "broke off its answer" cut-answer:300 pass cut-answer:300*2 pass
}

# ---- statuses of proxies and servers

@test "502, 504: tried again, stored once" {
	passes "not available now (HTTP 502)" 502 504 pass 502 pass
}

@test "429, 503: stored once" {
	passes "not available now (HTTP 429)" 429 pass 503 pass
}

@test "503 with Retry-After: not asked sooner" {
	fake_start 503
	insert --retry-for 900ms
	[ "$status" -eq 75 ]
	[ "$(wc -l < "$FAKE/log")" -eq 1 ]
	kept
	send_all
}

@test "500 that passes: stored once" {
	passes "HTTP 500 and no ClickHouse code" 500 pass
}

@test "500 that stays: kept, 75" {
	stays "HTTP 500 and no ClickHouse code" pass 500
}

@test "what is no HTTP: stored once when it is" {
	passes "no answer" garbage pass garbage pass
}

@test "what is never HTTP: kept, 75" {
	stays "no answer" pass garbage
}

@test "another server's answer is none: kept, 75" {
	stays "not as ClickHouse does" pass html
}

# ---- late and double

@test "stored, and the answer comes after the time-out" {
	passes "timed out" late:1000 pass late:1000 pass
}

@test "the request arrives after the time-out, when it was sent again" {
	passes "timed out" held:1000 pass held:1000 pass
}

@test "each request arrives twice at the same time" {
	fake_start twice
	insert
	[ "$status" -eq 0 ]
	whole
}

@test "two run the same command at the same time" {
	mm-insert --max-rows 500 in 3>&- &
	insert
	[ "$status" -eq 0 ]
	wait $!
	whole
}

# ---- tables and users

@test "a user that may only read" {
	fake_start pass pass with:readonly=1
	broken READONLY "the user may only read"
	send_all
}

@test "a table that was made read-only" {
	sql "ALTER TABLE events MODIFY SETTING table_readonly = 1"
	broken TABLE_IS_PERMANENTLY_READ_ONLY "the table was made read-only"
	sql "ALTER TABLE events MODIFY SETTING table_readonly = 0"
	send_all
}

@test "a password that is wrong" {
	export MM_CLICKHOUSE_USER=default MM_CLICKHOUSE_PASSWORD=hunter2
	broken AUTHENTICATION_FAILED "check MM_CLICKHOUSE_USER and MM_CLICKHOUSE_PASSWORD or --password-file"
	[[ $stderr != *hunter2* ]]
	engine_login
	send_all
}

@test "a table that was dropped" {
	sql "DROP TABLE events"
	broken UNKNOWN_TABLE "make the tables with 'mm-schema'"
	mm-schema
	send_all
}

@test "a table of a view that was dropped: nothing is stored in part" {
	sql "DROP TABLE daily_rollup"
	broken UNKNOWN_TABLE "make the tables with 'mm-schema'"
	[ "$(sql 'SELECT count() FROM events')" -eq 0 ]
	mm-schema
	send_all
}

@test "a view that fails on a row: its batch is kept whole, and nothing is stored twice" {
	sql "CREATE TABLE mine (n UInt64) ENGINE = MergeTree ORDER BY n"
	local id
	id=$(sed -n 1700p in | jq -r .event_id)
	sql "CREATE MATERIALIZED VIEW mine_mv TO mine AS
		SELECT if(event_id = '$id', toUInt64(event_name), 1) AS n FROM events"
	insert --rejects rejects
	[ "$status" -eq 75 ]
	[[ $stderr == *"CANNOT_PARSE_TEXT in the view $MM_CLICKHOUSE_DATABASE.mine_mv"* ]]
	[ ! -s rejects ]
	[ "$(spooled | wc -l)" -eq 500 ]
	[ "$(sql 'SELECT count() = uniqExact(event_id) FROM events')" = 1 ]
	sql "DROP TABLE mine_mv SYNC"
	send_all
}

@test "a column that was dropped: all batches are kept as they are" {
	sql "ALTER TABLE events DROP COLUMN browser"
	insert --rejects rejects
	[ "$status" -eq 2 ]
	[[ $stderr == *"the table does not take these rows"*"see 'mm-schema --check'"* ]]
	[ ! -s rejects ]
	cmp <(spooled | sort) <(sort in)
	sql "ALTER TABLE events ADD COLUMN browser LowCardinality(String) AFTER device_type"
	mm-insert --max-rows 500 in
	whole
}

@test "a column whose type was changed: only rows that do not fit are refused" {
	sql "ALTER TABLE events DROP COLUMN browser"
	sql "ALTER TABLE events ADD COLUMN browser Enum8('' = 0, 'chrome' = 1) AFTER device_type"
	insert --rejects rejects
	[ "$status" -eq 1 ]
	[ "$(sql 'SELECT count() FROM events')" -eq "$(grep -cE '"browser":"(chrome)?"' in)" ]
	cmp <(jq -r .input rejects | sort) <(grep -vE '"browser":"(chrome)?"' in | sort)
	sql "ALTER TABLE events MODIFY COLUMN browser LowCardinality(String)"
	jq -r .input rejects | mm-insert
	whole
}

# ---- the server's end

# feed ROWS: begins to insert through a pipe, some rows, and waits until a batch is stored.
feed() {
	mkfifo pipe
	mm-insert --max-rows 500 --retry-for 60s < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
	head -n "$1" in >&9
	eventually stored 500
}

stored() {
	[ "$(sql 'SELECT count() FROM events')" -ge "$1" ]
}

start_own_engine() {
	engine_start
	own_engine=yes
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
}

@test "the server is restarted in the middle" {
	start_own_engine
	feed 600
	kill "$ENGINE_PID"
	wait "$ENGINE_PID" || true # its status is that of the signal
	tail -n +601 in >&9 3>&- &
	eventually grep -q 'trying again' err
	engine_restart 9>&-
	exec 9>&-
	wait $pid
	whole
}

@test "the server crashes in the middle and starts again" {
	start_own_engine
	feed 600
	engine_crash
	tail -n +601 in >&9 3>&- &
	eventually grep -q 'trying again' err
	engine_restart 9>&-
	exec 9>&-
	wait $pid
	whole
}

@test "the server crashes between noting a token and storing the rows" {
	start_own_engine
	insert
	for table in events daily_rollup sessions; do
		part=$(sql "SELECT path FROM system.parts WHERE active AND database = currentDatabase()
			AND table = '$table' ORDER BY min_block_number DESC LIMIT 1")
		engine_crash
		rm -r "${part:?}"
		engine_restart
		fingerprint > found
		run ! cmp -s expected found
		insert
		[ "$status" -eq 0 ]
		whole
	done
}

@test "a crash makes nothing of merged and dropped parts" {
	start_own_engine
	insert
	for table in events daily_rollup sessions; do
		sql "OPTIMIZE TABLE $table FINAL"
	done
	sql "ALTER TABLE events DROP PARTITION 202605"
	sql "SELECT path FROM system.parts WHERE NOT active AND database = currentDatabase()" > old
	[ "$(wc -l < old)" -ge 9 ]
	engine_crash
	xargs rm -rf < old
	engine_restart 9>&-
	insert
	[ "$status" -eq 0 ]
	whole
}

# ---- this machine

@test "a disk without room for the spool: status 74, and the same command repairs it" {
	fake_start pass cut
	# shellcheck disable=SC2016 # "$@" is that shell's
	run --separate-stderr bash -c 'ulimit -f 4; exec "$@"' - \
		mm-insert --max-rows 500 --retry-for 1ms in
	echo "status $status: $stderr"
	[ "$status" -eq 74 ]
	[[ $stderr == *"rows that were read are neither stored nor kept: give this input again: File too large"* ]]
	[ -z "$(find "$SPOOL" -name '*.ndjson*')" ]
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-insert --max-rows 500 in
	whole
}

# on_nfs FAULT COMMAND...: with the file system that tests/faults/nfs.c tells.
on_nfs() {
	LD_PRELOAD=$BUILD/tests/nfs.so FAULT=$1 "${@:2}"
}

@test "a spool on NFS, where only what may be written to can be locked: delivered" {
	fake_start cut
	on_nfs lock insert --retry-for 1ms
	[ "$status" -eq 75 ]
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	run -0 on_nfs lock mm-insert --drain "$SPOOL"
	[ -z "$(spooled)" ]
	whole
}

@test "a spool that can't be locked: told, status 2, and nothing is lost" {
	fake_start cut
	insert --retry-for 1ms
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	run --separate-stderr on_nfs none mm-insert --drain "$SPOOL"
	[ "$status" -eq 2 ]
	[[ $stderr == *"what waits here can't be handled: No locks available"* ]]
	run -0 mm-insert --drain "$SPOOL"
	whole
}

@test "a folder of the spool that can't be synced: its rows are kept, counted, and not called lost" {
	fake_start cut
	on_nfs sync insert --retry-for 1ms --summary json
	[ "$status" -eq 2 ]
	[[ $stderr == *"Input/output error"*"$(wc -l < in) rows are not stored but kept"* ]]
	[[ $stderr != *"neither stored nor kept"* ]]
	[ "$(tail -n 1 <<< "$stderr" | jq .kept)" -eq "$(wc -l < in)" ]
	kept
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	run -0 mm-insert --drain "$SPOOL"
	whole
}

@test "a server that is silent ends a request by what --retry-for says, unless --timeout does" {
	fake_start hang
	insert --retry-for 2s
	[ "$status" -eq 75 ]
	[[ $stderr == *"Operation too slow"* ]]
	kept
	send_all
}

@test "a clock that jumps by years: tried again all the same, stored once" {
	fake_start 502 502 pass 503 pass
	LD_PRELOAD=$BUILD/tests/clock-jumps.so insert --retry-for 30s
	[ "$status" -eq 0 ]
	[ "$(wc -l < "$FAKE/log")" -ge 9 ]
	whole
}
