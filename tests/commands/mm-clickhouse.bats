#!/usr/bin/env bats
# mm-clickhouse against the real engine.

bats_require_minimum_version 1.5.0
load helper

setup() {
	dir=$(mktemp -d /dev/shm/mm-test.XXXXXX)
}

teardown() {
	# Of a test that failed half-way; it ends the engine, so that rm finds it at rest.
	if [ -n "${left:-}" ]; then
		kill -TERM "$left" || true
		wait "$left" || true
	fi
	rm -rf "$dir"
}

# ask URL SQL: as who knows where the password is.
ask() {
	curl -sS --fail-with-body --netrc-file "$dir/data/mm-clickhouse.netrc" "$1" --data-binary "$2"
}

# The engine's process, given that of mm-clickhouse.
engine_of() {
	pgrep -P "$1" -x mm-clickhouse
}

# Starts mm-clickhouse without a command; sets $left and $url.
start() {
	mm-clickhouse -d "$dir/data" >"$dir/url" 2>"$dir/err" 3>&- &
	left=$!
	wait_for "the URL" test -s "$dir/url"
	url=$(cat "$dir/url")
}

# wait_for WHAT COMMAND...: polls, at most 30 s.
wait_for() {
	local what=$1 tries=300
	shift
	while [ $((tries -= 1)) -gt 0 ]; do
		! "$@" || return 0
		sleep 0.1
	done
	echo "waited in vain for $what" >&2
	return 1
}

# ended PID STATUS
ended() {
	local status=0
	wait "$1" 2>/dev/null || status=$?
	[ "$status" -eq "$2" ]
}

# holds PID FILE: whether it has the file open.
holds() {
	readlink "/proc/$1/fd/"* | grep -qxF "$2"
}

gone() {
	# A zombie has ended; who reaps it is not our business.
	! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

@test "the command finds ClickHouse at MM_CLICKHOUSE_URL" {
	run --separate-stderr mm-clickhouse -d "$dir/data" -- \
		sh -c 'curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT 6 * 7"'
	[ "$status" -eq 0 ]
	[ "$output" = 42 ]
	[ "$stderr" = "" ]
}

@test "a stale URL, user and password are not handed on" {
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ MM_CLICKHOUSE_USER=u MM_CLICKHOUSE_PASSWORD=p \
		run --separate-stderr mm-clickhouse -d "$dir/data" -- sh -c \
		'curl -sS "${MM_CLICKHOUSE_URL}ping"; echo "$MM_CLICKHOUSE_USER $MM_CLICKHOUSE_PASSWORD"'
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = Ok. ]
	[[ ${lines[1]} =~ ^millimetric\ [0-9a-f]{64}$ ]]
}

@test "the status is the command's" {
	run mm-clickhouse -d "$dir/data" -- sh -c 'exit 7'
	[ "$status" -eq 7 ]
}

@test "a command that dies by a signal gives 128 and its number" {
	run mm-clickhouse -d "$dir/data" -- sh -c 'kill -9 $$'
	[ "$status" -eq 137 ]
}

@test "a command that does not exist gives 127, one that can't be run 126" {
	run -127 --separate-stderr mm-clickhouse -d "$dir/data" -- "$dir/nothing"
	[ "$stderr" = "mm-clickhouse: $dir/nothing: No such file or directory" ]
	: >"$dir/plain"
	run -126 --separate-stderr mm-clickhouse -d "$dir/data" -- "$dir/plain"
}

@test "standard input and output are the command's, SIGPIPE is as usual" {
	run mm-clickhouse -d "$dir/data" -- cat <<<"through"
	[ "$status" -eq 0 ]
	[ "$output" = through ]
	run mm-clickhouse -d "$dir/data" -- bash -c 'yes | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "$output" = "y
141" ]
}

@test "the directory is made for its owner only, and the data in it survive" {
	run mm-clickhouse -d "$dir/data" -- sh -c '
		curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "CREATE TABLE t (x UInt8) ENGINE = MergeTree ORDER BY x"
		curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "INSERT INTO t VALUES (5)"'
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$(stat -c %a "$dir/data")" = 700 ]
	run mm-clickhouse -d "$dir/data" -- sh -c 'curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT x FROM t"'
	[ "$output" = 5 ]
}

@test "a directory with white space and markup in its name" {
	run --separate-stderr mm-clickhouse -d "$dir/a <b> &amp; 'c' é" -- \
		sh -c 'curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT path FROM system.disks"'
	[ "$status" -eq 0 ]
	[[ $output == *"<b> &amp; "* ]]
}

@test "without a command it prints its URL and stays until SIGTERM" {
	start
	[[ $url =~ ^http://127\.0\.0\.1:[0-9]+/$ ]]
	[ "$(ask "$url" 'SELECT 1')" = 1 ]
	[ "$(cat "$dir/err")" = "mm-clickhouse: the user and the password are in $dir/data/mm-clickhouse.env, for 'set -a; . FILE', and in mm-clickhouse.netrc, for curl --netrc-file" ]
	engine=$(engine_of "$left")
	kill -TERM "$left"
	ended "$left" 143
	gone "$engine"
	left=
}

@test "the engine listens on the loopback interface only" {
	start
	port=${url##*:}
	port=$(printf '%04X' "${port%/}")
	run awk -v port="$port" '$4 == "0A" && $2 ~ ":" port "$" { print $2 }' /proc/net/tcp /proc/net/tcp6
	[ "$output" = "0100007F:$port" ]
}

@test "SIGTERM is passed on to the command, and ClickHouse ends after it" {
	mm-clickhouse -d "$dir/data" -- sh -c '
		trap "curl -sS ${MM_CLICKHOUSE_URL}ping >'"$dir"'/pinged; exit 9" TERM
		echo up >'"$dir"'/up
		while :; do sleep 0.1; done' 3>&- &
	left=$!
	wait_for "the command" test -s "$dir/up"
	kill -TERM "$left"
	ended "$left" 9
	[ "$(cat "$dir/pinged")" = "Ok." ]
	left=
}

@test "the engine outlives the signals that a terminal sends to all" {
	start
	engine=$(engine_of "$left")
	kill -INT "$engine"
	kill -HUP "$engine"
	kill -TERM "$engine"
	[ "$(ask "$url" 'SELECT 1')" = 1 ]
}

@test "kill -9 leaves nothing running, and the data in order" {
	mm-clickhouse -d "$dir/data" -- sh -c '
		curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "CREATE TABLE t (x UInt8) ENGINE = MergeTree ORDER BY x"
		curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "INSERT INTO t VALUES (5)"
		echo $$ >'"$dir"'/command
		while :; do sleep 0.1; done' 3>&- &
	left=$!
	wait_for "the command" test -s "$dir/command"
	engine=$(engine_of "$left")
	kill -9 "$left"
	ended "$left" 137
	wait_for "the engine's end" gone "$engine"
	wait_for "the command's end" gone "$(cat "$dir/command")"
	left=
	run mm-clickhouse -d "$dir/data" -- sh -c 'curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT x FROM t"'
	[ "$status" -eq 0 ]
	[ "$output" = 5 ]
}

@test "a directory that is in use" {
	start
	run --separate-stderr mm-clickhouse -d "$dir/data" -- true
	[ "$status" -eq 75 ]
	[ "$stderr" = "mm-clickhouse: $dir/data: is in use by another mm-clickhouse, at $url" ]
	[ "$(ask "$url" 'SELECT 1')" = 1 ]
}

@test "--wait waits for a directory that is in use" {
	start
	mm-clickhouse -d "$dir/data" --wait -- sh -c 'echo "$MM_CLICKHOUSE_URL" >"$1"' - "$dir/second" 3>&- &
	second=$!
	wait_for "the second to come" holds "$second" "$dir/data/mm-clickhouse.lock"
	[ ! -e "$dir/second" ]
	kill -TERM "$left"
	ended "$left" 143
	left=
	ended "$second" 0
	[ -s "$dir/second" ]
}

@test "--wait is cut short by a signal" {
	start
	mm-clickhouse -d "$dir/data" --wait -- touch "$dir/second" 2>"$dir/second.err" 3>&- &
	second=$!
	wait_for "the second to come" holds "$second" "$dir/data/mm-clickhouse.lock"
	kill -TERM "$second"
	ended "$second" 143
	[ ! -e "$dir/second" ]
	[ ! -s "$dir/second.err" ]
}

@test "a port that is in use" {
	start
	port=${url##*:}
	run --separate-stderr mm-clickhouse -d "$dir/other" --port "${port%/}" -- true
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-clickhouse: port ${port%/} of 127.0.0.1 is in use; leave --port out to have a free one" ]
}

@test "--port is the port, and can be used again at once" {
	start
	port=${url##*:}
	kill -TERM "$left"
	ended "$left" 143
	left=
	run mm-clickhouse -d "$dir/data" --port "${port%/}" -- sh -c 'echo "$MM_CLICKHOUSE_URL"'
	[ "$status" -eq 0 ]
	[ "$output" = "$url" ]
}

@test "an engine that dies is reported, and the status is not 0" {
	run --separate-stderr mm-clickhouse -d "$dir/data" -- sh -c '
		engine=$(pgrep -P "$PPID" -x mm-clickhouse)
		kill -9 "$engine"
		while kill -0 "$engine" 2>/dev/null; do sleep 0.1; done'
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-clickhouse: the engine was ended by signal 9" ]
}

@test "stray bytes on the port do no harm" {
	start
	port=${url##*:}
	port=${port%/}
	printf '\026\003\001\002\000\001\000\001\374\003\003' >"$dir/tls"
	head -c 100000 /dev/urandom >"$dir/noise"
	yes 'X: y' | head -n 20000 | cat <(printf 'GET / HTTP/1.1\r\n') - >"$dir/headers"
	printf 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n' >"$dir/length"
	printf 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' >"$dir/chunks"
	for _ in 1 2 3 4 5; do
		for bytes in x '' GET $'GET / HTTP/9.9\r\n\r\n' $'\x80\xff\r\n\r\n'; do
			(exec 3<>"/dev/tcp/127.0.0.1/$port" && printf %s "$bytes" >&3)
		done
		for file in tls noise headers length chunks; do
			# it may be refused before all of it is sent
			(trap '' PIPE && exec 3<>"/dev/tcp/127.0.0.1/$port" && cat "$dir/$file" >&3) 2>/dev/null || true
		done
	done
	[ "$(ask "$url" 'SELECT 1')" = 1 ]
}

@test "--memory bounds what ClickHouse allocates" {
	run mm-clickhouse -d "$dir/data" --memory 200M -- \
		sh -c 'curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT uniqExact(number) FROM numbers(100000000)"'
	[[ $output == *MEMORY_LIMIT_EXCEEDED* ]]
}

@test "no engine: one sentence, status 2" {
	run --separate-stderr env MM_ENGINE= XDG_CACHE_HOME="$dir/cache" PATH=/nowhere \
		"$(command -v mm-clickhouse)" -d "$dir/data" -- true
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-clickhouse: found no ClickHouse engine: the script engine.sh fetches one"* ]]
	[ ! -e "$dir/data" ]
}

@test "an engine that is named has to be there" {
	MM_ENGINE=$dir/none run --separate-stderr mm-clickhouse -d "$dir/data" -- true
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-clickhouse: $dir/none: No such file or directory" ]
}

@test "a library that is no engine" {
	: >"$dir/libchdb.so"
	run --separate-stderr mm-clickhouse -d "$dir/data" --engine "$dir/libchdb.so" -- true
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-clickhouse: the engine ended: $dir/libchdb.so: "* ]]
}

@test "a clickhouse program on the PATH is run as a server over the directory" {
	mkdir "$dir/bin" "$dir/home"
	printf '#!/bin/sh\necho "$# $*"; pwd; cat "${2#*=}"; exit 3\n' >"$dir/bin/clickhouse"
	chmod +x "$dir/bin/clickhouse"
	MM_ENGINE='' XDG_CACHE_HOME=$dir/home PATH=$dir/bin:$PATH \
		run --separate-stderr mm-clickhouse -d "$dir/data" --port 65001 --memory 1G -- true
	[ "$status" -eq 2 ]
	log=$(cat "$dir/data/mm-clickhouse.log")
	[[ $log == "2 server --config-file=$dir/data/mm-clickhouse.xml
$dir/data
<clickhouse>"* ]]
	[[ $log == *"<listen_host>127.0.0.1</listen_host>"* ]]
	[[ $log == *"<http_port>65001</http_port>"* ]]
	[[ $log == *"<max_server_memory_usage>1073741824</max_server_memory_usage>"* ]]
	[[ $log == *"<path>$dir/data/</path>"* ]]
}

@test "a URL that can't be printed is an error" {
	run --separate-stderr bash -c 'mm-clickhouse -d "$1" >/dev/full' - "$dir/data"
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-clickhouse: standard output: No space left on device" ]
}

@test "--password-file is the password, each time" {
	echo 0123456789abcdef.-_~+/= >"$dir/password"
	chmod 600 "$dir/password"
	for _ in 1 2; do
		run --separate-stderr mm-clickhouse -d "$dir/data" --password-file "$dir/password" -- sh -c '
			echo "$MM_CLICKHOUSE_PASSWORD"
			mm-schema
			curl -sS --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" -d "SELECT 6 * 7"'
		[ "$status" -eq 0 ]
		[ "$output" = "0123456789abcdef.-_~+/=
42" ]
		[ "$stderr" = "" ]
	done
}

@test "a password that is short, or that the configuration could not hold" {
	for password in '' 0123456789abcde '0123456789abcdef<' '0123456789 abcdef' '0123456789"abcdef' "regex:0123456789abcdef"; do
		(umask 077 && echo "$password" >"$dir/password")
		run --separate-stderr mm-clickhouse -d "$dir/data" --password-file "$dir/password" -- true
		[ "$status" -eq 2 ]
		[ "$stderr" = "mm-clickhouse: $dir/password: the first line must hold the password: at least 16 letters, digits and characters of -._~+/=" ]
	done
	run --separate-stderr mm-clickhouse -d "$dir/data" --password-file "$dir/none" -- true
	[ "$status" -eq 2 ]
	[ ! -e "$dir/data" ]
}

@test "--directory is required" {
	run --separate-stderr mm-clickhouse -- true
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-clickhouse: --directory "* ]]
}

@test "a directory that can't be made" {
	run --separate-stderr mm-clickhouse -d "$dir/no/where" -- true
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-clickhouse: $dir/no/where: No such file or directory" ]
}
