#!/usr/bin/env bash
# Makes README's picture: mm-report's page of two weeks of the sample, seen in a light Chromium.
#
#   tests/demo/picture.sh [FILE.png]      (default: tests/demo/report.png; make picture)
set -eu -o pipefail

out=${1:+$(realpath -m "$1")}
cd "${BASH_SOURCE[0]%/*}/../.."
out=${out:-$PWD/tests/demo/report.png}
bin=${MM_BIN:-${BUILD:-build}/bin}
build=$(cd "${BUILD:-build}" && pwd)
PATH=$(cd "$bin" && pwd):$PATH
unset MM_CLICKHOUSE_DATABASE MM_IP_SALT MM_GEOIP_DB MM_PROJECT MM_TZ
geoip=$(cmd/setup/geoip.sh 2>/dev/null)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2016 # for the shell beside ClickHouse
"$build/tests/gen-events" -n 5000 --end 2026-06-30 | mm-clickhouse -d "$work/data" -- bash -euo pipefail -c '
	mm-schema
	mm-enrich -q --no-ip-hash --geoip "$1" | mm-insert -q
	mm-report --from 2026-06-17 --to 2026-07-01 --title "Example Coffee, two weeks" --goal signup --goal purchase,currency=eur \
		--value amount_cents' - "$geoip" >"$work/report.html"

chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
	--user-data-dir="$work/browser" --host-resolver-rules='MAP * ~NOTFOUND' --blink-settings=preferredColorScheme=1 \
	--window-size=800,1032 --screenshot="$work/report.png" "file://$work/report.html" 2>"$work/log" || {
	cat "$work/log" >&2
	exit 1
}
cp "$work/report.png" "$out"
