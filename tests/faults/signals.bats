#!/usr/bin/env bats
# Signals at random moments: see signals.mjs.
# bats and the helpers set repo, output.
# shellcheck disable=SC2154

load ../commands/helper

@test "no signal makes a line vanish, or ends anything silently" {
	ulimit -c 0
	run node "$repo/tests/faults/signals.mjs" "$MM_BIN"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "an alarm ends what waits, also with assertions and while a FIFO is opened" {
	cd "$BATS_TEST_TMPDIR"
	ulimit -c 0
	mkfifo fifo
	for options in '' '--assert .event'; do
		# shellcheck disable=SC2086
		env --default-signal=ALRM mm-validate $options fifo > out 3>&- &
		pid=$!
		eventually grep -q -E 'pipe|fifo|wait_for_partner' "/proc/$pid/wchan"
		kill -ALRM $pid
		ends_with 142 $pid
	done
	[ ! -s out ]
}
