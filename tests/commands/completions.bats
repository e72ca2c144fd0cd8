#!/usr/bin/env bats
# What the completions of bash and fish offer: names to group by, and the events that a server has, of
# which nothing is run, and nothing is said where no server answers.

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	cat > bin/mm-stats <<-'END'
		#!/bin/sh
		[ -z "$SILENT" ] || { echo "mm-stats: no server" >&2; exit 75; }
		echo "$@" >> asked
		printf '%s\n' '{"event_name":"$pageview","value":9}' '{"event_name":"sign up","value":5}' '{"event_name":"signed_in","value":4}' \
			'{"event_name":"$(touch run)","value":3}' '{"event_name":"`touch run`","value":3}' '{"event_name":"qu\"ote","value":2}'
	END
	cat > bin/mm-mcp <<-'END'
		#!/bin/sh
		[ -z "$SILENT" ] || { echo "mm-mcp: no server" >&2; exit 75; }
		cat >> asked
		echo '{"result":{"content":[{"text":"{\"rows\":[{\"property\":\"no\"}]}"}],"structuredContent":{"rows":[{"property":"plan","count":2},{"property":"price","count":1},{"property":"$(touch run)","count":1}]}}}'
	END
	chmod +x bin/mm-stats bin/mm-mcp
	PATH=$PWD/bin:$PATH
}

# in_bash WORD...: what bash offers for the last word, a line each.
in_bash() {
	bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _mm "$1"; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$repo/completions/mm.bash" "$@"
}

in_fish() {
	fish --no-config -c "source $repo/completions/mm.fish; complete -C '$1'" | cut -f 1
}

@test "names to group by, also behind a comma" {
	in_bash mm-stats --group-by ut > got
	diff <(printf '%s\n' utm_term utm_content) got
	in_bash mm-stats --group-by source,ent > got
	[ "$(cat got)" = source,entry_path ]
	[ "$(in_bash mm-stats --group-by prop)" = properties. ]
	in_fish 'mm-stats --group-by ut' | sort > got
	diff <(printf '%s\n' utm_content utm_term) got
}

@test "the events of the server" {
	local words
	for words in "mm-stats --event" "mm-query --event" "mm-sources --conversion" "mm-funnel --step" "mm-retention --back" "mm-report --goal"; do
		# shellcheck disable=SC2086 # words
		in_bash $words sig > got
		diff <(printf '%s\n' 'sign\ up' signed_in) got
	done
	[ "$(in_bash mm-stats --event '$')" = $'\\$pageview\n\\$\\(touch\\ run\\)' ]
	grep -q -- '--group-by event_name' asked
	[ ! -e run ]
	in_fish 'mm-stats --event sig' | sort > got
	[ -s got ]
	in_fish 'mm-funnel --step ' > got
	grep -q signed_in got
	[ ! -e run ]
}

@test "the properties of the server" {
	in_bash mm-stats --group-by properties.p > got
	diff <(printf '%s\n' properties.plan properties.price) got
	[ "$(in_bash mm-funnel --group-by country,properties.pl)" = country,properties.plan ]
	in_bash mm-sources --value '' > got
	diff <(printf '%s\n' plan price) got
	[ "$(in_bash mm-sources --currency pr)" = price ]
	grep -q '"list_properties"' asked
	[ ! -e run ]
	# nothing is asked before there is need
	rm asked
	in_bash mm-stats --group-by prop > got
	[ ! -e asked ]
}

@test "without a server nothing is offered, and nothing said" {
	export SILENT=1
	run -0 --separate-stderr in_bash mm-stats --group-by properties.
	[ -z "$output$stderr" ]
	run -0 --separate-stderr in_bash mm-stats --event s
	[ -z "$output$stderr" ]
}
