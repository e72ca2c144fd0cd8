#!/usr/bin/env bats
# mm-validate --assert, --assert-if, --select: expressions of jq.
#
# bats sets stderr_lines; $ENV is jq's.
# shellcheck disable=SC2016,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '%s\n' '{"event":"a","user_id":"u1","properties":{"n":1}}' \
		'{"event":"b","properties":{"n":2}}' '{"event":"c","user_id":null}' > in
}

# validate OPTION...: what passes, to `out`; the summary as JSON, to `err`.
validate() {
	local status=0
	mm-validate -q --summary json "$@" in > out 2> err || status=$?
	echo "status $status" >> err
}

events() {
	jq -r .event out | tr -d '\n'
}

# failures NAME: how often the assertion failed.
failures() {
	head -n 1 err | jq --arg name "Not true: $1" '.errors.assert[$name] // 0'
}

# ---- what is true ----

@test "an event of which the assertion is true passes, another is rejected" {
	run -1 --separate-stderr mm-validate --assert '.event == "a"' in
	[ "$output" = "$(head -n 1 in)" ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:2: assert: Not true: .event == "a"' ]
	[ "${stderr_lines[2]}" = 'mm-validate: 2 of 3 lines rejected' ]
}

@test "null and false are not true; every other value is" {
	validate --assert 'n=null' --assert 'f=false' --assert 'zero=0' --assert 'text=""' \
		--assert 'list=[]' --assert 'object={}' --assert 'yes=true'
	[ "$(head -n 1 err | jq -c .errors)" = '{"assert":{"Not true: n":3,"Not true: f":3}}' ]
}

@test "no output is not true; of several outputs all must be" {
	validate --assert 'none=empty' --assert 'some=true,false' --assert 'last=false,true' \
		--assert 'all=true,1'
	[ "$(failures none)" = 3 ]
	[ "$(failures some)" = 3 ]
	[ "$(failures last)" = 3 ]
	[ "$(failures all)" = 0 ]
}

@test "an error is a failure, also behind an output, and is not quoted" {
	printf '%s\n' '{"event":"a","user_id":"secret-value"}' > in
	run -1 --separate-stderr mm-validate --rejects rejects --assert 'bad=true, (.user_id | keys)' \
		--assert 'worse=error(.)' --summary json in
	[[ $stderr != *secret* ]]
	[ "$(jq -c .details rejects)" = \
		'{"fieldErrors":{"assert":["Not true: bad","Not true: worse"]},"formErrors":[]}' ]
	[ "$(jq -r .input rejects)" = "$(cat in)" ]
}

@test "all assertions that fail are listed, and counted apart" {
	validate --assert 'user=.user_id' --assert 'small=.properties.n < 2'
	[ "$(events)" = a ]
	[ "$(failures user)" = 2 ]
	[ "$(failures small)" = 1 ]
	[ "$(tail -n 1 err)" = 'status 1' ]
}

@test "a name is a word before one equals sign" {
	validate --assert '_A9=false' --assert 'length==0' --assert '.a=false | false' --assert '9=1'
	[ "$(failures _A9)" = 3 ]
	[ "$(failures 'length==0')" = 3 ]
	[ "$(failures '.a=false | false')" = 3 ]
	[ "$(failures '9=1')" = 3 ]
}

@test "events that are invalid by themselves are not asked about" {
	printf '%s\n' '{"event":7}' '[' > in
	validate --assert 'never=false' --select false
	[ "$(failures never)" = 0 ]
	[ "$(head -n 1 err | jq .rejected)" = 2 ]
}

# ---- which are checked, which are passed on ----

@test "--assert-if picks the events that are checked" {
	validate --assert-if '.event == "b"' --assert 'never=false'
	[ "$(events)" = ac ]
	[ "$(failures never)" = 1 ]
}

@test "--select picks the events that are passed on, and the others are counted" {
	validate --select '.user_id'
	[ "$(events)" = a ]
	[ "$(head -n 1 err | jq -c '[.lines,.valid,.rejected,.dropped]')" = '[3,3,0,{"select":2}]' ]
	[ "$(tail -n 1 err)" = 'status 0' ]
}

@test "dropped events are told without being asked, in words" {
	run -0 --separate-stderr mm-validate --select '.user_id' in
	[ "$stderr" = 'mm-validate: 0 of 3 lines rejected, 2 dropped by --select' ]
}

@test "an event that fails an assertion is rejected, selected or not" {
	validate --assert 'early=.event < "c"' --select '.event == "a"'
	[ "$(events)" = a ]
	[ "$(head -n 1 err | jq -c '[.rejected,.dropped.select]')" = '[1,1]' ]
}

@test "an error in --assert-if or --select rejects the event" {
	run -1 --separate-stderr mm-validate --assert-if '.user_id | length > (0 | keys)' in
	[ "$output" = '' ]
	[ "${stderr_lines[0]}" = \
		'mm-validate: in:1: assert: Error in --assert-if: .user_id | length > (0 | keys)' ]
	run -1 --separate-stderr mm-validate --select 'error' in
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: assert: Error in --select: error' ]
}

@test "select and jq pick the same events" {
	gen_events -n 2000 --invalid 0 > in
	expression='.user_id != null and (.url // "" | test("^https")) or .event == "signup"'
	jq -c "select($expression) | .event_id" in > want
	validate --select "$expression"
	[ -s want ]
	jq -c .event_id out | cmp - want
}

# ---- the bytes ----

@test "what passes is the line as it came" {
	cat > in <<-'END'
		{ "event" : "n\u0061" , "properties":{"a":12345678901234567890,"b":1.0,"c":1E+400,"d":9007199254740993}}
		{"event":"a","event":"b","properties":{"z":-0,"\u0000":"\ud83d\ude00"}}
	END
	validate --assert '.event' --assert-if '.properties' --select '.properties | length > 0'
	cmp in out
}

@test "every kind of line can be asked about" {
	gen_events -n 3000 --invalid 0 > in
	validate --assert '[.. | numbers, strings] | length > 0' --assert 'tojson | fromjson | .event'
	cmp in out
}

@test "nesting as deep as an event may have" {
	deep=$(times 62 '[')$(times 62 ']')
	printf '{"event":"a","properties":{"x":%s}}\n' "$deep" > in
	validate --assert '[.. | arrays] | length == 62'
	cmp in out
}

# ---- mistakes ----

@test "a syntax error is told with a caret, before anything is read" {
	run -2 --separate-stderr mm-validate --rejects rejects --assert '.a || .b' in
	[ "$output" = '' ]
	[[ ${stderr_lines[0]} == 'mm-validate: --assert: syntax error, unexpected '* ]]
	[ "${stderr_lines[1]}" = '    .a || .b' ]
	[ "${stderr_lines[2]}" = '        ^' ]
	[ ! -e rejects ]
}

@test "the caret of a name that is not known" {
	run -2 --separate-stderr mm-validate --assert-if '.foo | foo(1)' in
	[[ ${stderr_lines[0]} == 'mm-validate: --assert-if: '*foo/1*'not defined'* ]]
	[ "${stderr_lines[2]}" = '           ^' ]
	run -2 --separate-stderr mm-validate --select '.foo | $foo' in
	[ "${stderr_lines[2]}" = '           ^' ]
}

@test "the caret of an expression that ends too early" {
	run -2 --separate-stderr mm-validate --assert 'x=if .a then 1' in
	[ "${stderr_lines[1]}" = '    if .a then 1' ]
	[ "${stderr_lines[2]}" = '                ^' ]
}

@test "of an expression of several lines, the line of the mistake is shown" {
	run -2 --separate-stderr mm-validate --assert $'.a |\n  ("\xc3\xa4" ]' in
	[ "${stderr_lines[1]}" = $'      ("\xc3\xa4" ]' ]
	[ "${stderr_lines[2]}" = '           ^' ]
}

@test "a mistake without a place is shown with the expression" {
	run -2 --separate-stderr mm-validate --assert '{(1):2}' in
	[ "${#stderr_lines[@]}" = 2 ]
	[ "${stderr_lines[1]}" = '    {(1):2}' ]
}

@test "control characters of an expression do not reach the terminal" {
	run -2 --separate-stderr mm-validate --assert $'.a \e[31m' in
	[[ $stderr != *$'\e'* ]]
}

@test "an empty expression, a name given twice and what is not UTF-8 are refused" {
	run -2 --separate-stderr mm-validate --assert 'a= ' in
	[[ $stderr == *'not an empty text'* ]]
	run -2 --separate-stderr mm-validate --assert 'a=1' --assert 'a=2' in
	[[ $stderr == *'two are named a'* ]]
	run -2 --separate-stderr mm-validate --assert $'.a == "\xff"' in
	[[ $stderr == *'not UTF-8'* ]]
}

# ---- what expressions cannot do ----

@test "the environment is not given to expressions" {
	salt
	validate --assert 'env.HOME == null' --assert '$ENV.HOME == null' --assert '$ENV == {}' \
		--assert 'env == {}' --assert 'env.MM_IP_SALT == null' \
		--assert '$ENV | has("MM_IP_SALT") | not' --assert '"\(env)\($ENV)" == "{}{}"'
	cmp in out
}

@test "no other input, no end of the program" {
	for e in input inputs input_filename input_line_number halt halt_error 'halt_error(0)' \
		'true, halt' 'first(inputs)' '"x" | modulemeta' 'true, halt_error'; do
		validate --assert "x=$e"
		[ "$(failures x)" = 3 ]
		[ "$(tail -n 1 err)" = 'status 1' ]
	done
	validate --assert 'get_search_list == []'
	cmp in out
}

@test "debug and stderr print nothing" {
	run -0 --separate-stderr mm-validate --assert 'debug | stderr | .event' in
	[ "$output" = "$(cat in)" ]
	[ "$stderr" = '' ]
}

@test "modules are refused, and ~/.jq is not read" {
	mkdir home
	echo 'def secret: true;' > home/.jq
	cp home/.jq secret.jq
	for e in 'import "secret" as s; s::secret' 'include "secret"; secret' \
		'include "secret" {search:"./"}; secret' 'secret'; do
		HOME=$PWD/home run -2 --separate-stderr mm-validate --assert "$e" in
		[ "$output" = '' ]
	done
}

# ---- what ends libjq, and what does not end ----

# rejected REASON OPTION...: of three lines the middle one is, with that reason.
rejected() {
	local reason=$1
	shift
	rm -f rejects
	validate --assert-time "${time:-200ms}" --assert-mem 64M --rejects rejects "$@"
	{ echo "$*" && cat err rejects; } >&2
	[ "$(tail -n 1 err)" = 'status 1' ]
	[ "$(events)" = ac ]
	[[ $(jq -r '.details.fieldErrors.assert[0]' rejects) =~ ^($reason)\  ]]
}

# fatal REASON EXPRESSION: asked of the line b alone, by each option and by a plan.
fatal() {
	local e="if .event == \"b\" then ($2) else true end"
	rejected "($1):" --assert "x=$e"
	rejected "($1) in --assert-if:" --assert-if "$e" --assert true
	rejected "($1) in --select:" --select "$e"
	jq -n --arg e "x=$e" '{events: {a: {assert: [$e]}, b: {assert: ["true", $e]}, c: {}}}' > plan.json
	rejected "($1):" --plan plan.json
}

@test "an expression that ends libjq fails for its line only" {
	printf '%s\n' '{"event":"a","properties":{"n":1}}' \
		'{"event":"b","properties":{"n":1747422000000000000,"s":"aé","least":-9223372036854775808}}' \
		'{"event":"c","properties":{"n":3}}' > in
	# what later releases of jq(1), and other processors, can do is not true there
	for e in '.properties.n | todate | false' '.properties.n | strflocaltime("%Z") | false' \
		'.properties.least % -1 | false' '.properties.s | [match(""; "g")] | length > 99' \
		'reduce range(1000000) as $i (0; [.]) | tojson | false'; do
		fatal 'Crash of libjq|Error|Not true|Out of memory|Out of time' "$e"
	done
}

@test "an expression that does not end fails for its line only" {
	local time=50ms
	for e in 'last(range(1e12))' 'def f: f; f' '[range(10000) | "" * 2000000000] | length'; do
		fatal 'Out of time' "$e"
	done
}

# ASAN_OPTIONS: for a run with sanitizers, whose allocator would end the program itself.
@test "an expression that needs too much memory fails for its line only" {
	export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0
	fatal 'Out of memory' 'reduce range(40) as $i ("xxxxxxxxxxxxxxxx"; . + .)'
	fatal 'Out of memory' 'def f: 1 + f; f'
}

@test "what is odd and no end of libjq is an answer" {
	for e in '"a" | @base32d | false' '[1114112] | implode | false' '[-1] | implode | false' \
		'1 | ltrimstr(1) | false' '[splits("(")]' '[1e300, 1, 1, 1, 1, 1, 1, 1] | mktime | false' \
		'[2024, 1e10, 1, 1, 1, 1, 1, 1] | strftime("%c") | false' 'input' '"x" | test("(")' \
		'[range(10000)] as $p | null | getpath($p | map("a"))' 'setpath([1e10]; 1) | false' \
		'$__loc__ | false' 'halt' 'true, halt_error(7)' '1 % 0' '("a" * 40) + "b" | test("^(a|a)*$")'; do
		rejected 'Not true:' --assert "x=if .event == \"b\" then ($e) else true end"
	done
}

@test "many lines that end libjq: each is told, the others pass in their order" {
	seq 1500 | jq -c '{event: "e\(.)", n: (if . % 7 == 0 then 1747422000000000000 else . end)}' > in
	validate --rejects rejects --assert 'x=(.n | todate) as $date | .n < 9999'
	jq -c 'select(.n < 9999)' in | cmp - out
	[ "$(jq .line rejects)" = "$(seq 7 7 1500)" ]
}

@test "the bounds are as asked for" {
	export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0
	expression='reduce range(21) as $i ("xxxxxxxxxxxxxxxx"; . + .) | length > 0'
	run -1 mm-validate --assert-mem 8M --assert "$expression" in
	run -0 mm-validate --assert-mem 512M --assert "$expression" in
	run -1 mm-validate --assert-time 10ms --assert 'last(range(1e6))' in
	run -0 mm-validate --assert-time 1m --assert 'last(range(1e6))' in
}

@test "bounds that are too small or too large are refused" {
	run -2 mm-validate --assert-mem 1k in
	run -2 mm-validate --assert-mem 2G in
	run -2 mm-validate --assert-time 1ms in
	run -2 mm-validate --assert-time 2h in
}

@test "lines, rejects and files that cannot be read keep their order" {
	{
		echo '{"event":"a"}'
		printf '{"event":"%s"}\n' "$(times 200 x)"
		echo '{"event":7}'
		printf '\n%s' '{"event":"b"}'
	} > one
	echo '{"event":"c"}' > two
	run -2 --separate-stderr mm-validate --max-line 100 --assert true one missing two
	[ "$output" = $'{"event":"a"}\n{"event":"b"}\n{"event":"c"}' ]
	[[ ${stderr_lines[0]} == 'mm-validate: one:2: Line too long'* ]]
	[[ ${stderr_lines[1]} == 'mm-validate: one:3: '* ]]
	[[ ${stderr_lines[2]} == 'mm-validate: missing: '* ]]
}

@test "an answer does not wait for more input" {
	mkfifo fifo
	mm-validate --assert .event < fifo > out &
	pid=$!
	exec 4> fifo
	for i in 1 2 3; do
		echo "{\"event\":\"e$i\"}" >&4
		eventually grep -q "e$i" out
	done
	exec 4>&-
	ends_with 0 "$pid"
}

# children PID: of the process.
children() {
	pgrep -P "$1"
}

@test "killed, it leaves no process behind" {
	mm-validate --assert-time 1h --assert 'last(range(infinite))' in > out 2> err &
	pid=$!
	eventually children "$pid"
	child=$(children "$pid")
	kill -KILL "$pid"
	ends_with 137 "$pid"
	gone() { ! kill -0 "$child"; }
	eventually gone
}

@test "its child may be ended by somebody else" {
	mkfifo fifo
	mm-validate --assert .event < fifo > out &
	pid=$!
	exec 4> fifo
	for i in 1 2; do
		echo "{\"event\":\"e$i\"}" >&4
		eventually grep -q "e$i" out
		kill -KILL "$(children "$pid")"
	done
	exec 4>&-
	ends_with 0 "$pid"
	[ "$(events)" = e1e2 ]
}

# ---- between other commands ----

@test "a signal ends an expression that does not, and what came before is passed on" {
	for e in 'last(range(infinite))' 'def f: f; f' '[range(10000) | "" * 2000000000] | length'; do
		mm-validate --assert-time 1h --assert "if .event == \"a\" then 1 else $e end" in > out 2> err &
		pid=$!
		eventually children "$pid"
		sleep 0.2
		kill -TERM "$pid"
		ends_with 143 "$pid"
		[ "$(cat err)" = 'mm-validate: in:2: not checked, nor are the lines after it: a signal came' ]
		[ "$(cat out)" = "$(head -n 1 in)" ]
	done
}

@test "a signal to all of the group is not taken for the end of an expression" {
	seq 300 | jq -c '{event: "e\(.)"}' > in
	setsid mm-validate --assert '[range(20000)] | length > 0' in > out 2> err &
	pid=$!
	eventually children "$pid"
	kill -TERM -- "-$pid"
	ends_with 143 "$pid"
	[[ $(cat err) != *'Crash'* ]]
	head -n "$(wc -l < out)" in | cmp - out
}

@test "the reader may leave early" {
	gen_events -n 20000 --invalid 0 > in
	run -0 --separate-stderr bash -c 'set -o pipefail; mm-validate --assert .event in | head -n 1; exit ${PIPESTATUS[0]}'
	[ "$output" = "$(head -n 1 in)" ]
	[ "$stderr" = '' ]
}

@test "a full disk is told" {
	run -2 --separate-stderr bash -c 'mm-validate --assert .event in > /dev/full'
	[[ $stderr == *'standard output'* ]]
}

@test "a rejects file can be written on a full-length line" {
	head -c 900000 /dev/zero | tr '\0' '\1' | sed 's/\x01/\\u0001/g' > long
	{
		printf '{"event":"a","x":"'
		cat long
		printf '"}\n'
	} > in
	run -1 mm-validate --assert-mem 64M --max-line 8M --rejects rejects --assert 'x=.x | length == 1' in
	[ "$(jq -r '.input' rejects | cmp - in && echo same)" = same ]
}
