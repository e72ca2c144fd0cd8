#!/usr/bin/env bash
# Two builds must give the same bytes: same-rows.sh BIN-DIRECTORY BIN-DIRECTORY
set -eu -o pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MM_IP_SALT=0123456789abcdef0123456789abcdef
"$BUILD/tests/gen-events" -n 20000 --invalid 200 > "$work/events"
n=0
for bin; do
	n=$((n + 1))
	"$bin/mm-validate" -q --rejects "$work/rejects.$n" "$work/events" > "$work/valid.$n" || test $? = 1
	"$bin/mm-enrich" -q --deterministic --rejects "$work/refused.$n" "$work/events" > "$work/rows.$n" ||
		test $? = 1
done
test -s "$work/rows.1"
cmp "$work/valid.1" "$work/valid.2"
cmp "$work/rejects.1" "$work/rejects.2"
cmp "$work/rows.1" "$work/rows.2"
cmp "$work/refused.1" "$work/refused.2"
