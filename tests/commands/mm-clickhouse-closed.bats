#!/usr/bin/env bats
# Nobody gets into the ClickHouse of mm-clickhouse who was not let in, and who
# was reaches the tables and nothing else.  The tests play the attacker: a web
# page, another user of the machine, and SQL (tests/data/attacks.sql).

bats_require_minimum_version 1.5.0
load helper
load server

setup_file() {
	local base=$BATS_FILE_TMPDIR
	[ ! -w /dev/shm ] || base=/dev/shm
	ENGINE_DIR=$(mktemp -d "$base/mm-engine.XXXXXX")
	export ENGINE_DIR
	# what an attacker would like to have
	export MM_IP_SALT=stolen-salt-0123456789
	echo 'syntax = "proto3"; message M { string stolen_file = 1; }' >"$ENGINE_DIR/secret"
	mkdir -p "$ENGINE_DIR/data/spool" "$ENGINE_DIR/data/user_files"
	chmod 700 "$ENGINE_DIR/data"
	echo stolen_row >"$ENGINE_DIR/data/spool/waiting"
	ln -s "$ENGINE_DIR/secret" "$ENGINE_DIR/data/user_files/link"
	engine_run
	listen
}

# listen: a server that notes in $ENGINE_DIR/visits who comes to it.
listen() {
	: >"$ENGINE_DIR/visits"
	node -e '
		const fs = require("fs");
		const s = require("net").createServer((c) => {
			fs.appendFileSync(process.argv[1] + "/visits", "somebody came\n");
			c.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\nstolen_page\n");
		}).listen(0, "127.0.0.1", () => fs.writeFileSync(process.argv[1] + "/listener", String(s.address().port)));
	' "$ENGINE_DIR" 3>&- &
	LISTENER=$!
	export LISTENER
	await_file "$ENGINE_DIR/listener"
}

teardown_file() {
	kill "$LISTENER"
	engine_stop
}

setup() {
	# shellcheck disable=SC2153 # of engine_run
	engine=$(pgrep -P "$ENGINE_PID" -x mm-clickhouse)
	login=(-H "X-ClickHouse-User: $MM_CLICKHOUSE_USER" -H "X-ClickHouse-Key: $MM_CLICKHOUSE_PASSWORD")
	ask=("${ENGINE_URL}?query=SELECT+42424242")
}

# refused CURL-ARGUMENT...: the answer is a refusal, and nothing else.
refused() {
	local answer code
	answer=$(curl -sS -w '\n%{http_code}' "$@")
	code=${answer##*$'\n'}
	[[ $code == 40[034] ]] || { echo "status $code: $*"; return 1; }
	[[ $answer != *42424242* ]] || { echo "answered: $*"; return 1; }
}

@test "who has the password is answered" {
	[ "$(curl -sS "${login[@]}" "${ask[@]}")" = 42424242 ]
	[ "$(curl -sS "${login[@]}" -H "Host: localhost:${ENGINE_URL//[!0-9]/}" "${ask[@]}")" = 42424242 ]
	[ "$(curl -sS "${login[@]}" "$ENGINE_URL" -d 'SELECT 42424242')" = 42424242 ]
	[ "$(curl -sS --netrc-file "$ENGINE_DIR/data/mm-clickhouse.netrc" "${ask[@]}")" = 42424242 ]
	[ "$(curl -sS --netrc-file "$ENGINE_DIR/data/mm-clickhouse.netrc" "${ask[@]/127.0.0.1/localhost}")" = 42424242 ]
}

@test "there is nothing under other paths, for nobody" {
	for path in play dashboard query x/y ./x; do
		run -0 curl -sS "${login[@]}" -w '%{http_code}' "$ENGINE_URL$path?query=SELECT+42424242"
		[ "$output" = "There is nothing under this path.
404" ]
	done
}

@test "a page's simple requests: forms, images, scripts, with and without Origin" {
	for headers in '-H X:y' '-H Origin:https://evil.example' '-H Origin:null' \
		"-H Origin:${ENGINE_URL%/}" '-H Referer:https://evil.example/' '-H Sec-Fetch-Mode:no-cors'; do
		for type in text/plain application/x-www-form-urlencoded multipart/form-data; do
			# shellcheck disable=SC2086 # two words
			refused $headers -H "Content-Type: $type" "$ENGINE_URL" -d 'SELECT 42424242'
		done
		# shellcheck disable=SC2086
		refused $headers "${ask[@]}"
	done
}

@test "no request with an Origin is answered, even with the password" {
	for origin in https://evil.example null "${ENGINE_URL%/}" http://localhost file:// x; do
		refused "${login[@]}" -H "Origin: $origin" "${ask[@]}"
		refused "${login[@]}" -H "Origin: $origin" "${ENGINE_URL}ping"
	done
}

@test "a preflight allows nothing" {
	for url in "$ENGINE_URL" "${ENGINE_URL}ping" "${ask[@]}"; do
		for origin in https://evil.example "${ENGINE_URL%/}"; do
			run -0 curl -sS -i -X OPTIONS -H "Origin: $origin" -H 'Access-Control-Request-Method: POST' \
				-H 'Access-Control-Request-Headers: x-clickhouse-key, authorization' "$url"
			[[ ${lines[0]} == *" 403 "* ]]
			[[ ${output,,} != *access-control-allow* ]]
		done
	done
}

@test "a page whose name was made to mean 127.0.0.1 is refused, even with the password" {
	port=${ENGINE_URL//[!0-9]/}
	port=${port#127001}
	for host in evil.example "evil.example:$port" 127.0.0.1.evil.example "127.0.0.1.evil.example:$port" \
		localhost.evil.example "evil.example@127.0.0.1" "127.0.0.1:$port.evil.example" \
		"localhost:$port:1" 127x0x0x1 xlocalhost ''; do
		refused "${login[@]}" -H "Host: $host" "${ask[@]}"
		refused -H "Host: $host" "${ENGINE_URL}ping"
		refused -H "Host: $host" "${ENGINE_URL}mm-clickhouse"
	done
}

@test "the password counts in a header only" {
	refused "${ENGINE_URL}?user=millimetric&password=$MM_CLICKHOUSE_PASSWORD&query=SELECT+42424242"
	refused -H "Cookie: password=$MM_CLICKHOUSE_PASSWORD" "${ask[@]}"
	refused -F "password=$MM_CLICKHOUSE_PASSWORD" -F query='SELECT 42424242' "$ENGINE_URL"
}

@test "a local user without the password, or with another, gets nothing from any path" {
	refused "${ask[@]}"
	refused "${ENGINE_URL}?user=default&query=SELECT+42424242"
	for key in '' x "${MM_CLICKHOUSE_PASSWORD%?}" "${MM_CLICKHOUSE_PASSWORD}x" "regex:.*" '.*'; do
		for user in millimetric default ''; do
			refused -H "X-ClickHouse-User: $user" -H "X-ClickHouse-Key: $key" "${ask[@]}"
			refused -u "$user:$key" "${ask[@]}"
		done
	done
	for path in play dashboard binary merges jemalloc replicas_status metrics js/uplot.js query sql \
		../ //x api/v1/query write; do
		refused --path-as-is "$ENGINE_URL$path?query=SELECT+42424242"
		refused --path-as-is "$ENGINE_URL$path" -d 'SELECT 42424242'
	done
}

@test "the library's own user, whom the password lets in as well, may do nothing" {
	for query in 'SELECT+name+FROM+system.databases' 'SHOW+DATABASES' 'CREATE+DATABASE+d' \
		"SELECT+*+FROM+file('/etc/passwd',RawBLOB,'x+String')"; do
		run curl -sS -u "millimetric:$MM_CLICKHOUSE_PASSWORD" "${ENGINE_URL}?user=default&query=$query"
		[[ $output == "Code: "* || $output == '' ]]
	done
}

@test "it listens at one port of 127.0.0.1, and nowhere else" {
	run -0 node -e '
		const fs = require("fs"), pid = process.argv[1], mine = new Set();
		for (const fd of fs.readdirSync(`/proc/${pid}/fd`))
			try { mine.add(fs.readlinkSync(`/proc/${pid}/fd/${fd}`)); } catch {}
		for (const file of ["tcp", "tcp6", "udp", "udp6"])
			for (const line of fs.readFileSync(`/proc/net/${file}`, "utf8").trim().split("\n").slice(1)) {
				const f = line.trim().split(/\s+/);
				if (mine.has(`socket:[${f[9]}]`) && (f[3] === "0A" || file[0] === "u"))
					console.log(file, f[1].split(":")[0]);
			}' "$engine"
	[ "$output" = "tcp 0100007F" ]
}

@test "the password is in no argument, and in files of the owner only" {
	for file in mm-clickhouse.{xml,env,netrc,lock,log}; do
		[ "$(stat -c '%a %u' "$ENGINE_DIR/data/$file")" = "600 $(id -u)" ]
	done
	run -0 grep -lF "$MM_CLICKHOUSE_PASSWORD" -r "$ENGINE_DIR/data" --include='mm-clickhouse.*'
	[ "$(echo "$output" | wc -l)" -eq 3 ]
	run -1 grep -lF "$MM_CLICKHOUSE_PASSWORD" "/proc/$ENGINE_PID/cmdline" "/proc/$engine/cmdline"
	run -1 grep -F "$MM_CLICKHOUSE_PASSWORD" "$ENGINE_DIR/data/mm-clickhouse.log" "$ENGINE_DIR/log"
}

@test "the files with the password go when ClickHouse ends" {
	run -0 mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- sh -c 'cp "$MM_CLICKHOUSE_NETRC" "$1"' - "$BATS_TEST_TMPDIR"
	password=$(sed -n 's/^machine 127.0.0.1 .* password //p' "$BATS_TEST_TMPDIR/mm-clickhouse.netrc")
	[ "${#password}" -ge 64 ]
	run -1 grep -rF "$password" "$BATS_TEST_TMPDIR/data"
	run -0 mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- sh -c 'echo "$MM_CLICKHOUSE_PASSWORD"'
	[ "$output" != "$password" ]
}

@test "the engine's process has an empty environment" {
	run -0 tr -d '\0' <"/proc/$engine/environ"
	[ "$output" = "" ]
	# as it is where it was not emptied
	run -0 tr '\0' '\n' <"/proc/$ENGINE_PID/environ"
	[[ $output == *MM_IP_SALT=stolen-salt* ]]
}

@test "SQL reaches no file, no environment, no other host and no program" {
	port=$(cat "$ENGINE_DIR/listener")
	dir=$ENGINE_DIR
	find "$dir" -path "$dir/data/*" -prune -o -print | sort >"$BATS_TEST_TMPDIR/before"
	bad=0
	while IFS= read -r statement; do
		statement=${statement//'{file}'/$dir/secret}
		statement=${statement//'{dir}'/$dir}
		statement=${statement//'{pid}'/$ENGINE_PID}
		statement=${statement//'{url}'/http://127.0.0.1:$port/}
		statement=${statement//'{host}'/127.0.0.1:$port}
		answer=$(curl -sS --max-time 60 "${login[@]}" "${ENGINE_URL}?default_format=TSV&wait_end_of_query=1" --data-binary "$statement" |
			tr -d '\0')
		if [[ $answer != *Exception* || $answer == *stolen* ]]; then
			echo "not refused: $statement: ${answer:0:300}"
			bad=1
		fi
	done <"$repo/tests/data/attacks.sql"
	[ ! -s "$dir/visits" ]
	find "$dir" -path "$dir/data/*" -prune -o -print | sort | diff "$BATS_TEST_TMPDIR/before" -
	[ "$(find "$dir/data/spool" "$dir/data/user_files" -type f -o -type l)" = "$dir/data/spool/waiting
$dir/data/user_files/link" ]
	[ "$bad" -eq 0 ]
	# it still runs, and the listener would have noticed
	[ "$(sql 'SELECT 1')" = 1 ]
	curl -sS "http://127.0.0.1:$port/" | grep -q stolen_page
	[ -s "$dir/visits" ]
}

@test "the kernel keeps it to its data, whatever SQL may say" {
	run -0 grep -E '^(NoNewPrivs|Seccomp):' "/proc/$engine/status"
	[ "$(echo "$output" | tr -d '\t' | paste -sd ' ')" = "NoNewPrivs:1 Seccomp:2" ]
	[[ $(sql "SELECT file('$ENGINE_DIR/secret')" || true) == *Permission\ denied* ]]
	[[ $(sql "SELECT file('user_files/link')" || true) == *Permission\ denied* ]]
	# what it may
	echo allowed >"$ENGINE_DIR/data/user_files/plain"
	[ "$(sql "SELECT file('user_files/plain') FORMAT TSVRaw")" = allowed ]
	rm "$ENGINE_DIR/data/user_files/plain"
}

@test "a kernel that can't keep it to its data: it is said, and what privileges and settings close stays closed" {
	secret=$ENGINE_DIR/secret
	export secret
	run -0 --separate-stderr "$BUILD/tests/no-landlock" mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- sh -c '
		mm-schema && mm-schema --check && echo complete
		for sql in "SELECT * FROM file(\"$secret\", RawBLOB)" "SELECT * FROM url(\"http://127.0.0.1:1/\", RawBLOB)" \
			"SELECT 1 FORMAT Template SETTINGS format_template_resultset = \"$secret\"" \
			"DESCRIBE format(Protobuf, \"x\") SETTINGS format_schema = \"$secret:M\""; do
			echo "$sql" | tr \" "\047" | curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" --data-binary @-
		done'
	[ "$stderr" = "mm-clickhouse: this kernel can't keep ClickHouse to its directory (Linux 5.19 can, by Landlock): who has the password can read files of yours by SQL" ]
	[ "${lines[0]}" = complete ]
	[[ ${lines[1]} == *"READ ON FILE"*ACCESS_DENIED* ]]
	[[ ${lines[2]} == *"READ ON URL"*ACCESS_DENIED* ]]
	[[ ${lines[3]} == *format_template_resultset*"should not be changed"* ]]
	[[ ${lines[4]} == *format_schema*"should not be changed"* ]]
	[[ $output != *stolen* ]]
}

@test "the tables are all there for who was let in" {
	sql "CREATE DATABASE d"
	for engine in MergeTree ReplacingMergeTree SummingMergeTree AggregatingMergeTree; do
		sql "CREATE TABLE d.$engine (x UInt64) ENGINE = $engine ORDER BY x"
	done
	for engine in Memory Null Log TinyLog StripeLog Set; do
		sql "CREATE TABLE d.$engine (x UInt64) ENGINE = $engine"
	done
	sql "CREATE VIEW d.v AS SELECT x FROM d.MergeTree"
	sql "CREATE MATERIALIZED VIEW d.mv TO d.Log AS SELECT x FROM d.MergeTree"
	sql "CREATE MATERIALIZED VIEW d.own ENGINE = MergeTree ORDER BY x AS SELECT x FROM d.MergeTree"
	sql "INSERT INTO d.MergeTree SELECT number FROM numbers(10)"
	sql "ALTER TABLE d.MergeTree ADD COLUMN y String, ADD INDEX i y TYPE bloom_filter"
	sql "ALTER TABLE d.MergeTree DELETE WHERE x = 3 SETTINGS mutations_sync = 2"
	sql "DELETE FROM d.MergeTree WHERE x = 4"
	sql "ALTER TABLE d.MergeTree MODIFY TTL toDateTime(4000000000) + toIntervalSecond(x)"
	sql "OPTIMIZE TABLE d.MergeTree FINAL"
	[ "$(sql "SELECT count() FROM d.v")" = 8 ]
	[ "$(sql "SELECT count() FROM d.Log")" = 10 ]
	sql "CREATE TABLE d.copy AS d.MergeTree"
	sql "ALTER TABLE d.copy REPLACE PARTITION tuple() FROM d.MergeTree"
	sql "EXCHANGE TABLES d.copy AND d.MergeTree"
	sql "RENAME TABLE d.copy TO d.other"
	sql "TRUNCATE TABLE d.other"
	sql "KILL QUERY WHERE query_id = 'none'"
	sql "SELECT count() FROM (SELECT number, count() FROM numbers(300000) GROUP BY number) SETTINGS max_bytes_before_external_group_by = 1000000"
	sql "DROP DATABASE d"
}

# ---- the directory and its files ----

@test "a link in place of one of our files is not followed" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/data"
	for file in mm-clickhouse.lock mm-clickhouse.log; do
		echo precious >"$BATS_TEST_TMPDIR/precious"
		ln -s "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/data/$file"
		run -2 --separate-stderr mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- true
		[ "$stderr" = "mm-clickhouse: $(realpath "$BATS_TEST_TMPDIR")/data/$file: is a symbolic link, which is not followed" ]
		ln -f "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/data/$file"
		run -2 --separate-stderr mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- true
		[ "$stderr" = "mm-clickhouse: $(realpath "$BATS_TEST_TMPDIR")/data/$file: is not a file of yours alone" ]
		rm "$BATS_TEST_TMPDIR/data/$file"
		[ "$(cat "$BATS_TEST_TMPDIR/precious")" = precious ]
	done
}

@test "the files with the password are new ones, whatever stood there" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/data"
	for file in mm-clickhouse.{xml,env,netrc}; do
		echo precious >"$BATS_TEST_TMPDIR/$file"
		chmod 666 "$BATS_TEST_TMPDIR/$file"
		ln -s "$BATS_TEST_TMPDIR/$file" "$BATS_TEST_TMPDIR/data/$file"
		ln "$BATS_TEST_TMPDIR/$file" "$BATS_TEST_TMPDIR/data/$file.tmp"
	done
	run -0 mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- sh -c 'stat -c "%a %h %F" "$1"/mm-clickhouse.[xen]*' - "$BATS_TEST_TMPDIR/data"
	[ "$output" = "600 1 regular file
600 1 regular file
600 1 regular file" ]
	for file in mm-clickhouse.{xml,env,netrc}; do
		[ "$(cat "$BATS_TEST_TMPDIR/$file")" = precious ]
	done
}

@test "a directory that everybody may write to is refused" {
	mkdir "$BATS_TEST_TMPDIR/data"
	chmod 777 "$BATS_TEST_TMPDIR/data"
	run -2 --separate-stderr mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- true
	[[ $stderr == *"data: every user may write to it, and so could exchange what is in it; 'chmod go-w' keeps it private" ]]
	[ "$(ls -A "$BATS_TEST_TMPDIR/data")" = "" ]
}

@test "a directory of another user is refused" {
	[ "$(id -u)" -ne 0 ] || {
		mkdir -m 700 "$BATS_TEST_TMPDIR/data"
		chown nobody "$BATS_TEST_TMPDIR/data"
	}
	[ -e "$BATS_TEST_TMPDIR/data" ] || ln -s / "$BATS_TEST_TMPDIR/data"
	run -2 --separate-stderr mm-clickhouse -d "$BATS_TEST_TMPDIR/data" -- true
	[[ $stderr == "mm-clickhouse: "*": belongs to another user" ]]
}
