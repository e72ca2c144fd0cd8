#!/usr/bin/env bats
# mm-insert over several connections; batches by month; progress; TLS and proxies.

bats_require_minimum_version 1.5.0
load helper
load server
load insert

setup_file() {
	engine_start
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost \
		-keyout "$BATS_FILE_TMPDIR/key" -out "$BATS_FILE_TMPDIR/cert" 2> /dev/null
}

requests() {
	grep -c INSERT "$FAKE/log"
}

requests_are() {
	[ "$(requests)" -eq "$1" ]
}

requests_reach() {
	[ "$(requests)" -ge "$1" ]
}

# checksum: of all that the tables hold.
checksum() {
	sql 'SELECT count(), sum(cityHash64(tuple(*))) FROM events'
	sql 'SELECT sum(cityHash64(day, event_name, source, medium, events)) FROM
		(SELECT day, event_name, source, medium, sum(events) AS events FROM daily_rollup GROUP BY ALL)'
}

# ---- connections

@test "the tables hold the same, however many connections there are" {
	rows 5000 > in
	for n in 1 2 16; do
		export MM_CLICKHOUSE_DATABASE=t${BATS_TEST_NUMBER}_$n
		mm-schema
		insert --connections $n --max-rows 100 in
		[ "$status" -eq 0 ]
		checksum > sum.$n
		insert --connections $((17 - n)) --max-rows 100 in
		checksum | cmp - sum.$n
	done
	cmp sum.1 sum.2
	cmp sum.1 sum.16
}

@test "after the first, as many requests at a time as there are connections" {
	fake_start pass hang
	rows 1000 > in
	mm-insert --connections 4 --max-rows 100 in 2> err 3>&- &
	pid=$!
	eventually requests_are 5
	kill $pid
	ends_with 143 $pid
	requests_are 5
	# four were cut short, the next one waited; the rest is in its file
	[ "$(spooled | sort -u | wc -l)" -ge 400 ]
	insert --url "$ENGINE_URL" --max-rows 100 in
	[ "$status" -eq 0 ]
	holds 1000
}

@test "what is wrong with all of them is found once" {
	fake_start code:516
	rows 1000 > in
	insert --connections 8 --max-rows 100 in
	[ "$status" -eq 2 ]
	requests_are 1
	[ "$(grep -c MM_CLICKHOUSE_PASSWORD <<< "$stderr")" -eq 1 ]
	spooled | cmp - in
}

@test "one request meets what has to be put right: what is stored and kept is the input" {
	fake_start pass pass code:60 pass
	rows 1000 > in
	insert --connections 4 --max-rows 100 in
	[ "$status" -eq 2 ]
	[ "$(grep -c mm-schema <<< "$stderr")" -eq 1 ]
	sql 'SELECT event_id FROM events' > ids
	spooled | jq -r .event_id >> ids
	cmp <(sort ids) <(jq -r .event_id in | sort)
	insert --url "$ENGINE_URL" --drain "$SPOOL"
	[ "$status" -eq 0 ]
	holds 1000
}

@test "faults on every other connection: stored once" {
	fake_start pass lost pass 503 cut pass lost lost code:252 pass cut-body garbage pass
	rows 2000 > in
	insert --connections 4 --max-rows 100 --retry-for 30s in
	[ "$status" -eq 0 ]
	holds 2000
}

@test "a batch that is kept, then one from a file of the spool: each stored once" {
	rows 5 > in
	sed -n 5p in | away insert --retry-for 0
	waiting=$(ls "$SPOOL"/*/*.ndjson)
	fake_start pass hang late:1500 pass
	mkfifo pipe
	mm-insert --timeout 2s --retry-for 0 --max-rows 1 - "$waiting" < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
	for n in 1 2 3; do
		sed -n ${n}p in >&9
		eventually requests_are $n
		sleep 1
	done
	# the second one has failed when the third is answered; this one is kept
	sed -n 4p in >&9
	eventually grep -q 'no answer' err
	fake_idle
	sleep 1
	exec 9>&-
	ends_with 75 $pid
	requests_are 4
	insert --url "$ENGINE_URL" --drain "$SPOOL"
	[ "$status" -eq 0 ]
	holds 5
}

@test "kill -9 with several requests on their way, the same command again: stored once" {
	fake_start pass stall stall lost stall pass
	rows 2000 > in
	mm-insert --connections 4 --max-rows 100 in 3>&- &
	pid=$!
	eventually requests_reach 6
	kill -9 $pid
	run ! wait $pid
	insert --url "$ENGINE_URL" --connections 3 --max-rows 100 in
	[ "$status" -eq 0 ]
	holds 2000
}

@test "refused rows of all connections come into one file, each once" {
	rows 3000 | sed '0~7s/2026-[-0-9: .]*/hunter2/' > in
	insert --connections 4 --max-rows 100 --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | sort -n | tr '\n' ' ')" = "$(seq -s ' ' 7 7 3000) " ]
	cmp <(jq -r .input r | sort) <(grep hunter2 in | sort)
	holds $((3000 - 428))
}

# ---- --by-partition

# mixed N: N rows in turn of 30 months.
mixed() {
	rows "$1" | awk '{
		month = NR % 30
		sub(/2026-01/, sprintf("%d-%02d", 2023 + int(month / 12), 1 + month % 12))
		print
	}'
}

# Parts that inserts have made, merged ones included.
parts() {
	sql "SELECT count() FROM system.parts
		WHERE database = currentDatabase() AND table = 'events' AND level = 0"
}

@test "--by-partition: a batch is of one month, so a request makes one part" {
	rows 300 | awk '{ sub(/2026-01/, "2026-0" 1 + NR % 3); print }' > mixed
	insert --by-partition --summary json mixed
	[ "$status" -eq 0 ]
	[ "$(jq .requests <<< "$stderr")" -eq 3 ]
	[ "$(parts)" -eq 3 ]
	holds 300
}

@test "--by-partition: more months than batches may be open; sent twice, stored once" {
	mixed 300 > in
	insert --by-partition --summary json in
	[ "$status" -eq 0 ]
	# of thirty months, seven share a batch
	[ "$(jq .requests <<< "$stderr")" -eq 24 ]
	holds 300
	insert --by-partition --connections 5 in
	holds 300
}

@test "--by-partition: all open batches together are no larger than one may be" {
	rows 300 | awk '{ sub(/2026-01/, "2026-0" 1 + NR % 3); print }' > in
	insert --by-partition --max-bytes $(($(stat -c %s in) / 2)) --summary json in
	[ "$status" -eq 0 ]
	[ "$(jq .requests <<< "$stderr")" -gt 5 ]
	holds 300
}

@test "--by-partition: rows with an odd time are stored or rejected, without one rejected" {
	{ rows 2; rows 1 3 | sed 's/"timestamp":"[^"]*",//'; rows 1 4 | sed 's/"timestamp":"[^"]*"/"timestamp":1767261600/';
		rows 1 5 | sed 's/2026-[-0-9: .]*/hunter2/'; } > in
	insert --by-partition --rejects r in
	[ "$status" -eq 1 ]
	[ "$(jq .line r | sort | tr '\n' ' ')" = "3 5 " ]
	holds 3
}

# ---- progress

# asked PID TEXT: whether SIGUSR1 has it say so.
asked() {
	kill -USR1 "$1"
	sleep 0.1
	grep -q "$2" err
}

@test "SIGUSR1 prints a line of what was done so far" {
	mkfifo pipe
	mm-insert --max-rows 5 < pipe 2> err 3>&- &
	pid=$!
	exec 9> pipe
	rows 7 >&9
	eventually holds 5
	eventually asked $pid '^mm-insert: 5 rows stored, [0-9]* a second, 1.7 KiB read$'
	rows 3 8 >&9
	exec 9>&-
	ends_with 0 $pid
	holds 10
}

@test "no progress where standard error is no terminal, but with --progress" {
	fake_start hang
	rows 5 > in
	insert --timeout 1s --retry-for 1ms in
	[[ $stderr != *"rows stored"* ]]
	insert --timeout 1s --retry-for 1ms --progress in
	[[ $stderr == *"mm-insert: 0 rows stored, 0 a second, 0 bytes of 1.2 KiB read, 1 files in the spool"* ]]
}

@test "progress on a terminal is drawn over, and erased; -q has none" {
	fake_start hang
	rows 5 > in
	TERM=xterm script -qec 'mm-insert --timeout 1s --retry-for 1ms in' /dev/null > out || true
	grep -q $'\r\x1b\\[Kmm-insert: 0 rows stored' out
	grep -q $'\r\x1b\\[Kmm-insert: no answer' out
	TERM=xterm script -qec 'mm-insert -q --timeout 1s --retry-for 1ms in' /dev/null > out || true
	run ! grep -q 'rows stored' out
}

# ---- TLS, proxies

tls_start() {
	FAKE_KEY=$BATS_FILE_TMPDIR/key FAKE_CERT=$BATS_FILE_TMPDIR/cert fake_start "$@"
}

@test "https with the certificate that --cacert names" {
	tls_start pass
	rows 300 > in
	insert --cacert "$BATS_FILE_TMPDIR/cert" --max-rows 100 in
	[ "$status" -eq 0 ]
	requests_are 3
	MM_CLICKHOUSE_CACERT=$BATS_FILE_TMPDIR/cert insert --max-rows 100 in
	[ "$status" -eq 0 ]
	requests_are 6
	holds 300
}

@test "https with a certificate that is not trusted: no retry, rows kept, status 2" {
	tls_start pass
	rows 10 > in
	MM_CLICKHOUSE_PASSWORD=hunter2 insert in
	[ "$status" -eq 2 ]
	[[ $stderr == *"certificate"* ]]
	[[ $stderr != *hunter2* ]]
	[ ! -e "$FAKE/log" ]
	spooled | cmp - in
}

@test "a file of certificates that is missing or none: status 2" {
	rows 10 > in
	insert --cacert nosuch in
	[ "$status" -eq 2 ]
	[[ $stderr == *"nosuch"*"No such file"* ]]
	tls_start pass
	insert --cacert in in
	[ "$status" -eq 2 ]
	[[ $stderr == *"certificate"* ]]
	spooled | cmp - in
}

@test "the proxy of the environment is used, but not for loopback" {
	fake_start pass
	rows 10 > in
	proxy=$MM_CLICKHOUSE_URL
	http_proxy=$proxy insert --url http://clickhouse.test:8123/ in
	[ "$status" -eq 0 ]
	grep -q http://clickhouse.test:8123/ "$FAKE/log"
	holds 10
	rows 10 11 > in
	http_proxy=http://127.0.0.1:1/ insert --url "$ENGINE_URL" in
	[ "$status" -eq 0 ]
	holds 20
}
