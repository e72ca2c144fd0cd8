#!/usr/bin/env bats
# mm-batch: events in bodies for POST /v1/batch, and out of them again.
#
# bats sets stderr_lines; scripts in single quotes are for another shell.
# shellcheck disable=SC2016,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	good='{"event":"good","user_id":"u1"}'
	bad='{"event":""}'
}

# ---- making bodies ----

@test "events become a body" {
	run -0 --separate-stderr mm-batch <<< '{"event":"a"}'$'\n''{"event":"b"}'
	[ "$output" = '{"events":[{"event":"a"},{"event":"b"}]}' ]
	[ -z "$stderr" ]
}

@test "a body has a thousand events at most" {
	gen_events -n 2001 --invalid 0 > in
	mm-batch --max-bytes 16M in | jq '.events | length' > lengths
	[ "$(tr '\n' ' ' < lengths)" = '1000 1000 1 ' ]
}

@test "a body has --max-events events at most" {
	gen_events -n 25 --invalid 0 > in
	mm-batch -n 10 in | jq '.events | length' > lengths
	[ "$(tr '\n' ' ' < lengths)" = '10 10 5 ' ]
}

@test "a body has --max-bytes bytes at most, and no more room than it needs" {
	# three events of 17 bytes, two commas and 13 bytes around them: 66
	yes '{"event":"aaaaa"}' | head -n 6 > in
	mm-batch --max-bytes 66 in | awk '{ print length }' | tr '\n' ' ' > lengths
	[ "$(cat lengths)" = '66 66 ' ]
	mm-batch --max-bytes 65 in | awk '{ print length }' | tr '\n' ' ' > lengths
	[ "$(cat lengths)" = '48 48 48 ' ]
}

@test "without --max-bytes a body has a mebibyte at most" {
	gen_events -n 300 --invalid 0 |
		jq -c --arg pad "$(times 8000 x)" '.properties = {pad: $pad}' > in
	[ "$(wc -c < in)" -gt $((2 << 20)) ]
	mm-batch in > bodies
	[ "$(wc -l < bodies)" -eq 3 ]
	[ "$(awk '{ if (length > max) max = length } END { print max }' bodies)" -le $((1 << 20)) ]
	mm-batch -d bodies | cmp in -
}

@test "events to bodies to events: the same bytes" {
	gen_events -n 3000 --invalid 0 > in
	cat >> in <<-'END'
		{"event":"n","properties":{"a":1.0,"b":1e3,"c":12345678901234567890,"d":-0,"e":1E+400}}
		{ "event" : "\u0065\/\ud83d\ude00]}" ,	"properties" : { "events" : [ ] } }
	END
	for limits in '' '-n 1' '-n 7' '-n 999' '--max-bytes 64k' '--max-bytes 5000 -n 4'; do
		# shellcheck disable=SC2086 # several words
		mm-batch $limits in > bodies
		jq -e 'keys == ["events"] and (.events | length > 0)' bodies > /dev/null
		mm-batch --debatch bodies > out
		cmp in out
	done
}

@test "bodies to events to bodies: the same bytes" {
	gen_events -n 500 --invalid 0 | mm-batch -n 17 > bodies
	mm-batch -d bodies | mm-batch -n 17 | cmp bodies -
}

@test "a body is what jq makes of its lines" {
	gen_events -n 50 --invalid 0 > in
	diff <(jq -c -s '{events: .}' in) <(mm-batch in | jq -c .)
}

@test "an event as deep as may be passes both ways" {
	brackets=$(times 62 '[')
	echo "{\"event\":\"x\",\"properties\":{\"k\":$brackets${brackets//\[/]}}}" > in
	mm-validate in | mm-batch | mm-batch -d | cmp in -
}

@test "CRLF, a missing last newline, blank lines and a byte order mark" {
	printf '\xef\xbb\xbf%s\r\n\r\n  \n%s' "$good" "$good" > in
	run -0 --separate-stderr mm-batch in
	[ "$output" = "{\"events\":[$good,$good]}" ]
	printf '\xef\xbb\xbf{"events":[%s,%s]}\r\n\r\n{"events":[%s]}' "$good" "$good" "$good" > in
	run -0 --separate-stderr mm-batch -d in
	[ "$output" = "$good"$'\n'"$good"$'\n'"$good" ]
}

@test "no events, no body" {
	run -0 --separate-stderr mm-batch <<< ''
	[ -z "$output$stderr" ]
	run -0 --separate-stderr mm-batch -d <<< ''
	[ -z "$output$stderr" ]
}

@test "a body goes on from file to file" {
	echo "$good" > a
	echo "$good" > b
	run -0 --separate-stderr mm-batch a b
	[ "$output" = "{\"events\":[$good,$good]}" ]
}

# ---- rejects ----

@test "an invalid event: its body is not written, the others are" {
	printf '%s\n' "$good" "$good" "$good" "$bad" "$good" > in
	run -1 --separate-stderr mm-batch -n 2 --rejects rejects in
	[ "$output" = "{\"events\":[$good,$good]}"$'\n'"{\"events\":[$good]}" ]
	[ "$(jq -c '[.line, .error]' rejects)" = '[4,"invalid_payload"]' ]
	[ "$(jq -c .details rejects)" = '{"fieldErrors":{"events[1].event":["Too short: at least 1 character"]},"formErrors":[]}' ]
	[ "$(jq -r .input rejects)" = "$good"$'\n'"$bad" ]
	[ "$stderr" = "mm-batch: 1 of 5 lines rejected, 1 more held back, as bodies are all or nothing" ]
}

@test "what is rejected is explained with the line and the index" {
	printf '%s\n' "$good" '{"user_id":7}' "$good" 'x' > in
	run -1 --separate-stderr mm-batch in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "mm-batch: in:2: events[1].event: Required; events[1].user_id: Expected string, received number; events[3]: Invalid JSON at byte offset 0: expected a value" ]
	[ "${stderr_lines[1]}" = "mm-batch: 2 of 4 lines rejected, 2 more held back, as bodies are all or nothing" ]
}

@test "every line is in a body or in a record, in order" {
	gen_events -n 3000 --invalid 40 > in
	run -1 --separate-stderr mm-batch -n 20 --rejects rejects in
	printf '%s\n' "$output" > bodies
	[ "$(jq -c 'select(.events | length == 0)' bodies)" = '' ]
	mm-batch -d bodies > passed
	jq -r 'if has("input") then .input else .input_base64 | @base64d end' rejects > kept
	[ $(($(wc -l < passed) + $(wc -l < kept))) -eq 3000 ]
	# a body and a record each stand for twenty lines
	[ $(($(wc -l < bodies) + $(wc -l < rejects))) -eq 150 ]
	mm-validate -q passed | cmp passed -
}

@test "rejects can be repaired and replayed" {
	gen_events -n 500 --invalid 0 > want
	sed '100s/"event"/"evnt"/; 333s/"event"/"evnt"/' want > in
	run -1 --separate-stderr mm-batch -n 50 --rejects rejects in
	printf '%s\n' "$output" > bodies
	jq -r .input rejects | sed 's/"evnt"/"event"/' | mm-batch -n 50 >> bodies
	mm-batch -d bodies | sort > out
	sort want | cmp - out
}

@test "the valid events of a rejected body can be had by mm-validate" {
	printf '%s\n' "$good" "$bad" "$good" > in
	run -1 --separate-stderr mm-batch --rejects rejects in
	run -1 --separate-stderr bash -o pipefail -c 'jq -r .input rejects | mm-validate -q | mm-batch'
	[ "$output" = "{\"events\":[$good,$good]}" ]
}

@test "lines that are not UTF-8 make a record in base64" {
	printf '%s\n{"event":"\xff"}\n' "$good" > in
	run -1 --separate-stderr mm-batch --rejects rejects in
	jq -r .input_base64 rejects | base64 -d > back
	head -c -1 in | cmp - back
}

@test "an event too large for any body is rejected alone" {
	printf '%s\n' '{"event":"a"}' "{\"event\":\"$(times 80 x)\"}" '{"event":"b"}' > in
	run -1 --separate-stderr mm-batch --max-bytes 104 --rejects rejects in
	[ "$output" = '{"events":[{"event":"a"},{"event":"b"}]}' ]
	[ "$(jq -c '[.line, .details.formErrors[0]]' rejects)" = '[2,"Too large for a body: at most 104 bytes (--max-bytes), 13 of them around it"]' ]
	run -0 --separate-stderr mm-batch --max-bytes 105 in
	[ "${#lines[@]}" -eq 3 ]
	[ "${#lines[1]}" -eq 105 ]
}

@test "a line too long is rejected alone" {
	printf '%s\n' '{"event":"a"}' "{\"event\":\"$(times 80 x)\"}" '{"event":"b"}' > in
	run -1 --separate-stderr mm-batch --max-line 64 in
	[ "$output" = '{"events":[{"event":"a"},{"event":"b"}]}' ]
	[[ ${stderr_lines[0]} == "mm-batch: in:2: Line too long: at most 64 bytes (--max-line)" ]]
}

@test "a hundred errors of a body are listed, all its lines are counted" {
	for _ in {1..300}; do
		echo "$bad"
	done > in
	run -1 --separate-stderr mm-batch -q --summary json --rejects rejects in
	[ "$(jq '.details.fieldErrors | length' rejects)" -eq 100 ]
	[ "$(jq -r '.details.formErrors[0]' rejects)" = "More is wrong: the first 100 errors are listed" ]
	[ "$(jq -c '[.lines, .rejected]' <<< "$stderr")" = '[300,300]' ]
}

@test "--summary json counts lines, bodies and what was held back" {
	printf '%s\n' "$good" "$good" "$good" "$bad" "$bad" "$good" "$good" > in
	run -1 --separate-stderr mm-batch -q -n 2 --summary json in
	jq -c 'del(.errors)' <<< "$stderr" > counts
	[ "$(cat counts)" = '{"lines":7,"valid":5,"rejected":2,"blank":0,"bodies":2,"bodies_rejected":2,"held_back":2}' ]
	[ "$(jq -c .errors <<< "$stderr")" = '{"events[].event":{"Too short: at least 1 character":2}}' ]
}

@test "--summary text says how many bodies there were" {
	run -0 --separate-stderr mm-batch --summary text <<< "$good"
	[ "$stderr" = "mm-batch: 0 of 1 lines rejected, bodies written: 1" ]
	run -0 --separate-stderr mm-batch -d --summary text <<< "{\"events\":[$good,$good]}"
	[ "$stderr" = "mm-batch: 0 of 1 lines rejected, events written: 2" ]
}

@test "with several files the record names that of the first invalid event" {
	echo "$good" > a
	printf '%s\n' "$good" "$bad" > b
	run -1 --separate-stderr mm-batch --rejects rejects a b a
	[ "$(jq -c '[.file, .line, (.details.fieldErrors | keys[0])]' rejects)" = '["b",2,"events[2].event"]' ]
}

@test "unknown keys are an error with --strict-keys alone" {
	echo '{"event":"x","extra":1}' > in
	run -0 --separate-stderr mm-batch in
	run -1 --separate-stderr mm-batch --strict-keys in
	[[ ${stderr_lines[0]} == *"events[0].extra: Unknown key" ]]
	echo '{"events":[{"event":"x"}],"sent":1}' > in
	run -0 --separate-stderr mm-batch -d in
	[ "$output" = '{"event":"x"}' ]
	run -1 --separate-stderr mm-batch -d --strict-keys in
	[[ ${stderr_lines[0]} == *"in:1: Unknown key beside events" ]]
}

@test "no value of a line is in a message" {
	printf '%s\n' '{"event":{"secret-1":1}}' '{"event":"x","ip":"secret-2"}' 'secret-3' > in
	run -1 --separate-stderr mm-batch --summary json in
	[ -z "$output" ]
	[[ $stderr != *secret* ]]
	run -1 --separate-stderr mm-batch -d --summary json <<< '{"events":["secret-1",{"event":"x","ip":"secret-2"}]}'
	[[ $stderr != *secret* ]]
}

# ---- undoing it ----

@test "white space between the events of a body is dropped, in them it is kept" {
	run -0 --separate-stderr mm-batch -d <<< ' {"sent": 1, "events": [ {"event": "a"}, { "event":"b" } ] } '
	[ "$output" = '{"event": "a"}'$'\n''{ "event":"b" }' ]
}

@test "a body with one bad event is rejected whole" {
	printf '{"events":[%s]}\n{"events":[%s,%s,%s]}\n{"events":[%s]}\n' \
		"$good" "$good" "$bad" "$good" "$good" > in
	run -1 --separate-stderr mm-batch -d --rejects rejects in
	[ "$output" = "$good"$'\n'"$good" ]
	[ "$(jq -c '[.line, .details.fieldErrors]' rejects)" = '[2,{"events[1].event":["Too short: at least 1 character"]}]' ]
	[ "$(jq -r .input rejects)" = "$(sed -n 2p in)" ]
	[ "$stderr" = "mm-batch: 1 of 3 lines rejected" ]
}

@test "what is no body is rejected with the reason" {
	while IFS='|' read -r body reason; do
		run -1 --separate-stderr mm-batch -d <<< "$body"
		[ -z "$output" ]
		# a line before it may say what the input looks like
		grep -qxF "mm-batch: <stdin>:1: $reason" <<< "$stderr"
	done <<-'END'
		{}|events: Required
		{"events":[]}|events: Too short: at least 1 event
		{"events":null}|events: Expected array, received null
		{"events":{"event":"a"}}|events: Expected array, received object
		{"events":["a"]}|events[0]: Expected object, received string
		[{"event":"a"}]|Expected object, received array
		{"events":[{"event":"a"}]|Invalid JSON at byte offset 25: the text ends too early
	END
}

@test "a body of more than --max-events events is rejected" {
	gen_events -n 1001 --invalid 0 | jq -c -s '{events: .}' > in
	run -1 --separate-stderr mm-batch -d in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "mm-batch: in:1: events: Too long: at most 1000 events" ]
	run -1 --separate-stderr mm-batch -d -n 1 <<< "{\"events\":[$good,$good]}"
	[ "${stderr_lines[0]}" = "mm-batch: <stdin>:1: events: Too long: at most 1 events" ]
}

@test "a body of more than a mebibyte is read" {
	gen_events -n 1000 --invalid 0 |
		jq -c --arg pad "$(times 8000 x)" '.properties = {pad: $pad}' > in
	mm-batch --max-bytes 16M in > body
	[ "$(wc -lc < body | awk '$1 == 1 && $2 > 8 * 1024 * 1024')" ]
	mm-batch -d body | cmp in -
	run -1 --separate-stderr mm-batch -d -q --max-line 1M body
	[ -z "$output" ]
}

# ---- files and streams ----

@test "however the input is cut, the output is the same" {
	gen_events -n 40 --invalid 3 > in
	mm-batch -n 8 --rejects want.rejects < in > want || [ $? -eq 1 ]
	for size in 1 7 1000; do
		dd if=in bs=$size status=none | mm-batch -n 8 --rejects-new --rejects rejects > out || [ $? -eq 1 ]
		cmp want out
		cmp want.rejects rejects
	done
}

@test "a full body leaves at once, --flush-after lets one leave that is not" {
	mkfifo fifo fifo2
	mm-batch -n 2 < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n%s\n{"event":"waits"}\n' "$good" "$good" >&9
	eventually test -s out
	[ "$(cat out)" = "{\"events\":[$good,$good]}" ]
	exec 9>&-
	ends_with 0 "$pid"
	grep -q waits out
	mm-batch --flush-after 50ms < fifo2 > out2 2> err 3>&- &
	pid=$!
	exec 9> fifo2
	for name in a b; do
		echo "{\"event\":\"$name\"}" >&9
		eventually grep -q "^{\"events\":\\[{\"event\":\"$name\"}\\]}$" out2
	done
	exec 9>&-
	ends_with 0 "$pid"
	[ "$(wc -l < out2)" -eq 2 ]
}

@test "a signal: what was read leaves as a body, then it dies by the signal" {
	mkfifo fifo
	env --default-signal=TERM mm-batch -n 2 < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n%s\n{"event":"last"}\n{"event":"half' "$good" "$good" >&9
	eventually test -s out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 9>&-
	mm-batch -d out > events
	[ "$(tail -n 1 events)" = '{"event":"last"}' ]
}

@test "a full disk under the output or the rejects is an error" {
	run -2 --separate-stderr sh -c 'echo "$1" | mm-batch > /dev/full' - "$good"
	[ "$stderr" = "mm-batch: standard output: No space left on device" ]
	run -2 --separate-stderr sh -c 'echo "{\"events\":[$1]}" | mm-batch -d > /dev/full' - "$good"
	[ "$stderr" = "mm-batch: standard output: No space left on device" ]
	run -2 --separate-stderr mm-batch --rejects /dev/full <<< "$bad"
	[[ $stderr == *"mm-batch: /dev/full: No space left on device"* ]]
}

@test "a reader that leaves early is no error" {
	gen_events -n 20000 --invalid 0 > in
	run -0 --separate-stderr bash -c 'mm-batch -n 3 in | head -n 1 | wc -l; echo "${PIPESTATUS[0]}"'
	[ "$output" = $'1\n0' ]
	[ -z "$stderr" ]
	mm-batch in > bodies
	run -0 --separate-stderr bash -c 'mm-batch -d bodies | head -n 1 | wc -l; echo "${PIPESTATUS[0]}"'
	[ "$output" = $'1\n0' ]
	[ -z "$stderr" ]
}

@test "closed standard input and output" {
	run -2 --separate-stderr sh -c 'mm-batch <&-'
	[ "$stderr" = "mm-batch: <stdin>: Bad file descriptor" ]
	run -2 --separate-stderr sh -c 'echo "$1" | mm-batch >&-' - "$good"
	[ "$stderr" = "mm-batch: standard output: Bad file descriptor" ]
}

@test "a missing file is reported; the others are read" {
	echo "$good" > in
	run -2 --separate-stderr mm-batch missing in
	[ "$output" = "{\"events\":[$good]}" ]
	[ "$stderr" = "mm-batch: missing: No such file or directory" ]
}

# ---- the call ----

@test "misuse is one line and status 2" {
	for arguments in -n --max-events=0 --max-events=1001 --max-bytes=63 --max-bytes=1G \
		--flush-after=x --nonsense '-d --max-bytes=1M' '-d --flush-after=1s'; do
		# shellcheck disable=SC2086 # several words
		run -2 --separate-stderr mm-batch $arguments < /dev/null
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-batch: "*"; try 'mm-batch --help'" ]]
	done
}

@test "help and version" {
	run -0 --separate-stderr mm-batch --help
	[ "${lines[0]}" = "Usage: mm-batch [OPTION]... [FILE]..." ]
	run -0 --separate-stderr mm-batch --version
	[[ $output =~ ^mm-batch\ [0-9.]+$ ]]
}
