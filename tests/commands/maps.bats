#!/usr/bin/env bats
# The recipes of lib/import/maps: what jq makes of the samples is valid, and right.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
	maps=$repo/lib/import/maps
	samples=$repo/tests/data/maps
}

# map NAME: the events of the sample, all of them valid, in the file `events`
map() {
	if [ "$1" = apache ]; then
		sed -e 's/\\x/\\u00/g' -e 's/\\v/\\u000b/g' "$samples/$1.ndjson"
	else
		cat "$samples/$1.ndjson"
	fi > in
	jq -c -f "$maps/$1.jq" in > events
	mm-validate --strict-keys events > valid
	cmp events valid
	[ -s events ]
}

# field NUMBER FILTER: of an event
field() {
	sed -n "$1p" events | jq -r "$2"
}

@test "nginx: pages only, whatever the log has in place of what it does not know" {
	map nginx
	[ "$(wc -l < events)" -eq 6 ]
	[ "$(field 1 .url)" = 'https://shop.example.com/beans/?utm_source=newsletter&utm_medium=email' ]
	[ "$(field 1 '[.event, .path, .ip, .host, .referrer, .event_id] | join(" ")')" = \
		'$pageview /beans/ 203.0.113.7 shop.example.com https://mail.google.com/ 0f3c7a5b9d2e4f60a1b2c3d4e5f60718' ]
	[ "$(field 2 '[.url, .host, .referrer, .user_agent] | tostring')" = \
		'["http://shop.example.com:8080/gr%C3%B6%C3%9Fe","shop.example.com",null,null]' ]
	[ "$(field 3 '[.timestamp, .path, .url, .ip] | tostring')" = '["2026-05-16T19:00:05.250Z","/plain",null,null]' ]
	[ "$(field 4 '[.timestamp, .path, .url] | tostring')" = '["2026-05-16T21:00:06+02:00","/proxy",null]' ]
	[ "$(field 5 tostring)" = '{"event":"$pageview","path":"/"}' ]
	[ "$(field 6 .ip)" = 198.51.100.4 ]
}

@test "nginx: mm-enrich finds source, device and hash" {
	map nginx
	run -0 bash -c 'mm-enrich events > rows'
	[ "$(head -n 1 rows | jq -r '[.source, .medium, .browser, .os, .timestamp] | join(" ")')" = \
		'newsletter email firefox linux 2026-05-16 19:00:00.000' ]
	[[ $(head -n 1 rows | jq -r .ip_hash) =~ ^[0-9a-f]{32}$ ]]
}

@test "nginx: a time that is not understood is left for mm-validate to reject" {
	echo '{"time":"yesterday","uri":"/","status":200}' | jq -c -f "$maps/nginx.jq" > events
	run -1 --separate-stderr mm-validate events
	[[ ${stderr_lines[0]} == *'timestamp: Invalid date-time'* ]]
}

@test "nginx: an address that is too long loses its query" {
	jq -nc '{time: "2026-05-16T19:00:00Z", host: "example.com", status: 200, uri: "/a?\([range(3000) | "x"] | join(""))"}' |
		jq -c -f "$maps/nginx.jq" > events
	run -0 mm-validate --strict-keys events
	[ "$(field 1 .url)" = https://example.com/a ]
}

@test "apache: request lines, escapes and zones as Apache writes them" {
	map apache
	[ "$(wc -l < events)" -eq 4 ]
	[ "$(field 1 '[.timestamp, .url, .path] | join(" ")')" = \
		'2026-05-16T21:00:00+02:00 https://blog.example.org/grinders?gclid=abc123 /grinders' ]
	[ "$(field 2 .url)" = 'https://blog.example.org/caf%C3%A9?q="1"' ]
	[ "$(field 2 .user_agent)" = $'tab\there "quoted" \\u0041 \x16\v' ]
	[ "$(field 3 '[.timestamp, .url, .ip] | join(" ")')" = \
		'2026-05-16T21:00:03+02:00 https://blog.example.org/about?lang=de 198.51.100.9' ]
	[ "$(field 4 .url)" = 'https://blog.example.org/split?a=1' ]
	run -0 bash -c 'mm-enrich events > rows'
	[ "$(jq -r '[.source, .medium, .browser] | join("/")' rows | tr '\n' ' ')" = \
		'google/paid/safari direct/direct/ internal/direct/ direct/direct/ ' ]
}

@test "segment: page, track, screen, identify; others yield nothing" {
	map segment
	[ "$(jq -r .event events | tr '\n' ' ')" = '$pageview Order Completed $identify $screen Bare ' ]
	[ "$(field 1 '.properties | tostring')" = '{"title":"Home","variant":2,"name":"Home"}' ]
	[ "$(field 1 '[.event_id, .anonymous_id, .path, .sent_at] | tostring')" = '["ajs-next-1","a-1","/",null]' ]
	[ "$(field 2 '[.url, .user_id, .properties.revenue, .sent_at] | tostring')" = \
		'["https://www.example.com/checkout","u-9",49.5,"2026-05-16T19:05:11Z"]' ]
	[ "$(field 3 '.properties.plan')" = pro ]
	run -0 bash -c 'mm-enrich events > rows'
	[ "$(head -n 1 rows | jq -r '[.source, .medium, .browser, .os, .device_type] | join(" ")')" = \
		'facebook paid chrome windows desktop' ]
}

@test "segment: a client's clock that is wrong is put right by mm-enrich --fix-skew" {
	map segment
	[ "$(sed -n 2p events | mm-enrich --fix-skew | jq -r .timestamp)" = '2026-05-16 19:00:10.000' ]
}

@test "ga4: parameters become properties, long integers keep their digits" {
	map ga4
	[ "$(jq -r .event events | tr '\n' ' ')" = '$pageview purchase screen_view session_start ' ]
	[ "$(field 1 '[.timestamp, .session_id, .url, .referrer] | join(" ")')" = \
		'2026-05-16T19:00:00.123Z 1234567890.1778950000-1778957990 https://www.example.com/pricing?gclid=abc https://www.google.com/' ]
	[ "$(field 1 '.properties | tostring')" = '{"page_title":"Pricing","engagement_time_msec":1200,"big":"9007199254740993","country":"Germany","device_category":"mobile","browser":"Chrome","operating_system":"Android","platform":"WEB"}' ]
	[ "$(field 1 .event_id)" = 1234567890.1778950000/1778958000123456/page_view/1778957995000/1/1 ]
	[ "$(field 2 '[.user_id, .event_id, .properties.value] | tostring')" = '["u-9",null,49.5]' ]
	[ "$(field 3 'has("url")')" = false ]
	run -0 bash -c 'mm-enrich events > rows'
	[ "$(head -n 1 rows | jq -r '[.source, .medium] | join(" ")')" = 'google paid' ]
}

@test "plausible: counts are unrolled into events" {
	map plausible
	[ "$(jq -r '"\(.event) \(.path)"' events | sort | uniq -c | sed 's/^ *//' | tr '\n' ';')" = \
		'4 $pageview /;1 $pageview /about;2 Outbound Link: Click null;' ]
	[ "$(jq -r 'select(.path == "/").anonymous_id' events | sort -u | wc -l)" -eq 2 ]
	[ "$(field 5 '[.timestamp, .url] | join(" ")')" = '2026-05-16T12:00:00Z https://example.com/about' ]
	[ "$(field 6 .properties.link_url)" = https://partner.example/ ]
}

@test "plausible: a replay gives the same rows, no two of them one event" {
	map plausible
	mm-enrich --deterministic events > one
	mm-enrich --deterministic events > two
	cmp one two
	[ "$(jq -r .event_id one | sort -u | wc -l)" -eq "$(wc -l < events)" ]
}

@test "no field is needed, and none has to be of its type" {
	for name in nginx apache segment ga4 plausible; do
		# each sample's objects without each of their keys, and with each one made odd
		sed -e 's/\\x/\\u00/g' -e 's/\\v/\\u000b/g' "$samples/$name.ndjson" | jq -c '
			select(type == "object") | . as $o | keys[] as $k
			| ($o | del(.[$k])), ($o | .[$k] = (null, "", "-", 7, -1.5, true, [], [7], {}, {"a": 1}))' > odd
		jq -c -f "$maps/$name.jq" odd > events
		[ -s events ]
		mm-validate -q --rejects rejects events > valid || true
		# what remains wrong is a time: it stays for mm-validate to reject
		[ -s rejects ] || continue
		run -1 grep -vE '^(timestamp|received_at|sent_at)$' <(jq -r '.details.fieldErrors | keys[]' rejects)
		rm -f rejects
	done
}

@test "the maps work from any folder, also through a link" {
	ln -s "$maps" link
	mkdir other && cd other || return
	run -0 jq -c -f ../link/nginx.jq "$samples/nginx.ndjson"
	[ "${#lines[@]}" -eq 6 ]
}

@test "an address in the place of the host gets into no url" {
	for host in 203.0.113.7 203.0.113.7:8080 203.0.113.7. 203.0.28935 0xcb.0.0x7107 0xCB007107 3405803783 031300070407 \
		'[2001:db8::1]' '[2001:db8::1]:443' 2001:db8::1 '[::ffff:203.0.113.7]' 1.2.3.999; do
		jq -nc --arg host "$host" '{time: "2026-05-16T19:00:00Z", host: $host, uri: "/a", status: 200}' > in
		for map in nginx apache; do
			jq -c -f "$maps/$map.jq" in > events
			[ "$(field 1 '[.url, .host, .path] | tostring')" = '[null,null,"/a"]' ]
		done
		jq -nc --arg host "$host" '{date: "2026-05-16", hostname: $host, page: "/a", visitors: 1, pageviews: 1}' |
			jq -c -f "$maps/plausible.jq" > events
		[ "$(field 1 '[.url, .path] | tostring')" = '[null,"/a"]' ]
	done
}

@test "where the host is an address, another key may have the site's name" {
	echo '{"time":"2026-05-16T19:00:00Z","host":"192.0.2.1","http_host":"shop.example","uri":"/a","status":200}' |
		jq -c -f "$maps/nginx.jq" > events
	[ "$(field 1 '[.url, .host] | join(" ")')" = 'https://shop.example/a shop.example' ]
}

@test "names that look a little like addresses are hosts" {
	for host in 1.example 127.example.com 0x7f.example a.b1 3com.example; do
		jq -nc --arg host "$host" '{host: $host, uri: "/a", status: 200}' | jq -c -f "$maps/nginx.jq" > events
		[ "$(field 1 .url)" = "https://$host/a" ]
	done
}
