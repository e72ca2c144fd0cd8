#!/usr/bin/env bash
# Runs the whole pipeline on a sample of events, into a private ClickHouse.
# Every step shows the command line that it runs, so that it can be repeated.
# Starts afresh each time: what an earlier run left in the folder goes.
#
#   BUILD=DIR     where the programs were built (default: build)
#   DEMO_END=DAY  the last day of the sample (default: yesterday, so that --period -7d has an answer)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
# shellcheck source=tests/demo/show.bash
. tests/demo/show.bash

build=${BUILD:-build}
export DEMO=$build/demo
PATH=$(cd "$build/bin" && pwd):$PATH
export PATH
# Of the caller's own set-up, nothing shall reach the demo.
unset MM_CLICKHOUSE_DATABASE MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD
unset MM_IP_SALT MM_GEOIP_DB MM_PROJECT

for program in tests/gen-events bin/mm-{clickhouse,enrich,funnel,insert,query,report,schema,sources,stats,validate}; do
	if [[ ! -x $build/$program ]]; then
		echo "demo: $build/$program is missing; run 'make demo'" >&2
		exit 2
	fi
done

# mm-clickhouse finds the engine by itself, and an installed one as well.
if [[ -z ${MM_ENGINE:-} ]] && ! command -v clickhouse >/dev/null; then
	cmd/setup/engine.sh >/dev/null
fi
geoip=$(cmd/setup/geoip.sh)

rm -rf "$DEMO"
mkdir -p "$DEMO"
ln -s "$geoip" "$DEMO/country.mmdb"

last=$(date -u -d "${DEMO_END:-yesterday}" +%F)
DEMO_FROM=$(date -u -d "$last -29 days" +%F)
DEMO_TO=$(date -u -d "$last +1 day" +%F)
export DEMO_FROM DEMO_TO

say "1. A sample: 5,000 events of thirty days, 12 of them broken on purpose"
show 0 "$build/tests/gen-events -n 5000 --invalid 12 --end $last > $DEMO/events.ndjson"

say "2. What is wrong with the broken ones (status 1: some were rejected)"
show 1 "mm-validate $DEMO/events.ndjson > /dev/null"

say "3. A secret salt: stored are keyed hashes of addresses, never the addresses"
show 0 "(umask 077; head -c 32 /dev/urandom | base64 > $DEMO/salt)"

say "4. A private ClickHouse over the folder $DEMO/data"
show 0 "mm-clickhouse -d $DEMO/data -- bash tests/demo/pipeline.bash"

cat <<END

The page is $DEMO/report.html. The rejected lines are in $DEMO/rejects.ndjson, with the reasons.
To ask on, open a shell beside its ClickHouse:
  \$ PATH=\$PWD/build/bin:\$PATH
  \$ mm-clickhouse -d $DEMO/data -- bash
  \$ mm-stats --period -7d --metric visits --group-by source --format chart
END
