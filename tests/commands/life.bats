#!/usr/bin/env bats
# Two lives: a site's logs that cron imports every hour, and a company's export
# of five years.  What the tables hold in the end is compared with what
# happened, which tests/oracles/life.mjs counts by itself.
#
# bats and the helpers set repo, output.
# shellcheck disable=SC2154
load helper
load server
load insert

setup_file() {
	engine_start
	perl "$repo/tests/data/countries.pl" "$BATS_FILE_TMPDIR"
}

teardown_file() {
	engine_stop
}

setup() {
	salt
	insert_setup
}

# What cron runs for a site: the log that is being written, and the one before,
# which overlaps with what was read an hour ago.
import_site() {
	local site=$1
	local -a files=() statuses
	[ ! -e "$site.log.1.gz" ] || files+=("$site.log.1.gz")
	files+=("$site.log")
	mm-import combined -q --site "$site" --trusted-proxy 10.0.0.0/8 --rejects "$site.rejects" "${files[@]}" |
		mm-dedup -q --state "$site.seen" |
		mm-enrich -q --visitor daily --bots drop --deterministic --geoip "$BATS_FILE_TMPDIR/layouts.mmdb" |
		mm-insert -q || true
	statuses=("${PIPESTATUS[@]}")
	[[ ${statuses[*]} == [01]' 0 0 0' ]] || { echo "$site: ${statuses[*]}"; return 1; }
}

@test "three days of logs of two sites, imported every hour with overlap" {
	node "$repo/tests/oracles/life.mjs" logs .
	for ((hour = 0; hour < 72; hour++)); do
		for site in shop.example blog.example; do
			if ((hour % 24 == 0 && hour > 0)); then
				gzip < "$site.log" > "$site.log.1.gz"
				: > "$site.log"
			fi
			cat "$site.$hour" >> "$site.log"
			# in the middle of a line when cron comes, once in a while
			cp "$site.log" whole
			((hour % 7 != 3)) || truncate -s -30 "$site.log"
			import_site "$site"
			cp whole "$site.log"
		done
	done
	for site in shop.example blog.example; do
		import_site "$site"
		jq -r --arg s "$site" '.[$s] | .events, .visitors, .odd, .sources, .countries' want.json > want
		sql "SELECT arrayJoin([toString(count()), toString(uniqExact(anonymous_id)),
				toString(countIf(path LIKE '/odd%')),
				arrayStringConcat(arraySort(groupUniqArray(s)), ' '),
				arrayStringConcat(arraySort(groupUniqArray(c)), ' ')])
			FROM (SELECT *, concat(source, '=', toString(count() OVER (PARTITION BY source))) AS s,
					concat(country, '=', toString(count() OVER (PARTITION BY country))) AS c
				FROM events WHERE domain(url) = '$site') FORMAT TSV" > got
		diff want got
		[ "$(wc -l < got)" -eq 5 ]
	done
	# torn lines were told, and came whole the next time; addresses are in no row
	[ -s shop.example.rejects ]
	sql 'SELECT * FROM events FORMAT JSONEachRow' | mm-hash-ip --check
	run -0 sql 'SELECT count(), uniqExact(event_id), (SELECT sum(events) FROM sessions_v) FROM events FORMAT TSV'
	n=$(jq '[.[].events] | add' want.json)
	[ "$output" = "$n	$n	$n" ]
}

@test "five years of an export of Segment, loaded twice" {
	node "$repo/tests/oracles/life.mjs" segment .
	for _ in 1 2; do
		mm-import segment -q export.ndjson | mm-dedup -q | mm-enrich -q --deterministic | mm-insert -q
	done
	sql "SELECT count(), uniqExact(user_id), arraySum(groupUniqArray(toUInt128(assumeNotNull(user_id)))),
			toString(toInt64(100 * sumIf(toDecimal64OrZero(JSONExtractRaw(properties, 'revenue'), 2),
				event_name = 'Order Completed')))
		FROM events FORMAT TSV" > got
	diff want got
	# what is beyond 2^53 in properties has all its digits
	[ "$(sql "SELECT countIf(extract(properties, '\"big\":([0-9]+)') != concat(assumeNotNull(user_id), '00'))
		FROM events WHERE event_name = '\$identify' FORMAT TSV")" = 0 ]
}
