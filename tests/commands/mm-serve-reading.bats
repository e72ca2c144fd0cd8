#!/usr/bin/env bats
# mm-serve: questions, the report and forgetting, of two projects with a key each.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094,SC2317,SC2086

bats_require_minimum_version 1.5.0
load helper
load server
load two-projects

setup_file() {
	engine_start
	cd "$BATS_FILE_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	mm-schema
	{ rows $A only-a 600 2026-05 'a+b&c=d%25'; rows $B only-b 600 2026-05 'a+b&c=d%25'; } | put
	(umask 077 && printf '0123456789abcdef-test-salt\n' >salt)
	mm-key mint --keys keys --kind rk --project $A >rk.$A
	mm-key mint --keys keys --kind rk --project $B >rk.$B
	mm-key mint --keys keys --kind sk --project $A >sk.$A
	mm-key mint --keys keys --kind sk --project $B >sk.$B
	mm-key limits --keys keys --project $A --track off --batch off
	mm-key limits --keys keys --project $B --track off --batch off
	serve
	echo "$SERVER" >server
}

teardown() {
	end_others away nowhere
}

# get PROJECT PATH [CURL OPTION]...: the answer, with the key of the project; its status is in `code`.
get() {
	curl -s -o answer -w '%{http_code}' "$SERVER$2" -H "Authorization: Bearer $(cat "rk.$1")" "${@:3}" >code
	cat answer
}

# lacks PATTERN FILE...: no file has it.
lacks() {
	if grep -E -e "$@"; then return 1; fi
}

send() {
	curl -s -o answer -w '%{http_code}' "$SERVER$2" -d "$3" -H "Authorization: Bearer $(cat "sk.$1")" \
		-H 'Content-Type: application/json'
}

# expect ROUTE QUERY [OPTION]...: the answer is what the command prints of that project, and has rows.
expect() {
	local project
	for project in $A $B; do
		get "$project" "/v1/$1?$2" >got
		[ "$(cat code)" = 200 ] || { cat got; return 1; }
		"mm-$1" --project "$project" --format json "${@:3}" >expected
		cmp got expected || { echo "$1 $2"; head -c 400 got expected; return 1; }
		# byte for byte, also as lines
		"mm-$1" --project "$project" "${@:3}" 2>/dev/null | tr '\n' , | sed 's/,$//' >lines
		[ "$(sed 's/.*"rows":\[//;s/\]}$//' got)" = "$(cat lines)" ]
		[ -s lines ] || { echo "no rows: $1 $2"; return 1; }
	done
}

@test "query: the events are those of mm-query, by each parameter" {
	P=(--period 2026-05)
	expect query 'period=2026-05' "${P[@]}"
	expect query 'from=2026-05-11&to=2026-05-13T12:30:00Z' --from 2026-05-11 --to 2026-05-13T12:30:00Z
	expect query 'from=2026-05-11T01%3A00%3A00%2B02%3A00&to=2026-05-12&limit=3' \
		--from 2026-05-11T01:00:00+02:00 --to 2026-05-12 --limit 3
	expect query 'period=2026-05&limit=1000' "${P[@]}" --limit 1000
	expect query 'period=2026-05-12&tz=America/New_York' --period 2026-05-12 --tz America/New_York
	expect query 'period=2026-05&event=%24pageview' "${P[@]}" --event '$pageview'
	expect query 'period=2026-05&source=google&medium=organic' "${P[@]}" --source google --medium organic
	expect query 'period=2026-05&country=GB' "${P[@]}" --country GB
	get $A '/v1/query?period=2026-05&event=only-a+a%2Bb%26c%3Dd%2525&source=only-a%20%C3%A9' >got
	mm-query --project $A "${P[@]}" --event 'only-a a+b&c=d%25' --source 'only-a é' --format json | cmp - got
	[ "$(jq '.rows | length' got)" -gt 10 ]
	get $A '/v1/query?period=2026-05&user_id=only-a-u3&anonymous_id=only-a-v3' >got
	mm-query --project $A "${P[@]}" --user-id only-a-u3 --anonymous-id only-a-v3 --format json | cmp - got
	[ "$(jq '.rows | length' got)" -gt 0 ]
}

@test "stats: the figures are those of mm-stats, by each parameter" {
	local metric interval group
	P=(--period 2026-05)
	for metric in count uniques visits pageviews bounce_rate visit_duration views_per_visit events_per_user new returning; do
		expect stats "period=2026-05&metric=$metric" "${P[@]}" --metric $metric
		expect stats "from=2026-05-12&to=2026-05-14T10%3A20%3A00Z&metric=$metric&interval=day&tz=Asia%2FTokyo" \
			--from 2026-05-12 --to 2026-05-14T10:20:00Z --metric $metric --interval day --tz Asia/Tokyo
	done
	for interval in hour day week; do
		expect stats "period=2026-05&interval=$interval&limit=20" "${P[@]}" --interval $interval --limit 20
	done
	for group in event_name source medium country device_type browser os path source,medium,country \
		properties.plan,properties.of; do
		expect stats "period=2026-05&group_by=$group" "${P[@]}" --group-by $group
		expect stats "period=2026-05&group_by=$group&event=signup&metric=uniques" "${P[@]}" --group-by $group \
			--event signup --metric uniques
	done
	for group in "" source properties.plan; do
		expect stats "period=2026-05&compare=2026-04${group:+&group_by=$group}" "${P[@]}" --compare 2026-04 ${group:+--group-by $group}
		expect stats "from=2026-05-13&to=2026-05-14&compare=previous${group:+&group_by=$group}" \
			--from 2026-05-13 --to 2026-05-14 --compare previous ${group:+--group-by $group}
	done
	jq -e '.rows[0].previous' got
	for group in campaign host entry_path exit_path; do
		expect stats "period=2026-05&group_by=$group&metric=visits" "${P[@]}" --group-by $group --metric visits
	done
}

@test "sources: the figures are those of mm-sources, by each parameter" {
	P=(--period 2026-05)
	expect sources 'period=2026-05' "${P[@]}"
	expect sources 'period=2026-05&breakdown=source' "${P[@]}" --breakdown source
	expect sources 'period=2026-05&breakdown=source_medium&limit=2' "${P[@]}" --breakdown source_medium --limit 2
	expect sources 'period=2026-05&by=visits&limit=200' "${P[@]}" --by visits --limit 200
	expect sources 'from=2026-05-12&to=2026-05-14&tz=Europe/Berlin&by=events' \
		--from 2026-05-12 --to 2026-05-14 --tz Europe/Berlin --by events
}

# The names that a route says it takes.
names() {
	get $A "/v1/$1?no-such-parameter=1" | jq -r '.details.formErrors[0]' | sed 's/.*expected //;s/,//g'
}

@test "each parameter is an option of the command" {
	local route name
	for route in query stats sources; do
		[[ "$(names $route)" == "from to period tz "*" limit"* ]]
		"mm-$route" --help >help
		for name in $(names $route); do
			grep -Eq -- "--${name//_/-}( |$)" help || { echo "$route: $name"; false; }
		done
	done
}

# tries PATH NAME VALUE: in the form of curl's configuration, into files of $n.
tries() {
	local value=${3//\\/\\\\}
	((n == 0)) || echo next
	n=$((n + 1))
	printf 'url = "%s%s"\nget\ndata-urlencode = "%s=%s"\noutput = "tried.%s.%s"\nwrite-out = "%%{http_code} tried.%s.%s\\n"\n' \
		"$SERVER" "$1" "$2" "${value//\"/\\\"}" "$n" "$2" "$n" "$2"
	printf 'header = "Authorization: Bearer %s"\nsilent\n' "$(<rk.$A)"
}

@test "whatever a parameter says, nobody sees the other's rows" {
	local route name value n=0 period
	values=(only-b "only-b-v3" "only-b-u3" "$B" "' OR 1=1 --" "') OR project_id = '$B' OR ('" "1 UNION ALL SELECT * FROM events"
		'{project:UUID}' "\\' OR 1 --" "signup\\" '%' '"' "2026-05" "source,path" "path" "source" "visits" "" "properties.of=only-b"
		"anonymous_id=only-b-v3" "path^=/only-b/" "source~only" "project_id=$B" "event_name!=" "path=' OR 1=1 --" "previous"
		"1000" "day" "2026-04")
	for route in query stats sources; do
		# the test would see them
		get $B "/v1/$route?period=2026-05&$([ $route = stats ] && echo group_by=path)" | grep -q only-b
		for name in $(names $route) project project_id key where table database group_by; do
			period=period=2026-05
			[[ $name == @(period|from) ]] && period=to=2027-01-01
			[ "$name" = to ] && period=from=2026-01-01
			for value in "${values[@]}"; do
				tries "/v1/$route?$period" "$name" "$value"
			done
		done
		# as headers it means nothing either
		get $A "/v1/$route?period=2026-05&limit=200" -H "X-Project: $B" -H "Cookie: project=$B" >got
		lacks only-b got
	done >config
	curl --config config >codes
	[ "$(wc -l <codes)" = $n ]
	# what was asked is in no answer, but for the key of a property that rows go by, so that only
	# the other's rows can hold it
	[ "$(sed -n 's/^200 //p' codes | xargs grep -L '"rows":\[')" = "" ]
	[ "$(sed -n 's/^200 //p' codes | xargs sed 's/"properties.of=only-b"://g' | grep -c only-b)" = 0 ]
	[ "$(sed -n 's/^400 //p' codes | xargs grep -L '"error":"invalid_')" = "" ]
	[ "$(sed -n 's/^400 //p' codes | xargs grep -l '"rows"')" = "" ]
	[ "$(grep -vc '^[24]00 ' codes)" = 0 ]
	lacks '^200 tried\.[0-9]+\.(project|project_id|key|table|database)$' codes
	[ "$(grep -c ^200 codes)" -gt 200 ]
	rm tried.*
}

@test "many questions at once: each has the answer of its own project" {
	local i
	for ((i = 0; i < 150; i++)); do
		echo "$A only-b"
		echo "$B only-a"
	done >work
	# shellcheck disable=SC2016
	SERVER=$SERVER xargs -P 16 -L 1 bash -c '
		until curl -s -o "got.$$" -w "%{http_code}\n" "$SERVER/v1/query?period=2026-05&limit=50" \
			-H "Authorization: Bearer $(cat "rk.$0")" | grep -q 200; do sleep 0.05; done
		[ "$(jq ".rows | length" "got.$$")" = 50 ] && ! grep -q "$1" "got.$$" && echo right
		rm "got.$$"' <work >results
	[ "$(sort results | uniq -c | tr -s ' ')" = " 300 right" ]
}

@test "what can't be asked is 400, with what would do" {
	local query
	for query in '' 'from=2026-05-01' 'period=2026-05&period=2026-05' 'period=2026-05&event=%ff' \
		'period=2026-05&limit=0' 'period=2026-05&limit=1001' 'period=2026-05&tz=Nowhere' \
		'period=2026-05&metric=revenue' 'period=2026-05&to=now' 'from=now&to=2026-01-01'; do
		get $A "/v1/stats?$query" >got
		[ "$(cat code)" = 400 ] || { echo "$query"; false; }
		[ "$(jq -r .error got)" = invalid_params ] || { echo "$query: $(cat got)"; false; }
		jq -e '.details | (.fieldErrors | add), .formErrors | select(length > 0)' got >/dev/null
	done
	for query in 'period=2026-05&event=%zz' 'period=2026-05&event=100%' 'period=2026-05&event=%00'; do
		get $A "/v1/stats?$query" >got
		[ "$(cat code)" = 400 ] || { echo "$query"; false; }
	done
	get $A '/v1/stats?period=2026-05&group_by=colour' >got
	[ "$(cat code) $(jq -r .error got)" = "400 invalid_group_by" ]
	jq -e '.allowed | index("source") and index("path")' got
}

@test "ClickHouse can't answer: 502, and what it said is for who runs the server" {
	mkdir -p away && cp -p keys* salt away && cp rk.* away && cd away
	MM_CLICKHOUSE_DATABASE=nowhere serve
	get $A '/v1/query?period=2026-05&event=secret-value' >got
	get $A '/report?period=2026-05' >page
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	[ "$(cat code)" = 502 ]
	[ "$(jq -r .error got)" = upstream_failed ]
	lacks 'nowhere|127\.0\.0\.1|secret-value|Code' got page
	grep -q "mm-schema" err
	lacks secret-value err
}

# The page without the moment at which it was made.
timeless() {
	sed -E 's/[0-9]{2}:[0-9]{2}(:[0-9]{2})?//g' "$@"
}

@test "the report is mm-report's page of the key's project" {
	local project
	for project in $A $B; do
		get "$project" '/report?period=2026-05' -D head >page
		[ "$(cat code)" = 200 ]
		grep -iq '^content-type: text/html; charset=utf-8' head
		mm-report --project "$project" --period 2026-05 >expected
		[ "$(timeless page)" = "$(timeless expected)" ]
		grep -q "150" page
	done
	get $A '/report?from=2026-05-12&to=2026-05-14&tz=Asia/Tokyo' >page
	mm-report --project $A --from 2026-05-12 --to 2026-05-14 --tz Asia/Tokyo >expected
	[ "$(timeless page)" = "$(timeless expected)" ]
	lacks only-b page
	get $A "/report?period=2026-05&project=$B" >got
	[ "$(cat code) $(jq -r .error got)" = "400 invalid_params" ]
	get $A "/report" >got
	[ "$(cat code) $(jq -r .error got)" = "400 invalid_params" ]
}

# events_of PROJECT PERSON: how many are stored, hidden ones left out.
events_of() {
	sql "SELECT count() FROM millimetric.events WHERE project_id = '$1' AND ($2)"
}

delivered() {
	[ -z "$(find spool -name '*.ndjson' -o -name '*.open' -size +0)" ]
}

@test "forgetting somebody: their events go, of this project alone, and none comes back" {
	local project
	for project in $A $B; do
		[ "$(send "$project" /v1/track '{"event":"a","user_id":"forget-me","anonymous_id":"fm"}')" = 202 ]
		[ "$(send "$project" /v1/track '{"event":"a","user_id":"stays","anonymous_id":"st"}')" = 202 ]
		stored() { [ "$(events_of "$project" "user_id IN ('forget-me', 'stays')")" = 2 ]; }
		eventually stored
	done
	# one that waits to be stored is refused when its time comes
	[ "$(send $A /v1/track '{"event":"late","user_id":"forget-me","anonymous_id":"fm"}')" = 202 ]
	[ "$(send $A /v1/forget '{"user_id": "forget-me"}')" = 200 ]
	[ "$(cat answer)" = '{"ok":true,"queued":true}' ]
	[ "$(events_of "$A" "user_id = 'forget-me'")" = 0 ]
	[ "$(events_of "$A" "user_id = 'stays'")" = 1 ]
	[ "$(events_of $B "user_id = 'forget-me'")" = 1 ]
	[ "$(send $A /v1/track '{"event":"later","user_id":"forget-me","anonymous_id":"fm"}')" = 202 ]
	[ "$(send $A /v1/track '{"event":"mark","user_id":"stays"}')" = 202 ]
	stored() { [ "$(events_of "$A" "event_name = 'mark'")" = 1 ]; }
	eventually stored
	eventually delivered
	[ "$(events_of "$A" "user_id = 'forget-me'")" = 0 ]
	[ "$(get $A '/v1/query?period=today&user_id=forget-me')" = '{"rows":[]}' ]
	[ "$(get $B '/v1/query?period=today&user_id=forget-me' | jq '.rows | length')" = 1 ]
	# again is no error, and a visitor goes by its own id
	[ "$(send $A /v1/forget '{"user_id": "forget-me"}')" = 200 ]
	[ "$(send $B /v1/forget $'{\n\t"anonymous_id": "fm"\n}\n')" = 200 ]
	[ "$(events_of $B "user_id = 'forget-me'")" = 0 ]
	[ "$(events_of $B "user_id = 'stays'")" = 1 ]
}

@test "forgetting outlives the server, however it ends" {
	[ "$(send $A /v1/track '{"event":"a","user_id":"gone-too","anonymous_id":"gt"}')" = 202 ]
	stored() { [ "$(events_of "$A" "user_id = 'gone-too'")" = 1 ]; }
	eventually stored
	[ "$(send $A /v1/forget '{"user_id":"gone-too"}')" = 200 ]
	kill -KILL "$(cat pid)"
	wait "$(cat pid)" 2>/dev/null || true
	[ "$(events_of "$A" "user_id = 'gone-too'")" = 0 ]
	jq -nc '{project_id: "'$A'", timestamp: "2026-05-20 10:00:00.000", event_name: "back", anonymous_id: "gt", user_id: "gone-too"}' |
		mm-insert -q --spool other 2>said || true
	[ "$(events_of "$A" "user_id = 'gone-too'")" = 0 ]
	serve
	echo "$SERVER" >server
}

@test "forgetting: what names nobody is 400, and what fails is 500" {
	local body
	for body in '{}' '[]' '{"user_id":""}' '{"user_id":null}' '{"user_id":7}' '{"email":"a@example.com"}' \
		'{"user_id":"u","project_id":"'$B'"}' '{"user_id":"u"}{"user_id":"v"}' 'x'; do
		[ "$(send $A /v1/forget "$body")" = 400 ] || { echo "$body: $(cat answer)"; false; }
		jq -e '.error == "invalid_payload" and (.details | has("formErrors"))' answer >/dev/null
	done
	mkdir -p nowhere && cp -p keys* salt nowhere && cp sk.* nowhere && cd nowhere
	serve --url http://127.0.0.1:1
	[ "$(send $A /v1/forget '{"user_id":"secret-person"}')" = 500 ]
	kill "$(cat pid)"
	ends_with 0 "$(cat pid)"
	[ "$(jq -r .error answer)" = forget_failed ]
	lacks '127\.0\.0\.1|secret-person' answer
	grep -q 127.0.0.1:1 err
	lacks secret-person -r .
}
