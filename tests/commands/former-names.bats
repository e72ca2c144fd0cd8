#!/usr/bin/env bats
# Options that got names of their own: the former names work, and are told nowhere.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the former name of an option works, without a word" {
	printf '%s\n' '{"event":"a","event_id":"1"}' '{"event":"b","event_id":"2"}' '{"event":"a","event_id":"1"}' >in
	run -0 --separate-stderr mm-dedup --window 1 in
	[[ ${#lines[@]} -eq 3 && $stderr == *"raise --remember"* ]]
	run -0 --separate-stderr mm-classify --url 'https://shop.example/?gclid=1'
	[[ $output == *google_click_id* && -z $stderr ]]
	run -0 --separate-stderr mm-batch --max-age 1h in
	[[ $output == '{"events":['* && -z $stderr ]]
	run -1 --separate-stderr mm-validate -q --where '.event == "b"' --assert never=false in
	[ "${#lines[@]}" -eq 2 ]
	run -0 --separate-stderr mm-insert --max-age 1h --format json --spool spool --url http://127.0.0.1:1 </dev/null
	[[ -z $output$stderr ]]
	run -2 --separate-stderr mm-send --url ftp://x --key-file key </dev/null
	[[ $stderr == "mm-send: --api: "* ]]
	run -2 --separate-stderr mm-send --max-age 0 </dev/null
	[[ $stderr == "mm-send: --flush-after: expected 1ms to 1d"* ]]
	run -2 --separate-stderr mm-serve --connections 0
	[[ $stderr == "mm-serve: --max-connections: expected 1 to 1000000"* ]]
}

@test "help and completions have the new names alone" {
	local name old
	while read -r name old; do
		run -0 "$name" --help
		[[ $output != *"--$old "* ]]
		run ! grep -E "^complete -c $name .*-l $old( |$)" "$repo/completions/mm.fish"
	done <<-'END'
		mm-batch max-age
		mm-classify url
		mm-dedup window
		mm-insert max-age
		mm-insert format
		mm-send max-age
		mm-send url
		mm-serve connections
		mm-validate where
	END
}
