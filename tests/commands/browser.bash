# shellcheck shell=bash disable=SC2154 # repo is set by helper.bash
# For tests of pages: a browser without a head, which reaches no network.

# browser OPTION... URL
browser() {
	chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
		--user-data-dir="$BATS_TEST_TMPDIR/browser" --host-resolver-rules='MAP * ~NOTFOUND' \
		--enable-logging=stderr "$@" 2> "$BATS_TEST_TMPDIR/browser.log"
}

# probe PAGE.html light|dark SELECTOR...: what page-probe.mjs sees, as JSON.
probe() {
	local page=$1 scheme=1
	[ "$2" = light ] || scheme=0
	shift 2
	node "$repo/tests/oracles/page-probe.mjs" "$page" "$(tests_axe)" "$@" \
		> "$BATS_TEST_TMPDIR/probe.html"
	browser --blink-settings=preferredColorScheme=$scheme --virtual-time-budget=30000 \
		--dump-dom "file://$BATS_TEST_TMPDIR/probe.html" |
		sed -n 's/.*<pre>\([^<]*\)<.*/\1/p' | base64 -d
}

tests_axe() {
	"$repo/tests/oracles/axe.sh" 2>/dev/null
}
