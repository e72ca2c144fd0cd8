#!/usr/bin/env bats
# mm-dedup: an event_id passes once, and everything else passes as it is.
# bats sets stderr_lines; scripts in single quotes are for another shell.
# shellcheck disable=SC2016,SC2154
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# ids FROM TO: events with these numbers as ids
ids() {
	seq -f '{"event":"e","event_id":"%.0f"}' "$1" "$2"
}

@test "an id passes once, the first line of it, byte for byte" {
	run -0 --separate-stderr mm-dedup <<< $'{ "event" : "a","event_id":"1","n":1.0}\n{"event":"b","event_id":"2"}\n{"event":"c","event_id":"1"}'
	[ "$output" = $'{ "event" : "a","event_id":"1","n":1.0}\n{"event":"b","event_id":"2"}' ]
	[ "$stderr" = 'mm-dedup: 0 of 3 lines rejected, 1 dropped as seen before' ]
}

@test "events without event_id all pass" {
	run -0 --separate-stderr mm-dedup <<< $'{"event":"a"}\n{"event":"a"}\n{"event":"a","event_id":null}\n{"event":"a","event_id":null}'
	[ "${#lines[@]}" -eq 4 ]
	[ "$stderr" = 'mm-dedup: 0 of 4 lines rejected, 4 without event_id passed' ]
}

@test "it agrees with awk on many events" {
	gen_events -n 3000 > some
	gen_events -n 2000 -s 2 >> some
	cat some <(tac some) > in
	jq -r '.event_id // ""' in > column
	paste -d '\t' column in | awk -F '\t' '$1 == "" || !seen[$1]++' | cut -f 2- > expected
	run -0 bash -c 'mm-dedup -q in > got'
	cmp got expected
	[ "$(wc -l < got)" -lt "$(wc -l < in)" ]
}

@test "an id is the same however it is escaped" {
	run -0 mm-dedup -q <<< $'{"event":"a","event_id":"A/1"}\n{"event":"a","event_id":"\\u0041\\/1"}'
	[ "${#lines[@]}" -eq 1 ]
}

@test "ids of different projects are different" {
	one=7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4
	run -0 mm-dedup -q <<< '{"event":"a","event_id":"1"}
{"event":"b","event_id":"1","project_id":"'$one'"}
{"event":"c","event_id":"1","project_id":"'${one^^}'"}
{"event":"d","event_id":"1","project_id":"00000000-0000-0000-0000-000000000000"}'
	[ "$(jq -r .event <<< "$output" | tr -d '\n')" = ab ]
}

@test "--project and MM_PROJECT name the project of events without one" {
	one=7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4
	printf '%s\n' '{"event":"a","event_id":"1"}' '{"event":"b","event_id":"1","project_id":"'$one'"}' > in
	run -0 mm-dedup -q in
	[ "${#lines[@]}" -eq 2 ]
	run -0 mm-dedup -q --project "$one" in
	[ "${#lines[@]}" -eq 1 ]
	MM_PROJECT=$one run -0 mm-dedup -q in
	[ "${#lines[@]}" -eq 1 ]
}

@test "--remember: the oldest id is forgotten when one more comes" {
	ids 1 3 > in
	ids 1 1 >> in
	run -0 mm-dedup -q --remember 3 in
	[ "${#lines[@]}" -eq 3 ]
	run -0 mm-dedup -q --remember 2 in
	[ "${#lines[@]}" -eq 4 ]
}

@test "--within: the distance is that of event time, to both sides, the bound included" {
	for line in 12:00:00 11:59:00 12:01:00.000 12:01:00.001 12:02:00; do
		echo '{"event":"e","event_id":"1","timestamp":"2026-05-16T'$line'Z"}'
	done > in
	run -0 mm-dedup -q --within 1m in
	[ "$(jq -r .timestamp <<< "$output" | cut -c 12- | tr '\n' ' ')" = '12:00:00Z 12:01:00.001Z ' ]
	run -0 mm-dedup -q in
	[ "${#lines[@]}" -eq 1 ]
}

@test "--within: received_at counts where there is no timestamp, else the clock" {
	printf '%s\n' '{"event":"a","event_id":"1","received_at":"2026-05-16T12:00:00Z"}' \
		'{"event":"b","event_id":"1","received_at":"2026-05-16T13:00:00Z"}' \
		'{"event":"c","event_id":"2"}' '{"event":"d","event_id":"2"}' > in
	run -0 mm-dedup -q --within 5m in
	[ "$(jq -r .event <<< "$output" | tr -d '\n')" = abc ]
}

@test "--within: what the window is too small for is counted" {
	ids 1 10 | sed 's/}$/,"timestamp":"2026-05-16T12:00:00Z"}/' > in
	run -0 --separate-stderr bash -c 'mm-dedup --within 1h --remember 4 in > out'
	[ "$stderr" = 'mm-dedup: 0 of 10 lines rejected, 6 ids forgotten before --within was over: raise --remember' ]
	run -0 --separate-stderr bash -c 'mm-dedup --within 1h in > out'
	[ -z "$stderr" ]
}

@test "lines that are no events are rejected" {
	run -1 --separate-stderr mm-dedup --rejects rejects <<< $'{"event":"a","event_id":7}\n{"event":"a","event_id":"1"}\nno'
	[ "$output" = '{"event":"a","event_id":"1"}' ]
	[ "$stderr" = 'mm-dedup: 2 of 3 lines rejected' ]
	[ "$(jq -r .input rejects | tr '\n' ' ')" = '{"event":"a","event_id":7} no ' ]
}

@test "--summary json counts" {
	run -0 --separate-stderr bash -c '(echo "{\"event\":\"a\"}"; seq 1 3; seq 1 2) |
		sed "s/^[0-9]*$/{\"event\":\"a\",\"event_id\":\"&\"}/" | mm-dedup --summary json > out'
	[ "$stderr" = '{"lines":6,"valid":6,"rejected":0,"blank":0,"errors":{},"dropped":{"duplicate":2},"without_id":1,"early":0,"forgotten":0,"learned":0}' ]
}

@test "-q says nothing, --summary text all" {
	run -0 --separate-stderr bash -c 'printf "%s\n" "{\"event\":\"a\",\"event_id\":\"1\"}"{,} | mm-dedup -q > out'
	[ -z "$stderr" ]
	run -0 --separate-stderr bash -c 'mm-dedup -q --summary text out > out2'
	[ "$stderr" = 'mm-dedup: 0 of 1 lines rejected, 0 dropped as seen before, 0 without event_id passed' ]
}

@test "CRLF, a byte order mark, blank lines, no newline at the end" {
	printf '\xef\xbb\xbf%s\r\n\r\n%s' '{"event":"a","event_id":"1"}' '{"event":"b","event_id":"2"}' > in
	printf '%s\n%s\n' '{"event":"a","event_id":"1"}' '{"event":"b","event_id":"2"}' > expected
	run -0 bash -c 'mm-dedup in > out'
	cmp out expected
	run -0 bash -c 'printf "%s\r\n%s" "{\"event\":\"a\",\"event_id\":\"1\"}" "{\"event\":\"b\",\"event_id\":\"1\"}" | mm-dedup -q'
	[ "$output" = '{"event":"a","event_id":"1"}' ]
}

@test "--state carries the ids over runs" {
	ids 1 1000 > one
	ids 501 1500 > two
	run -0 --separate-stderr mm-dedup --state seen one
	[ "${#lines[@]}" -eq 1000 ]
	[ "$stderr" = 'mm-dedup: seen: does not exist yet: starting with nothing seen' ]
	run -0 --separate-stderr mm-dedup --state seen two
	[ "$output" = "$(ids 1001 1500)" ]
	[ "$stderr" = 'mm-dedup: 0 of 1000 lines rejected, 500 dropped as seen before' ]
	run -0 mm-dedup --state seen -q one two
	[ -z "$output" ]
	[ "$(stat -c %a seen)" = 600 ]
}

@test "runs by parts give what one run gives, also with a full window" {
	gen_events -n 2000 > some
	cat some <(tac some) some > in
	mm-dedup -q --remember 300 in > whole
	split -l 997 in part.
	for part in part.*; do
		mm-dedup -q --remember 300 --state seen "$part"
	done > parts
	cmp whole parts
	[ "$(wc -l < whole)" -lt 6000 ]
}

@test "the state does not hold the ids" {
	echo '{"event":"a","event_id":"a-telling-id"}' > in
	mm-dedup -q --state seen in > out
	run -1 grep -c a-telling-id seen
}

@test "a damaged state is an error, and nothing passes" {
	ids 1 9 > in
	mm-dedup -q --state seen in > out
	cp seen whole
	head -c 100 whole > seen
	run -2 --separate-stderr mm-dedup --state seen in
	[ -z "$output" ]
	[ "$stderr" = 'mm-dedup: seen: is damaged or cut: put a copy back, or remove it to begin with nothing seen' ]
	[ "$(wc -c < seen)" -eq 100 ]
	: > seen
	run -2 --separate-stderr mm-dedup --state seen in
	[[ $stderr == *'damaged or cut'* ]]
	cp whole seen
	run -0 mm-dedup -q --state seen in
	[ -z "$output" ]
}

@test "a file that is something else is left alone" {
	ids 1 9 > in
	cp in seen
	run -2 --separate-stderr mm-dedup --state seen in
	[ -z "$output" ]
	[ "$stderr" = 'mm-dedup: seen: is not a state of mm-dedup and is left alone: choose another file for --state' ]
	cmp seen in
	run -2 --separate-stderr mm-dedup --state no/folder/seen in
	[ "$stderr" = 'mm-dedup: no/folder/seen: No such file or directory' ]
}

@test "a state that is a link stays one" {
	mkdir folder
	ids 1 5 > in
	mm-dedup -q --state folder/seen in > out
	ln -s folder/seen link
	run -0 mm-dedup -q --state link <<< "$(ids 1 6)"
	[ "$output" = "$(ids 6 6)" ]
	[ -L link ]
	run -0 mm-dedup -q --state folder/seen <<< "$(ids 6 6)"
	[ -z "$output" ]
}

@test "two runs at once do not share a state" {
	mkfifo pipe
	mm-dedup -q --state seen < pipe > out &
	first=$!
	exec 7> pipe
	ids 1 1 >&7
	eventually test -s out
	run -2 --separate-stderr mm-dedup --state seen <<< '{"event":"a","event_id":"1"}'
	[ -z "$output" ]
	[ "$stderr" = 'mm-dedup: seen: is in use by another mm-dedup: wait for it, or give each a state of its own' ]
	exec 7>&-
	ends_with 0 "$first"
	run -0 mm-dedup -q --state seen <<< '{"event":"a","event_id":"1"}'
	[ -z "$output" ]
}

@test "after a full disk nothing is marked as seen" {
	ids 1 5 > in
	mm-dedup -q --state seen in > out
	cp seen before
	ids 6 9 > rest
	run -2 --separate-stderr bash -c 'mm-dedup -q --state seen rest > /dev/full'
	[ "$stderr" = 'mm-dedup: standard output: No space left on device' ]
	cmp seen before
	run -0 mm-dedup -q --state seen rest
	[ "${#lines[@]}" -eq 4 ]
}

@test "after head had enough nothing is marked as seen" {
	ids 1 200000 > in
	run -0 --separate-stderr bash -c 'mm-dedup -q --state seen in | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"'
	[ -z "$stderr" ]
	[ ! -e seen ]
	run -0 bash -c 'mm-dedup -q --state seen in | wc -l'
	[ "$output" -eq 200000 ]
}

@test "when the state can't be saved the old one stays, and the status says so" {
	ids 1 5 > in
	mm-dedup -q --state seen in > out
	cp seen before
	ids 1 9000 > rest
	run -2 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 10; mm-dedup -q --state seen rest | wc -l; exit "${PIPESTATUS[0]}"'
	[ "$output" -eq 8995 ]
	[ "$stderr" = "mm-dedup: seen: cannot save what was seen, so this run's events count as new again: File too large" ]
	cmp seen before
	[ ! -e seen.tmp ]
	run -0 mm-dedup -q --state seen rest
	[ "${#lines[@]}" -eq 8995 ]
}

@test "SIGTERM: what was written is marked as seen" {
	mkfifo pipe
	mm-dedup -q --state seen < pipe > out &
	pid=$!
	exec 7> pipe
	ids 1 5 >&7
	eventually test -s out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 7>&-
	run -0 mm-dedup -q --state seen <<< "$(ids 1 6)"
	[ "$output" = "$(ids 6 6)" ]
}

@test "kill -9: the state before the run holds, and the next run starts" {
	ids 1 5 > in
	mm-dedup -q --state seen in > out
	cp seen before
	mkfifo pipe
	mm-dedup -q --state seen < pipe > out &
	pid=$!
	exec 7> pipe
	ids 6 9 >&7
	eventually test -s out
	kill -KILL "$pid"
	ends_with 137 "$pid"
	exec 7>&-
	cmp seen before
	echo half > seen.tmp # as if it had been killed while it saved
	run -0 mm-dedup -q --state seen <<< "$(ids 1 9)"
	[ "$output" = "$(ids 6 9)" ]
	[ ! -e seen.tmp ]
}

@test "an input that can't be read is an error, and what passed is marked as seen" {
	ids 1 5 > in
	run -2 --separate-stderr mm-dedup -q --state seen in missing
	[ "${#lines[@]}" -eq 5 ]
	[ "$stderr" = 'mm-dedup: missing: No such file or directory' ]
	run -0 mm-dedup -q --state seen in
	[ -z "$output" ]
}

@test "a live pipe: an event leaves as soon as it comes" {
	mkfifo pipe
	mm-dedup < pipe > out &
	pid=$!
	exec 7> pipe
	ids 1 1 >&7
	eventually grep -q . out
	exec 7>&-
	ends_with 0 "$pid"
}

@test "full disk, closed input, head" {
	run -2 --separate-stderr bash -c 'mm-dedup <<< "{\"event\":\"a\"}" > /dev/full'
	[ "${stderr_lines[0]}" = 'mm-dedup: standard output: No space left on device' ]
	run -2 --separate-stderr bash -c 'mm-dedup <&-'
	[[ $stderr == 'mm-dedup: <stdin>: '* ]]
	gen_events -n 20000 > in
	run -0 --separate-stderr bash -c 'mm-dedup in | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"'
	[ -z "$stderr" ]
}

@test "wrong options are refused" {
	for wrong in '--remember 0' '--remember 100000001' '--within soon' '--within 0' '--project x' '--state='; do
		run -2 --separate-stderr bash -c "mm-dedup $wrong <<< '{}'"
		[ "${#stderr_lines[@]}" -eq 1 ]
		[ -z "$output" ]
	done
}

# ---- what makes two events one ----

@test "a full window is told: what it forgot may pass again" {
	printf '{"event":"a","event_id":"%s"}\n' 1 2 3 1 > in
	run -0 --separate-stderr mm-dedup --remember 2 in
	[ "${#lines[@]}" -eq 4 ]
	[ "$stderr" = 'mm-dedup: 0 of 4 lines rejected, 2 forgotten when the window was full: raise --remember' ]
	run -0 --separate-stderr mm-dedup --remember 2 --summary json in
	[ "$(jq .forgotten <<< "$stderr")" -eq 2 ]
	run -0 --separate-stderr mm-dedup --remember 3 in
	[ "$stderr" = 'mm-dedup: 0 of 4 lines rejected, 1 dropped as seen before' ]
}

@test "--by line: the same bytes are the same event, with or without an id" {
	printf '%s\n' '{"event":"a"}' '{"event":"a"}' '{"event":"a" }' '{"event":"a","event_id":"1"}' '{"event":"b","event_id":"1"}' '{"event":"a"}' > in
	run -0 --separate-stderr mm-dedup --by line in
	[ "$output" = "$(sed -n '1p;3,5p' in)" ]
	[ "$stderr" = 'mm-dedup: 0 of 6 lines rejected, 2 dropped as seen before' ]
}

@test "--by line: exports that overlap" {
	gen_events -n 3000 | jq -c 'del(.event_id)' > all
	head -n 2000 all > one
	tail -n 2000 all > two
	run -0 --separate-stderr bash -c 'mm-dedup --by line one two > out'
	awk '!seen[$0]++' all | cmp - out
}

@test "--by FIELDS: values, however they are written, and what is absent" {
	cat > in <<-'END'
		{"event":"a","anonymous_id":"x","properties":{"n":1}}
		{"anonymous_id":"\u0078","event":"a","url":"https://example.com/"}
		{"event":"a","anonymous_id":"y"}
		{"event":"a"}
		{"event":"a","anonymous_id":null}
		{"event":"ax"}
	END
	run -0 --separate-stderr mm-dedup --by event,anonymous_id in
	[ "$output" = "$(sed -n '1p;3,4p;6p' in)" ]
	run -0 --separate-stderr mm-dedup --by anonymous_id in
	[ "$output" = "$(sed -n '1p;3,6p' in)" ]
	[ "$stderr" = 'mm-dedup: 0 of 6 lines rejected, 1 dropped as seen before, 3 without anonymous_id passed' ]
	run -0 mm-dedup -q --by properties in
	[ "$output" = "$(cat in)" ]
}

@test "--by: an event is one of its project" {
	printf '{"event":"a","project_id":"%s-0000-4000-8000-000000000000"}\n' 0000000a 0000000A 0000000b > in
	run -0 mm-dedup -q --by event in
	[ "$output" = "$(sed -n '1p;3p' in)" ]
}

@test "a wrong --by is refused" {
	for by in '' lines 'event,' ',event' 'event,event' 'event, url' event_name; do
		run -2 --separate-stderr mm-dedup --by "$by" < /dev/null
		[ "$stderr" = 'mm-dedup: --by: expected line, or fields of events separated by commas, as event,anonymous_id,timestamp' ]
	done
}

# ---- what is known beforehand ----

@test "--learn: ids, events and rows are known as seen" {
	printf '{"event":"a","event_id":"%s"}\n' 1 2 3 4 > in
	printf '%s\r\n' 1 '' '{"event_id":"\u0032","event_name":"a","timestamp":"2026-05-16 19:00:00.000"}' '{"event":"a","event_id":"3"}' '{"event":"a"}' \
		'{"event_id":"4","project_id":"0000000a-0000-4000-8000-000000000000"}' > known
	run -0 --separate-stderr mm-dedup --learn known --summary text in
	[ "$output" = '{"event":"a","event_id":"4"}' ]
	[ "$stderr" = 'mm-dedup: 0 of 4 lines rejected, 3 dropped as seen before, 0 without event_id passed, 4 learnt' ]
	run -0 mm-dedup -q --learn known --project 0000000A-0000-4000-8000-000000000000 <<< '{"event":"a","event_id":"4"}'
	[ -z "$output" ]
}

@test "--learn: rows that mm-enrich made, and what is learnt is in the state" {
	salt
	gen_events -n 2000 > in
	head -n 1500 in | mm-enrich -q > rows
	mm-dedup -q --learn rows --state seen in > out
	mm-dedup -q <(head -n 1500 in) in | tail -n +1501 | jq -c 'select(.event_id)' > want
	jq -c 'select(.event_id)' out > got
	cmp want got
	mm-dedup -q --state seen <(head -n 1500 in) | jq -c 'select(.event_id)' > none
	[ ! -s none ]
}

@test "--learn with --within takes the times of events and rows, and refuses what has none" {
	printf '%s\n' '{"event_id":"1","timestamp":"2026-05-16 19:00:00.000"}' '{"event_id":"2","received_at":"2026-05-16T19:00:00Z"}' > known
	printf '{"event":"a","event_id":"%s","timestamp":"2026-05-%sT19:30:00Z"}\n' 1 16 2 16 1 18 > in
	run -0 mm-dedup -q --within 1h --learn known in
	[ "$output" = "$(tail -n 1 in)" ]
	run -2 --separate-stderr mm-dedup --within 1h --learn <(echo 1) in
	[[ $stderr == *':1: has no time, which --within needs: give events or rows' ]]
	run -2 --separate-stderr mm-dedup --within 1h --learn <(echo; echo '{"event_id":"1"}') in
	[[ $stderr == *':2: has no time, which --within needs' ]]
}

@test "--learn with --by takes events" {
	gen_events -n 200 > in
	run -0 mm-dedup -q --by line --learn <(head -n 150 in) in
	[ "$output" = "$(tail -n 50 in)" ]
	run -2 --separate-stderr mm-dedup --by line --learn <(echo 1) in
	[[ $stderr == *':1: is not a valid event, which --by needs here' ]]
}

@test "--learn: what can't be read is an error, and nothing passes" {
	run -2 --separate-stderr mm-dedup --learn missing <<< '{"event":"a"}'
	[ -z "$output" ]
	[ "$stderr" = 'mm-dedup: missing: No such file or directory' ]
	printf '%s\n' 1 '{"event_id":' > known
	run -2 --separate-stderr mm-dedup --learn known <<< '{"event":"a"}'
	[ "$stderr" = 'mm-dedup: known:2: is not a JSON object' ]
	times 100 x > known
	run -2 --separate-stderr mm-dedup --max-line 64 --learn known <<< '{"event":"a"}'
	[ "$stderr" = 'mm-dedup: known:1: is longer than a line may be (--max-line)' ]
}
