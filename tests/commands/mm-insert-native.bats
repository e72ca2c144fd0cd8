#!/usr/bin/env bats
# mm-insert's Native blocks: they store what the same rows store as JSONEachRow.

bats_require_minimum_version 1.5.0
load helper
load server
load insert

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=n$BATS_TEST_NUMBER
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	mm-schema
}

insert() {
	run --separate-stderr mm-insert --rejects r "$@"
	echo "status $status: $stderr"
}

# native N: N of the requests were Native blocks.
native() {
	[ "$(tail -n 1 <<< "$stderr" | jq .native)" -eq "$1" ]
}

# Rows as mm-enrich writes them.
enriched() {
	salt
	gen_events -n "$1" | mm-enrich -q
}

# stored TABLE: all of it, byte for byte, in the order of column id.
stored() {
	sql "SELECT * FROM $1 ORDER BY id FORMAT RowBinary" | sha256sum
}

# same_as_json SIZE: inserts the file `in`, in batches of SIZE rows, in both
# formats into tables of many types: the same is stored, and refused, for the
# same reasons.
same_as_json() {
	local format
	for format in json native; do
		sql "DROP TABLE IF EXISTS $format"
		ch --data-binary "CREATE TABLE $format (
			$(node "$repo/tests/oracles/native-rows.mjs" ddl)) ENGINE = Memory" \
			"$ENGINE_URL?database=$MM_CLICKHOUSE_DATABASE&allow_suspicious_low_cardinality_types=1"
		rm -f "$format.rejects"
		run --separate-stderr mm-insert --wire-format $format --table $format --max-rows "$1" \
			--rejects $format.rejects --summary json in
		[ "$status" -le 1 ]
	done
	tail -n 1 <<< "$stderr"
	cmp json.rejects native.rejects
	[ "$(stored json)" = "$(stored native)" ]
}

@test "enriched rows go as blocks, and store what JSON stores" {
	enriched 5000 > in
	sql 'CREATE TABLE json AS events'
	sql 'CREATE TABLE native AS events'
	insert --max-rows 1000 --wire-format json --table json --summary json in
	native 0
	insert --max-rows 1000 --table native --summary json in
	native 5
	run -0 sql 'SELECT count(), uniqExact(h) FROM (
		SELECT sum(cityHash64(tuple(*))) h FROM json UNION ALL
		SELECT sum(cityHash64(tuple(*))) FROM native)'
	[ "$output" = "2	1" ]
}

@test "rows of all types, one a batch: stored and refused as JSON is" {
	node "$repo/tests/oracles/native-rows.mjs" 400 30 1 > in
	same_as_json 1
	[ "$(tail -n 1 <<< "$stderr" | jq '.native > 200 and .rejected > 10')" = true ]
}

@test "rows of all types, ten a batch: stored and refused as JSON is" {
	node "$repo/tests/oracles/native-rows.mjs" 2000 2000 2 > in
	same_as_json 10
	[ "$(tail -n 1 <<< "$stderr" | jq '.native > 50')" = true ]
}

@test "rows of all types, a few a batch, many odd ones: stored and refused as JSON is" {
	node "$repo/tests/oracles/native-rows.mjs" 600 100 3 > in
	same_as_json 3
	[ "$(tail -n 1 <<< "$stderr" | jq '.native > 20 and .rejected > 5')" = true ]
}

@test "a column that no row has gets the server's default; where some have it, so do the others" {
	sql 'CREATE TABLE t (id UInt8, a UInt8 DEFAULT id + 1, b String DEFAULT upper(c), c String)
		ENGINE = Memory'
	printf '%s\n' '{"id":1,"c":"x"}' '{"id":2,"c":"y"}' > in
	insert --table t --summary json in
	native 1
	printf '%s\n' '{"id":3,"c":"x"}' '{"id":4,"c":"y","b":"z"}' '{"id":5,"a":null}' > in
	insert --table t --summary json in
	native 0
	[ "$(sql 'SELECT * FROM t ORDER BY id')" = "1	2	X	x
2	3	Y	y
3	4	X	x
4	5	z	y
5	6		" ]
}

@test "keys in another order, with escapes, and columns between them" {
	sql 'CREATE TABLE t (id UInt8, a String, b Nullable(UInt8), c Int8) ENGINE = Memory'
	printf '%s\n' '{"c":-1,"\u0061":"x","id":1}' '{ "b" : 7 , "id" : 2 }' '{"id":3,"c":-2,"a":"\u0000"}' > in
	insert --table t --summary json in
	native 1
	run -0 sql 'SELECT * FROM t ORDER BY id FORMAT JSONCompactEachRow'
	[ "$(jq -c . <<< "$output")" = '[1,"x",null,-1]
[2,"",7,0]
[3,"\u0000",null,-2]' ]
}

@test "a key twice, and one that the table lacks, are refused" {
	sql 'CREATE TABLE t (id UInt8, m UInt8 MATERIALIZED 1) ENGINE = Memory'
	printf '%s\n' '{"id":1,"id":2}' '{"id":1,"ID":2}' '{"id":1,"m":2}' '{"id":4}' > in
	insert --table t in
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.line, (.details.fieldErrors | keys[0]), .details.formErrors[0]]' r | sed 's/ INC.*/"]/')" = \
		'[1,null,"ClickHouse code 117"]
[2,"ID",null]
[3,"m",null]' ]
	[ "$(sql 'SELECT * FROM t')" = 4 ]
}

# ---- exactly once, whatever the format

# twice FIRST SECOND: the same rows in one format and then in another are stored
# once.  The file is longer than what the server parses at once.
twice() {
	enriched 45000 > in
	[ "$(stat -c %s in)" -gt $((32 << 20)) ]
	insert --format "$1" in
	[ "$status" -eq 0 ]
	insert --format "$2" in
	[ "$status" -eq 0 ]
	run -0 sql 'SELECT (SELECT count() FROM events), (SELECT sum(events) FROM daily_rollup),
		(SELECT sum(events) FROM sessions_v)'
	[ "$output" = "45000	45000	45000" ]
}

@test "JSON after a block is stored once, in the aggregates too" {
	twice native json
}

@test "a block after JSON is stored once, in the aggregates too" {
	twice json native
}

# ---- the table changes, the server is odd

# while_running STATEMENT: rows before and after the table has changed; the
# columns are known from the first ones.
while_running() {
	mkfifo pipe
	mm-insert --table t --max-rows 1 --rejects r --summary json < pipe 2> summary 3>&- &
	pid=$!
	exec 9> pipe
	printf '%s\n' "${before[@]}" >&9
	eventually eval '[ "$(sql "SELECT count() FROM t")" -eq '${#before[@]}' ]'
	sql "$1"
	printf '%s\n' "${after[@]}" >&9
	exec 9>&-
	ends_with "${ends:-0}" $pid
}

@test "a column that is added while it runs takes its values, and blocks go on" {
	sql 'CREATE TABLE t (id UInt8) ENGINE = Memory'
	before=('{"id":1}')
	after=('{"id":2,"a":"x"}' '{"id":3,"a":"y"}')
	while_running 'ALTER TABLE t ADD COLUMN a String'
	[ "$(sql 'SELECT * FROM t ORDER BY id')" = "1	
2	x
3	y" ]
	[ "$(tail -n 1 summary | jq -c '[.stored, .native]')" = "[3,3]" ]
}

@test "a column that is dropped while it runs: rows that have it are rejected, others stored" {
	sql 'CREATE TABLE t (id UInt8, a String) ENGINE = Memory'
	before=('{"id":1,"a":"x"}')
	after=('{"id":2,"a":"y"}' '{"id":3}')
	ends=1 while_running 'ALTER TABLE t DROP COLUMN a'
	[ "$(sql 'SELECT * FROM t ORDER BY id')" = $'1\n3' ]
	[ "$(jq .line r)" -eq 2 ]
}

@test "a column that gets another type while it runs" {
	sql 'CREATE TABLE t (id UInt8, a String) ENGINE = MergeTree ORDER BY id'
	before=('{"id":1,"a":"1"}')
	after=('{"id":2,"a":"2"}' '{"id":3,"a":"x"}' '{"id":4,"a":"4"}')
	ends=1 while_running 'ALTER TABLE t MODIFY COLUMN a UInt8'
	[ "$(sql 'SELECT * FROM t ORDER BY id')" = $'1\t1\n2\t2\n4\t4' ]
	[ "$(jq .line r)" -eq 3 ]
}

@test "lines that are no rows are not asked about, whatever their keys" {
	fake_start all pass
	{
		yes '{"zzz":1' | head -n 50
		enriched 1
	} > in
	run -1 mm-insert --rejects r -q in
	[ "$(wc -l < r)" -eq 50 ]
	# the columns once, and the block
	[ "$(wc -l < "$FAKE/log")" -eq 2 ]
	[ "$(sql 'SELECT count() FROM events')" -eq 1 ]
}

@test "a server that does not tell the columns gets JSON" {
	enriched 100 > in
	fake_start all code:47 code:47 pass
	insert --summary json in
	[ "$status" -eq 0 ]
	native 0
	[ "$(sql 'SELECT count() FROM events')" -eq 100 ]
}

@test "a server that knows no blocks gets JSON, with the same token" {
	enriched 100 > in
	for code in 53 1001; do
		fake_start code:$code pass
		insert --max-rows 50 --summary json in
		[ "$status" -eq 0 ]
		[ "$(tail -n 1 <<< "$stderr" | jq .stored)" -eq 100 ]
		[ "$(head -n 2 "$FAKE/log" | grep -o 'token=[0-9a-f]*' | uniq | wc -l)" -eq 1 ]
		[ "$(head -n 2 "$FAKE/log" | grep -o 'FORMAT%20[A-Za-z]*' | tr '\n' ' ')" = \
			"FORMAT%20Native FORMAT%20JSONEachRow " ]
		fake_stop
		rm -r "$FAKE"
	done
	[ "$(sql 'SELECT count() FROM events')" -eq 100 ]
}

@test "the columns are asked for once, however many batches there are" {
	enriched 100 > in
	fake_start all pass
	insert --max-rows 5 --summary json in
	[ "$status" -eq 0 ]
	native 20
	[ "$(grep -vc INSERT "$FAKE/log")" -eq 1 ]
}

@test "busy when asked for the columns: tried again" {
	enriched 100 > in
	fake_start all 503 cut pass
	insert --summary json in
	[ "$status" -eq 0 ]
	native 1
	[ "$(sql 'SELECT count() FROM events')" -eq 100 ]
}

@test "the answer to a block is lost: stored once" {
	enriched 300 > in
	fake_start lost pass lost code:1001 pass
	insert --max-rows 100 in
	[ "$status" -eq 0 ]
	[ "$(sql 'SELECT count() FROM events')" -eq 300 ]
}
