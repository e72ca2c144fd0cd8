#!/usr/bin/env bats
# mm-validate --report and what comes with it: formats, thresholds, drift,
# plans from data, advice on names.
#
# bats sets stderr_lines; $ in single quotes is jq's or another shell's.
# shellcheck disable=SC2016,SC2094,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	data=$repo/tests/data/report
	good='{"event":"good_done","properties":{"n":1}}'
	bad='{"event":"bad_done","user_id":7}'
}

# report [OPTION...]: of the file `in`, as JSON, to `report`; its status to $status.
report() {
	status=0
	mm-validate -q --report report --report-format json "$@" in > out 2> err || status=$?
}

# lines_of N TEXT: the line, N times.
lines_of() {
	times "$1" "$2"$'\n'
}

# all_formats [OPTION...]: of `in`, to report.text, report.json ...
all_formats() {
	local format
	for format in text json junit github; do
		mm-validate -q --report report.$format --report-format $format "$@" in > out || [ $? -le 1 ]
	done
}

# ---- the formats ----

golden() { # FORMAT
	cd "$data" || return 1
	run -1 --separate-stderr mm-validate -q --report "$BATS_TEST_TMPDIR/got" --report-format "$1" \
		--baseline baseline.json --lint-names --assert 'amount=.event != "checkout_completed"
		or (.properties.amount_cents | type == "number" and . >= 0)' events.ndjson
	diff -u "expected.$1" "$BATS_TEST_TMPDIR/got"
}

@test "text is as the sample has it" {
	golden text
}

@test "json is as the sample has it, and JSON" {
	golden json
	jq -e '.report == 1' "$data/expected.json"
}

@test "junit is as the sample has it, and XML whose counts are right" {
	golden junit
	xmllint --noout "$data/expected.junit"
	for suite in 1 2; do
		[ "$(xmllint --xpath "string(//testsuite[$suite]/@tests)" "$data/expected.junit")" = \
			"$(xmllint --xpath "count(//testsuite[$suite]/testcase)" "$data/expected.junit")" ]
		[ "$(xmllint --xpath "string(//testsuite[$suite]/@failures)" "$data/expected.junit")" = \
			"$(xmllint --xpath "count(//testsuite[$suite]//failure)" "$data/expected.junit")" ]
	done
}

@test "github is as the sample has it" {
	golden github
}

@test "events pass as they do without a report" {
	gen_events -n 3000 --invalid 100 > in
	mm-validate -q in > want || [ $? -eq 1 ]
	for format in text json junit github; do
		run -1 bash -c 'mm-validate -q --report "$1" --report-format "$1" --lint-names in > out' - \
			$format
		cmp want out
	done
}

@test "nothing is written without being asked for" {
	printf '%s\n' "$good" "$bad" > in
	mkdir folder
	cd folder
	run -1 mm-validate ../in
	[ -z "$(ls)" ]
}

@test "- is standard error, text the default" {
	printf '%s\n' "$bad" > in
	run -1 --separate-stderr mm-validate -q --report - in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'Event quality: FAILED' ]
}

@test "a run without rejects passes, in all formats" {
	printf '%s\n' "$good" > in
	all_formats
	[ "$(head -n 1 report.text)" = 'Event quality: passed' ]
	[ "$(jq -c '[.failed, .findings]' report.json)" = '[false,[]]' ]
	[ "$(xmllint --xpath 'count(//failure)' report.junit)" = 0 ]
	[ "$(cat report.github)" = '::notice title=mm-validate::1 line: 1 valid, 0 rejected' ]
}

@test "a report on no events is whole, in all formats" {
	: > in
	all_formats --baseline "$data/expected.json"
	[ "$(jq -c '[.lines, .events]' report.json)" = '[0,[]]' ]
	xmllint --noout report.junit
	grep -q '0 lines: 0 valid, 0 rejected' report.text
	grep -q '^::notice' report.github
}

@test "colour is for terminals that want it" {
	printf '%s\n' "$bad" > in
	colours() {
		env -u NO_COLOR TERM=xterm "$@" script -qec \
			"mm-validate -q --report - in > /dev/null" /dev/null > seen || [ $? -eq 1 ]
		grep -c $'\e' seen || true
	}
	[ "$(colours)" -gt 0 ]
	[ "$(colours NO_COLOR=1)" = 0 ]
	[ "$(colours TERM=dumb)" = 0 ]
	mm-validate -q --report report in || [ $? -eq 1 ]
	run -1 grep $'\e' report
}

# ---- what is counted ----

@test "findings are those of the summary, with their counts" {
	gen_events -n 4000 --invalid 500 > in
	report --strict-keys
	mm-validate -q --strict-keys --summary json in 2> summary > /dev/null || [ $? -eq 1 ]
	jq -c '[.lines, .valid, .rejected, .blank]' summary > want
	jq -c '[.lines, .valid, .rejected, .blank]' report | cmp want -
	jq -cS '.errors' summary > want
	jq -cS 'reduce .findings[] as $f ({};
		.[$f.field // ""][$f.message | ltrimstr("Invalid JSON: ")] += $f.count)' report |
		diff want -
}

@test "worst comes first" {
	gen_events -n 4000 --invalid 300 > in
	report --strict-keys
	[ "$(jq '.findings | length > 10' report)" = true ]
	jq -e '[.findings[].count] | . == (sort | reverse)' report
}

@test "three examples, and they are where they say" {
	gen_events -n 4000 --invalid 300 > in
	report
	jq -e 'all(.findings[]; (.examples | length) == ([.count, 3] | min))' report
	jq -e 'all(.findings[]; [.examples[].line] | . == (sort | unique))' report
	mm-validate -q --rejects rejects in > /dev/null || [ $? -eq 1 ]
	jq .line rejects | sort -u > rejected
	jq '.findings[].examples[].line' report | sort -u | comm -13 rejected - > strangers
	[ ! -s strangers ]
}

@test "events, their fields and types are what jq counts" {
	gen_events -n 3000 --invalid 0 > in
	report
	jq -cn '[inputs | .event] | group_by(.) | map({event: .[0], lines: length}) | sort_by(.event)' \
		in > want
	jq -c '[.events[] | {event, lines}] | sort_by(.event)' report | diff want -
	# numbers that jq reads back as other text are told apart by their text only
	jq -cnS 'reduce (inputs | .event as $e | (.properties // {}) | to_entries[]
		| [$e, "properties.\(.key)", (.value | type)]) as $k ({};
		.[$k | join("|")] += 1)' in > want
	jq -cS 'reduce (.events[] | .event as $e | .fields[] | select(.field | startswith("properties."))
		| .field as $f | ((.types | to_entries[]), {key: "null", value: .null})
		| select(.value > 0)
		| {key: "\($e)|\($f)|\(.key | sub("integer"; "number"))", value}) as $k ({};
		.[$k.key] += $k.value)' report | diff want -
}

@test "the file and the line of a finding, of several files" {
	printf '%s\n' "$good" > a
	printf '%s\n\n%s\n' "$good" "$bad" > b
	run -1 mm-validate -q --report report --report-format json a b
	[ "$(jq -c '.findings[0].examples' report)" = \
		'[{"file":"b","line":3,"excerpt":"{\"event\":\"bad_done\",\"user_id\":7}"}]' ]
}

@test "github: what comes from standard input is in no file" {
	printf '%s\n' "$bad" "$bad" > in
	run -1 --separate-stderr mm-validate -q --report - --report-format github < in
	[ "${stderr_lines[0]}" = \
		'::error title=bad_done::user_id: Expected string, received number (2 lines, <stdin>:1, <stdin>:2)' ]
}

# in_repository NAME: what GitHub is told of the file `repo/events/e.ndjson`, called NAME.
in_repository() {
	GITHUB_WORKSPACE=$PWD/repo run -1 --separate-stderr mm-validate -q --report - --report-format github "$1"
	[ "${stderr_lines[0]}" = \
		"::error file=events/e.ndjson,line=1,title=bad_done::user_id: Expected string, received number (1 line)" ]
}

@test "github: a file is named by its path in the repository, however it is called" {
	mkdir -p repo/events other
	printf '%s\n' "$bad" > repo/events/e.ndjson
	ln -s repo/events/e.ndjson link
	ln -s "$PWD/repo" other/repo
	for name in repo/events/e.ndjson ./repo/./events/e.ndjson repo/events/../events/e.ndjson \
		"$PWD/repo/events/e.ndjson" link other/repo/events/e.ndjson; do
		in_repository "$name"
	done
	cd repo/events || return 1
	GITHUB_WORKSPACE=$PWD/../../other/repo run -1 --separate-stderr mm-validate -q --report - \
		--report-format github ./e.ndjson
	[[ ${stderr_lines[0]} == '::error file=events/e.ndjson,line=1,'* ]]
	# without it, relative to where the command runs
	unset GITHUB_WORKSPACE
	run -1 --separate-stderr mm-validate -q --report - --report-format github ./e.ndjson
	[[ ${stderr_lines[0]} == '::error file=e.ndjson,line=1,'* ]]
}

@test "github: a file of the repository that leads out of it, and one outside" {
	mkdir repo
	printf '%s\n' "$bad" > outside
	ln -s ../outside repo/link
	export GITHUB_WORKSPACE=$PWD/repo
	run -1 --separate-stderr mm-validate -q --report - --report-format github repo/link
	[[ ${stderr_lines[0]} == '::error file=link,line=1,'* ]]
	run -1 --separate-stderr mm-validate -q --report - --report-format github outside
	[ "${stderr_lines[0]}" = \
		'::error title=bad_done::user_id: Expected string, received number (1 line, outside:1)' ]
	mkdir repository
	mv outside repository
	run -1 --separate-stderr mm-validate -q --report - --report-format github repository/outside
	[[ ${stderr_lines[0]} == '::error title='* ]]
}

@test "github: each file has its own annotation of the same fault, its worst before others" {
	for i in $(seq -w 12); do
		printf '%s\n' "$good" "$bad" '{"event":"x_done","url":7}' "$bad" > "f$i"
	done
	run -1 --separate-stderr mm-validate -q --report - --report-format github f*
	[ "${#stderr_lines[@]}" = 25 ]
	also=', also f01:4'
	for i in $(seq -w 12); do
		[ "${stderr_lines[10#$i - 1]}" = "::error file=f$i,line=2,title=bad_done::user_id: Expected string, received number (2 lines of 24 in all files$also)" ]
		also=
		[[ ${stderr_lines[10#$i + 11]} == "::error file=f$i,line=3,title=x_done::"*'(1 line of 12 in all files)' ]]
	done
	[[ ${stderr_lines[24]} == '::notice title=mm-validate::48 lines:'*'; GitHub shows ten errors and ten warnings of a step, the log has more' ]]
}

@test "github: annotations are bounded, and those left out are counted" {
	for i in $(seq 60); do
		printf '%s\n' "$bad" > "f$i"
	done
	run -1 --separate-stderr mm-validate -q --report - --report-format github f*
	[ "${#stderr_lines[@]}" = 51 ]
	[[ ${stderr_lines[50]} == *'; left out: 10 annotations' ]]
	for i in $(seq 1100); do
		printf '%s\n' "$bad" > "f$i"
	done
	run -1 --separate-stderr mm-validate -q --report - --report-format github f*
	[[ ${stderr_lines[50]} == *'; left out: 1050 annotations' ]]
}

@test "github: a plan with mistakes is annotated in its file" {
	mkdir -p repo/plans
	printf '{"events":{"a":{\n"assert":["x=.a ||"],\n"kind":1}}}\n' > repo/plans/p.json
	printf '%s\n' "$good" > in
	export GITHUB_WORKSPACE=$PWD/repo
	run -2 --separate-stderr mm-validate -q --plan repo/plans/p.json --report report --report-format github in
	[ "$(wc -l < report)" = 3 ]
	grep -q '^::error file=plans/p.json,line=2,title=Tracking plan::events.a.assert\[0\]: syntax error' report
	grep -q '^::error file=plans/p.json,line=3,title=Tracking plan::events.a.kind: ' report
	grep -qF "::notice title=mm-validate::The tracking plan repo/plans/p.json has 2 errors" report
	run -1 --separate-stderr mm-validate --check-plan repo/plans/p.json --report checked --report-format github
	cmp report checked
}

@test "a report does not overwrite the plan that is read" {
	echo '{"events":{}}' > p.json
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-validate --plan p.json --report ./p.json in
	[[ $stderr == *'p.json: is also read'* ]]
	run -2 mm-validate --check-plan p.json --report ./p.json --report-format github
	run -2 mm-validate --check-plan p.json --report x --report-format json
	run -2 mm-validate --check-plan p.json --report-format github
	[ "$(cat p.json)" = '{"events":{}}' ]
}

@test "lines that are no events are reported without an excerpt" {
	printf '%s\n' '{"event":"x"' '[1]' > in
	head -c 3000 /dev/zero | tr '\0' x >> in
	report --max-line 1k
	[ "$(jq -c '[.findings[] | [.message, .examples[0].line, .examples[0].excerpt]]' report)" = \
		'[["Invalid JSON: the text ends too early",1,null],["Expected object, received array",2,null],["Line too long",3,null]]' ]
}

@test "the name of the line before is not taken for that of a line too long" {
	printf '%s\n' "$good" > in
	head -c 3000 /dev/zero | tr '\0' x >> in
	report --max-line 1k
	[ "$(jq -c '.findings[0].event' report)" = null ]
	[ "$(jq -c '[.events[] | [.event, .lines, .rejected]]' report)" = '[["good_done",1,0]]' ]
}

# ---- privacy ----

@test "no address and no agent in any format" {
	gen_events -n 1500 --invalid 200 > in
	jq -Rr 'fromjson? | objects | .ip, .user_agent | strings | select(length > 6)' in | sort -u > secrets
	[ "$(wc -l < secrets)" -gt 100 ]
	all_formats --strict-keys --lint-names --assert '(.event | length) < 9'
	cat report.* > all
	run -1 grep -F -f secrets all
	mm-validate -q --infer-plan in > plan || [ $? -eq 1 ]
	run -1 grep -F -f secrets plan
}

@test "who a visitor is stays out of the excerpts" {
	printf '%s\n' \
		'{"event":7,"ip":"SECRET1","user_agent":"SECRET2","ua_hints":{"a":"SECRET3"}}' \
		'{"event":7,"user_id":"SECRET4@example.com","custom":"SECRET5"}' \
		'{"event":7,"properties":{"ip":"SECRET6","note":"SECRET7 203.0.113.9","deep":{"a":"SECRET8"}}}' \
		'{"event":"x","ip":"SECRET9",' > in
	all_formats
	cat report.* > all
	grep -q custom all
	run -1 grep SECRET all
}

# ---- hostile input ----

@test "whatever names hold, each format stays what it is" {
	cat > in <<-'END'
		{"event":"a\nb\u0000c\u001b[31m","user_id":7}
		{"event":"]]></failure><x a='\"&amp;","user_id":7}
		{"event":"\n::error::injected%0A,file=x:","user_id":7}
		{"event":"\uffff\ufffe\ud83d\ude00\u0085\u009b31m","user_id":7}
		{"event":"x","weird\n\u0001<key>\"'":1,"\u009b":2,"�":3}
	END
	printf '{"event":"x\xff"}\n' >> in
	all_formats --strict-keys --lint-names
	xmllint --noout report.junit
	jq -e '.findings | length > 5' report.json
	[ "$(grep -cvE '^::(error|warning|notice) [^:]*::' report.github)" = 0 ]
	for format in text json junit github; do
		iconv -f UTF-8 -t UTF-8 report.$format > /dev/null
		run -1 grep -P '[\x01-\x08\x0b-\x1f\x7f]' report.$format
	done
}

@test "a file may have any name" {
	name=$'x\n\xff,:%<&"\x1b'
	printf '%s\n' "$bad" > "$name"
	for format in text json junit github; do
		run -1 mm-validate -q --report report.$format --report-format $format "$name"
	done
	xmllint --noout report.junit
	jq -e '.findings[0].examples[0].file | startswith("x\n")' report.json
	[ "$(wc -l < report.github)" = 2 ]
	grep -q 'file=x%0A.*%2C%3A%25<&"?,line=1,' report.github
	run -1 grep $'\e' report.text
}

# hostile COUNT: lines of which each has a name of its own, thrice as many as COUNT.
hostile() {
	awk -v count="$1" 'BEGIN { for (i = 0; i < count; i++) {
		printf "{\"event\":\"event_number_%d_was_sent\",\"properties\":{\"property_%d\":1}}\n", i, i
		printf "{\"event\":\"e\",\"unknown_%d\":1}\n", i
		printf "{\"event\":\"f\",\"properties\":{\"property_%d\":%d}}\n", i, i } }'
}

@test "names without end: every format says that there is more" {
	hostile 40000 > in
	all_formats --strict-keys --lint-names
	for format in text junit github; do
		grep -q 'and more: .*lines with other events' report.$format
	done
	jq -e '.events_more > 30000 and (.events | length) == 1000 and .lines == 120000' report.json
	jq -e '[.findings[] | select(.field == "(others)") | .count] | add > 38000' report.json
	jq -e '.events[] | select(.event == "f") | (.fields | length) == 500 and .fields_more == 39500' \
		report.json
}

@test "names without end: memory does not grow with them" {
	peak() { # COUNT: KiB
		hostile "$1" > in
		"$BUILD/tests/measure" -r 1 "mm-validate -q --strict-keys --lint-names --infer-plan \
			--report report --report-format json in > plan" | awk '{ print $4 }'
	}
	few=$(peak 20000)
	many=$(peak 100000)
	[ "$few" -gt 1000 ]
	[ "$many" -lt $((few + few / 10)) ]
}

# ---- the file ----

@test "a report that can't be written is told, with status 2, and no half of it is left" {
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-validate --report /dev/full in
	[ "$output" = "$good" ]
	[ "$stderr" = 'mm-validate: /dev/full: No space left on device' ]
	run -2 --separate-stderr mm-validate --report missing/report in
	[ "$stderr" = 'mm-validate: missing/report: No such file or directory' ]
	mkdir folder
	run -2 --separate-stderr mm-validate --report folder in
	[ "$stderr" = 'mm-validate: folder: Is a directory' ]
	echo earlier > report
	gen_events -n 2000 --invalid 0 > in
	run -2 --separate-stderr bash -c 'ulimit -f 1
		mm-validate -q --report report --report-format json in | cat > /dev/null; exit "${PIPESTATUS[0]}"'
	[ "$stderr" = 'mm-validate: report: File too large' ]
	[ "$(cat report)" = earlier ]
	[ ! -e report.tmp ]
}

@test "a link is followed, what a killed run left behind is no hindrance" {
	printf '%s\n' "$good" > in
	mkdir other
	ln -s other/report report
	echo old > other/report
	echo half > other/report.tmp
	mm-validate -q --report report in
	[ -L report ]
	[ "$(head -n 1 other/report)" = 'Event quality: passed' ]
	[ "$(ls other)" = report ]
}

@test "a report keeps the mode of the file that it replaces, a new one has that of the umask" {
	printf '%s\n' "$good" > in
	for mode in 600 640 666; do
		echo old > report
		chmod $mode report
		(umask 022 && mm-validate -q --report report in)
		[ "$(stat -c %a report)" = $mode ]
		[ "$(head -n 1 report)" = 'Event quality: passed' ]
	done
	(umask 027 && mm-validate -q --report new in)
	[ "$(stat -c %a new)" = 640 ]
}

@test "a link to a file that is not there yet is followed; one that leads in a circle is refused" {
	printf '%s\n' "$good" > in
	mkdir other
	ln -s "$PWD/other/link" report
	ln -s ./target other/link
	mm-validate -q --report report in
	[ -L report ] && [ -L other/link ]
	[ "$(head -n 1 other/target)" = 'Event quality: passed' ]
	[ "$(ls other)" = $'link\ntarget' ]
	ln -s circle circle
	run -2 --separate-stderr mm-validate --report circle in
	[ "$stderr" = 'mm-validate: circle: Too many levels of symbolic links' ]
}

@test "a report over the input or over the events is refused" {
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-validate --report in in
	[[ $stderr == *'in: is also read'*'--report' ]]
	[ "$(cat in)" = "$good" ]
	run -2 --separate-stderr bash -c 'mm-validate --report /dev/stdout in > out'
	[[ $stderr == *'is also standard output'* ]]
}

@test "the report does not take the place of the rejects" {
	printf '%s\n' "$bad" > in
	run -2 --separate-stderr mm-validate --report both --rejects both in
	[ "$stderr" = "mm-validate: --report and --rejects need a file each; try 'mm-validate --help'" ]
	[ ! -e both ]
	echo earlier > both
	ln both also
	run -2 --separate-stderr mm-validate --report both --rejects also in
	[ "$(cat both)" = earlier ]
}

@test "a report to standard output, when that is a pipe, and the events elsewhere" {
	printf '%s\n' "$bad" > in
	run -1 --separate-stderr bash -c 'mm-validate -q --report - in 2>&1 > /dev/null'
	[ "${lines[0]}" = 'Event quality: FAILED' ]
}

@test "a reader that leaves early gets no report, and is told why" {
	gen_events -n 20000 --invalid 0 > in
	run -0 --separate-stderr bash -c \
		'mm-validate --report report in | head -n 1 > /dev/null; echo "${PIPESTATUS[0]}"'
	[ "$output" = 2 ]
	[[ $stderr == 'mm-validate: the reader of standard output left early: no report'* ]]
	[ ! -e report ]
}

@test "what could not be read is not reported as if it were all" {
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-validate --report report in missing
	[ "${stderr_lines[1]}" = 'mm-validate: not all was read: no report is written' ]
	[ ! -e report ]
}

@test "a signal leaves an earlier report as it was" {
	mkfifo fifo
	echo earlier > report
	env --default-signal=TERM mm-validate --report report < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n' "$good" >&9
	eventually test -s out
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 9>&-
	[ "$(cat report)" = earlier ]
}

# ---- thresholds ----

@test "--max-errors N: as many may be rejected, and not one more" {
	{ lines_of 7 "$good"; lines_of 3 "$bad"; } > in
	run -1 mm-validate -q in
	run -0 mm-validate -q --max-errors 3 in
	run -1 mm-validate -q --max-errors 2 in
	run -1 mm-validate -q --max-errors 0 in
}

@test "--max-errors P%: of the lines that are not blank" {
	{ lines_of 7 "$good"; lines_of 3 "$bad"; lines_of 90 ''; } > in
	run -0 mm-validate -q --max-errors 30% in
	run -1 mm-validate -q --max-errors 29.9% in
	run -1 mm-validate -q --max-errors 0% in
	run -0 mm-validate -q --max-errors 100% in
	: > in
	run -0 mm-validate -q --max-errors 0% in
}

@test "--max-errors P%: as decimals count, not as a computer rounds them" {
	# 0.57 * 10000 is 5699.999999999999 in binary
	{ lines_of 9943 "$good"; lines_of 57 "$bad"; } > in
	run -0 mm-validate -q --max-errors 0.57% in
	run -1 mm-validate -q --max-errors 0.5699% in
}

@test "what is beyond --max-errors is said" {
	printf '%s\n' "$bad" "$bad" > in
	run -1 --separate-stderr mm-validate --max-errors 1 in
	[ "${stderr_lines[-1]}" = 'mm-validate: 2 of 2 lines rejected: --max-errors 1 allows less' ]
}

@test "within the allowance, reports fail nothing" {
	{ lines_of 9 "$good"; lines_of 1 "$bad"; } > in
	all_formats --max-errors 10%
	[ "$(head -n 1 report.text)" = 'Event quality: passed' ]
	grep -q 'rejected lines allowed: 10%' report.text
	[ "$(jq -c '[.failed, .max_errors, .rejected]' report.json)" = '[false,"10%",1]' ]
	[ "$(xmllint --xpath 'count(//failure)' report.junit)" = 0 ]
	grep -q '^::warning file=in,line=10,' report.github
	run -1 grep '^::error' report.github
}

@test "misuse of the options" {
	printf '%s\n' "$good" > in
	for wrong in '--report-format json' '--baseline report' '--report r --max-drift 5' \
		'--max-errors 1x' '--max-errors %' '--max-errors -1' '--max-errors 101%' '--max-errors 1.5' \
		'--max-errors .5%' '--max-errors 99999999999999999999' '--report r --report-format xml' \
		'--report r --baseline in --max-drift 1e3' '--report r --baseline in --max-drift 101'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-validate $wrong in
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-validate: "*"; try 'mm-validate --help'" ]]
		[ ! -e r ]
	done
}

# ---- drift ----

@test "the same events have not drifted" {
	gen_events -n 2000 --invalid 0 > in
	report
	cp report baseline
	report --baseline baseline --max-drift 0
	[ "$status" -eq 0 ]
	[ "$(jq -c .drift report)" = '[]' ]
}

@test "a report may be its own baseline, from run to run" {
	lines_of 50 "$good" > in
	report
	report --baseline report
	[ "$status" -eq 0 ]
	lines_of 50 '{"event":"good_done"}' > in
	report --baseline report
	[ "$status" -eq 1 ]
	[ "$(jq -r '.drift[0] | "\(.severity) \(.event) \(.field) \(.message)"' report)" = \
		'error good_done properties.n Vanished: was there in 100 % of the events' ]
	report --baseline report
	[ "$status" -eq 0 ]
}

@test "a null rate that rises beyond --max-drift fails, within it it does not" {
	{ lines_of 95 "$good"; lines_of 5 '{"event":"good_done","properties":{"n":null}}'; } > in
	report
	cp report baseline
	{ lines_of 60 "$good"; lines_of 40 '{"event":"good_done","properties":{}}'; } > in
	report --baseline baseline --max-drift 34.9
	[ "$status" -eq 1 ]
	[ "$(jq -r '.drift[].message' report)" = \
		'Absent or null in 40.0 % of the events, before in 5.0 %' ]
	[[ $(cat err) == '' ]]
	report --baseline baseline --max-drift 35.1
	[ "$status" -eq 0 ]
	[ "$(jq -c .drift report)" = '[]' ]
	run -1 --separate-stderr mm-validate --report report --baseline baseline in
	[ "$stderr" = 'mm-validate: 1 change since baseline beyond the threshold: see the report' ]
}

@test "no events where there were some is drift, in all formats" {
	lines_of 10 "$good" > in
	report
	mv report before
	: > in
	report --baseline before
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.drift[] | [.event, .message]]' report)" = '[[null,"No valid event at all: before 10"]]' ]
	all_formats --baseline before
	grep 'FAILED' report.text
	grep '<failure' report.junit
	grep '^::error' report.github
}

@test "what is new is told and fails nothing" {
	lines_of 50 "$good" > in
	report
	cp report baseline
	{ lines_of 50 '{"event":"good_done","properties":{"n":1,"m":2}}'; lines_of 50 '{"event":"b"}'; } > in
	report --baseline baseline
	[ "$status" -eq 0 ]
	[ "$(jq -r '.drift[] | "\(.severity) \(.event) \(.field) \(.message)"' report | sort)" = \
"warning b null New: 50.0 % of all events
warning good_done properties.m New: there in 100 % of the events" ]
}

@test "what is no report is refused as a baseline" {
	printf '%s\n' "$good" > in
	for text in '' '{}' '{"report":2,"events":[]}' '{"report":1,"events":[{"event":1}]}' "$good"; do
		printf %s "$text" > baseline
		run -2 --separate-stderr mm-validate --report report --baseline baseline in
		[ -z "$output" ]
		[[ $stderr == 'mm-validate: baseline: is '* ]]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	run -2 --separate-stderr mm-validate --report report --baseline missing in
	[ "$stderr" = 'mm-validate: missing: No such file or directory' ]
	[ ! -e report ]
}

# ---- plans from data ----

@test "--infer-plan: types, presence, enums of small sets, dates" {
	for i in {1..30}; do
		plan=free
		((i % 3)) || plan=pro
		printf '{"event":"started","properties":{"plan":"%s","n":%d,"at":"2026-01-%02d","x":%s,"id":"id-%d"}}\n' \
			$plan "$i" "$i" "$( ((i % 2)) && echo 1 || echo 1.5)" "$i"
	done > in
	printf '%s\n' '{"event":"started","properties":{"plan":null,"n":1,"at":"2026-01-31","x":2,"o":{}}}' >> in
	run -0 --separate-stderr mm-validate --infer-plan in
	[ -z "$stderr" ]
	printf '%s\n' "$output" > plan
	[ "$(jq -c '[.version, .unknownEvents, .unknownProperties]' plan)" = '["1","warn","warn"]' ]
	[ "$(jq -cS '.events.started.properties' plan)" = \
'{"at":{"format":"date","required":true,"type":"string"},"id":{"type":"string"},"n":{"required":true,"type":"integer"},"o":{"type":"object"},"plan":{"enum":["free","pro",null],"required":true,"type":["null","string"]},"x":{"required":true,"type":"number"}}' ]
}

@test "values of people make no enum" {
	lines_of 50 '{"event":"a","properties":{"mail":"anna@example.com","from":"203.0.113.7","text":"caf\u00e9"}}' > in
	run -0 mm-validate --infer-plan in
	[ "$(jq -c '[.events.a.properties[] | has("enum")]' <<< "$output")" = '[false,false,false]' ]
}

@test "--infer-plan rejects as ever, and says so" {
	printf '%s\n' "$good" "$bad" > in
	run -1 --separate-stderr mm-validate --infer-plan in
	[ "$(jq -c '.events | keys' <<< "$output")" = '["good_done"]' ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:2: user_id: Expected string, received number' ]
}

@test "--infer-plan: a full disk is told" {
	printf '%s\n' "$good" > in
	run -2 --separate-stderr bash -c 'mm-validate --infer-plan in > /dev/full'
	[ "$stderr" = 'mm-validate: standard output: No space left on device' ]
}

@test "--infer-plan of no events is a plan" {
	run -0 mm-validate --infer-plan < /dev/null
	[ "$(jq -c .events <<< "$output")" = '{}' ]
}

# ---- names ----

@test "--lint-names tells each name once and rejects nothing" {
	{
		lines_of 20 '{"event":"SignUp","properties":{"planName":"x","price_cents":1}}'
		lines_of 20 '{"event":"order_paid","properties":{"price_cents":1,"currency":"eur"}}'
		lines_of 20 '{"event":"$signup"}'
		lines_of 5 '{"event":"complete_signup"}'
	} > in
	run -0 --separate-stderr mm-validate --lint-names in
	[ "$output" = "$(cat in)" ]
	[ "$stderr" = \
"mm-validate: warning: event SignUp: name: Not snake_case, as signup_completed
mm-validate: warning: event SignUp: planName: Not snake_case, as plan_name
mm-validate: warning: event SignUp: price_cents: An amount in _cents has a currency beside it
mm-validate: warning: event \$signup: name: \$ is reserved for system events, and this is none of them
mm-validate: warning: event complete_signup: name: Not in the past tense, as signup_completed (not complete_signup)" ]
	run -0 --separate-stderr mm-validate -q --lint-names in
	[ -z "$stderr" ]
}

@test "names stand in the report as warnings, with how many lines bear them" {
	lines_of 20 '{"event":"SignUp"}' > in
	report --lint-names
	[ "$status" -eq 0 ]
	[ "$(jq -c '.findings[] | [.severity, .event, .field, .count]' report)" = \
		'["warning","SignUp","event",20]' ]
	[ "$(jq .failed report)" = false ]
}

@test "more than ten names are counted" {
	for i in {1..30}; do printf '{"event":"E%d"}\n' "$i"; done > in
	run -0 --separate-stderr mm-validate --lint-names in
	[ "${#stderr_lines[@]}" -eq 11 ]
	[ "${stderr_lines[10]}" = 'mm-validate: 20 more warnings of names; --report FILE lists them' ]
}

# ---- plans and reports ----

# passes_own_plan: the events of `in` pass under the plan that is made of them.
passes_own_plan() {
	mm-validate -q in > valid || [ $? -eq 1 ]
	[ -s valid ]
	mm-validate -q --infer-plan in > plan || [ $? -eq 1 ]
	mm-validate --check-plan plan
	mm-validate --plan plan valid > out 2> err
	cmp valid out
	[ ! -s err ]
}

@test "events pass under the plan that was made of them" {
	for seed in 1 2 3 4 5; do
		gen_events -n 1500 -s $seed --invalid 30 > in
		passes_own_plan
	done
}

@test "events of any shape pass under the plan that was made of them" {
	node - > in <<-'END'
		// a generator with a fixed seed: the same events every time
		let state = 7;
		const below = n => {
			state ^= state << 13;
			state ^= state >>> 17;
			state ^= state << 5;
			return (state >>> 0) % n;
		};
		const names = ['a', 'b_done', 'a*', '*', '**b', 'ä', 'x\u0000y', '"', '\\', ' ', 'a.b', '__proto__'];
		const values = ['null', 'true', '0', '-0', '1.0', '1.5', '1e3', '1e400', '12345678901234567890123',
			'""', '"x"', '"2026-01-01"', '"2026-01-02"', '"2026-01-01T00:00:00Z"', '"\\u0078"', '"a b"',
			'"free"', '"pro"', '"x"', '"ä"', '"\\ud83d\\ude00"', '[]', '[1]', '{}', '{"a":1}'];
		for (let i = 0; i < 3000; i++) {
			const event = names[below(names.length)], members = [];
			// few kinds of values for each property, so that enums and types are guessed
			for (let n = below(6); n > 0; n--) {
				const name = names[below(names.length)];
				const value = values[(name.charCodeAt(0) * 7 + event.length + below(3)) % values.length];
				const key = below(4) ? JSON.stringify(name)
					: '"' + [...name].map(c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')).join('') + '"';
				members.push(`${key}:${value}`);
			}
			console.log(`{"event":${JSON.stringify(event)},"properties":{${members.join(',')}}}`);
		}
	END
	passes_own_plan
	[ "$(jq '.events | length' plan)" -eq 12 ]
	grep -q '"enum"' plan
}

@test "a plan of more events than fit still passes them" {
	awk 'BEGIN { for (i = 0; i < 1200; i++)
		printf "{\"event\":\"event_%d\",\"properties\":{\"p%d\":1}}\n", i, i }' > in
	awk 'BEGIN { for (i = 0; i < 700; i++)
		printf "{\"event\":\"event_1\",\"properties\":{\"many_%d\":1}}\n", i }' >> in
	passes_own_plan
	[ "$(jq -c '[.unknownEvents, .events.event_1.unknownProperties]' plan)" = '["allow","allow"]' ]
}

@test "what a plan says is in the report: errors, warnings, its version" {
	cat > plan <<-'END'
		{"version":"v <7>","unknownProperties":"warn","events":{"paid":{"properties":{
		"n":{"type":"integer","required":true},"m":{"type":"integer","severity":"warn"}}}}}
	END
	printf '%s\n' '{"event":"paid","properties":{"n":1}}' '{"event":"paid"}' \
		'{"event":"paid","properties":{"n":"x","m":"x"}}' '{"event":"paid","properties":{"n":1,"x":1}}' > in
	all_formats --plan plan
	[ "$(jq -c '[.plan_version, .rejected, .warned]' report.json)" = '["v <7>",2,2]' ]
	[ "$(jq -c '.events[] | [.lines, .rejected, .warned]' report.json)" = '[4,2,2]' ]
	[ "$(jq -r '.findings[] | "\(.severity) \(.field) \(.message) \(.examples[0].line)"' report.json | sort)" = \
"error properties.n Expected integer, received string 3
error properties.n Required 2
warning properties.m Expected integer, received string 3
warning properties.x Unknown property 4" ]
	xmllint --noout report.junit
	grep -q 'plan v &lt;7&gt;' report.junit
	grep -q 'plan v <7>' report.text
	grep -q '; plan v <7>$' report.github
}

@test "--check-plan --lint-names: the names of a plan" {
	printf '%s\n' '{"events":{"SignUp":{},"page_*":{},"order_paid":{"properties":' \
		'{"priceNet":{},"price_cents":{}}},"refund_sent":{"properties":' \
		'{"price_cents":{},"currency":{}}}}}' > plan
	run -0 --separate-stderr mm-validate --check-plan plan --lint-names
	[ -z "$output" ]
	[ "$stderr" = \
"mm-validate: plan: warning: event SignUp: name: Not snake_case, as signup_completed
mm-validate: plan: warning: event order_paid: priceNet: Not snake_case, as plan_name
mm-validate: plan: warning: event order_paid: price_cents: An amount in _cents has a currency beside it" ]
	run -0 --separate-stderr mm-validate --check-plan plan
	[ -z "$stderr" ]
}
