# shellcheck shell=bash
# What the tests of the commands share.  BUILD is the folder of `make`, MM_BIN
# that of the programs under test when they are others (sanitizers).
bats_require_minimum_version 1.5.0

repo=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BUILD=$(cd "${BUILD:-$repo/build}" && pwd)
MM_BIN=${MM_BIN:-$BUILD/bin}
export repo BUILD MM_BIN LC_ALL=C.UTF-8 PATH="$MM_BIN:$PATH"
unset MM_TZ MM_IP_SALT MM_GEOIP_DB MM_PROJECT MM_CLICKHOUSE_URL MM_CLICKHOUSE_DATABASE \
	MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD MM_CLICKHOUSE_NETRC MM_CLICKHOUSE_CACERT TMPDIR

# The salt that tests hash addresses with.
salt() {
	export MM_IP_SALT=0123456789abcdef-test-salt
}

# gen_events [-n COUNT] [-s SEED] [--invalid N]: events for tests, see tests/data/gen-events.c
gen_events() {
	"$BUILD/tests/gen-events" "$@"
}

# Waits until the command succeeds; fails after half a minute.
eventually() {
	local i
	for ((i = 0; i < 600; i++)); do
		if "$@" >/dev/null 2>&1; then
			return 0
		fi
		sleep 0.05
	done
	echo "never came true: $*" >&2
	return 1
}

# times N TEXT: the text, N times.  By doubling: bats makes each step of a loop dear.
times() {
	local n=$1 piece=$2 text=
	while ((n > 0)); do
		((n % 2 == 0)) || text+=$piece
		piece+=$piece
		n=$((n / 2))
	done
	printf %s "$text"
}

# ends_with STATUS PID: waits for a process in the background, half a minute at most.
ends_with() {
	local status=0 i
	for ((i = 0; i < 600; i++)); do
		kill -0 "$2" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$2" 2>/dev/null || true
	wait "$2" || status=$?
	[ "$status" -eq "$1" ] || {
		echo "ended with $status, not with $1" >&2
		return 1
	}
}
