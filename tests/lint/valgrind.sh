#!/usr/bin/env bash
# The filters under valgrind: no error, nothing leaked.
set -eu -o pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MM_IP_SALT=0123456789abcdef0123456789abcdef
"$BUILD/tests/gen-events" -n 300 --invalid 40 > "$work/events"
check() {
	local status=0
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		"$@" "$work/events" > "$work/out" || status=$?
	# status 1: lines were rejected, as they should be
	test "$status" = 1
	test -s "$work/out"
}
check "$BUILD/bin/mm-validate" --rejects "$work/rejects" --summary json
check "$BUILD/bin/mm-validate" --strict-keys -q
check "$BUILD/bin/mm-enrich" --rejects "$work/rejects" --summary json
check "$BUILD/bin/mm-hash-ip" -q --date 2026-05-16
check "$BUILD/bin/mm-classify" --summary json
geoip=$(cmd/setup/geoip.sh)
check "$BUILD/bin/mm-enrich" -q --geoip "$geoip" --jobs 2
check "$BUILD/bin/mm-batch" -q -n 3
check "$BUILD/bin/mm-dedup" -q --remember 100 --state "$work/seen"
check "$BUILD/bin/mm-validate" -q --assert '.event != ""' --select true
check "$BUILD/bin/mm-validate" -q --report "$work/report" --report-format json --lint-names --strict-keys
check "$BUILD/bin/mm-validate" -q --report "$work/report" --baseline "$work/report" --infer-plan

for program in mm-query mm-report mm-stats mm-sources; do
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		"$BUILD/bin/$program" --from this-month-7d --tz Europe/Berlin --explain > "$work/out"
	grep -q '^FROM' "$work/out"
done
explained() {
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		"$@" --from this-month-7d --tz Europe/Berlin --explain > "$work/out"
	grep -q '^FROM' "$work/out"
}
explained "$BUILD/bin/mm-funnel" --step a --step b,c.d=e --by user_id
explained "$BUILD/bin/mm-retention" --start a,b=c --back d --interval week
explained "$BUILD/bin/mm-sources" --conversion a,b=c --value d.e --touch first

# What is asked, and what is said, without a ClickHouse.
cat > "$work/requests" <<'END'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}
[{"jsonrpc":"2.0","id":2,"method":"tools/list"},{"jsonrpc":"2.0","id":3,"method":"nothing"}]
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"track_event","arguments":{"event":"a"}}}
{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"track_event","arguments":{"evnt":"a"}}}
{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"funnel","arguments":{"from":"-7d","to":"now","steps":["a","b"]}}}
{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"get_stats","arguments":{"from":"-7d","to":"now","group_by":["x"]}}}
{"jsonrpc":"2.0","id":8,"method":"resources/read","params":{"uri":"schema://events"}}
{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":8}}
{
END
valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
	"$BUILD/bin/mm-mcp" --url http://127.0.0.1:1/ --retry-for 500ms --spool "$work/spool" \
	< "$work/requests" > "$work/out" 2> "$work/messages"
grep -q '"id":4,.*stored.*false' "$work/out"
cat > "$work/plan" <<'END'
{"version":"1","unknownEvents":"warn","events":{
"$pageview":{"unknownProperties":"warn","assert":[".event"],"properties":{
"title":{"type":"string","pattern":"^.{1,20}$"},"screen":{"type":"object"}}},
"signup":{"properties":{"never":{"required":true}}}}}
END
check "$BUILD/bin/mm-validate" --plan "$work/plan" --summary json
