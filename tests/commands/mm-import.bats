#!/usr/bin/env bats
# mm-import: every record becomes an event, a skip that is counted, or a reject.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
}

# combined TARGET [STATUS]: a line of a log
combined() {
	echo "203.0.113.7 - - [16/May/2026:19:00:00 +0000] \"GET $1 HTTP/1.1\" ${2:-200} 5 \"-\" \"-\""
}

# of KEY: its values, a line each, of the events in $output
of() {
	jq -r ".$1" <<< "$output"
}

@test "records of many formats become what they should" {
	run node "$repo/tests/data/import/check.mjs" "$repo/tests/data/import/records.ndjson"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "what comes out is valid, with all keys strict" {
	jq -r 'select(.format == "combined") | .input' "$repo/tests/data/import/records.ndjson" > log
	mm-import combined -q log > events || true
	[ "$(wc -l < events)" -gt 30 ]
	mm-validate --strict-keys events > valid
	cmp events valid
}

@test "lines are events, skips and rejects, none else" {
	"$BUILD/tests/gen-log" -n 20000 > log
	for i in 1 2 3; do printf 'torn %s\n\n' "$i"; done >> log
	run -1 --separate-stderr mm-import combined -q --summary json log
	[ "$(jq -r '.events + (.skipped | add) + .rejected' <<< "$stderr")" = "$(jq -r .lines <<< "$stderr")" ]
	[ "$(jq -r .lines <<< "$stderr")" -eq 20003 ]
	[ "$(jq -r .events <<< "$stderr")" -eq "${#lines[@]}" ]
	[ "$(jq -r .rejected <<< "$stderr")" -eq 3 ]
}

@test "rejects keep the line and say why" {
	run -1 --separate-stderr mm-import combined --rejects rejects --summary text <<< $'torn\n\nand torn'
	[ "$(jq -r '[.line, .error, .details.formErrors[0], .input] | join("|")' rejects)" = \
		$'1|invalid_record|Expected a log line with a time in brackets|torn\n3|invalid_record|Expected a log line with a time in brackets|and torn' ]
	[ "$(stat -c %a rejects)" = 600 ]
	[ "$stderr" = 'mm-import: 2 of 2 lines rejected, 0 events, 0 skipped' ]
}

@test "messages name file and line, and nothing of the line" {
	echo 'secret 203.0.113.7' > log
	run -1 --separate-stderr mm-import combined log
	[ "${stderr_lines[0]}" = 'mm-import: log:1: Expected a log line with a time in brackets' ]
	[[ $stderr != *secret* && $stderr != *203.0* ]]
}

@test "auto tells the format, and says which" {
	for name in combined common nginx-json caddy traefik cloudflare cloudfront iis alb haproxy \
		segment rudderstack ga4 plausible umami matomo; do
		jq -nr --arg name $name 'first(inputs | select(.format == $name and .rejected == 0
			and (.events | length) > 0 and (.args | not)) | .input)' \
			"$repo/tests/data/import/records.ndjson" > log
		run -0 --separate-stderr mm-import auto < log
		[[ ${stderr_lines[0]} == "mm-import: <stdin>: looks like "* ]]
		[ "${stderr_lines[0]##* }" = $name ] || { echo "$name: $stderr"; return 1; }
		mm-import -q $name < log > one
		cmp <(echo "$output") one
	done
}

@test "auto tells each file apart" {
	combined /a > a
	echo '{"time":"2026-05-16T19:00:00Z","host":"shop.example","uri":"/b","status":200}' > b
	run -0 --separate-stderr mm-import auto --site shop.example a b
	[ "$(of url | tr '\n' ' ')" = 'https://shop.example/a https://shop.example/b ' ]
	[ "$stderr" = $'mm-import: a: looks like combined\nmm-import: b: looks like nginx-json' ] ||
		[ "$stderr" = $'mm-import: a: looks like common\nmm-import: b: looks like nginx-json' ]
}

@test "a file of another format is refused, with the name of what it looks like" {
	combined /a > a
	run -2 --separate-stderr mm-import nginx-json a
	[ -z "$output" ]
	[ "$stderr" = 'mm-import: a: looks like common, not nginx-json' ]
	echo '{"time":"2026-05-16T19:00:00Z","host":"shop.example","uri":"/b","status":200}' > b
	run -2 --separate-stderr mm-import combined b
	[ "$stderr" = 'mm-import: b: looks like nginx-json, not combined' ]
}

@test "what nobody reads is told, with the command that helps" {
	combined /a | bzip2 > a.bz2
	run -2 --separate-stderr mm-import combined a.bz2
	[ "$stderr" = 'mm-import: a.bz2: looks like bzip2: unpack it with bzcat' ]
	combined /a | iconv -t UTF-16 > a.utf16
	run -2 --separate-stderr mm-import auto a.utf16
	[[ $stderr == *'looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8' ]]
	seq 20 > numbers
	run -2 --separate-stderr mm-import auto numbers
	[[ ${stderr_lines[-2]} == *'has an unknown format'* ]]
}

@test "a torn line after good ones is no other format" {
	{ combined /a; echo '{"time":"2026-05-16T19:00:00Z","uri":"/"}'; } > a
	run -1 --separate-stderr mm-import -q common a
	[ "${#lines[@]}" -eq 1 ]
}

@test "the same file gives the same ids, also when it has grown" {
	"$BUILD/tests/gen-log" -n 5000 > log
	mm-import -q combined log > one
	mm-import -q combined log > two
	cmp one two
	head -n 3000 log > short
	mm-import -q combined short > part
	cmp part <(head -n "$(wc -l < part)" one)
	[ "$(jq -r .event_id one | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "a line that comes again is another event, within its file" {
	for i in 1 2 3; do combined /a; done > log
	run -0 mm-import -q combined log log
	[ "$(of event_id | sort -u | wc -l)" -eq 3 ]
	[ "${#lines[@]}" -eq 6 ]
	# told apart also where many others lie between, up to the window
	{ combined /a; seq 16383 | sed "s|.*|$(combined '/&')|"; combined /a; } > near
	[ "$(mm-import -q combined near | jq -r .event_id | sort | uniq -d | wc -l)" -eq 0 ]
	{ combined /a; seq 16384 | sed "s|.*|$(combined '/&')|"; combined /a; } > far
	[ "$(mm-import -q combined far | jq -r .event_id | sort | uniq -d | wc -l)" -eq 1 ]
}

@test "many of one line: each has an id of its own" {
	yes "$(combined /)" | head -n 50000 > log
	[ "$(mm-import -q combined log | jq -r .event_id | sort -u | wc -l)" -eq 50000 ]
}

@test "ids depend on --site, not on where the line stands" {
	combined /a > log
	one=$(mm-import -q combined log | jq -r .event_id)
	[ "$one" != "$(mm-import -q combined --site a.example log | jq -r .event_id)" ]
	[ "$one" = "$( { combined /b; combined /a; } | mm-import -q combined | tail -n 1 | jq -r .event_id)" ]
	[ "$one" = "$(sed 's/$/\r/' log | mm-import -q combined | jq -r .event_id)" ]
}

@test "X-Forwarded-For is read from the right, past trusted proxies only" {
	line='10.0.0.2 - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-" "%s"'
	# shellcheck disable=SC2059
	ip() { printf "$line\n" "$1" | mm-import -q combined --trusted-proxy 10.0.0.0/8 --trusted-proxy 2001:db8:a::/48 | jq -r .ip; }
	[ "$(ip '198.51.100.1, 203.0.113.7')" = 203.0.113.7 ]
	[ "$(ip '203.0.113.7, 10.9.9.9, 2001:db8:a::5')" = 203.0.113.7 ]
	[ "$(ip '203.0.113.7, made up, 10.9.9.9')" = 10.9.9.9 ]
	[ "$(ip '[2001:db8::7]:4711')" = 2001:db8::7 ]
	[ "$(ip '203.0.113.7:4711')" = 203.0.113.7 ]
	[ "$(ip '10.1.1.1, 10.2.2.2')" = 10.1.1.1 ]
}

@test "a proxy that is not trusted is told once, with what helps" {
	for i in 1 2; do
		echo '10.0.0.2 - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-" "203.0.113.7"'
	done > log
	run -0 --separate-stderr mm-import combined --site shop.example --summary json log
	[ "$(of ip | sort -u)" = 10.0.0.2 ]
	[ "$(grep -c -- --trusted-proxy <<< "$stderr")" -eq 1 ]
	[ "$(jq -r .untrusted_proxy <<< "${stderr_lines[-1]}")" -eq 2 ]
}

@test "lines without a host are told once, with what helps" {
	{ combined /a; combined /b; } > log
	run -0 --separate-stderr mm-import combined log
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *'--site HOST'* ]]
	run -0 --separate-stderr mm-import combined --site shop.example log
	[ -z "$stderr" ]
}

@test "a host that is an address is no site" {
	for host in 192.0.2.10 192.0.2.10:8080 '[2001:db8::1]' 0xc0.0.2.10 3221225994; do
		run -0 mm-import -q nginx-json <<< \
			'{"time":"2026-05-16T19:00:00Z","host":"'"$host"'","uri":"/p","status":200}'
		[ "$(of url)" = null ]
		[ "$(of path)" = /p ]
		[[ $output != *192.0.2* && $output != *2001:db8* ]]
	done
}

@test "a host with characters that no name has is none" {
	for host in 'a"b' "a'b" 'a{b' 'a,b' 'a;b'; do
		jq -nc --arg host "$host" '{time: "2026-05-16T19:00:00Z", host: $host, uri: "/p", status: 200}' > log
		run -0 mm-import -q nginx-json log
		[ "$(of url)" = null ]
	done
}

@test "combined logs agree with a parser of another make" {
	run node "$repo/tests/oracles/combined.mjs" 20000
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "records with bytes changed at random: what comes out is valid" {
	run node "$repo/tests/data/import/mutate.mjs" "$repo/tests/data/import/records.ndjson" 60
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "--map: names of one's own go before" {
	printf '# mine\ntarget\tweb.full\nip\tEdge.Client\nip remote_x\n' > map
	run -0 mm-import -q nginx-json --map map <<< \
		'{"time":"2026-05-16T19:00:00Z","host":"shop.example","uri":"/other","web":{"full":"/mine"},"edge":{"client":"203.0.113.7"},"remote_addr":"192.0.2.1","status":200}'
	[ "$(of url)" = https://shop.example/mine ]
	[ "$(of ip)" = 203.0.113.7 ]
	printf 'target\nnonsense\tx\n' > wrong
	run -2 --separate-stderr mm-import nginx-json --map wrong <<< '{}'
	[[ $stderr == *'wrong:1: expected FIELD, a tab and KEY'* && $stderr == *'wrong:2: '* ]]
}

@test "--map: each line that is wrong is told on a line of its own" {
	printf 'bad\n\nworse\n' > wrong
	run -2 --separate-stderr mm-import nginx-json --map wrong <<< '{}'
	[ "$stderr" = "$(printf 'mm-import: wrong:%s: expected FIELD, a tab and KEY\n' 1 3)" ]
}

@test "CSV: quotes that go over lines, and doubled ones at their ends" {
	{
		printf 'created_at,event_name,hostname,url_path,session_id\n'
		printf '2026-05-16 10:00:00,"a\n""b""\n,c""",shop.example,/a,1\n'
		printf '2026-05-16 10:00:00,d,shop.example,/b,2\n'
	} > rows
	run -0 mm-import -q umami rows
	[ "$(of event)" = "$(printf 'a\n"b"\n,c"\nd')" ]
}

@test "CSV: a blank line is a part of a cell, and nothing elsewhere" {
	{
		printf 'created_at,event_name,hostname,url_path,session_id\n\n'
		printf '2026-05-16 10:00:00,"a\n\n \nb",shop.example,/a,1\n  \n'
		printf '2026-05-16 10:00:00,d,shop.example,/b,2\n\n'
	} > rows
	run -0 --separate-stderr mm-import umami --summary json rows
	[ "$(of event)" = "$(printf 'a\n\n \nb\nd')" ]
	[ "$(jq .blank <<< "$stderr")" = 3 ]
}

@test "the installed file of key names is one for --map" {
	combined /a > log
	run -0 mm-import -q combined --map "$repo/lib/import/log-keys.tsv" log
}

@test "an address that is too long loses its last parameters, and is counted" {
	long=$(times 2100 x)
	combined "/p?gclid=1&b=2&c=$long" > log
	run -0 --separate-stderr mm-import combined --site shop.example --summary json log
	[ "$(of url)" = 'https://shop.example/p?gclid=1&b=2' ]
	[ "$(jq -r .cut <<< "$stderr")" -eq 1 ]
	mm-validate --strict-keys <<< "$output" > valid
	combined "/$long" > log
	run -1 --separate-stderr mm-import combined log
	[[ $stderr == *'path: Too long'* ]]
	printf '{"time":"2026-05-16T19:00:00Z","remote_addr":"192.0.2.1","uri":"/","http_user_agent":"%s"}\n' \
		"$(head -c 1000000 /dev/zero | tr '\0' '\1')" > log
	run -0 --separate-stderr mm-import nginx-json --site shop.example --summary json log
	[ "$(jq '.user_agent | length' <<< "$output")" -eq 8192 ]
	[ "$(jq -r .cut <<< "$stderr")" -eq 1 ]
	# what is not ASCII costs three times as much in a url
	combined "/p?a=1&b=$(times 700 '\xff')" > log
	[ "$(mm-import -q combined --site shop.example log | jq -r .url)" = 'https://shop.example/p?a=1' ]
}

@test "what enters an event can be enriched: source, browser, hash" {
	echo '203.0.113.7 - - [16/May/2026:19:00:00 +0000] "GET /p?gclid=x HTTP/1.1" 200 5 "https://www.google.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"' |
		mm-import combined --site shop.example | mm-enrich > rows
	[ "$(jq -r '[.source, .medium, .browser, .os, .path, .timestamp] | join(" ")' rows)" = \
		'google paid firefox linux /p 2026-05-16 19:00:00.000' ]
	[[ $(jq -r .ip_hash rows) =~ ^[0-9a-f]{32}$ ]]
}

@test "memory stays small, whatever comes" {
	{ combined "/$(times 200000 'a\xff')"; yes "$(combined /x)" | head -n 20000; } > log
	head -c 3000000 /dev/urandom | tr -d '\n' >> log
	# of the plain build: sanitizers need more
	run -0 bash -c 'PATH="$BUILD/bin:$PATH" "$BUILD/tests/measure" -r 1 "mm-import -q combined log > /dev/null"'
	echo "$output"
	read -r _ _ _ kib _ <<< "$output"
	[ "$kib" -le 16384 ]
}

@test "gzip and zstd, in files and in pipes, of several pieces" {
	"$BUILD/tests/gen-log" -n 30000 > log
	mm-import -q combined log > plain
	gzip -k log && zstd -q log
	for file in log.gz log.zst; do
		mm-import -q combined "$file" > got && cmp plain got
		mm-import -q combined < "$file" > got && cmp plain got
		# pieces of odd sizes through a pipe
		dd if="$file" bs=777 status=none | mm-import -q combined > got && cmp plain got
	done
	{ head -n 10000 log | gzip; : | gzip; tail -n +10001 log | gzip; } > pieces.gz
	mm-import -q combined pieces.gz > got && cmp plain got
	{ head -n 10000 log | zstd -q; tail -n +10001 log | zstd -q; } > pieces.zst
	mm-import -q combined pieces.zst > got && cmp plain got
	{ cat log.gz; head -c 1000 /dev/zero; } > padded.gz
	mm-import -q combined padded.gz > got && cmp plain got
	mm-import -q combined log.gz log log.zst > got && cmp <(cat plain plain plain) got
	: | gzip > empty.gz
	run -0 mm-import -q combined empty.gz /dev/null
	[ -z "$output" ]
}

@test "a compressed file that is cut or damaged is an error, after what was good" {
	"$BUILD/tests/gen-log" -n 30000 > log
	mm-import -q combined log > plain
	gzip -k log && zstd -q log
	for file in log.gz log.zst; do
		for cut in 5 100 100000 $(($(stat -c %s "$file") - 1)); do
			head -c "$cut" "$file" > part
			run -2 --separate-stderr bash -c 'mm-import -q combined part > got'
			[ "$stderr" = 'mm-import: part: the compressed data ends in the middle' ]
			cmp <(head -n "$(wc -l < got)" plain) got
		done
		{ head -c 100000 "$file"; printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; tail -c +100040 "$file"; } > bad
		run -2 --separate-stderr bash -c 'mm-import -q combined bad > got'
		[[ $stderr == *'data is damaged' ]]
	done
	{ cat log.gz; echo garbage; } > more.gz
	run -2 --separate-stderr bash -c 'mm-import -q combined more.gz > got'
	[[ $stderr == *'something follows the gzip data' ]]
	cmp plain got
	# the next file is read nevertheless
	run -2 --separate-stderr bash -c 'mm-import -q combined more.gz log > got'
	cmp <(cat plain plain) got
}

@test "a window that would need much memory is refused" {
	head -c 40000000 /dev/zero | tr '\0' x | zstd -q --long=30 > long.zst
	run -2 --separate-stderr mm-import -q combined long.zst
	[[ $stderr == *'needs a window of more than 8 MiB'* ]]
}

@test "what trickles comes out at once" {
	mkfifo in
	mm-import -q combined < in > out 3>&- &
	pid=$!
	exec 7> in
	combined /a >&7
	eventually grep -q /a out
	exec 7>&-
	ends_with 0 $pid
}

@test "whole samples of five kinds: what becomes of every record" {
	samples=$repo/tests/data/import/samples
	for format in nginx-json apache-json segment ga4 plausible; do
		mm-import -q "$format" "$samples/${format%-json}.records" > got || [ $? -eq 1 ]
		diff "$samples/${format%-json}.events" got
	done
}

@test "ids of exports: their own, else made of the record, each its own" {
	echo '{"type":"track","event":"a","timestamp":"2026-05-16T19:00:00Z","userId":"u"}' > one
	cat one one > log
	run -0 mm-import segment -q log
	[ "$(of event_id | sort -u | wc -l)" -eq 2 ]
	run -0 mm-import segment -q log
	again=$output
	run -0 mm-import segment -q log
	[ "$again" = "$output" ]
	run -0 mm-import plausible -q "$repo/tests/data/import/samples/plausible.records"
	[ "$(of event_id | sort -u | wc -l)" -eq 7 ]
}

@test "a record of a batch that is wrong is rejected alone, and can be repaired" {
	echo '{"batch":[{"type":"track","event":"","messageId":"m1","timestamp":"2026-05-16T19:00:00Z"},{"type":"track","event":"b","messageId":"m2","timestamp":"2026-05-16T19:00:00Z"}]}' > log
	run -1 --separate-stderr mm-import segment --rejects rejects --summary json log
	[ "$(of event)" = b ]
	[ "$(jq -c .details.fieldErrors rejects)" = '{"event":["Required"]}' ]
	run -0 bash -c "jq -r .input rejects | jq -c '.event = \"a\"' | mm-import segment -q"
	[ "$(of event_id)" = m1 ]
}

@test "bytes of properties stay, whatever they are" {
	props='{ "n":12345678901234567890, "e":1e400 ,"f":1.0,"u":"\\u00e9\\/"}'
	printf '%s\n' '{"type":"track","event":"a","messageId":"m","timestamp":"2026-05-16T19:00:00Z","properties":'"$props}" > log
	run -0 mm-import segment -q log
	[[ $output == *'"properties":'"$props"* ]]
}

@test "what exports become is valid, with all keys strict" {
	jq -r 'select(.format == "segment" and (.input | startswith("{"))) | .input' "$repo/tests/data/import/records.ndjson" > log
	mm-import segment -q log > events || true
	mm-validate --strict-keys events > valid
	[ "$(wc -l < valid)" -gt 8 ]
	cmp events valid
}

# ---- following ----

@test "--state: each run begins where the last one ended, through rotation" {
	combined /1 > access.log
	run -0 mm-import -q combined --state s access.log
	[ "$(of path)" = /1 ]
	run -0 mm-import -q combined --state s access.log
	[ -z "$output" ]
	combined /2 >> access.log
	mv access.log access.log.1
	combined /3 > access.log
	run -0 mm-import -q combined --state s access.log
	[ "$(of path | tr '\n' ' ')" = '/2 /3 ' ]
	# two rotations, of which the first is compressed
	combined /4 >> access.log
	mv access.log access.log.2 && gzip access.log.2
	combined /5 > access.log.1
	combined /6 > access.log
	run -0 mm-import -q combined --state s access.log
	[ "$(of path | tr '\n' ' ')" = '/4 /5 /6 ' ]
}

@test "--state: a copy, and the log truncated" {
	{ combined /1; combined /2; } > access.log
	run -0 mm-import -q combined --state s access.log
	combined /3 >> access.log
	cp access.log access.log.1
	{ combined /longer/than/what/was/there/before; combined /5; combined /6; combined /7; } > access.log
	run -0 mm-import -q combined --state s access.log
	[ "$(of path | tr '\n' ' ')" = '/3 /longer/than/what/was/there/before /5 /6 /7 ' ]
}

@test "--state: half a line waits for its other half" {
	line=$(combined /1)
	printf %s "${line:0:40}" > access.log
	run -0 mm-import -q combined --state s access.log
	[ -z "$output" ]
	printf '%s\n' "${line:40}" >> access.log
	run -0 mm-import -q combined --state s access.log
	[ "$(of path)" = /1 ]
}

@test "--state: repeats go on being counted, so that ids are those of one reading" {
	for i in 1 2 3 4; do combined /same; combined "/$i"; done > whole
	head -n 3 whole > access.log
	mm-import -q combined --state s access.log > got
	tail -n +4 whole >> access.log
	mm-import -q combined --state s access.log >> got
	mm-import -q combined whole > want
	cmp want got
}

@test "--state: saved only when the events are written" {
	combined /1 > access.log
	run -2 bash -c 'mm-import -q combined --state s access.log > /dev/full'
	run -0 mm-import -q combined --state s access.log
	[ "$(of path)" = /1 ]
}

@test "--state: a file that is gone is told; what came since is read" {
	combined /1 > access.log
	mm-import -q combined --state s access.log > got
	combined /other > access.log
	run -0 --separate-stderr mm-import combined --site x.example --state s access.log
	[ "$(of url)" = https://x.example/other ]
	[[ $stderr == *'the file that was read last is gone'* ]]
}

@test "--state: what is no state, or damaged, is left alone" {
	combined /1 > access.log
	echo something > s
	run -2 --separate-stderr mm-import combined --state s access.log
	[[ $stderr == *'s: is not a state of mm-import'* ]]
	[ "$(cat s)" = something ]
	rm s
	mm-import -q combined --state s access.log > got
	printf x | dd of=s bs=1 seek=30 conv=notrunc status=none
	run -2 --separate-stderr mm-import combined --state s access.log
	[[ $stderr == *'or is damaged'* ]]
	run -2 --separate-stderr mm-import combined --state s
	[[ $stderr == *'need the name of one FILE'* ]]
	run -2 --separate-stderr mm-import combined --state access.log access.log
	[[ $stderr == *'is also read'* ]]
}

@test "--state: columns of the W3C's format are known from the file's start" {
	printf '#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-05-16 19:00:00 203.0.113.7 GET /1 200\n' > u.log
	mm-import -q iis --state s u.log > got
	echo '2026-05-16 19:00:01 203.0.113.7 GET /2 200' >> u.log
	run -0 mm-import -q iis --state s u.log
	[ "$(of path)" = /2 ]
}

@test "--follow: lines come as they are written, also to a new file; a signal ends it" {
	combined /1 > access.log
	mm-import -q combined --follow --state s access.log > out 3>&- &
	pid=$!
	eventually grep -q '"/1"' out
	combined /2 >> access.log
	eventually grep -q '"/2"' out
	mv access.log access.log.1
	combined /3 >> access.log.1
	combined /4 > access.log
	eventually grep -q '"/4"' out
	kill -TERM $pid
	ends_with 143 $pid
	[ "$(jq -r .path out | tr '\n' ' ')" = '/1 /2 /3 /4 ' ]
	run -0 mm-import -q combined --state s access.log
	[ -z "$output" ]
}

@test "--follow: killed at any moment beside a log that is rotated, nothing is lost" {
	run node "$repo/tests/faults/follow.mjs" 12
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a full disk is an error" {
	combined /a > log
	run -2 --separate-stderr bash -c 'mm-import -q combined log > /dev/full'
	[[ $stderr == *'standard output: No space left on device'* ]]
}

@test "wrong calls are told" {
	run -2 --separate-stderr mm-import
	[[ $stderr == *'expected the FORMAT'* ]]
	run -2 --separate-stderr mm-import nonsense
	[[ $stderr == *'nonsense: unknown format; expected one of: alb, '* ]]
	run -2 --separate-stderr mm-import combined --site 192.0.2.1
	[[ $stderr == *'--site: expected'* ]]
	run -2 --separate-stderr mm-import combined --trusted-proxy 10.0.0.0/33
	[[ $stderr == *'--trusted-proxy: expected'* ]]
	run -2 --separate-stderr mm-import combined --keep status,robots
	[[ $stderr == *'--keep: expected'* ]]
	run -2 --separate-stderr mm-import combined --skip-path admin
	[[ $stderr == *'--skip-path: expected'* ]]
	run -2 --separate-stderr mm-import combined nowhere.log
	[[ $stderr == *'nowhere.log: No such file'* ]]
}
