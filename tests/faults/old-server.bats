#!/usr/bin/env bats
# A ClickHouse that is too old to know tokens (Debian's, of 2018): nothing is
# sent to it that it would store twice, and nothing is lost.

bats_require_minimum_version 1.5.0
load ../commands/helper

free_port() {
	node -e 'const s = require("net").createServer();
		s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

setup_file() {
	local base=$BATS_FILE_TMPDIR
	[ -w /dev/shm ] && base=/dev/shm
	OLD=$(mktemp -d "$base/mm-old.XXXXXX")
	export OLD
	port=$(free_port)
	cat > "$OLD/config.xml" <<-END
		<yandex><http_port>$port</http_port><listen_host>127.0.0.1</listen_host>
		<path>$OLD/data/</path><tmp_path>$OLD/tmp/</tmp_path>
		<users_config>$OLD/config.xml</users_config>
		<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
		<profile>default</profile><quota>default</quota></default></users>
		<profiles><default/></profiles><quotas><default/></quotas>
		<default_profile>default</default_profile><default_database>default</default_database>
		<mark_cache_size>10000000</mark_cache_size>
		<logger><level>warning</level><console>1</console></logger></yandex>
	END
	PATH=$PATH:/usr/sbin clickhouse-server --config-file="$OLD/config.xml" > "$OLD/log" 2>&1 3>&- &
	OLD_PID=$!
	export OLD_PID OLD_URL=http://127.0.0.1:$port/
	eventually curl -sSf "$OLD_URL"
	ask 'CREATE DATABASE millimetric'
	ask 'CREATE TABLE millimetric.events (event_name String, event_id String, day Date)
		ENGINE = MergeTree ORDER BY event_id PARTITION BY day'
}

teardown_file() {
	kill "$OLD_PID"
	wait "$OLD_PID" || true # its status is that of the signal
	rm -rf "$OLD"
}

setup() {
	export MM_CLICKHOUSE_URL=$OLD_URL
}

ask() {
	curl -sS --fail-with-body --data-binary "$1" "$OLD_URL"
}

too_old() {
	echo "status $status: $stderr"
	[ "$status" -eq 2 ]
	[[ $stderr == *"ClickHouse code 115: Unknown setting "*"; this ClickHouse is too old"* ]]
}

@test "a server that knows no tokens gets no rows: told, kept, status 2" {
	cd "$BATS_TEST_TMPDIR"
	printf '{"project_id":"00000000-0000-0000-0000-000000000000","timestamp":"2026-01-01 00:00:00.000","event_name":"a","event_id":"%s","anonymous_id":"a","day":"2026-01-01"}\n' 1 2 3 > in
	run --separate-stderr mm-insert --spool spool in
	too_old
	cmp spool/millimetric.events/*.ndjson in
	[ "$(ask 'SELECT count() FROM millimetric.events')" -eq 0 ]
}

@test "it is too old for mm-schema and mm-sources, and they say so" {
	run --separate-stderr mm-schema
	too_old
	run --separate-stderr mm-sources --from 2026-01-01 --to 2026-02-01
	too_old
}
