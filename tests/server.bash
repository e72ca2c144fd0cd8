# Servers for tests: the embedded ClickHouse, and one that misbehaves before it.
# Data live in memory, in a directory of their own.

# Waits until the file is there; at most 30 s.
await_file() {
	local i
	for ((i = 0; i < 300; i++)); do
		[ -s "$1" ] && return
		sleep 0.1
	done
	echo "$1 has not appeared" >&2
	return 1
}

# Starts an engine for the file of tests; sets ENGINE_URL.
engine_start() {
	local base=$BATS_FILE_TMPDIR
	[ -w /dev/shm ] && base=/dev/shm
	ENGINE_DIR=$(mktemp -d "$base/mm-engine.XXXXXX")
	export ENGINE_DIR
	mm-clickhouse -d "$ENGINE_DIR/data" > "$ENGINE_DIR/url" 2> "$ENGINE_DIR/log" 3>&- &
	ENGINE_PID=$!
	export ENGINE_PID
	await_file "$ENGINE_DIR/url" || { cat "$ENGINE_DIR/log" >&2; return 1; }
	ENGINE_URL=$(cat "$ENGINE_DIR/url")
	export ENGINE_URL
}

engine_stop() {
	kill "$ENGINE_PID"
	wait "$ENGINE_PID" || true # its status is that of the signal
	rm -rf "$ENGINE_DIR"
}

# Runs a statement on the engine itself, in the test's database.
sql() {
	curl -sS --fail-with-body --data-binary "$1" \
		"$ENGINE_URL?database=${MM_CLICKHOUSE_DATABASE:-default}"
}

# fake_start FAULT...: points MM_CLICKHOUSE_URL at a server that misbehaves.
fake_start() {
	FAKE=$BATS_TEST_TMPDIR/fake
	mkdir "$FAKE"
	node "$BATS_TEST_DIRNAME/fake-server.mjs" "$FAKE" "${ENGINE_URL:-http://127.0.0.1:1/}" "$@" \
		3>&- &
	FAKE_PID=$!
	await_file "$FAKE/url"
	MM_CLICKHOUSE_URL=$(cat "$FAKE/url")
	export MM_CLICKHOUSE_URL
}

fake_stop() {
	[ -n "${FAKE_PID:-}" ] || return 0
	kill "$FAKE_PID"
	wait "$FAKE_PID" || true # its status is that of the signal
	unset FAKE_PID
}
