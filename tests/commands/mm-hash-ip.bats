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
