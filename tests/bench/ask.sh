#!/usr/bin/env bash
# Measures what people ask by default, over events of many visitors in visits of about five
# events, which the engine makes itself.  Figures only: one that is slow fails nothing.
#
#   BUILD=DIR            where the programs were built (default: build)
#   BENCH_ROWS=N         events (default: 10000000), in 30 days
#   BENCH_REPETITIONS=N  runs of each, of which the median counts (default: 5)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
build=${BUILD:-build}
rows=${BENCH_ROWS:-10000000}
repetitions=${BENCH_REPETITIONS:-5}
period=(--from 2026-06-01 --to 2026-07-01)
project=00000000-0000-0000-0000-000000000000
login=(--netrc-file "${MM_CLICKHOUSE_NETRC:-/dev/null}")

sql() {
	curl -sS --fail-with-body "${login[@]}" "$MM_CLICKHOUSE_URL?database=millimetric" --data-binary "$1"
}

# ask COMMAND...: a line of the table.
ask() {
	local i begin
	for ((i = 0; i < repetitions; i++)); do
		begin=${EPOCHREALTIME/[^0-9]/}
		"$@" "${period[@]}" >/dev/null 2>&1
		echo $((${EPOCHREALTIME/[^0-9]/} - begin))
	done | sort -n | awk -v what="$*" '{ t[NR] = $1 }
		END { printf "| `%s` | %.0f |\n", what, t[int((NR + 1) / 2)] / 1000 }'
}

run() {
	local metric
	mm-schema
	echo "making $rows events" >&2
	sql "INSERT INTO events (project_id, timestamp, event_name, event_id, anonymous_id, session_id,
			source, medium, country, device_type, browser, os, path, url)
		SELECT '$project', toDateTime64('2026-06-01', 3, 'UTC') +
				intDiv(intDiv(number, 5) * 2580000, intDiv($rows, 5)) + number % 5 * (20 + cityHash64(number) % 300),
			['\$pageview', '\$pageview', '\$pageview', 'signup', '\$pageview'][1 + number % 5],
			lower(hex(sipHash128(number))), lower(hex(sipHash128(cityHash64(intDiv(number, 5)) % intDiv($rows, 7)))),
			lower(hex(cityHash64(intDiv(number, 5)))),
			['google', 'facebook', 'direct', 'bing', 'newsletter', 'reddit', 'chatgpt', 'linkedin',
				'internal', 'twitter', 'youtube', 'gmail'][1 + cityHash64(intDiv(number, 5), number % 5 > 0) % 12],
			['paid', 'organic', 'social', 'direct'][1 + cityHash64(intDiv(number, 5)) % 4],
			['GB', 'DE', 'US', 'FR', 'JP', 'BR', 'IN', ''][1 + cityHash64(number, 1) % 8],
			['desktop', 'mobile', 'tablet'][1 + number % 3], 'chrome', 'linux',
			concat('/', toString(cityHash64(number) % 997)),
			concat('https://shop.example/', toString(cityHash64(number) % 997))
		FROM numbers($rows)
		SETTINGS max_insert_threads = 1"
	echo "| $rows events, $(sql 'SELECT uniqExact(anonymous_id) FROM events') visitors | ms, median of $repetitions |"
	echo "|---|---|"
	ask mm-stats
	ask mm-stats --metric uniques --interval day
	ask mm-stats --group-by browser
	ask mm-stats --group-by path
	for metric in pageviews events_per_user visits bounce_rate visit_duration views_per_visit new returning; do
		ask mm-stats --metric $metric
	done
	ask mm-stats --metric visits --interval day --tz Europe/Berlin
	ask mm-stats --metric visits --group-by source
	ask mm-stats --metric visits --group-by entry_path
	ask mm-stats --metric visits --group-by exit_path
	ask mm-sources
	ask mm-sources --by visits
	ask mm-funnel --step "\$pageview" --step signup
	ask mm-retention
	ask mm-query
	ask mm-report
}

if [[ ${1:-} == --inside ]]; then
	run
	exit
fi
PATH=$(cd "$build/bin" && pwd):$PATH
export PATH
unset MM_CLICKHOUSE_DATABASE MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD MM_PROJECT
if [[ -z ${MM_ENGINE:-} ]] && ! command -v clickhouse >/dev/null; then
	cmd/setup/engine.sh >/dev/null
fi
base=${TMPDIR:-/tmp}
[[ -w /dev/shm ]] && base=/dev/shm
work=$(mktemp -d "$base/millimetric-ask.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mm-clickhouse -d "$work/data" -- bash tests/bench/ask.sh --inside
