#!/usr/bin/env bats
# --jobs: several threads do as one does, byte for byte, in all commands that have it.
load helper
# bats sets stderr, stderr_lines
# shellcheck disable=SC2154

# A corpus of some blocks, with all that lines can be: rejects, robots, CRLF, blank ones, one
# that is too long, no UTF-8, a mark at the start and no newline at the end.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	gen_events -n 3000 --invalid 150 > some
	{
		printf '\357\273\277'
		head -n 700 some
		printf '\n  \n\t\r\n'
		head -n 300 some | sed 's/$/\r/'
		printf '{"event":"%s"}\n' "$(times 3000 x)"
		printf '{"event":"a\377b"}\n[1]\nnull\n'
		tail -n 2000 some
		printf '{"event":"%s"}\r\n\n' "$(times 200000 y)"
		tail -n 2000 some
		printf '{"event":"last","ip":"203.0.113.9","timestamp":"2026-05-16T10:00:00Z"}'
	} > in
	printf '{"event":"one"}\n\n{"event":1}' > short
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	salt
}

# How often a table answered differs, as each thread has one.
without_tables() {
	sed 's/,"caches":.*}}/}/; s/, \(agents\|addresses\) remembered [0-9.]* %//g'
}

# one N COMMAND...: runs it with N jobs, on all files and one that is missing; with its messages;
# with an output, then a file for rejects, that is full at some point.
one() {
	local n=$1 status=0
	shift
	set -- "$@" --jobs "$n"
	"$@" --max-line 2800 --summary json --rejects "$to.rejects.$n" in missing short \
		> "$to.out.$n" 2> "$to.told.$n" || status=$?
	"$@" --max-line 2800 --summary text in short > "$to.explained.$n" 2>> "$to.told.$n" || status+=" $?"
	(ulimit -f 500 && exec "$@" --summary json in) > "$to.cut.$n" 2> "$to.failed.$n" || status+=" $?"
	(ulimit -f 16 && exec "$@" --summary json --rejects "$to.few.$n" in) 2>> "$to.failed.$n" |
		cat > "$to.rest.$n"
	status+=" ${PIPESTATUS[0]}"
	"$@" --summary json < in 2>> "$to.failed.$n" > /dev/full || status+=" $?"
	# lines that pass unchanged are written by the run: how far a full disk lets it come, so too
	[ "$1" != mm-validate ] || sed -i '/^{/d; /: in:[0-9]/d; /: <stdin>:[0-9]/d' "$to.failed.$n"
	{
		cat "$to.told.$n" "$to.failed.$n"
		echo "$status"
	} | without_tables | sed "s/few\.$n/few/" > "$to.messages.$n"
}

# same COMMAND...: with one job, two and three
same() {
	local what n to=$BATS_TEST_NUMBER
	for n in 1 2 3; do
		one "$n" "$@"
	done
	for n in 2 3; do
		for what in out explained cut rest rejects few messages; do
			cmp "$to.$what.1" "$to.$what.$n"
		done
	done
	grep -q 'No such file' "$to.messages.1"
	[ -s "$to.out.1" ]
	[ -s "$to.rejects.1" ]
}

# ---- the same bytes ----

@test "mm-validate" {
	same mm-validate
	[ "$(stat -c %s "$BATS_TEST_NUMBER.cut.1")" -eq 512000 ]
	grep -q 'standard output: File too large' "$BATS_TEST_NUMBER.messages.1"
	grep -q 'few: File too large' "$BATS_TEST_NUMBER.messages.1"
}

@test "mm-validate --plan --strict-keys: also its warnings" {
	cat > plan <<-'END'
		{"version":"7","unknownEvents":"warn","unknownProperties":"warn",
			"events":{"$pageview":{"properties":{"plan":{"type":"string"}}}}}
	END
	mm-validate --check-plan plan
	same mm-validate --plan plan --strict-keys --max-errors 3
	grep -q 'warning: ' "$BATS_TEST_NUMBER.messages.1"
}

@test "mm-classify, --only-changed" {
	same mm-classify
	same mm-classify --only-changed
}

@test "mm-hash-ip, --check, --plain, --text" {
	same mm-hash-ip
	same mm-hash-ip --key context.ip
	same mm-hash-ip --text --date 2026-05-16
	for n in 1 2 3; do
		mm-hash-ip --check --jobs $n in > out.$n 2> err.$n || [ $? -eq 1 ]
		[ ! -s out.$n ]
		cmp err.1 err.$n
	done
}

@test "mm-hash-ip --plain: a line for a line" {
	mkdir plain
	jq -rR 'fromjson? | objects | .ip // "none"' in > addresses
	cat addresses addresses addresses addresses addresses addresses > plain/in
	cp short plain
	cd plain
	same mm-hash-ip --plain --date 2026-05-16
}

@test "mm-enrich, and what it counts" {
	same mm-enrich --deterministic
	same mm-enrich --deterministic --bots drop --max-age 1h --late reject
}

# access_log: of some blocks, with lines that come again, also in the next block, and what is no line
access_log() {
	"$BUILD/tests/gen-log" -n 4000 > log
	{
		cat log
		printf 'no line of a log\n\n'
		head -n 700 log | sed 's/$/\r/'
		sed 's/"$/ \xff"/' log
		tail -n 900 log
		head -n 100 log
		printf '203.0.113.9 - - [16/May/2026:19:00:00 +0000] "GET /%s HTTP/1.1" 200 1 "-" "x"\n' "$(times 3000 x)"
		tail -n 4000 log
		printf '203.0.113.9 - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"'
	} > in
	head -n 3 log > short
}

@test "mm-import: ids of lines that come again, messages about the file" {
	mkdir import
	cd import
	access_log
	same mm-import combined
	[ -z "$(mm-import -q combined --jobs 3 in | jq -r .event_id | sort | uniq -d)" ]
	grep -q 'no host in these lines' "$BATS_TEST_NUMBER.messages.1"
	same mm-import combined --site shop.example --keep asset
	jq -c '{time: .timestamp, request: ("GET " + (.path // "/") + " HTTP/1.1"), status: 200,
		remote_addr: .ip, host: "shop.example"}' "$BATS_TEST_NUMBER.out.1" > json
	cat json json > in
	same mm-import nginx-json
}

@test "mm-import: a file of another format is refused as with one job" {
	mkdir foreign
	cd foreign
	access_log
	for n in 1 2 3; do
		status=0
		mm-import nginx-json --jobs $n log > out.$n 2> err.$n || status=$?
		[ "$status" -eq 2 ]
		status=0
		mm-import combined --jobs $n short - < <(mm-import combined short) log > out2.$n 2>> err.$n || status=$?
		echo "$status" >> err.$n
		cmp err.1 err.$n
		cmp out.1 out.$n
		cmp out2.1 out2.$n
	done
	grep -q 'looks like ' err.1
	for format in auto iis cloudfront matomo; do
		run -2 --separate-stderr mm-import $format --jobs 2 log
		[ "$stderr" = "mm-import: --jobs does not go with the format $format, which needs all lines on one thread" ]
	done
	for option in --follow '--state s'; do
		# the option's words
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-import combined --jobs 2 $option log
		[ "$stderr" = "mm-import: --jobs does not go with ${option%% *}, which needs all lines on one thread" ]
	done
}

# ---- live ----

# live COMMAND...: a line comes out while the input stays open, also one before a torn one
live() {
	rm -f fifo
	mkfifo fifo
	"$@" < fifo > live 2> live.err 3>&- &
	pid=$!
	exec 9> fifo
	for i in 1 2 3; do
		printf '{"event":"n%s","timestamp":"2026-05-16T10:00:00Z"}\n{"event":' $i >&9
		eventually grep -q "n$i" live
		printf '1}\n' >&9
	done
	eventually grep -q ':6: ' live.err
	exec 9>&-
	ends_with 1 "$pid"
}

@test "a line that waits for more input is written, and a reject is told" {
	live mm-validate --jobs 3
	live mm-classify --jobs 1 || true
	live mm-enrich --jobs 2
}

@test "rejects that wait for more input are in their file" {
	rm -f fifo
	mkfifo fifo
	mm-validate --jobs 2 --rejects kept < fifo > live 3>&- &
	pid=$!
	exec 9> fifo
	printf 'x\n' >&9
	eventually grep -q '"input":"x"' kept
	exec 9>&-
	ends_with 1 "$pid"
}

@test "a signal ends it after what was read, whoever waits: for input, for output" {
	rm -f fifo
	mkfifo fifo
	for signal in TERM INT HUP; do
		env --default-signal=TERM,INT,HUP mm-validate --jobs 3 < fifo > out 2> err 3>&- &
		pid=$!
		exec 9> fifo
		printf '{"event":"one"}\n{"event":' >&9
		eventually grep -q one out
		kill -$signal "$pid"
		exec 8>&9
		ends_with $((128 + $(kill -l $signal))) "$pid"
		exec 8>&- 9>&-
		[ "$(cat out)" = '{"event":"one"}' ]
	done
	# nobody reads what is written
	mkfifo -m 600 full
	exec 7<> full
	env --default-signal=TERM mm-validate --jobs 2 in > full 2> err 3>&- &
	pid=$!
	eventually grep -q 'Sleeping\|S (sleeping)' "/proc/$pid/status"
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 7>&-
	rm full
}

@test "a reader that leaves early is no error" {
	for n in 2 3; do
		for command in mm-validate mm-classify 'mm-hash-ip -q' 'mm-enrich'; do
			run -0 --separate-stderr bash -c "$command -q --jobs $n in | head -n 1; exit \${PIPESTATUS[0]}"
			[ -z "$stderr" ]
		done
	done
}

# ---- what needs all lines on one thread ----

@test "options that need all lines on one thread are refused beside --jobs" {
	for option in '--report -' --infer-plan --lint-names '--assert true' '--assert-if true' '--select true'; do
		# the option's words
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-validate --jobs 2 $option short
		[ "$stderr" = "mm-validate: --jobs does not go with ${option%% *}, which needs all lines on one thread" ]
		[ -z "$output" ]
		# shellcheck disable=SC2086
		run mm-validate --jobs 1 $option short
		[ "$status" -ne 2 ]
	done
}
