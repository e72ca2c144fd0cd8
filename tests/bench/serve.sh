#!/usr/bin/env bash
# Measures mm-serve with wrk, beside a Node server that parses JSON and keeps
# nothing, and beside a loop that does not even read: all on this machine, with the client.
#
#   SECONDS_EACH=N  of a run (default 8)
#   SPOOL=DIR       where events are kept (default: a folder here, on the disk)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=${BUILD:-build}
each=${SECONDS_EACH:-8}
BUILD=$(cd "$BUILD" && pwd)
export PATH="$BUILD/bin:$PATH"
here=$PWD/tests/bench
work=$(mktemp -d "${SPOOL:-$BUILD}/bench-serve.XXXXXX")
ram=$(mktemp -d /dev/shm/bench-serve.XXXXXX)
pid=
finish() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	rm -rf "$work" "$ram"
}
trap finish EXIT
cd "$work"
(umask 077 && head -c 32 /dev/urandom | base64 >salt)
KEY=$(mm-key mint --keys keys --kind sk 2>/dev/null)
export KEY
mm-key limits --keys keys --track off --batch off >/dev/null

# serve DIR [OPTION]...: starts it, and says how long its first answer took.
serve() {
	local dir=$1 start
	shift
	start=$(date +%s%N)
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:8181 --private 127.0.0.1:8182 -q \
		--spool "$dir/spool" --no-deliver --trusted-proxy 127.0.0.1 --spool-max 100G "$@" 2>err &
	pid=$!
	until curl -s -o /dev/null http://127.0.0.1:8182/healthz; do :; done
	echo "first answer after $((($(date +%s%N) - start) / 1000000)) ms, with curl's own start"
}

stop() {
	kill "$pid"
	wait "$pid" || true
	pid=
	rm -rf "$work/spool" "$ram/spool"
}

rss() { awk '/VmRSS/ { printf "%.1f MiB", $2 / 1024 }' "/proc/$pid/status"; }

# load PORT CONNECTIONS: what wrk measures; EVENTS and PAUSE as serve.lua has them.
load() {
	wrk -t 1 -c "$2" -d "$each" -s "$here/serve.lua" --latency "http://127.0.0.1:$1" | grep RESULT
}

report() { # NAME RESULT REQUESTS EVENTS P50 P99 REFUSED
	printf '%-48s %8d requests/s %9d events/s  p50 %7.2f ms  p99 %7.2f ms  refused %d\n' "$1" "${@:3}"
}

groups() {
	curl -s http://127.0.0.1:8182/metrics |
		awk '/^mm_commit_groups_total/ { g = $2 } /^mm_commit_requests_total/ { r = $2 }
			END { printf "    %d groups, %.1f requests each; ", g, r / (g ? g : 1) }'
	rss
	echo
}

node "$here/serve-peer.mjs" 8183 &
pid=$!
until curl -s -o /dev/null http://127.0.0.1:8183/ -d '{}'; do :; done
# shellcheck disable=SC2046 # words
report "node: JSON.parse, 202, 64 connections" $(EVENTS=1 load 8183 64)
kill "$pid"
wait "$pid" || true
"$BUILD/tests/bench_loop" 8184 &
pid=$!
until curl -s -o /dev/null http://127.0.0.1:8184/ -d '{}'; do :; done
# shellcheck disable=SC2046
report "a bare loop: 202 without a look, 64 connections" $(EVENTS=1 load 8184 64)
kill "$pid"
wait "$pid" || true

for dir in "$work" "$ram"; do
	echo "spool on $(df --output=fstype "$dir" | tail -1):"
	for connections in 1 8 64 512; do
		serve "$dir" >started
		# shellcheck disable=SC2046
		report "  track, $connections connections" $(EVENTS=1 load 8181 "$connections" | tee result)
		[ "$connections" -ne 64 ] || peak=$(cut -d ' ' -f 2 result)
		groups
		stop
	done
	serve "$dir" >started
	# shellcheck disable=SC2046
	report "  batch of 100, 16 connections" $(EVENTS=100 load 8181 16)
	groups
	stop
done
serve "$ram"
# shellcheck disable=SC2046
report "half of the peak on tmpfs, 256 connections" $(EVENTS=1 PAUSE=$((256 * 2000 / peak)) load 8181 256)
stop

serve "$work"
echo "idle: $(rss)"
exec 3< <(EVENTS=1 PAUSE=500 each=5 load 8181 1000)
sleep 4
echo "1000 connections: $(rss)"
cat <&3 >/dev/null
stop

echo "fdatasync of 4 KiB here: $(node "$here/fdatasync.mjs" "$work/f")"
