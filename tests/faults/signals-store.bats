#!/usr/bin/env bats
# Signals at random moments, to the commands that change tables: see signals-store.mjs.
# bats and the helpers set repo, output, status.
# shellcheck disable=SC2154

load ../commands/helper
load ../commands/server

@test "whatever ends mm-insert or mm-forget: nothing is lost, and run again, each row is there or gone once" {
	ulimit -c 0
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	for job in insert forget; do
		run env ROUNDS=24 node "$repo/tests/faults/signals-store.mjs" "$MM_BIN" $job
		echo "$output"
		[ "$status" -eq 0 ] || break
	done
	engine_stop
	[ "$status" -eq 0 ]
}
