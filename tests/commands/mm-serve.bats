#!/usr/bin/env bats
# mm-serve without ClickHouse: who may send, what is answered, what is kept.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	(umask 077 && printf '0123456789abcdef-test-salt\n' >salt)
	mm-key mint --keys keys --kind sk >sk 2>/dev/null
	mm-key mint --keys keys --kind pk --origin https://www.example.com >pk
	mm-key mint --keys keys --kind rk >rk
	mm-key mint --keys keys --kind ak >ak
	mm-key mint --keys keys --kind sk >old
	mm-key revoke --keys keys "$(cut -c1-16 old)" >/dev/null 2>&1
	mm-key limits --keys keys --track off --batch off >/dev/null 2>&1
}

teardown() {
	[ ! -e pid ] || kill -KILL "$(cat pid)" 2>/dev/null || true
}

# serve [OPTION]...: starts it on ports of its own: $port, and $private.
serve() {
	rm -f err
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --private 127.0.0.1:0 \
		--spool "$PWD/spool" --url http://127.0.0.1:1 "$@" 2>err 3>&- &
	echo $! >pid
	eventually grep -q /healthz err
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
	private=$(sed -n 's/.*127.0.0.1:\([0-9]*\) for .*/\1/p' err)
}

stop() {
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	rm pid
}

# post PATH KEY BODY [CURL OPTION]...: the status, and the answer in `answer`.
post() {
	curl -s -o answer -w '%{http_code}\n' "http://127.0.0.1:$port$1" -d "$3" \
		-H "Authorization: Bearer $(cat "$2")" -H 'Content-Type: application/json' "${@:4}"
}

# What is kept, of all that was acknowledged.
rows() {
	cat spool/*/*.ndjson
}

track() {
	post /v1/track sk "$@"
}

@test "each route, each error" {
	serve
	jq -n --arg SK "$(cat sk)" --arg PK "$(cat pk)" --arg RK "$(cat rk)" --arg AK "$(cat ak)" \
		--arg OLD "$(cat old)" --arg SHORT "$(cut -c2- sk | sed 's/^/s/;s/.$//')" \
		--arg NOBODY "$(mm-key mint --keys other --kind sk 2>/dev/null)" '$ARGS.named' >keys.json
	run -0 node "$repo/tests/faults/serve-routes.mjs" "$port" keys.json
	stop
	# no row but of those that were acknowledged
	[ "$(rows | jq -r 'select(.event_id == "o1" or .event_id == "twice") | .event_id' | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = " 1 o1, 1 twice," ]
}

@test "an id that comes again is one row, also after a restart" {
	serve
	[ "$(track '{"event":"a","event_id":"one"}')" = 202 ]
	[ "$(track '{"event":"a","event_id":"one"}')" = 202 ]
	stop
	serve
	[ "$(track '{"event":"a","event_id":"one"}')" = 202 ]
	[ "$(track '{"event":"a","event_id":"two"}')" = 202 ]
	stop
	[ "$(rows | jq -r .event_id | paste -sd ,)" = one,two ]
}

@test "killed in the middle: what was acknowledged is there, once" {
	serve
	for i in 1 2 3; do
		[ "$(track '{"event":"a","event_id":"'$i'"}')" = 202 ]
	done
	kill -KILL "$(cat pid)"
	wait "$(cat pid)" || true
	serve
	[ "$(track '{"event":"a","event_id":"2"}')" = 202 ]
	stop
	[ "$(rows | jq -r .event_id | paste -sd ,)" = 1,2,3 ]
}

@test "the row is that of mm-enrich, with the page's host, address and agent" {
	serve --trusted-proxy 127.0.0.1
	post /v1/track pk '{"event":"a","event_id":"x","timestamp":"2026-05-16T19:00:00Z","anonymous_id":"v","referrer":"https://www.example.com/b","url":"https://www.example.com/a"}' \
		-H 'Origin: https://www.example.com' -A 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' \
		-H 'X-Forwarded-For: 10.9.9.9, 203.0.113.7'
	stop
	day=$(date -u +%F)
	jq -nc --arg now "${day}T12:00:00Z" '{event: "a", event_id: "x", timestamp: "2026-05-16T19:00:00Z", anonymous_id: "v",
		referrer: "https://www.example.com/b", url: "https://www.example.com/a", ip: "203.0.113.7", host: "www.example.com",
		received_at: $now, user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}' |
		mm-enrich --salt-file salt >expected
	rows | diff - expected
	[ "$(jq -r .source expected)" = internal ]
}

@test "a client can't set what a collector sets" {
	serve
	track '{"event":"a","anonymous_id":"v","ip":"198.51.100.9","user_agent":"evil","project_id":"11111111-2222-4333-8444-555555555555","received_at":"2001-01-01T00:00:00Z","host":"evil.example"}' -A ''
	track '{"event":"b","anonymous_id":"v"}' -A ''
	stop
	[ "$(rows | jq -r .project_id | uniq | wc -l)" = 1 ]
	[ "$(rows | jq -r .ip_hash | uniq | wc -l)" = 1 ]
	[ "$(rows | jq -r '.timestamp[:2]' | uniq)" = 20 ]
	[ "$(rows | grep -c 11111111-2222)" = 0 ]
}

@test "visitors without an id: one a day of a page, one each of a server" {
	serve
	for i in 1 2; do
		track '{"event":"server"}'
		post /v1/track pk '{"event":"page"}' -H 'Origin: https://www.example.com'
	done
	post /v1/track pk '{"event":"page"}' -H 'Origin: https://www.example.com' -A other
	stop
	[ "$(rows | jq -r 'select(.event_name == "server").anonymous_id' | sort -u | wc -l)" = 2 ]
	[ "$(rows | jq -r 'select(.event_name == "page").anonymous_id' | sort -u | wc -l)" = 2 ]
	serve --visitor event
	post /v1/track pk '{"event":"each"}' -H 'Origin: https://www.example.com'
	post /v1/track pk '{"event":"each"}' -H 'Origin: https://www.example.com'
	stop
	[ "$(rows | jq -r 'select(.event_name == "each").anonymous_id' | sort -u | wc -l)" = 2 ]
}

@test "no address and no agent on any disk, nor in messages, metrics or answers" {
	serve --trusted-proxy 127.0.0.1
	for path in track batch identify; do
		post /v1/$path sk '{"event":"a","events":[{"event":"a"}],"anonymous_id":"a","user_id":"u"}' \
			-A marked-agent-7 -H 'X-Forwarded-For: 203.0.113.77' -D -
		cat answer
		# and where all of it is wrong
		post /v1/$path old 'marked-agent-7' -A marked-agent-7 -H 'X-Forwarded-For: 203.0.113.77' -D -
		post /v1/$path sk '{"event":7}' -A marked-agent-7 -H 'X-Forwarded-For: 203.0.113.77' -D -
		cat answer
	done >answers
	curl -s "http://127.0.0.1:$private/metrics" >metrics
	curl -s "http://127.0.0.1:$private/healthz" >health
	kill -ABRT "$(cat pid)"
	ends_with 134 "$(cat pid)"
	serve
	stop
	[ "$(rows | wc -l)" = 3 ]
	run -1 grep -rlaE 'marked-agent-7|203\.0\.113\.77' spool err answers metrics health keys*
	[ -z "$(find . -name 'core*')" ]
}

@test "a forwarding header of a stranger is told once, and does not count" {
	serve
	track '{"event":"a"}' -H 'X-Forwarded-For: 203.0.113.7'
	track '{"event":"a"}'
	track '{"event":"a"}' -H 'Forwarded: for=203.0.113.8'
	[ "$(grep -c -e --trusted-proxy err)" = 1 ]
	curl -s "http://127.0.0.1:$private/metrics" | grep -x 'mm_untrusted_forwarded_total 2'
	stop
	[ "$(rows | jq -r .ip_hash | sort -u | wc -l)" = 1 ]
}

@test "keys that change are known within a second" {
	serve
	mm-key mint --keys keys --kind sk >new
	code() { [ "$(post /v1/track "$1" '{"event":"a"}')" = "$2" ]; }
	eventually code new 202
	mm-key revoke --keys keys "$(cut -c1-16 new)"
	eventually code new 401
	# a file that can't be used changes nothing but health
	cp -p keys good
	echo '{"type":' >>keys
	health() { [ "$(curl -s -o health -w '%{http_code}' "http://127.0.0.1:$private/healthz")" = "$1" ]; }
	eventually health 503
	grep -q 'keys file' health
	code sk 202
	cat good >keys
	eventually health 200
	stop
	grep -q '"key":"sk_live_' keys.used
}

@test "limits: over the burst is 429, and one project does not slow another" {
	mm-key limits --keys keys --track 1:3 >limits
	mm-key mint --keys keys --kind sk --project 11111111-2222-4333-8444-555555555555 >other
	serve
	for i in 1 2 3; do [ "$(track '{"event":"a"}')" = 202 ]; done
	[ "$(track '{"event":"a"}' -D head)" = 429 ]
	[ "$(cat answer)" = '{"error":"rate_limited","retry_after_s":1}' ]
	grep -qi '^Retry-After: 1' head
	[ "$(track '{"event":7}')" = 400 ]
	[ "$(post /v1/track other '{"event":"a"}')" = 202 ]
	sleep 1.1
	[ "$(track '{"event":"a"}')" = 202 ]
	stop
	[ "$(rows | wc -l)" = 5 ]
}

@test "a full spool is 503, and nothing is dropped" {
	serve --spool-max 1
	full() { [ "$(track '{"event":"a"}' -D head | tee -a codes)" = 503 ]; }
	eventually full
	[ "$(jq -r .error answer)" = spool_full ]
	grep -qi '^Retry-After:' head
	stop
	[ "$(rows | wc -l)" = "$(grep -c 202 codes)" ]
}

@test "a disk that is full: 503, health fails, and what was said to be kept is" {
	serve
	[ "$(track '{"event":"a","event_id":"before"}')" = 202 ]
	stop
	rm err
	(ulimit -f 1; trap '' XFSZ; exec mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 \
		--private 127.0.0.1:0 --spool "$PWD/spool" --url http://127.0.0.1:1 2>err 3>&-) &
	echo $! >pid
	eventually grep -q /healthz err
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
	private=$(sed -n 's/.*127.0.0.1:\([0-9]*\) for .*/\1/p' err)
	[ "$(track '{"event":"a","event_id":"large","properties":{"a":"'"$(times 4000 x)"'"}}')" = 503 ]
	[ "$(curl -s -o health -w '%{http_code}' "http://127.0.0.1:$private/healthz")" = 503 ]
	grep -q 'the disk refused' health
	kill -KILL "$(cat pid)"
	wait "$(cat pid)" || true
	serve
	[ "$(track '{"event":"a","event_id":"large"}')" = 202 ]
	stop
	[ "$(rows | jq -r .event_id | paste -sd ,)" = before,large ]
}

@test "-o -: rows go to a pipeline" {
	mm-serve --keys keys --salt-file salt --listen "unix:$PWD/door" -o - 2>err 3>&- >out &
	echo $! >pid
	eventually grep -q listening err
	curl -s --unix-socket door http://a/v1/track -H "Authorization: Bearer $(cat sk)" -d '{"event":"a"}' -H 'Content-Type:' >answer
	[ "$(cat answer)" = '{"ok":true,"event_id":null}' ]
	[ "$(jq -r .event_name out)" = a ]
	[ "$(curl -s --unix-socket door http://a/v1/stats -H "Authorization: Bearer $(cat rk)" | jq -r .error)" = not_available ]
	stop
	[ ! -e door ]
}

@test "a pipeline that ends: 503, and status 2" {
	mkfifo pipe
	exec 9<>pipe
	mm-serve --keys keys --salt-file salt --listen "unix:$PWD/door" -o - 2>err 3>&- 9>&- >pipe &
	echo $! >pid
	eventually grep -q listening err
	exec 9>&-
	run -0 curl -s --unix-socket door http://a/v1/track -H "Authorization: Bearer $(cat sk)" -d '{"event":"a"}' -H 'Content-Type:'
	[[ $output == *not_stored*pipe* ]]
	ends_with 2 "$(cat pid)"
	rm pid
	grep -q 'standard output' err
}

@test "a prefix" {
	serve --prefix /stats/
	[ "$(post /stats/v1/track sk '{"event":"a"}')" = 202 ]
	[ "$(post /v1/track sk '{"event":"a"}')" = 404 ]
	[ "$(curl -s -o health -w '%{http_code}' "http://127.0.0.1:$private/stats/healthz")" = 200 ]
	stop
}

@test "what is wrong with the call is said" {
	while IFS='|' read -r options words; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-serve $options
		[[ $stderr == *"$words"* ]] || { echo "$options: $stderr"; return 1; }
	done <<-'END'
	--salt-file salt|--keys: which file?
	--keys nowhere --salt-file salt|nowhere
	--keys keys|no salt: make one
	--keys keys --salt-file salt --listen 127.0.0.1|expected ADDRESS:PORT
	--keys keys --salt-file salt --listen 127.0.0.1:99999|expected ADDRESS:PORT
	--keys keys --salt-file salt --trusted-proxy x|--trusted-proxy: expected
	--keys keys --salt-file salt --prefix x|--prefix: expected
	--keys keys --salt-file salt -o file|-o: expected -
	--keys keys --salt-file salt --spool /dev/null/x|/dev/null/x
	--keys keys --salt-file salt --geoip keys|not a usable country database
	END
	chmod 644 keys
	run -2 --separate-stderr mm-serve --keys keys --salt-file salt
	[[ $stderr == *keys* ]]
}

@test "sockets of the service manager, of which one is private" {
	local door inside tries
	# a port may be in use; those from 32768 on are given to clients
	for ((tries = 0; tries < 9; tries++)); do
		door=$((20000 + RANDOM % 6000)) inside=$((26000 + RANDOM % 6000))
		systemd-socket-activate -l 127.0.0.1:$door -l 127.0.0.1:$inside --fdname=door:private \
			"$(command -v mm-serve)" --keys "$PWD/keys" --salt-file "$PWD/salt" --spool "$PWD/spool" \
			--url http://127.0.0.1:1 2>err 3>&- &
		echo $! >pid
		begun() { [ "$(grep -c '^Listening on' err)" = 2 ] || ! kill -0 "$(cat pid)"; }
		eventually begun
		kill -0 "$(cat pid)" && break
	done
	health() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$inside/healthz")" = 200 ]; }
	eventually health
	[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$door/healthz")" = 404 ]
	port=$door
	[ "$(track '{"event":"a"}')" = 202 ]
	stop
	[ "$(rows | wc -l)" = 1 ]
}

@test "it can start no program, and gains no privileges" {
	serve
	grep -qx 'NoNewPrivs:	1' "/proc/$(cat pid)/status"
	grep -qx 'Seccomp:	2' "/proc/$(cat pid)/status"
	stop
}

@test "the unit gives little away" {
	command -v mm-serve >/dev/null
	sed "s,@BIN@,$MM_BIN," "$repo/cmd/serve/mm-serve.service" >mm-serve.service
	cp "$repo"/cmd/serve/*.socket .
	run -0 systemd-analyze security --offline=yes --threshold=15 "$PWD/mm-serve.service"
}

@test "the service manager is told when it is ready, and when it stops" {
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("notify")) or die; $| = 1;
		while (defined recv(S, $_, 99, 0)) { print "$_\n" }' >told 3>&- &
	listener=$!
	eventually test -S notify
	NOTIFY_SOCKET=$PWD/notify serve
	eventually grep -qx READY=1 told
	stop
	eventually grep -qx STOPPING=1 told
	kill $listener
}

@test "behind nginx, as the manual has it" {
	serve --trusted-proxy 127.0.0.1
	front=$((20000 + RANDOM % 10000))
	mkdir -p nginx/body
	{
		printf 'pid %s/nginx/pid; error_log %s/nginx/error; daemon off; master_process off; events {}\nhttp {\naccess_log off;\n' "$PWD" "$PWD"
		for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $PWD/nginx/body;"; done
		printf 'server {\nlisten 127.0.0.1:%s;\n' $front
		sed -n '/^nginx:/,/^.Ed/p' "$repo/man/mm-serve.1" | sed '/^[n.]/d' | sed "s/8080/$port/"
		printf '}\n}\n'
	} >nginx/conf
	grep -q 'X-Forwarded-For $remote_addr' nginx/conf
	nginx -c "$PWD/nginx/conf" 3>&- &
	nginx=$!
	port=$front
	through() { [ "$(track '{"event":"a","event_id":"1"}' -H 'X-Forwarded-For: 203.0.113.7')" = 202 ]; }
	eventually through
	[ "$(post /v1/batch sk "{\"events\":[$(times 999 '{"event":"a"},'){\"event\":\"a\"}]}")" = 202 ]
	[ "$(post /v1/track sk '{"event":7}')" = 400 ]
	kill $nginx
	wait $nginx || true
	stop
	[ "$(rows | wc -l)" = 1001 ]
	# the peer of nginx, not what the client made up
	echo '{"event":"a","ip":"127.0.0.1","received_at":"'"$(date -u +%FT%TZ)"'"}' | mm-enrich --salt-file salt | jq -r .ip_hash >expected
	[ "$(rows | jq -r .ip_hash | sort -u)" = "$(cat expected)" ]
}

@test "backup: a copy of the directory, taken while it runs, starts" {
	serve
	for i in 1 2 3; do track '{"event":"a","event_id":"'$i'"}'; done
	cp -r spool copy
	stop
	rm -r spool
	mv copy spool
	serve
	track '{"event":"a","event_id":"2"}'
	stop
	[ "$(rows | jq -r .event_id | paste -sd ,)" = 1,2,3 ]
}

# script PATH [CURL OPTION]...: the status; the fields in `fields`, the body in `body`.
script() {
	curl -s -D fields -o body -w '%{http_code}\n' "http://127.0.0.1:$port/stats$1" "${@:2}"
}

# field NAME: of the last answer.
field() {
	tr -d '\r' <fields | sed -n "s/^$1: //Ip"
}

@test "the browser script: for any page, kept by browsers, compressed where that is taken" {
	local source=$repo/clients/browser/a.min.js kept
	serve --prefix /stats
	[ "$(script /v1/a.js)" = 200 ]
	cmp body "$source"
	[ "$(field content-type)" = 'text/javascript; charset=utf-8' ]
	[ "$(field cache-control)" = 'public, max-age=3600' ]
	[ "$(field access-control-allow-origin)" = '*' ]
	[ "$(field cross-origin-resource-policy)" = cross-origin ]
	[ "$(field x-content-type-options)" = nosniff ]
	[ "$(field vary)" = Accept-Encoding ]
	[ -z "$(field content-encoding)" ]
	etag=$(field etag) kept=$(field content-location)
	[ "$kept" = "a-$(sha384sum <"$source" | cut -c1-16).js" ]

	[ "$(script "/v1/$kept")" = 200 ]
	cmp body "$source"
	[ "$(field cache-control)" = 'public, max-age=31536000, immutable' ]
	[ -z "$(field content-location)" ]
	[ "$(script /v1/a-0123456789abcdef.js)" = 404 ]

	for accepted in gzip 'br, gzip;q=0.5, *;q=0' 'deflate,gzip ; q=1.0'; do
		[ "$(script /v1/a.js -H "Accept-Encoding: $accepted")" = 200 ]
		[ "$(field content-encoding)" = gzip ]
		gzip -d <body | cmp - "$source"
		[ "$(field etag)" != "$etag" ]
	done
	for accepted in br 'gzip;q=0' 'gzip; q=0.000, br' identity; do
		[ "$(script /v1/a.js -H "Accept-Encoding: $accepted")" = 200 ]
		[ -z "$(field content-encoding)" ]
	done

	for known in "$etag" "W/$etag" "\"x\", $etag" '*' "$(field etag | sed 's/"$/-gzip"/')"; do
		rm -f body
		[ "$(script /v1/a.js -H "If-None-Match: $known")" = 304 ]
		[ ! -s body ]
		[ "$(field etag)" = "$etag" ]
		[ -z "$(field content-type)" ]
	done
	[ "$(script /v1/a.js -H 'If-None-Match: "x"')" = 200 ]

	[ "$(script /v1/a.js -I)" = 200 ]
	[ "$(field content-length)" = "$(wc -c <"$source")" ]
	[ "$(script /v1/a.js -d x)" = 405 ]
	[ "$(field allow)" = 'GET, HEAD' ]
	stop
}
