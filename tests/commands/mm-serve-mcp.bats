#!/usr/bin/env bats
# mm-serve: assistants by POST /mcp and /mcp/account, of two projects with keys each.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094,SC2317,SC2086

bats_require_minimum_version 1.5.0
load helper
load server
load two-projects

setup_file() {
	local kind
	engine_start
	cd "$BATS_FILE_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	{ rows $A only-a 400 2026-06 ordered key; rows $B only-b 400 2026-06 ordered key; } | put
	(umask 077 && printf '0123456789abcdef-test-salt\n' >salt)
	mm-key project add $B --keys keys --name 'The shop'
	for kind in rk sk; do
		mm-key mint --keys keys --kind $kind --project $A >$kind.$A
		mm-key mint --keys keys --kind $kind --project $B >$kind.$B
	done
	mm-key mint --keys keys --kind pk --project $A --origin https://a.example >pk
	mm-key mint --keys keys --kind rk --project $A --origin https://a.example >rk.page
	mm-key mint --keys keys --kind ak >ak
	mm-key limits --keys keys --project $A --track off --mcp off
	mm-key limits --keys keys --project $B --track off --mcp off
	serve
	echo "$SERVER" >server
}

teardown() {
	fake_stop
	end_others away slow
}

# post KEY PATH BODY [CURL OPTION]...: the answer; its status is in `code`.
post() {
	curl -s -o answer -w '%{http_code}' "$SERVER$2" -H "Authorization: Bearer $(cat "$1")" \
		-H 'Content-Type: application/json' -d "$3" "${@:4}" >code
	cat answer
}

# tool NAME ARGUMENTS: a message that calls it.
tool() {
	printf '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":%s}}' "$1" "$2"
}

# call KEY TOOL ARGUMENTS: the tool's result.
call() {
	post "$1" /mcp "$(tool "$2" "$3")" | jq -c .result
}

lacks() {
	if grep -E -e "$@"; then return 1; fi
}

@test "the official clients, of both eras, call every tool and read every resource" {
	local era sdk
	sdk=$("$repo/tests/oracles/mcp-sdk.sh")
	for era in legacy modern; do
		MCP_KEY=$(cat sk.$A) run --separate-stderr node "$repo/tests/oracles/mcp-client.mjs" "$sdk" $era "$SERVER/mcp"
		echo "$era: $stderr"
		[ "$status" -eq 0 ]
		seen() { jq -sc "map(.$1 // empty) | .[0]" <<<"$output"; }
		[ "$(seen server.name)" = '"millimetric"' ]
		[ "$(seen tools)" = '["track_event","query_events","get_stats","top_sources","funnel","retention","list_events","list_properties"]' ]
		[ "$(seen track_event)" = '{"ok":true,"event_id":"once"}' ]
		[ "$(seen 'get_stats.rows[0].event_name')" = '"$pageview"' ]
		[ "$(seen 'top_sources.rows' | jq length)" -eq 2 ]
		[ "$(seen 'funnel.rows' | jq -c 'map(.event)')" = '["$pageview","signup"]' ]
		[ "$(seen 'retention.rows' | jq length)" -gt 0 ]
		[ "$(seen 'list_properties.rows[0].property')" = '"amount"' ]
		[ "$(seen refused.isError)" = true ]
		[ "$(seen unknown)" = -32602 ]
		[ "$(seen closed)" = true ]
	done
	[ "$(seen protocol)" = '"2026-07-28"' ]
	# sent by both, stored once
	stored() { [ "$(sql "SELECT count() FROM millimetric.events WHERE event_id = 'once'")" = 1 ]; }
	eventually stored
}

@test "the official clients, of both eras, see all projects with an ak" {
	local era sdk project
	sdk=$("$repo/tests/oracles/mcp-sdk.sh")
	for era in legacy modern; do
		for project in $A $B; do
			MCP_PROJECT=$project MCP_KEY=$(cat ak) run --separate-stderr \
				node "$repo/tests/oracles/mcp-client.mjs" "$sdk" $era "$SERVER/mcp/account"
			echo "$era: $stderr"
			[ "$status" -eq 0 ]
			seen() { jq -sc "map(.$1 // empty) | .[0]" <<<"$output"; }
			[ "$(seen tools)" = '["query_events","get_stats","top_sources","funnel","retention","list_events","list_properties","list_projects"]' ]
			[ "$(seen list_projects | jq -c '[.rows[].project] | sort')" = "[\"$A\",\"$B\"]" ]
			if [ "$project" = $A ]; then lacks only-b <<<"$output"; else lacks only-a <<<"$output"; fi
		done
	done
}

@test "a project is named by its UUID or name; one that is not there is told" {
	account() { post ak /mcp/account "$(tool "$1" "$2")" | jq -c .result; }
	[ "$(account list_projects '{}' | jq -c '.structuredContent.rows')" = '[{"project":"'$A'","name":""},{"project":"'$B'","name":"The shop"}]' ]
	[ "$(account get_stats '{"project":"The shop","period":"2026-06","group_by":["os"]}' | jq -r '.structuredContent.rows[0].os')" = only-b-os ]
	[ "$(account get_stats '{"project":"'$B'","period":"2026-06","group_by":["os"]}' | jq -r '.structuredContent.rows[0].os')" = only-b-os ]
	[ "$(account get_stats '{"period":"2026-06"}' | jq -r '[.isError, .content[0].text] | map(tostring) | join(" ")')" = \
		"true invalid_params: project: missing; give the UUID or name of one: list_projects lists them" ]
	[[ $(account get_stats '{"project":"Shop","period":"2026-06"}' | jq -r '.content[0].text') == *"there is none of that UUID or name"* ]]
	[[ $(account get_stats '{"project":7,"period":"2026-06"}' | jq -r '.isError') == true ]]
	# no other key can name one
	[[ $(call rk.$A get_stats '{"project":"'$B'","period":"2026-06"}' | jq -r '.content[0].text') == "get_stats has no argument project"* ]]
	post ak /mcp/account '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' >list
	[ "$(wc -c <list)" -le 8192 ]
	lacks track_event list
	[ "$(post ak /mcp/account '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"events://recent"}}' | jq .error.code)" = -32602 ]
}

@test "whatever is asked, nobody sees the other's rows" {
	local project other key message
	for project in $A $B; do
		if [ "$project" = $A ]; then other=only-b; else other=only-a; fi
		for key in rk sk; do
			for message in \
				"$(tool query_events '{"period":"2026-06","limit":1000}')" \
				"$(tool query_events '{"period":"2026-06","event":"'$other' ordered"}')" \
				"$(tool get_stats '{"period":"2026-06","group_by":["path","os","campaign"],"limit":1000}')" \
				"$(tool get_stats '{"period":"2026-06","metric":"visits","group_by":["entry_path"]}')" \
				"$(tool top_sources '{"period":"2026-06","breakdown":"campaign"}')" \
				"$(tool top_sources '{"period":"2026-06","by":"visits"}')" \
				"$(tool top_sources '{"period":"2026-06","conversion":"purchase","value":"amount","breakdown":"campaign"}')" \
				"$(tool funnel '{"period":"2026-06","steps":["$pageview","signup"]}')" \
				"$(tool retention '{"period":"2026-06"}')" \
				"$(tool list_events '{}')" "$(tool list_events '{"period":"2026-06"}')" \
				"$(tool list_properties '{}')" "$(tool list_properties '{"event":"purchase"}')" \
				"$(tool get_stats '{"period":"2026-06","event":"nothing of this name"}')" \
				"$(tool get_stats '{"period":"2026-06","where":["properties.nothing=1"]}')" \
				'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"events://recent"}}' \
				'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"schema://events"}}'; do
				post "$key.$project" /mcp "$message" >got
				[ "$(cat code)" = 200 ]
				[ "$(jq -c '[.error, .result.isError // false]' got)" = '[null,false]' ] || { echo "$message"; cat got; false; }
				# what was asked about may be said again
				jq -c 'del(.result.structuredContent.notes) | del(.result.content)' got | lacks "$other" || { echo "$message"; false; }
			done
		done
		[ "$(call "rk.$project" get_stats '{"from":"2026-06-10","to":"2026-06-29"}' | jq -c '.structuredContent.rows')" = '[{"value":400}]' ]
	done
}

@test "the figures are those of /v1" {
	get() { curl -s "$SERVER/v1/$1" -H "Authorization: Bearer $(cat rk.$B)" | jq -c .; }
	said() { call rk.$B "$1" "$2" | jq -c '.structuredContent | del(.untrusted, .notes, .truncated)'; }
	[ "$(said get_stats '{"period":"2026-06","group_by":["source","medium"],"interval":"week","metric":"uniques"}')" = \
		"$(get 'stats?period=2026-06&group_by=source,medium&interval=week&metric=uniques')" ]
	[ "$(said top_sources '{"from":"2026-06-12","to":"2026-06-14","breakdown":"campaign","by":"visits"}')" = \
		"$(get 'sources?from=2026-06-12&to=2026-06-14&breakdown=campaign&by=visits')" ]
	[ "$(said query_events '{"period":"2026-06","where":["properties.amount>=390"],"limit":3}')" = \
		"$(get 'query?period=2026-06&where=properties.amount%3E%3D390&limit=3')" ]
	[ "$(get 'query?period=2026-06&where=properties.amount%3E%3D390&limit=3' | jq '.rows | length')" = 3 ]
}

@test "who may do what" {
	local list='{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
	denied() { # STATUS ERROR KEY PATH [OPTION]...
		post "$3" "$4" "$list" "${@:5}" >/dev/null
		[ "$(cat code) $(jq -r .error answer)" = "$1 $2" ] || { cat code answer; return 1; }
	}
	denied 403 key_kind_not_allowed pk /mcp -H 'Origin: https://a.example'
	denied 403 key_kind_not_allowed ak /mcp
	denied 403 account_key_required rk.$A /mcp/account
	denied 403 account_key_required sk.$A /mcp/account
	denied 403 account_key_required pk /mcp/account -H 'Origin: https://a.example'
	denied 403 origin_not_allowed rk.$A /mcp -H 'Origin: https://evil.example'
	denied 403 origin_not_allowed rk.$A /mcp -H 'Origin: http://localhost.evil.example'
	denied 403 origin_not_allowed rk.$A /mcp -H 'Origin: null'
	denied 403 origin_not_allowed sk.$A /mcp -H "Origin: ${SERVER/127.0.0.1/rebound.example}" -H "Host: rebound.example"
	denied 403 origin_not_allowed ak /mcp/account -H 'Origin: https://a.example'
	echo wrong >wrong
	denied 401 malformed_api_key wrong /mcp
	[ "$(curl -s -o answer -w '%{http_code}' "$SERVER/mcp" -d "$list")" = 401 ]
	[ "$(curl -s -o answer -w '%{http_code}' "$SERVER/mcp?key=$(cat pk)" -d "$list")" = 401 ]
	post rk.$A /mcp "$list" -H 'Origin: http://localhost:6274' >/dev/null
	[ "$(cat code)" = 200 ]
	post rk.page /mcp "$list" -H 'Origin: https://a.example' >/dev/null
	[ "$(cat code)" = 200 ]
	# an rk reads
	[ "$(post rk.$A /mcp "$list" | jq -c '.result.tools | map(.name) | index("track_event")')" = null ]
	[ "$(post rk.$A /mcp "$(tool track_event '{"event":"x"}')" | jq -c .error)" = \
		'{"code":-32602,"message":"This tool is not offered here: events can only be read"}' ]
}

@test "methods, sizes and types of HTTP" {
	local method
	for method in GET DELETE PUT OPTIONS; do
		curl -s -o answer -D head -w '%{http_code}' "$SERVER/mcp" -X $method -H "Authorization: Bearer $(cat rk.$A)" >code
		[ "$(cat code)" = 405 ]
		grep -i '^allow: POST' head
	done
	printf '%s%200000s' "$(tool get_stats '{"period":"2026-06"}')" '' >big
	post rk.$A /mcp @big >/dev/null
	[ "$(cat code)" = 413 ]
	[ "$(curl -s -o answer -w '%{http_code}' "$SERVER/mcp" -H "Authorization: Bearer $(cat rk.$A)" -d '{}' \
		-H 'Content-Type: application/xml')" = 415 ]
	# nothing is kept from one request to the next
	post rk.$A /mcp '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}' -D head \
		-H 'Mcp-Session-Id: mine' -H 'Accept: application/json, text/event-stream' >got
	[ "$(jq -r .result.protocolVersion got)" = 2025-06-18 ]
	grep -i '^content-type: application/json' head
	grep -i '^cache-control: no-store' head
	lacks -i session head
	post rk.$A /mcp '{"jsonrpc":"2.0","method":"notifications/initialized"}' >got
	[ "$(cat code)" = 202 ]
	[ ! -s got ]
	[ "$(post rk.$A /mcp '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]' | jq -c 'map(.id)')" = '[1,2]' ]
	post rk.$A /mcp '[{"jsonrpc":"2.0","id":1,"method":"ping"}]' -H 'MCP-Protocol-Version: 2025-11-25' >got
	[ "$(cat code) $(jq .error.code got)" = "400 -32600" ]
	# an answer to what is no JSON has the id that could be found
	post rk.$A /mcp '{"jsonrpc":"2.0","id":"mine","method":"tools/call","params":{"name":"\ud800"}}' >got
	[ "$(cat code) $(jq -c '[.id, .error.code]' got)" = '400 ["mine",-32700]' ]
}

@test "the headers of 2026-07-28 say what the body says" {
	local meta='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
	local list='{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{'$meta'}}'
	local ping='{"jsonrpc":"2.0","id":1,"method":"ping","params":{'$meta'}}'
	said() { # STATUS CODE BODY [OPTION]...
		post rk.$A /mcp "$3" "${@:4}" >got
		[ "$(cat code) $(jq -c '.error.code' got)" = "$1 $2" ] || { cat code got; return 1; }
	}
	local version=(-H 'MCP-Protocol-Version: 2026-07-28')
	said 200 null "$list" "${version[@]}" -H 'Mcp-Method: tools/list'
	said 400 -32020 "$list" -H 'Mcp-Method: tools/list'
	said 400 -32020 "$list" "${version[@]}"
	said 400 -32020 "$list" "${version[@]}" -H 'Mcp-Method: tools/call'
	# a proxy may look at the other one
	said 400 -32020 "$list" "${version[@]}" -H 'Mcp-Method: tools/list' -H 'mcp-method: tools/call'
	said 404 -32601 "$ping" "${version[@]}" -H 'Mcp-Method: ping'
	said 400 -32602 "${list/clientCapabilities/clientCapabilitie}" "${version[@]}" -H 'Mcp-Method: tools/list'
	said 400 -32022 "${list/2026-07-28/2031-01-01}" -H 'MCP-Protocol-Version: 2031-01-01' -H 'Mcp-Method: tools/list'
	[ "$(jq -c .error.data got)" = '{"supported":["2026-07-28"],"requested":"2031-01-01"}' ]
}

# row ID: the row of an event, but for its id and times.
row() {
	sql "SELECT * EXCEPT (event_id, timestamp, session_id) FROM millimetric.events WHERE event_id = '$1' FORMAT JSONEachRow"
}

@test "an event is taken as by /v1/track: the same row, and each error" {
	local event='{"event":"landed","anonymous_id":"agent","url":"https://shop.example/a?gclid=x&utm_campaign=spring","properties":{"big":12345678901234567890},"user_id":"u","event_id":"by-track"}'
	curl -s -o answer "$SERVER/v1/track" -H "Authorization: Bearer $(cat sk.$A)" -H 'Content-Type: application/json' -d "$event"
	[ "$(call sk.$A track_event "${event/by-track/by-mcp}" | jq -c .structuredContent)" = '{"ok":true,"event_id":"by-mcp"}' ]
	stored() { [ -n "$(row by-track)" ] && [ -n "$(row by-mcp)" ]; }
	eventually stored
	[ "$(row by-mcp)" = "$(row by-track)" ]
	[[ $(row by-mcp) == *'"project_id":"'$A'"'*'"source":"google"'*12345678901234567890* ]]
	# what a collector knows is not an assistant's to say, and a fault is told
	[[ $(call sk.$A track_event '{"event":"x","ip":"192.0.2.7"}' | jq -r '.content[0].text') == "track_event has no argument ip"* ]]
	[ "$(call sk.$A track_event '{"event":7,"url":"nowhere"}' | jq -r '[.isError, .content[0].text] | map(tostring) | join(" ")')" = \
		"true invalid_payload: event: Expected string, received number; url: Invalid URL: no scheme" ]
	[[ $(call sk.$A track_event '{}' | jq -r '.content[0].text') == "invalid_payload: event: Required"* ]]
	# several in one message, each stored
	post sk.$B /mcp "[$(for i in 1 2 3; do tool track_event '{"event":"of_batch","event_id":"b'$i'"}'; echo; done | paste -sd ,)]" >got
	[ "$(jq -c 'map(.result.structuredContent.event_id)' got)" = '["b1","b2","b3"]' ]
	all() { [ "$(sql "SELECT count() FROM millimetric.events WHERE project_id = '$B' AND event_name = 'of_batch'")" = 3 ]; }
	eventually all
}

@test "--mcp-no-ids: no assistant sees an id" {
	mkdir -p away && cp -p keys keys.pepper salt rk.* ak away && cd away
	serve --mcp-no-ids
	[ "$(call rk.$A query_events '{"period":"2026-06","limit":1}' | jq -c '.structuredContent.rows[0] | keys | map(select(endswith("_id")))')" = '["source_rule_id"]' ]
	[ "$(post ak /mcp/account "$(tool query_events '{"period":"2026-06","limit":1,"project":"'$B'"}')" |
		jq -c '.result.structuredContent.rows[0] | keys | map(select(endswith("_id")))')" = '["source_rule_id"]' ]
	[[ $(call rk.$A query_events '{"period":"2026-06","user_id":"only-a-u1"}' | jq -r '.content[0].text') == "query_events has no argument user_id"* ]]
	[[ $(call rk.$A get_stats '{"period":"2026-06","where":["user_id=only-a-u1"]}' | jq -r '.content[0].text') == *"user_id is not to be seen here"* ]]
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
}

@test "killed after the answer: the event is there, once" {
	[ "$(call sk.$A track_event '{"event":"durable","event_id":"kept"}' | jq .structuredContent.ok)" = true ]
	kill -KILL "$(cat pid)"
	wait "$(cat pid)" 2>/dev/null || true
	serve
	echo "$SERVER" >server
	stored() { [ "$(sql "SELECT count() FROM millimetric.events WHERE event_id = 'kept'")" = 1 ]; }
	eventually stored
	[ "$(call sk.$A track_event '{"event":"durable","event_id":"kept"}' | jq .structuredContent.ok)" = true ]
	[ "$(call sk.$A track_event '{"event":"after"}' | jq .structuredContent.ok)" = true ]
	after() { [ "$(sql "SELECT count() FROM millimetric.events WHERE event_name = 'after'")" = 1 ]; }
	eventually after
	[ "$(sql "SELECT count() FROM millimetric.events WHERE event_id = 'kept'")" = 1 ]
}

@test "many assistants at once: each has the answers of its own project" {
	local i project
	for i in {1..40}; do
		if ((i % 2)); then project=$A; else project=$B; fi
		curl -s -o "many.$i" "$SERVER/mcp" -H "Authorization: Bearer $(cat "sk.$project")" -H 'Content-Type: application/json' \
			-d "[$(tool get_stats '{"period":"2026-06","group_by":["os"]}'),$(tool track_event '{"event":"many","event_id":"many-'"$i"'"}')]" 3>&- &
	done
	for i in $(jobs -p | grep -vx "$(cat pid)"); do wait "$i"; done
	for i in {1..40}; do
		if ((i % 2)); then project=only-a; else project=only-b; fi
		[ "$(jq -c '[.[0].result.structuredContent.rows[0].os, .[1].result.structuredContent.event_id]' "many.$i")" = "[\"$project-os\",\"many-$i\"]" ]
	done
	stored() { [ "$(sql "SELECT countIf(project_id = '$A'), countIf(project_id = '$B') FROM millimetric.events WHERE event_name = 'many' FORMAT CSV")" = 20,20 ]; }
	eventually stored
}

@test "limits: over the burst is 429, events count as those of /v1/track, and one project does not slow another" {
	mkdir -p away && cp -p keys keys.pepper salt sk.* ak away && cd away
	mm-key limits --keys keys --project $A --mcp 1:3 --track 1:1 >/dev/null
	serve
	local list='{"jsonrpc":"2.0","id":1,"method":"ping"}'
	[ "$(call sk.$A track_event '{"event":"one"}' | jq .structuredContent.ok)" = true ]
	[ "$(call sk.$A track_event '{"event":"two"}' | jq -r '[.isError, .content[0].text] | map(tostring) | join(" ")')" = \
		"true rate_limited: too many events; send it again in a second" ]
	many() { # KEY PATH: so many requests at once
		curl -s --parallel --parallel-max 30 -o /dev/null -w '%{http_code} %header{retry-after}\n' "$SERVER$2?[1-200]" \
			-d "$list" -H "Authorization: Bearer $(cat "$1")" -H 'Content-Type: application/json'
	}
	many sk.$A /mcp >codes
	grep -qx '429 1' codes
	[ "$(grep -c '^200' codes)" -lt 100 ]
	post sk.$B /mcp "$list" >/dev/null
	[ "$(cat code)" = 200 ]
	many ak /mcp/account >codes
	grep -qx '429 1' codes
	[ "$(grep -c '^200' codes)" -ge 40 ]
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
}

@test "ClickHouse is away or slow: questions are told, events are taken, and nobody waits for another" {
	mkdir -p slow && cp -p keys keys.pepper salt rk.* sk.* slow && cd slow
	fake_start stall
	serve
	local i
	for i in 1 2 3; do
		curl -s -o "waits.$i" "$SERVER/mcp" -H "Authorization: Bearer $(cat rk.$A)" -H 'Content-Type: text/plain' -d "$(tool get_stats '{"period":"2026-06"}')" 3>&- &
	done
	sleep 0.5
	# the loop is free
	[ "$(curl -s -m 5 -o answer -w '%{http_code}' "$SERVER/v1/track" -H "Authorization: Bearer $(cat sk.$A)" \
		-H 'Content-Type: text/plain' -d '{"event":"meanwhile"}')" = 202 ]
	kill -KILL "$(cat pid)"
	wait "$(cat pid)" 2>/dev/null || true
	fake_stop
	export MM_CLICKHOUSE_URL=http://127.0.0.1:1/
	serve
	[ "$(call rk.$A get_stats '{"period":"2026-06"}' | jq -r '[.isError, .content[0].text] | map(tostring) | join(" ")')" = \
		"true upstream_failed: ClickHouse can't be reached, or is busy: ask again later" ]
	lacks '127\.0\.0\.1' answer
	grep -q 127.0.0.1:1 err
	[ "$(call sk.$A track_event '{"event":"kept"}' | jq .structuredContent.ok)" = true ]
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
}

@test "the official conformance suite, where its scenarios are about what there is" {
	mkfifo proxy.in
	MCP_KEY=$(cat sk.$A) node "$repo/tests/oracles/mcp-proxy.mjs" "$SERVER/mcp" <proxy.in >proxy.url 3>&- &
	exec 7>proxy.in
	eventually test -s proxy.url
	run --separate-stderr "$repo/tests/oracles/mcp-conformance.sh" "$(cat proxy.url)" server-initialize server-stateless \
		tools-list resources-list dns-rebinding-protection caching http-header-validation sep-2164-resource-not-found
	exec 7>&-
	echo "$stderr$output"
	[ "$status" -eq 0 ]
	# its own tools, which only its example has, and prompts, which there are none of
	[ "$(grep -c ' FAILURE ' <<<"$output")" -eq 5 ]
	[ "$(grep ' FAILURE ' <<<"$output" | grep -c 'Not testable: server does not list the diagnostic tool')" -eq 4 ]
	grep '^caching sep-2549-prompts-list-caching-hints FAILURE ' <<<"$output"
	[ "$(grep -c ' SUCCESS' <<<"$output")" -ge 45 ]
	lacks ' WARNING' <<<"$output"
}
