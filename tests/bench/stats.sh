#!/usr/bin/env bash
# Measures mm-stats beside curl that sends the same SQL, over events that the
# engine makes itself, mm-report, and what each command takes to start.  Figures only: one
# that falls short is printed, it does not fail the run.
#
#   BUILD=DIR            where the programs were built (default: build)
#   BENCH_ROWS=N         events (default: 10000000)
#   BENCH_REPETITIONS=N  runs of each, of which the median counts (default: 21)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
build=${BUILD:-build}
rows=${BENCH_ROWS:-10000000}
repetitions=${BENCH_REPETITIONS:-21}
period=(--from 2026-01-01 --to 2026-03-22) # 80 days of 12 sources: less than 1000 rows
project=00000000-0000-0000-0000-000000000000
login=(--netrc-file "${MM_CLICKHOUSE_NETRC:-/dev/null}")

sql() {
	curl -sS --fail-with-body "${login[@]}" "$MM_CLICKHOUSE_URL?database=millimetric" --data-binary "$1"
}

# spent COMMAND...: microseconds that it takes.
spent() {
	local begin=${EPOCHREALTIME/[^0-9]/}
	"$@" >/dev/null
	echo $((${EPOCHREALTIME/[^0-9]/} - begin))
}

# The median of microseconds, a line each, in milliseconds.
median() {
	sort -n | awk '{ t[NR] = $1 } END { printf "%.1f\n", t[int((NR + 1) / 2)] / 1000 }'
}

# start_up COMMAND...
start_up() {
	local i
	for ((i = 0; i < repetitions; i++)); do
		spent "$@"
	done | median
}

# same_by_curl OPTION...: what mm-stats asks with these options, sent by curl.
same_by_curl() {
	local query=() name value

	question=$(mm-stats "$@" --explain)
	while IFS=' ' read -r _ name _ value; do
		query+=(--url-query "param_${name//[\{\}]/}=$value")
	done < <(grep '^-- {' <<<"$question")
	curl_command=(curl -sS --fail-with-body "${login[@]}" "${query[@]}" --url-query database=millimetric
		--url-query output_format_json_quote_64bit_integers=0
		--url-query output_format_json_escape_forward_slashes=0
		--data-binary "$question FORMAT JSONEachRow" "$MM_CLICKHOUSE_URL")
}

compare() { # NAME OPTION...
	local name=$1 ours theirs i
	shift
	same_by_curl "$@"
	if [[ $(mm-stats "$@") != "$("${curl_command[@]}")" ]]; then
		echo "bench: mm-stats $* and curl answer differently" >&2
		exit 2
	fi
	rm -f "$work/curl" "$work/ours"
	for ((i = 0; i < repetitions; i++)); do # by turns, so that both meet the same weather
		spent "${curl_command[@]}" >>"$work/curl"
		spent mm-stats "$@" >>"$work/ours"
	done
	theirs=$(median <"$work/curl")
	ours=$(median <"$work/ours")
	printf '| %s | %s | %s | %s |\n' "$name" "$theirs" "$ours" \
		"$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
}

run() {
	mm-schema
	echo "making $rows events" >&2
	# a block at a time, so that memory stays small
	sql "INSERT INTO events (project_id, timestamp, event_name, anonymous_id, session_id, source,
			medium, country, device_type, browser, os, path)
		SELECT '$project', toDateTime64('2026-01-01', 3, 'UTC') + intDiv(number * 7776000, $rows),
			['\$pageview', '\$pageview', '\$pageview', 'signup', 'purchase', 'add_to_cart'][1 + number % 6],
			toString(cityHash64(number % 700001)), toString(number % 2000003),
			['google', 'facebook', 'direct', 'bing', 'newsletter', 'reddit', 'chatgpt', 'linkedin',
				'internal', 'twitter', 'youtube', 'gmail'][1 + cityHash64(number) % 12],
			['paid', 'organic', 'social', 'direct'][1 + cityHash64(number) % 4],
			['GB', 'DE', 'US', 'FR', 'JP', 'BR', 'IN', ''][1 + cityHash64(number, 1) % 8],
			['desktop', 'mobile', 'tablet'][1 + number % 3], 'chrome', 'linux',
			concat('/', toString(number % 997))
		FROM numbers($rows)
		SETTINGS max_insert_threads = 1"
	echo "| $rows events, ms (medians of $repetitions) | curl | mm-stats | ratio |"
	echo "|---|---|---|---|"
	compare "rollup: by day and source" "${period[@]}" --interval day --group-by source --limit 1000
	compare "rollup: uniques by day" "${period[@]}" --interval day --metric uniques
	compare "rollup: by source and medium" "${period[@]}" --group-by source,medium
	compare "events: by path" "${period[@]}" --group-by path
	compare "events: hours of a week" --from 2026-02-01 --to 2026-02-08 --interval hour \
		--tz Europe/Berlin --limit 1000
	printf '\na page of the 80 days by mm-report, ms: %s\n\n' "$(start_up mm-report "${period[@]}")"
	printf 'start-up, ms: curl --version %s' "$(start_up curl --version)"
	for program in mm-query mm-report mm-stats mm-sources; do
		printf ', %s --explain %s' "$program" \
			"$(start_up "$program" "${period[@]}" --explain)"
	done
	echo
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
work=$(mktemp -d "$base/millimetric-stats.XXXXXX")
export work
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mm-clickhouse -d "$work/data" -- bash tests/bench/stats.sh --inside
