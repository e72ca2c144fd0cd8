#!/usr/bin/env bash
# The demo's second half, run by mm-clickhouse beside a private ClickHouse,
# whose address is in MM_CLICKHOUSE_URL.  run.bash sets DEMO, the folder, and
# DEMO_FROM and DEMO_TO, the days of the sample.
set -eu -o pipefail

# shellcheck source=tests/demo/show.bash
. "${BASH_SOURCE[0]%/*}/show.bash"

say "5. Inside: make the tables"
show 0 "mm-schema"

say "6. Validate, enrich, insert: the job that these tools are for"
show "1 0 0" "mm-validate --rejects-new --rejects $DEMO/rejects.ndjson $DEMO/events.ndjson |
      mm-enrich --salt-file $DEMO/salt --geoip $DEMO/country.mmdb |
      mm-insert"

say "7. What ClickHouse has now: events, and what its views made of them"
# shellcheck disable=SC2016 # shown as it is typed
show 0 'curl -sS --fail-with-body --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" --data-binary "
      SELECT (SELECT count() FROM millimetric.events) AS events,
             (SELECT uniq(anonymous_id) FROM millimetric.events) AS visitors,
             (SELECT uniq(country) FROM millimetric.events) AS countries,
             (SELECT sum(events) FROM millimetric.daily_rollup) AS in_daily_rollup,
             (SELECT count() FROM millimetric.sessions_v) AS sessions
      FORMAT PrettyCompact"'

say "8. Where the visitors came from, and how many of them went on to buy"
show 0 "mm-sources --from $DEMO_FROM --to $DEMO_TO --limit 15 --format table"
show 0 "mm-funnel --from $DEMO_FROM --to $DEMO_TO --step '\$pageview' --step add_to_cart --step purchase \\
      --format chart"

say "9. Which table answers how many visitors there were a day, and why"
show 0 "mm-stats --from $DEMO_FROM --to $DEMO_TO --metric uniques --interval day --explain"

read_lines() {
	wc -l <"$1" | tr -d ' '
}

sent=$(read_lines "$DEMO/events.ndjson")
refused=$(read_lines "$DEMO/rejects.ndjson")
stored=$(curl -sS --fail --netrc-file "$MM_CLICKHOUSE_NETRC" "$MM_CLICKHOUSE_URL" --data-binary \
	'SELECT count() FROM millimetric.events')
say "$sent lines were sent, $refused were rejected, $stored rows are stored."
if [[ $((sent - refused)) -ne $stored ]]; then
	echo "demo: the numbers do not add up" >&2
	exit 2
fi

say "10. The sources by day, as a chart"
show 0 "mm-stats --from $DEMO_FROM --to $DEMO_TO --interval day --group-by source --format chart |
      head -12"

say "11. And the visitors by day"
show 0 "mm-stats --from $DEMO_FROM --to $DEMO_TO --metric uniques --interval day --format chart"

half=$(date -u -d "$DEMO_TO -14 days" +%F)
say "12. The last two weeks as a page for a browser, beside the two before"
show 0 "mm-report --from $half --to $DEMO_TO --rejects $DEMO/rejects.ndjson > $DEMO/report.html"
