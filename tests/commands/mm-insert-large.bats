#!/usr/bin/env bats
# mm-insert with batches whose rows wait in a file: what can't be sent as the
# block that was made of them while they were read comes back from there.

bats_require_minimum_version 1.5.0
load helper
load server
load insert

setup() {
	insert_setup
	padding=$(times 300 x)
}

# large N [FIRST]: as rows, each of half a KiB; 2000 of them take a file.
large() {
	rows "$@" | sed "s/\"campaign\":null/\"campaign\":\"$padding\"/"
}

@test "requests that break off in their middle: stored once" {
	large 6000 > in
	fake_start cut-body:50000 pass lost cut-body:600000 cut-body:700000 pass
	insert --max-rows 2000 --retry-for 30s in
	[ "$status" -eq 0 ]
	holds 6000
}

@test "the same, compressed" {
	large 6000 > in
	fake_start cut-body:5000 pass lost 503 cut-body:7000 pass
	insert --max-rows 2000 --retry-for 30s --compress zstd in
	[ "$status" -eq 0 ]
	holds 6000
}

@test "a block that is refused goes as JSON, with the same token" {
	large 2000 > in
	fake_start code:1001 pass
	insert in
	[ "$status" -eq 0 ]
	[ "$(grep INSERT "$FAKE/log" | grep -o 'token=[0-9a-f]*' | uniq | wc -l)" -eq 1 ]
	insert --url "$ENGINE_URL" in
	holds 2000
}

@test "bad rows in batches of several connections: rejected, the others stored once" {
	large 12000 | sed '0~1733s/2026-[-0-9: .]*/hunter2/' > in
	insert --max-rows 2000 --connections 4 --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | sort -n | tr '\n' ' ')" = "$(seq -s ' ' 1733 1733 12000) " ]
	cmp <(jq -r .input r | sort) <(grep hunter2 in | sort)
	holds $((12000 - 6))
	insert --max-rows 2000 --rejects r in
	holds $((12000 - 6))
}

@test "without a server they are kept, byte for byte, and stored once" {
	large 5000 > in
	away insert --retry-for 0 --max-rows 2000 in
	[ "$status" -eq 75 ]
	spooled | cmp - in
	insert --drain "$SPOOL"
	insert --max-rows 2000 in
	[ "$status" -eq 0 ]
	holds 5000
}

# Asks the process how far it is: whether it has read nearly all.
asked() {
	kill -USR1 "$pid"
	sleep 0.1
	grep -q '2000 rows stored, .*, 1.8 MiB read$' err
}

@test "SIGTERM: a batch cut short is kept, byte for byte" {
	large 3500 > in
	mkfifo pipe
	mm-insert --max-rows 2000 < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
	cat in >&9
	eventually holds 2000
	eventually asked
	kill $pid
	ends_with 143 $pid
	exec 9>&-
	spooled > kept
	[ "$(wc -l < kept)" -gt 1000 ]
	tail -n +2001 in | head -n "$(wc -l < kept)" | cmp - kept
}

@test "no room for the file: the rows stay in memory" {
	large 5000 > in
	fake_start pass cut-body:600000 pass
	run --separate-stderr bash -c 'ulimit -f 600; mm-insert --max-rows 2000 --retry-for 30s in'
	[ "$status" -eq 0 ]
	holds 5000
}

@test "the directory for the file goes away: the rows stay in memory" {
	large 5000 > in
	mkfifo pipe
	mm-insert --max-rows 2000 < pipe 3>&- &
	pid=$!
	exec 9> pipe
	eventually test -d "$SPOOL"
	rm -r "$SPOOL"
	cat in >&9
	exec 9>&-
	ends_with 0 $pid
	holds 5000
}
