# shellcheck shell=bash disable=SC2154 # output, status and stderr are set by run
# What the tests of mm-insert share: an engine for the file, a database and a
# spool for each test, rows, and what has become of them.

setup_file() {
	engine_start
}

teardown_file() {
	engine_stop
}

setup() {
	insert_setup
}

teardown() {
	fake_stop
	drop_database
}

# The spool is that of the engine, also for a proxy before it and where it is away.
insert_setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=t$BATS_TEST_NUMBER
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	export MM_SPOOL=$BATS_TEST_TMPDIR/spool
	SPOOL=$MM_SPOOL
	schema_copy "$MM_CLICKHOUSE_DATABASE"
}

# away COMMAND...: while no ClickHouse is where it should be.
away() {
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ "$@"
}
export -f away

# rows N [FIRST]: N rows as mm-enrich writes them, numbered from FIRST (1).
rows() {
	awk -v n="$1" -v first="${2:-1}" 'BEGIN {
		for (i = first; i < first + n; i++)
			printf "{\"project_id\":\"00000000-0000-0000-0000-000000000000\"," \
			    "\"timestamp\":\"2026-01-%02d 10:00:00.%03d\",\"event_name\":\"$pageview\"," \
			    "\"event_id\":\"e%d\",\"anonymous_id\":\"a%d\",\"session_id\":\"s%d\"," \
			    "\"source\":\"google\",\"medium\":\"organic\",\"campaign\":null," \
			    "\"properties\":\"{\\\"n\\\":%d}\"}\n", 1 + i % 28, i % 1000, i, i % 50, i % 50, i
	}'
}

# What the tables hold: rows, different rows, rows by both aggregates.
state() {
	sql 'SELECT (SELECT count() FROM events), (SELECT uniqExact(event_id) FROM events),
		(SELECT sum(events) FROM daily_rollup), (SELECT sum(events) FROM sessions_v) FORMAT TSV'
}

# holds N: the tables hold N rows, each once, and the aggregates agree.
holds() {
	run -0 state
	[ "$output" = "$1	$1	$1	$1" ] || { echo "expected $1, the tables hold $output"; return 1; }
}

spooled() {
	cat "$SPOOL"/*/*.ndjson
}

insert() {
	run --separate-stderr mm-insert "$@"
	echo "status $status: $stderr"
}
