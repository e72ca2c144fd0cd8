# bash completion for the Millimetric tools; made by completions/generate.sh

_mm_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Names with commas between.
_mm_list() {
	local before=
	[[ $cur == *,* ]] && before=${cur%,*},
	local words=$1
	[[ ${cur##*,} != properties.* ]] || words=$(_mm_property_names | sed 's/^/properties./')
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "${cur##*,}")
	[[ ${COMPREPLY[0]} == *. ]] && compopt -o nospace 2>/dev/null
}

# The events of the last month, where a server answers at once; names that JSON need not escape.
_mm_event_names() {
	timeout 1 mm-stats --from today-30d --to tomorrow --tz UTC --group-by event_name --limit 100 --format ndjson 2>/dev/null |
		sed -n 's/^{"event_name":"\([^"\\]*\)","value":.*/\1/p'
}

# The properties of the last week, likewise; of names that need no quotes.
_mm_property_names() {
	echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_properties","arguments":{"period":"-7d","limit":100}}}' |
		timeout 1 mm-mcp --read-only 2>/dev/null | grep -o '"property":"[A-Za-z0-9_-]*"' | sed 's/.*:"//; s/"$//'
}

# Never by compgen -W, which would run what stands in a name.
_mm_events() {
	local name
	while IFS= read -r name; do
		printf -v name %q "$name"
		[[ $name == "$cur"* || $name == "\\$cur"* ]] && COMPREPLY+=("$name")
	done < <(_mm_event_names)
}

_mm_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_mm_command() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			if ((COMP_CWORD == i + 1)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			else
				_mm_files -f
			fi
			return 0
		fi
	done
	return 1
}

# $1: the options, $2: what the operands are
_mm_finish() {
	if [[ $2 == COMMAND ]] && _mm_command; then
		return
	fi
	if [[ $cur == -* ]]; then
		_mm_words "$1"
	elif [[ $2 == FILE ]]; then
		_mm_files -f
	elif [[ $2 == *\|* ]]; then
		_mm_words "${2//|/ }"
	fi
}

_mm() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# --name=value arrives as three words
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case ${1##*/} in
	mm)
		_mm_finish "--help -h --version -V" "help|batch|classify|clickhouse|dedup|enrich|forget|funnel|hash-ip|identify|import|insert|key|mcp|query|report|retention|schema|send|serve|sources|stats|validate"
		;;
	mm-batch)
		case $prev in
		-n|--max-events) return ;;
		--max-bytes) return ;;
		--flush-after) return ;;
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--max-events -n --max-bytes --flush-after --debatch -d --rejects --rejects-new --strict-keys --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-classify)
		case $prev in
		--page) return ;;
		--referrer) return ;;
		--host) return ;;
		--rules) _mm_words "all documented"; return ;;
		--fbclid) _mm_words "paid social"; return ;;
		--hosts) _mm_files -f; return ;;
		--rejects) _mm_files -f; return ;;
		-j|--jobs) return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--page --referrer --host --explain --only-changed --list-rules --rules --fbclid --hosts --rejects --rejects-new --jobs -j --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-clickhouse)
		case $prev in
		-d|--directory) _mm_files -d; return ;;
		--memory) return ;;
		--port) return ;;
		--password-file) _mm_files -f; return ;;
		--engine) _mm_files -f; return ;;
		esac
		_mm_finish "--directory -d --wait --memory --port --password-file --engine --help -h --version -V" "COMMAND"
		;;
	mm-dedup)
		case $prev in
		--state) _mm_files -f; return ;;
		--by) return ;;
		--within) return ;;
		--remember) return ;;
		--learn) _mm_files -f; return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--state --by --within --remember --learn --project --rejects --rejects-new --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-enrich)
		case $prev in
		--salt-file) _mm_files -f; return ;;
		--geoip) _mm_files -f; return ;;
		--visitor) _mm_words "event daily"; return ;;
		--bots) _mm_words "keep drop mark"; return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--strip-params) return ;;
		-j|--jobs) return ;;
		--summary) _mm_words "text json"; return ;;
		--late) _mm_words "keep clamp reject"; return ;;
		--max-age) return ;;
		--max-future) return ;;
		--fbclid) _mm_words "paid social"; return ;;
		--hosts) _mm_files -f; return ;;
		--bots-file) _mm_files -f; return ;;
		--rules) _mm_words "all documented"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--salt-file --geoip --visitor --bots --project --rejects --rejects-new --deterministic --strip-params --jobs -j --summary --quiet -q --late --max-age --max-future --fix-skew --fbclid --hosts --bots-file --rules --no-ip-hash --max-line --help -h --version -V" "FILE"
		;;
	mm-forget)
		case $prev in
		--salt-file) _mm_files -f; return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--salt-file --linked --dry-run --wait --rebuild --recount --allow --project --rejects --rejects-new --summary --quiet -q --url --database --password-file --max-line --help -h --version -V" "FILE"
		;;
	mm-funnel)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--step) _mm_events; return ;;
		--window) return ;;
		--by) _mm_words "anonymous_id user_id"; return ;;
		--group-by) _mm_list "event_name source medium campaign source_rule_id country device_type browser os host referrer utm_term utm_content weekday hour_of_day path url user_id properties. entry_path exit_path"; return ;;
		--compare) return ;;
		--limit) return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --step --window --by --group-by --compare --limit --format --project --url --database --password-file --explain --ascii --help -h --version -V" ""
		;;
	mm-hash-ip)
		case $prev in
		--salt-file) _mm_files -f; return ;;
		--key) return ;;
		--date-key) return ;;
		--date) return ;;
		--rejects) _mm_files -f; return ;;
		-j|--jobs) return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--salt-file --key --text --plain --date-key --date --check --key-id --rejects --rejects-new --jobs -j --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-identify)
		case $prev in
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--rejects --rejects-new --strict-keys --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-import)
		case $prev in
		--site) return ;;
		--state) _mm_files -f; return ;;
		--trusted-proxy) return ;;
		--ip-field) return ;;
		--skip-path) return ;;
		--keep) return ;;
		--scheme) _mm_words "http https"; return ;;
		--map) _mm_files -f; return ;;
		--rejects) _mm_files -f; return ;;
		-j|--jobs) return ;;
		--summary) _mm_words "text json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--site --follow --state --trusted-proxy --ip-field --skip-path --keep --scheme --map --rejects --rejects-new --jobs -j --summary --quiet -q --max-line --help -h --version -V" "FILE"
		;;
	mm-insert)
		case $prev in
		--rejects) _mm_files -f; return ;;
		--spool) _mm_files -d; return ;;
		--drain) _mm_files -d; return ;;
		--flush-after) return ;;
		--retry-for) return ;;
		--table) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		--cacert) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--max-rows) return ;;
		--max-bytes) return ;;
		--connections) return ;;
		--spool-max) return ;;
		--timeout) return ;;
		--compress) _mm_words "auto none gzip zstd"; return ;;
		--wire-format) _mm_words "native json"; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--rejects --rejects-new --follow --spool --drain --flush-after --retry-for --by-partition --table --url --database --password-file --cacert --summary --quiet -q --progress --max-rows --max-bytes --connections --spool-max --timeout --compress --wire-format --max-line --help -h --version -V" "FILE"
		;;
	mm-key)
		case $prev in
		--keys) _mm_files -f; return ;;
		--kind) _mm_words "pk sk rk ak"; return ;;
		--project) return ;;
		--origin) return ;;
		--remove) return ;;
		--name) return ;;
		--grace) return ;;
		--mcp) return ;;
		--track) return ;;
		--batch) return ;;
		--events) return ;;
		esac
		_mm_finish "--keys --kind --project --origin --remove --name --test --grace --mcp --track --batch --events --help -h --version -V" "check|limits|list|mint|origins|project|revoke|rotate"
		;;
	mm-mcp)
		case $prev in
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		--spool) _mm_files -d; return ;;
		--retry-for) return ;;
		--timeout) return ;;
		--max-line) return ;;
		esac
		_mm_finish "--project --read-only --no-ids --url --database --password-file --spool --retry-for --timeout --max-line --help -h --version -V" ""
		;;
	mm-query)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--event) _mm_events; return ;;
		--where) return ;;
		--source) return ;;
		--medium) return ;;
		--country) return ;;
		--user-id) return ;;
		--anonymous-id) return ;;
		--fields) return ;;
		--limit) return ;;
		--after) return ;;
		--format) _mm_words "ndjson table csv json"; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --event --where --source --medium --country --user-id --anonymous-id --fields --limit --all --after --format --project --url --database --password-file --explain --ascii --help -h --version -V" ""
		;;
	mm-report)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--goal) _mm_events; return ;;
		--value) _mm_words "$(_mm_property_names)"; return ;;
		--currency) _mm_words "$(_mm_property_names)"; return ;;
		--mail) return ;;
		--mail-from) return ;;
		--title) return ;;
		--rejects) _mm_files -f; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --goal --value --currency --mail --mail-from --title --rejects --project --url --database --password-file --explain --help -h --version -V" ""
		;;
	mm-retention)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--start) _mm_events; return ;;
		--back) _mm_events; return ;;
		--interval) _mm_words "day week"; return ;;
		--later) return ;;
		--by) _mm_words "anonymous_id user_id"; return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --start --back --interval --later --by --format --project --url --database --password-file --explain --ascii --help -h --version -V" ""
		;;
	mm-schema)
		case $prev in
		--retention) return ;;
		--cluster) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--check --dry-run --print --grants --retention --cluster --url --database --password-file --help -h --version -V" ""
		;;
	mm-send)
		case $prev in
		--api) return ;;
		--key-file) _mm_files -f; return ;;
		--rejects) _mm_files -f; return ;;
		--spool) _mm_files -d; return ;;
		--drain) _mm_files -d; return ;;
		--retry-for) return ;;
		--flush-after) return ;;
		--summary) _mm_words "text json"; return ;;
		-n|--max-events) return ;;
		--max-bytes) return ;;
		--parallel) return ;;
		--spool-max) return ;;
		--timeout) return ;;
		--cacert) _mm_files -f; return ;;
		--max-line) return ;;
		esac
		_mm_finish "--api --key-file --follow --rejects --rejects-new --spool --drain --retry-for --flush-after --summary --quiet -q --progress --max-events -n --max-bytes --parallel --spool-max --timeout --cacert --allow-http --max-line --help -h --version -V" "FILE"
		;;
	mm-serve)
		case $prev in
		--keys) _mm_files -f; return ;;
		--salt-file) _mm_files -f; return ;;
		--listen) return ;;
		--private) return ;;
		--geoip) _mm_files -f; return ;;
		--trusted-proxy) return ;;
		--prefix) return ;;
		--spool) _mm_files -d; return ;;
		--spool-max) return ;;
		--visitor) _mm_words "daily event"; return ;;
		--bots) _mm_words "keep drop mark"; return ;;
		--strip-params) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		--cacert) _mm_files -f; return ;;
		--max-delay) return ;;
		-o|--output) return ;;
		--fbclid) _mm_words "paid social"; return ;;
		--hosts) _mm_files -f; return ;;
		--bots-file) _mm_files -f; return ;;
		--rules) _mm_words "all documented"; return ;;
		--max-connections) return ;;
		esac
		_mm_finish "--keys --salt-file --listen --private --geoip --trusted-proxy --prefix --spool --spool-max --visitor --bots --strip-params --url --database --password-file --cacert --quiet -q --max-delay --no-deliver --output -o --mcp-no-ids --fbclid --hosts --bots-file --rules --max-connections --help -h --version -V" ""
		;;
	mm-sources)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--by) _mm_words "events visits"; return ;;
		--breakdown) _mm_words "source_medium source campaign source_rule_id utm_term utm_content"; return ;;
		--conversion) _mm_events; return ;;
		--value) _mm_words "$(_mm_property_names)"; return ;;
		--currency) _mm_words "$(_mm_property_names)"; return ;;
		--touch) _mm_words "first last session"; return ;;
		--event) _mm_events; return ;;
		--where) return ;;
		--compare) return ;;
		--limit) return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --by --breakdown --conversion --value --currency --touch --event --where --compare --limit --format --project --url --database --password-file --explain --ascii --help -h --version -V" ""
		;;
	mm-stats)
		case $prev in
		--from) return ;;
		--to) return ;;
		--period) return ;;
		--tz) return ;;
		--metric) _mm_words "count uniques visits pageviews bounce_rate visit_duration views_per_visit events_per_user new returning"; return ;;
		--event) _mm_events; return ;;
		--group-by) _mm_list "event_name source medium campaign source_rule_id country device_type browser os host referrer utm_term utm_content weekday hour_of_day path url user_id properties. entry_path exit_path"; return ;;
		--interval) _mm_words "hour day week month"; return ;;
		--where) return ;;
		--compare) return ;;
		--limit) return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--project) return ;;
		--url) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		esac
		_mm_finish "--from --to --period --tz --metric --event --group-by --interval --where --compare --limit --format --project --url --database --password-file --explain --ascii --help -h --version -V" ""
		;;
	mm-validate)
		case $prev in
		--rejects) _mm_files -f; return ;;
		--plan) _mm_files -f; return ;;
		--assert) return ;;
		--assert-if) return ;;
		--select) return ;;
		--max-errors) return ;;
		--report) _mm_files -f; return ;;
		--report-format) _mm_words "text json junit github"; return ;;
		--baseline) _mm_files -f; return ;;
		--max-drift) return ;;
		-j|--jobs) return ;;
		--summary) _mm_words "text json"; return ;;
		--import-plan) _mm_files -f; return ;;
		--check-plan) _mm_files -f; return ;;
		--assert-mem) return ;;
		--assert-time) return ;;
		--max-line) return ;;
		esac
		_mm_finish "--rejects --rejects-new --plan --assert --assert-if --select --strict-keys --max-errors --report --report-format --baseline --max-drift --jobs -j --summary --quiet -q --infer-plan --import-plan --check-plan --lint-names --assert-mem --assert-time --max-line --help -h --version -V" "FILE"
		;;
	esac
}

complete -F _mm mm mm-batch mm-classify mm-clickhouse mm-dedup mm-enrich mm-forget mm-funnel mm-hash-ip mm-identify mm-import mm-insert mm-key mm-mcp mm-query mm-report mm-retention mm-schema mm-send mm-serve mm-sources mm-stats mm-validate
