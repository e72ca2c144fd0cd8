#!/usr/bin/env bats
# mm-enrich: what is dropped, marked, corrected, taken out; and several threads.
load helper
# bats sets stderr_lines
# shellcheck disable=SC2154

chrome='Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
google='Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
}

# column NAME OPTION...: of the row of the line on standard input
column() {
	local name=$1
	shift
	mm-enrich "$@" | jq -r ".$name"
}

# ---- robots ----

@test "--bots keep: a robot's event is a row like others" {
	run -0 column device_type <<< '{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":"'"$google"'"}'
	[ "$output" = "" ]
}

@test "--bots mark: its device is bot" {
	run -0 column device_type --bots mark <<< '{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":"'"$google"'"}'
	[ "$output" = bot ]
	run -0 column device_type --bots mark <<< '{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":"'"$chrome"'"}'
	[ "$output" = desktop ]
}

@test "--bots drop: it is gone, counted, and no reject" {
	printf '{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":"%s"}\n' "$google" "$chrome" curl/8.5.0 > in
	run -0 --separate-stderr mm-enrich --bots drop in
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "mm-enrich: 0 of 3 lines rejected, 2 robots' dropped (search 1, library 1)" ]
	run -0 --separate-stderr mm-enrich --bots drop --summary json in
	[ "$(jq -c '[.lines, .valid, .rejected, .dropped]' <<< "$stderr")" = \
		'[3,3,0,{"search":1,"library":1}]' ]
}

@test "an event without an agent is no robot's" {
	run -0 mm-enrich --bots drop <<< $'{"event":"x","timestamp":"2026-05-16T19:00:00Z"}\n{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":""}'
	[ "${#lines[@]}" -eq 2 ]
}

@test "--bots-file adds robots, and takes them off" {
	printf '# ours\nacmeprobe\tmonitor\ncurl\tapp\n' > bots
	printf '{"event":"x","timestamp":"2026-05-16T19:00:00Z","user_agent":"%s"}\n' "$chrome AcmeProbe/1" curl/8.5.0 > in
	run -0 --separate-stderr mm-enrich --bots drop --bots-file bots in
	[ "${#lines[@]}" -eq 1 ]
	[[ $stderr == *"1 robots' dropped (monitor 1)" ]]
}

@test "a bad bots file is refused with all its errors" {
	printf 'acme\tnonsense\n\nacme\n' > bots
	run -2 --separate-stderr mm-enrich --bots-file bots <<< '{"event":"x","timestamp":"2026-05-16T19:00:00Z"}'
	[ -z "$output" ]
	[[ $stderr == *'bots:1: '*'bots:3: '* ]]
}

# ---- client hints ----

@test "client hints refine the agent, and are not stored" {
	reduced='Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36'
	run -0 mm-enrich <<< '{"event":"x","user_agent":"'"$reduced"'","ua_hints":{"brands":[{"brand":"Microsoft Edge","version":"126"},{"brand":"Chromium","version":"126"}],"mobile":false,"platform":"Android"}}'
	[ "$(jq -c '[.browser, .os, .device_type]' <<< "$output")" = '["edge","android","tablet"]' ]
	[[ $output != *Microsoft* ]]
}

@test "hints that are no object are rejected" {
	run -1 --separate-stderr mm-enrich <<< '{"event":"x","ua_hints":"Chromium"}'
	[[ ${stderr_lines[0]} == *'ua_hints: Expected object, received string' ]]
}

# ---- clocks ----

@test "--fix-skew corrects by the difference of the clocks" {
	line='{"event":"x","timestamp":"2026-05-16T10:00:00Z","sent_at":"2026-05-16T10:00:05.5Z","received_at":"2026-05-16T12:00:05.5Z"}'
	[ "$(column timestamp <<< "$line")" = '2026-05-16 10:00:00.000' ]
	[ "$(column timestamp --fix-skew <<< "$line")" = '2026-05-16 12:00:00.000' ]
}

@test "--fix-skew without both times changes nothing" {
	for key in sent_at received_at; do
		line='{"event":"x","timestamp":"2026-05-16T10:00:00Z","'$key'":"2026-05-16T12:00:00Z"}'
		[ "$(column timestamp --fix-skew <<< "$line")" = '2026-05-16 10:00:00.000' ]
	done
}

@test "a correction beyond what can be stored is rejected" {
	run -1 --separate-stderr mm-enrich --fix-skew <<< \
		'{"event":"x","timestamp":"2299-12-31T00:00:00Z","sent_at":"1900-01-01T00:00:00Z","received_at":"2026-05-16T12:00:00Z"}'
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == *'timestamp: Out of range'* ]]
}

late='{"event":"old","timestamp":"2026-05-01T00:00:00Z","received_at":"2026-05-16T12:00:00Z"}
{"event":"new","timestamp":"2026-05-16T13:00:00.001Z","received_at":"2026-05-16T12:00:00Z"}
{"event":"fine","timestamp":"2026-05-16T13:00:00Z","received_at":"2026-05-16T12:00:00Z"}'

@test "--late keep counts what is beyond the bounds" {
	run -0 --separate-stderr mm-enrich --max-age 14d --max-future 1h <<< "$late"
	[ "$(jq -r .timestamp <<< "$output" | head -n 1)" = '2026-05-01 00:00:00.000' ]
	[ "$stderr" = 'mm-enrich: 0 of 3 lines rejected, 1 too far in the future, 1 too old' ]
}

@test "--late clamp moves it to the bound" {
	run -0 --separate-stderr mm-enrich --max-age 14d --max-future 1h --late clamp --summary json <<< "$late"
	[ "$(jq -r .timestamp <<< "$output")" = '2026-05-02 12:00:00.000
2026-05-16 13:00:00.000
2026-05-16 13:00:00.000' ]
	[ "$(jq -c .late <<< "$stderr")" = '{"future":1,"old":1}' ]
}

@test "--late reject rejects, with the option's name" {
	run -1 --separate-stderr mm-enrich --max-age 14d --max-future 1h --late reject <<< "$late"
	[ "$(jq -r .event_name <<< "$output")" = fine ]
	[ "${stderr_lines[0]}" = 'mm-enrich: <stdin>:1: timestamp: Too old (--max-age)' ]
	[ "${stderr_lines[1]}" = 'mm-enrich: <stdin>:2: timestamp: Too far in the future (--max-future)' ]
}

@test "without received_at the clock decides, but not in a replay" {
	line='{"event":"x","timestamp":"2020-01-01T00:00:00Z"}'
	run -1 mm-enrich --max-age 1d --late reject <<< "$line"
	run -0 mm-enrich --max-age 1d --late reject --deterministic <<< "$line"
}

@test "wrong durations are refused" {
	for value in '' x 5y -1s 99999999999d; do
		run -2 --separate-stderr mm-enrich --max-age="$value" <<< '{"event":"x"}'
		[[ $stderr == 'mm-enrich: --max-age: expected a duration'* ]]
	done
}

# ---- stored URLs ----

@test "user and password are taken out of stored URLs" {
	run -0 mm-enrich <<< '{"event":"x","url":"https://joe:secret@example.com/a?b=1#c","referrer":"http://u@r.example/"}'
	[ "$(jq -c '[.url, .referrer, .path]' <<< "$output")" = \
		'["https://example.com/a?b=1#c","http://r.example/","/a"]' ]
}

@test "an @ elsewhere stays" {
	for url in 'https://example.com/@joe?m=a@b#@' 'mailto:joe@example.com'; do
		[ "$(column url <<< '{"event":"x","url":"'"$url"'"}')" = "$url" ]
	done
}

# visitor LINE: who the event is of, by --visitor daily.
visitor() {
	mm-enrich -q --visitor daily <<< "$1" | jq -r .anonymous_id
}

@test "--visitor daily: one visitor a day, site, address and agent" {
	event() { # TIME IP AGENT HOST
		printf '{"event":"x","timestamp":"%s","ip":"%s","user_agent":"%s","host":"%s"}' "$@"
	}
	id=$(visitor "$(event 2026-05-16T00:00:00Z 203.0.113.7 A shop.example)")
	[[ $id =~ ^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	[ "$(visitor "$(event 2026-05-16T23:59:59.999Z 203.0.113.7 A shop.example)")" = "$id" ]
	[ "$(visitor "$(event 2026-05-16T10:00:00Z ::ffff:203.0.113.7 A WWW.Shop.example:443)")" = "$id" ]
	[ "$(visitor '{"event":"y","timestamp":"2026-05-16T10:00:00Z","ip":"203.0.113.7","user_agent":"A","url":"https://shop.example/a"}')" = "$id" ]
	[ "$(visitor '{"event":"y","timestamp":"2019-01-01T10:00:00Z","received_at":"2026-05-16T10:00:00Z","ip":"203.0.113.7","user_agent":"A","host":"shop.example"}')" = "$id" ]
	# another day, address, agent, site, salt
	[ "$(visitor "$(event 2026-05-17T00:00:00Z 203.0.113.7 A shop.example)")" != "$id" ]
	[ "$(visitor "$(event 2026-05-16T10:00:00Z 203.0.113.8 A shop.example)")" != "$id" ]
	[ "$(visitor "$(event 2026-05-16T10:00:00Z 203.0.113.7 B shop.example)")" != "$id" ]
	[ "$(visitor "$(event 2026-05-16T10:00:00Z 203.0.113.7 A blog.example)")" != "$id" ]
	other=$(MM_IP_SALT=another-salt-of-this-test visitor "$(event 2026-05-16T10:00:00Z 203.0.113.7 A shop.example)")
	[ "$other" != "$id" ]
}

@test "--visitor daily: an id that was sent stays, without an address there is none to make" {
	line='{"event":"x","timestamp":"2026-05-16T10:00:00Z","ip":"203.0.113.7","anonymous_id":"mine"}'
	[ "$(visitor "$line")" = mine ]
	line='{"event":"x","timestamp":"2026-05-16T10:00:00Z","user_agent":"A"}'
	[ "$(visitor "$line")" = "$(mm-enrich -q <<< "$line" | jq -r .anonymous_id)" ]
}

@test "--visitor daily: the id is HMAC-SHA-256 of address, site and agent, as openssl makes it" {
	key=$(printf '%s2026-05-16' "$MM_IP_SALT" | od -An -v -tx1 | tr -d ' \n')
	want=$(printf '203.0.113.7\nshop.example\nA' |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" | sed 's/.*= *//' | cut -c 1-32)
	got=$(visitor '{"event":"x","timestamp":"2026-05-16T10:00:00Z","ip":"203.0.113.7","user_agent":"A","host":"shop.example"}' |
		tr -d -)
	# but for the version and the variant
	[ "${got:0:12}${got:13:3}${got:17}" = "${want:0:12}${want:13:3}${want:17}" ]
}

@test "--visitor daily: needs the salt, also with --no-ip-hash; threads agree" {
	unset MM_IP_SALT
	run -2 --separate-stderr mm-enrich --visitor daily --no-ip-hash <<< '{"event":"x"}'
	[[ $stderr == 'mm-enrich: no salt: make one with'* ]]
	salt
	line='{"event":"x","timestamp":"2026-05-16T10:00:00Z","ip":"203.0.113.7"}'
	run -0 mm-enrich -q --visitor daily --no-ip-hash <<< "$line"
	[ "$(jq -r .ip_hash <<< "$output")" = '' ]
	[ "$(jq -r .anonymous_id <<< "$output")" = "$(visitor "$line")" ]
	gen_events -n 20000 | jq -c 'del(.anonymous_id)' > in
	mm-enrich -q --deterministic --visitor daily in > one || [ $? -eq 1 ]
	mm-enrich -q --deterministic --visitor daily --jobs 3 in > three || [ $? -eq 1 ]
	cmp one three
}

@test "--fbclid social: an fbclid alone is of a post" {
	line='{"event":"x","url":"https://example.com/?fbclid=y"}'
	[ "$(column medium <<< "$line")" = paid ]
	run -0 mm-enrich --fbclid social <<< "$line"
	[ "$(jq -r .medium <<< "$output")" = social ]
}

@test "--strip-params takes parameters out after attribution has seen them" {
	run -0 mm-enrich --strip-params gclid,email <<< \
		'{"event":"x","url":"https://example.com/?a=1&GCLID=x&e%6Dail=j@x&b=2&amp;email=z#gclid=y"}'
	[ "$(jq -c '[.url, .source]' <<< "$output")" = '["https://example.com/?a=1&b=2#gclid=y","google"]' ]
	run -0 mm-enrich --strip-params gclid <<< '{"event":"x","url":"https://example.com/p?gclid=x"}'
	[ "$(jq -c '[.url, .source_rule_id]' <<< "$output")" = '["https://example.com/p","google_click_id"]' ]
}

@test "--strip-params cleans the referrer too, which is the page before" {
	run -0 mm-enrich --strip-params email <<< \
		'{"event":"x","url":"https://example.com/","referrer":"https://example.com/login?email=me@x.y&a=1"}'
	[ "$(jq -r .referrer <<< "$output")" = 'https://example.com/login?a=1' ]
}

@test "user and password leave a referrer or path that is no proper URL as well" {
	while read -r sent stored; do
		run -0 mm-enrich <<< '{"event":"x","referrer":"'"$sent"'","path":"'"$sent"'"}'
		[ "$(jq -c '[.referrer, .path]' <<< "$output")" = '["'"$stored"'","'"$stored"'"]' ]
	done <<-'END'
		https://us:pw@bad^host/ https://bad^host/
		//u:p@x //x
		https://[bad/u:p@x https://[bad/u:p@x
		https://a@b@c/?d=//e@f https://c/?d=//e@f
		joe@example.com joe@example.com
		/a//b@c /a//b@c
	END
}

@test "a URL without any of them keeps its bytes" {
	run -0 mm-enrich --strip-params gclid <<< '{"event":"x","url":"https:\/\/example.com\/?a&&b=%zz"}'
	[[ $output == *'"url":"https:\/\/example.com\/?a&&b=%zz"'* ]]
}

@test "wrong lists are refused" {
	for list in '' ',' 'a,' 'a,,b' 'a b' a=1 'a&b'; do
		run -2 --separate-stderr mm-enrich --strip-params "$list" <<< '{"event":"x"}'
		[[ $stderr == 'mm-enrich: --strip-params: '* ]]
	done
}

# ---- several threads ----

@test "--jobs gives the same rows, rejects and messages as one thread" {
	gen_events -n 30000 --invalid 300 > in
	for n in 1 2 5; do
		mm-enrich --deterministic --jobs $n --rejects rejects.$n in > rows.$n 2> err.$n || [ $? -eq 1 ]
		mm-enrich --deterministic --jobs $n in > /dev/null 2> told.$n || [ $? -eq 1 ]
	done
	for n in 2 5; do
		cmp rows.1 rows.$n
		cmp rejects.1 rejects.$n
		cmp err.1 err.$n
		cmp told.1 told.$n
	done
	[ "$(wc -l < rejects.1)" -ge 300 ]
}

@test "--jobs keeps the order of rejects around lines that are too long and files that are missing" {
	gen_events -n 2000 --invalid 100 > in
	{ cat in; printf '{"event":"%s"}\n' "$(times 3000 x)"; cat in; } > long
	for n in 1 2; do
		mm-enrich --deterministic --jobs $n --max-line 2500 --rejects rejects.$n long missing in \
			> rows.$n 2> err.$n || [ $? -eq 2 ]
	done
	cmp rows.1 rows.2
	cmp rejects.1 rejects.2
	cmp err.1 err.2
	grep -q missing err.1
}

@test "--jobs is live: a line that waits for more input is written" {
	mkfifo fifo
	mm-enrich --jobs 2 < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	for i in 1 2 3; do
		printf '{"event":"n%s"}\n' $i >&9
		eventually grep -q "n$i" out
	done
	exec 9>&-
	ends_with 0 "$pid"
}

@test "--jobs counts as one thread does" {
	gen_events -n 20000 --invalid 100 > in
	for n in 1 3; do
		mm-enrich -q --deterministic --jobs $n --bots drop --max-age 1h --summary json in 2>&1 > rows.$n |
			jq -c 'del(.caches)' > summary.$n
	done
	cmp rows.1 rows.3
	cmp summary.1 summary.3
}

@test "--jobs: head may have enough, a full disk reaches the status" {
	gen_events -n 20000 > in
	run -0 --separate-stderr bash -c 'mm-enrich -j 2 in | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"'
	[ -z "$stderr" ]
	run -2 --separate-stderr bash -c 'mm-enrich -j 2 in > /dev/full'
	[ "${stderr_lines[0]}" = 'mm-enrich: standard output: No space left on device' ]
}

@test "--jobs: a signal ends it after what was read" {
	mkfifo fifo
	env --default-signal=TERM mm-enrich --jobs 2 < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '{"event":"one"}\n' >&9
	eventually grep -q one out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 9>&-
}

@test "caches answer, and say how often" {
	gen_events -n 5000 > in
	run -0 --separate-stderr mm-enrich --summary json in
	[ "$(jq '.caches.agents.hits > 0 and .caches.addresses.hits > 0' <<< "$stderr")" = true ]
	[ "$(jq '.caches.agents | .hits + .misses' <<< "$stderr")" -le 5000 ]
}
