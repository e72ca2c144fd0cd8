#!/usr/bin/env bats
# mm-enrich: the row of an event, and how it behaves between other commands.
#
# bats sets stderr_lines; scripts in single quotes are for another shell.
# Each test is a subshell, so that what it exports is its own.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	salt
	good='{"event":"good","anonymous_id":"a1","timestamp":"2026-05-16T19:00:00Z"}'
	bad='{"event":""}'
	uuid4='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
	uuid8='^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
}

# Of the events, those that --deterministic takes: with a time of their own.
timed() {
	grep -E '"(timestamp|received_at)": *"'
}

# row LINE [OPTION]...: the row of one event.
row() {
	local line=$1
	shift
	printf '%s\n' "$line" | mm-enrich "$@"
}

# field NAME LINE [OPTION]...: a field of it as JSON
field() {
	local name=$1
	shift
	row "$@" | jq -c ".$name"
}

# hmac DATE ADDRESS: what ip_hash should be, by another implementation
hmac() {
	printf %s "$2" | openssl dgst -sha256 -mac HMAC -macopt "key:$MM_IP_SALT$1" |
		sed 's/.*= *//' | cut -c 1-32
}

# ---- the row ----

@test "the keys of a row and their order" {
	want='["project_id","timestamp","event_name","event_id","anonymous_id","user_id","session_id","source","medium","campaign","source_confidence","source_rule_id","url","path","referrer","country","device_type","browser","os","ip_hash","properties"]'
	gen_events -n 500 --invalid 0 > in
	mm-enrich in > out
	[ "$(jq -c keys_unsorted out | sort -u)" = "$want" ]
	[ "$(row "$good" | jq -c keys_unsorted)" = "$want" ]
}

@test "what is absent is null or empty" {
	[ "$(row "$good")" = '{"project_id":"00000000-0000-0000-0000-000000000000","timestamp":"2026-05-16 19:00:00.000","event_name":"good","event_id":"","anonymous_id":"a1","user_id":null,"session_id":"a1-988310","source":"direct","medium":"direct","campaign":null,"source_confidence":"high","source_rule_id":"direct","url":null,"path":null,"referrer":null,"country":"","device_type":"","browser":"","os":"","ip_hash":"","properties":"{}"}' ]
}

@test "null, and an empty context key, are as if absent" {
	line='{"event":"good","anonymous_id":"a1","timestamp":"2026-05-16T19:00:00Z","event_id":null,"user_id":null,"session_id":null,"url":null,"path":null,"referrer":null,"properties":null,"ip":null,"user_agent":"","host":"","received_at":null,"project_id":""}'
	[ "$(row "$line")" = "$(row "$good")" ]
}

@test "unknown keys and those of the row are dropped" {
	line='{"event":"good","anonymous_id":"a1","timestamp":"2026-05-16T19:00:00Z","event_name":"e","source":"s","medium":"m","campaign":"c","source_confidence":"x","source_rule_id":"x","country":"XX","device_type":"d","browser":"b","os":"o","ip_hash":"h","other":{"a":1}}'
	[ "$(row "$line")" = "$(row "$good")" ]
}

@test "texts are in the row as they were sent" {
	gen_events -n 2000 --invalid 0 > in
	mm-enrich in > out
	jq -c '[.event, .event_id // "", .user_id, .url, .referrer]' in > want
	jq -c '[.event_name, .event_id, .user_id, .url, .referrer]' out > got
	cmp want got
}

@test "properties is a string of the bytes that were sent" {
	cat > texts <<-'END'
		{}
		{"a":1.0,"b":1e3,"c":12345678901234567890123,"d":-0.0,"e":1E400}
		{"a":"\u00e9\/\"\\\b\n","\u0061":"é😀","":{"deep":[[],{}]}}
		{ "a" : [ 1 , 2 ] ,  "b":	"tab before" }
		{"a":1,"a":2}
		{"control":"","del":""}
	END
	while read -r text; do
		printf '{"event":"x","properties":%s}\n' "$text"
	done < texts > in
	mm-enrich in | jq -r .properties > got
	cmp texts got
}

@test "path is that of the url when it is absent" {
	[ "$(field path '{"event":"x","url":"https://a.example/b/c?d#e"}')" = '"/b/c"' ]
	[ "$(field path '{"event":"x","url":"https://a.example"}')" = '"/"' ]
	[ "$(field path '{"event":"x","url":"https://a.example?q=1"}')" = '"/"' ]
	[ "$(field path '{"event":"x","url":"https://a.example/gr\u00fc\u00dfe/%20x"}')" = '"/grüße/%20x"' ]
	[ "$(field path '{"event":"x","url":"https:\/\/a.example\/q\"uote"}')" = '"/q\"uote"' ]
	[ "$(field path '{"event":"x","url":"https://a.example/b","path":"/own"}')" = '"/own"' ]
	[ "$(field path '{"event":"x","url":"https://a.example/b","path":""}')" = '""' ]
	[ "$(field path '{"event":"x","url":"https://a.example/b","path":null}')" = '"/b"' ]
}

@test "session_id: the visitor and the half hour" {
	[ "$(field session_id '{"event":"x","anonymous_id":"a\"b","timestamp":"1970-01-01T00:29:59.999Z"}')" = '"a\"b-0"' ]
	[ "$(field session_id '{"event":"x","anonymous_id":"a","timestamp":"1970-01-01T00:30:00Z"}')" = '"a-1"' ]
	[ "$(field session_id '{"event":"x","anonymous_id":"a","timestamp":"1969-12-31T23:59:59.999Z"}')" = '"a--1"' ]
	[ "$(field session_id '{"event":"x","anonymous_id":"a","session_id":"s"}')" = '"s"' ]
	gen_events -n 500 --invalid 0 | jq -c 'del(.session_id)' | mm-enrich > out
	[ "$(wc -l < out)" -eq 500 ]
	[ "$(jq -r '(.timestamp | sub(" "; "T") | sub("\\.[0-9]+$"; "Z") | fromdate / 1800 | floor) as $half
		| .session_id == "\(.anonymous_id)-\($half)"' out | sort -u)" = true ]
}

@test "timestamps become UTC milliseconds, rounded down" {
	while read -r sent stored; do
		got=$(field timestamp "{\"event\":\"x\",\"timestamp\":\"$sent\"}")
		[ "$got" = "\"$stored\"" ]
	done <<-'END'
		2026-05-16T19:00:00Z 2026-05-16 19:00:00.000
		2026-05-16t19:00:00z 2026-05-16 19:00:00.000
		2026-05-16T21:30:00+02:30 2026-05-16 19:00:00.000
		2026-05-16T11:00:00-08:00 2026-05-16 19:00:00.000
		2026-05-17T00:30:00+05:30 2026-05-16 19:00:00.000
		2026-05-16T19:00:00.5Z 2026-05-16 19:00:00.500
		2026-05-16T19:00:00.123456789Z 2026-05-16 19:00:00.123
		2026-05-16T19:00:00.999999999Z 2026-05-16 19:00:00.999
		2016-12-31T23:59:60Z 2017-01-01 00:00:00.000
		1969-12-31T23:59:59.9999Z 1969-12-31 23:59:59.999
		1900-01-01T00:00:00Z 1900-01-01 00:00:00.000
		2299-12-31T23:59:59.999Z 2299-12-31 23:59:59.999
	END
}

@test "timestamp absent: received_at, else the clock" {
	[ "$(field timestamp '{"event":"x","received_at":"2026-05-16T19:00:00.25+01:00"}')" = '"2026-05-16 18:00:00.250"' ]
	before=$(date -u '+%F %T')
	got=$(field timestamp '{"event":"x"}' | jq -r .)
	after=$(date -u '+%F %T.999')
	[[ ! $got < $before && ! $got > $after ]]
}

@test "the project: the event's, the option's, the variable's, else zeros" {
	one=11111111-2222-3333-4444-555555555555
	two=66666666-7777-8888-9999-AAAAAAAAAAAA
	three=99999999-7777-8888-9999-aaaaaaaaaaaa
	[ "$(field project_id "{\"event\":\"x\",\"project_id\":\"$one\"}" --project $two)" = "\"$one\"" ]
	[ "$(MM_PROJECT=$three field project_id '{"event":"x"}' --project $two)" = "\"$two\"" ]
	[ "$(MM_PROJECT=$three field project_id '{"event":"x"}')" = "\"$three\"" ]
	run -2 --separate-stderr mm-enrich --project nonsense
	[[ $stderr == "mm-enrich: --project: expected a UUID"* ]]
	MM_PROJECT=nonsense run -2 --separate-stderr mm-enrich
	[[ $stderr == "mm-enrich: MM_PROJECT: expected a UUID"* ]]
}

@test "a line alone gives the row that it gives among others" {
	gen_events -n 400 --invalid 20 > in
	mm-enrich -q --deterministic in > all || [ $? -eq 1 ]
	for n in 1 57 58 59 110 211 212 313 399 400; do
		sed -n ${n}p in | mm-enrich -q --deterministic >> alone || [ $? -eq 1 ]
	done
	[ -s alone ]
	while IFS= read -r line; do
		grep -qxF -- "$line" all
	done < alone
}

@test "what mm-validate passes gives the rows of all" {
	gen_events -n 2000 --invalid 100 | timed > in
	mm-enrich -q --deterministic in > want || [ $? -eq 1 ]
	mm-validate -q in > valid || [ $? -eq 1 ]
	mm-enrich --deterministic valid > got
	[ "$(wc -l < got)" -gt 1500 ]
	cmp want got
}

@test "its rejects are those of mm-validate" {
	gen_events -n 1000 --invalid 100 > in
	mm-validate --rejects want in > /dev/null || [ $? -eq 1 ]
	mm-enrich --rejects got in > /dev/null || [ $? -eq 1 ]
	[ "$(wc -l < want)" -eq 100 ]
	cmp want got
}

# ---- ids ----

@test "anonymous_id absent: a random UUID, in the session too" {
	yes '{"event":"x"}' | head -n 1000 > in
	mm-enrich in > out
	[ "$(jq -r .anonymous_id out | sort -u | grep -cE "$uuid4")" -eq 1000 ]
	[ "$(jq -r '.anonymous_id as $a | .session_id | startswith($a + "-")' out | sort -u)" = true ]
	[ "$(jq -r .event_id out | sort -u)" = "" ]
}

@test "--deterministic: the same rows again" {
	gen_events -n 2000 --invalid 0 | timed > in
	mm-enrich --deterministic in > one
	mm-enrich --deterministic < in > two
	cmp one two
}

@test "--deterministic: UUIDs made of the line and the salt" {
	line='{"event":"x","timestamp":"2026-05-16T19:00:00Z"}'
	row "$line" --deterministic > one
	row "$line " --deterministic > other
	MM_IP_SALT=another-salt-of-sixteen row "$line" --deterministic > salted
	jq -r '.event_id, .anonymous_id' one other salted > ids
	[ "$(sort -u ids | grep -cE "$uuid8")" -eq 6 ]
	printf '%s\r\n' "$line" | mm-enrich --deterministic | cmp - one
	row "$line" --deterministic --no-ip-hash | cmp - one
}

@test "a missing anonymous_id is made of the line where the event brings its time" {
	for line in '{"event":"x","timestamp":"2026-05-16T19:00:00Z"}' '{"event":"x","received_at":"2026-05-16T19:00:00Z"}'; do
		row "$line" > one
		row "$line" | cmp - one
		row "$line" --jobs 2 | cmp - one
		[[ $(jq -r .anonymous_id one) =~ $uuid8 ]]
		[ "$(jq -r .event_id one)" = '' ]
		[ "$(row "$line" --deterministic | jq -r .anonymous_id)" = "$(jq -r .anonymous_id one)" ]
		[ "$(MM_IP_SALT=another-salt-of-sixteen row "$line" | jq -r .anonymous_id)" != "$(jq -r .anonymous_id one)" ]
	done
	run -0 --separate-stderr row "$line"
	[ -z "$stderr" ]
}

@test "an event without a time gets that of the run, a random visitor, and is told" {
	printf '%s\n' '{"event":"x"}' "$good" > in
	run -0 --separate-stderr mm-enrich in
	[ "$stderr" = 'mm-enrich: 0 of 2 lines rejected, 1 event got the time of this run; a rerun stores it again' ]
	[[ $(jq -r .anonymous_id <<< "${lines[0]}") =~ $uuid4 ]]
	printf '%s\n' '{"event":"x"}' '{"event":"x","anonymous_id":"a"}' '{"event":"x","timestamp":null}' > in
	for jobs in 1 2; do
		run -0 --separate-stderr mm-enrich --jobs $jobs in
		[ "$stderr" = 'mm-enrich: 0 of 3 lines rejected, 3 events got the time of this run; a rerun stores them again' ]
		run -0 --separate-stderr mm-enrich --jobs $jobs --summary json in
		[ "$(jq -c '[.times_of_run, .random_ids]' <<< "$stderr")" = '[3,0]' ]
	done
	run -0 --separate-stderr mm-enrich -q in
	[ -z "$stderr" ]
}

@test "a time that --late clamp takes from the clock is one of this run" {
	line='{"event":"x","anonymous_id":"a","timestamp":"2020-05-16T19:00:00Z"'
	run -0 --separate-stderr mm-enrich --max-age 1d --late clamp <<< "$line}"
	[[ $stderr == *', 1 event got the time of this run; a rerun stores it again' ]]
	run -0 --separate-stderr mm-enrich --max-age 1d --late clamp <<< "$line,\"received_at\":\"2026-05-16T19:00:00Z\"}"
	[[ $stderr != *rerun* ]]
}

@test "without a salt a missing anonymous_id is random: the line's hash would tell of its address" {
	unset MM_IP_SALT
	line='{"event":"x","ip":"203.0.113.7","timestamp":"2026-05-16T19:00:00Z"}'
	run -0 --separate-stderr row "$line" --no-ip-hash
	[[ $(jq -r .anonymous_id <<< "$output") =~ $uuid4 ]]
	[ "$stderr" = 'mm-enrich: 0 of 1 lines rejected, 1 got a random anonymous_id, as there is no salt; a rerun stores it again' ]
	run -0 --separate-stderr row "$good" --no-ip-hash
	[ -z "$stderr" ]
}

@test "--deterministic leaves the ids that were sent" {
	line='{"event":"x","event_id":"e1","anonymous_id":"a1","timestamp":"2026-05-16T19:00:00Z"}'
	[ "$(row "$line" --deterministic)" = "$(row "$line")" ]
	line='{"event":"x","event_id":"e1","timestamp":"2026-05-16T19:00:00Z"}'
	[ "$(field event_id "$line" --deterministic)" = '"e1"' ]
	row "$line" --deterministic | jq -r .anonymous_id | grep -qE "$uuid8"
}

@test "--deterministic: an event without a time is rejected" {
	run -1 --separate-stderr mm-enrich --deterministic <<< '{"event":"x"}'
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "mm-enrich: <stdin>:1: timestamp: Required by --deterministic"* ]]
}

@test "--deterministic needs a salt, also without ip_hash" {
	unset MM_IP_SALT
	run -2 --separate-stderr mm-enrich --deterministic --no-ip-hash <<< "$good"
	[[ $stderr == "mm-enrich: no salt: "* ]]
}

# ---- ip_hash ----

@test "ip_hash is what openssl makes of it" {
	while read -r sent canonical; do
		line="{\"event\":\"x\",\"timestamp\":\"2026-05-16T19:00:00Z\",\"ip\":\"$sent\"}"
		[ "$(field ip_hash "$line")" = "\"$(hmac 2026-05-16 "$canonical")\"" ]
	done <<-'END'
		192.0.2.10 192.0.2.10
		::ffff:192.0.2.10 192.0.2.10
		::FFFF:C000:020A 192.0.2.10
		2001:db8::1 2001:db8::1
		2001:DB8:0:0:0:0:0:1 2001:db8::1
		2001:0db8:0000:0000:0000:0000:0000:0001 2001:db8::1
		2001:db8:0:1:1:1:1:1 2001:db8:0:1:1:1:1:1
		::1 ::1
	END
}

@test "the day of ip_hash: received_at's, else timestamp's, else today's, in UTC" {
	ip='"ip":"192.0.2.10"'
	one=$(field ip_hash "{\"event\":\"x\",$ip,\"timestamp\":\"2026-05-16T00:00:00Z\",\"received_at\":\"2026-05-18T01:00:00+02:00\"}")
	[ "$one" = "\"$(hmac 2026-05-17 192.0.2.10)\"" ]
	two=$(field ip_hash "{\"event\":\"x\",$ip,\"timestamp\":\"2026-05-16T22:00:00-05:00\"}")
	[ "$two" = "\"$(hmac 2026-05-17 192.0.2.10)\"" ]
	before=$(hmac "$(date -u +%F)" 192.0.2.10)
	three=$(field ip_hash "{\"event\":\"x\",$ip}")
	after=$(hmac "$(date -u +%F)" 192.0.2.10)
	[ "$three" = "\"$before\"" ] || [ "$three" = "\"$after\"" ]
}

@test "ip_hash of many addresses and days, in any order" {
	gen_events -n 300 --invalid 0 | timed | jq -c 'select(.ip)' > in
	mm-enrich in | jq -r .ip_hash > got
	jq -r '[(.received_at // .timestamp), .ip] | @tsv' in |
		while IFS=$'\t' read -r when ip; do
			hmac "$(date -u -d "$when" +%F)" "$ip"
		done > want
	[ "$(wc -l < want)" -gt 200 ]
	cmp want got
}

@test "--no-ip-hash leaves it empty and needs no salt" {
	unset MM_IP_SALT
	[ "$(field ip_hash '{"event":"x","ip":"192.0.2.10"}' --no-ip-hash)" = '""' ]
}

@test "the salt of a file, whatever ends its line" {
	line='{"event":"x","timestamp":"2026-05-16T19:00:00Z","ip":"192.0.2.10"}'
	want=$(field ip_hash "$line")
	printf %s "$MM_IP_SALT" > plain
	printf '%s\n' "$MM_IP_SALT" > lf
	printf '%s\r\n' "$MM_IP_SALT" > crlf
	export MM_IP_SALT=the-file-goes-before-the-variable
	for file in plain lf crlf; do
		[ "$(field ip_hash "$line" --salt-file $file)" = "$want" ]
	done
}

@test "without a salt it does not start, and says how to make one" {
	for value in unset ''; do
		unset MM_IP_SALT
		[ "$value" = unset ] || export MM_IP_SALT=$value
		run -2 --separate-stderr mm-enrich <<< "$good"
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-enrich: no salt: "*"head -c 32 /dev/urandom"*"--salt-file"*"--no-ip-hash" ]]
	done
}

@test "a salt that is too short, too long, or can't be read" {
	umask 077
	printf fifteen-bytes-- > short
	head -c 5000 /dev/zero > long
	run -2 --separate-stderr mm-enrich --salt-file short <<< "$good"
	[ "$stderr" = "mm-enrich: short: the salt has fewer than 16 bytes" ]
	MM_IP_SALT=$(cat short) run -2 --separate-stderr mm-enrich <<< "$good"
	[ "$stderr" = "mm-enrich: MM_IP_SALT: the salt has fewer than 16 bytes" ]
	MM_IP_SALT=$(times 4097 x) run -2 --separate-stderr mm-enrich <<< "$good"
	[ "$stderr" = "mm-enrich: MM_IP_SALT: the salt has more than 4096 bytes" ]
	for file in long missing .; do
		run -2 --separate-stderr mm-enrich --salt-file $file <<< "$good"
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-enrich: $file: "* ]]
	done
}

@test "the salt is never printed" {
	gen_events -n 300 --invalid 50 > in
	printf '%s\n' "$MM_IP_SALT" > file
	for options in '' --deterministic '--salt-file file' '--summary json' '--project x' '--geoip no'; do
		# word by word
		# shellcheck disable=SC2086
		mm-enrich $options --rejects rejects in > out 2> err || true
		touch rejects
		run -1 grep -F -e "$MM_IP_SALT" out err rejects
	done
}

# ---- the country ----

@test "country: IPv4 in IPv6, addresses of nobody, no address" {
	database=$("$repo/cmd/setup/geoip.sh")
	export MM_GEOIP_DB=$database
	[ "$(field country '{"event":"x","ip":"8.8.8.8"}')" = '"US"' ]
	[ "$(field country '{"event":"x","ip":"::ffff:8.8.8.8"}')" = '"US"' ]
	[ "$(field country '{"event":"x","ip":"127.0.0.1"}')" = '""' ]
	[ "$(field country '{"event":"x","ip":"::1"}')" = '""' ]
	[ "$(field country '{"event":"x"}')" = '""' ]
}

@test "country is empty without a database" {
	[ "$(field country '{"event":"x","ip":"8.8.8.8"}')" = '""' ]
	[ "$(MM_GEOIP_DB='' field country '{"event":"x","ip":"8.8.8.8"}')" = '""' ]
}

@test "a database that can't be used ends it before it begins" {
	echo garbage > garbage
	: > empty
	for file in missing garbage empty .; do
		run -2 --separate-stderr mm-enrich --geoip $file <<< "$good"
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-enrich: $file: "*"--geoip" ]]
		MM_GEOIP_DB=$file run -2 --separate-stderr mm-enrich <<< "$good"
		[[ $stderr == "mm-enrich: $file: "* ]]
	done
}

# ---- source and agent; classify and agent have tables of their own ----

@test "--rules documented leaves the lettered rules out" {
	line='{"event":"x","url":"https://a.example/?gbraid=1"}'
	[ "$(field source_rule_id "$line")" = '"google_ios_click_id"' ]
	[ "$(field source_rule_id "$line" --rules all)" = '"google_ios_click_id"' ]
	[ "$(field source_rule_id "$line" --rules documented)" = '"direct"' ]
}

@test "the agent's text may be written with escapes" {
	line='{"event":"x","user_agent":"Mozilla\/5.0 (\u0057indows NT 10.0) Chrome\/120.0 Safari\/537.36"}'
	[ "$(row "$line" | jq -c '[.device_type, .browser, .os]')" = '["desktop","chrome","windows"]' ]
}

# ---- rejects and streams; mm-validate's tests have the details ----

@test "a bad line becomes a reject, never a row" {
	printf '%s\n%s\n%s\n' "$good" "$bad" "$good" > in
	run -1 --separate-stderr mm-enrich --rejects rejects in
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -c '[.line, .input]' rejects)" = '[2,"{\"event\":\"\"}"]' ]
	[ "$stderr" = "mm-enrich: 1 of 3 lines rejected" ]
}

@test "--summary json" {
	printf '%s\n%s\n' "$good" "$bad" > in
	run -1 --separate-stderr mm-enrich -q --summary json in
	[ "$(jq -c '[.lines, .valid, .rejected, .blank]' <<< "$stderr")" = '[2,1,1,0]' ]
}

@test "however the input is cut, the rows are the same" {
	{
		printf '\xef\xbb\xbf'
		gen_events -n 40 --invalid 7 | sed 's/$/\r/'
		printf '\n%s' "$good"
	} > in
	mm-enrich -q --deterministic < in > want || [ $? -eq 1 ]
	for size in 1 3 64 1000; do
		dd if=in bs=$size status=none | mm-enrich -q --deterministic > out || [ $? -eq 1 ]
		cmp want out
	done
}

@test "a full disk is an error" {
	run -2 --separate-stderr sh -c 'echo "$1" | mm-enrich > /dev/full' - "$good"
	[ "$stderr" = "mm-enrich: standard output: No space left on device" ]
	run -2 --separate-stderr mm-enrich --rejects /dev/full <<< "$bad"
	[[ $stderr == *"mm-enrich: /dev/full: No space left on device"* ]]
}

@test "a reader that leaves early is no error" {
	gen_events -n 20000 --invalid 100 > in
	run -0 --separate-stderr bash -c 'mm-enrich -q in | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${lines[1]}" = 0 ]
	[ -z "$stderr" ]
}

@test "closed standard input and a missing file" {
	run -2 --separate-stderr sh -c 'mm-enrich <&-'
	[ "$stderr" = "mm-enrich: <stdin>: Bad file descriptor" ]
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-enrich missing in
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "mm-enrich: missing: No such file or directory" ]
}

@test "the pipeline is live from end to end" {
	mkfifo fifo
	mm-validate < fifo 2> err 3>&- | mm-enrich > out 2> err 3>&- &
	exec 9> fifo
	for i in 1 2 3; do
		printf '{"event":"n%d"}\n' "$i" >&9
		eventually grep -q "n$i" out
	done
	exec 9>&-
	wait
}

@test "a signal: what was read leaves, then it dies by the signal" {
	mkfifo fifo
	env --default-signal=TERM mm-enrich --rejects rejects < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n%s\n{"event":"half' "$good" "$bad" >&9
	eventually test -s out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 9>&-
	[ "$(jq -r .event_name out)" = good ]
	[ "$(jq .line rejects)" = 2 ]
}

@test "help, version, misuse" {
	run -0 --separate-stderr mm-enrich --help
	[[ ${lines[0]} == "Usage: mm-enrich [OPTION]... [FILE]..." ]]
	run -0 --separate-stderr mm-enrich -V
	[[ $output == "mm-enrich "* ]]
	for arguments in --nonsense --rules=none --salt=x --deterministic=yes --geoip; do
		run -2 --separate-stderr mm-enrich "$arguments" < /dev/null
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-enrich: "*"; try 'mm-enrich --help'" ]]
	done
}

@test "a salt file that others can read is told, and used" {
	printf '%s\n' "$MM_IP_SALT" > file
	unset MM_IP_SALT
	for mode in 640 604; do
		chmod $mode file
		run -0 --separate-stderr mm-enrich --salt-file file <<< "$good"
		[ "${#lines[@]}" -eq 1 ]
		[ "${stderr_lines[0]}" = "mm-enrich: file: other users can read this salt file; 'chmod 600' keeps it private" ]
	done
	chmod 600 file
	run -0 --separate-stderr mm-enrich --salt-file file <<< "$good"
	[ -z "$stderr" ]
}

@test "what holds the salt leaves no core, and can't be looked at" {
	case $MM_BIN in *asan*) return 0 ;; esac
	mkfifo fifo
	mm-enrich fifo > out 3>&- &
	pid=$!
	eventually grep -q 'Max core file size *0 *0 ' /proc/$pid/limits
	# of a process that can be dumped its owner has these; of no other one
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 . && cp "$(command -v mm-enrich)" . && chmod 666 fifo
		kill $pid
		# shellcheck disable=SC2016
		setpriv --reuid=65534 --clear-groups env MM_IP_SALT="$MM_IP_SALT" sh -c './mm-enrich fifo > /dev/null & echo $!; wait' > child 3>&- &
		eventually test -s child
		pid=$(cat child)
	fi
	eventually test "$(stat -c %U "/proc/$pid/environ")" = root
	[ "$(stat -c %U "/proc/$pid/environ")" = root ]
	kill "$pid"
}
