#!/usr/bin/env bats
# mm-key: makes, changes and checks the keys of the front door.
# bats sets stderr_lines; scripts in single quotes are for another shell.
# shellcheck disable=SC2016,SC2154
load helper

setup() {
	unset MM_KEY_PEPPER_FILE
	umask 022
	cd "$BATS_TEST_TMPDIR" || return
}

project=11111111-2222-4333-8444-555555555555

# id TOKEN: what of a key may be shown
id() {
	printf %.16s "$1"
}

mint() {
	mm-key mint --keys keys "$@" 2> /dev/null
}

# field TOKEN JQ: of the key's line in the list
field() {
	mm-key list --keys keys | jq -r --arg id "$(id "$1")" "select(.key == \$id) | $2"
}

@test "mint prints the key alone, and makes file, pepper and project" {
	run -0 --separate-stderr mm-key mint --keys keys --kind pk --origin https://www.example.com
	[[ $output =~ ^pk_live_[0-9a-f]{8}_[0-9A-Za-z]{38}$ ]]
	[ "$stderr" = "mm-key: project 00000000-0000-0000-0000-000000000000 is new" ]
	[ "$(stat -c %a keys keys.pepper keys.lock | sort -u)" = 600 ]
	[ "$(jq -r .type keys | paste -sd ,)" = project,key ]
}

@test "no file holds a secret, and the keys file not the pepper" {
	token=$(mint --kind sk)
	rotated=$(mm-key rotate --keys keys "$(id "$token")")
	for secret in "${token:17}" "${rotated:17}" "${token:17:32}"; do
		run -1 grep -rF -- "$secret" .
	done
	run -1 grep -F -- "$(cat keys.pepper)" keys
	# nor is the hash without the pepper that of the secret
	run -1 grep -F -- "$(printf %s "${token:17}" | sha256sum | cut -c 1-64)" keys
	grep -qF -- "$(printf %s "${token:17}$(cat keys.pepper)" | sha256sum | cut -c 1-64)" keys
}

@test "a second key is of the only project; of two, one has to be named" {
	first=$(mint --kind sk)
	second=$(mint --kind rk)
	[ "$(field "$first" .project)" = "$(field "$second" .project)" ]
	run -0 --separate-stderr mm-key project add --keys keys --name 'The "other"'
	other=$output
	run -2 --separate-stderr mm-key mint --keys keys --kind sk
	[[ $stderr == *"which of the 2?"* ]]
	third=$(mint --kind sk --project "${other^^}")
	[ "$(field "$third" .project)" = "$other" ]
	[ "$(field "$third" .name)" = 'The "other"' ]
	[ "$(mm-key list --keys keys --project "$other" | jq -r .key)" = "$(id "$third")" ]
	run -2 mm-key project add --keys keys "$other"
}

@test "a project that is named and new is added, and told" {
	run -0 --separate-stderr mm-key mint --keys keys --kind sk --project $project
	[ "$stderr" = "mm-key: project $project is new" ]
	[ "$(field "$output" .project)" = $project ]
}

@test "check reads the key on standard input and tells what is wrong with it" {
	token=$(mint --kind sk --test)
	run -0 --separate-stderr mm-key check --keys keys <<< "$token"
	[ "$(jq -r '.key + " " + .state' <<< "$output")" = "$(id "$token") active" ]
	while IFS='|' read -r text says; do
		run -1 --separate-stderr mm-key check --keys keys <<< "$text"
		[ -z "$output" ]
		[[ $stderr == "mm-key: $says"* ]]
		[[ $stderr != *"${token:17}"* ]]
	done << END
nonsense|malformed
${token:0:40}|malformed
${token:0:54}|mistyped
${token/sk_test/rk_test}|mistyped
${token:0:17}${token:18:1}${token:17:1}${token:19}|mistyped
$(mm-key mint --keys others --kind sk 2> /dev/null)|unknown
END
	run -2 mm-key check --keys keys < /dev/null
	mm-key revoke --keys keys "$(id "$token")"
	run -1 --separate-stderr mm-key check --keys keys <<< "$token"
	[ "$stderr" = 'mm-key: revoked' ]
	[ "$(jq -r .state <<< "$output")" = revoked ]
}

@test "a whole key is never taken as an argument, nor repeated" {
	token=$(mint --kind sk)
	run -2 --separate-stderr mm-key revoke --keys keys "$token"
	[[ $stderr == *"never put a whole key into an argument"* ]]
	[[ $stderr != *"${token:17}"* ]]
	[ "$(field "$token" .state)" = active ]
}

@test "rotate gives a key like it; the old one works for the grace" {
	old=$(mint --kind pk --test --origin https://a.example --origin https://b.example)
	run -0 --separate-stderr mm-key rotate --keys keys "$(id "$old")" --grace 7d
	new=$output
	[[ $new == pk_test_* ]]
	[ "$(field "$old" .state)" = ending ]
	[ "$(field "$old" '((.revoked | fromdate) - (.created | fromdate) - 604800) | fabs < 60')" = true ]
	[ "$(field "$new" '.origins | join(" ")')" = 'https://a.example https://b.example' ]
	[ "$(field "$new" .project)" = "$(field "$old" .project)" ]
	mm-key check --keys keys <<< "$old"
	mm-key check --keys keys <<< "$new"
	# a longer grace gives no more time than was said
	ends=$(field "$old" .revoked)
	mm-key rotate --keys keys "$(id "$old")" --grace 99d
	[ "$(field "$old" .revoked)" = "$ends" ]
	# revoked at once, whatever the grace was
	mm-key revoke --keys keys "$(id "$old")"
	run -1 mm-key check --keys keys <<< "$old"
	run -2 mm-key rotate --keys keys "$(id "$old")"
}

@test "rotate without a grace ends the old key at once" {
	old=$(mint --kind rk)
	new=$(mm-key rotate --keys keys "${old:8:8}")
	run -1 mm-key check --keys keys <<< "$old"
	mm-key check --keys keys <<< "$new"
}

@test "origins are listed, added and removed; a pk keeps one" {
	token=$(mint --kind pk --origin HTTPS://A.example:443/)
	run -0 mm-key origins --keys keys "$(id "$token")"
	[ "$output" = https://a.example ]
	run -0 mm-key origins --keys keys "$(id "$token")" --origin http://localhost:3000 --origin https://a.example
	[ "$output" = $'https://a.example\nhttp://localhost:3000' ]
	run -0 mm-key origins --keys keys "$(id "$token")" --remove https://a.example
	[ "$output" = http://localhost:3000 ]
	run -2 mm-key origins --keys keys "$(id "$token")" --remove http://localhost:3000
	run -2 mm-key origins --keys keys "$(id "$token")" --remove https://other.example
	run -0 mm-key origins --keys keys "$(id "$token")"
	[ "$output" = http://localhost:3000 ]
}

@test "what is no origin is refused, with the reason, and nothing is made" {
	while IFS='|' read -r origin says; do
		run -2 --separate-stderr mm-key mint --keys keys --kind pk --origin "$origin"
		[[ $stderr == *"$says"* ]]
		[ -z "$output" ]
		[ ! -e keys ]
	done << 'END'
null|any site
https://*.example.com|wildcard
https://example.com/shop|path
https://example.com?|path
www.example.com|scheme://host
https://me:hidden@example.com|user
END
	run -2 --separate-stderr mm-key mint --keys keys --kind pk --origin https://me:hidden@example.com
	[[ $stderr != *hidden* ]]
	run -2 --separate-stderr mm-key mint --keys keys --kind pk
	[[ $stderr == *'--origin https://www.example.com' ]]
}

@test "limits are shown and set, of one project" {
	mint --kind sk --project $project
	run -0 mm-key limits --keys keys
	[ "$output" = '{"track":{"per_second":50,"burst":200},"batch":{"per_second":5,"burst":20},"events":null,"mcp":{"per_second":10,"burst":40}}' ]
	run -0 mm-key limits --keys keys --track 100:300 --batch off --events 1000 --mcp 2:9
	[ "$output" = '{"track":{"per_second":100,"burst":300},"batch":null,"events":{"per_second":1000,"burst":4000},"mcp":{"per_second":2,"burst":9}}' ]
	run -0 mm-key limits --keys keys --events off
	[ "$(jq -c .events <<< "$output")" = null ]
	[ "$(jq -r 'select(.type == "project") | .limits.track.burst' keys)" = 300 ]
	for wrong in 0 -1 1: 1:0 1/2 5s 9999999999 ''; do
		run -2 mm-key limits --keys keys "--track=$wrong"
	done
	run -2 mm-key limits --keys keys --project 11111111-2222-4333-8444-555555555556
}

@test "limits of a project that only keys name" {
	token=$(mint --kind sk --project $project)
	sed -i /project\",/d keys
	mint --kind sk > /dev/null
	mm-key limits --keys keys --track 7:7
	[ "$(mm-key limits --keys keys | jq .track.burst)" = 7 ]
	mm-key check --keys keys <<< "$token" || true
}

@test "an ak is of no project" {
	mint --kind sk > /dev/null
	token=$(mint --kind ak)
	[ "$(field "$token" .project)" = null ]
	run -2 mm-key mint --keys keys --kind ak --project $project
	[ "$(mm-key list --keys keys --project $project | wc -l)" = 0 ]
}

@test "fields and lines that are not known stay" {
	token=$(mint --kind sk)
	sed -i 's/"type":"key"/"note":{"a" : [1.0,"\\u0041"]},&/' keys
	printf '%s\n' '{"type":"later","x":1}' >> keys
	printf %s '{"type":"project","project":"'$project'","colour":"red"}' >> keys
	mm-key rotate --keys keys "$(id "$token")" --grace 1h > /dev/null
	mm-key limits --keys keys --project $project --track 9
	mm-key revoke --keys keys "$(id "$token")"
	grep -qF '"note":{"a" : [1.0,"\u0041"]}' keys
	grep -qxF '{"type":"later","x":1}' keys
	grep -qF '"colour":"red"' keys
	[ "$(wc -l < keys)" = 5 ]
}

@test "files that others can read are refused" {
	token=$(mint --kind sk)
	for file in keys keys.pepper; do
		for mode in 640 604 620; do
			chmod $mode $file
			run -2 --separate-stderr mm-key check --keys keys <<< "$token"
			[[ $stderr == "mm-key: $file: "*"'chmod 600'"* ]]
			run -2 mm-key mint --keys keys --kind sk
		done
		chmod 600 $file
	done
	mm-key check --keys keys <<< "$token"
}

@test "a lost or another pepper is told, and never made anew" {
	token=$(mint --kind sk)
	cp -p keys.pepper kept
	rm keys.pepper
	for command in list 'mint --kind sk'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-key $command --keys keys
		[[ $stderr == 'mm-key: keys.pepper: No such file or directory' ]]
		[ ! -e keys.pepper ]
	done
	(umask 077 && printf '%064d\n' 0 > keys.pepper)
	run -2 --separate-stderr mm-key check --keys keys <<< "$token"
	[[ $stderr == *'made with another pepper'* ]]
	MM_KEY_PEPPER_FILE=kept mm-key check --keys keys <<< "$token"
	(umask 077 && echo short > keys.pepper)
	run -2 --separate-stderr mm-key check --keys keys <<< "$token"
	[[ $stderr == *'16 to 4096 bytes'* ]]
}

@test "MM_KEY_PEPPER_FILE: the pepper is made and read there" {
	export MM_KEY_PEPPER_FILE=elsewhere
	token=$(mint --kind sk)
	[ "$(stat -c %a elsewhere)" = 600 ]
	[ ! -e keys.pepper ]
	mm-key check --keys keys <<< "$token"
}

@test "a copy of file and pepper is a backup" {
	token=$(mint --kind sk)
	mkdir copy
	cp -p keys keys.pepper copy
	rm keys keys.pepper
	mm-key check --keys copy/keys <<< "$token"
}

@test "a line that is wrong is told by its number, and nothing of it" {
	mint --kind sk > /dev/null
	echo '{"type":"key","sha256":"hidden"}' >> keys
	before=$(cat keys)
	run -2 --separate-stderr mm-key mint --keys keys --kind sk
	[[ $stderr == 'mm-key: keys:3: '* ]]
	[[ $stderr != *hidden* ]]
	[ "$(cat keys)" = "$before" ]
}

@test "many at once lose nothing" {
	mint --kind sk > /dev/null
	for ((i = 0; i < 24; i++)); do
		mm-key mint --keys keys --kind sk > "token$i" &
	done
	wait
	[ "$(mm-key list --keys keys | wc -l)" = 25 ]
	for ((i = 0; i < 24; i++)); do
		mm-key check --keys keys < "token$i" > /dev/null
	done
}

@test "the first ones at once agree on a pepper and a project" {
	for ((i = 0; i < 8; i++)); do
		mm-key mint --keys keys --kind sk > "token$i" 2> /dev/null &
	done
	wait
	for ((i = 0; i < 8; i++)); do
		mm-key check --keys keys < "token$i"
	done | jq -r .project | sort -u | wc -l | grep -qx 1
}

@test "kill -9 leaves the file as it was or as it is to be" {
	first=$(mint --kind sk)
	for ((i = 0; i < 60; i++)); do
		before=$(wc -l < keys)
		mm-key mint --keys keys --kind sk > token &
		sleep "0.00$((RANDOM % 10))"
		kill -KILL $! 2> /dev/null || true
		wait $! || true
		after=$(mm-key list --keys keys | wc -l)
		((after + 1 == before || after == before))
		mm-key check --keys keys <<< "$first" > /dev/null
		# what was shown works
		[ ! -s token ] || mm-key check --keys keys < token > /dev/null
	done
}

@test "a full disk leaves the file as it was" {
	mint --kind sk > /dev/null
	before=$(cat keys)
	# standard error is a pipe here: a file would be full, too
	run -2 bash -c 'ulimit -f 0; exec mm-key mint --keys keys --kind sk'
	[[ $output == 'mm-key: keys: '* ]]
	[ "${#lines[@]}" = 1 ]
	[ "$(cat keys)" = "$before" ]
}

@test "a key that could not be shown is told" {
	run -2 bash -c 'mm-key mint --keys keys --kind sk > /dev/full'
	[[ $output == *'could not be shown: revoke it'* ]]
}

@test "a symbolic link is followed and stays" {
	mkdir real
	ln -s real/keys keys
	(cd real && mm-key mint --keys keys --kind sk 2> /dev/null) > token
	mm-key mint --keys keys --kind rk > /dev/null
	[ -L keys ]
	[ "$(mm-key list --keys real/keys | wc -l)" = 2 ]
}

@test "when a key was used is in the list" {
	token=$(mint --kind sk)
	[ "$(field "$token" .last_used)" = null ]
	(umask 077 && echo '{"key":"'"$(id "$token")"'","last_used":"2026-05-16T19:00:00Z"}' > keys.used)
	[ "$(field "$token" .last_used)" = 2026-05-16T19:00:00Z ]
}

@test "misuse is told" {
	while IFS='|' read -r arguments says; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-key $arguments
		[[ $stderr == *"$says"* ]]
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e keys ]
	done << 'END'
|expected check, limits, list
make --keys keys|expected check, limits, list
mint --kind sk|--keys
mint --keys keys|--kind
mint --keys keys --kind xk|one of pk
mint --keys keys --kind sk --grace 1d|--grace is not for 'mint'
list --keys keys --test|--test is not for 'list'
revoke --keys keys|'revoke KEY'
project --keys keys remove|project add
mint --keys keys --kind sk --project x|expected a UUID
END
}

@test "the rule for scanners finds keys that are secret, and nothing else" {
	rule=$(sed -n "s/^regex = '''\(.*\)'''\$/\1/p" "$repo/cmd/key/gitleaks.toml")
	for kind in sk rk ak; do
		token=$(mint --kind $kind)
		[ "$(grep -oP -- "$rule" <<< "key = \"$token\";")" = "$token" ]
		run -1 grep -P -- "$rule" <<< "$(id "$token")"
	done
	run -1 grep -P -- "$rule" keys keys.pepper
	run -1 grep -P -- "$rule" <<< "$(mint --kind pk --origin https://a.example)"
}
