#!/usr/bin/env bats
# mm-report --mail: the message as another program reads it, its text, and its HTML in a browser.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031,SC2094,SC2154

bats_require_minimum_version 1.5.0
load helper
load server
load browser

nobody=00000000-0000-0000-0000-00000000000c
hostile=00000000-0000-0000-0000-00000000000b

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	salt
	mm-schema
	gen_events -n 3000 --days 60 --end 2026-06-30 | mm-enrich -q | mm-insert -q --spool "$BATS_FILE_TMPDIR/spool"
	jq -nc --arg p $hostile '["<script>ran=true</script>", "a\nBcc: x@y.example\n\n.\n", "\u001b[31mred\u202e",
			("x" * 400), "日本語のとても長い名前" * 9, "= =?UTF-8?Q?a?= =41", "--=_mm-report--"][] as $name | ("01", "02") as $day |
		{project_id: $p, timestamp: "2026-10-\($day) 10:00:00.000", event_name: $name, anonymous_id: $name, source: $name,
			campaign: $name, path: $name, country: $name[0:2], device_type: $name}' | put
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT
}

# mail OPTION...: the message, its parts as plain and html, and what is found about it in seen.
mail() {
	run -0 --separate-stderr mm-report --mail team@example.com "$@"
	printf '%s\n' "$output" > message
	python3 "$repo/tests/oracles/mail.py" message . > seen
	jq . seen
	[ "$(jq -c '[.type, .parts, .defects, .ascii, .dangerous]' seen)" = '["multipart/alternative",[["text/plain","utf-8","quoted-printable"],["text/html","utf-8","quoted-printable"]],[],true,[]]' ]
	[ "$(jq .longest seen)" -le 76 ]
	# what came out is what went in: all of it UTF-8, and the lines fit a terminal
	iconv -f UTF-8 -t UTF-8 plain html > /dev/null
	[ "$(jq -Rr 'gsub("[\u3000-\u9fff\uff00-\uff60]"; "xx") | length' plain | sort -n | tail -n 1)" -le 72 ]
}

W=(--from 2026-06-08 --to 2026-06-15)

@test "the message has its fields, two parts, and a subject that says the news" {
	before=$(date +%s)
	mail "${W[@]}" --mail ops@shop.example --mail-from mm@shop.example --title 'The week' --goal purchase
	[ "$(jq -c '[.to, .from]' seen)" = '[["team@example.com","ops@shop.example"],"mm@shop.example"]' ]
	visits=$(mm-stats "${W[@]}" --metric visits | jq .value)
	earlier=$(mm-stats --from 2026-06-01 --to 2026-06-08 --metric visits | jq .value)
	bought=$(mm-stats "${W[@]}" --event purchase | jq .value)
	bought_earlier=$(mm-stats --from 2026-06-01 --to 2026-06-08 --event purchase | jq .value)
	course() {
		awk "BEGIN { c = 100 * ($1 / $2 - 1); if (c < -0.05 || c > 0.05) printf(\", %s %.1f%%\", (c > 0 ? \"up\" : \"down\"), (c > 0 ? c : -c)) }"
	}
	[ "$(jq -r .subject seen)" = "The week: $visits visits$(course "$visits" "$earlier"); purchase $bought$(
		course "$bought" "$bought_earlier") (8 to 14 June 2026)" ]
	[ "$(date -d "$(jq -r .date seen)" +%s)" -ge "$before" ]
	jq -e '.id | test("^<[0-9]+\\.[0-9]+\\.mm-report@shop\\.example>$")' seen
	first=$(jq -r .id seen)
	mail "${W[@]}"
	[ "$(jq -r .id seen)" != "$first" ]
	[ "$(jq -c .fields seen)" = '["To","Subject","Date","Message-ID","MIME-Version","Auto-Submitted","Content-Type"]' ]
}

@test "the text has the figures of mm-stats and mm-sources" {
	mail "${W[@]}" --goal purchase --value amount_cents --currency currency
	for what in 'Visitors:uniques' 'Visits:visits' 'New visitors:new' 'Page views:pageviews' 'Events:count'; do
		grep -qE "^${what%:*} +$(mm-stats "${W[@]}" --metric "${what#*:}" | jq .value)( |$)" plain
	done
	mm-sources "${W[@]}" --by visits --breakdown source --limit 5 | jq -r '[.source, .visits, .uniques] | join(" ")' > want
	sed -n '/^Sources of visits/,/^and/p' plain | sed '1d; $d' | awk '{ print $1, $2, $NF }' | diff want -
	[ "$(grep -c '^purchase, ' plain)" -ge 5 ]
	# the same stand in the HTML
	sed 's/<[^>]*>/ /g' html > words
	while read -r source visits _; do
		grep -qE "^ *$source .* $visits " words
	done < want
}

@test "the text of a small week is as it has always been" {
	export MM_PROJECT=00000000-0000-0000-0000-0000000000a1
	jq -nc --arg p $MM_PROJECT '[["01", "google", 3], ["02", "google", 4], ["02", "bing", 1]][] as [$day, $source, $n] | range($n) |
		{project_id: $p, timestamp: "2026-03-\($day) 1\(.):00:00.000", event_name: "$pageview", anonymous_id: "\($day)\($source)\(.)",
			source: $source, path: "/", country: "DE", device_type: "desktop"},
		{project_id: $p, timestamp: "2026-03-\($day) 1\(.):01:00.000", event_name: "buy", anonymous_id: "\($day)\($source)\(.)",
			source: "internal", path: "/", country: "DE", device_type: "desktop", properties: "{\"v\":1200.5,\"c\":\"eur\"}"}' | put
	mail --from 2026-03-02 --to 2026-03-03 --title Shop --goal buy --value v --currency c
	# shellcheck disable=SC2016
	sed 's/ *$//' plain | diff - /dev/fd/3 3<<- 'END'
		Shop
		2 March 2026

		5 visitors came for 5 visits, 66.7% more than in the period before. Most
		visits came from google (80.0%). What changed most is google: 4 visits
		after 3 before. The goal buy was reached 5 times, 66.7% more than in the
		period before.

		Visitors                       5  +66.7% from 3
		Visits                         5  +66.7% from 3
		New visitors                   5  +66.7% from 3
		Returning visitors             0
		Bounce rate                 0.0%  no change
		Page views                     5  +66.7% from 3
		Paid share                  0.0%  no change
		Events                        10  +66.7% from 6

		          █▄▄▄
		Visitors by hour, 00:00 to 23:00; the most, 2, on 2 March 2026, 10:00

		Goals                                              Times  Change    Rate
		buy                                                    5  +66.7%  100.0%

		Value of goals                                      Value  Change  Times
		buy, eur                                          6,002.5  +66.7%      5

		Sources of visits                               Visits  Change  Visitors
		google                                               4  +33.3%         4
		bing                                                 1     new         1

		Entry pages                                     Visits  Change  Visitors
		/                                                    5  +66.7%         5

		Pages                                           Visitors  Change  Events
		/                                                      5  +66.7%      10

		Countries                                       Visitors  Change  Events
		Germany                                                5  +66.7%      10

		Devices                                         Visitors  Change  Events
		desktop                                                5  +66.7%      10

		Events                                          Visitors  Change  Events
		$pageview                                              5  +66.7%       5
		buy                                                    5  +66.7%       5

		Compared with 1 March 2026. Time zone: UTC.
		A visit is what a visitor does without a pause of half an hour; one of a
		single page view is a bounce. Large numbers of visitors are estimates,
		good to about half a percent. Changes are against the period before.
	END
}

@test "what is in a title, a goal or a name is text, and begins neither a field nor a part" {
	mail --from 2026-10-01 --to 2026-10-03 --project $hostile --title $'x\r\nBcc: a@b.example\r\n\r\nbody' \
		--goal $'a\nBcc: x@y.example\n\n.\n' --goal '<script>ran=true</script>'
	[ "$(jq -c .fields seen)" = '["To","Subject","Date","Message-ID","MIME-Version","Auto-Submitted","Content-Type"]' ]
	jq -r .subject seen | grep -qF 'x\x0d\x0aBcc: a@b.example\x0d\x0a\x0d\x0abody: 14 visits; a\x0aBcc: x@y.example\x0a\x0a.\x0a 2 ('
	grep -qF '\x1b[31mred\u202e' plain
	run ! grep -q $'[\001-\010\013-\037]' plain html
	[ "$(probe html light title | jq -c '[.scripts, .images, .handlers, .requests, .ran]')" = '[0,0,0,0,false]' ]
	mail "${W[@]}" --title "$(printf 'Bericht für München – %.0s' {1..20})"
	jq -r .subject seen | grep -q '^Bericht für München – .*…: [0-9]'
}

@test "addresses that are none are refused, and nothing is printed" {
	for to in '' 'a b@c' 'a@b,c@d' $'a@b\nBcc: c@d' '<a@b>' 'Anna <a@b>' '-oQ/tmp@b' 'a@' 'ä@b' $'a@b\001'; do
		run -2 --separate-stderr mm-report "${W[@]}" --mail "$to"
		[ -z "$output" ]
		[[ $stderr == 'mm-report: --mail: expected an address such as team@example.com' ]]
		run -2 --separate-stderr mm-report "${W[@]}" --mail a@b --mail-from "$to"
		[[ $stderr == 'mm-report: --mail-from: expected an address such as team@example.com' ]]
	done
	run -2 --separate-stderr mm-report "${W[@]}" --mail-from a@b
	[[ $stderr == 'mm-report: --mail-from: needs --mail' ]]
}

@test "a period without events is a message, too" {
	mail "${W[@]}" --project $nobody
	[ "$(jq -r .subject seen)" = 'Analytics report: no events (8 to 14 June 2026)' ]
	tr '\n' ' ' < plain | grep -qF 'No event of this project is stored with a time in this period, nor from before it.'
}

@test "the HTML needs nothing that programs for mail lack, and fits telephones in light and dark" {
	mm-validate -q --rejects rejects <<< '{"a":1}' > /dev/null || true
	mail "${W[@]}" --goal purchase --value amount_cents --currency currency --rejects rejects
	tr '\n' ' ' < plain | grep -qF '1 line of input was rejected.'
	run ! grep -qE 'var\(|<svg|<script|<img|<link|://|url\(|@import|position:|display: *(flex|grid)' html
	[ "$(wc -c < html)" -lt 102400 ] # from there on it is cut
	for theme in light dark; do
		probe html $theme h1 > $theme
		jq -r '.violations[]' $theme
		# a part of a message has no landmarks
		[ "$(jq -c '[.violations[] | select(test("region|landmark") | not)]' $theme)" = '[]' ]
		jq -e '.widths | to_entries | all(.value <= (.key | tonumber))' $theme
	done
	[ "$(jq .paper light)" != "$(jq .paper dark)" ]
}
