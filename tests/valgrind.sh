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
check "$BUILD/bin/mm-hash-ip" -q
check "$BUILD/bin/mm-classify" --summary json
geoip=$(tests/geoip.sh)
check "$BUILD/bin/mm-enrich" -q --geoip "$geoip" --jobs 2
check "$BUILD/bin/mm-batch" -q -n 3
check "$BUILD/bin/mm-dedup" -q --window 100 --state "$work/seen"
check "$BUILD/bin/mm-validate" -q --assert '.event != ""' --select true
check "$BUILD/bin/mm-validate" -q --report "$work/report" --report-format json --lint-names --strict-keys
check "$BUILD/bin/mm-validate" -q --report "$work/report" --baseline "$work/report" --infer-plan

for program in mm-query mm-report mm-stats mm-sources; do
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		"$BUILD/bin/$program" --from this-month-7d --tz Europe/Berlin --explain > "$work/out"
	grep -q '^FROM' "$work/out"
done
cat > "$work/plan" <<'END'
{"version":"1","unknownEvents":"warn","events":{
"$pageview":{"unknownProperties":"warn","assert":[".event"],"properties":{
"title":{"type":"string","pattern":"^.{1,20}$"},"screen":{"type":"object"}}},
"signup":{"properties":{"never":{"required":true}}}}}
END
check "$BUILD/bin/mm-validate" --plan "$work/plan" --summary json
