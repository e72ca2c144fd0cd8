#!/usr/bin/env bats
# mm-insert against the real engine, and against one that misbehaves.

bats_require_minimum_version 1.5.0
load helper
load server
load insert

# ---- what goes well

@test "rows reach the table and both aggregates" {
	rows 1000 > in
	insert in
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	holds 1000
}

@test "reads standard input, to the end of a line without newline" {
	rows 3 | head -c -1 | { mm-insert; }
	holds 3
}

@test "blank lines, carriage returns and a byte order mark are no rows" {
	{ printf '\xef\xbb\xbf'; rows 2; printf '\r\n \n'; rows 2 3 | sed 's/$/\r/'; } > in
	insert in
	[ "$status" -eq 0 ]
	holds 4
}

@test "libcurl is loaded by what asks a server, and its absence is told" {
	local bin
	for bin in "$MM_BIN"/mm-*; do
		! ldd "$bin" | grep -q curl || return 1
	done
	mkdir none
	: >none/libcurl.so.4
	: >none/libcurl-gnutls.so.4
	LD_LIBRARY_PATH=$PWD/none run -0 mm-insert --version
	LD_LIBRARY_PATH=$PWD/none run -2 --separate-stderr mm-insert --spool kept <<<"$(rows 1)"
	[[ $stderr == *"libcurl: "*"/none/libcurl.so.4"*"1 rows are not stored but kept"* ]]
}

@test "empty input needs no server" {
	away insert /dev/null
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "the same input twice is stored once, in the aggregates too" {
	rows 1000 > in
	insert --max-rows 300 in
	insert --max-rows 300 in
	[ "$status" -eq 0 ]
	holds 1000
}

@test "a batch ends where its file ends" {
	rows 10 > a
	rows 10 11 > b
	insert --summary json a b
	[ "$(jq .requests <<< "$stderr")" -eq 2 ]
	insert b
	holds 20
}

@test "batches are cut by rows" {
	rows 1001 > in
	insert --max-rows 100 --summary json in
	[ "$(jq -c '[.lines,.stored,.requests,.rejected,.kept]' <<< "$stderr")" = "[1001,1001,11,0,0]" ]
	holds 1001
}

@test "batches are cut by bytes" {
	rows 100 > in
	insert --max-bytes 1000 --summary json in
	[ "$(jq .requests <<< "$stderr")" -ge 30 ]
	holds 100
}

@test "a row that is larger than a batch may be is sent alone" {
	rows 3 > in
	insert --max-bytes 1 --summary json in
	[ "$(jq .requests <<< "$stderr")" -eq 3 ]
	holds 3
}

@test "every compression stores the same rows" {
	rows 5000 > in
	for c in none gzip zstd; do
		sql "CREATE TABLE $c AS events"
		insert --compress $c --table $c in
		[ "$status" -eq 0 ]
	done
	run -0 sql 'SELECT uniqExact(h), min(n) FROM (
		SELECT sum(cityHash64(tuple(*))) h, count() n FROM none UNION ALL
		SELECT sum(cityHash64(tuple(*))), count() FROM gzip UNION ALL
		SELECT sum(cityHash64(tuple(*))), count() FROM zstd)'
	[ "$output" = "1	5000" ]
}

# shellcheck disable=SC2016 # backquotes of SQL
@test "a table's name may hold anything" {
	sql 'CREATE TABLE `we``ird '\''name` AS events'
	rows 2 > in
	insert --table "we\`ird 'name" in
	[ "$status" -eq 0 ]
	run -0 sql 'SELECT count() FROM `we``ird '\''name`'
	[ "$output" -eq 2 ]
}

@test "--flush-after sends a batch that waits for more" {
	mkfifo pipe
	mm-insert --flush-after 100ms < pipe 3>&- &
	pid=$!
	exec 9> pipe
	rows 5 >&9
	eventually holds 5
	rows 5 6 >&9
	exec 9>&-
	wait $pid
	holds 10
}

# ---- lines and rows that are refused

@test "what is no JSON object never reaches the server" {
	printf '%s\n' '[1]' 'null' '{"a":1}{"b":2}' '{"a":' 'x' > in
	away insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.line,.error]' r | tr -d '\n')" = \
		'[1,"invalid_payload"][2,"invalid_payload"][3,"invalid_payload"][4,"invalid_payload"][5,"invalid_payload"]' ]
	[ "$(jq -r .input r)" = "$(cat in)" ]
	[ "$(stat -c %a r)" = 600 ]
	[[ $stderr == *"5 of 5 lines rejected; r holds them"* ]]
}

@test "without --rejects they are kept beside the spool" {
	half=$(rows 1 5 | head -c 200)
	{ rows 2; echo "$half"; rows 2 3; } > in
	insert in
	[ "$status" -eq 1 ]
	holds 4
	[[ $stderr == "mm-insert: in:3: Invalid JSON"*"1 of 5 lines rejected; $SPOOL/"*".rejects holds them"* ]]
	[ "$(jq -r .input "$SPOOL"/*.rejects)" = "$half" ]
	[ "$(stat -c %a "$SPOOL"/*.rejects)" = 600 ]
}

@test "a line longer than --max-line is rejected whole" {
	{ rows 1; printf '{"event_name":"%0500d"}\n' 7; } > in
	insert --max-line 400 --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq -r .input r)" = "$(tail -1 in)" ]
	holds 1
}

# ---- what is no row

@test "a row without name, time, project or person is rejected, by the name of the key" {
	{ rows 1; echo '{}'; rows 4 2 | sed '1s/"event_name":[^,]*,//; 2s/"timestamp":"[^"]*"/"timestamp":null/
		3s/"project_id":"[^"]*"/"project_id":""/; 4s/"anonymous_id"/"anonymousid"/'
		echo '{"event_name":1,"timestamp":2,"project_id":3,"anonymous_id":""}'
		rows 1 6 | sed 's/^{/{"event_name":null,/' | jq -c '. + {ip: 1} | del(.event_name)'; } > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.line,.error,(.details.fieldErrors | to_entries[] | .key, .value[0])]' r)" = \
'[2,"invalid_payload","event_name","Required","timestamp","Required","project_id","Required","anonymous_id","Required"]
[3,"invalid_payload","event_name","Required"]
[4,"invalid_payload","timestamp","Required"]
[5,"invalid_payload","project_id","Required"]
[6,"invalid_payload","anonymous_id","Required"]
[7,"invalid_payload","anonymous_id","Required"]
[8,"invalid_payload","event_name","Required"]' ]
	holds 1
}

# Each key in an odd place, spelt oddly, among others, and with odd values.
@test "a row is one whatever the order, the white space and the escapes of its keys" {
	rows 4 | jq -c 'to_entries | reverse | from_entries' > in
	rows 2 5 | sed 's/"event_name"/"\\u0065vent_name"/; s/:/ : /; s/^/ /' >> in
	rows 2 7 | sed 's/\$pageview/a\\"b\\\\/' >> in
	insert in
	[ "$status" -eq 0 ]
	holds 8
}

@test "without --rejects the first ten are explained, and rows are kept beside the spool" {
	rows 30 | sed '1~2s/"timestamp"/"time"/' > in
	insert in
	[ "$status" -eq 1 ]
	[ "$(grep -c '^mm-insert: in:[0-9]*: timestamp: Required$' <<< "$stderr")" -eq 10 ]
	[[ $stderr == *"15 of 30 lines rejected; $SPOOL/"*".rejects holds them with the reasons" ]]
	cmp <(jq -r .input "$SPOOL"/*.rejects) <(sed -n '1~2p' in)
	insert -q in
	[ -z "$stderr" ]
	holds 15
}

@test "events are told to be events, and neither stored nor kept" {
	gen_events -n 300 | jq -c '. + {ip: "203.0.113.7", user_agent: "secret"}' > in
	for url in "$ENGINE_URL" http://127.0.0.1:1/; do
		export MM_CLICKHOUSE_URL=$url
		insert in
		[ "$status" -eq 2 ]
		[[ $stderr == *"these are events: pass them through mm-enrich (300 of 300 lines)"* ]]
		[ "$(grep -c 'in:[0-9]*: This is an event' <<< "$stderr")" -eq 10 ]
		[[ $stderr != *203.0.113.7* && $stderr != *secret* ]]
		[ -z "$(find "$SPOOL" -type f)" ]
	done
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	rows 5 > good
	insert good
	[ "$status" -eq 0 ]
	holds 5
}

@test "an event among rows: these are stored, it is in no file but the one asked for" {
	{ rows 3; echo '{"event":"signup","anonymous_id":"a","ip":"203.0.113.7"}'; rows 3 4; } > in
	insert in
	[ "$status" -eq 1 ]
	[[ $stderr == *"these are events: pass them through mm-enrich (1 of 7 lines)"* ]]
	[ -z "$(find "$SPOOL" -type f)" ]
	holds 6
	insert --rejects r in
	[ "$(jq -c '[.line, .details.formErrors[0]]' r)" = \
		'[4,"This is an event, no row: pass it through mm-enrich"]' ]
	holds 6
}

@test "a web server's log is kept nowhere: it holds addresses" {
	printf '%s\n' '203.0.113.7 - - [x] "GET / HTTP/1.1" 200 1' '{"remote_addr":"203.0.113.7","request":"GET /"}' \
		'{"event":"x","ip":"203.0.113.7' '["203.0.113.7"]' > in
	insert in
	[ "$status" -eq 1 ]
	[[ $stderr != *203.0.113.7* ]]
	[ -z "$(find "$SPOOL" -type f)" ]
}

@test "a table of another kind takes rows of its own kind" {
	sql 'CREATE TABLE other (event String, n UInt8) ENGINE = Memory'
	echo '{"event":"x","n":1}' | mm-insert --table other
	[ "$(sql 'SELECT count() FROM other')" -eq 1 ]
}

# ---- rows that are refused

# bad N: row N with a time that is none.
bad() {
	rows 1 "$1" | sed 's/2026-[-0-9: .]*/hunter2/'
}

@test "a row that ClickHouse refuses is rejected, the others are stored" {
	{ rows 499; bad 500; rows 500 501; } > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	holds 999
	[ "$(jq -c '[.line,.error,.details.fieldErrors]' r)" = '[500,"rejected_by_clickhouse",{}]' ]
	[[ $(jq -r '.details.formErrors[0]' r) == "ClickHouse code "*", column timestamp" ]]
	[ "$(jq -r .input r)" = "$(sed -n 500p in)" ]
	[[ $stderr != *hunter2* ]]
}

@test "bad rows first, last and side by side are all found" {
	{ bad 1; bad 2; rows 97 3; bad 100; rows 50 101; bad 151; rows 9 152; bad 161; } > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | tr '\n' ' ')" = "1 2 100 151 161 " ]
	holds 156
	insert --rejects r in
	holds 156
}

@test "one bad row costs few requests" {
	{ rows 4000; bad 4001; rows 4000 4002; } > in
	fake_start pass
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(wc -l < "$FAKE/log")" -eq 4 ]
	holds 8000
}

# third N: N rows, every third of them bad.
third() {
	rows "$1" | sed '0~3s/2026-[-0-9: .]*/hunter2/'
}

# How many parts inserts have made in the table of events, merged ones included.
parts() {
	sql "SELECT count() FROM system.parts
		WHERE database = currentDatabase() AND table = 'events' AND level = 0"
}

@test "thousands of bad rows: few requests, one part" {
	third 3000 > in
	fake_start pass
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(wc -l < "$FAKE/log")" -eq 103 ]
	[ "$(grep -c INSERT "$FAKE/log")" -eq 2 ]
	holds 2000
	[ "$(parts)" -eq 1 ]
	cmp <(jq -r .input r) <(grep hunter2 in)
	[ "$(jq .line r | tr '\n' ' ')" = "$(seq -s ' ' 3 3 3000) " ]
}

@test "a bad row in a large batch is found in several requests, the rest sent in one" {
	{ rows 39999; bad 40000; } > in
	[ "$(stat -c %s in)" -gt $((8 << 20)) ]
	fake_start pass
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 40000 ]
	[ "$(wc -l < "$FAKE/log")" -eq 6 ]
	holds 39999
	[ "$(parts)" -eq 1 ]
}

@test "of many bad rows the first hundred are told their reason, the others that it is not" {
	third 330 > in
	insert --rejects r in
	[ "$(jq -r '.details.formErrors[0]' r | uniq -c | sed 's/^ *//')" = \
		"100 ClickHouse code 41 CANNOT_PARSE_DATETIME, column timestamp
10 ClickHouse refuses this row; why, it is asked for the first 100 of a batch only" ]
}

@test "batches with bad rows, sent twice, are stored once" {
	third 3000 > in
	insert --max-rows 1000 --rejects r in
	insert --max-rows 1000 --rejects r in
	[ "$status" -eq 1 ]
	holds 2000
	[ "$(parts)" -eq 3 ]
}

@test "a hundred bad rows before the good ones are no reason to give up" {
	{ rows 150 | sed 's/"event_name"/"event"/'; rows 50 151; } > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | wc -l)" -eq 150 ]
	holds 50
}

@test "a batch of nothing but bad rows" {
	third 9 | grep hunter2 > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	cmp <(jq -r .input r) in
	holds 0
}

@test "rows with values of every wrong kind are rejected, each with its code" {
	sql "CREATE TABLE odd (u UUID, e Enum8('a' = 1), b Bool, i4 IPv4, i6 IPv6, a Array(UInt8),
		d Decimal(9, 2), s String, m UInt8 MATERIALIZED 1, p UInt8 EPHEMERAL) ENGINE = Memory"
	printf '%s\n' '{"u":"x"}' '{"e":"b"}' '{"b":"perhaps"}' '{"i4":"1.2"}' '{"i6":"g"}' '{"a":{}}' \
		'{"d":99999999999}' '{"d":"x"}' '{"m":2}' '{"p":2}' '{"s":"x","s":"x"}' '{"#":1}' \
		'{"s":"good"}' '{}' ' { } ' > in
	insert --table odd --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 11 12 " ]
	[ "$(jq -r '.details.formErrors[0] // empty' r | grep -o 'code [0-9]*' | tr -dc '0-9\n' | tr '\n' ' ')" = \
		"376 691 467 675 676 130 69 27 117 " ]
	[ "$(jq -r '.details.fieldErrors | keys[]' r | tr '\n' ' ')" = "m # " ]
	[ "$(sql 'SELECT count(), max(s) FROM odd')" = "4	good" ]
}

# shellcheck disable=SC2016 # backquotes of SQL
@test "bad rows are found whatever names table and columns have" {
	sql 'CREATE TABLE `we``ird\\ '\''name` (`a``b, "c\\` String, n UInt8) ENGINE = Memory'
	printf '%s\n' '{"a`b, \"c\\":"x"}' '{"n":"x"}' '{"n":1}' > in
	fake_start pass
	insert --table "we\`ird\\ 'name" --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 2 ]
	[ "$(grep -c INSERT "$FAKE/log")" -eq 2 ]
}

@test "what only the table refuses is found among the rest" {
	sql "ALTER TABLE events ADD CONSTRAINT c CHECK event_id != 'e7'"
	third 30 > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | sort -n | tr '\n' ' ')" = "3 6 7 9 12 15 18 21 24 27 30 " ]
	[[ $(jq -r 'select(.line == 7).details.formErrors[0]' r) == *"code 469"* ]]
	holds 19
}

@test "a server that can't be asked which rows are bad: they are found all the same" {
	third 30 > in
	fake_start no-data
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | tr '\n' ' ')" = "3 6 9 12 15 18 21 24 27 30 " ]
	holds 20
}

@test "a server that says good rows are bad, or breaks off: none is rejected" {
	third 30 > in
	for fault in no-first no-last; do
		rm -f r
		fake_start $fault
		insert --rejects r in
		[ "$status" -eq 1 ]
		[ "$(jq .line r | tr '\n' ' ')" = "3 6 9 12 15 18 21 24 27 30 " ]
		holds 20
		fake_stop
		rm -r "$FAKE" r
		sql 'TRUNCATE TABLE events'
		sql 'TRUNCATE TABLE daily_rollup'
		sql 'TRUNCATE TABLE sessions'
	done
}

@test "a key that the table lacks is refused, not dropped" {
	rows 1 | sed 's/}$/,"colour":"red"}/' > in
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq -r .input r)" = "$(cat in)" ]
	[[ $(jq -c .details r) != *red* ]]
	holds 0
}

@test "a key that the table lacks is told by its name, alone and among others, in blocks and as JSON" {
	local format
	rows 1 | sed 's/}$/,"colour":"red"}/' > in
	{ cat in; rows 3 2; rows 1 5 | sed 's/^{/{"o\\"dd\\u006b":1,/'; } > many
	for format in native json; do
		for file in in many; do
			rm -f r
			insert --wire-format $format --rejects r $file
			[ "$status" -eq 1 ]
			jq -r '.details.fieldErrors | to_entries[] | "\(.key): \(.value[0])"' r > found
			grep -q '^colour: Unknown key: the table has no column of this name to fill$' found
		done
		[ "$(tail -n 1 found)" = 'o"ddk: Unknown key: the table has no column of this name to fill' ]
	done
	holds 3
	insert in
	[[ $stderr == *"in:1: colour: Unknown key"* ]]
}

@test "a column that is EPHEMERAL can be filled, in blocks and as JSON" {
	local format
	for format in native json; do
		sql "CREATE TABLE $format (a String, e String EPHEMERAL, h String DEFAULT upper(e)) ENGINE = Memory"
		printf '%s\n' '{"a":"1","e":"x"}' '{"a":"2","e":"y"}' | mm-insert --wire-format $format --table $format
		printf '%s\n' '{"a":"3"}' '{"a":"4","e":"z"}' '{"a":"5","h":"own"}' |
			mm-insert --wire-format $format --table $format
		[ "$(sql "SELECT a, h FROM $format ORDER BY a FORMAT TSV" | tr '\t\n' ' ')" = "1 X 2 Y 3  4 Z 5 own " ]
	done
}

@test "when all rows are refused it stops and keeps the rest" {
	rows 1000 | sed 's/"session_id"/"session"/' > in
	insert --rejects r in
	[ "$status" -eq 2 ]
	[[ $stderr == *"all of the first 100 were refused"* ]]
	holds 0
	cmp <(jq -r .input r; spooled) in
}

@test "when the table refuses all rows that could be read, these and the others are kept or told" {
	{ bad 1; rows 200 2; bad 202; } > in
	sql "ALTER TABLE events ADD CONSTRAINT c CHECK event_id = ''"
	insert --rejects r in
	[ "$status" -eq 2 ]
	[[ $stderr == *"all of the first 100 were refused"* ]]
	cmp <(jq -r .input r; spooled) <(bad 1; bad 202; rows 200 2)
}

@test "a batch of more months than a server takes by default is stored" {
	rows 200 | awk '{ sub(/2026-01/, sprintf("%04d-%02d", 1990 + int(NR / 12), NR % 12 + 1)); print }' > in
	for _ in 1 2; do
		insert in
		[ "$status" -eq 0 ]
		holds 200
	done
}

# ---- servers that are away, busy or wrong

@test "without a server every row is kept, byte for byte" {
	rows 250 > in
	away insert --retry-for 1ms --max-rows 100 in
	[ "$status" -eq 75 ]
	spooled | cmp - in
	[ "$(find "$SPOOL" -type f | wc -l)" -eq 3 ]
	[ "$(stat -c %a "$SPOOL" "$SPOOL"/* "$SPOOL"/*/*)" = $'700\n700\n600\n600\n600' ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
	[[ $stderr == *"250 rows are not stored but kept"* ]]
}

@test "the command of the message stores what was kept, once" {
	rows 250 > in
	away insert --retry-for 1ms --max-rows 100 --spool "a dir's" in
	[ "$status" -eq 75 ]
	command=$(sed -n 's/.*this sends them: //p' <<< "$stderr" | sed "s,--url [^ ]*,,")
	run -0 sh -c "$command"
	run -0 sh -c "$command"
	holds 250
	insert --max-rows 100 in
	holds 250
}

@test "what is kept already is not copied when it fails again" {
	rows 10 > in
	away insert --retry-for 1ms in
	before=$(ls -l --time-style=full-iso "$SPOOL")
	away insert --retry-for 1ms "$SPOOL"/*/*.ndjson
	[ "$status" -eq 75 ]
	[[ $stderr == *"10 rows are not stored; they stay in the files"* ]]
	[ "$(ls -l --time-style=full-iso "$SPOOL")" = "$before" ]
}

@test "a missing table: says what to do, keeps the rows, status 2" {
	rows 10 > in
	insert --table nosuch in
	[ "$status" -eq 2 ]
	[[ $stderr == *"mm-schema"* ]]
	spooled | cmp - in
}

@test "a missing database: says what to do, keeps the rows, status 2" {
	rows 10 > in
	insert --database nosuch in
	[ "$status" -eq 2 ]
	[[ $stderr == *"mm-schema"* ]]
	spooled | cmp - in
}

@test "a wrong password: no retry, rows kept, no secret told" {
	fake_start list code:516
	rows 10 > in
	MM_CLICKHOUSE_USER=alice MM_CLICKHOUSE_PASSWORD=hunter2 insert in
	[ "$status" -eq 2 ]
	[[ $stderr == *MM_CLICKHOUSE_PASSWORD* ]]
	[[ $stderr$(cat "$FAKE/log") != *hunter2* ]]
	[ "$(wc -l < "$FAKE/log")" -eq 1 ]
	spooled | cmp - in
}

@test "the real engine does not know the user: status 2" {
	rows 10 > in
	MM_CLICKHOUSE_USER=alice MM_CLICKHOUSE_PASSWORD=hunter2 insert in
	[ "$status" -eq 2 ]
	[[ $stderr == *"code 516"* ]]
	[[ $stderr != *hunter2* ]]
}

@test "what the server quotes does not reach a message" {
	fake_start code:241
	rows 10 > in
	insert --retry-for 1ms in
	[ "$status" -eq 75 ]
	[[ $stderr == *"code 241"* ]]
	[[ $stderr != *secret* ]]
}

@test "a password in the URL is refused" {
	insert --url http://alice:hunter2@127.0.0.1/ /dev/null
	[ "$status" -eq 2 ]
	[[ $stderr == *"user or password"* ]]
	[[ $stderr != *hunter2* ]]
}

# faulty FAULT...: inserts 300 rows as three batches through these faults.
faulty() {
	fake_start "$@"
	rows 300 > in
	insert --max-rows 100 --timeout 2s --retry-for 30s in
}

@test "busy, then not: stored once" {
	faulty 503 429 pass
	[ "$status" -eq 0 ]
	[[ $stderr == *"trying again"* ]]
	holds 300
}

@test "overload by ClickHouse's codes, then not: stored once" {
	faulty code:252 pass code:202 code:241 pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "the connection breaks, then not: stored once" {
	faulty cut cut-body pass cut pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "stored, but the answer is lost: stored once, in the aggregates too" {
	faulty lost pass lost lost pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "stored, but the answer is late: stored once" {
	faulty stall pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "no answer at all, then one: stored once" {
	faulty pass hang pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "unknown codes and garbage, then not: stored once" {
	faulty code:1001 500 pass garbage pass
	[ "$status" -eq 0 ]
	holds 300
}

@test "an unknown code that stays: a few tries, then the rows are kept" {
	faulty code:1001
	[ "$status" -eq 75 ]
	[ "$(wc -l < "$FAKE/log")" -eq 3 ]
	spooled | cmp - in
}

@test "an answer of some other server is no success" {
	faulty html
	[ "$status" -eq 75 ]
	spooled | cmp - in
}

@test "a redirect is not followed" {
	faulty redirect
	[ "$status" -eq 2 ]
	spooled | cmp - in
	holds 0
}

@test "the server goes away for good: stored plus kept is the input" {
	fake_start pass lost cut
	rows 300 > in
	insert --max-rows 100 --retry-for 1ms in
	[ "$status" -eq 75 ]
	[ "$(grep -c 'is ClickHouse running there' <<< "$stderr")" -eq 1 ]
	spooled | cmp - <(tail -n +101 in)
	run -0 mm-insert --url "$ENGINE_URL" --drain "$SPOOL"
	holds 300
}

@test "the server goes away among refused rows: nothing lost, nothing twice" {
	{ rows 40; bad 41; rows 59 42; } > in
	fake_start pass lost lost cut
	insert --retry-for 1ms --rejects r in
	[ "$status" -eq 75 ]
	run -1 mm-insert --url "$ENGINE_URL" --drain "$SPOOL"
	holds 99
}

@test "the rest is stored, but the answer is lost: stored once" {
	{ rows 40; bad 41; rows 59 42; } > in
	fake_start pass pass pass pass lost pass
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 41 ]
	holds 99
}

@test "the server is busy when asked which rows are bad: tried again" {
	{ rows 40; bad 41; rows 59 42; } > in
	fake_start pass 503 pass cut pass
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 41 ]
	[ "$(grep -c INSERT "$FAKE/log")" -eq 2 ]
	holds 99
}

@test "the server goes away with the rest: that is kept, and stored once" {
	{ rows 40; bad 41; rows 59 42; } > in
	fake_start pass pass pass lost cut
	insert --retry-for 1ms --rejects r in
	[ "$status" -eq 75 ]
	[ "$(jq .line r)" -eq 41 ]
	spooled | cmp - <(rows 40; rows 59 42)
	run -0 mm-insert --url "$ENGINE_URL" --drain "$SPOOL"
	holds 99
	run -1 mm-insert --url "$ENGINE_URL" in
	holds 99
}

# What only the table refuses is looked for in halves, each under a token of its own.
# all_but_two: each good row is stored once, and the two that are refused are in r2, each once.
all_but_two() {
	holds 38
	# by the last run, or by the first, when it got so far
	[ "$(jq -r '.input | fromjson.event_id' r2 | sort -u | tr '\n' ' ')" = "e30 e7 " ]
	rm r2
}

@test "the server goes away while a batch is taken apart: nothing lost, nothing twice" {
	local n again
	sql "ALTER TABLE events ADD CONSTRAINT c CHECK event_id NOT IN ('e7', 'e30')"
	rows 40 > in
	for again in 'drain replay' replay; do
		for ((n = 3; n < 14; n++)); do
			fake_start "pass*$n" cut
			insert --retry-for 1ms --wire-format json --rejects r in
			fake_stop
			rm -r "$FAKE"
			[ "$status" -eq 75 ] || [ "$n" -gt 10 ]
			export MM_CLICKHOUSE_URL=$ENGINE_URL
			echo "$again after $n"
			if [[ $again == drain* ]]; then
				run mm-insert --rejects r2 --drain "$SPOOL"
				echo "$output"
				all_but_two
			fi
			run mm-insert --rejects r2 in
			echo "$output"
			all_but_two
			for table in events daily_rollup sessions; do
				sql "TRUNCATE TABLE $table"
			done
			rm -rf "$SPOOL" r
		done
	done
}

@test "an odd answer to which rows are bad does not make other batches of those that come again" {
	sql "ALTER TABLE events ADD CONSTRAINT c CHECK event_id != 'e30'"
	{ rows 8; bad 9; rows 31 10; } > in
	insert --rejects r in
	fake_start pass code:1001 pass
	insert --wire-format json --retry-for 1ms --rejects r in
	fake_stop
	[ "$status" -eq 75 ]
	holds 38
	run mm-insert --url "$ENGINE_URL" --rejects r --drain "$SPOOL"
	holds 38
}

@test "nor does one after failures in passing" {
	{ rows 8; bad 9; rows 31 10; } > in
	insert --rejects r in
	fake_start pass code:252 code:252 code:1001 pass
	insert --wire-format json --rejects r in
	[ "$status" -eq 1 ]
	holds 39
}

@test "the questions which rows are bad break off: asked again" {
	{ rows 8; bad 9; rows 31 10; } > in
	fake_start pass cut-body:30 cut-body pass
	insert --rejects r --timeout 20s in
	[ "$status" -eq 1 ]
	[[ $stderr != *"timed out"* ]]
	holds 39
}

# ---- the spool

@test "no place for the spool: status 2 before anything is read" {
	touch file
	rows 10 > in
	insert --spool file/spool < in
	[ "$status" -eq 2 ]
	[[ $stderr == *"file/spool"* ]]
	holds 0
}

@test "no HOME and no --spool: says so" {
	run --separate-stderr env -u HOME -u XDG_STATE_HOME -u MM_SPOOL mm-insert /dev/null
	[ "$status" -eq 2 ]
	[[ $stderr == *"--spool"* ]]
}

@test "a spool that can't take the rows: loud, status 74, no half file" {
	rows 1000 > in
	run --separate-stderr bash -c "ulimit -f 16
		cat in | away mm-insert --retry-for 1ms"
	[ "$status" -eq 74 ]
	[[ $stderr != *"are kept"* ]]
	[[ $stderr == *"1000 rows that were read are neither stored nor kept"* ]]
	[ -z "$(ls "$SPOOL")" ]
}

@test "a full rejects file: status 2" {
	echo x > in
	insert --rejects /dev/full in
	[ "$status" -eq 2 ]
	[[ $stderr == *"No space left"* ]]
}

@test "a missing file: the others are stored, status 2" {
	rows 10 > in
	insert nosuch in
	[ "$status" -eq 2 ]
	[[ $stderr == *"nosuch: No such file"* ]]
	holds 10
}

# ---- signals

@test "kill -9 in the middle, the same command again: stored once" {
	fake_start pass stall pass
	rows 1000 > in
	mm-insert --max-rows 100 in 3>&- &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		[ "$(sql 'SELECT count() FROM events')" -eq 200 ] && break
		sleep 0.1
	done
	kill -9 $pid
	run ! wait $pid
	insert --max-rows 100 in
	[ "$status" -eq 0 ]
	holds 1000
}

@test "a signal between two batches of a file: that the rest is not sent is said" {
	local pid
	# long ones, since what has been read is sent for ten seconds more
	rows 300 | sed "s,\"campaign\":null,&\,\"url\":\"https://example.com/$(times 20000 x)\"," > in
	mm-insert --max-rows 1 --connections 1 in 2> err 3>&- &
	pid=$!
	eventually some_are_stored
	kill $pid
	ends_with 143 $pid
	grep -qx 'mm-insert: stopped; the same command sends the rest, and nothing twice' err
	[ "$(sql 'SELECT count() FROM events')" -lt 300 ]
}

some_are_stored() {
	[ "$(sql 'SELECT count() FROM events')" -gt 0 ]
}

# stop_reader [OPTION]...: sends rows through a pipe, then SIGTERM in the middle.
stop_reader() {
	mkfifo pipe
	mm-insert --max-rows 100 "$@" < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
	rows 150 > in
	cat in >&9 # in one write: what is read is read whole
	for ((i = 0; i < 100; i++)); do
		[ "$(sql 'SELECT count() FROM events')" -ge 100 ] && break
		sleep 0.1
	done
	kill $pid
	status=0
	wait $pid || status=$?
	exec 9>&-
}

@test "SIGTERM: a batch cut short is kept, not sent; it dies by the signal" {
	stop_reader
	[ "$status" -eq 143 ]
	holds 100
	spooled | cmp - <(rows 50 101)
	grep -q 'but not both' err
	run ! grep -q drain err
}

@test "SIGTERM with --flush-after: the last rows are sent" {
	stop_reader --flush-after 1h
	[ "$status" -eq 143 ]
	holds 150
}

@test "SIGTERM while the server is away: all that was read is kept" {
	fake_start pass 503
	stop_reader
	[ "$status" -eq 143 ]
	holds 100
	spooled | cmp - <(rows 50 101)
}

# ---- face

@test "misuse: one line, status 2" {
	insert --max-rows 0
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-insert: --max-rows: expected 1 to 10000000; try 'mm-insert --help'" ]]
}
