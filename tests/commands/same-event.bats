#!/usr/bin/env bats
# The same event by the browser script, the Node module, curl, mm-send, and assistants: the same row.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094

load helper
load server

setup_file() {
	engine_start
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=db$BATS_TEST_NUMBER
	mm-schema >/dev/null
	(
		umask 077
		printf '0123456789abcdef-test-salt\n' >salt
		mm-key mint --keys keys --kind sk >sk 2>/dev/null
	)
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --private 127.0.0.1:0 --spool "$PWD/spool" 2>err 3>&- &
	echo $! >pid
	eventually grep -q /healthz err
	server=http://127.0.0.1:$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
}

teardown() {
	[ ! -e pid ] || kill -KILL "$(cat pid)" 2>/dev/null || true
}

# row CLIENT: its row, but for ids and times; and for who sent it, unless that is asked for.
row() {
	jq -ce --arg client "$1" --arg sender "${2:-}" '
		select(.event_id == $client) | del(.event_id, .timestamp) |
		.session_id |= sub("-[0-9]+$"; "") |
		if $sender == "" then del(.ip_hash, .country, .device_type, .browser, .os) else . end' rows
}

# call: events, as a client of MCP calls track_event with them.
call() {
	sed 's/.*/{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"name":"track_event","arguments":&}}/'
}

@test "browser, Node, curl, mm-send and assistants by MCP: equal rows" {
	local agent client said
	said=$(node "$repo/tests/clients/same-event.mjs" "$PWD" "$server")
	agent=$(jq -r .user_agent <<<"$said")
	of() { jq -c --arg id "$1" '.event + {event_id: $id}' <<<"$said"; }
	post() { curl -sS --fail "$server$1" -H "Authorization: Bearer $(cat sk)" -H 'Content-Type: application/json' "${@:2}"; }
	post /v1/track -d "$(of curl)"
	post /v1/track -d "$(of agent)" -A "$agent"
	post /v1/batch -d "{\"events\":[$(of batch)]}"
	of send | mm-send --api "$server" --key-file sk --spool kept.send
	post /mcp -d "$(of mcp-http | call)" -H 'Accept: application/json' | jq -e .result.structuredContent.ok
	of mcp | call | mm-mcp --spool kept | jq -e .result.structuredContent.stored

	# of the browser's own events, and the Node module's, the ids are random
	all() { sql "SELECT * FROM events WHERE event_name = 'purchase' FORMAT JSONEachRow"; }
	eight() { [ "$(all | wc -l)" -eq 8 ]; }
	eventually eight
	all | jq -c 'if (.event_id | test("-.*-.*-.*-")) then .event_id = (if .browser == "" then "node" else "browser" end) else . end' >rows
	jq -r .event_id rows | sort | tr '\n' ' '
	[ "$(jq -r .event_id rows | sort | tr '\n' ' ')" = 'agent batch browser curl mcp mcp-http node send ' ]

	# what the event says is right, and the same of all
	[ "$(row browser | jq -c '[.event_name, .user_id, .source, .medium, .campaign, .path, .properties]')" = \
		'["purchase","user_42","facebook","paid","spring","/checkout/","{\"amount_cents\":4900,\"currency\":\"usd\",\"items\":[\"ü\",1.5,null]}"]' ]
	[ "$(row browser | jq -r .referrer)" = "$(jq -r .event.referrer <<<"$said")" ]
	[[ "$(row browser | jq -r .referrer)" == http://127.0.0.1:* ]]
	for client in node curl agent batch send mcp-http mcp; do
		echo "$client: $(row $client)"
		[ "$(row $client)" = "$(row browser)" ]
	done

	# and so is what mm-serve learns of the request, where requests are the same: all of the row
	[ "$(row browser sender | jq -r '[.device_type, .os] | join(" ")')" = 'desktop linux' ]
	[ "$(row agent sender)" = "$(row browser sender)" ]
	for client in node batch send mcp-http; do
		echo "$client: $(row $client sender)"
		[ "$(row $client sender)" = "$(row curl sender)" ]
	done
	[ "$(row mcp sender)" = "$(row curl sender | jq -c '.ip_hash = ""')" ]
}

@test "whatever is in the event: the row of mm-serve is that of an assistant on standard input" {
	cat >events <<'EOF'
"url":"https://a.test/x","referrer":"https://a.test/"
"url":"https://www.a.test/x","referrer":"https://blog.a.test/","user_id":"u"
"timestamp":"2026-11-01T02:00:00.123456+02:00","path":"/p"
"url":null,"user_id":null,"properties":{"big":123456789012345678901234567890,"f":1.0,"e":1e3, "sp" : [1, 2]}
"url":"https://u:p@a.test/x?gclid=1#frag","session_id":"s","referrer":"https://www.google.com/"
"url":"https://a.test/%c3%bc?ref=hn&utm_source=%F0%9F%98%80","properties":{}
"referrer":"https://chatgpt.com/"
"timestamp":"2020-01-01T00:00:00Z","referrer":"no address"
"timestamp":"2030-01-01T00:00:00Z","path":""
EOF
	# of LETTER: the events, each with an id and a visitor, and with a time where it has none
	of() {
		sed '/timestamp/!s/^/"timestamp":"2026-11-01T00:00:00Z",/' events | nl -w1 -s' ' |
			sed "s/\([0-9]*\) \(.*\)/{\"event\":\"e\",\"event_id\":\"$1\1\",\"anonymous_id\":\"v\",\2}/"
	}
	of s | mm-send --api "$server" --key-file sk --spool kept.send
	[ "$(of m | call | mm-mcp --spool kept | jq -s 'map(select(.result.structuredContent.stored)) | length')" -eq 9 ]
	rows_of() {
		sql "SELECT * EXCEPT (event_id, ip_hash), substring(event_id, 2) AS n FROM events
			WHERE event_id LIKE '$1%' ORDER BY n FORMAT JSONEachRow"
	}
	nine() { [ "$(rows_of s | wc -l)" -eq 9 ]; }
	eventually nine
	diff <(rows_of s) <(rows_of m)
	[ "$(rows_of m | jq -r '[.source, .path, .session_id] | join(" ")' | sed -n '1p;5p')" = $'internal /x v-996384\ngoogle /x s' ]
}

@test "recipes: what they say of clients works" {
	recipe() { "$repo/tests/lint/recipe.sh" "$1" | sed "s|https://stats.example.com|$server|"; }
	mkdir -p node_modules/@millimetric
	ln -s "$repo/clients/node" node_modules/@millimetric/track-node
	recipe server.mjs >program.mjs
	MM_KEY=$(cat sk) node program.mjs
	echo '{"event":"sent","user_id":"user_42"}' >events.ndjson
	export HOME=$PWD
	eval "$(recipe send)"
	curl -sS --fail "$(recipe page.html | sed -n 's/.* src="\([^"]*\)".*/\1/p')" | grep -q pushState
	stored() { [ "$(sql "SELECT event_name, user_id FROM events ORDER BY event_name FORMAT TSV")" = $'purchase\tuser_42\nsent\tuser_42' ]; }
	eventually stored
}
