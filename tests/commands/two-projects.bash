# shellcheck shell=bash disable=SC2154,SC2034 # variables of server.bash and of the files that load this
# What the tests of mm-serve's answers share: two projects, whose texts all hold a name,
# and one mm-serve for a file.

A=aaaaaaaa-0000-4000-8000-00000000000a
B=bbbbbbbb-0000-4000-8000-00000000000b

# rows PROJECT NAME COUNT MONTH EVENT [KEY]: those of a project; each text of them, as each EVENT's
# name and the property KEY, holds the name.
rows() {
	jq -nc --arg project "$1" --arg name "$2" --argjson count "$3" --arg month "$4" --arg event "$2 $5" \
		--arg key "${6:-}" '
		range($count) | . as $i | ["$pageview", "signup", "purchase", $event][$i % 4] as $event |
		{
			project_id: $project, timestamp: "\($month)-\(10 + $i % 17) \(10 + $i % 13):\(10 + $i % 50):00.000",
			event_name: $event, event_id: "\($name)-e\($i)", anonymous_id: "\($name)-v\($i % 41)",
			user_id: (if $i % 3 == 0 then "\($name)-u\($i % 7)" else null end), session_id: "\($name)-s\($i % 90)",
			source: ["google", "bing", "\($name) é"][$i % 3], medium: ["organic", "paid", "\($name)-medium"][$i % 3],
			campaign: "\($name)-campaign", url: "https://\($name).example/p\($i % 5)", path: "/\($name)/p\($i % 5)",
			referrer: "https://\($name).example/", country: ["GB", "DE", "FR"][$i % 3],
			device_type: ["desktop", "mobile"][$i % 2], browser: "\($name)-browser", os: "\($name)-os",
			properties: ({plan: ["pro", "free"][$i % 2], amount: $i, of: $name}
				+ (if $key == "" then {} else {"\($name)-\($key)": 1} end) | tojson)
		}'
}

# serve [OPTION]...: starts it; its process id is in `pid`, its URL in SERVER.
serve() {
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --private 127.0.0.1:0 --spool "$PWD/spool" "$@" \
		2>err 3>&- &
	echo $! >pid
	eventually grep -q /healthz err || { cat err; return 1; }
	SERVER=http://127.0.0.1:$(sed -n 's/.*127.0.0.1:\([0-9]*\)$/\1/p' err)
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
	ends_with 0 "$(cat "$BATS_FILE_TMPDIR/pid")"
	engine_stop
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	export MM_CLICKHOUSE_URL=$ENGINE_URL
	SERVER=$(cat server)
}

# end_others FOLDER...: the ones that a test has started there.
end_others() {
	local other
	for other; do
		[ ! -s "$other/pid" ] || kill -KILL "$(cat "$other/pid")" 2>/dev/null || true
	done
}
