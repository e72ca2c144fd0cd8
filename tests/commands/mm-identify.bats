#!/usr/bin/env bats
# mm-identify: pairs of anonymous_id and user_id become $identify events.
#
# bats sets stderr_lines; scripts in single quotes are for another shell.
# shellcheck disable=SC2016,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	pair='{"anonymous_id":"a","user_id":"u"}'
	event='{"event":"$identify","anonymous_id":"a","user_id":"u"}'
}

# ---- what passes ----

@test "a pair becomes an event" {
	run -0 --separate-stderr mm-identify <<< "$pair"
	[ "$output" = "$event" ]
	[ -z "$stderr" ]
}

@test "traits become properties, with their bytes" {
	run -0 --separate-stderr mm-identify <<< '{"traits" : { "n":1.0, "b" : 12345678901234567890,"s":"\u00e9/\/" },"user_id":"\u0075","anonymous_id":"a"}'
	[ "$output" = '{"event":"$identify","anonymous_id":"a","user_id":"\u0075","properties":{ "n":1.0, "b" : 12345678901234567890,"s":"\u00e9/\/" }}' ]
}

@test "null is absent" {
	run -0 --separate-stderr mm-identify <<< '{"anonymous_id":"a","user_id":"u","traits":null,"timestamp":null}'
	[ "$output" = "$event" ]
}

@test "the other fields and the context keys pass on" {
	rest='"event_id":"e","timestamp":"2026-05-16T19:00:00Z","session_id":"s","url":"https://a.example/","path":"/","referrer":"","ip":"192.0.2.1","user_agent":"x","host":"","received_at":"2026-05-16T19:00:01Z","project_id":"7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4","sent_at":"2026-05-16T19:00:01Z","ua_hints":{ }'
	run -0 --separate-stderr mm-identify --strict-keys <<< "{$rest,${pair#\{}"
	[ "$output" = "${event%\}},$rest}" ]
}

@test "of a key that stands twice the last one counts, however it is written" {
	run -0 --separate-stderr mm-identify <<< '{"user_id":"x","anonymous_id":"a","\u0075ser_id":"u","traits":{},"traits":null}'
	[ "$output" = "$event" ]
}

@test "unknown keys are dropped" {
	run -0 --separate-stderr mm-identify <<< '{"anonymous_id":"a","user_id":"u","type":"identify","event":"x","properties":{"x":1},"source":"me"}'
	[ "$output" = "$event" ]
}

@test "what passes is valid for mm-validate, byte for byte" {
	gen_events -n 2000 --invalid 100 |
		sed 's/"event":"[^"]*",*//; s/"properties":/"traits":/' > in
	run -1 --separate-stderr mm-identify -q in
	printf '%s\n' "$output" > out
	[ "$(wc -l < out)" -gt 100 ]
	mm-validate --strict-keys out | cmp out -
	[ "$(jq -r .event out | sort -u)" = '$identify' ]
}

@test "it is what jq makes of the line" {
	cat > in <<-'END'
		{"anonymous_id":"a","user_id":"u","traits":{"plan":"pro","seats":3}}
		{"user_id":"é","anonymous_id":"😀","timestamp":"2026-05-16T19:00:00+02:00"}
	END
	diff <(mm-identify in | jq -cS .) <(jq -cS '.event = "$identify"
		| if .traits then .properties = .traits | del(.traits) else . end' in)
}

@test "bounds of the ids count UTF-16 units" {
	{
		printf '{"anonymous_id":"%s","user_id":"%s"}\n' "$(times 64 😀)" "$(times 256 é)"
		printf '{"anonymous_id":"%sx","user_id":"u"}\n' "$(times 64 😀)"
		printf '{"anonymous_id":"a","user_id":"%s"}\n' "$(times 257 é)"
	} > in
	run -1 --separate-stderr mm-identify --rejects rejects in
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -c '[.line, .details.fieldErrors]' rejects)" = '[2,{"anonymous_id":["Too long: at most 128 characters"]}]
[3,{"user_id":["Too long: at most 256 characters"]}]' ]
}

@test "traits: 8192 minified bytes pass, 8193 do not" {
	{
		printf '{"anonymous_id":"a","user_id":"u","traits":{ "k" : "%s" } }\n' "$(times 8184 a)"
		printf '{"anonymous_id":"a","user_id":"u","traits":{ "k" : "%s" } }\n' "$(times 8185 a)"
	} > in
	run -1 --separate-stderr mm-identify --rejects rejects in
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -c .details.fieldErrors rejects)" = '{"traits":["Too large: at most 8192 bytes when minified"]}' ]
}

@test "CRLF, a missing last newline, blank lines and a byte order mark" {
	printf '\xef\xbb\xbf%s\r\n\r\n  \n%s' "$pair" "$pair" > in
	run -0 --separate-stderr mm-identify in
	[ "$output" = "$event"$'\n'"$event" ]
}

# ---- what is rejected ----

@test "what is wrong is said" {
	while IFS='|' read -r line reason; do
		run -1 --separate-stderr mm-identify <<< "$line"
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = "mm-identify: <stdin>:1: $reason" ]
	done <<-'END'
		{}|anonymous_id: Required; user_id: Required
		{"user_id":"u"}|anonymous_id: Required
		{"anonymous_id":"a"}|user_id: Required
		{"anonymous_id":null,"user_id":"u"}|anonymous_id: Expected string, received null
		{"anonymous_id":"a","user_id":7}|user_id: Expected string, received number
		{"anonymous_id":"","user_id":"u"}|anonymous_id: Too short: at least 1 character
		{"anonymous_id":"a","user_id":"u","traits":[]}|traits: Expected object, received array
		{"anonymous_id":"a","user_id":"u","ip":"x"}|ip: Invalid IP address
		["a","u"]|Expected object, received array
		{"anonymous_id":"a","user_id":"u"|Invalid JSON at byte offset 33: the text ends too early
	END
}

@test "a reject record has the line, the reasons and the input" {
	printf '%s\n{"anonymous_id":"","traits":3}\n' "$pair" > in
	run -1 --separate-stderr mm-identify --rejects rejects in
	[ "$output" = "$event" ]
	[ "$(jq -c '[.line, .error, (.details.fieldErrors | keys), .input]' rejects)" = '[2,"invalid_payload",["anonymous_id","traits","user_id"],"{\"anonymous_id\":\"\",\"traits\":3}"]' ]
	[ "$stderr" = "mm-identify: 1 of 2 lines rejected" ]
}

@test "--strict-keys names what is not known" {
	echo '{"anonymous_id":"a","user_id":"u","extra":1,"source":2,"event":"x"}' > in
	run -1 --separate-stderr mm-identify --strict-keys --rejects rejects in
	[ "$(jq -c .details rejects)" = '{"fieldErrors":{"extra":["Unknown key"],"source":["Set by mm-enrich, not by clients"]},"formErrors":["Unknown key: event and properties are set here, from traits"]}' ]
}

@test "no value of a line is in a message" {
	printf '%s\n' '{"anonymous_id":{"secret-1":1},"user_id":["secret-2"],"ip":"secret-3"}' 'secret-4' > in
	run -1 --separate-stderr mm-identify --summary json in
	[[ $stderr != *secret* ]]
}

@test "--summary json counts by field and message" {
	printf '%s\n{"user_id":"u"}\n{"user_id":"u"}\n' "$pair" > in
	run -1 --separate-stderr mm-identify -q --summary json in
	[ "$stderr" = '{"lines":3,"valid":1,"rejected":2,"blank":0,"errors":{"anonymous_id":{"Required":2}}}' ]
}

# ---- files and streams ----

@test "output is live" {
	mkfifo fifo
	mm-identify < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	for i in 1 2; do
		echo "{\"anonymous_id\":\"a\",\"user_id\":\"u$i\"}" >&9
		eventually grep -q "u$i" out
	done
	exec 9>&-
	ends_with 0 "$pid"
}

@test "a full disk under the output is an error" {
	run -2 --separate-stderr sh -c 'echo "$1" | mm-identify > /dev/full' - "$pair"
	[ "$stderr" = "mm-identify: standard output: No space left on device" ]
}

@test "a reader that leaves early is no error" {
	yes "$pair" | head -n 100000 > in
	run -0 --separate-stderr bash -c 'mm-identify in | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "$output" = "$event"$'\n0' ]
	[ -z "$stderr" ]
}

@test "closed standard input and output" {
	run -2 --separate-stderr sh -c 'mm-identify <&-'
	[ "$stderr" = "mm-identify: <stdin>: Bad file descriptor" ]
	run -2 --separate-stderr sh -c 'echo "$1" | mm-identify >&-' - "$pair"
	[ "$stderr" = "mm-identify: standard output: Bad file descriptor" ]
}

@test "misuse is one line and status 2" {
	for arguments in --nonsense --max-line=1 --summary=xml; do
		run -2 --separate-stderr mm-identify "$arguments" < /dev/null
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-identify: "*"; try 'mm-identify --help'" ]]
	done
}

@test "help and version" {
	run -0 --separate-stderr mm-identify --help
	[ "${lines[0]}" = "Usage: mm-identify [OPTION]... [FILE]..." ]
	run -0 --separate-stderr mm-identify --version
	[[ $output =~ ^mm-identify\ [0-9.]+$ ]]
}
