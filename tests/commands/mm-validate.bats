#!/usr/bin/env bats
# mm-validate: what passes, what is rejected and why, and how it behaves
# between other commands.
#
# bats sets stderr_lines; scripts in single quotes are for another shell.
# shellcheck disable=SC1003,SC2016,SC2094,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	good='{"event":"good","user_id":"u1"}'
	bad='{"event":""}'
}

# ---- what passes ----

@test "valid lines pass byte for byte" {
	gen_events -n 5000 --invalid 0 > in
	mm-validate in > out 2> err
	cmp in out
	[ ! -s err ]
}

@test "every line is either passed or rejected, in order" {
	gen_events -n 3000 --invalid 200 > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	printf '%s\n' "$output" > out
	[ "$(wc -l < out)" -eq 2800 ]
	[ "$(wc -l < rejects)" -eq 200 ]
	jq -r .line rejects > numbers
	sort -n -c numbers
	awk 'NR == FNR { gone[$1]; next } !(FNR in gone)' numbers in | cmp - out
}

@test "numbers, escapes and white space are left as they were sent" {
	cat > in <<-'END'
		{"event":"n","properties":{"a":1.0,"b":1e3,"c":12345678901234567890,"d":-0,"e":1E+400,"f":0.1e-7}}
		  { "event" : "\u0065\/\ud83d\ude00" ,	"properties" : { } }  
	END
	mm-validate in > out
	cmp in out
}

@test "the end of the last line may be missing" {
	printf '%s' "$good" > in
	run -0 --separate-stderr mm-validate in
	[ "$output" = "$good" ]
}

@test "CRLF becomes LF" {
	printf '%s\r\n%s\r\n' "$good" "$good" > in
	mm-validate in > out
	printf '%s\n%s\n' "$good" "$good" | cmp - out
}

@test "a byte order mark at the start is skipped, in each file" {
	printf '\xef\xbb\xbf%s\n' "$good" > in
	mm-validate in in > out
	printf '%s\n%s\n' "$good" "$good" | cmp - out
}

@test "a byte order mark elsewhere is an error" {
	printf '%s\n\xef\xbb\xbf%s\n' "$good" "$good" > in
	run -1 --separate-stderr mm-validate in
	[ "$output" = "$good" ]
	[[ $stderr == *"in:2: Invalid JSON at byte offset 0"* ]]
}

@test "blank lines are skipped and counted as lines" {
	printf '\n  \t \n\r\n%s\n\n%s\n' "$good" "$bad" > in
	run -1 --separate-stderr mm-validate in
	[ "$output" = "$good" ]
	[[ ${stderr_lines[0]} == "mm-validate: in:6: event: Too short"* ]]
}

@test "an empty file is no error" {
	: > in
	run -0 --separate-stderr mm-validate in
	[ -z "$output$stderr" ]
}

@test "however the input is cut, the output is the same" {
	{
		printf '\xef\xbb\xbf'
		gen_events -n 40 --invalid 7 | sed 's/$/\r/'
		printf '\n\r\n%s' "$good"
	} > in
	mm-validate --rejects want.rejects < in > want || [ $? -eq 1 ]
	for size in 1 2 3 7 64 1000 4096; do
		dd if=in bs=$size status=none | mm-validate --rejects-new --rejects rejects > out || [ $? -eq 1 ]
		cmp want out
		cmp want.rejects rejects
	done
}

# ---- what is rejected ----

@test "a reject record has the line, the reasons and the input" {
	printf '%s\n{"event":"","user_id":7,"url":"x"}\n' "$good" > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "$(jq -c keys_unsorted rejects)" = '["line","error","details","input"]' ]
	[ "$(jq -c '[.line, .error, .details.formErrors]' rejects)" = '[2,"invalid_payload",[]]' ]
	[ "$(jq -c '.details.fieldErrors | keys_unsorted' rejects)" = '["event","user_id","url"]' ]
	[ "$(jq -r '.details.fieldErrors.user_id[0]' rejects)" = "Expected string, received number" ]
	[ "$(jq -r .input rejects)" = '{"event":"","user_id":7,"url":"x"}' ]
}

@test "what is not JSON is a form error with its offset" {
	printf '{"event":"x"\n' > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "$(jq -c .details rejects)" = '{"fieldErrors":{},"formErrors":["Invalid JSON at byte offset 12: the text ends too early"]}' ]
}

@test "what is no object is a form error" {
	printf '[1]\n"x"\nnull\n' > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "$(jq -r '.details.formErrors[0]' rejects | tail -n 1)" = "Expected object, received null" ]
}

@test "an input that is not UTF-8 stands in base64" {
	printf '{"event":"\xff\x00\xfe"}\n' > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "$(jq 'has("input")' rejects)" = false ]
	jq -r .input_base64 rejects | base64 -d > back
	head -c -1 in | cmp - back
}

@test "a NUL byte in a line is kept in its record" {
	printf '{"event":"a\0b"}\n' > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	jq -j .input rejects > back
	head -c -1 in | cmp - back
}

@test "binary garbage is rejected line by line, and nothing is lost" {
	head -c 20000 /bin/ls > in
	printf '\n%s\n' "$good" >> in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "$output" = "$good" ]
	jq -e 'has("line") and (has("input") or has("input_base64"))' rejects > /dev/null
}

@test "rejects can be repaired and replayed" {
	gen_events -n 500 --invalid 60 > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	jq -r 'select(has("input")).input' rejects > replay
	run -1 --separate-stderr mm-validate --rejects again replay
	[ -z "$output" ]
	diff <(jq -c 'select(has("input")) | [.details, .input]' rejects) <(jq -c '[.details, .input]' again)
}

@test "duplicate keys: the last one counts" {
	printf '%s\n' '{"event":"","event":"x"}' '{"event":"x","\u0065vent":null}' > in
	run -1 --separate-stderr mm-validate in
	[ "$output" = '{"event":"","event":"x"}' ]
}

@test "lengths count UTF-16 units" {
	{
		printf '{"event":"%s"}\n' "$(times 64 😀)"
		printf '{"event":"%sx"}\n' "$(times 64 😀)"
		printf '{"event":"%s"}\n' "$(times 128 é)"
		printf '{"event":"%s"}\n' "$(times 129 é)"
	} > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -c .line rejects | tr '\n' ' ')" = '2 4 ' ]
}

@test "properties: 8192 minified bytes pass, 8193 do not" {
	{
		printf '{"event":"x","properties":{ "k" : "%s" } }\n' "$(times 8184 a)"
		printf '{"event":"x","properties":{ "k" : "%s" } }\n' "$(times 8185 a)"
	} > in
	run -1 --separate-stderr mm-validate --rejects rejects in
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -c .details.fieldErrors rejects)" = '{"properties":["Too large: at most 8192 bytes when minified"]}' ]
}

@test "unknown keys are an error with --strict-keys alone" {
	printf '{"event":"x","extra":1,"ip_hash":"x","ip":"::1"}\n' > in
	run -0 --separate-stderr mm-validate in
	[ "$output" = "$(cat in)" ]
	run -1 --separate-stderr mm-validate --strict-keys --rejects rejects in
	[ "$(jq -c '.details.fieldErrors | keys_unsorted' rejects)" = '["extra","ip_hash"]' ]
}

# ---- lines that are too long ----

@test "a line of 1 MiB passes, of a byte more does not" {
	{
		printf '{"event":"x","other":"%s"}\n' "$(head -c $((1048576 - 24)) /dev/zero | tr '\0' a)"
		printf '{"event":"x","other":"%s"}\n' "$(head -c $((1048576 - 23)) /dev/zero | tr '\0' a)"
		printf '%s\n' "$good"
	} > in
	[ "$(head -n 1 in | wc -c)" -eq 1048577 ]
	mm-validate --rejects rejects in > out || [ $? -eq 1 ]
	sed 2d in | cmp - out
	[ "$(jq -c '[.line, .details.formErrors[0]]' rejects)" = '[2,"Line too long: at most 1048576 bytes (--max-line)"]' ]
	sed -n 2p in > want
	jq -r .input rejects | cmp - want
}

@test "the record of a long line holds all of it, wherever characters are cut" {
	for prefix in '' x xx xxx; do
		{
			printf %s "$prefix"
			yes 'é€😀"\' | head -n 20000 | tr -d '\n'
			printf '\r\n%s\n' "$good"
		} > in
		run -1 --separate-stderr mm-validate --max-line 100k --rejects-new --rejects rejects in
		[ "$output" = "$good" ]
		head -n 1 in | tr -d '\r' > want
		jq -r .input rejects | cmp - want
	done
}

@test "a long line that is not UTF-8 at its end stands in base64" {
	{
		head -c 200001 /dev/zero | tr '\0' a
		printf '\xf0\x9f\x98\n%s\n' "$good"
	} > in
	run -1 --separate-stderr mm-validate --max-line 64k --rejects rejects in
	[ "$output" = "$good" ]
	head -n 1 in | head -c -1 > want
	jq -r .input_base64 rejects | base64 -d | cmp - want
}

@test "--max-line counts neither CR nor LF" {
	line='{"event":"x","user_id":"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"}'
	printf '%s\r\n%sx\n%s' "$line" "$line" "$line" > in
	run -1 --separate-stderr mm-validate --max-line ${#line} in
	[ "${#lines[@]}" -eq 2 ]
	[[ ${stderr_lines[0]} == *"in:2: Line too long"* ]]
}

@test "a line far too long takes no more memory than others" {
	mkfifo fifo
	mm-validate --rejects rejects < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n' "$good" >&9
	eventually grep -q good out
	before=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
	{
		head -c 64M /dev/zero | tr '\0' a
		printf '\n%s\n' '{"event":"after"}'
	} >&9
	eventually grep -q after out
	after=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
	exec 9>&-
	ends_with 1 "$pid"
	[ $((after - before)) -lt 16384 ]
	[ "$(stat -c %s rejects)" -gt $((64 << 20)) ]
}

# ---- messages ----

@test "ten rejects are explained, then they are counted" {
	for _ in 1 2 3 4 5 6 7 8 9 10 11; do
		echo "$bad"
	done > in
	run -1 --separate-stderr mm-validate in
	[ "${#stderr_lines[@]}" -eq 11 ]
	[[ ${stderr_lines[9]} == "mm-validate: in:10: event: "* ]]
	[[ ${stderr_lines[10]} == "mm-validate: 11 of 11 lines rejected;"*"--rejects FILE"* ]]
}

@test "all that is wrong with a line is explained" {
	run -1 --separate-stderr mm-validate <<< '{"user_id":1,"timestamp":"x"}'
	[[ ${stderr_lines[0]} == "mm-validate: <stdin>:1: event: Required; timestamp: Invalid date-time"*"; user_id: Expected string, received number" ]]
}

@test "lines are numbered by file" {
	printf '%s\n%s\n' "$good" "$bad" > a
	printf '%s\n' "$bad" > b
	run -1 --separate-stderr mm-validate a - b < a
	[[ ${stderr_lines[0]} == "mm-validate: a:2: "* ]]
	[[ ${stderr_lines[1]} == "mm-validate: <stdin>:2: "* ]]
	[[ ${stderr_lines[2]} == "mm-validate: b:1: "* ]]
	run -1 --separate-stderr mm-validate --rejects rejects a b
	[ "$(jq -c '[.file, .line]' rejects | tr '\n' ' ')" = '["a",2] ["b",1] ' ]
}

@test "control characters of a file's name are made visible" {
	name=$'a\n\e[31m'
	printf '%s\n' "$bad" > "$name"
	run -1 --separate-stderr mm-validate "$name"
	[[ ${stderr_lines[0]} == 'mm-validate: a\x0a\x1b[31m:1: event'* ]]
}

@test "what would reorder or hide text in a message is made visible" {
	run -2 --separate-stderr mm-validate $'in\xe2\x80\xaevo\xe2\x80\x8bice\xff'
	[ "$stderr" = 'mm-validate: in\u202evo\u200bice\xff: No such file or directory' ]
}

@test "--quiet says nothing; with --summary, how many" {
	printf '%s\n%s\n' "$good" "$bad" > in
	run -1 --separate-stderr mm-validate --quiet in
	[ -z "$stderr" ]
	run -1 --separate-stderr mm-validate -q --summary text in
	[ "$stderr" = "mm-validate: 1 of 2 lines rejected" ]
}

@test "--summary text says it when nothing was rejected too" {
	run -0 --separate-stderr mm-validate --summary text <<< "$good"
	[ "$stderr" = "mm-validate: 0 of 1 lines rejected" ]
}

@test "--summary json counts by field and message" {
	printf '%s\n%s\n%s\n\n{"user_id":1}\n{"event":"x"\n{"event":"xyz"\n' "$good" "$bad" "$bad" > in
	run -1 --separate-stderr mm-validate -q --summary json in
	jq -e . <<< "$stderr" > summary
	[ "$(jq -c '[.lines, .valid, .rejected, .blank]' summary)" = '[6,1,5,1]' ]
	[ "$(jq -c .errors.event summary)" = '{"Too short: at least 1 character":2,"Required":1}' ]
	[ "$(jq -c .errors.user_id summary)" = '{"Expected string, received number":1}' ]
	[ "$(jq -c '.errors[""]' summary)" = '{"the text ends too early":2}' ]
}

@test "the summary stays small whatever keys are sent" {
	for i in {1..300}; do
		printf '{"event":"x","key%d":1}\n' "$i"
	done > in
	run -1 --separate-stderr mm-validate --strict-keys -q --summary json in
	[ "$(jq '[.errors[][]] | add' <<< "$stderr")" -eq 128 ]
	[ "$(jq .more <<< "$stderr")" -eq 172 ]
}

@test "a key as long as a line is not kept for the summary" {
	printf '{"event":"x","%s":1}\n' "$(times 256 k)" "$(times 257 k)" > in
	run -1 --separate-stderr mm-validate --strict-keys -q --summary json in
	[ "$(jq -c '[([.errors[][]] | add), .more]' <<< "$stderr")" = '[1,1]' ]
}

@test "no value of a line is in a message" {
	cat > in <<-'END'
		{"event":{"secret-1":1}}
		{"event":"x","url":"https://secret-2:99999/"}
		{"event":"x","timestamp":"secret-3"}
		{"event":"x","ip":"secret-4"}
		{"event":"x","project_id":"secret-5"}
		{"event":"secret-6",}
		secret-7
		{"event":"x","url":"secret-8 /"}
		{"event":"x","url":"http://[secret-9]/"}
	END
	run -1 --separate-stderr mm-validate --summary json in
	[ -z "$output" ]
	[[ $stderr != *secret* ]]
}

# ---- the rejects file ----

@test "the rejects file is its owner's only" {
	umask 022
	mm-validate --rejects new <<< "$bad" || [ $? -eq 1 ]
	[ "$(stat -c %a new)" = 600 ]
	echo old > there
	chmod 644 there
	mm-validate --rejects there <<< "$bad" || [ $? -eq 1 ]
	[ "$(stat -c %a there)" = 600 ]
	[ "$(tail -n 1 there | jq .line)" = 1 ]
}

@test "the rejects file is there, and empty, when nothing was rejected" {
	mm-validate --rejects rejects <<< "$good"
	[ -f rejects ] && [ ! -s rejects ]
}

@test "a rejects file that is also read is refused and left alone" {
	printf '%s\n' "$bad" > in
	ln in link
	ln -s in symlink
	cp in copy
	for name in in link symlink; do
		run -2 --separate-stderr mm-validate --rejects $name in
		[ "$stderr" = "mm-validate: $name: is also read: choose another file for --rejects" ]
		run -2 --separate-stderr mm-validate --rejects $name < in
		run -2 --separate-stderr mm-validate --rejects $name copy - < in
		cmp in copy
	done
}

@test "a rejects file that is also written is refused" {
	printf '%s\n' "$bad" > in
	run -2 --separate-stderr sh -c 'mm-validate --rejects out in > out'
	[ "$stderr" = "mm-validate: out: is also standard output: choose another file for --rejects" ]
}

@test "a rejects file that can't be made ends it before it begins" {
	run -2 --separate-stderr mm-validate --rejects no/such/folder <<< "$good"
	[ -z "$output" ]
	[ "$stderr" = "mm-validate: no/such/folder: No such file or directory" ]
}

@test "--rejects - writes records to standard error" {
	printf '%s\n%s\n' "$good" "$bad" > in
	run -1 --separate-stderr mm-validate -q --rejects - in
	[ "$output" = "$good" ]
	[ "$(jq -c .line <<< "${stderr_lines[0]}")" = 2 ]
}

@test "a full disk under the rejects file is an error" {
	printf '%s\n' "$bad" > in
	run -2 --separate-stderr mm-validate --rejects /dev/full in
	[[ $stderr == *"mm-validate: /dev/full: No space left on device"* ]]
}

# ---- files and streams ----

@test "a full disk under the output is an error" {
	run -2 --separate-stderr sh -c 'echo "$1" | mm-validate > /dev/full' - "$good"
	[ "$stderr" = "mm-validate: standard output: No space left on device" ]
}

@test "a limit on the size of files is an error, and no signal's death" {
	times 100 "$good"$'\n' > in
	run -2 --separate-stderr bash -c 'ulimit -f 1; mm-validate in > out'
	[ "$stderr" = "mm-validate: standard output: File too large" ]
}

@test "a full disk is noticed early in a long input" {
	gen_events -n 20000 --invalid 0 > in
	run -2 --separate-stderr sh -c 'mm-validate < in > /dev/full; echo $?; exit 2'
	[ "$output" = 2 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a reader that leaves early is no error" {
	gen_events -n 20000 --invalid 100 > in
	run -0 --separate-stderr bash -c 'mm-validate -q in | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${lines[1]}" = 0 ]
	[ -z "$stderr" ]
}

@test "closed standard input, output and error" {
	run -2 --separate-stderr sh -c 'mm-validate <&-'
	[ "$stderr" = "mm-validate: <stdin>: Bad file descriptor" ]
	run -2 --separate-stderr sh -c 'echo "$1" | mm-validate >&-' - "$good"
	[ "$stderr" = "mm-validate: standard output: Bad file descriptor" ]
	run -1 --separate-stderr sh -c 'echo "$1" | mm-validate 2>&-' - "$bad"
	[ -z "$output" ]
}

@test "a missing file and a folder are reported; the others are read" {
	printf '%s\n' "$good" > in
	run -2 --separate-stderr mm-validate missing . in
	[ "$output" = "$good" ]
	[ "${stderr_lines[0]}" = "mm-validate: missing: No such file or directory" ]
	[ "${stderr_lines[1]}" = "mm-validate: .: Is a directory" ]
}

@test "- is standard input, -- ends the options" {
	printf '%s\n' "$good" > -x
	run -0 --separate-stderr mm-validate -- -x - < -x
	[ "${#lines[@]}" -eq 2 ]
}

@test "output is live: a line leaves as soon as no more comes" {
	mkfifo fifo
	mm-validate --rejects rejects < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	for i in 1 2 3; do
		printf '{"event":"n%d"}\n{"event":"","n":%d}\n' "$i" "$i" >&9
		eventually grep -q "n$i" out
		eventually grep -q "n.*:$i" rejects
	done
	exec 9>&-
	ends_with 1 "$pid"
}

@test "a signal: what was read leaves, then it dies by the signal" {
	for signal in TERM INT HUP; do
		mkfifo fifo.$signal
		env --default-signal=$signal mm-validate --rejects rejects.$signal \
			< fifo.$signal > out.$signal 2> err 3>&- &
		pid=$!
		exec 9> fifo.$signal
		printf '%s\n%s\n{"event":"half' "$good" "$bad" >&9
		eventually test -s out.$signal
		kill -$signal "$pid"
		ends_with $((128 + $(kill -l $signal))) "$pid"
		exec 9>&-
		[ "$(cat out.$signal)" = "$good" ]
		[ "$(jq .line rejects.$signal)" = 2 ]
	done
}

@test "a signal ends it also while nobody reads what it writes" {
	gen_events -n 20000 --invalid 0 > in
	mkfifo fifo
	exec 8<> fifo
	env --default-signal=TERM mm-validate in > fifo 2> err 3>&- &
	pid=$!
	eventually grep -q '^State:.S' "/proc/$pid/status"
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 8>&-
	[ ! -s err ]
}

@test "a signal that was ignored stays ignored" {
	mkfifo fifo
	env --ignore-signal=HUP mm-validate < fifo > out 2> err 3>&- &
	pid=$!
	exec 9> fifo
	printf '%s\n' "$good" >&9
	eventually test -s out
	kill -HUP "$pid"
	printf '%s\n' "$good" >&9
	exec 9>&-
	ends_with 0 "$pid"
	[ "$(wc -l < out)" -eq 2 ]
}

# ---- the call ----

@test "help and version" {
	run -0 --separate-stderr mm-validate --help
	[[ ${lines[0]} == "Usage: mm-validate [OPTION]... [FILE]..." ]]
	[ -z "$stderr" ]
	help=$output
	run -0 --separate-stderr mm-validate -h
	[ "$output" = "$help" ]
	run -0 --separate-stderr mm-validate --version
	[[ $output =~ ^mm-validate\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	run -2 --separate-stderr sh -c 'mm-validate --help > /dev/full'
	[[ $stderr == *"No space left on device" ]]
}

@test "misuse is one line and status 2" {
	for arguments in --nonsense -x --quiet=1 --summary --summary=xml --max-line=0 \
		--max-line=2x --max-line=-1 --max-line=99999999999999999999 --rejects --sum=text; do
		run -2 --separate-stderr mm-validate "$arguments" < /dev/null
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "mm-validate: "*"; try 'mm-validate --help'" ]]
	done
}
