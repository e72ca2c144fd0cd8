#!/usr/bin/env bats
# The Node module: alone, with mm-serve, its types.
# shellcheck disable=SC2154,SC2030,SC2031

load helper
load server

setup_file() {
	engine_start
}

teardown_file() {
	engine_stop
}

setup() {
	mkdir -p "$BATS_TEST_TMPDIR/node_modules/@millimetric"
	ln -s "$repo/clients/node" "$BATS_TEST_TMPDIR/node_modules/@millimetric/track-node"
	cd "$BATS_TEST_TMPDIR" || return
}

# all_of COUNT FILE: node's runner passes all of the tests, of which there are so many.  Some that fail would wait for ever.
all_of() {
	run timeout 300 node --test "$repo/tests/clients/$2"
	echo "$output"
	[ "$status" -eq 0 ]
	grep -qx "# pass $1" <<<"$output"
}

@test "against a server that is slow, fails, breaks off or does not answer: each right value" {
	all_of 43 node.test.mjs
}

@test "against mm-serve and ClickHouse: each event once, and the reasons of what is refused" {
	export WORK=$PWD ENGINE_URL MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=client_node
	mm-schema >/dev/null
	all_of 7 node-serve.test.mjs
}

@test "the types: right programs compile, wrong ones do not" {
	cp "$repo/tests/clients/node-types.ts" .
	tsc=$("$repo/tests/clients/typescript.sh")
	for module in nodenext preserve; do
		"$tsc" --noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2022 \
			--lib es2022,dom --module $module --preserveSymlinks node-types.ts
	done
	# without the DOM's, and of the file as it stands
	"$tsc" --noEmit --strict --lib es2022 "$repo/clients/node/millimetric.d.ts"
}

@test "a package as npm makes it, for a program as others have it" {
	printf '%s\n' 'import { init, track, flush } from "@millimetric/track-node";' \
		'try { track({ event: "a" }) } catch (e) { console.log(e.name, typeof init, typeof flush) }' >a.mjs
	[ "$(node --preserve-symlinks a.mjs)" = "TypeError function function" ]
	npm pack --silent --dry-run --json "$repo/clients/node" | jq -c '.[0].files | map(.path)' >files
	[ "$(cat files)" = '["README.md","millimetric.d.ts","millimetric.js","package.json"]' ]
}
