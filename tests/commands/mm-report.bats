#!/usr/bin/env bats
# mm-report against the real engine: its figures are held against mm-stats and
# mm-sources, its page against the W3C's validator and a browser.

# $status and $output are set by run, in each test anew:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load server
load browser

hostile=00000000-0000-0000-0000-00000000000b
nobody=00000000-0000-0000-0000-00000000000c

# hostile_rows: names that want to be more than text, in October 2026, beside a plain one before.
hostile_rows() {
	jq -nc --arg project "$hostile" '
		["<script>ran = true; document.title = \"ran\"</script>",
			"\"><img src=x onerror=\"window.ran=true\">", "'"'"' onmouseover='"'"'ran=true",
			"</title></style></svg><b>bold</b>", "--><!-- ]]> &lt;b&gt; &amp; &#60;",
			"right\u202eto left\u2066 and\u2069 back", "\u0000\u0007\u001b[31mred\u009b32m\u007f\n\tend",
			"noncharacters \ufffe \uffff \ufdd0", ("long-" * 25)[0:125], "👩‍👩‍👧‍👦🏳️‍🌈é", "שלום עולם",
			("Z" + "\u0301" * 100), "=cmd|calc", "{{7*7}}${7*7}", "  blanks  ", "\u200b", "known"] as $names |
		range(400) as $i | $names[$i % 17] as $name |
		{
			project_id: $project,
			timestamp: "2026-10-\(101 + $i % 31 | tostring[1:]) 1\($i % 9):00:00.000",
			event_name: $name, event_id: "e\($i)", anonymous_id: "a\($i % 37)", session_id: "s\($i % 90)",
			source: $name, medium: (if $i % 3 == 0 then "paid" else $name end),
			path: ("/" + $name + "/" + ("segment" * 15)), country: $name[0:2], device_type: $name, browser: $name, os: $name
		}, (select($i == 16) | .timestamp = "2026-08-01 00:00:00.000" | .event_id = "old")'
}

setup_file() {
	engine_start
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	salt
	mm-schema
	gen_events -n 3100 --days 61 --end 2026-06-30 | mm-enrich -q | mm-insert -q --spool "$BATS_FILE_TMPDIR/spool"
	hostile_rows | put
}

teardown_file() {
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	unset MM_PROJECT TZDIR
}

P=(--from 2026-06-01 --to 2026-07-01)

report() {
	run --separate-stderr mm-report "$@"
	echo "status $status: $stderr"
	printf '%s\n' "$output" > page.html
}

# refused STATUS MESSAGE OPTION...: that status, one message, and nothing on standard output.
refused() {
	local want=$1 message=$2
	shift 2
	report "$@"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	[[ $stderr == *"$message"* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

# rows ID: the tables of a section of page.html, tab-separated, without commas and without
# the changes.
rows() {
	sed -n "/<h2 id=\"$1\"/,/<\/section>/s/^<tr><th scope=\"row\">\(.*\)<\/tr>$/\1/p" page.html |
		sed 's/<td class="by">[^<]*<\/td>//; s/<\/t[hd]>/\t/g; s/<[^>]*>//g; s/\t$//; s/,//g'
}

# figure NAME: a key figure of page.html.
figure() {
	sed -n "s/.*<dt>$1<\/dt><dd class=\"value\">\([^<]*\)<.*/\1/p" page.html | tr -d ,
}

# change NAME: what stands below it.
change() {
	sed -n "s/.*<dt>$1<\/dt>.*<dd class=\"change\">\(.*\)<\/dd>.*/\1/p" page.html | sed 's/<[^>]*>//g'
}

value() {
	mm-stats "$@" | jq .value
}

# grouped NAME OPTION...: what mm-stats says of it, as the report prints it.
grouped() {
	local name=$1
	shift
	join -t $'\t' -j 1 \
		<(mm-stats "$@" --group-by "$name" --metric uniques --limit 1000 |
			jq -r "[(.$name // \"no path\" | if . == \"\" then \"unknown\" else . end), .value] | @tsv" | sort -t $'\t' -k 1,1) \
		<(mm-stats "$@" --group-by "$name" --limit 1000 |
			jq -r "[(.$name // \"no path\" | if . == \"\" then \"unknown\" else . end), .value] | @tsv" | sort -t $'\t' -k 1,1) |
		sort -t $'\t' -k 2,2nr -k 3,3nr
}

# ---- figures ----

@test "the key figures are those of mm-stats, and of the rows" {
	report "${P[@]}"
	[ "$status" -eq 0 ]
	[ "$(figure Events)" = "$(value "${P[@]}")" ]
	[ "$(figure Visitors)" = "$(value "${P[@]}" --metric uniques)" ]
	[ "$(figure Visits)" = "$(value "${P[@]}" --metric visits)" ]
	[ "$(figure 'New visitors')" = "$(value "${P[@]}" --metric new)" ]
	[ "$(figure 'Returning visitors')" = "$(value "${P[@]}" --metric returning)" ]
	# of a rate of four decimals
	bounces=$(value "${P[@]}" --metric bounce_rate)
	awk -v "shown=$(figure 'Bounce rate' | tr -d %)" "BEGIN { d = 100 * $bounces - shown; exit d > 0.06 || d < -0.06 }"
	[ "$(figure 'Page views')" = "$(value "${P[@]}" --metric pageviews)" ]
	paid=$(mm-stats "${P[@]}" --group-by medium | jq -s 'map(select(.medium == "paid").value) | add')
	[ "$(figure 'Paid share')" = "$(awk "BEGIN { printf \"%.1f%%\", 100 * $paid / $(figure Events) }")" ]
}

@test "the change is that against the period before" {
	report --from 2026-06-11 --to 2026-06-21
	for name in Events:count Visitors:uniques; do
		before=$(value --from 2026-06-01 --to 2026-06-11 --metric "${name#*:}")
		percent=$(awk "BEGIN { printf \"%+.1f%%\", 100 * ($(figure "${name%:*}") - $before) / $before }")
		[[ $(change "${name%:*}" | tr -d ,) == "${percent/-/−} from $before" ]]
	done
	[[ $output == *'<dd>1 to 10 June 2026</dd>'* ]]
}

@test "a month is compared with the month before, however long" {
	export MM_PROJECT=00000000-0000-0000-0000-0000000000a4
	printf '%s\n' 2025-10-01 2026-01-31 2026-02-28 2026-02-28 2026-03-01 2026-03-31 | jq -Rc --arg p $MM_PROJECT \
		'{project_id: $p, timestamp: "\(.) 10:00:00.000", event_name: "$pageview", anonymous_id: .}' | put
	report --period 2026-03
	[[ $output == *'<dd>1 to 28 February 2026</dd>'* && $output != *'leave out'* ]]
	[ "$(change Events)" = "no change from 2" ]
	report --period 2026-02 --tz Asia/Tokyo
	[[ $output == *'<dd>1 to 31 January 2026</dd>'* ]]
	[[ $output == *'The period before has 3 days more, which the charts leave out.'* ]]
	[ "$(change Events)" = "+100.0% from 1" ]
	[ "$(mm-stats --period 2026-02 --tz Asia/Tokyo --compare previous | jq .previous)" = 1 ]
	# the rows of the table are those of February
	[ "$(grep -c '^<tr><th scope="row">[0-9]* February' page.html)" -eq 28 ]
	report --from 2026-01-01 --to 2026-04-01
	[[ $output == *'1 October to 31 December 2025'* ]]
}

@test "the period before is as long by the clocks of the zone, also where these change" {
	export MM_PROJECT=00000000-0000-0000-0000-0000000000a1
	jq -nc --arg p $MM_PROJECT '{project_id: $p, timestamp: "2026-01-01 00:00:00.000", event_name: "first"}' | put
	report --from 2026-03-29 --to 2026-03-30 --tz Europe/Berlin
	[[ $output == *'<p class="period">29 March 2026</p>'* ]]
	[[ $output == *'<dd>28 March 2026</dd>'* ]]
	report --from 2026-10-19 --to 2026-10-26 --tz Europe/Berlin
	[[ $output == *'<p class="period">19 to 25 October 2026</p>'* ]]
	[[ $output == *'<dd>12 to 18 October 2026</dd>'* ]]
	report --from 2026-05-01T10:30:00Z --to 2026-06-02T00:00:00Z
	[[ $output == *'<p class="period">1 May 2026, 10:30 to 2 June 2026, 00:00</p>'* ]]
	[[ $output == *'<dd>30 March 2026, 21:00 to 1 May 2026, 10:30</dd>'* ]]
}

@test "at the beginning of time there is nothing to compare with" {
	report --from 1900-01-01 --to 1901-01-01
	[ "$status" -eq 0 ]
	[[ $output == *'<dd>nothing'* ]]
}

@test "a period that is there in part is compared with nothing, and the page says why" {
	MM_PROJECT=00000000-0000-0000-0000-0000000000a2
	export MM_PROJECT
	for day in 01 02 03 04; do
		jq -nc --arg p $MM_PROJECT --arg t "2026-03-$day 10:00:00.000" \
			'{project_id: $p, timestamp: $t, event_name: "$pageview", anonymous_id: "a", source: "google"}'
	done | put
	report --from 2026-03-02 --to 2026-03-04
	[[ $output == *'nothing: the period before is partial: the project&#39;s first event is of 2026-03-01'* ]]
	[[ $output != *'class="change"'*from* && $output != *'>Change<'* ]]
	report --from 2026-03-03 --to 2026-03-05
	[[ $output == *'<dd>1 to 2 March 2026</dd>'* && $output == *'>Change<'* ]]
	report --from 2026-03-03 --to tomorrow
	[[ $output == *'nothing: the period is partial: it is not over yet'* ]]
	MM_CLICKHOUSE_DATABASE=kept
	export MM_CLICKHOUSE_DATABASE
	mm-schema
	mm-schema --retention 9
	for days in 1 8 12 30; do
		jq -nc --arg p $MM_PROJECT --arg t "$(date -u -d "$days days ago" '+%F 12:00:00.000')" \
			'{project_id: $p, timestamp: $t, event_name: "a"}'
	done | put
	report --from today-7d --to today
	[[ $output == *'nothing: the period before is partial: events are kept for 9 days'* ]]
}

@test "the page begins with what happened, and what changed" {
	MM_PROJECT=00000000-0000-0000-0000-0000000000a3
	export MM_PROJECT
	jq -nc --arg p $MM_PROJECT '
		[["2026-03-01", "google", 10], ["2026-03-01", "bing", 2], ["2026-03-02", "google", 9], ["2026-03-02", "bing", 6],
			["2026-03-02", "internal", 40]][] as [$day, $source, $n] | range($n) |
		{project_id: $p, timestamp: "\($day) 10:00:00.000", event_name: "$pageview", anonymous_id: "\($source)\($day)\(.)",
			source: $source, path: "/", country: "DE"}' | put
	report --from 2026-03-02 --to 2026-03-03
	[ "$(sed -n 's/<[^>]*>//g; /came for/p' page.html)" = "55 visitors came for 55 visits, 358.3% more than in the period before. \
Most visits came from google (16.4%). What changed most is bing: 6 visits after 2 before." ]
	[ "$(rows sources)" = $'google\t9\t9\nbing\t6\t6' ]
	[ "$(rows countries)" = $'Germany\t55\t55' ]
	[[ $output == *00000000a3* ]]
	unset MM_PROJECT
	report "${P[@]}"
	[[ $output != *00000000-0000* ]]
}

@test "pages, countries, devices and events are those of mm-stats" {
	report "${P[@]}"
	jq -r '.[][] | [.alpha_2, .common_name // .name] | @tsv' /usr/share/iso-codes/json/iso_3166-1.json | tr -d , > countries
	for part in pages:path:10 countries:country:10 names:event_name:20; do
		IFS=: read -r id name limit <<< "$part"
		grouped "$name" "${P[@]}" | grep -v '^no path' |
			awk -F '\t' -v OFS='\t' -v by="$name" 'NR == FNR { name[$1] = $2; next }
				by == "country" && $1 in name { $1 = name[$1] } 1' countries - > all
		rows "$id" | cut -f 1-3 > shown
		[ "$(wc -l < shown)" -eq "$(head -n "$limit" all | wc -l)" ]
		[ "$(cut -f 2,3 shown)" = "$(head -n "$limit" all | cut -f 2,3)" ]
		[ -z "$(comm -13 <(sort all) <(sort shown))" ]
		more=$(($(wc -l < all) - $(wc -l < shown)))
		((more == 0)) || sed -n "/<h2 id=\"$id\"/,/<\/section>/p" page.html | grep -qF "and $more more"
	done
	for name in device_type browser os; do
		grouped $name "${P[@]}"
	done | sort > all
	[ "$(rows devices | sort)" = "$(cat all)" ]
}

@test "sources, campaigns and entry pages are those of visits, as mm-sources and mm-stats count them" {
	report "${P[@]}"
	mm-sources "${P[@]}" --by visits --breakdown source --limit 10 | jq -r '[.source, .visits, .uniques] | @tsv' |
		diff - <(rows sources)
	for part in campaigns:campaign entries:entry_path; do
		name=${part#*:}
		mm-stats "${P[@]}" --metric visits --group-by "$name" --limit 1000 |
			jq -r "select(.$name // \"\" != \"\") | [.$name, .value] | @tsv" > all
		rows "${part%:*}" | cut -f 1-2 > shown
		[ "$(cut -f 2 shown)" = "$(head -n 10 all | cut -f 2)" ]
		[ -z "$(comm -13 <(sort all) <(sort shown))" ]
	done
}

@test "the figures by day are those of mm-stats, with zeros, beside those of the period before" {
	report --from 2026-06-20 --to 2026-07-10 --tz Asia/Tokyo
	[ "$(rows trend | wc -l)" -eq 20 ]
	for column in 2:uniques:2026-06-20:2026-07-10 3:uniques:2026-05-31:2026-06-20 \
		4:count:2026-06-20:2026-07-10 5:count:2026-05-31:2026-06-20; do
		IFS=: read -r field metric from to <<< "$column"
		[ "$(rows trend | cut -f "$field" | grep -vx 0)" = "$(mm-stats --from "$from" --to "$to" \
			--tz Asia/Tokyo --interval day --metric "$metric" | jq .value)" ]
	done
	[ "$(rows trend | tail -n 1 | cut -f 1,2,4)" = $'9 July 2026\t0\t0' ]
}

@test "visits by the hours of a week are those of mm-stats, the most a day stand out" {
	local period=(--from 2026-06-16 --to 2026-07-01 --tz Asia/Tokyo)
	report "${period[@]}"
	rows week | awk -F '\t' '{ for (i = 2; i <= NF; i++) if ($i > 0) print NR "\t" i - 2 "\t" $i }' > shown
	[ "$(rows week | cut -f 1 | tr '\n' ' ')" = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday ' ]
	[ "$(rows week | awk -F '\t' '{ print NF }' | sort -u)" = 25 ]
	mm-stats "${period[@]}" --metric visits --group-by weekday,hour_of_day --limit 1000 |
		jq -r '[.weekday, .hour_of_day, .value] | @tsv' | sort -n -k 1,1 -k 2,2 | diff - shown
	# of fifteen days, Tuesday is there three times
	awk -F '\t' '{ mean = $3 / ($1 == 2 ? 3 : 2); if (mean > most) { most = mean; hour = $2 ":00"; day = $1 } } END { print day, hour }' shown > most
	day=$(cut -d ' ' -f 1 most)
	names=(. Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays)
	grep -qF "Most begin on ${names[day]} from $(cut -d ' ' -f 2 most)." page.html
	[ "$(grep -o '<td class="h4">' page.html | wc -l)" -ge 1 ]
	[ "$(grep -o '<td class="h0"><span>[^<]*' page.html | sort -u)" = '<td class="h0"><span>0' ]
	report --from 2026-06-16 --to 2026-06-22
	[[ $output != *'class="week"'* ]]
}

@test "two days are shown by hour, a hundred by day, more by week" {
	report --from 2026-06-10 --to 2026-06-12
	[ "$(rows trend | wc -l)" -eq 48 ]
	[ "$(rows trend | head -n 1 | cut -f 1)" = '10 June 2026 00:00' ]
	report --from 2026-03-23 --to 2026-07-01
	[ "$(rows trend | wc -l)" -eq 100 ]
	report --from 2026-03-22 --to 2026-07-01
	[ "$(rows trend | wc -l)" -eq 16 ]
	[ "$(rows trend | head -n 1 | cut -f 1)" = '16 March 2026 (in part)' ]
}

@test "clocks that change by half an hour lose no event" {
	for minute in 00 20 40; do
		for hour in 12 13 14 15 16 17 18; do
			echo "{\"event\":\"e\",\"timestamp\":\"2026-04-04T$hour:$minute:00Z\",\"project_id\":\"00000000-0000-0000-0000-00000000001a\"}"
		done
	done | mm-enrich -q --no-ip-hash | mm-insert -q
	for zone in Australia/Lord_Howe Asia/Kathmandu; do
		report --project 00000000-0000-0000-0000-00000000001a --from 2026-04-04 --to 2026-04-06 --tz "$zone"
		[ "$status" -eq 0 ]
		[ "$(rows trend | cut -f 3 | jq -s add)" -eq 21 ]
	done
}

@test "intervals of which a part lies in the period are marked" {
	report --from 2026-06-10T06:00:00Z --to 2026-06-17T06:00:00Z
	[ "$(grep -c '(in part)' page.html)" -eq 2 ]
	[[ $output == *'The first and the last day are in the period with a part only'* ]]
	[ "$(grep -o 'class="part"' page.html | wc -l)" -eq 4 ]
	report "${P[@]}"
	[[ $output != *'part only'* ]]
}

@test "events that did not occur before the period are marked as new, and listed" {
	printf '{"event":"%s","timestamp":"2026-02-0%sT10:00:00Z","anonymous_id":"a","project_id":"00000000-0000-0000-0000-00000000000d"}\n' \
		old 1 old 3 fresh 3 fresh 4 | mm-enrich -q --no-ip-hash | mm-insert -q
	report --project 00000000-0000-0000-0000-00000000000d --from 2026-02-03 --to 2026-02-05
	[ "$(rows names)" = $'fresh new\t1\t2\nold\t1\t1\nfresh\t1\t2' ]
	report --project 00000000-0000-0000-0000-00000000000d --from 2026-02-04 --to 2026-02-05
	[ "$(rows names)" = $'fresh\t1\t1' ]
	[[ $output == *'All events of this period were known before it.'* ]]
	report --project 00000000-0000-0000-0000-00000000000d --from 2026-02-01 --to 2026-02-05
	[[ $output == *'Nothing is stored from before this period'* ]]
	[ "$(rows names)" = $'fresh\t1\t2\nold\t1\t2' ]
}

@test "a project without events is a report of zeros" {
	report "${P[@]}" --project "$nobody"
	[ "$status" -eq 0 ]
	[ "$(figure Events) $(figure Visitors) $(figure Visits) $(figure 'Paid share')" = '0 0 0 –' ]
	[[ $output == *'No event of this project is stored with a time in this period, nor from before it.'* ]]
	report --from 2027-01-01 --to 2027-02-01
	[ "$status" -eq 0 ]
	[[ $output == *'in this period; there are some from before it.'* ]]
}

@test "--explain prints the questions, all of them about events, and no value in the SQL" {
	report "${P[@]}" --explain --url http://127.0.0.1:1/
	[ "$status" -eq 0 ]
	[ "$(grep -c '^-- reads events: ' page.html)" -eq 6 ]
	grep -v '^SET' page.html > statements
	run ! grep -F -e 2026 -e 0000-0000 statements
	[ "$(mm-report "${P[@]}" --explain | grep -c '^FROM daily_rollup')" -eq 0 ]
}

@test "figures agree with one another after events were deleted" {
	printf '{"event":"a","timestamp":"2026-02-01T1%s:00:00Z","anonymous_id":"%s","project_id":"00000000-0000-0000-0000-00000000000f"}\n' \
		0 anna 1 bert | mm-enrich -q --no-ip-hash | mm-insert -q
	sql "DELETE FROM millimetric.events WHERE project_id = toUUID('00000000-0000-0000-0000-00000000000f') AND anonymous_id = 'anna'"
	report --project 00000000-0000-0000-0000-00000000000f --from 2026-01-30 --to 2026-02-02
	[ "$(figure Events) $(rows trend | cut -f 3 | jq -s add) $(rows names | cut -f 3)" = '1 1 1' ]
}

@test "--goal tells how often it was reached, its value by currency, and what has changed" {
	local day n=0 v
	MM_PROJECT=00000000-0000-0000-0000-0000000000a4
	export MM_PROJECT
	for v in '01 {"v":1}' '01 {"v":5,"c":"eur"}' '01 {"v":7,"c":"usd"}' '02 {"v":0.1,"c":"eur","big":18446744073709551616}' \
		'02 {"v":0.2,"c":"eur"}' '02 {"v":9,"c":"usd"}' '02 {"v":true,"c":"<b>"}'; do
		jq -nc --arg p "$MM_PROJECT" --arg t "2026-03-${v%% *} 10:00:00.00$((n++))" --arg v "${v#* }" \
			'{project_id: $p, timestamp: $t, event_name: "buy", anonymous_id: $t, properties: $v}'
	done | put
	day=(--from 2026-03-02 --to 2026-03-03)
	report "${day[@]}" --goal buy --value v --currency c
	[ "$(rows goals)" = $'buy\t4\t4\t100.0%' ]
	[ "$(rows worth)" = $'buy eur\t0.3\t2\nbuy &lt;b&gt;\t–\t1\nbuy usd\t9\t1\nbuy no currency\t–\t0' ]
	[ "$(sed -n '/id="goals"/,/id="sources"/s/.*<td class="by">\([^<]*\).*/\1/p' page.html)" = $'+33.3%\n−94.0%\n–\n+28.6%\n−100.0%' ]
	report "${day[@]}" --goal bye --goal buy --value vv --goal buy,c=gbp --value v
	[ "$(rows goals | cut -f 1,2)" = $'bye\t0\nbuy\t4\nbuyc=gbp\t0' ]
	[ "${#stderr_lines[@]}" -eq 3 ]
	[ "${stderr_lines[0]}" = "mm-report: --goal: no event 'bye' in this period; did you mean 'buy'?" ]
	[ "${stderr_lines[1]}" = "mm-report: --goal: no property 'vv' in this period; did you mean 'v'?" ]
	[ "${stderr_lines[2]}" = "mm-report: --goal: what this period has: 'buy' (4)" ]
	report "${day[@]}" --goal buy,c=usd --value v
	[ -z "$stderr" ]
	[ "$(rows goals)" = $'buyc=usd\t1\t1\t25.0%' ]
	[ "$(rows worth)" = $'buyc=usd\t9\t1' ]
	refused 2 '--value: is about the goal in front of it' "${day[@]}" --value v
	refused 2 '--value: is about the goal in front of it' "${day[@]}" --value v --goal buy
	refused 2 '--goal: expected an event' "${day[@]}" --goal ''
	refused 2 '--currency: goes with --value' "${day[@]}" --goal buy --currency c
	refused 2 '--value: expected a property' "${day[@]}" --goal buy --value a..b
	refused 2 '--value: each goal has one' "${day[@]}" --goal buy --value v --value c
}

@test "several goals stand beside each other, each with a value of its own" {
	local day=(--from 2026-06-08 --to 2026-06-15) g=()
	report "${day[@]}" --goal purchase --value amount_cents --currency currency --goal signup \
		--goal 'purchase,plan=pro' --value amount_cents --goal bye
	for goal in purchase signup; do
		[ "$(rows goals | grep "^$goal"$'\t')" = "$goal"$'\t'"$(value "${day[@]}" --event $goal)"$'\t'"$(
			value "${day[@]}" --event $goal --metric uniques)"$'\t'"$(awk "BEGIN { printf \"%.1f%%\", 100 * $(value "${day[@]}" --event $goal --metric uniques) / $(figure Visitors) }")" ]
	done
	[ "$(rows goals | cut -f 1 | tr '\n' ' ')" = 'purchase signup purchaseplan=pro bye ' ]
	[ "$(rows goals | tail -n 1)" = $'bye\t0\t0\t0.0%' ]
	# sums and times by currency are those of the conversions, whoever has the credit
	mm-sources "${day[@]}" --conversion purchase --value amount_cents --currency currency --limit 200 |
		jq -rs 'group_by(.currency)[] | [.[0].currency, (map(.value) | add), (map(.conversions) | add)] | @tsv' |
		sed 's/^/purchase /' | sort > want
	rows worth | awk -F '\t' '/^purchase / && $NF > 0' | sort | diff want -
	for n in 1 2 3 4 5 6 7 8 9 10 11; do
		g+=(--goal "g$n")
	done
	refused 2 '--goal: at most 10' "${day[@]}" "${g[@]}"
	report "${day[@]}" "${g[@]:2}" --explain
	[ "$(grep -c '^-- reads events: ' page.html)" -eq 16 ]
}

# ---- data quality ----

@test "--rejects counts by field and reason as mm-validate does, without any value" {
	gen_events -n 2000 --invalid 200 > events
	printf '%s\n' '{"event":"canary","url":"canary-secret","ip":"192.0.2.77"}' >> events
	mm-validate --rejects rejects --summary json < events > /dev/null 2> summary || true
	report "${P[@]}" --rejects rejects
	[ "$status" -eq 0 ]
	[[ $output == *'<p class="lead">201 lines of input were rejected.</p>'* ]]
	[[ $output != *canary* && $output != *192.0.2.77* ]]
	[ "$(rows quality | sort)" = "$(tail -n 1 summary | jq -r '[.. | objects | select(has("event"))][0] | to_entries[] |
		(if .key == "" then "the line" else .key end) as $field | .value | to_entries[] |
		[$field, (.key | gsub(","; "")), .value] | @tsv' | sort)" ]
}

@test "without rejects the report says nothing about quality; with none of them, that there are none" {
	report "${P[@]}"
	[[ $output != *'Data quality'* ]]
	: > rejects
	report "${P[@]}" --rejects rejects
	[[ $output == *'No line of input was rejected.'* ]]
}

@test "names and reasons of a rejects file that was made up are text, and many are bounded" {
	jq -nc 'range(3000) | {line: ., error: "invalid_payload", input: "x", details: {formErrors: ["<script>ran=true</script>"],
		fieldErrors: {"\u003cimg src=x onerror=ran()>\(.)\u0000\u202e": ["\"\u001b[31m", "b"]}}}' > rejects
	report "${P[@]}" --rejects rejects
	[ "$status" -eq 0 ]
	[[ $output != *'<script'* && $output != *'<img'* && $output != *$'\033'* ]]
	[ "$(rows quality | wc -l)" -eq 20 ]
	[ "$(rows quality | head -n 1)" = $'the line\t&lt;script&gt;ran=true&lt;/script&gt;\t3000' ]
	[[ $output == *'and 5,981 more'* ]]
}

# ---- errors: nothing on standard output ----

@test "what can't be asked is refused, and nothing is printed" {
	refused 2 '--from: missing'
	refused 2 '--from: expected a date' --from nonsense
	refused 2 'has to be before the end' --from 2026-06-02 --to 2026-06-01
	refused 2 '--tz: ' --from -7d --tz Nowhere/City
	refused 2 '--title: expected a text' --from -7d --title ' '
	refused 2 'UUID' --from -7d --project x
	refused 2 "try 'mm-report --help'" --from -7d --format csv
	refused 2 "try 'mm-report --help'" --from -7d operand
}

@test "a rejects file that can't be used is refused, and nothing is printed" {
	refused 2 'none: No such file' "${P[@]}" --rejects none
	refused 2 'Is a directory' "${P[@]}" --rejects .
	for line in '{"event":"signup"}' 'text' '[]' '{"details":{}}' '{"details":{"fieldErrors":{"a":"b"},"formErrors":[]}}' \
		'{"details":{"fieldErrors":{},"formErrors":[1]}}' '{"details":{"fieldErrors":{},"formErrors":[]}'; do
		printf '%s\n' '{"line":1,"details":{"fieldErrors":{},"formErrors":["a"]}}' "$line" > file
		refused 2 'file:2: not a reject record' "${P[@]}" --rejects file
		[[ $stderr != *signup* ]]
	done
}

@test "a server that can't be reached is status 75, one without tables 2, and nothing is printed" {
	refused 75 'no answer from' "${P[@]}" --url http://127.0.0.1:1/
	refused 2 'mm-schema' "${P[@]}" --database nosuch
}

@test "a failing output is an error, a closed pipe is none" {
	run -2 --separate-stderr bash -c "mm-report ${P[*]} > /dev/full"
	[[ $stderr == *"No space left"* ]]
	run -0 bash -c "mm-report ${P[*]}"' | true; exit ${PIPESTATUS[0]}'
}

# ---- the page ----

@test "the pages are valid HTML, CSS and SVG" {
	mm-report "${P[@]}" --goal purchase --value amount_cents --currency currency --goal signup > june.html
	mm-report --from 2026-06-10 --to 2026-06-11 --title '<"&'"'"'>' > day.html
	mm-report --from 2026-06-10T10:10:00Z --to 2026-06-10T10:20:00Z > minutes.html
	mm-report --from 2020-01-01 --to 2027-01-01 > years.html
	mm-report "${P[@]}" --project "$nobody" > nobody.html
	mm-report --from 2026-10-01 --to 2026-11-01 --project "$hostile" > hostile.html
	run java -jar "$("$repo/tests/oracles/vnu.sh" 2>/dev/null)" --errors-only ./*.html
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "whatever the names say, nothing runs, nothing is loaded, and they are text" {
	mm-report --from 2026-10-01 --to 2026-11-01 --project "$hostile" --title '</title><script>ran=true</script>' > hostile.html
	probe hostile.html light '#names + table bdi' > seen
	jq . seen
	[ "$(jq -c '[.scripts, .images, .handlers, .links, .requests, .ran, .policy]' seen)" = '[0,0,0,0,0,false,true]' ]
	[ "$(jq -r .title seen)" = '</title><script>ran=true</script>' ]
	jq -r '.text[][]' seen | sort > names
	hostile_rows | jq -r '.event_name' | sort -u > sent
	# all but those with characters that are made visible, replaced, or cut
	[ "$(comm -12 names sent | wc -l)" -eq 12 ]
	[ "$(wc -l < names)" -eq 16 ] # of 17; one shows nothing
	grep -qxF 'right\u202eto left\u2066 and\u2069 back' names
	grep -qxF '\x00\x07\x1b[31mred\x9b32m\x7f\x0a\x09end' names
	grep -qxF 'noncharacters � � �' names
}

@test "the page holds no address of any other place" {
	report "${P[@]}"
	[[ $output != *'://'* && $output != *'url('* && $output != *'@import'* && $output != *'<script'* ]]
	[[ $output == *"default-src 'none'"* ]]
}

@test "people with disabilities can use it, in both themes, and it fits narrow screens" {
	mm-report "${P[@]}" --goal purchase --value amount_cents --currency currency --goal signup > june.html
	for page in june hostile; do
		[ -e $page.html ] || mm-report --from 2026-10-01 --to 2026-11-01 --project "$hostile" > $page.html
		for theme in light dark; do
			probe $page.html $theme h1 > $page.$theme
			jq -r '.violations[]' $page.$theme
			[ "$(jq -c .violations $page.$theme)" = '[]' ]
			[ "$(jq .passes $page.$theme)" -gt 20 ]
			jq -e '.widths | to_entries | all(.value <= (.key | tonumber))' $page.$theme
		done
		[ "$(jq .paper $page.light)" != "$(jq .paper $page.dark)" ]
	done
}

@test "a browser shows it without complaint" {
	mm-report "${P[@]}" > june.html
	: > empty.html
	browser --window-size=800,1200 --screenshot=blank.png "file://$PWD/empty.html"
	browser --window-size=800,1200 --screenshot=june.png "file://$PWD/june.html"
	run ! grep CONSOLE browser.log
	[ "$(stat -c %s june.png)" -gt $(($(stat -c %s blank.png) * 5)) ]
}

@test "a month is printed on four pages of A4 at most" {
	gen_events -n 2000 --invalid 200 | mm-validate -q --rejects rejects > /dev/null || true
	mm-report "${P[@]}" --rejects rejects > june.html
	browser --no-pdf-header-footer --print-to-pdf=june.pdf "file://$PWD/june.html"
	pages=$(grep -ac '/Type */Page\b' june.pdf)
	((pages >= 1 && pages <= 4))
	grep -aq '/MediaBox \[0 0 59[45]' june.pdf
}
