#!/usr/bin/env bats
# mm-hash-ip: addresses become hashes, and nothing else changes.
# bats sets stderr_lines
# shellcheck disable=SC2154
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
}

# expected ADDRESS DAY: what openssl makes of it
expected() {
	printf %s "$1" | openssl dgst -sha256 -hmac "$MM_IP_SALT$2" | sed 's/.*= //' | cut -c 1-32
}

@test "the key ip becomes ip_hash, every other byte stays" {
	hash=$(expected 203.0.113.7 2026-05-16)
	run -0 --separate-stderr mm-hash-ip <<< \
		'{ "n" : 12345678901234567890,"ip": "203.0.113.7" , "timestamp":"2026-05-16T23:59:59Z","x":"\u00e9"}'
	[ "$output" = '{ "n" : 12345678901234567890,"ip_hash":"'"$hash"'" , "timestamp":"2026-05-16T23:59:59Z","x":"\u00e9"}' ]
}

@test "received_at names the day before timestamp does" {
	hash=$(expected 203.0.113.7 2026-05-17)
	run -0 mm-hash-ip <<< \
		'{"ip":"203.0.113.7","timestamp":"2026-05-16T23:59:59Z","received_at":"2026-05-17T00:00:01Z"}'
	[ "$(jq -r .ip_hash <<< "$output")" = "$hash" ]
}

@test "--date goes before what the line says" {
	hash=$(expected 2001:db8::1 2020-02-29)
	run -0 mm-hash-ip --date 2020-02-29 <<< '{"ip":"2001:DB8:0::1","timestamp":"2026-05-16T23:59:59Z"}'
	[ "$(jq -r .ip_hash <<< "$output")" = "$hash" ]
}

@test "a line without a date that it understands is rejected, never hashed for today" {
	cat > in <<-'END'
		{"ip":"203.0.113.7"}
		{"ip":"203.0.113.7","@timestamp":"2019-05-16T19:00:00Z"}
		{"ip":"203.0.113.7","timestamp":null,"received_at":null}
		{"ip":"203.0.113.7","timestamp":"2024-01-02T19:00:00Z"}
		{"ip":"203.0.113.7","context":{"timestamp":"2024-01-02T19:00:00Z"}}
		{"ip":"203.0.113.7","received_at":"2024-01-02"}
		{"ip":"203.0.113.7","timestamp":1714500000}
		{"ip":""}
	END
	run -1 --separate-stderr mm-hash-ip in
	[ "$output" = '{"ip_hash":"'"$(expected 203.0.113.7 2024-01-02)"'","timestamp":"2024-01-02T19:00:00Z"}'$'\n''{"ip_hash":""}' ]
	[ "${stderr_lines[0]}" = 'mm-hash-ip: in:1: timestamp: Required, or received_at: the hash needs a day, which --date gives as well' ]
	[ "${stderr_lines[4]}" = 'mm-hash-ip: in:6: received_at: Invalid date-time: the hash needs a day, which --date gives as well' ]
	[ "${stderr_lines[6]}" = 'mm-hash-ip: 6 of 8 lines rejected' ]
	run -0 --separate-stderr mm-hash-ip --date 2024-01-02 in
	[ "$(grep -c "$(expected 203.0.113.7 2024-01-02)" <<< "$output")" -eq 7 ]
}

@test "--date today is the day of the clock, when it is asked for" {
	before=$(date -u +%F)
	run -0 mm-hash-ip --date today <<< '{"ip":"203.0.113.7"}'
	got=$(jq -r .ip_hash <<< "$output")
	run -0 mm-hash-ip --date today --plain <<< 203.0.113.7
	after=$(date -u +%F)
	for hash in "$got" "$output"; do
		[ "$hash" = "$(expected 203.0.113.7 "$before")" ] || [ "$hash" = "$(expected 203.0.113.7 "$after")" ]
	done
}

@test "lines in which nothing was replaced are counted, and said" {
	printf '%s\n' '{"remote_addr":"203.0.113.7","timestamp":"2026-05-16T19:00:00Z"}' '{"a":{"ip":"203.0.113.7"}}' \
		'{"ip":"203.0.113.7","timestamp":"2026-05-16T19:00:00Z"}' '{"ip":null}' > in
	run -0 --separate-stderr mm-hash-ip in
	[ "$stderr" = 'mm-hash-ip: 0 of 4 lines rejected, 2 without the key ip, passed as they are' ]
	run -0 --separate-stderr mm-hash-ip --summary json in
	[ "$(jq -c '[.lines, .unchanged]' <<< "$stderr")" = '[4,2]' ]
	run -0 --separate-stderr mm-hash-ip -q in
	[ -z "$stderr" ]
}

@test "it agrees with mm-enrich" {
	gen_events -n 500 > in
	# what has no time of its own has no day here, and that of the run there
	grep -E '"(timestamp|received_at)":' in > timed
	mm-hash-ip timed | jq -r '.ip_hash // ""' > ours
	mm-enrich timed | jq -r .ip_hash > theirs
	cmp ours theirs
	grep -q . ours
}

@test "a line without ip passes unchanged" {
	run -0 --separate-stderr mm-hash-ip <<< '{ "a":[1, 2] }'
	[ "$output" = '{ "a":[1, 2] }' ]
}

@test "null and the empty string have the empty hash" {
	run -0 mm-hash-ip <<< $'{"ip":null}\n{"ip":""}'
	[ "$output" = $'{"ip_hash":""}\n{"ip_hash":""}' ]
}

@test "no address survives: twice in a line, escaped, beside an old hash" {
	hash=$(expected 203.0.113.8 2026-05-16)
	run -0 mm-hash-ip --date 2026-05-16 <<< \
		'{"ip":"203.0.113.7","\u0069p":"203.0.113.\u0038","ip_hash":"old"}'
	[ "$output" = '{"ip_hash":"'"$hash"'","ip_hash":"'"$hash"'","ip_hash":"'"$hash"'"}' ]
}

@test "what is no address is rejected, not passed on, and not quoted" {
	run -1 --separate-stderr mm-hash-ip <<< $'{"ip":"203.0.113.777"}\n{"ip":7}\n{"ip":"203.0.113.7"'
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'mm-hash-ip: <stdin>:1: ip: Invalid IP address' ]
	[ "${stderr_lines[1]}" = 'mm-hash-ip: <stdin>:2: ip: Invalid IP address' ]
	[ "${stderr_lines[2]}" = 'mm-hash-ip: <stdin>:3: Invalid JSON at byte offset 19: the text ends too early' ]
	[[ $stderr != *203.0* ]]
}

@test "a time that is none is rejected: it would hash for a wrong day" {
	run -1 --separate-stderr mm-hash-ip <<< '{"ip":"203.0.113.7","timestamp":"16/May/2026:19:00:00 +0000"}'
	[ -z "$output" ]
	[[ $stderr == *'timestamp: Invalid date-time'*--date* ]]
}

@test "--plain: an address a line" {
	run -0 mm-hash-ip --plain --date 2026-05-16 <<< $'203.0.113.7\n2001:db8::1'
	[ "$output" = "$(expected 203.0.113.7 2026-05-16)"$'\n'"$(expected 2001:db8::1 2026-05-16)" ]
}

@test "--plain: what is no address is rejected and kept when asked for" {
	run -1 --separate-stderr mm-hash-ip --plain --date 2026-05-16 --rejects rejects <<< $'-\n203.0.113.7'
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -r .input rejects)" = - ]
	[ "$(stat -c %a rejects)" = 600 ]
}

@test "--key-id tells salts apart and does not show them" {
	umask 077
	run -0 mm-hash-ip --key-id
	one=$output
	[[ $one =~ ^[0-9a-f]{16}$ ]]
	printf '%s\n' "$MM_IP_SALT" > salt
	run -0 mm-hash-ip --key-id --salt-file salt
	[ "$output" = "$one" ]
	MM_IP_SALT=another-salt-of-enough-bytes run -0 mm-hash-ip --key-id
	[ "$output" != "$one" ]
}

@test "without a salt it does not start" {
	unset MM_IP_SALT
	run -2 --separate-stderr mm-hash-ip <<< '{"ip":"203.0.113.7"}'
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *'/dev/urandom'* ]]
}

@test "a wrong --date is refused" {
	for day in 2026-02-30 26-01-01 Today yesterday 1899-12-31 ''; do
		run -2 --separate-stderr mm-hash-ip --date "$day" <<< '{}'
		[ "$stderr" = 'mm-hash-ip: --date: expected a day such as 2026-05-16, or today' ]
	done
}

@test "a full disk reaches the status" {
	run -2 --separate-stderr bash -c 'mm-hash-ip -q <<< "{}" > /dev/full'
	[ "$stderr" = 'mm-hash-ip: standard output: No space left on device' ]
	run -2 --separate-stderr bash -c 'mm-hash-ip --key-id > /dev/full'
}

@test "head may have enough" {
	gen_events -n 20000 > in
	run -0 --separate-stderr bash -c 'mm-hash-ip --date 2026-05-16 in | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"'
	[ -z "$stderr" ]
}

@test "fifty spellings of an address have one hash" {
	for head in 2001:db8 2001:DB8 2001:Db8 2001:0db8 2001:0DB8; do
		for middle in 0:0:0 0000:0:0 0:0000:00 000:0000:0; do
			printf '%s\n' "$head:$middle:0:c000:201" "$head:$middle:0:C000:0201" "$head:$middle:0:192.0.2.1"
		done
		printf '%s\n' "$head::c000:201" "$head::C000:0201" "$head::192.0.2.1" "$head:0::c000:201"
	done > spellings
	[ "$(sort -u spellings | wc -l)" -ge 50 ]
	mm-hash-ip --plain --date 2026-05-16 spellings > hashes
	[ "$(wc -l < hashes)" -eq "$(wc -l < spellings)" ]
	[ "$(sort -u hashes)" = "$(expected 2001:db8::c000:201 2026-05-16)" ]
	printf '%s\n' 203.0.113.7 ::ffff:203.0.113.7 ::FFFF:cb00:7107 0:0:0:0:0:ffff:203.0.113.7 > mapped
	[ "$(mm-hash-ip --plain --date 2026-05-16 mapped | sort -u)" = "$(expected 203.0.113.7 2026-05-16)" ]
}

@test "--plain has no dates: without --date it does not start" {
	run -2 --separate-stderr mm-hash-ip --plain <<< 203.0.113.7
	[ -z "$output" ]
	[ "$stderr" = 'mm-hash-ip: --plain needs --date, as the lines have none: a day such as 2026-05-16, or today' ]
}

# ---- keys by path ----

# hash ADDRESS [DAY]: the hash of an address.
hash() {
	echo "$1" | mm-hash-ip --plain --date "${2:-2026-05-16}"
}

@test "--key: the addresses at these paths are replaced, every other byte stays" {
	line='{"@timestamp":"2026-05-16T19:00:00Z", "remote_addr":"203.0.113.7","context": {"ip":"2001:db8::1","n":1.0},"n":18446744073709551616,"via":["192.0.2.1","192.0.2.2"],"ip":"203.0.113.7"}'
	want=${line//'"remote_addr":"203.0.113.7"'/'"remote_addr":"'$(hash 203.0.113.7)'"'}
	want=${want/2001:db8::1/$(hash 2001:db8::1)}
	want=${want/192.0.2.1/$(hash 192.0.2.1)}
	want=${want/192.0.2.2/$(hash 192.0.2.2)}
	want=${want/'"ip":"203.0.113.7"'/'"ip_hash":"'$(hash 203.0.113.7)'"'}
	run -0 mm-hash-ip --key remote_addr --key context.ip --key via --date-key @timestamp <<< "$line"
	[ "$output" = "$want" ]
}

@test "--key: a list of addresses, ports and brackets; escapes; a key that has a dot" {
	t='"timestamp":"2026-05-16T19:00:00Z"'
	run -0 mm-hash-ip --key xff <<< "{$t,\"xff\":\"203.0.113.7:80, [2001:db8::1]:443, unknown\"}"
	[ "$output" = "{$t,\"xff\":\"$(hash 203.0.113.7):80, [$(hash 2001:db8::1)]:443, unknown\"}" ]
	run -0 mm-hash-ip --key xff <<< "{$t,\"xff\":\"\\u0032\\u00303.0.113.7\\n\\\"\"}"
	[ "$output" = "{$t,\"xff\":\"$(hash 203.0.113.7)\\n\\\"\"}" ]
	run -0 mm-hash-ip --key client.ip <<< "{$t,\"client.ip\":\"203.0.113.7\",\"client\":{\"\\u0069p\":\"203.0.113.7\"}}"
	[ "$(grep -o "$(hash 203.0.113.7)" <<< "$output" | wc -l)" -eq 2 ]
	[[ $output != *203.0* ]]
}

@test "--key: what stands for no address stays; what is none there is rejected" {
	for value in null '""' '"-"' '"unknown"'; do
		run -0 mm-hash-ip -q --key a <<< "{\"a\":$value}"
		[ "$output" = "{\"a\":$value}" ]
	done
	for value in 3405803783 true '"example.com"' '"203.0.113"' '"203.0.113.300"'; do
		run -1 --separate-stderr mm-hash-ip --key a.b <<< "{\"timestamp\":\"2026-05-16T19:00:00Z\",\"a\":{\"b\":$value}}"
		[ -z "$output" ]
		[[ $stderr == *'<stdin>:1: a.b: Invalid IP address'* ]]
		[[ $stderr != *203* ]]
	done
}

@test "--date-key: dates as logs write them; none is a reject" {
	want=$(hash 203.0.113.7 2026-05-17)
	for date in '"2026-05-17T00:30:00+00:00"' '"17/May/2026:01:30:00 +0100"' '"2026-05-17 00:30:00"' \
		1778977800 1778977800.123 '"1778977800123"'; do
		run -0 mm-hash-ip --date-key a.t --key x <<< "{\"a\":{\"t\":$date},\"x\":\"203.0.113.7\"}"
		[[ $output == *"$want"* ]] || { echo "$date: $output"; false; }
	done
	for line in '{"x":"203.0.113.7","timestamp":"2026-05-17T00:00:00Z"}' '{"x":"203.0.113.7","a":{"t":"yesterday"}}' \
		'{"x":"203.0.113.7","a":{"t":null}}'; do
		run -1 --separate-stderr mm-hash-ip --date-key a.t --key x <<< "$line"
		[ -z "$output" ]
		[[ $stderr == *': a.t: Expected a date'* ]]
	done
}

# ---- any text ----

@test "--text: a combined log, whose agents and sizes stay as they are" {
	cat > log <<'END'
203.0.113.7 - - [16/May/2026:19:00:00 +0000] "GET /?ip=2001:db8::1 HTTP/1.1" 200 5 "http://192.0.2.1/" "Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36"
2001:db8::1 - - [17/May/2026:01:00:00 +0200] "GET / HTTP/1.1" 200 5 "-" "-"
- - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Chrome/126.0.0.0"
END
	cat > want <<END
$(hash 203.0.113.7) - - [16/May/2026:19:00:00 +0000] "GET /?ip=$(hash 2001:db8::1) HTTP/1.1" 200 5 "http://$(hash 192.0.2.1)/" "Mozilla/5.0 Chrome/126.0.0.0 Safari/537.36"
$(hash 2001:db8::1) - - [17/May/2026:01:00:00 +0200] "GET / HTTP/1.1" 200 5 "-" "-"
- - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Chrome/126.0.0.0"
END
	run -0 --separate-stderr mm-hash-ip --text log
	diff want <(printf '%s\n' "$output")
	[ "$stderr" = 'mm-hash-ip: 0 of 3 lines rejected, 1 without an address, passed as they are' ]
	mm-hash-ip --text -q log | mm-hash-ip --text --check
}

@test "--text: the dates of other logs" {
	want=$(hash 203.0.113.7)
	for line in '2026-05-16 19:00:00 GET 203.0.113.7 /' '2026/05/16 19:00:00 [error] 1#1: client: 203.0.113.7, server' \
		'[Sat May 16 19:00:00 2026] [error] [client 203.0.113.7:4711] no' '203.0.113.7,2026-05-16T19:00:00.123Z,"a,b"' \
		'1778958000.123 203.0.113.7 TCP_HIT' 'level=info t=2026-05-16T21:00:00+02:00 ip=203.0.113.7'; do
		run -0 mm-hash-ip --text <<< "$line"
		[ "$output" = "${line/203.0.113.7/$want}" ] || { echo "$line: $output"; false; }
	done
}

@test "--text: an address without a date is a reject, --date gives one; odd bytes stay" {
	printf 'from 203.0.113.7\nnothing\n\xff\x00 203.0.113.7 \x80\n' > in
	run -1 --separate-stderr mm-hash-ip --text in
	[ "$output" = nothing ]
	[[ $stderr == *'in:1: No date that is understood'* ]]
	[[ $stderr != *203.0* ]]
	h=$(hash 203.0.113.7)
	mm-hash-ip --text --date 2026-05-16 in > out
	printf 'from %s\nnothing\n\xff\x00 %s \x80\n' "$h" "$h" | cmp - out
}

@test "--plain: a line for a line, so that paste fits" {
	printf '%s\n' 203.0.113.7 '' - 2001:db8::1 nobody > in
	run -1 --separate-stderr mm-hash-ip --plain --date 2026-05-16 in
	printf '%s\n' "$(hash 203.0.113.7)" '' '' "$(hash 2001:db8::1)" '' > want
	mm-hash-ip -q --plain --date 2026-05-16 in > out || [ $? -eq 1 ]
	cmp want out
	[[ $stderr == *'in:3: Invalid IP address'* ]]
	[ "$(paste -d, in out | sed -n 4p)" = "2001:db8::1,$(hash 2001:db8::1)" ]
}

# ---- checking ----

@test "--check: says line and key where an address is left, and writes nothing" {
	cat > in <<'END'
{"a":1,"ip_hash":"0123456789abcdef0123456789abcdef"}
{"a":{"b":["x","seen at 203.0.113.7"]},"c":"\u0032001:db8::1","ua":"Chrome/126.0.0.0"}
{"203.0.113.7":"2001:db8::2"}
END
	unset MM_IP_SALT
	run -1 --separate-stderr mm-hash-ip --check in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'mm-hash-ip: in:2: a.b: Holds an IP address; c: Holds an IP address' ]
	[ "${stderr_lines[1]}" = 'mm-hash-ip: in:3: A key holds an IP address' ]
	[[ $stderr != *203.0* && $stderr != *2001* ]]
	run -0 --separate-stderr mm-hash-ip --check <<< '{"a":"::","b":"19:00:00","c":1.2}'
	[ -z "$output$stderr" ]
	run -1 mm-hash-ip --check <<< 'no json'
}

@test "--check: what the other modes write passes it, what mm-enrich writes, too" {
	gen_events -n 2000 > in
	run -1 mm-hash-ip -q --check in
	mm-hash-ip -q in > out || [ $? -eq 1 ]
	mm-hash-ip --check out
	mm-enrich -q in > rows || [ $? -eq 1 ]
	mm-hash-ip --check rows
	mm-hash-ip -q --text in --date today > text
	mm-hash-ip --text --check text
}

@test "options that do not fit together are refused" {
	for options in '--plain --text' '--text --key a' '--plain --date-key a' '--check --key a' '--check --date today' "--key="; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr mm-hash-ip $options < /dev/null
		[ -n "$stderr" ]
	done
}
