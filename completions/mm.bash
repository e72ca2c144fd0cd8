# bash completion for the Millimetric tools; made by completions/generate.sh

_mm_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Names with commas between.
_mm_list() {
	local before=
	[[ $cur == *,* ]] && before=${cur%,*},
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
	[[ ${COMPREPLY[0]} == *. ]] && compopt -o nospace 2>/dev/null
}

# The events of the last month, where a server answers at once; names that JSON need not escape.
_mm_event_names() {
	timeout 1 mm-stats --from today-30d --to tomorrow --tz UTC --group-by event_name --limit 100 --format ndjson 2>/dev/null |
		sed -n 's/^{"event_name":"\([^"\\]*\)","value":.*/\1/p'
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
		--max-age) return ;;
		--max-bytes) return ;;
		-n|--max-events) return ;;
		--max-line) return ;;
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		esac
		_mm_finish "--debatch -d --max-age --max-bytes --max-events -n --max-line --quiet -q --rejects --rejects-new --strict-keys --summary --help -h --version -V" "FILE"
		;;
	mm-classify)
		case $prev in
		--fbclid) _mm_words "paid social"; return ;;
		--host) return ;;
		--hosts) _mm_files -f; return ;;
		--max-line) return ;;
		--referrer) return ;;
		--rejects) _mm_files -f; return ;;
		--rules) _mm_words "all documented"; return ;;
		--summary) _mm_words "text json"; return ;;
		--url) return ;;
		esac
		_mm_finish "--explain --fbclid --host --hosts --list-rules --max-line --only-changed --quiet -q --referrer --rejects --rejects-new --rules --summary --url --help -h --version -V" "FILE"
		;;
	mm-clickhouse)
		case $prev in
		-d|--directory) _mm_files -d; return ;;
		--engine) _mm_files -f; return ;;
		--memory) return ;;
		--password-file) _mm_files -f; return ;;
		--port) return ;;
		esac
		_mm_finish "--directory -d --engine --memory --password-file --port --wait --help -h --version -V" "COMMAND"
		;;
	mm-dedup)
		case $prev in
		--by) return ;;
		--learn) _mm_files -f; return ;;
		--max-line) return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--state) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--window) return ;;
		--within) return ;;
		esac
		_mm_finish "--by --learn --max-line --project --quiet -q --rejects --rejects-new --state --summary --window --within --help -h --version -V" "FILE"
		;;
	mm-enrich)
		case $prev in
		--bots) _mm_words "keep drop mark"; return ;;
		--bots-file) _mm_files -f; return ;;
		--fbclid) _mm_words "paid social"; return ;;
		--geoip) _mm_files -f; return ;;
		--hosts) _mm_files -f; return ;;
		-j|--jobs) return ;;
		--late) _mm_words "keep clamp reject"; return ;;
		--max-age) return ;;
		--max-future) return ;;
		--max-line) return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--rules) _mm_words "all documented"; return ;;
		--salt-file) _mm_files -f; return ;;
		--strip-params) return ;;
		--summary) _mm_words "text json"; return ;;
		--visitor) _mm_words "event daily"; return ;;
		esac
		_mm_finish "--bots --bots-file --deterministic --fbclid --fix-skew --geoip --hosts --jobs -j --late --max-age --max-future --max-line --no-ip-hash --project --quiet -q --rejects --rejects-new --rules --salt-file --strip-params --summary --visitor --help -h --version -V" "FILE"
		;;
	mm-forget)
		case $prev in
		--database) return ;;
		--max-line) return ;;
		--password-file) _mm_files -f; return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--salt-file) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--url) return ;;
		esac
		_mm_finish "--allow --database --dry-run --linked --max-line --password-file --project --quiet -q --rebuild --recount --rejects --rejects-new --salt-file --summary --url --wait --help -h --version -V" "FILE"
		;;
	mm-funnel)
		case $prev in
		--by) _mm_words "anonymous_id user_id"; return ;;
		--compare) return ;;
		--database) return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--from) return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--step) _mm_events; return ;;
		--to) return ;;
		--tz) return ;;
		--url) return ;;
		--window) return ;;
		esac
		_mm_finish "--ascii --by --compare --database --explain --format --from --password-file --period --project --step --to --tz --url --window --help -h --version -V" ""
		;;
	mm-hash-ip)
		case $prev in
		--date) return ;;
		--date-key) return ;;
		--key) return ;;
		--max-line) return ;;
		--rejects) _mm_files -f; return ;;
		--salt-file) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		esac
		_mm_finish "--check --date --date-key --key --key-id --max-line --plain --quiet -q --rejects --rejects-new --salt-file --summary --text --help -h --version -V" "FILE"
		;;
	mm-identify)
		case $prev in
		--max-line) return ;;
		--rejects) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		esac
		_mm_finish "--max-line --quiet -q --rejects --rejects-new --strict-keys --summary --help -h --version -V" "FILE"
		;;
	mm-import)
		case $prev in
		--ip-field) return ;;
		--keep) return ;;
		--map) _mm_files -f; return ;;
		--max-line) return ;;
		--rejects) _mm_files -f; return ;;
		--scheme) _mm_words "http https"; return ;;
		--site) return ;;
		--skip-path) return ;;
		--state) _mm_files -f; return ;;
		--summary) _mm_words "text json"; return ;;
		--trusted-proxy) return ;;
		esac
		_mm_finish "--follow --ip-field --keep --map --max-line --quiet -q --rejects --rejects-new --scheme --site --skip-path --state --summary --trusted-proxy --help -h --version -V" "FILE"
		;;
	mm-insert)
		case $prev in
		--cacert) _mm_files -f; return ;;
		--compress) _mm_words "auto none gzip zstd"; return ;;
		--connections) return ;;
		--database) return ;;
		--drain) _mm_files -d; return ;;
		--format) _mm_words "native json"; return ;;
		--max-age) return ;;
		--max-bytes) return ;;
		--max-line) return ;;
		--max-rows) return ;;
		--password-file) _mm_files -f; return ;;
		--rejects) _mm_files -f; return ;;
		--retry-for) return ;;
		--spool) _mm_files -d; return ;;
		--spool-max) return ;;
		--summary) _mm_words "text json"; return ;;
		--table) return ;;
		--timeout) return ;;
		--url) return ;;
		esac
		_mm_finish "--by-partition --cacert --compress --connections --database --drain --follow --format --max-age --max-bytes --max-line --max-rows --password-file --progress --quiet -q --rejects --rejects-new --retry-for --spool --spool-max --summary --table --timeout --url --help -h --version -V" "FILE"
		;;
	mm-key)
		case $prev in
		--batch) return ;;
		--events) return ;;
		--grace) return ;;
		--keys) _mm_files -f; return ;;
		--kind) _mm_words "pk sk rk ak"; return ;;
		--mcp) return ;;
		--name) return ;;
		--origin) return ;;
		--project) return ;;
		--remove) return ;;
		--track) return ;;
		esac
		_mm_finish "--batch --events --grace --keys --kind --mcp --name --origin --project --remove --test --track --help -h --version -V" "check|limits|list|mint|origins|project|revoke|rotate"
		;;
	mm-mcp)
		case $prev in
		--database) return ;;
		--max-line) return ;;
		--password-file) _mm_files -f; return ;;
		--project) return ;;
		--retry-for) return ;;
		--spool) _mm_files -d; return ;;
		--timeout) return ;;
		--url) return ;;
		esac
		_mm_finish "--database --max-line --no-ids --password-file --project --read-only --retry-for --spool --timeout --url --help -h --version -V" ""
		;;
	mm-query)
		case $prev in
		--after) return ;;
		--anonymous-id) return ;;
		--country) return ;;
		--database) return ;;
		--event) _mm_events; return ;;
		--fields) return ;;
		--format) _mm_words "ndjson table csv json"; return ;;
		--from) return ;;
		--limit) return ;;
		--medium) return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--source) return ;;
		--to) return ;;
		--tz) return ;;
		--url) return ;;
		--user-id) return ;;
		--where) return ;;
		esac
		_mm_finish "--after --all --anonymous-id --ascii --country --database --event --explain --fields --format --from --limit --medium --password-file --period --project --source --to --tz --url --user-id --where --help -h --version -V" ""
		;;
	mm-report)
		case $prev in
		--currency) return ;;
		--database) return ;;
		--from) return ;;
		--goal) _mm_events; return ;;
		--mail) return ;;
		--mail-from) return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--rejects) _mm_files -f; return ;;
		--title) return ;;
		--to) return ;;
		--tz) return ;;
		--url) return ;;
		--value) return ;;
		esac
		_mm_finish "--currency --database --explain --from --goal --mail --mail-from --password-file --period --project --rejects --title --to --tz --url --value --help -h --version -V" ""
		;;
	mm-retention)
		case $prev in
		--back) _mm_events; return ;;
		--by) _mm_words "anonymous_id user_id"; return ;;
		--database) return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--from) return ;;
		--interval) _mm_words "day week"; return ;;
		--later) return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--start) _mm_events; return ;;
		--to) return ;;
		--tz) return ;;
		--url) return ;;
		esac
		_mm_finish "--ascii --back --by --database --explain --format --from --interval --later --password-file --period --project --start --to --tz --url --help -h --version -V" ""
		;;
	mm-schema)
		case $prev in
		--cluster) return ;;
		--database) return ;;
		--password-file) _mm_files -f; return ;;
		--retention) return ;;
		--url) return ;;
		esac
		_mm_finish "--check --cluster --database --dry-run --grants --password-file --print --retention --url --help -h --version -V" ""
		;;
	mm-send)
		case $prev in
		--cacert) _mm_files -f; return ;;
		--drain) _mm_files -d; return ;;
		--key-file) _mm_files -f; return ;;
		--max-age) return ;;
		--max-bytes) return ;;
		-n|--max-events) return ;;
		--max-line) return ;;
		--parallel) return ;;
		--rejects) _mm_files -f; return ;;
		--retry-for) return ;;
		--spool) _mm_files -d; return ;;
		--spool-max) return ;;
		--summary) _mm_words "text json"; return ;;
		--timeout) return ;;
		--url) return ;;
		esac
		_mm_finish "--allow-http --cacert --drain --follow --key-file --max-age --max-bytes --max-events -n --max-line --parallel --progress --quiet -q --rejects --rejects-new --retry-for --spool --spool-max --summary --timeout --url --help -h --version -V" "FILE"
		;;
	mm-serve)
		case $prev in
		--bots) _mm_words "keep drop mark"; return ;;
		--bots-file) _mm_files -f; return ;;
		--cacert) _mm_files -f; return ;;
		--connections) return ;;
		--database) return ;;
		--fbclid) _mm_words "paid social"; return ;;
		--geoip) _mm_files -f; return ;;
		--hosts) _mm_files -f; return ;;
		--keys) _mm_files -f; return ;;
		--listen) return ;;
		--max-delay) return ;;
		-o|--output) return ;;
		--password-file) _mm_files -f; return ;;
		--prefix) return ;;
		--private) return ;;
		--rules) _mm_words "all documented"; return ;;
		--salt-file) _mm_files -f; return ;;
		--spool) _mm_files -d; return ;;
		--spool-max) return ;;
		--strip-params) return ;;
		--trusted-proxy) return ;;
		--url) return ;;
		--visitor) _mm_words "daily event"; return ;;
		esac
		_mm_finish "--bots --bots-file --cacert --connections --database --fbclid --geoip --hosts --keys --listen --max-delay --mcp-no-ids --no-deliver --output -o --password-file --prefix --private --quiet -q --rules --salt-file --spool --spool-max --strip-params --trusted-proxy --url --visitor --help -h --version -V" ""
		;;
	mm-sources)
		case $prev in
		--breakdown) _mm_words "source_medium source campaign source_rule_id utm_term utm_content"; return ;;
		--by) _mm_words "events visits"; return ;;
		--compare) return ;;
		--conversion) _mm_events; return ;;
		--currency) return ;;
		--database) return ;;
		--event) _mm_events; return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--from) return ;;
		--limit) return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--to) return ;;
		--touch) _mm_words "first last session"; return ;;
		--tz) return ;;
		--url) return ;;
		--value) return ;;
		--where) return ;;
		esac
		_mm_finish "--ascii --breakdown --by --compare --conversion --currency --database --event --explain --format --from --limit --password-file --period --project --to --touch --tz --url --value --where --help -h --version -V" ""
		;;
	mm-stats)
		case $prev in
		--compare) return ;;
		--database) return ;;
		--event) _mm_events; return ;;
		--format) _mm_words "ndjson table csv json chart"; return ;;
		--from) return ;;
		--group-by) _mm_list "event_name source medium campaign source_rule_id country device_type browser os host referrer utm_term utm_content weekday hour_of_day path url user_id properties. entry_path exit_path"; return ;;
		--interval) _mm_words "hour day week month"; return ;;
		--limit) return ;;
		--metric) _mm_words "count uniques visits pageviews bounce_rate visit_duration views_per_visit events_per_user new returning"; return ;;
		--password-file) _mm_files -f; return ;;
		--period) return ;;
		--project) return ;;
		--to) return ;;
		--tz) return ;;
		--url) return ;;
		--where) return ;;
		esac
		_mm_finish "--ascii --compare --database --event --explain --format --from --group-by --interval --limit --metric --password-file --period --project --to --tz --url --where --help -h --version -V" ""
		;;
	mm-validate)
		case $prev in
		--assert) return ;;
		--assert-mem) return ;;
		--assert-time) return ;;
		--baseline) _mm_files -f; return ;;
		--check-plan) _mm_files -f; return ;;
		--import-plan) _mm_files -f; return ;;
		--max-drift) return ;;
		--max-errors) return ;;
		--max-line) return ;;
		--plan) _mm_files -f; return ;;
		--rejects) _mm_files -f; return ;;
		--report) _mm_files -f; return ;;
		--report-format) _mm_words "text json junit github"; return ;;
		--select) return ;;
		--summary) _mm_words "text json"; return ;;
		--where) return ;;
		esac
		_mm_finish "--assert --assert-mem --assert-time --baseline --check-plan --import-plan --infer-plan --lint-names --max-drift --max-errors --max-line --plan --quiet -q --rejects --rejects-new --report --report-format --select --strict-keys --summary --where --help -h --version -V" "FILE"
		;;
	esac
}

complete -F _mm mm mm-batch mm-classify mm-clickhouse mm-dedup mm-enrich mm-forget mm-funnel mm-hash-ip mm-identify mm-import mm-insert mm-key mm-mcp mm-query mm-report mm-retention mm-schema mm-send mm-serve mm-sources mm-stats mm-validate
