#!/usr/bin/env bats
# Input that is no NDJSON but looks like something known is told, once a run, with
# the command that helps; and that command does help.
#
# bats sets output, stderr and stderr_lines.
# shellcheck disable=SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	salt
	filters=(mm-validate mm-enrich mm-dedup mm-batch mm-identify mm-classify mm-hash-ip)
	printf '{"event":"e","n":%d,"timestamp":"2026-05-16T19:00:00Z"}\n' 1 2 3 > events
}

# looks FILE WHAT COMMAND: what is told of the file by each filter, and that the
# command makes lines of it that mm-validate takes.
looks() {
	local filter words
	for filter in "${filters[@]}"; do
		words="this looks like $2; try '$3 | $filter ...'"
		run -1 --separate-stderr "$filter" "$1"
		[ "$(grep -c 'this looks like' <<< "$stderr")" -eq 1 ] || { echo "$filter: $stderr"; return 1; }
		[[ $stderr == *": $words"* ]] || { echo "$filter: $stderr"; return 1; }
		# also with a rejects file, once; and not when nothing shall be said
		run -1 --separate-stderr "$filter" --rejects rejects "$1"
		[[ ${stderr_lines[0]} == *": $words" ]]
		run -1 --separate-stderr "$filter" -q "$1"
		[ -z "$stderr" ]
	done
	run -0 --separate-stderr bash -o pipefail -c "${3//FILE/$1} | mm-validate"
	[ "${#lines[@]}" -eq "${4:-3}" ]
}

@test "gzip, zstd, bzip2, xz" {
	gzip -c events > in.gz
	looks in.gz gzip 'zcat FILE'
	zstd -q -c events > in.zst
	looks in.zst zstd 'zstdcat FILE'
	bzip2 -c events > in.bz2
	looks in.bz2 bzip2 'bzcat FILE'
	xz -c events > in.xz
	looks in.xz xz 'xzcat FILE'
}

@test "gzip of more than a line may have" {
	head -c 3000000 /dev/urandom | tr -d '\n' | gzip -c > in.gz
	run -1 --separate-stderr mm-validate --max-line 64 in.gz
	[[ ${stderr_lines[0]} == "mm-validate: in.gz:1: this looks like gzip; try 'zcat FILE | mm-validate ...'" ]]
	[ "$(grep -c 'looks like' <<< "$stderr")" -eq 1 ]
}

@test "UTF-16, with and without its mark" {
	iconv -f UTF-8 -t UTF-16 events > in
	looks in UTF-16 'iconv -f UTF-16 -t UTF-8 FILE'
	for order in LE BE; do
		iconv -f UTF-8 -t UTF-16$order events > in
		looks in 'UTF-16 without its mark' "iconv -f UTF-16$order -t UTF-8 FILE"
	done
}

@test "files with byte order marks that were joined" {
	{ printf '\xef\xbb\xbf'; cat events; printf '\xef\xbb\xbf'; cat events; } > in
	looks in 'files with byte order marks that were joined' "sed 's/^\\xef\\xbb\\xbf//' FILE" 6
}

@test "JSON over several lines, an array of events" {
	jq . events > in
	looks in 'JSON over several lines' 'jq -c . FILE'
	jq -s . events > in
	looks in 'an array of events' "jq -c '.[]' FILE"
	jq -s -c . events > in
	looks in 'an array of events' "jq -c '.[]' FILE"
}

@test "CSV and a table with tabs" {
	printf '%s\r\n' 'event,timestamp,"user id"' 'e,2026-05-16T19:00:00Z,"a, b"' > in
	looks in CSV 'mlr --icsv --ojsonl cat FILE' 1
	printf '%s\n' $'event\ttimestamp' $'e\t2026-05-16T19:00:00Z' > in
	looks in 'a table with tabs' 'mlr --itsv --ojsonl cat FILE' 1
}

@test "a web server's log" {
	echo '203.0.113.7 - - [16/May/2026:19:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0"' > in
	looks in "a web server's log" 'mm-import auto FILE' 1
	run -1 --separate-stderr mm-validate in
	[[ $stderr != *203.0.113* ]]
}

@test "a body of events" {
	filters=(mm-validate mm-enrich mm-dedup mm-batch)
	mm-batch events > in
	looks in 'a body for POST /v1/batch' 'mm-batch -d FILE'
	echo '{"events":[{"event":""}]}' > in
	run -1 --separate-stderr mm-batch -d in
	[[ $stderr != *'looks like'* ]]
}

@test "what looks like nothing known is left at its reason" {
	printf '%s\n' no '{"event":"e"' '["a","b"]' '[1]' null 7 '"a,b"' 'hello, world!' '{"events":1}' '{}' > in
	for filter in "${filters[@]}"; do
		run --separate-stderr "$filter" in
		[[ $stderr != *'looks like'* ]]
	done
}

@test "text that is asked for is no mistake" {
	run -1 --separate-stderr mm-hash-ip --plain --date 2026-05-16 <<< 'a,b'
	[[ $stderr != *'looks like'* ]]
}

@test "it is told for the first file that shows it, by its name and line" {
	{ cat events; jq . events; } > in
	run -1 --separate-stderr mm-validate events in
	[[ $stderr == *"mm-validate: in:4: this looks like JSON over several lines; try 'jq -c . FILE | mm-validate ...'"* ]]
}
