#!/usr/bin/env bats
# The tables of sql/cluster on two shards: two engines that know each other.  A
# Keeper is not there, so the tables are not Replicated ones, and a proxy
# carries the statements to both (cluster-ddl.mjs).

bats_require_minimum_version 1.5.0
load ../commands/helper
load ../commands/server

# config NUMBER: of one of the two servers, over its own directory.
config() {
	local dir=$CLUSTER_DIR/$1 i
	mkdir -p "$dir"
	cat <<-E
		<clickhouse>
		<listen_host>127.0.0.1</listen_host>
		<http_port>${http[$1]}</http_port><tcp_port>${tcp[$1]}</tcp_port>
		<timezone>UTC</timezone><mlock_executable>false</mlock_executable>
		<path>$dir/</path><tmp_path>$dir/tmp/</tmp_path>
		<user_files_path>$dir/user_files/</user_files_path>
		<macros><shard>$1</shard><replica>1</replica></macros>
		<user_directories><users_xml><path>$CLUSTER_DIR/$1.xml</path></users_xml></user_directories>
		<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
		<profile>default</profile><quota>default</quota></default></users>
		<profiles><default/></profiles><quotas><default/></quotas>
		<remote_servers><two>
	E
	for i in 1 2; do
		echo "<shard><internal_replication>true</internal_replication>" \
			"<replica><host>127.0.0.1</host><port>${tcp[i]}</port></replica></shard>"
	done
	echo "</two></remote_servers></clickhouse>"
}

# start NUMBER: runs a server until it is killed; its input, where it writes to
# itself, never ends.
start() {
	local library program dir=$CLUSTER_DIR/$1
	library=$("$repo/cmd/setup/engine.sh")
	program=$(realpath "$BUILD/tests/engine-tcp")
	[ -p "$dir/input" ] || mkfifo "$dir/input"
	(cd "$dir" && TZ=UTC exec "$program" "$library" "$dir.xml") <>"$dir/input" >"$dir.log" 2>&1 3>&- &
	echo $! >"$dir.pid"
	eventually curl -sS --fail "$(url "$1")" -d 'SELECT 1' || { cat "$dir.log" >&2; return 1; }
}

stop() {
	local pid
	pid=$(cat "$CLUSTER_DIR/$1.pid")
	kill -KILL "$pid"
	eventually not_running "$pid"
}

not_running() {
	! kill -0 "$1"
}

url() {
	echo "http://127.0.0.1:$(sed -n "s,.*<http_port>\([0-9]*\)<.*,\1,p" "$CLUSTER_DIR/$1.xml")/"
}

setup_file() {
	local base=$BATS_FILE_TMPDIR ports http tcp
	[ ! -w /dev/shm ] || base=/dev/shm
	CLUSTER_DIR=$(mktemp -d "$base/mm-cluster.XXXXXX")
	export CLUSTER_DIR
	ports=$(node -e 'const s = [1, 2, 3, 4].map(() => require("net").createServer().listen(0, "127.0.0.1"));
		setTimeout(() => { console.log(...s.map((x) => x.address().port)); process.exit(); }, 100)')
	read -r 'http[1]' 'http[2]' 'tcp[1]' 'tcp[2]' <<<"$ports"
	for i in 1 2; do
		config "$i" >"$CLUSTER_DIR/$i.xml"
		start "$i"
	done
	node "$repo/tests/faults/cluster-ddl.mjs" "$CLUSTER_DIR/ddl" "$(url 1)" "$(url 2)" 3>&- &
	echo $! >"$CLUSTER_DIR/ddl.pid"
	await_file "$CLUSTER_DIR/ddl"
	salt
	gen_events -n 3000 --invalid 0 |
		mm-enrich -q >"$CLUSTER_DIR/rows"
}

teardown_file() {
	kill "$(cat "$CLUSTER_DIR/ddl.pid")"
	stop 1
	stop 2
	rm -rf "$CLUSTER_DIR"
}

setup() {
	export MM_CLICKHOUSE_DATABASE=t$BATS_TEST_NUMBER
	ddl=$(cat "$CLUSTER_DIR/ddl")
	salt
}

# on NUMBER SQL: asks one of the servers.
on() {
	ENGINE_URL=$(url "$1") sql "$2"
}

# What all commands read, as seen by one server.
answers() {
	on "$1" "SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM events"
	on "$1" "SELECT sum(events), sum(u) FROM (SELECT sum(events) AS events, uniqMerge(uniques) AS u
		FROM daily_rollup GROUP BY project_id, day, event_name, source, medium, country, device_type)"
	on "$1" "SELECT count(), sum(events), sum(cityHash64(toString(tuple(*)))) FROM sessions_v"
	set -- "$1" --url "$(url "$1")" --from 2000-01-01 --to 2100-01-01
	mm-sources "${@:2}"
	mm-stats "${@:2}" --metric uniques --group-by source --interval day --limit 1000
	mm-stats "${@:2}" --metric count --group-by browser
	mm-stats "${@:2}" --metric visits --group-by source,entry_path --limit 1000
	mm-stats "${@:2}" --group-by properties.plan,source --limit 1000
	mm-sources "${@:2}" --by visits --conversion purchase --value amount_cents --compare previous
	mm-query "${@:2}" --source google --limit 1000 | sort
	mm-sources "${@:2}" --conversion purchase --value amount_cents
	for by in anonymous_id user_id; do
		mm-funnel "${@:2}" --step '$pageview' --step signup --by "$by"
		mm-retention "${@:2}" --interval week --by "$by"
		echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"funnel","arguments":{"from":"2000-01-01",
			"to":"2100-01-01","by":"'"$by"'","steps":["$pageview","purchase"]}}}' | paste -sd ' ' |
			mm-mcp --read-only --url "$(url "$1")" | jq -e .result.content
	done
	echo '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"schema://events"}}' |
		mm-mcp --read-only --url "$(url "$1")" | jq -e .result.contents
	mm-report "${@:2}" --from 2026-05-01 --to 2026-06-30 --title T | grep -v '<dt>Made'
}

# The same, of one server's own tables with all rows.
expected() {
	local MM_CLICKHOUSE_DATABASE=${MM_CLICKHOUSE_DATABASE}_one
	mm-schema --url "$(url 1)"
	mm-insert -q --url "$(url 1)" "$CLUSTER_DIR/rows"
	answers 1
}

@test "stray bytes on either port of a server do no harm" {
	local port ports
	ports=$(sed -n 's,.*<http_port>\([0-9]*\)</http_port><tcp_port>\([0-9]*\)<.*,\1 \2,p' "$CLUSTER_DIR/1.xml")
	[ "$(wc -w <<<"$ports")" -eq 2 ]
	for port in $ports; do
		for _ in 1 2 3 4 5; do
			(exec 3<>"/dev/tcp/127.0.0.1/$port" && printf x >&3)
		done
	done
	[ "$(MM_CLICKHOUSE_DATABASE=system on 1 'SELECT 1')" = 1 ]
}

@test "mm-schema --cluster makes the tables on all servers, and then has nothing to do" {
	run --separate-stderr mm-schema --url "$ddl" --cluster two
	[ "$status" -eq 0 ]
	[ "$stderr" = "" ]
	for i in 1 2; do
		run on "$i" "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name"
		[ "$(echo "$output" | paste -sd ' ')" = "daily_rollup daily_rollup_local daily_rollup_mv events events_local forgotten schema_steps sessions sessions_local sessions_mv sessions_v" ]
	done
	run --separate-stderr mm-schema --url "$ddl" --cluster two --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	run --separate-stderr mm-schema --url "$ddl" --cluster two --check
	# all that there is: the tables are not Replicated here
	[ "$(echo "$stderr" | grep -cvE 'should be Replicated|replicated_deduplication_window')" = 0 ]
}

@test "--check and mm-schema see a server that lacks something" {
	mm-schema --url "$ddl" --cluster two
	on 2 "DROP TABLE sessions_v"
	run --separate-stderr mm-schema --url "$ddl" --cluster two --check
	[ "$status" -eq 1 ]
	[[ $stderr == *"mm-schema: sessions_v: missing on 1 of 2 servers; 'mm-schema' makes it"* ]]
	mm-schema --url "$ddl" --cluster two
	run on 2 "EXISTS TABLE sessions_v"
	[ "$output" = 1 ]
}

@test "a view that one server has under its interim name, or twice, is put right there" {
	mm-schema --url "$ddl" --cluster two
	view=$(on 2 "SELECT create_table_query FROM system.tables WHERE database = currentDatabase()
		AND name = 'daily_rollup_mv' FORMAT TSVRaw")
	on 2 "RENAME TABLE daily_rollup_mv TO daily_rollup_mv_"
	for message in "has the name daily_rollup_mv_," "daily_rollup_mv_ stands beside it,"; do
		run --separate-stderr mm-schema --url "$ddl" --cluster two --check
		[[ $stderr == *"mm-schema: daily_rollup_mv: $message"* ]]
		run --separate-stderr mm-schema --url "$ddl" --cluster two
		[ "$status" -eq 0 ]
		[[ $stderr == "mm-schema: daily_rollup_mv: "* ]]
		for i in 1 2; do
			run on "$i" "SELECT name FROM system.tables WHERE database = currentDatabase()
				AND startsWith(name, 'daily_rollup_mv')"
			[ "$output" = daily_rollup_mv ]
		done
		on 2 "${view/daily_rollup_mv/daily_rollup_mv_}"
	done
}

@test "what a later server refuses is told as it says, with status 2" {
	curl -sS --fail "$(url 2)" -d "CREATE DATABASE $MM_CLICKHOUSE_DATABASE"
	on 2 "CREATE TABLE $MM_CLICKHOUSE_DATABASE.events_local (a String) ENGINE = MergeTree ORDER BY a"
	run -2 --separate-stderr mm-schema --cluster two --url "$ddl"
	[[ $stderr == *'ClickHouse code '*UNKNOWN_IDENTIFIER* ]]
}

@test "a server that comes later gets everything" {
	mm-schema --url "$ddl" --cluster two
	database=$MM_CLICKHOUSE_DATABASE
	MM_CLICKHOUSE_DATABASE=system on 2 "DROP DATABASE $database SYNC"
	mm-schema --url "$ddl" --cluster two
	run --separate-stderr mm-schema --url "$ddl" --cluster two --dry-run
	[ "$output" = "" ]
	run on 2 "SELECT count() FROM system.data_skipping_indices WHERE database = currentDatabase()"
	[ "$output" = 2 ]
}

@test "mm-insert, mm-sources, mm-stats and mm-query work as with one server, through any of them" {
	expected >"$BATS_TEST_TMPDIR/expected"
	mm-schema --url "$ddl" --cluster two
	mm-insert -q --url "$(url 2)" "$CLUSTER_DIR/rows"
	for i in 1 2; do
		diff "$BATS_TEST_TMPDIR/expected" <(answers "$i")
		# both have some of the rows, and a visitor's rows are together
		[ "$(on "$i" "SELECT count() > 100 FROM events_local")" = 1 ]
	done
	run on 1 "SELECT max(n) FROM (SELECT uniqExact(_shard_num) AS n FROM events GROUP BY anonymous_id)"
	[ "$output" = 1 ]
}

@test "a batch that is sent again, through another server, is stored once" {
	expected >"$BATS_TEST_TMPDIR/expected"
	mm-schema --url "$ddl" --cluster two
	for i in 1 2 1; do
		mm-insert -q --url "$(url "$i")" "$CLUSTER_DIR/rows"
	done
	diff "$BATS_TEST_TMPDIR/expected" <(answers 1)
}

@test "a shard that is away: status 75, and the same again once it is back stores all of it once" {
	expected >"$BATS_TEST_TMPDIR/expected"
	mm-schema --url "$ddl" --cluster two
	stop 2
	run --separate-stderr mm-insert -q --url "$(url 1)" --retry-for 1s "$CLUSTER_DIR/rows"
	[ "$status" -eq 75 ]
	[ "$(on 1 "SELECT count() < 3000 FROM events_local")" = 1 ]
	start 2
	mm-insert -q --url "$(url 1)" "$CLUSTER_DIR/rows"
	diff "$BATS_TEST_TMPDIR/expected" <(answers 1)
}

@test "a question while a shard is away may be asked again: status 75, and which code" {
	mm-schema --url "$ddl" --cluster two
	stop 2
	set -- --url "$(url 1)" --from 2000-01-01 --to 2100-01-01
	for question in mm-query mm-stats mm-sources mm-report "mm-funnel --step a --step b --by user_id" \
		"mm-retention --by user_id" "mm-sources --conversion purchase"; do
		# shellcheck disable=SC2086 # words of a command
		run -75 --separate-stderr $question "$@"
		[[ $stderr == *"code 279 ALL_CONNECTION_TRIES_FAILED"* ]]
	done
	start 2
}

@test "--retention reaches all servers" {
	mm-schema --url "$ddl" --cluster two --retention 30
	for i in 1 2; do
		run on "$i" "SELECT name FROM system.tables WHERE database = currentDatabase()
			AND position(engine_full, ' TTL ') > 0 ORDER BY name"
		[ "$output" = "events_local
sessions_local" ]
	done
	run --separate-stderr mm-schema --url "$ddl" --cluster two --retention 30 --dry-run
	[ "$output" = "" ]
	mm-schema --url "$ddl" --cluster two --retention 0
	run on 2 "SELECT count() FROM system.tables WHERE database = currentDatabase()
		AND position(engine_full, ' TTL ') > 0"
	[ "$output" = 0 ]
}

@test "a database of one server is not made one of a cluster, nor the other way" {
	mm-schema --url "$(url 1)"
	run --separate-stderr mm-schema --url "$ddl" --cluster two
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: the table events of $MM_CLICKHOUSE_DATABASE is one of a single server: a cluster needs a database of its own; nothing has been changed" ]
	export MM_CLICKHOUSE_DATABASE=other
	mm-schema --url "$ddl" --cluster two
	run --separate-stderr mm-schema --url "$(url 1)"
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-schema: the table events of other is one of a cluster: name that with --cluster; nothing has been changed" ]
}
