#!/usr/bin/env bats
# --rejects of all filters: whole records are appended, whoever else writes to the file.
#
# bats sets stderr_lines.
# shellcheck disable=SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
}

filters=(mm-validate mm-enrich mm-hash-ip mm-dedup mm-batch mm-identify mm-classify)

@test "yesterday's rejects are kept, --rejects-new empties the file first" {
	for filter in "${filters[@]}"; do
		rm -f rejects
		for n in 1 2 3; do
			run -1 "$filter" -q --rejects rejects <<< "$n"
			[ "$(jq -r .input rejects | tr '\n' ' ')" = "$(seq -s ' ' $n) " ]
		done
		run -1 "$filter" -q --rejects rejects --rejects-new <<< 4
		[ "$(jq -r .input rejects)" = 4 ]
		run -0 "$filter" -q --rejects rejects --rejects-new < /dev/null
		[ ! -s rejects ]
	done
}

@test "--rejects-new needs a file to empty" {
	for filter in "${filters[@]}"; do
		for options in '' '--rejects -'; do
			# shellcheck disable=SC2086
			run -2 --separate-stderr "$filter" $options --rejects-new < /dev/null
			[ "$stderr" = "$filter: --rejects-new empties the file that --rejects names, and none is named" ]
		done
	done
}

@test "it is its owner's only, also when it was there" {
	for filter in "${filters[@]}"; do
		echo > rejects
		chmod 644 rejects
		run -1 "$filter" -q --rejects rejects <<< x
		[ "$(stat -c %a rejects)" = 600 ]
	done
}

@test "the stages of a pipeline share a file: each record is there, and whole" {
	# what one stage takes another rejects; records of all lengths, up to some megabytes
	node -e 'for (let i = 0; i < 6000; i++) {
		const pad = "x".repeat(i % 400 ? i % 700 : 3e5 + i * 100);
		console.log(JSON.stringify([
			{ event: "", n: i, pad }, { event: "e", n: i, pad, timestamp: "2299-12-31T00:00:00Z", sent_at: "1900-01-01T00:00:00Z",
				received_at: "2026-05-16T12:00:00Z" }, { event: "e", n: i, pad, timestamp: "2026-05-16T12:00:00Z" },
		][i % 3]));
	}' > in
	mm-validate -q --max-line 800K --rejects rejects --rejects-new in 2> /dev/null |
		mm-enrich -q --max-line 2M --fix-skew --rejects rejects > rows || true
	[ "$(wc -l < rows)" -gt 1900 ]
	jq -e . rejects > /dev/null
	[ $(($(wc -l < rows) + $(wc -l < rejects))) -eq 6000 ]
	jq -r .input rejects | jq .n | sort -n | uniq -d > twice
	[ ! -s twice ]
}

@test "many processes append at once" {
	seq 3000 > in
	awk '{ printf "%s", $0; for (i = 0; i < 20000 * ($0 % 97 == 0); i++) printf "0123456789"; print "" }' in > lines
	for n in 1 2 3 4; do
		(mm-validate -q --max-line 150K --rejects rejects < lines || [ $? -eq 1 ]) 3>&- &
	done
	wait
	[ "$(wc -l < rejects)" -eq 12000 ]
	jq -c '[.line, (.input | length)]' rejects | sort | uniq -c | awk '$1 != 4' > wrong
	[ ! -s wrong ]
}

@test "a record that was cut by a kill does not take the next one with it" {
	printf '{"line":4,"err' > rejects
	run -1 mm-validate -q --rejects rejects <<< x
	[ "$(head -n 1 rejects)" = '{"line":4,"err' ]
	[ "$(tail -n 1 rejects | jq -r .input)" = x ]
}

@test "a file that is no regular one is written to" {
	mkfifo fifo
	cat fifo > got &
	run -1 mm-validate -q --rejects fifo --rejects-new <<< x
	wait
	[ "$(jq -r .input got)" = x ]
	run -1 mm-validate -q --rejects /dev/null <<< x
	run -2 --separate-stderr mm-validate -q --rejects /dev/full <<< x
	[ "$stderr" = 'mm-validate: /dev/full: No space left on device' ]
}

@test "a lock that is held by somebody who hangs does not keep the command from ending" {
	: > rejects
	flock rejects sleep 60 3>&- &
	holder=$!
	eventually sh -c '! flock -n rejects true'
	env --default-signal=TERM mm-validate -q --rejects rejects <<< x 3>&- &
	pid=$!
	sleep 0.3
	kill -TERM "$pid"
	ends_with 143 $pid
	pkill -P $holder || true
	kill $holder || true
}
