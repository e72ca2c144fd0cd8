#!/usr/bin/env bats

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "each command stands once in the list, with what its manual says" {
	run -0 --separate-stderr mm
	[ -z "$stderr" ]
	run -0 diff <(sed -nE 's/^  (mm-[a-z-]+) +/\1\t/p' <<<"$output" | sort) \
		<(for page in "$repo"/man/mm-*.1; do
			printf '%s\t%s\n' "$(basename "$page" .1)" "$(sed -n 's/^.Nd //p' "$page")"
		done | sort)
	run -0 diff <(mm help) <(mm)
}

@test "a word finds commands and options, in any case" {
	run -0 mm help ROBOTS
	[[ $output == *"  mm-enrich "*"      --bots "* ]]
	[[ $output != *mm-dedup* ]]
	run -0 mm help dedup
	[ "${#lines[@]}" -eq 1 ]
	run -0 mm help csv format
	[[ $output == *"  mm-stats "* ]]
	[[ $output != *mm-validate* ]]
	run -1 --separate-stderr mm help zzzz
	[[ -z $output && $stderr == "mm: nothing has that word;"* ]]
	run -1 --separate-stderr mm help csv zzzz
	[[ $stderr == "mm: nothing has all of these words;"* ]]
	# what is searched for is text, not a pattern or an option
	run -1 mm help '.*'
	run -1 mm help '%s'
	run -0 mm help -- --bots
}

@test "a command is run, with its arguments, input and status" {
	run -0 mm validate <<<'{"event":"a"}'
	[ "$output" = '{"event":"a"}' ]
	run -1 --separate-stderr mm validate -q <<<'{"event":1}'
	run -0 mm validate --version
	[[ $output == "mm-validate "* ]]
	# the one beside it, whatever the PATH
	PATH=/usr/bin:/bin run -0 "$MM_BIN/mm" dedup --version
	[[ $output == "mm-dedup "* ]]
}

@test "a command that is not there" {
	run -2 --separate-stderr mm valdate
	[ "$stderr" = "mm: no command 'valdate'; did you mean 'validate'?" ]
	run -2 --separate-stderr mm ../../bin/sh
	[[ $stderr == "mm: no command '../../bin/sh'"* ]]
	run -2 --separate-stderr mm --nonsense
	[[ $stderr == "mm: unknown option --nonsense;"* ]]
	run -2 --separate-stderr mm ''
	mkdir alone
	cp "$MM_BIN/mm" alone
	PATH=/usr/bin:/bin run -127 --separate-stderr alone/mm key
	[[ $stderr == "mm: mm-key: No such file or directory" ]]
}

@test "its output that can't be written is told" {
	run -2 --separate-stderr bash -c 'mm >/dev/full'
	[[ $stderr == "mm: standard output: "* ]]
	run -0 bash -o pipefail -c 'mm | head -1'
}
