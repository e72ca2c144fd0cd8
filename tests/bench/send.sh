#!/usr/bin/env bash
# Measures mm-send to mm-serve on this machine, which keeps the events, beside curl, which
# sends bodies that were made before, one after the other.
#
#   EVENTS=N   (default 500000)
set -eu -o pipefail

cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=$(cd "${BUILD:-build}" && pwd)
events=${EVENTS:-500000}
export PATH="$BUILD/bin:$PATH"
base=$BUILD
[ ! -w /dev/shm ] || base=/dev/shm
work=$(mktemp -d "$base/mm-bench-send.XXXXXX")
pid=
finish() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
export XDG_STATE_HOME=$work/state
"$BUILD/tests/gen-events" -n "$events" --visitors $((events / 5 + 1)) >"$work/events"
cd "$work"
umask 077
head -c 32 /dev/urandom | base64 >salt
mm-key mint --keys keys --kind sk >key 2>/dev/null
mm-key limits --keys keys --track off --batch off >/dev/null

# serve: a new mm-serve with an empty spool, at $port
serve() {
	rm -rf spool err
	mm-serve --keys keys --salt-file salt --listen 127.0.0.1:0 --spool "$work/spool" --no-deliver \
		--spool-max 100G 2>err &
	pid=$!
	until grep -q 'listening on' err 2>/dev/null; do sleep 0.02; done
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' err)
}

cpu() { awk -v hz="$(getconf CLK_TCK)" '{ printf "%.2f", ($14 + $15) / hz }' "/proc/$pid/stat"; }

# row NAME COMMAND...: events a second, and what they cost
row() {
	local name=$1 line
	shift
	serve
	TIMEFORMAT='%R %U %S'
	line=$({ time "$@" >/dev/null 2>messages; } 2>&1)
	awk -v name="$name" -v n="$events" -v serve="$(cpu)" '{
		printf "%-34s %8d events/s   %.2f s of CPU, mm-serve %.2f s\n", name, n / $1, $2 + $3, serve
	}' <<<"$line"
	kill "$pid"
	wait "$pid" || true
	pid=
}

send() { mm-send --api "http://127.0.0.1:$port" --key-file key "$@" events; }

by_curl() {
	local body
	for body in body.*; do
		printf 'url = "http://127.0.0.1:%s/v1/batch"\ndata-binary = "@%s"\n' "$port" "$body"
		printf 'header = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' "$(cat key)"
		printf 'write-out = "%%{http_code}\\n"\noutput = "/dev/null"\nnext\n'
	done | sed '$d' >config
	curl -sS -K config | grep -c 202 >taken
}

echo "$events events, $(stat -c %s events) bytes"
row "mm-send" send
row "mm-send --parallel 1" send --parallel 1
mm-batch events >bodies
split -l 1 -a 5 -d bodies body.
row "curl, bodies of 1000" by_curl
[ "$(cat taken)" -eq "$(wc -l <bodies)" ] || echo "curl: only $(cat taken) bodies were taken"
