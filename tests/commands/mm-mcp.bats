#!/usr/bin/env bats
# mm-mcp: with the official client, and message by message.

bats_require_minimum_version 1.5.0
load helper
load server

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	gen_events -n 3000 | mm-enrich --no-ip-hash -q |
		mm-insert -q --spool "$BATS_FILE_TMPDIR/spool"
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
}

teardown() {
	fake_stop
}

request() { # ID METHOD [PARAMS]
	printf '{"jsonrpc":"2.0","id":%s,"method":"%s"%s}\n' "$1" "$2" "${3:+,\"params\":$3}"
}

call() { # ID TOOL ARGUMENTS
	request "$1" tools/call "{\"name\":\"$2\",\"arguments\":$3}"
}

mcp() {
	run --separate-stderr mm-mcp --spool spool "$@"
	echo "status $status: $stderr"
}

PERIOD='"from":"2026-06-01","to":"2026-07-01"'

@test "the official client calls every tool and reads every resource" {
	sdk=$("$repo/tests/oracles/mcp-sdk.sh")
	run --separate-stderr node "$repo/tests/oracles/mcp-client.mjs" "$sdk" mm-mcp --spool spool
	echo "$stderr"
	[ "$status" -eq 0 ]
	seen() { jq -sc "map(.$1 // empty) | .[0]" <<< "$output"; }
	[ "$(seen server.name)" = '"millimetric"' ]
	[ "$(seen tools)" = '["track_event","query_events","get_stats","top_sources","funnel"]' ]
	[ "$(seen track_event)" = '{"ok":true,"event_id":"once","stored":true}' ]
	# what was tracked is what is found
	[ "$(seen 'query_events.rows[0]' | jq -c '[.event_id, .anonymous_id, .properties]')" = \
		'["once","agent_001","{\"task\":\"refactor\",\"duration_ms\":12400}"]' ]
	[ "$(seen 'get_stats.rows[0].event_name')" = '"$pageview"' ]
	[ "$(seen 'top_sources.rows' | jq length)" -eq 2 ]
	[ "$(seen 'funnel.rows' | jq -c 'map(.event)')" = '["$pageview","signup"]' ]
	[ "$(seen refused)" = -32602 ]
	[ "$(seen '["events://recent"]')" = '["rows"]' ]
	[ "$(seen '["schema://events"]')" = '["events"]' ]
	[ "$(seen closed)" = true ]
}

@test "the tools answer what the commands answer" {
	{
		call 1 get_stats "{$PERIOD,\"group_by\":[\"source\",\"medium\"],\"metric\":\"uniques\",\"interval\":\"week\"}"
		call 2 top_sources "{$PERIOD,\"breakdown\":\"source\",\"limit\":7}"
		call 3 query_events "{$PERIOD,\"source\":\"google\",\"limit\":5,\"event\":null}"
		call 4 funnel "{$PERIOD,\"steps\":[\"\$pageview\",\"signup\",\"purchase,currency=usd\"],\"window\":\"2h\",\"by\":\"user_id\"}"
	} > requests
	mcp < requests
	[ "$status" -eq 0 ]
	answer() { jq -c "select(.id == $1) | .result.structuredContent" <<< "$output"; }
	P=(--from 2026-06-01 --to 2026-07-01 --format json)
	[ "$(answer 1)" = "$(mm-stats "${P[@]}" --group-by source,medium --metric uniques --interval week | jq -c .)" ]
	[ "$(answer 2)" = "$(mm-sources "${P[@]}" --breakdown source --limit 7 | jq -c .)" ]
	[ "$(answer 3)" = "$(mm-query "${P[@]}" --source google --limit 5 | jq -c .)" ]
	[ "$(answer 4)" = "$(mm-funnel "${P[@]}" --step '$pageview' --step signup --step purchase,currency=usd --window 2h --by user_id | jq -c .)" ]
}

@test "the names of properties are found beside a number that ClickHouse refuses" {
	jq -nc '{timestamp: (now | strftime("%Y-%m-%d %H:%M:%S.000")), event_name: "big", source: "s", medium: "m",
		properties: "{\"plan\":\"pro\",\"trace\":18446744073709551616,\"n 1\":[1e999],\"o\":{\"in\":7}}"}' | put
	request 1 resources/read '{"uri":"schema://events"}' > requests
	mcp < requests
	[ "$(jq -r '.result.contents[0].text' <<< "$output" | jq -c '.events[] | select(.event_name == "big").properties')" = \
		'["n 1","o","plan","trace"]' ]
}

@test "the schemas of the tools are JSON Schema, and refuse what the tools refuse" {
	sdk=$("$repo/tests/oracles/mcp-sdk.sh")
	run --separate-stderr node "$repo/tests/oracles/mcp-schemas.mjs" "$sdk" mm-mcp --spool spool
	echo "$stderr"
	[ "$status" -eq 0 ]
	[ "$(jq -s 'length == 5 and all(.accepted > 9 and .refused > 20)' <<< "$output")" = true ]
}

@test "wrong arguments are told, with what is allowed" {
	{
		call 1 get_stats "{$PERIOD,\"group_by\":[\"colour\"]}"
		call 2 get_stats "{$PERIOD,\"limit\":1001}"
		call 3 get_stats "{$PERIOD,\"colour\":\"red\"}"
		call 4 get_stats "{$PERIOD,\"event\":{}}"
		call 5 get_stats '{}'
		call 6 funnel "{$PERIOD,\"steps\":[\"a\"]}"
		call 7 funnel "{$PERIOD,\"steps\":[\"a\",7]}"
		call 8 funnel "{$PERIOD,\"steps\":[\"a\",\"b\"],\"window\":\"soon\"}"
		call 9 query_events "{$PERIOD,\"user_id\":\"$(head -c 5000 /dev/zero | tr '\0' x)\"}"
		call 10 query_events "{$PERIOD,\"event\":[\"a\"]}"
		call 11 get_stats "{$PERIOD,\"group_by\":[7]}"
	} > requests
	mcp < requests
	[ "$status" -eq 0 ]
	[ "$(jq -c .error.code <<< "$output" | sort -u)" = -32602 ]
	[ "${#lines[@]}" -eq 11 ]
	[[ ${lines[5]} == *'"steps: expected 2 to 10'* ]]
	[[ ${lines[8]} == *'"user_id: expected at most 4096 bytes"'* ]]
	[[ ${lines[9]} == *'an argument is a string or a number'* ]]
	[[ ${lines[10]} == *'"group_by: expected a list of strings"'*'"invalid_group_by"'* ]]
	[[ ${lines[0]} == *'"group_by: expected one of event_name, source'*'"invalid_group_by"'* ]]
	[[ ${lines[1]} == *'"limit: expected 1 to 1000"'*'"invalid_params"'* ]]
	[[ ${lines[2]} == *'unknown parameter; expected from, to, period, tz, metric'* ]]
	[[ ${lines[4]} == *'"from: missing'* ]]
	[[ ${lines[7]} == *'window: expected a span with its unit, such as'* ]]
}

@test "an event is checked and enriched as everyone's" {
	{
		call 1 track_event '{"event":"landed","event_id":"e1","anonymous_id":"agent","url":"https://shop.example/?gclid=x&utm_campaign=spring","properties":{"big":12345678901234567890}}'
		call 2 track_event '{"evnt":"landed"}'
		call 3 track_event '{"event":"landed","ip":"192.0.2.7"}'
		call 4 track_event '{"event":7,"url":"nowhere"}'
	} > requests
	mcp < requests
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\"ok\":true,\"event_id\":\"e1\",\"stored\":true}"}],"structuredContent":{"ok":true,"event_id":"e1","stored":true},"isError":false}}' ]
	[[ ${lines[1]} == *'"code":-32602'*'"error":"invalid_payload","details":{"fieldErrors":{"event":["Required"]'* ]]
	[[ ${lines[2]} == *'"code":-32602'*'"formErrors":["ip, user_agent, host,'* ]]
	[[ ${lines[2]} != *192.0.2.7* ]]
	[[ ${lines[3]} == *'"event":['*'"url":['* ]]
	row=$(mm-query --from -1h --event landed --limit 10)
	[ "$(wc -l <<< "$row")" -eq 1 ]
	[ "$(jq -c '[.source, .medium, .campaign, .properties, .country]' <<< "$row")" = \
		'["google","paid","spring","{\"big\":12345678901234567890}",""]' ]
}

@test "without a server an event is kept in the spool, and said to be" {
	call 1 track_event '{"event":"kept_for_later"}' > requests
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ mcp --retry-for 1s < requests
	[ "$status" -eq 0 ]
	[[ $stderr == *"; trying again"*"an event is kept in "* ]]
	[[ $output == *'"structuredContent":{"ok":true,"event_id":null,"stored":false}'* ]]
	run mm-insert --drain spool
	[ "$status" -eq 0 ]
	[ "$(mm-query --from -1h --event kept_for_later | wc -l)" -eq 1 ]
}

@test "without a server, questions get an error, and the server lives on" {
	{
		call 1 get_stats "{$PERIOD}"
		request 2 ping
	} > requests
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ mcp < requests
	[ "$status" -eq 0 ]
	[[ $(grep '"id":1' <<< "$output") == *'"code":-32000'*'"upstream_failed"'* ]]
	grep -Fx '{"jsonrpc":"2.0","id":2,"result":{}}' <<< "$output"
}

@test "--read-only has no track_event" {
	{
		request 1 tools/list
		call 2 track_event '{"event":"x"}'
	} > requests
	mcp --read-only < requests
	[ "$(jq -c 'select(.id == 1) | .result.tools | map(.name)' <<< "$output")" = \
		'["query_events","get_stats","top_sources","funnel"]' ]
	[[ ${lines[1]} == *'"code":-32602'* ]]
	[ ! -e spool ]
}

@test "malformed and oversized messages get an error, and the server lives on" {
	{
		echo '{'
		echo '[]'
		head -c 3000000 /dev/zero | tr '\0' x
		echo
		printf '\xff\xfe\n\n'
		request 1 ping
	} > requests
	mcp < requests
	[ "$status" -eq 0 ]
	[ "$(jq -c .error.code <<< "${lines[0]}")" = -32700 ]
	[ "$(jq -c .error.code <<< "${lines[1]}")" = -32600 ]
	[ "$(jq -c .error.message <<< "${lines[2]}")" = '"The message is longer than 1048576 bytes"' ]
	[ "$(jq -c .error.code <<< "${lines[3]}")" = -32700 ]
	[ "${lines[4]}" = '{"jsonrpc":"2.0","id":1,"result":{}}' ]
	[ "${#lines[@]}" -eq 5 ]
}

@test "a request that is cancelled while it runs is not answered, and ends" {
	fake_start stall
	mkfifo in
	mm-mcp --spool spool < in > out 3>&- &
	pid=$!
	exec 7> in
	call '"slow"' get_stats "{$PERIOD}" >&7
	sleep 0.3
	call '"waits"' get_stats "{$PERIOD}" >&7
	echo '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"waits"}}' >&7
	echo '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}' >&7
	request 3 ping >&7
	eventually grep -q '"id":3' out
	exec 7>&-
	ends_with 0 "$pid"
	[ "$(cat out)" = '{"jsonrpc":"2.0","id":3,"result":{}}' ]
}

@test "a ping is answered while a question runs, however many wait behind that" {
	fake_start stall
	mkfifo in
	mm-mcp --spool spool < in > out 3>&- &
	pid=$!
	exec 7> in
	call '"slow"' get_stats "{$PERIOD}" >&7
	for i in {1..200}; do
		call "$i" get_stats "{$PERIOD}"
	done >&7
	request '"a"' ping >&7
	eventually grep -q '"id":"a"' out
	# also one that waits can be cancelled, and the one that runs
	for i in '"slow"' {1..200}; do
		echo '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":'"$i"'}}'
	done >&7
	request '"b"' ping >&7
	eventually grep -q '"id":"b"' out
	exec 7>&-
	ends_with 0 "$pid"
	[ "$(jq -c .id out | paste -sd ' ')" = '"a" "b"' ]
}

@test "a signal ends it while a question runs, however many messages wait" {
	fake_start stall
	for n in 1 100 3000; do
		rm -f in
		mkfifo in
		sh -c 'exec mm-mcp --spool spool < in > out' 3>&- &
		pid=$!
		# also once it reads no more
		for ((i = 0; i < n; i++)); do
			call "$i" get_stats "{$PERIOD}"
		done > requests
		{
			cat requests
			sleep 60
		} > in 3>&- &
		writer=$!
		sleep 0.5
		kill -TERM "$pid"
		ends_with 143 "$pid"
		kill "$writer" 2>/dev/null || true
		[ ! -s out ]
	done
}

@test "a signal ends it while nobody takes its answers" {
	mkfifo in out
	exec 8<> out
	sh -c 'exec mm-mcp --read-only < in > out' 3>&- 8>&- &
	pid=$!
	exec 7> in
	for _ in {1..3}; do
		# ~25 KB each, until the pipe is full
		for i in {1..500}; do
			request "$i" tools/list
		done
	done >&7 &
	writer=$!
	sleep 0.5
	kill -TERM "$pid"
	ends_with 143 "$pid"
	kill "$writer" 2>/dev/null || true
	exec 7>&- 8>&-
}

@test "a signal ends it while it waits for a message" {
	mkfifo in
	sh -c 'exec mm-mcp --read-only < in > out' 3>&- &
	pid=$!
	exec 7> in
	request 1 ping >&7
	eventually grep -q '"id":1' out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 7>&-
}

@test "answers leave while input is still open" {
	mkfifo in
	mm-mcp --read-only < in > out 3>&- &
	pid=$!
	exec 7> in
	request 1 ping >&7
	eventually grep -q '"id":1' out
	exec 7>&-
	ends_with 0 "$pid"
}

@test "a full disk is told; a closed output is not" {
	request 1 ping > requests
	run --separate-stderr sh -c 'mm-mcp --read-only < requests > /dev/full'
	[ "$status" -eq 2 ]
	[[ $stderr == *"No space left"* ]]
	run --separate-stderr bash -c 'yes "$(cat requests)" | { mm-mcp --read-only; echo $? >&2; } | head -1 >/dev/null'
	[ "$stderr" = 0 ]
}

@test "nothing in, nothing out" {
	mcp --read-only < /dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
}
