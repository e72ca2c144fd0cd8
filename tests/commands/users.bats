#!/usr/bin/env bats
# The commands as users of ClickHouse who may do little: what 'mm-schema --grants'
# prints is what each of them has, and nothing else.

bats_require_minimum_version 1.5.0
load helper
load server

DB=web

# granted ROLE: the role's rights as the file of users has them.
granted() {
	mm-schema --grants --database "$DB" |
		sed -n "s/^\(GRANT .*\) TO \`${DB}_$1\`;\$/<query>\1<\/query>/p" | sed 's/`//g'
}

# user NAME PROFILE QUOTA ROLE
user() {
	echo "<$1><password>secret</password><networks><ip>127.0.0.1</ip></networks>" \
		"<profile>$2</profile><quota>$3</quota><grants>$(granted "$4")</grants></$1>"
}

config() {
	cat <<-E
		<clickhouse>
		<listen_host>127.0.0.1</listen_host><http_port>$1</http_port><tcp_port>$2</tcp_port>
		<timezone>UTC</timezone><mlock_executable>false</mlock_executable>
		<path>$USERS_DIR/data/</path><tmp_path>$USERS_DIR/tmp/</tmp_path>
		<user_files_path>$USERS_DIR/files/</user_files_path>
		<access_control_improvements>
		<select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
		<select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
		<on_cluster_queries_require_cluster_grant>true</on_cluster_queries_require_cluster_grant>
		</access_control_improvements>
		<user_directories><users_xml><path>$USERS_DIR/config.xml</path></users_xml></user_directories>
		<profiles>
		<default/>
		<readonly1><readonly>1</readonly></readonly1>
		<readonly2><readonly>2</readonly></readonly2>
		<odd><readonly>1</readonly>
		<output_format_json_quote_64bit_integers>1</output_format_json_quote_64bit_integers>
		<output_format_json_escape_forward_slashes>1</output_format_json_escape_forward_slashes>
		<join_use_nulls>1</join_use_nulls></odd>
		<bounded><max_memory_usage>2000000000</max_memory_usage><constraints>
		<max_memory_usage><max>2000000000</max></max_memory_usage>
		<max_threads><const/></max_threads><max_execution_time><const/></max_execution_time>
		</constraints></bounded>
		</profiles>
		<quotas><default/>
		<few><interval><duration>3600</duration><queries>1</queries></interval></few>
		</quotas>
		<users>
		<default><password></password><networks><ip>127.0.0.1</ip></networks>
		<profile>default</profile><quota>default</quota></default>
		$(user reader readonly1 default reader)
		$(user reader2 readonly2 default reader)
		$(user odd odd default reader)
		$(user bounded_reader bounded default reader)
		$(user few readonly1 few reader)
		$(user inserter default default inserter)
		$(user bounded_inserter bounded default inserter)
		$(user forgetter default default forgetter)
		$(user owner default default owner)
		</users>
		</clickhouse>
	E
}

setup_file() {
	local base=$BATS_FILE_TMPDIR ports program library
	[ ! -w /dev/shm ] || base=/dev/shm
	USERS_DIR=$(mktemp -d "$base/mm-users.XXXXXX")
	export USERS_DIR
	ports=$(node -e 'const s = [1, 2].map(() => require("net").createServer().listen(0, "127.0.0.1"));
		setTimeout(() => { console.log(...s.map((x) => x.address().port)); process.exit(); }, 100)')
	read -r http tcp <<<"$ports"
	config "$http" "$tcp" >"$USERS_DIR/config.xml"
	library=$("$repo/cmd/setup/engine.sh")
	program=$(realpath "$BUILD/tests/engine-tcp")
	mkfifo "$USERS_DIR/input"
	(cd "$USERS_DIR" && TZ=UTC exec "$program" "$library" "$USERS_DIR/config.xml") \
		<>"$USERS_DIR/input" >"$USERS_DIR/log" 2>&1 3>&- &
	echo $! >"$USERS_DIR/pid"
	export USERS_URL=http://127.0.0.1:$http/
	export MM_CLICKHOUSE_URL=$USERS_URL MM_CLICKHOUSE_DATABASE=$DB
	eventually curl -sS --fail "$MM_CLICKHOUSE_URL" -d 'SELECT 1' || { cat "$USERS_DIR/log" >&2; return 1; }
	salt
	gen_events -n 3000 --invalid 0 --end 2026-06-30 | mm-enrich -q >"$USERS_DIR/rows"
	as owner mm-schema
	as inserter mm-insert --spool "$USERS_DIR/spool" "$USERS_DIR/rows"
}

teardown_file() {
	kill -KILL "$(cat "$USERS_DIR/pid")"
	rm -rf "$USERS_DIR"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
	export MM_CLICKHOUSE_URL=$USERS_URL MM_CLICKHOUSE_DATABASE=$DB
	unset COLUMNS NO_COLOR
}

# as USER COMMAND...
as() {
	MM_CLICKHOUSE_USER=$1 MM_CLICKHOUSE_PASSWORD=secret "${@:2}"
}

# admin SQL: as somebody who may do everything.
admin() {
	curl -sS --fail-with-body "$MM_CLICKHOUSE_URL?database=$DB" --data-binary "$1"
}

@test "a password without a user is that of the user default" {
	MM_CLICKHOUSE_PASSWORD=another run -2 --separate-stderr mm-schema --check
	[[ $stderr == *": default: Authentication failed"* ]]
}

# All questions that can be asked.
questions() {
	local p=(--from 2026-05-01 --to 2026-07-01) zone by
	mm-query "${p[@]}" --limit 1000
	for zone in UTC Europe/Berlin Australia/Lord_Howe; do
		mm-stats "${p[@]}" --interval week --tz $zone
		mm-stats "${p[@]}" --interval day --metric uniques --group-by source --limit 1000 --tz $zone
		mm-stats "${p[@]}" --interval hour --limit 1000 --tz $zone
		mm-retention "${p[@]}" --interval week --tz $zone
	done
	mm-stats "${p[@]}" --group-by path,browser
	mm-sources "${p[@]}"
	mm-sources "${p[@]}" --conversion purchase --value amount_cents
	for by in anonymous_id user_id; do
		mm-funnel "${p[@]}" --step '$pageview' --step signup --by $by
		mm-retention "${p[@]}" --by $by
	done
	mm-report "${p[@]}" --title T | grep -v '<dt>Made'
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"schema://events"}}' \
		'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"query_events","arguments":{"from":"2026-05-01","to":"2026-07-01","limit":20}}}' \
		'{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"funnel","arguments":{"from":"2026-05-01","to":"2026-07-01","steps":["$pageview","signup"],"by":"user_id"}}}' |
		mm-mcp --read-only | jq -c 'select(.error) // .result'
}

@test "users with readonly=1, readonly=2, odd settings and constraints get the answers that all get" {
	questions >expected
	[ "$(wc -l <expected)" -gt 1500 ]
	run grep -c '"error"' expected
	[ "$output" = 0 ]
	for user in reader reader2 odd bounded_reader; do
		echo "$user"
		as "$user" questions >found
		diff expected found
	done
}

@test "what --explain prints needs no setting either" {
	run mm-stats --from 2026-05-01 --to 2026-07-01 --interval hour --tz Europe/Berlin --explain
	[[ $output != *SETTINGS* ]]
	run grep -v '^SET param_' <<< "$output"
	[[ $output != *"SET "* ]]
}

@test "who may only insert can insert, and all three tables get the rows" {
	for user in inserter bounded_inserter; do
		sed "s/\"event_id\":\"/&$user/" "$USERS_DIR/rows" >rows
		as "$user" mm-insert --spool spool rows
		run ! as "$user" mm-query --from 2026-01-01
	done
	[ "$(admin "SELECT count(), countIf(event_id LIKE 'inserter%'), countIf(event_id LIKE 'bounded%') FROM events")" = \
		"9000	3000	3000" ]
	[ "$(admin "SELECT sum(events) FROM daily_rollup")" = 9000 ]
	[ "$(admin "SELECT sum(events) FROM sessions_v")" = 9000 ]
}

@test "who may only insert gets bad rows apart as everybody does" {
	sed -n 1p "$USERS_DIR/rows" | sed 's/"event_id":"/&good/' >rows
	sed -n 2p "$USERS_DIR/rows" | sed 's/"timestamp":"[^"]*"/"timestamp":"no"/' >>rows
	before=$(admin "SELECT count() FROM events")
	run -1 --separate-stderr as inserter mm-insert --spool spool --rejects rejects rows
	[ "$(jq -r .line rejects)" = 2 ]
	[ "$(admin "SELECT count() FROM events")" = $((before + 1)) ]
}

@test "who may only read is told so by what writes" {
	run -2 --separate-stderr as reader mm-insert --spool spool "$USERS_DIR/rows"
	[[ $stderr == *"ClickHouse code "* ]]
	[[ $stderr == *"the user "* ]]
}

@test "what is lacking is told by its grant, without the columns" {
	run -2 --separate-stderr as inserter mm-insert --spool spool --table daily_rollup "$USERS_DIR/rows"
	[[ $stderr == *"ClickHouse code 497 ACCESS_DENIED: the user lacks the grant INSERT ON web.daily_rollup;"* ]]
}

@test "a quota that is used up may pass: status 75" {
	as few mm-query --from 2026-05-01 --limit 1
	run -75 --separate-stderr as few mm-query --from 2026-05-01 --limit 1
	[[ $stderr == *"code 201 QUOTA_EXCEEDED"* ]]
}

@test "who makes the tables can check and change them; others' tables are none of theirs" {
	as owner mm-schema --check
	as owner mm-schema --retention 4000
	as owner mm-schema --check --retention 4000
	as owner mm-schema --retention 0
	run ! as owner mm-schema --database other
}

@test "who forgets people can do that, with --rebuild" {
	id=$(jq -r .anonymous_id "$USERS_DIR/rows" | head -1)
	echo "{\"anonymous_id\":\"$id\"}" | as forgetter mm-forget --rebuild --wait >audit
	[ "$(admin "SELECT count() FROM events WHERE anonymous_id = '$id'")" = 0 ]
	[ "$(admin "SELECT count() FROM sessions_v WHERE anonymous_id = '$id'")" = 0 ]
}

@test "--grants is SQL, also for a cluster" {
	for option in '' '--cluster two'; do
		# shellcheck disable=SC2086 # two words
		mm-schema --grants $option >grants
		grep -c '^GRANT ' grants
		while read -r statement; do
			curl -sS --fail-with-body "$MM_CLICKHOUSE_URL" -G --data-urlencode "param_q=${statement%;}" \
				--data-urlencode 'query=SELECT formatQuerySingleLine({q:String})'
		done < <(grep -v '^--' grants | grep .)
	done
}
