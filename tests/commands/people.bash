# shellcheck shell=bash disable=SC2154 # repo is set by helper.bash
# What the tests of mm-funnel, mm-retention and mm-sources --conversion share:
# rows in the real engine, and an oracle that counts them the long way.

people_start() {
	engine_start
	node "$repo/tests/oracles/people-oracle.mjs" rows > "$BATS_FILE_TMPDIR/rows"
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
	put "$BATS_FILE_TMPDIR/rows"
}

people_setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset COLUMNS NO_COLOR
}

# agree WHAT QUESTION COMMAND...: the command says what the oracle says.
agree() {
	local what=$1 question=$2
	shift 2
	node "$repo/tests/oracles/people-oracle.mjs" "$what" "$BATS_FILE_TMPDIR/rows" "$question" > expected
	"$@" > found
	[ -s expected ]
	diff expected found
}

# golden NAME COMMAND...: at three widths it prints what tests/data/charts has.
golden() {
	local name=$1 width
	shift
	for width in 40 80 120; do
		COLUMNS=$width "$@" > found
		diff "$repo/tests/data/charts/$name-$width.txt" found
	done
}
