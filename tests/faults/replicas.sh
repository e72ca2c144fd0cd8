#!/usr/bin/env bash
# Replicated tables behind a Distributed one, on two of Debian's servers with
# Debian's ZooKeeper; run by hand: make check-cluster.  Their dialect is that
# of 2018, so the tables are short ones, with the paths, macros and sharding
# key of sql/cluster.  It shows that statements reach both servers, that what
# one is sent the other has, and that a batch sent twice, to either, is stored
# once.
set -eu -o pipefail

work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
pids=()
finish() {
	((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

# HTTP, native and interserver of both; ZooKeeper's last.
mapfile -t port < <(node -e 'const s = [...Array(7)].map(() =>
	require("net").createServer().listen(0, "127.0.0.1"));
	setTimeout(() => { s.forEach((x) => console.log(x.address().port)); process.exit(); }, 100)')

eventually() {
	local i
	for ((i = 0; i < 300; i++)); do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	echo "never came true: $*" >&2
	tail -n 5 "$work"/*.log >&2
	return 1
}

config() { # 0 or 1
	local dir=$work/$1 i
	mkdir -p "$dir"
	cat <<-E
		<yandex><logger><level>error</level><console>1</console></logger>
		<listen_host>127.0.0.1</listen_host>
		<http_port>${port[$1]}</http_port><tcp_port>${port[2 + $1]}</tcp_port>
		<interserver_http_port>${port[4 + $1]}</interserver_http_port>
		<interserver_http_host>127.0.0.1</interserver_http_host>
		<path>$dir/</path><tmp_path>$dir/tmp/</tmp_path>
		<users_config>$work/$1.xml</users_config>
		<mark_cache_size>67108864</mark_cache_size><timezone>UTC</timezone>
		<default_profile>default</default_profile><default_database>default</default_database>
		<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
		<profile>default</profile><quota>default</quota></default></users>
		<profiles><default/></profiles><quotas><default/></quotas>
		<zookeeper><node><host>127.0.0.1</host><port>${port[6]}</port></node></zookeeper>
		<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
		<macros><shard>1</shard><replica>$1</replica></macros>
		<remote_servers><two><shard><internal_replication>true</internal_replication>
	E
	for i in 0 1; do
		echo "<replica><host>127.0.0.1</host><port>${port[2 + i]}</port></replica>"
	done
	echo "</shard></two></remote_servers></yandex>"
}

ask() { # NUMBER SQL [SETTINGS]
	curl -sS --fail-with-body "http://127.0.0.1:${port[$1]}/?database=${4:-web}&${3:-}" -d "$2"
}

is() { # EXPECTED NUMBER SQL
	[ "$(ask "$2" "$3")" = "$1" ]
}

check() { # TEXT COMMAND...
	local text=$1
	shift
	eventually "$@"
	echo "ok: $text"
}

printf '%s\n' tickTime=500 "dataDir=$work/zookeeper" "clientPort=${port[6]}" \
	clientPortAddress=127.0.0.1 admin.enableServer=false >"$work/zoo.cfg"
java -Xmx128m -cp '/usr/share/java/zookeeper.jar:/usr/share/java/*' \
	org.apache.zookeeper.server.quorum.QuorumPeerMain "$work/zoo.cfg" >"$work/zookeeper.log" 2>&1 &
pids+=($!)
eventually bash -c "exec 3<>/dev/tcp/127.0.0.1/${port[6]}"
for i in 0 1; do
	config "$i" >"$work/$i.xml"
	clickhouse-server --config-file="$work/$i.xml" >"$work/$i.log" 2>&1 &
	pids+=($!)
done
for i in 0 1; do
	eventually ask "$i" 'SELECT 1' '' default
done

{
	ask 0 "CREATE DATABASE IF NOT EXISTS web ON CLUSTER 'two'" '' default
	ask 0 "CREATE TABLE IF NOT EXISTS events_local ON CLUSTER 'two' (project_id UUID,
	timestamp DateTime, event_name String, event_id String, anonymous_id String)
	ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/web/events_local', '{replica}')
	PARTITION BY toYYYYMM(timestamp) ORDER BY (project_id, timestamp, event_id)
	SETTINGS replicated_deduplication_window = 10000,
	replicated_deduplication_window_seconds = 604800"
	ask 0 "CREATE TABLE IF NOT EXISTS events ON CLUSTER 'two' AS web.events_local
	ENGINE = Distributed('two', web, events_local, cityHash64(project_id, anonymous_id))"
} >"$work/created" || { cat "$work/created"; exit 1; }
check 'statements reach both servers' is 2 1 \
	"SELECT count() FROM system.tables WHERE database = 'web'"

for ((n = 0; n < 1000; n++)); do
	printf '{"project_id":"00000000-0000-4000-8000-000000000001","timestamp":"2026-0%d-01 00:00:00",' \
		$((n % 3 + 1))
	printf '"event_name":"a","event_id":"e%d","anonymous_id":"v%d"}\n' "$n" $((n % 37))
done >"$work/rows"
insert() { # NUMBER
	curl -sS --fail-with-body --data-binary "@$work/rows" "http://127.0.0.1:${port[$1]}/?database=web\
&insert_distributed_sync=1&query=INSERT+INTO+events+FORMAT+JSONEachRow"
}
same() {
	[ "$(ask 0 "$1")" = "$(ask 1 "$1")" ]
}
insert 0
check 'what one server is sent, the other has' is 1000 1 'SELECT count() FROM events_local'
insert 1
insert 0
ask 1 'SYSTEM SYNC REPLICA events_local' >/dev/null
ask 0 'SYSTEM SYNC REPLICA events_local' >/dev/null
check 'the same batch again, to either server, is stored once' is 1000 0 \
	'SELECT count() FROM events_local'
check 'and read once' is 1000 1 'SELECT count() FROM events'
check 'both hold the same rows' same \
	'SELECT sum(cityHash64(event_id, anonymous_id, timestamp)) FROM events_local'
kill -KILL "${pids[1]}"
wait "${pids[1]}" 2>/dev/null || true
sed -i 's/"e\([0-9]\)/"f\1/' "$work/rows"
insert 1
check 'with one server gone, the other takes rows and answers' is 2000 1 \
	'SELECT count() FROM events'
