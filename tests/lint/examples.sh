#!/usr/bin/env bash
# Runs the examples of the manual, or of the pages that are named: in the section EXAMPLES of each page, lines
# that begin with "$ " (and go on in lines that begin with four blanks) are
# typed, and what follows up to the next one is what must be printed; a line
# of "..." stands for any lines.  The examples of one page run in one folder,
# which holds what a reader would have: events.ndjson, salt, country.mmdb.
# Those of commands that need ClickHouse find a private one; those of README and of
# mm-questions.7, in all their sections, have the events of the demonstration.  A command that ends
# with "&" is left running once it has printed what it must; one that begins with "sleep" waits for
# somebody else's work, and is tried until it prints what it must.  Port 8080 is another one here.
set -eu -o pipefail

export PATH="$BUILD/bin:$PATH" NO_COLOR=1
unset MM_IP_SALT MM_GEOIP_DB MM_PROJECT MM_CLICKHOUSE_DATABASE
# Prints the page's examples as plain lines.
examples() {
	if [[ $1 == *README.md ]]; then
		# what stands before the first section asks what the others have stored
		awk '
		/^## / { begun = 1 }
		{ line = sub(/^    /, "") && !/^# / ? $0 : "--" }
		!begun { first = first line "\n"; next }
		{ print line }
		END { printf "--\n%s--\n", first }' "$1" | sed "s/8080/$port/"
		return
	fi
	awk -v all="$([[ $1 != *mm-questions.7 ]] || echo 1)" '
	/^\.Sh / { on = all || $2 == "EXAMPLES"; next }
	on && /^\.Bd/ { inside = 1; next }
	on && /^\.Ed/ { inside = 0; print "--"; next }
	on && inside {
		gsub(/\\&/, ""); gsub(/\\-/, "-"); gsub(/\\\(dq/, "\""); gsub(/\\e/, "\\")
		print
	}' "$1"
}

same() { # EXPECTED GOT
	awk -v any='...' -v more='…' '
	NR == FNR { want[n++] = $0; next }
	{ got[m++] = $0 }
	END {
		for (i = j = 0; i < n && j < m; i++) {
			if (want[i] == any || want[i] == more) {
				if (i == n - 1) exit 0
				while (j < m && got[j] != want[i + 1]) j++
				continue
			}
			if (want[i] != got[j]) exit 1
			j++
		}
		if (i < n && (want[i] == any || want[i] == more)) i++
		exit !(i == n && j == m)
	}' "$1" "$2"
}

perform() { # COMMAND: what it prints goes to the file got
	local tries
	case $1 in
	*\&) bash -c "exec ${1%&}" > got 2>&1 </dev/null & ;;
	sleep*) ;;
	*)
		bash -o pipefail -c "$1" > got 2>&1 </dev/null || true
		return
		;;
	esac
	for ((tries = 0; tries < 300; tries++)); do
		[[ $1 != sleep* ]] || bash -o pipefail -c "${1#*;}" > got 2>&1 </dev/null || true
		! same expected got || return 0
		sleep 0.1
	done
}

page() { # FILE: runs in its folder
	local line command='' number=0 wrong=0
	: > expected
	while IFS= read -r line; do
		if [[ -n $command && $line == '    '* && ! -s expected ]]; then
			command+=$'\n'$line
			continue
		fi
		if [[ $line == '$ '* || $line == -- ]]; then
			if [[ -n $command ]]; then
				number=$((number + 1))
				perform "$command"
				if ! same expected got; then
					printf '%s: example %d differs:\n%s\n' "$1" "$number" "$command"
					diff expected got || true
					wrong=1
				fi
			fi
			command=${line#'$ '}
			[[ $line == -- ]] && command=''
			: > expected
		elif [[ -n $command ]]; then
			printf '%s\n' "$line" >> expected
		fi
	done < <(examples "$repo/$1")
	echo "$1: $number examples"
	return "$wrong"
}

if [[ ${1:-} == --page ]]; then
	repo=$3
	port=$(node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
	trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
	page "$2"
	exit
fi
unset MM_CLICKHOUSE_URL
repo=$PWD
geoip=$(cmd/setup/geoip.sh 2>/dev/null)
MM_ENGINE=$(cmd/setup/engine.sh 2>/dev/null)
export MM_ENGINE
[[ $# -gt 0 ]] || set -- man/*.[157] README.md
run() ( # FILE
	file=$1
	folder=$(mktemp -d -p /dev/shm)
	trap 'rm -rf "$folder"' EXIT
	(umask 077; head -c 32 /dev/urandom | base64 > "$folder/salt")
	ln -s "$geoip" "$folder/country.mmdb"
	events='-n 500 --invalid 3' before=:
	case $file in
	README.md)
		events="-n 5000 --invalid 12 --end $(date -u -d yesterday +%F)"
		before='export COLUMNS=76'
		mkdir -p "$folder/build/demo"
		ln -s ../../country.mmdb ../../events.ndjson "$folder/build/demo"
		mkdir -p "$folder/tests/data"
		ln -s "$PWD/tests/data/import" "$folder/tests/data"
		;;
	*mm-questions.7)
		events='-n 5000 --invalid 12 --end 2026-06-30'
		before='export COLUMNS=70; mm-schema && mm-validate -q events.ndjson | mm-enrich -q --salt-file salt --geoip country.mmdb | mm-insert -q'
		;;
	esac
	# shellcheck disable=SC2086
	"$BUILD/tests/gen-events" $events > "$folder/events.ndjson"
	cd "$folder"
	case $file in
	*mm-clickhouse.1 | *mm-schema.1) bash "$repo/tests/lint/examples.sh" --page "$file" "$repo" ;;
	*) mm-clickhouse -d "$folder/.engine" -- bash -c "$before"'; exec bash "$@"' \
		bash "$repo/tests/lint/examples.sh" --page "$file" "$repo" ;;
	esac
)

for file; do
	day=$(date -u +%F)
	# README asks about days up to today: those of a run over midnight are others.
	run "$file" || { [[ $file == README.md && $day != $(date -u +%F) ]] && run "$file"; }
done
