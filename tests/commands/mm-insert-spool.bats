#!/usr/bin/env bats
# What mm-insert keeps when it can't deliver, and how that is delivered later.

bats_require_minimum_version 1.5.0
load helper
load server
load insert

# keep [OPTION]... FILE: mm-insert without a server; all is kept.
keep() {
	away insert --retry-for 1ms "$@"
	[ "$status" -eq 75 ]
}

waiting() {
	find "$SPOOL" -name '*.ndjson' | sort
}

anything_waits() {
	[ -n "$(waiting)" ]
}

nothing_waits() {
	[ -z "$(waiting)" ]
}

# ---- delivered later

# in_default COMMAND...: with the spools where they are by default.
in_default() {
	env -u MM_SPOOL "$@"
}

@test "what was meant for one server is not sent to another" {
	rows 3 > in
	insert --url http://staging.invalid:8123/ --retry-for 1ms in
	[ "$status" -eq 75 ]
	kept=$(find "$XDG_STATE_HOME/millimetric/spool/staging.invalid:8123" -name '*.ndjson')
	cmp in "$kept"
	rows 2 11 > other
	insert other
	[ "$status" -eq 0 ]
	[ "$(state)" = $'2\t2\t2\t2' ]
	cmp in "$kept"
}

@test "what was meant for one port, path or address of this machine is not sent to another" {
	local other
	rows 3 > in
	rows 2 11 > next
	for other in http://127.0.0.1:1/ http://localhost:2/ http://127.0.0.1:1/a/b/ http://127.0.0.9:3/; do
		run -75 in_default mm-insert --url "$other" --retry-for 1ms in
		run -0 in_default mm-insert next
	done
	[ "$(state)" = $'2\t2\t2\t2' ]
	run -0 find "$XDG_STATE_HOME/millimetric/spool" -name '*.ndjson' -printf '%P\n'
	[ "$(cut -d/ -f1 <<< "$output" | sort)" = "127.0.0.9:3
localhost:1
localhost:1%2Fa%2Fb
localhost:2" ]
}

@test "names of this machine with one port are one server" {
	rows 3 > in
	run -75 in_default mm-insert --url http://localhost:1/ --retry-for 1ms in
	run -75 in_default mm-insert --url http://127.0.0.1:1 --retry-for 1ms /dev/null
	run -75 in_default mm-insert --url "http://[::1]:1/" --retry-for 1ms /dev/null
	[ "$(ls "$XDG_STATE_HOME/millimetric/spool")" = localhost:1 ]
}

@test "MM_SPOOL is the spool of MM_CLICKHOUSE_URL, and of no other server" {
	rows 3 > in
	run -75 mm-insert --url http://127.0.0.1:1/ --retry-for 1ms in
	[ ! -e "$SPOOL" ]
	run -75 away mm-insert --retry-for 1ms in
	cmp in "$(waiting)"
}

@test "each directory of mm-clickhouse has a spool of its own, whatever its port" {
	local base
	base=$(mktemp -d "${ENGINE_DIR%/*}/mm-engine.XXXXXX")
	rows 3 > in
	rows 2 11 > other
	unset MM_SPOOL MM_CLICKHOUSE_URL
	run mm-clickhouse -d "$base/a" -- sh -c 'mm-insert in' # there are no tables
	[ "$status" -eq 2 ]
	run mm-clickhouse -d "$base/b" -- sh -c 'mm-schema && mm-insert other &&
		mm-query --from 2026-01-01 --to 2027-01-01 | wc -l'
	[ "${lines[-1]}" -eq 2 ]
	run mm-clickhouse -d "$base/a" -- sh -c 'mm-schema && mm-insert other &&
		mm-query --from 2026-01-01 --to 2027-01-01 | wc -l'
	[ "${lines[-1]}" -eq 5 ]
	rm -r "$base"
	[ ! -e "$XDG_STATE_HOME" ]
}

@test "what an earlier version kept by the host alone is told, with the command, until it is sent" {
	local old=$XDG_STATE_HOME/millimetric/spool/localhost
	rows 3 > in
	away insert --retry-for 1ms --spool "$old" in
	[ "$status" -eq 75 ]
	rows 2 11 > next
	insert next
	[ "$status" -eq 0 ]
	[[ $stderr == *"$old: rows wait here"*"mm-insert --url URL --drain $old" ]]
	[ "$(state)" = $'2\t2\t2\t2' ]
	insert --url "$ENGINE_URL" --drain "$old"
	[ "$status" -eq 0 ]
	holds 5
	insert next
	[ -z "$stderr" ]
}

@test "what waits is delivered by the next run, and deleted" {
	rows 250 > in
	keep --max-rows 100 in
	[ "$(waiting | wc -l)" -eq 3 ]
	rows 10 251 > next
	insert --summary json next
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.lines,.stored,.drained,.kept,.waiting]' <<< "$stderr")" = "[10,260,250,0,0]" ]
	[ -z "$(waiting)" ]
	holds 260
}

@test "what waits goes before what is read" {
	rows 5 > in
	keep in
	bad=$(rows 1 6 | sed 's/2026-[-0-9: .]*/hunter2/')
	fake_start pass 503
	run --separate-stderr mm-insert --retry-for 1ms --connections 1 <<< "$bad"
	[ "$status" -eq 75 ]
	holds 5
	spooled | cmp - <(echo "$bad")
}

@test "what waits for another table stays" {
	sql 'CREATE TABLE other AS events'
	rows 10 > in
	keep --table other in
	insert /dev/null
	[ "$status" -eq 0 ]
	[ "$(waiting | wc -l)" -eq 1 ]
	holds 0
}

@test "a file of the spool that is named is sent, and stays" {
	rows 20 > in
	keep --max-rows 10 in
	first=$(waiting | head -1)
	insert --summary json "$first"
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.stored,.requests,.waiting]' <<< "$stderr")" = "[10,1,2]" ]
	[ "$(waiting | wc -l)" -eq 2 ]
	holds 10
	insert --drain "$SPOOL"
	holds 20
}

@test "a file of the spool is one request, whatever the limits" {
	rows 250 > in
	keep in
	fake_start pass
	insert --max-rows 10 --max-bytes 100 "$(waiting)"
	insert --max-rows 10 --max-bytes 100 --drain "$SPOOL"
	[ "$(wc -l < "$FAKE/log")" -eq 2 ]
	holds 250
}

@test "what was delivered from the spool, and the whole input again: once" {
	rows 250 > in
	keep --max-rows 100 in
	insert --drain "$SPOOL"
	insert --max-rows 100 in
	[ "$status" -eq 0 ]
	holds 250
}

# ---- --drain

@test "--drain delivers what waits for all tables and databases, and ends" {
	sql 'CREATE TABLE `a/b.c%` AS events'
	MM_CLICKHOUSE_DATABASE=other mm-schema
	rows 10 > in
	keep in
	keep --table a/b.c% in
	keep --database other in
	insert --drain "$SPOOL" --summary json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.lines,.stored,.drained,.waiting]' <<< "$stderr")" = "[0,30,30,0]" ]
	[ -z "$(ls "$SPOOL")" ]
	[ "$(sql 'SELECT count() FROM `a/b.c%`') $(sql 'SELECT count() FROM other.events')" = "10 10" ]
	holds 10
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
}

@test "--drain with --table or --database delivers these alone" {
	sql 'CREATE TABLE other AS events'
	rows 10 > in
	keep in
	keep --table other in
	insert --drain "$SPOOL" --database nosuch
	insert --drain "$SPOOL" --table other
	[ "$status" -eq 0 ]
	[ "$(sql 'SELECT count() FROM other')" -eq 10 ]
	holds 0
}

@test "--drain without a server: all stays as it is, status 75" {
	rows 20 > in
	keep --max-rows 10 in
	away insert --retry-for 1ms --drain "$SPOOL"
	[ "$status" -eq 75 ]
	[[ $stderr == *"is ClickHouse running there?"* ]]
	spooled | cmp - in
}

@test "--drain of a missing table: says so once, all stays, status 2" {
	rows 20 > in
	keep --table nosuch --max-rows 10 in
	insert --drain "$SPOOL"
	[ "$status" -eq 2 ]
	[ "$(grep -c mm-schema <<< "$stderr")" -eq 1 ]
	spooled | cmp - in
}

@test "--drain of no directory: status 2" {
	insert --drain nosuch
	[ "$status" -eq 2 ]
	[[ $stderr == *"nosuch: No such file"* ]]
}

@test "--drain reads nothing: files beside it are misuse" {
	insert --drain "$SPOOL" in
	[ "$status" -eq 2 ]
	[[ $stderr == *"--drain"* ]]
}

@test "a refused row in the spool: rejected with its file, the others are stored" {
	{ rows 5; rows 1 6 | sed 's/2026-[-0-9: .]*/hunter2/'; rows 5 7; } > in
	keep in
	file=$(waiting)
	insert --drain "$SPOOL" --rejects r
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.file,.line]|@tsv' r)" = "$file	6" ]
	[ "$(jq -r .input r)" = "$(sed -n 6p in)" ]
	[ -z "$(waiting)" ]
	holds 10
}

@test "a refused row in the spool that can't be told stays there" {
	{ rows 5; rows 1 6 | sed 's/2026-[-0-9: .]*/x/'; rows 5 7; } > in
	keep in
	file=$(waiting)
	insert --drain "$SPOOL" --rejects /dev/full
	[ "$status" -eq 2 ]
	[[ $stderr == *"/dev/full: No space left"*"1 files stay in the spool"* ]]
	[[ $stderr != *"holds them"* ]]
	[ "$(waiting)" = "$file" ]
	insert --drain "$SPOOL" --rejects r
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 6 ]
	[ -z "$(waiting)" ]
	holds 10
}

@test "a refused row in the spool is told once, also when the server goes away with the others" {
	{ rows 5; rows 1 6 | sed 's/2026-[-0-9: .]*/x/'; rows 5 7; } > in
	keep in
	fake_start pass pass pass cut
	insert --drain "$SPOOL" --rejects r --retry-for 1ms
	[ "$status" -eq 75 ]
	[ ! -s r ]
	fake_faults pass
	insert --drain "$SPOOL" --rejects r
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 6 ]
	holds 10
}

@test "a file that the server never takes does not hold up the others" {
	rows 30 > in
	keep --max-rows 10 in
	fake_start code:1001 code:1001 code:1001 pass
	insert --connections 1 --drain "$SPOOL"
	[ "$status" -eq 75 ]
	[[ $stderr == *"stays in the spool"* ]]
	spooled | cmp - <(rows 10)
	holds 20
}

# refused_file ROWS: a file in the spool, of rows that the table refuses all.
refused_file() {
	mkdir -p "$SPOOL/$MM_CLICKHOUSE_DATABASE.events"
	rows "$1" | sed 's/"session_id"/"session"/' \
		> "$SPOOL/$MM_CLICKHOUSE_DATABASE.events/20260101T000000Z-00000000-000001.ndjson"
}

@test "a file that is refused is set aside with its reason, told once, and holds up nothing" {
	local folder=$SPOOL/$MM_CLICKHOUSE_DATABASE.events
	refused_file 200
	cp "$folder"/*1.ndjson bad
	cp bad "$folder/20260101T000000Z-00000000-000002.ndjson"
	rows 5 > "$folder/20260101T000000Z-00000000-000003.ndjson"
	rows 3 11 > in
	insert in
	[ "$status" -eq 1 ]
	[ "$(grep -c 'is set aside, so that it holds up nothing: the table does not take these rows' <<< "$stderr")" -eq 1 ]
	[[ $stderr == *"2 files that ClickHouse refused are set aside in $folder"* ]]
	holds 8
	[ "$(ls "$folder")" = "20260101T000000Z-00000000-000001.ndjson.reason
20260101T000000Z-00000000-000001.ndjson.refused
20260101T000000Z-00000000-000002.ndjson.reason
20260101T000000Z-00000000-000002.ndjson.refused" ]
	grep -q 'session: Unknown key' "$folder"/*1.ndjson.reason
	cmp bad "$folder"/*1.ndjson.refused
	rows 3 21 > in
	insert in
	[ "$status" -eq 0 ]
	[[ $stderr == "mm-insert: 2 files that ClickHouse refused are set aside in $folder"* ]]
	holds 11
}

@test "--drain sends what was set aside again: refused it stays, and once the table takes it it goes" {
	refused_file 200
	insert --drain "$SPOOL"
	[ "$status" -eq 1 ]
	insert --drain "$SPOOL"
	[ "$status" -eq 1 ]
	[ "$(find "$SPOOL" -name '*.refused' | wc -l)" -eq 1 ]
	sql 'ALTER TABLE events ADD COLUMN session String EPHEMERAL'
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	[ -z "$(ls "$SPOOL")" ]
	holds 200
}

@test "events that an earlier version kept are set aside: good rows go on" {
	mkdir -p "$SPOOL/$MM_CLICKHOUSE_DATABASE.events"
	gen_events -n 300 > "$SPOOL/$MM_CLICKHOUSE_DATABASE.events/20260101T000000Z-00000000-000001.ndjson"
	rows 3 > in
	insert in
	[[ $stderr == *"is set aside"* ]]
	insert in
	[ "$status" -eq 0 ]
	holds 3
}

# ---- bodies that are too large

# wide N [FIRST]: as rows, each with half a KiB that is hard to compress.
wide() {
	rows "$@" | node -e 'const { createHash } = require("crypto");
		require("readline").createInterface({ input: process.stdin }).on("line", (row) =>
			console.log(row.replace(/"campaign":null/, `"campaign":"${createHash("sha512").update(row).digest("hex")}"`)));'
}

@test "HTTP 413: a batch is halved until it fits, told once, and stored once, as often as it comes" {
	local format compress
	wide 600 > in
	for format in native json; do
		for compress in none zstd; do
			fake_start "limit:$([ $compress = zstd ] && echo 10000 || echo 40000)"
			for _ in 1 2; do
				insert --format $format --compress $compress --max-rows 300 --summary json in
				[ "$status" -eq 0 ]
				[ "$(grep -c 'refuses a body of .* (HTTP 413): batches are sent in pieces' <<< "$stderr")" -eq 1 ]
				[ "$(tail -n 1 <<< "$stderr" | jq -c '[.stored, .kept, .requests >= 4]')" = '[600,0,true]' ]
				holds 600
			done
			fake_stop
			rm -r "$FAKE"
			for table in events daily_rollup sessions; do
				sql "TRUNCATE TABLE $table"
			done
		done
	done
}

@test "HTTP 413: what is known not to fit is not sent again" {
	wide 800 > in
	fake_start limit:30000
	insert --wire-format json --connections 1 --max-rows 200 in
	holds 800
	# of the first batch: whole, a half, a quarter; no more than that of all others
	[ "$(grep -c INSERT "$FAKE/log")" -le $((4 * 8 + 3)) ]
}

@test "HTTP 413: a file of the spool is sent in pieces, too" {
	wide 600 > in
	keep in
	fake_start limit:50000
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	nothing_waits
	holds 600
	insert in
	holds 600
}

@test "HTTP 413, then the server goes away: the pieces that are left wait, also for a larger limit" {
	local format n
	wide 400 > in
	for format in native json; do
		for n in 2 3 4 5; do
			fake_start "limit:40000*$n" cut
			insert --wire-format $format --connections 1 --retry-for 1ms in
			[ "$status" -eq 75 ]
			fake_faults pass
			insert --drain "$SPOOL"
			[ "$status" -eq 0 ]
			nothing_waits
			holds 400
			fake_stop
			rm -r "$FAKE"
			for table in events daily_rollup sessions; do
				sql "TRUNCATE TABLE $table"
			done
		done
	done
}

@test "HTTP 413 in the middle of a file of the spool: what is left of it waits, each row once" {
	local n
	wide 400 > in
	for n in 2 3 4 5; do
		export MM_CLICKHOUSE_URL=$ENGINE_URL
		keep in
		fake_start "limit:40000*$n" cut
		insert --connections 1 --retry-for 1ms --drain "$SPOOL"
		[ "$status" -eq 75 ]
		fake_faults pass
		insert --drain "$SPOOL"
		[ "$status" -eq 0 ]
		nothing_waits
		holds 400
		fake_stop
		rm -r "$FAKE"
		for table in events daily_rollup sessions; do
			sql "TRUNCATE TABLE $table"
		done
	done
}

@test "HTTP 413 and rows that are refused: these are found, the others stored once" {
	wide 600 | sed '7s/2026-[-0-9: .]*/x/; 300s/"source"/"sauce"/; 599s/2026-[-0-9: .]*/x/' > in
	fake_start limit:40000
	for _ in 1 2; do
		rm -f r
		insert --rejects r in
		[ "$status" -eq 1 ]
		[ "$(jq -c .line r | sort -n | tr '\n' ' ')" = "7 300 599 " ]
		holds 597
	done
}

@test "HTTP 413: a row that is too large alone is rejected, the others are stored" {
	{ rows 30; rows 1 31 | sed "s/\"campaign\":null/\"campaign\":\"$(times 30000 x)\"/"; rows 30 32; } > in
	fake_start limit:20000
	insert --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r)" -eq 31 ]
	[[ $(jq -r '.details.formErrors[0]' r) == *"HTTP 413"* ]]
	holds 60
}

@test "HTTP 413 to whatever is sent: all is kept" {
	rows 200 > in
	fake_start 413
	insert in
	[ "$status" -eq 2 ]
	[[ $stderr == *"the table does not take these rows"*"HTTP 413"* ]]
	holds 0
}

# ---- several at a time

@test "a file that another process delivers is left to it" {
	rows 20 > in
	keep --max-rows 10 in
	mkfifo hold
	flock "$(waiting | head -1)" cat hold 3>&- &
	pid=$!
	exec 9> hold
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	[[ $stderr == *"1 files are being sent by another mm-insert"* ]]
	holds 10
	exec 9>&-
	wait $pid
	insert --drain "$SPOOL"
	holds 20
}

@test "two that drain at once: each file is sent by one" {
	rows 400 > in
	keep --max-rows 10 in
	fake_start pass
	mm-insert --drain "$SPOOL" 3>&- &
	pid=$!
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	wait $pid
	[ "$(grep -c INSERT "$FAKE/log")" -eq 40 ]
	holds 400
}

@test "a lock dies with its process: kill -9 in the middle, drained again, stored once" {
	rows 30 > in
	keep --max-rows 10 in
	fake_start pass stall pass
	mm-insert --connections 1 --drain "$SPOOL" 3>&- &
	pid=$!
	eventually holds 20
	kill -9 $pid
	run ! wait $pid
	[ "$(waiting | wc -l)" -eq 2 ]
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	[ -z "$(waiting)" ]
	holds 30
}

@test "what a killed process had begun to write is taken away, once it is old" {
	rows 10 > in
	keep in
	folder=$(dirname "$(waiting)")
	echo half > "$folder/old.ndjson.tmp"
	cp "$folder/old.ndjson.tmp" "$folder/new.ndjson.tmp"
	touch -d '2 hours ago' "$folder/old.ndjson.tmp"
	insert /dev/null
	[ "$(ls "$folder")" = new.ndjson.tmp ]
}

@test "the end of an interrupted input is not sent by itself" {
	rows 10 > in
	keep in
	file=$(waiting)
	mv "$file" "${file%.ndjson}.cut.ndjson"
	insert in
	insert --drain "$SPOOL"
	[ "$status" -eq 0 ]
	holds 10
	spooled | cmp - in
}

# ---- bounds

@test "--spool-max: reading stops, status 74, what was read is kept" {
	rows 2000 > in
	status=0
	{ cat in; cat in; rows 100000; echo unread; } 2> err.cat |
		away mm-insert --retry-for 1ms --max-rows 100 --spool-max 100k 2> err ||
		status=$?
	[ "$status" -eq 74 ]
	grep -q 'the rest of the input was not read' err
	n=$(spooled | wc -l)
	[ "$n" -ge 400 ]
	spooled | cmp - <({ cat in in; rows 100000; } | head -n "$n")
}

@test "--spool-max: the writer before the pipe notices" {
	run bash -c 'yes "$1" | {
		away mm-insert --retry-for 1ms --spool-max 1M; echo $? >&3; }
		echo "${PIPESTATUS[0]}"' - "$(rows 1)" 3> inner
	[ "${lines[-1]}" -eq 141 ]
	[ "$(cat inner)" -eq 74 ]
}

@test "a spool that is full already: nothing is read while the server is away" {
	rows 1000 > in
	keep in
	mkfifo pipe
	exec 9<> pipe
	away insert --retry-for 1ms --spool-max 1k < pipe
	[ "$status" -eq 74 ]
	insert --spool-max 1k in
	[ "$status" -eq 0 ]
	holds 1000
}

@test "--spool-max: a file that was not read to its end can be given again" {
	rows 3000 > in
	away insert --retry-for 1ms --max-rows 100 --spool-max 50k in
	[ "$status" -eq 74 ]
	insert --max-rows 100 in
	[ "$status" -eq 0 ]
	holds 3000
}

# ---- --follow

# follow [OPTION]...: mm-insert on a pipe that descriptor 9 writes to.
follow() {
	mkfifo pipe
	mm-insert --follow --flush-after 100ms --retry-for 1ms "$@" < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
}

@test "--follow: rows are sent while the input goes on" {
	follow
	rows 5 >&9
	eventually holds 5
	exec 9>&-
	ends_with 0 $pid
}

@test "--follow: kept while the server is away, delivered when it is back" {
	fake_start 503 cut 503 pass
	follow
	rows 5 >&9
	eventually grep -q INSERT "$FAKE/log"
	rows 5 6 >&9
	eventually holds 10
	eventually nothing_waits
	rows 5 11 >&9
	eventually holds 15
	exec 9>&-
	ends_with 0 $pid
	[ -z "$(waiting)" ]
}

@test "--follow: a server that does not answer holds nothing up" {
	fake_start hang
	follow --timeout 300s
	rows 3 >&9
	eventually grep -q INSERT "$FAKE/log"
	rows 5000 4 >&9
	eventually anything_waits
	kill $pid
	ends_with 143 $pid
	exec 9>&-
	cmp <(spooled | sort) <(rows 5003 | sort)
}

@test "--follow: what has to be put right is tried again, and rows are not lost" {
	follow --table later
	rows 5 >&9
	eventually grep -q mm-schema err
	rows 5 6 >&9
	eventually anything_waits
	exec 9>&-
	ends_with 2 $pid
	cmp <(spooled | sort) <(rows 10 | sort)
}

@test "Retry-After is waited for" {
	fake_start 429 pass
	rows 5 > in
	SECONDS=0
	insert in
	[ "$status" -eq 0 ]
	[ "$SECONDS" -ge 1 ]
	holds 5
}
