#!/usr/bin/env bats
# The browser script, in Chromium, from mm-serve to the rows in ClickHouse: browser.mjs plays all cases once, the tests
# say which of them they are about.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094

load helper
load server

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema >/dev/null
	mkdir "$BATS_FILE_TMPDIR/work"
	node "$repo/tests/clients/browser.mjs" "$BATS_FILE_TMPDIR/work" "$MM_BIN" >"$BATS_FILE_TMPDIR/said"
}

teardown_file() {
	engine_stop
}

# good COUNT PATTERN: there are so many cases whose names match, and all went well.
good() {
	local said
	said=$(grep -E "^(not )?ok ($2)(:|$)" "$BATS_FILE_TMPDIR/said")
	echo "$said"
	[ "$(grep -c '^ok ' <<<"$said")" -eq "$1" ]
	! grep '^not ok' <<<"$said"
}

@test "all that was played went well, or stands in a test below" {
	[ "$(grep -c . "$BATS_FILE_TMPDIR/said")" -eq 63 ]
}

@test "a page view each for a load, pushState, popstate, back from the cache; none for replaceState and the same path" {
	good 6 'load|push-state|pop-state|same-path|replace-state|bfcache'
}

@test "a page view for a prerendered page that is shown, and nothing for one that never is" {
	good 2 'prerender-.*'
}

@test "who does not want to be counted is not, and nothing is stored in the browser" {
	good 4 '(gpc|dnt)(-ignored)?'
}

@test "visitors: mm_aid, none without storage, who they are" {
	good 5 'visitor|cookieless|storage-denied|identify|insecure'
}

@test "no preflight" {
	good 1 no-preflight
}

@test "without sendBeacon, without fetch, without both for a while: nothing is lost" {
	good 3 'no-beacon|no-fetch|neither'
}

@test "a tab that is closed or left: nothing is lost, one flush" {
	good 6 'closed-.*|left-by-link|outbound-leaves'
}

@test "offline, or a server that fails: what was queued arrives, once, with its own time" {
	good 6 'offline|server-.*|wrong-clock'
}

@test "much at a time, or over time; long addresses; what is no event; what waits is bounded" {
	good 5 'long-address|much|long-life|wrong-among-others|bounded'
}

@test "a strict policy with Trusted Types and an integrity hash: no violation" {
	good 1 strict-csp
}

@test "ten scripts count once; calls before it has loaded" {
	good 2 'ten-scripts|before-it-loads'
}

@test "outbound links, downloads and pages not found, where asked for" {
	good 3 'links|links-not-asked-for|not-found'
}

@test "a page that has broken its prototypes never sees an error of ours" {
	good 19 'broken-.*'
}

@test "what is served is made of the source, and has at most 2,048 bytes compressed" {
	"$repo/clients/browser/minify.sh" >"$BATS_TEST_TMPDIR/made"
	cmp "$BATS_TEST_TMPDIR/made" "$repo/clients/browser/a.min.js"
	[ "$(gzip -9n <"$repo/clients/browser/a.min.js" | wc -c)" -le 2048 ]
}
