#!/usr/bin/env bash
# Runs the examples of the manual, or of the pages that are named: in the section EXAMPLES of each page, lines
# that begin with "$ " (and go on in lines that begin with four blanks) are
# typed, and what follows up to the next one is what must be printed; a line
# of "..." stands for any lines.  The examples of one page run in one folder,
# which holds what a reader would have: events.ndjson, salt, country.mmdb.
# Those of commands that need ClickHouse find a private one.  So do those
# of README's section "Ask", over the events of the demonstration.
set -eu -o pipefail

export PATH="$BUILD/bin:$PATH" NO_COLOR=1
unset MM_IP_SALT MM_GEOIP_DB MM_PROJECT MM_CLICKHOUSE_DATABASE
# Prints the page's examples as plain lines.
examples() {
	if [[ $1 == *README.md ]]; then
		awk '/^## / { on = $2 == "Ask" } on { print sub(/^    /, "") && !/^# / ? $0 : "--" }' "$1"
		return
	fi
	awk '
	/^\.Sh / { on = $2 == "EXAMPLES"; next }
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

page() { # FILE: runs in its folder
	local line command='' number=0
	: > expected
	while IFS= read -r line; do
		if [[ -n $command && $line == '    '* && ! -s expected ]]; then
			command+=$'\n'$line
			continue
		fi
		if [[ $line == '$ '* || $line == -- ]]; then
			if [[ -n $command ]]; then
				number=$((number + 1))
				bash -o pipefail -c "$command" > got 2>&1 </dev/null || true
				if ! same expected got; then
					printf '%s: example %d differs:\n%s\n' "$1" "$number" "$command"
					diff expected got || true
					return 1
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
}

if [[ ${1:-} == --page ]]; then
	repo=$3
	page "$2"
	exit
fi
unset MM_CLICKHOUSE_URL
repo=$PWD
geoip=$(cmd/setup/geoip.sh 2>/dev/null)
MM_ENGINE=$(cmd/setup/engine.sh 2>/dev/null)
export MM_ENGINE
[[ $# -gt 0 ]] || set -- man/*.[157] README.md
for file; do
	folder=$(mktemp -d -p /dev/shm)
	(umask 077; head -c 32 /dev/urandom | base64 > "$folder/salt")
	ln -s "$geoip" "$folder/country.mmdb"
	events='-n 500 --invalid 3' before=:
	if [[ $file == README.md ]]; then
		events='-n 5000 --invalid 12 --end 2026-06-30'
		before='export COLUMNS=76; mm-schema && mm-validate -q events.ndjson | mm-enrich -q --salt-file salt --geoip country.mmdb | mm-insert -q'
	fi
	# shellcheck disable=SC2086
	"$BUILD/tests/gen-events" $events > "$folder/events.ndjson"
	(
		cd "$folder"
		case $file in
		*mm-clickhouse.1 | *mm-schema.1) bash "$repo/tests/lint/examples.sh" --page "$file" "$repo" ;;
		*) mm-clickhouse -d "$folder/.engine" -- bash -c "$before"'; exec bash "$@"' \
			bash "$repo/tests/lint/examples.sh" --page "$file" "$repo" ;;
		esac
	)
	rm -rf "$folder"
done
