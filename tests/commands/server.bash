# Servers for tests: the embedded ClickHouse, and one that misbehaves before it.
# Data live in memory, in a directory of their own.

# Waits until the file is there; at most 30 s.
await_file() {
	local i
	for ((i = 0; i < 1500; i++)); do
		[ -s "$1" ] && return
		sleep 0.02
	done
	echo "$1 has not appeared" >&2
	return 1
}

# Runs the engine over ENGINE_DIR; on ENGINE_PORT, if that is set.  Its password
# is the same each time, so that who is at work survives an engine_restart.
engine_run() {
	rm -f "$ENGINE_DIR/url"
	[ -s "$ENGINE_DIR/password" ] || (umask 077 && random_word > "$ENGINE_DIR/password")
	mm-clickhouse -d "$ENGINE_DIR/data" ${ENGINE_PORT:+--port "$ENGINE_PORT"} \
		--password-file "$ENGINE_DIR/password" \
		> "$ENGINE_DIR/url" 2> "$ENGINE_DIR/log" 3>&- &
	ENGINE_PID=$!
	export ENGINE_PID
	await_file "$ENGINE_DIR/url" || { cat "$ENGINE_DIR/log" >&2; return 1; }
	ENGINE_URL=$(cat "$ENGINE_DIR/url")
	export ENGINE_URL
	engine_login
}

# Lets the commands know the engine's user and password.
engine_login() {
	MM_CLICKHOUSE_USER=millimetric
	MM_CLICKHOUSE_PASSWORD=$(cat "$ENGINE_DIR/password")
	MM_CLICKHOUSE_NETRC=$ENGINE_DIR/data/mm-clickhouse.netrc
	export MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD MM_CLICKHOUSE_NETRC
}

random_word() {
	head -c 16 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# Starts an engine for the file of tests; sets ENGINE_URL, MM_CLICKHOUSE_USER and
# MM_CLICKHOUSE_PASSWORD.
engine_start() {
	local base=${BATS_FILE_TMPDIR:-/tmp}
	[ -w /dev/shm ] && base=/dev/shm
	ENGINE_DIR=$(mktemp -d "$base/mm-engine.XXXXXX")
	export ENGINE_DIR
	engine_run
}

engine_stop() {
	kill "$ENGINE_PID"
	wait "$ENGINE_PID" || true # its status is that of the signal
	rm -rf "$ENGINE_DIR"
}

# Ends the engine as a crash would, without a moment's notice.
engine_crash() {
	kill -9 "$ENGINE_PID" # the engine dies with it
	wait "$ENGINE_PID" 2>/dev/null || true
}

# Runs the engine again, at the same address.
engine_restart() {
	ENGINE_PORT=${ENGINE_URL##*:}
	ENGINE_PORT=${ENGINE_PORT%/}
	engine_run
}

# ch ARGUMENT...: curl with the user and the password, which no argument shows.
ch() {
	curl -sS --fail-with-body --netrc-file "${MM_CLICKHOUSE_NETRC:-/dev/null}" "$@"
}

# Runs a statement on the engine itself, in the test's database.
sql() {
	ch --data-binary "$1" \
		"$ENGINE_URL?database=${MM_CLICKHOUSE_DATABASE:-default}"
}

# explained: runs what --explain prints, statement by statement as a client does, in a
# session of the test's own.
explained() {
	local at line statement=
	at="$ENGINE_URL?database=millimetric&session_id=$(random_word)"
	while IFS= read -r line; do
		statement+=$line$'\n'
		[[ $line == *\; ]] || continue
		statement=${statement%$';\n'}
		[[ $line == SET\ * ]] || statement+=$'\nFORMAT JSONEachRow'
		ch --data-binary @- "$at" <<< "$statement" || return
		statement=
	done
}

# schema_copy DATABASE: makes the tables that mm-schema makes, in a sixth of its time: it runs once
# an engine, and what it has made is made again by one client.
schema_copy() {
	local requests=$ENGINE_DIR/schema-${ENGINE_URL//[!0-9]/}
	[ -s "$requests" ] || schema_keep > "$requests" || return
	sed "s/@DATABASE@/$1/g" "$requests" | curl -K -
}

# schema_keep: prints the requests that make them, for curl.
schema_keep() {
	MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=schema_kept mm-schema || return
	{
		echo 'CREATE DATABASE IF NOT EXISTS @DATABASE@'
		MM_CLICKHOUSE_DATABASE=schema_kept sql "SELECT replaceAll(create_table_query, 'schema_kept.', '')
			FROM system.tables WHERE database = currentDatabase()
			ORDER BY endsWith(engine, 'View'), engine = 'MaterializedView' FORMAT TSVRaw"
		echo 'INSERT INTO schema_steps SELECT * FROM schema_kept.schema_steps'
	} | sed 's/["\\]/\\&/g' | awk -v url="$ENGINE_URL" -v netrc="$MM_CLICKHOUSE_NETRC" '
		NR > 1 { print "next" }
		{
			print "url = \"" url "?database=" (NR > 1 ? "@DATABASE@" : "system") "\""
			print "netrc-file = \"" netrc "\"\nsilent\nshow-error\nfail-with-body\ndata-binary = \"" $0 "\""
		}'
}

# Drops the database that setup named after the test: the engine looks after the
# tables of all that are there.
drop_database() {
	MM_CLICKHOUSE_DATABASE=system sql "DROP DATABASE IF EXISTS t$BATS_TEST_NUMBER SYNC" || true
}

# put [FILE]: stores rows as they are, also such as mm-insert refuses, in the test's
# database.
put() {
	{ echo "INSERT INTO events FORMAT JSONEachRow"; cat "$@"; } |
		MM_CLICKHOUSE_DATABASE=${MM_CLICKHOUSE_DATABASE:-millimetric} sql @-
}

# What the tables hold, in a form that two databases can be compared by: for
# the events, the daily rollup and the sessions, merged, the number of events,
# the number of different ones, and checksums over every column and whole rows.
fingerprint() {
	sql "SELECT 'events', count(), uniqExact(event_id), sum(sipHash64(toString(tuple(*)))),
			* APPLY(x -> sum(sipHash64(toString(x)))) FROM events FORMAT TSV"
	sql "SELECT 'daily_rollup', sum(n), count(), sum(sipHash64(toString(tuple(*)))),
			* APPLY(x -> sum(sipHash64(toString(x))))
		FROM (SELECT project_id, day, event_name, source, medium, country, device_type,
				sum(events) AS n, uniqMerge(uniques) AS u
			FROM daily_rollup GROUP BY ALL) FORMAT TSV"
	sql "SELECT 'sessions', sum(events), count(), sum(sipHash64(toString(tuple(*)))),
			* APPLY(x -> sum(sipHash64(toString(x)))) FROM sessions_v FORMAT TSV"
}

# fake_start FAULT...: points MM_CLICKHOUSE_URL at a proxy that misbehaves.
fake_start() {
	FAKE=${BATS_TEST_TMPDIR:-$ENGINE_DIR}/fake
	mkdir "$FAKE"
	node "${BASH_SOURCE[0]%/*}/../faults/fault-proxy.mjs" "$FAKE" "${ENGINE_URL:-http://127.0.0.1:1/}" "$@" \
		3>&- &
	FAKE_PID=$!
	await_file "$FAKE/url"
	MM_CLICKHOUSE_URL=$(cat "$FAKE/url")
	export MM_CLICKHOUSE_URL
}

# fake_faults FAULT...: from now on it misbehaves so.
fake_faults() {
	curl -sS --fail --data "$*" "$(cat "$FAKE/control")"
}

# Waits until nothing that the proxy handed on is unanswered.
fake_idle() {
	curl -sS --fail "$(cat "$FAKE/control")"
}

fake_stop() {
	[ -n "${FAKE_PID:-}" ] || return 0
	kill "$FAKE_PID"
	wait "$FAKE_PID" || true # its status is that of the signal
	unset FAKE_PID
}

# bats reads this file again for each test, and helper.bash drops what the caller had set.
[ ! -s "${ENGINE_DIR:-/nowhere}/password" ] || engine_login
