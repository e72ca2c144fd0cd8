#!/usr/bin/env bats
# mm-serve with ClickHouse behind it: what is sent can be asked for.
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
	(umask 077 && printf '0123456789abcdef-test-salt\n' >salt)
	mm-key mint --keys keys --kind sk >sk 2>/dev/null
	mm-key mint --keys keys --kind rk >rk
	mm-key limits --keys keys --track off --batch off >/dev/null
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --private 127.0.0.1:0 \
		--spool "$PWD/spool" 2>err 3>&- &
	echo $! >pid
	eventually grep -q /healthz err
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
	private=$(sed -n 's/.*127.0.0.1:\([0-9]*\) for .*/\1/p' err)
}

teardown() {
	[ ! -e pid ] || kill -KILL "$(cat pid)" 2>/dev/null || true
}

post() {
	curl -s "http://127.0.0.1:$port$1" -d "$2" -H "Authorization: Bearer $(cat sk)" \
		-H 'Content-Type: application/json' >/dev/null
}

get() {
	curl -s "http://127.0.0.1:$port$1" -H "Authorization: Bearer $(cat rk)"
}

events_are() {
	[ "$(get '/v1/stats?period=today' | jq -c '[.rows[].value]')" = "[$1]" ]
}

@test "what is sent can be asked for a moment later" {
	post /v1/track '{"event":"signup","event_id":"1","anonymous_id":"v"}'
	post /v1/track '{"event":"signup","event_id":"1","anonymous_id":"v"}'
	post /v1/batch '{"events":[{"event":"a","anonymous_id":"v"},{"event":"b","anonymous_id":"w"}]}'
	post /v1/identify '{"anonymous_id":"v","user_id":"u","traits":{"plan":"pro"}}'
	eventually events_are 4
	[ "$(get '/v1/query?period=today&event=signup' | jq -c '.rows | map(.event_id)')" = '["1"]' ]
	[ "$(get '/v1/query?period=today&event=%24identify' | jq -c '.rows | map([.user_id, .properties])')" = '[["u","{\"plan\":\"pro\"}"]]' ]
	[ "$(get '/v1/sources?period=today' | jq -c '.rows | map(.events)')" = '[4]' ]
	[ "$(get '/v1/stats?metric=uniques&period=today' | jq -c .)" = '{"metric":"uniques","rows":[{"value":2}]}' ]
	[ "$(get '/v1/stats?period=today&where=anonymous_id%3Dv&where=event_name!%3Dsignup' | jq -c .rows)" = '[{"value":2}]' ]
	[ "$(get '/v1/stats?period=today&interval=month&group_by=event_name&where=properties.plan%3Dpro' | jq -r '.rows[].event_name')" = '$identify' ]
	[ -z "$(find spool -name '*.ndjson')" ]
}

@test "ClickHouse is away: events are kept, and stored when it is back" {
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	rm err
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --private 127.0.0.1:0 \
		--spool "$PWD/spool" --url http://127.0.0.1:1 --max-delay 1s 2>err 3>&- &
	echo $! >pid
	eventually grep -q /healthz err
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
	private=$(sed -n 's/.*127.0.0.1:\([0-9]*\) for .*/\1/p' err)
	post /v1/track '{"event":"a","event_id":"1"}'
	post /v1/track '{"event":"a","event_id":"2"}'
	late() { curl -s "http://127.0.0.1:$private/healthz" | grep -q max-delay; }
	eventually late
	eventually grep -q 'are kept in' err
	[ "$(get '/v1/stats?period=today' | jq -r .error)" = upstream_failed ]
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	rm pid
	mm-insert --drain spool
	[ "$(mm-stats --period today)" = '{"value":2}' ]
	[ -z "$(find spool -name '*.ndjson')" ]
}
