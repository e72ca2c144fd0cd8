#!/bin/sh
# Runs each fuzzer for a while: run.sh DIRECTORY SECONDS.  Starts from the
# corpus in the repository; what it finds goes to a temporary folder.
set -eu

dir=$1
seconds=$2
here=$(dirname "$0")
status=0

for fuzzer in "$dir"/fuzz_*; do
	[ -x "$fuzzer" ] || continue
	name=${fuzzer##*/fuzz_}
	work=$(mktemp -d)
	seeds=$here/corpus/$name
	[ -d "$seeds" ] || seeds=
	if ! "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
		-artifact_prefix="$work/" "$work" ${seeds:+"$seeds"} > "$work/log" 2>&1; then
		echo "fuzz_$name: failed; its input is in $work"
		tail -n 30 "$work/log"
		status=1
		continue
	fi
	echo "fuzz_$name: $(grep -c . "$work/log") lines of log, $(tail -n 1 "$work/log")"
	rm -rf "$work"
done
exit $status
