#!/usr/bin/env bats
# mm-send: to mm-serve, and to a server that answers oddly.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094,SC2119,SC2120

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	unset MM_URL MM_KEY MM_KEY_FILE http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
	(umask 077 && printf '0123456789abcdef-test-salt\n' >salt && printf 'sk_test_0a1b2c3d_%s\n' \
		abcdefghijklmnopqrstuvwxyz0123456789 >stubkey)
	SPOOL=$XDG_STATE_HOME/millimetric/send
}

teardown() {
	end_server
}

# Ends the server that was started last, if there is one.
end_server() {
	[ ! -e pid ] || kill -KILL "$(cat pid)" 2>/dev/null || true
	rm -f pid
}

# events N [FIRST]: events with ids.
events() {
	awk -v n="$1" -v first="${2:-1}" 'BEGIN {
		for (i = first; i < first + n; i++)
			printf "{\"event\":\"e\",\"event_id\":\"id%d\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"properties\":{\"n\":%d}}\n", i, i
	}'
}

# stub [ANSWER]...: the server of api-stub.mjs, at $url.
stub() {
	end_server
	: >taken
	: >requests
	rm -f port
	node "$repo/tests/faults/api-stub.mjs" . 0 "$@" 3>&- &
	echo $! >pid
	eventually test -s port
	url=http://127.0.0.1:$(cat port)
}

# send [OPTION]... : to the stub
send() {
	mm-send --api "$url" --key-file stubkey "$@"
}

# took N: so many events, each once, of ids id1..idN
took() {
	[ "$(jq -r .event_id taken | sort)" = "$(seq "$1" | sed s/^/id/ | sort)" ]
}

answers() {
	cut -f 3 requests | paste -sd ,
}

serve() {
	end_server
	umask 077
	mm-key mint --keys keys --kind sk >sk 2>/dev/null
	mm-key mint --keys keys --kind rk >rk
	mm-key mint --keys keys --kind pk --origin https://www.example.com >pk
	[ "${limits:-off}" = on ] || mm-key limits --keys keys --track off --batch off >/dev/null 2>&1
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --listen "unix:$PWD/socket" \
		--spool "$PWD/served" --url http://127.0.0.1:1 "$@" 2>err 3>&- &
	echo $! >pid
	eventually grep -q 'listening on http' err
	eventually test -S socket
	url=http://127.0.0.1:$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' err)
}

stop() {
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	rm pid
}

rows() {
	cat served/*/*.ndjson
}

# ---- what is sent -----------------------------------------------------------

@test "events arrive, each once, in batches of at most 1000" {
	serve
	events 2500 >in
	run -0 --separate-stderr mm-send --api "$url" --key-file sk --summary json in
	[ -z "$output" ]
	[ "$(jq -c '[.lines, .sent, .requests, .kept]' <<<"$stderr")" = '[2500,2500,3,0]' ]
	run -0 mm-send --api "$url" --key-file sk in
	stop
	[ "$(rows | jq -r .event_id | sort)" = "$(seq 2500 | sed s/^/id/ | sort)" ]
}

@test "the bytes of an event are what was read, with an event_id behind them where it had none" {
	stub
	printf '%s\n' '{ "event" : "a", "properties" : {"n": 12345678901234567890, "f": 1.0} }  ' \
		'{"event":"b","event_id":"mine","timestamp":"2026-01-01T00:00:00Z"}' \
		'{"event":"c","event_id":null}' >in
	run -0 send -q in
	[ "$(jq -c '[.event, .event_id]' taken | sed -n 2p)" = '["b","mine"]' ]
	run -0 jq -r .event_id taken
	[[ ${lines[0]} =~ ^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	[[ ${lines[2]} =~ ^[0-9a-f]{8}- ]]
	# what else is there stays: what mm-serve has, from the same line
	serve -o - >/dev/null
	run -0 mm-send -q --api "$url" --key-file sk in
}

@test "no address and no agent is sent, or kept: servers ignore them" {
	stub
	printf '%s\n' '{"event":"a","event_id":"id1","ip":"203.0.113.7","user_agent":"Secret/1","host":"h"}' \
		'{"event":"b","event_id":"id2"}' >in
	run -0 --separate-stderr send in
	[ "$(jq -c . taken | paste -sd ,)" = '{"event":"a","event_id":"id1"},{"event":"b","event_id":"id2"}' ]
	[[ $stderr == *"1 event was sent without ip, user_agent"* ]]
	url=http://127.0.0.1:1
	run -75 send --retry-for 0 in
	run ! grep -rE '203.0.113.7|Secret' "$XDG_STATE_HOME"
}

@test "events that mm-validate rejects are rejected alike, and the others sent" {
	stub
	printf '%s\n' '{"event":"a","event_id":"id1"}' nonsense '{"event":""}' '{"event":"b","event_id":"id2"}' >in
	run -1 send --rejects rejects in
	run -1 mm-validate --rejects expected in
	cmp rejects expected
	took 2
	run -1 --separate-stderr send in
	[[ $stderr == *"in:2: Invalid JSON"*"2 of 4 lines rejected"* ]]
}

@test "nothing is read: nothing is sent" {
	stub
	run -0 --separate-stderr send </dev/null
	[ -z "$stderr$output" ]
	printf '\n \n' >in
	run -0 send in
	[ ! -s requests ]
}

@test "batches keep to --max-events and --max-bytes" {
	stub
	events 25 >in
	run -0 send -n 10 --parallel 1 in
	[ "$(cut -f 2 requests | paste -sd ,)" = 10,10,5 ]
	: >requests
	run -0 send --max-bytes 500 --parallel 1 in
	[ "$(cut -f 2 requests | sort -n | tail -n 1)" -le 6 ]
	jq -e '."content-length" | tonumber <= 500' <(cut -f 5 requests)
}

@test "connections are kept alive, and several are used" {
	stub ok slow slow slow slow slow slow slow slow
	events 90 >in
	run -0 send -n 10 --parallel 3 in
	took 90
	[ "$(cut -f 4 requests | sort -u | wc -l)" -le 3 ]
	[ "$(cut -f 4 requests | sort -u | wc -l)" -ge 2 ]
}

@test "the key travels in a header, and nothing else tells who sends" {
	stub
	events 1 | send
	run -0 jq -r '[.authorization, ."content-type", ."user-agent"] | tostring' <(cut -f 5 requests)
	[ "$output" = "[\"Bearer $(cat stubkey)\",\"application/json\",null]" ]
}

@test "input that waits is sent after --flush-after" {
	stub
	mkfifo pipe
	mm-send --api "$url" --key-file stubkey --flush-after 100ms <pipe 3>&- &
	local sender=$!
	exec 5>pipe
	events 2 >&5
	eventually took 2
	events 1 3 >&5
	eventually took 3
	exec 5>&-
	ends_with 0 "$sender"
}

# ---- answers ----------------------------------------------------------------

@test "what fails in passing is sent again, and each event taken once" {
	stub 500 429:1 503:1 lost half reset 502
	events 30 >in
	run -0 --separate-stderr send -n 10 --parallel 2 --summary json in
	took 30
	[ "$(jq -c '[.sent, .limited, .kept]' <<<"${stderr_lines[-1]}")" = '[30,1,0]' ]
}

@test "Retry-After is waited for, on all connections, and is no failure" {
	stub ok 429:1 429:1 429:1
	events 60 >in
	run -0 --separate-stderr send -n 10 --parallel 4 --retry-for 3s in
	took 60
	[ -z "$stderr" ]
}

@test "an event that the server refuses is a reject, and the others arrive" {
	stub bad:x
	events 20 >in
	printf '%s\n' '{"event":"x","event_id":"bad1"}' '{"event":"x","event_id":"bad2"}' | cat - in | tee all >/dev/null
	run -1 --separate-stderr send --rejects rejects all
	took 20
	[ "$(jq -c '[.line, .error, .details.fieldErrors.event, .input]' rejects | head -n 1)" = \
		'[1,"invalid_payload",["Not wanted here"],"{\"event\":\"x\",\"event_id\":\"bad1\"}"]' ]
	[ "$(wc -l <rejects)" -eq 2 ]
	[ "$(answers)" = 400,ok ]
	[[ $stderr == *"2 of 22 lines rejected"* ]]
}

@test "one that is not named is found" {
	stub mute:x
	events 50 >in
	sed -i '17s/"event":"e"/"event":"x"/' in
	run -1 send --rejects rejects in
	[ "$(jq -c '[.line, .details.formErrors]' rejects)" = '[17,["Something is wrong"]]' ]
	[ "$(wc -l <taken)" -eq 49 ]
}

@test "a body that is too large is sent in pieces" {
	stub limit:1000
	events 40 >in
	run -0 --separate-stderr send in
	took 40
	[[ $stderr == *"HTTP 413"* ]]
	# a single event that is too large is a reject
	stub limit:60
	run -1 send --rejects rejects <<<"$(events 1)"
	[[ $(jq -r '.details.formErrors[0]' rejects) == "Too large for the server (HTTP 413)" ]]
}

@test "a key that is refused ends it at once: a sentence, status 2, and what was read is kept" {
	stub 401
	events 3000 >in
	run -2 --separate-stderr send --retry-for 1m in
	[[ $stderr == *"refuses the key (HTTP 401, invalid_api_key)"*"kept"*"--drain $SPOOL"* ]]
	[ "$(wc -l <requests)" -eq 1 ]
	run -0 send --drain "$SPOOL"
	run -0 send in
	took 3000
}

@test "a wrong URL is told: a page, a redirect, no such route" {
	stub page page page
	run -75 --separate-stderr send <<<"$(events 1)"
	[[ $stderr == *"is this the URL of the API?"* ]]
	stub 302
	run -2 --separate-stderr send <<<"$(events 1)"
	[[ $stderr == *"redirects (HTTP 302)"* ]]
	stub 404
	run -2 --separate-stderr send <<<"$(events 1)"
	[[ $stderr == *"what stands before /v1/batch"* ]]
}

@test "a server that refuses everything: it can't be the events" {
	stub bad:e
	events 300 >in
	run -2 --separate-stderr send --rejects rejects in
	[[ $stderr == *"all of the first 100 were refused"* ]]
	[ "$(cat "$SPOOL"/*/*.ndjson | sort)" = "$(sort in)" ]
	[ ! -s rejects ]
}

# ---- no server --------------------------------------------------------------

@test "no server: events are kept, the message has the command that sends them" {
	events 25 >in
	url=http://127.0.0.1:1
	run -75 --separate-stderr send --retry-for 300ms -n 10 in
	[[ $stderr =~ "this sends them: "(mm-send .*) ]]
	[ "$(cat "$SPOOL"/*/*.ndjson | sort)" = "$(sort in)" ]
	[ "$(stat -c %a "$SPOOL"/*/*.ndjson | sort -u)" = 600 ]
	run ! grep -rq "$(cut -d_ -f4 stubkey)" "$XDG_STATE_HOME"
	[[ $stderr != *"$(cut -d_ -f4 stubkey)"* ]]
	# the server is back at another port: the files move there
	stub
	run -0 --separate-stderr send --drain "$SPOOL"
	[[ $stderr == *"send.0a1b2c3d.localhost:1: 3 files wait here for another server or key" ]]
	[ ! -s taken ]
	mv "$SPOOL"/*localhost:1 "$SPOOL/send.0a1b2c3d.localhost:$(cat port)"
	run -0 send --drain "$SPOOL"
	took 25
	run ! ls "$SPOOL"/*/*.ndjson
}

@test "what waits is sent by the next run" {
	stub reset
	events 10 >in
	run -75 send --retry-for 0 in
	run -0 --separate-stderr send --summary json /dev/null
	[ "$(jq -c '[.sent, .drained, .waiting]' <<<"$stderr")" = '[10,10,0]' ]
	took 10
}

@test "killed at any moment, the same command again sends the rest" {
	stub slow slow slow slow slow slow
	events 5000 >in
	mm-send --api "$url" --key-file stubkey in 3>&- &
	local sender=$!
	eventually test -s taken
	kill -KILL "$sender"
	wait "$sender" || true
	run -0 send in
	took 5000
}

@test "SIGTERM: what was read is sent or kept, and it dies by the signal" {
	stub ok slow slow slow slow slow slow slow slow slow slow slow slow slow slow slow
	mkfifo pipe
	mm-send --api "$url" --key-file stubkey -n 10 <pipe 3>&- &
	local sender=$!
	exec 5>pipe
	events 100 >&5
	eventually test -s taken
	kill -TERM "$sender"
	exec 5>&-
	ends_with 143 "$sender"
	run -0 send /dev/null
	took 100
}

@test "no room for what has to be kept: status 74, before and while it reads" {
	url=http://127.0.0.1:1
	events 3000 >in
	run -74 --separate-stderr send --retry-for 0 --spool-max 1k in
	[[ $stderr == *"--spool-max"* ]]
	run -2 --separate-stderr send --spool /dev/null/spool in
	[[ $stderr == *"could not be kept here"* ]]
}

# ---- the call ---------------------------------------------------------------

@test "who may send: a key that reads, no key, a key file that is none" {
	serve
	run -2 --separate-stderr mm-send --api "$url" --key-file rk <<<"$(events 1)"
	[[ $stderr == *"rk: holds an rk, which can't send events: use an sk"* ]]
	run -2 --separate-stderr mm-send --api "$url" --key-file keys <<<"$(events 1)"
	[[ $stderr == *"holds no key"* ]]
	run -2 --separate-stderr mm-send --api "$url" <<<"$(events 1)"
	[[ $stderr == *"no key: name a file"* ]]
	run -2 --separate-stderr mm-send --api "$url" --key-file pk <<<"$(events 1)"
	[[ $stderr == *"origin_not_allowed"*"use an sk"* ]]
	: >empty
	run -2 --separate-stderr mm-send --api "$url" --key-file empty <<<"$(events 1)"
	[[ $stderr == *"the first line must hold the key"* ]]
	MM_KEY=$(cat sk) run -0 mm-send --api "$url/" <<<"$(events 1)"
	MM_URL=$url MM_KEY_FILE=sk run -0 mm-send <<<"$(events 1 2)"
	stop
	[ "$(rows | wc -l)" -eq 2 ]
}

@test "URLs: a prefix, a trailing slash, a unix socket, IPv6, and those that are none" {
	serve --prefix /in/here
	run -0 mm-send --api "$url/in/here" --key-file sk <<<"$(events 1)"
	run -0 mm-send --api "$url/in/here///" --key-file sk <<<"$(events 1 2)"
	stop
	[ "$(rows | wc -l)" -eq 2 ]
	serve
	run -0 mm-send --api "unix:$PWD/socket" --key-file sk <<<"$(events 1 3)"
	stop
	run -2 --separate-stderr mm-send --api ftp://x --key-file sk </dev/null
	[[ $stderr == *"is not an http:// or https:// URL, such as https://events.example.com" ]]
	run -2 --separate-stderr mm-send --api https://user:secret@events.example.com --key-file sk </dev/null
	[[ $stderr == *"holds a user or password"* && $stderr != *secret* ]]
	run -2 --separate-stderr mm-send --api 'https://events.example.com/?x=1' --key-file sk </dev/null
	run -2 --separate-stderr mm-send --api unix:socket --key-file sk </dev/null
	run -2 --separate-stderr mm-send --key-file sk </dev/null
	[[ $stderr == *"where to?"* ]]
	run -75 mm-send --api 'http://[::1]:1' --retry-for 0 --key-file sk <<<"$(events 1)"
}

@test "a key is not sent over http:// to another machine, unless that is allowed" {
	run -2 --separate-stderr mm-send --api http://events.example.com --key-file stubkey </dev/null
	[[ $stderr == *"everybody on the way could read the key"* ]]
	run -0 mm-send --api http://events.example.com --allow-http --key-file stubkey </dev/null
}

@test "https: a certificate has to be good" {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout tlskey -out cert 2>/dev/null
	CERT=$PWD/cert KEY=$PWD/tlskey stub
	run -2 --separate-stderr mm-send --api "https://localhost:$(cat port)" --key-file stubkey <<<"$(events 1)"
	[[ $stderr == *certificate* ]]
	run -0 mm-send --api "https://localhost:$(cat port)" --cacert cert --key-file stubkey <<<"$(events 1)"
	took 1
	# the name is looked at, too
	run -2 mm-send --api "https://127.0.0.1:$(cat port)" --cacert cert --key-file stubkey <<<"$(events 1)"
}

@test "a proxy of the environment is not asked for what is on this machine" {
	stub
	http_proxy=http://127.0.0.1:1 run -0 send <<<"$(events 1)"
	took 1
}

@test "the limits of a project are kept to, and it ends" {
	limits=on serve
	mm-key limits --keys keys --batch 5:2 >/dev/null 2>&1
	stop
	limits=on serve
	events 80 >in
	run -0 --separate-stderr mm-send --api "$url" --key-file sk -n 10 --summary json --retry-for 10s in
	[ "$(jq -c '[.sent, .kept, .limited > 0]' <<<"$stderr")" = '[80,0,true]' ]
	stop
	[ "$(rows | wc -l)" -eq 80 ]
}

# ---- the same command again --------------------------------------------------

# asked N: so many requests have come.
asked() {
	[ "$(wc -l <requests)" -ge "$1" ]
}

@test "killed: what was sent is not sent again, however little the server remembers" {
	stub ok ok ok ok ok hang
	events 20 | sed 's/,"event_id":"[^"]*"//' >in
	mm-send --api "$url" --key-file stubkey -q -n 2 --parallel 1 in 3>&- &
	local sender=$!
	eventually asked 6
	kill -KILL "$sender"
	wait "$sender" || true
	: >requests
	run -0 --separate-stderr send -n 2 --parallel 1 --summary json in
	[ "$(jq -c '[.lines, .known]' <<<"${stderr_lines[-1]}")" = '[20,10]' ]
	[ "$(cut -f 2 requests | paste -sd +)" = 2+2+2+2+2 ]
	[ "$(jq -r .properties.n taken | sort -n)" = "$(seq 20)" ]
	# it ended well: the same command is a new one
	: >requests
	run -0 send -q -n 2 in
	[ "$(wc -l <requests)" -eq 10 ]
}

@test "an event without a time of its own is another event in the next run, and the same in one that resumes" {
	stub ok ok
	echo '{"event":"deployed"}' | send
	echo '{"event":"deployed"}' | send
	[ "$(wc -l <taken)" -eq 2 ]
	stub lost reset
	echo '{"event":"deployed"}' >in
	run -75 --separate-stderr send --retry-for 0 in
	[[ $stderr == *"do not give this input again"* ]]
	run -0 send /dev/null
	[ "$(wc -l <taken)" -eq 1 ]
	# within one input the same line is as many events as it stands there
	stub
	printf '%s\n' '{"event":"x"}' '{"event":"x"}' '{"event":"x","timestamp":"2026-01-01T00:00:00Z"}' \
		'{"event":"x","timestamp":"2026-01-01T00:00:00Z"}' | send
	[ "$(jq -r .event_id taken | sort -u | wc -l)" -eq 4 ]
}

@test "killed before the answer: an event without a time is the same when it is sent again" {
	stub hang
	echo '{"event":"deployed"}' >in
	mm-send --api "$url" --key-file stubkey in 3>&- &
	local sender=$!
	eventually test -s requests
	kill -KILL "$sender"
	wait "$sender" || true
	eventually test -s taken
	run -0 send in
	[ "$(wc -l <requests)" -eq 2 ]
	[ "$(wc -l <taken)" -eq 1 ]
}

@test "what an earlier run has kept is known, too" {
	url=http://127.0.0.1:1
	events 30 >in
	run -75 send --retry-for 0 -n 10 in
	run -75 --separate-stderr send --retry-for 0 -n 10 --summary json in
	[ "$(jq -c '[.known, .kept]' <<<"${stderr_lines[-1]}")" = '[30,0]' ]
	[ "$(cat "$SPOOL"/*/*.ndjson | sort)" = "$(sort in)" ]
}

@test "input that begins alike and goes on otherwise is sent" {
	url=http://127.0.0.1:1
	events 30 >in
	run -75 send --retry-for 0 -n 10 in
	{ head -n 15 in; events 20 100; } >other
	run -75 --separate-stderr send --retry-for 0 -n 7 --summary json other
	[ "$(jq -c '[.known, .kept]' <<<"${stderr_lines[-1]}")" = '[10,25]' ]
}
