#!/usr/bin/env bats
# mm-classify: the answer on lines and for one visit, what stays as it is, the
# audit, hosts of one's own, and how it behaves between other commands.  The
# rules themselves are tested by tests/data/classify.tsv.
#
# shellcheck disable=SC2016,SC2094,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	direct='"source":"direct","medium":"direct","campaign":null,"source_confidence":"high","source_rule_id":"direct"'
}

# one LINE: classifies the line; its output is $output.
one() {
	printf '%s\n' "$1" > in
	run -0 --separate-stderr mm-classify "${@:2}" in
}

# rule ARGUMENT...: the rule for one visit.
rule() {
	mm-classify "$@" | jq -r .source_rule_id
}

# ---- lines ----

@test "the table of cases, line by line, through the command" {
	for rules in all documented; do
		grep -v '^#' "$repo/tests/data/classify.tsv" | grep . |
			awk -F '\t' -v rules=$rules '($9 == "documented") == (rules == "documented")' > cases
		jq -Rc 'split("\t") | map(if . == "-" then null else . end) | {url: .[0], referrer: .[1], host: .[2]}' cases > in
		jq -Rc 'split("\t") | map(if . == "-" then null else . end) | .[3:8]' cases > want
		mm-classify --rules $rules in > out
		jq -c '[.source, .medium, .campaign, .source_confidence, .source_rule_id]' out | diff want -
		[ "$(wc -l < want)" -gt 20 ]
	done
}

@test "missing keys are added at the end, in the order of the row" {
	one '{"event":"x"}'
	[ "$output" = "{\"event\":\"x\",$direct}" ]
}

@test "an empty object gets the five keys" {
	one '{}'
	[ "$output" = "{$direct}" ]
	one ' { } '
	[ "$output" = " {$direct } " ]
}

@test "keys that are there are replaced where they stand" {
	one '{"campaign": "old" , "a":1,"source_rule_id":null,"source":{"x":[1]},"medium":7,"source_confidence":"" }'
	[ "$output" = '{"campaign": null , "a":1,"source_rule_id":"direct","source":"direct","medium":"direct","source_confidence":"high" }' ]
}

@test "all other bytes stay as they are" {
	one '{ "n":1.0, "big":12345678901234567890,"e":1e400,	"s":"\u00e9\/é","o":{"source":"inner","url":"https://h/?gclid=1"} }'
	[ "$output" = "{ \"n\":1.0, \"big\":12345678901234567890,\"e\":1e400,	\"s\":\"\\u00e9\\/é\",\"o\":{\"source\":\"inner\",\"url\":\"https://h/?gclid=1\"},$direct }" ]
}

@test "generated events keep every other key" {
	gen_events -n 3000 > in
	mm-classify in > out
	jq -c 'del(.source, .medium, .campaign, .source_confidence, .source_rule_id)' out > without
	jq -c 'del(.source)' in | cmp - without # clients send one, to be ignored
	[ "$(jq -r 'select(.source_rule_id == null)' out | wc -l)" -eq 0 ]
}

@test "keys and values written with escapes are understood" {
	one '{"\u0075rl":"https:\/\/example.com\/?utm_source=\u00fcber&utm_medium=e%22mail"}'
	[ "$(jq -r '.source + " " + .medium' <<< "$output")" = 'über e"mail' ]
	[ "$(jq -r .url <<< "$output")" = 'https://example.com/?utm_source=über&utm_medium=e%22mail' ]
	one '{"s\u006furce":"old"}'
	[[ $output == '{"s\u006furce":"direct",'* ]]
}

@test "of a key that stands twice the last one counts and is replaced" {
	one '{"referrer":"https://www.bing.com/","source":"a","referrer":"https://www.google.com/","source":"b"}'
	[[ $output == '{"referrer":"https://www.bing.com/","source":"a","referrer":"https://www.google.com/","source":"google","medium":"organic"'* ]]
}

@test "keys that are null or no strings count as absent" {
	for value in null 7 true '["https://www.google.com/"]' '{"a":1}'; do
		one "{\"url\":$value,\"referrer\":$value,\"host\":$value}"
		[[ $output == *"$direct}" ]]
	done
}

@test "a url that is no URL is classified by the referrer alone" {
	one '{"url":"example.com/?gclid=1","referrer":"https://www.google.com/"}'
	[ "$(jq -r .source_rule_id <<< "$output")" = search_referrer ]
}

@test "the answer of mm-enrich is the answer of mm-classify" {
	salt
	gen_events -n 3000 --invalid 0 > in
	mm-enrich --project 00000000-0000-4000-8000-000000000000 in > rows
	mm-classify in > classified
	keys='[.source, .medium, .campaign, .source_confidence, .source_rule_id]'
	diff <(jq -c "$keys" rows) <(jq -c "$keys" classified)
}

@test "classifying twice changes nothing" {
	gen_events -n 2000 > in
	mm-classify in > once
	mm-classify once > twice
	cmp once twice
}

# ---- the audit ----

@test "--only-changed passes nothing when nothing changes" {
	gen_events -n 2000 > in
	mm-classify in > once
	mm-classify --only-changed once > changed
	[ ! -s changed ]
}

@test "--only-changed shows the old values as they stood" {
	one '{"source":"bing","medium":7,"campaign":null,"url":"https://example.com/"}' --only-changed
	[ "$output" = '{"source":"direct","medium":"direct","campaign":null,"url":"https://example.com/","source_confidence":"high","source_rule_id":"direct","previous":{"source":"bing","medium":7,"campaign":null}}' ]
}

@test "--only-changed replaces a previous audit" {
	one '{"previous":{"x":1},"source":"b"}' --only-changed
	[ "$output" = '{"previous":{"source":"b"},"source":"direct","medium":"direct","campaign":null,"source_confidence":"high","source_rule_id":"direct"}' ]
}

@test "--only-changed: an answer written with escapes is the same, a campaign may be absent" {
	one '{"source":"\u0064irect","medium":"direct","source_confidence":"high","source_rule_id":"direct"}' --only-changed
	[ -z "$output" ]
}

@test "--only-changed finds what other rules change" {
	printf '%s\n' '{"url":"https://example.com/?gbraid=1"}' '{"url":"https://example.com/?gclid=1"}' > in
	mm-classify in | mm-classify --only-changed --rules documented > changed
	[ "$(jq -r '.previous.source_rule_id + " " + .source_rule_id' changed)" = 'google_ios_click_id direct' ]
}

# ---- rejects ----

@test "a line that is no object is rejected with its reason" {
	printf '%s\n' '{"a":1}' '[1]' 'x' '{"a":1' '{"a":"'$'\xff''"}' > in
	run -1 --separate-stderr mm-classify --rejects rejects in
	[ "$output" = "{\"a\":1,$direct}" ]
	[ "$(jq -r '"\(.line) \(.details.formErrors[0])"' rejects)" = '2 Expected object, received array
3 Invalid JSON at byte offset 0: expected a value
4 Invalid JSON at byte offset 6: the text ends too early
5 Invalid JSON at byte offset 6: invalid UTF-8' ]
	[ "$(jq -r 'select(.line == 3).input' rejects)" = x ]
}

@test "rejects are explained and counted on standard error" {
	printf '%s\n' x '{}' > in
	run -1 --separate-stderr mm-classify in
	[ "${stderr_lines[0]}" = 'mm-classify: in:1: Invalid JSON at byte offset 0: expected a value' ]
	[ "${stderr_lines[1]}" = 'mm-classify: 1 of 2 lines rejected' ]
	run -1 --separate-stderr mm-classify -q in
	[ -z "$stderr" ]
}

@test "--summary json counts" {
	printf '%s\n' x '{}' '' '{}' > in
	run -1 --separate-stderr mm-classify -q --summary json in
	[ "$(jq -c '[.lines, .valid, .rejected, .blank]' <<< "$stderr")" = '[3,2,1,1]' ]
}

@test "a line over --max-line is rejected" {
	printf '{"a":"%s"}\n{}\n' "$(times 200 x)" > in
	run -1 --separate-stderr mm-classify --max-line 100 in
	[ "$output" = "{$direct}" ]
	[[ $stderr == *'Line too long: at most 100 bytes (--max-line)'* ]]
}

@test "messages quote no value of a line" {
	printf '%s\n' '{"ip":"203.0.113.77","user_agent":"Secret/1"' '["203.0.113.77"]' > in
	run -1 --separate-stderr mm-classify in
	[[ $output$stderr != *203.0.113.77* && $output$stderr != *Secret* ]]
}

# ---- one visit ----

@test "one visit is printed as an object" {
	run -0 --separate-stderr mm-classify --page 'https://example.com/?fbclid=1&utm_campaign=May' --referrer https://l.facebook.com/
	[ "$output" = '{"source":"facebook","medium":"paid","campaign":"May","source_confidence":"high","source_rule_id":"fb_ad_redirect"}' ]
}

@test "one visit by its referrer alone, by its host" {
	[ "$(rule --referrer https://www.google.com/)" = search_referrer ]
	[ "$(rule --referrer https://example.com/ --host www.example.com:80)" = internal ]
	[ "$(rule --host example.com)" = direct ]
	[ "$(rule --page '')" = direct ]
}

@test "one visit: a --page that is none is said, and done without" {
	run -0 --separate-stderr mm-classify --page example.com --referrer https://www.google.com/
	[ "$stderr" = 'mm-classify: --page is not an absolute URL (no scheme): classified without it' ]
	[ "$(jq -r .source <<< "$output")" = google ]
}

@test "one visit: bytes that are no UTF-8 do not get out" {
	mm-classify --page $'https://example.com/?utm_source=a\xffb&utm_campaign=\xc3' > out
	[ "$(jq -r '.source + .campaign' out)" = $'a\ufffdb\ufffd' ]
}

@test "--explain shows the rules up to the one that fired, then the answer" {
	run -0 --separate-stderr mm-classify --explain --page 'https://example.com/?utm_source=fb-ads&utm_medium=cpc'
	[ "${lines[0]}" = 'utm_source    fb-ads' ]
	[ "${lines[1]}" = '              listed as utm_source=fb-ads, paid, facebook' ]
	[ "${lines[2]}" = 'utm_medium    cpc' ]
	[ "${lines[3]}" = '1    google_click_id      no   no gclid' ]
	[ "${lines[-2]}" = '7    fb_utm_paid          yes  utm_medium is a paid one, utm_source names facebook' ]
	[ "$(jq -r .source <<< "${lines[-1]}")" = facebook ]
}

@test "--explain shows how the referrer is listed" {
	run -0 --separate-stderr mm-classify --explain --referrer https://www.google.co.uk/
	[ "${lines[0]}" = 'referrer host www.google.co.uk' ]
	[ "${lines[1]}" = '              listed as google.*, search, google' ]
}

@test "--explain lets no control character out" {
	mm-classify --explain --page $'https://example.com/?utm_source=%1b[2J&gclid=\x1b[2J&utm_campaign=%c2%9b' > out
	head -n -1 out > words
	LC_ALL=C run -1 grep -c $'[\x1b\x9b]' words
	grep -Fx 'utm_campaign  \x9b' words
}

# ---- the rules ----

@test "--list-rules prints the cascade" {
	run -0 --separate-stderr mm-classify --list-rules
	[ "${#lines[@]}" -eq 33 ]
	[ "${lines[1]}" = '1    google_click_id      google                 paid          high        gclid' ]
	[ "${lines[32]}" = '20   referral             (host)                 referral      low         there is a referrer' ]
}

@test "--list-rules --rules documented leaves out the lettered ones" {
	run -0 --separate-stderr mm-classify --list-rules --rules documented
	[ "${#lines[@]}" -eq 21 ]
	[[ $output != *4a* && $output != *ai_referrer* ]]
}

@test "the manual lists every rule" {
	while read -r _ id _; do
		grep -q "^\.It .*\b$id\b" "$repo/man/mm-rules.5" || {
			echo "mm-rules.5: $id is missing"
			return 1
		}
	done < <(mm-classify --list-rules | tail -n +2)
}

# ---- hosts of one's own ----

@test "--hosts adds hosts, which go before the built-in ones" {
	printf '%s\n' '# ours' 'intranet social teamtalk' 'google.* email gsuite' > hosts
	[ "$(mm-classify --hosts hosts --referrer http://intranet/ | jq -r '.source + " " + .medium')" = 'teamtalk social' ]
	[ "$(rule --hosts hosts --referrer https://www.google.de/)" = email_referrer ]
	[ "$(rule --hosts hosts --referrer https://www.bing.com/)" = search_referrer ]
}

@test "--hosts: a name with too many endings is refused, and one repeated is told each time" {
	seq 1100 | sed 's/.*/shop.t& social shop/' > hosts
	run -2 --separate-stderr mm-classify --hosts hosts --referrer http://a/
	[[ $stderr == *'hosts:1001: more than 1000 hosts that differ in their last label only: write NAME.*'* ]]
	head -n 999 hosts > fewer
	[ "$(rule --hosts fewer --referrer https://shop.t998/)" = social_referrer ]
	seq 60000 | sed 's/.*/shop.example social shop/' > hosts
	run -2 --separate-stderr mm-classify --hosts hosts --referrer http://a/
	[[ $stderr == *'hosts:2: the same host as line 1'* ]]
	[[ $stderr == *'hosts: '*' more errors'* ]]
}

@test "--hosts: spam goes before every other rule of the referrer" {
	printf 'spam.example\tspam\n' > hosts
	printf '%s\n' '{"referrer":"https://www.spam.example/","host":"spam.example"}' > in
	mm-classify --hosts hosts in > out
	[ "$(jq -r '.source + " " + .medium + " " + .source_confidence + " " + .source_rule_id' out)" = 'spam.example referral low spam_referrer' ]
}

@test "--fbclid social: an fbclid alone is of a post" {
	run -0 mm-classify --fbclid social --page 'https://h.example/?fbclid=x'
	[ "$(jq -c '[.source, .medium, .source_confidence, .source_rule_id]' <<< "$output")" = \
		'["facebook","social","medium","fb_click_id"]' ]
	run -0 mm-classify --fbclid paid --page 'https://h.example/?fbclid=x'
	[ "$(jq -r .medium <<< "$output")" = paid ]
	run -2 --separate-stderr mm-classify --fbclid organic --page 'https://h.example/?fbclid=x'
	[[ $stderr == *paid*social* ]]
}

@test "--hosts: own hosts, networks and other names of sources" {
	printf '%s\n' 'pay.example internal' 'ads.example paid acme' 'utm_source=nl email newsletter' \
		'freight.{search} other' 'ios-app://77 social board' > hosts
	[ "$(rule --hosts hosts --referrer https://www.pay.example/x)" = internal ]
	[ "$(rule --hosts hosts --referrer https://c.ads.example/)" = ad_referrer ]
	[ "$(rule --hosts hosts --page 'https://h.example/?utm_source=NL')" = utm_source_known ]
	[ "$(rule --hosts hosts --referrer https://freight.yahoo.com/)" = referral ]
	[ "$(rule --hosts hosts --referrer ios-app://77)" = social_referrer ]
}

@test "--hosts: the built-in table is a file that it takes" {
	[ "$(rule --hosts "$repo/lib/enrich/hosts.tsv" --referrer https://www.google.de/)" = search_referrer ]
}

@test "--hosts: all errors of a file are listed, nothing is read" {
	printf '%s\n' 'a.example robot x' 'b.example ai y' 'https://c.example/ ai z' 'b.example ai y' > hosts
	echo '{}' > in
	run -2 --separate-stderr mm-classify --hosts hosts in
	[ -z "$output" ]
	[ "$stderr" = 'mm-classify: cannot use the hosts file; mm-rules(5) describes its format
hosts:1: the kind is none of search, social, email, ai, other, paid, spam, internal
hosts:3: write the host alone, without scheme, port and path
hosts:4: the same host as line 2' ]
}

@test "--hosts: a file that cannot be read" {
	run -2 --separate-stderr mm-classify --hosts missing --referrer https://h/
	[ "${stderr_lines[1]}" = 'missing: No such file or directory' ]
	run -2 --separate-stderr mm-classify --hosts . --referrer https://h/
	[ "${stderr_lines[1]}" = '.: Is a directory' ]
}

# ---- usage and streams ----

@test "options that do not go together are misuse" {
	for arguments in '--explain' '--page x --only-changed' '--page x in' '--list-rules in' '--list-rules --page x' \
		'--rules some' '--nope'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mm-classify $arguments < /dev/null
		[ -z "$output" ]
		[[ $stderr == *"try 'mm-classify --help'" ]]
	done
}

@test "several files, standard input among them" {
	echo '{"a":1}' > a
	echo '{"b":1}' > b
	run -0 --separate-stderr mm-classify a - b < b
	[ "${#lines[@]}" -eq 3 ]
}

@test "a missing file is said, the others are read" {
	echo '{}' > a
	run -2 --separate-stderr mm-classify missing a
	[ "$output" = "{$direct}" ]
	[ "$stderr" = 'mm-classify: missing: No such file or directory' ]
}

@test "no newline at the end, CRLF, a byte order mark, blank lines" {
	printf '\xef\xbb\xbf{}\r\n\n{}' > in
	mm-classify in > out
	printf '{%s}\n{%s}\n' "$direct" "$direct" | cmp - out
}

@test "a full disk is an error" {
	gen_events -n 100 > in
	run -2 --separate-stderr bash -c 'mm-classify in > /dev/full'
	[ "$stderr" = 'mm-classify: standard output: No space left on device' ]
	run -2 --separate-stderr bash -c 'mm-classify --list-rules > /dev/full'
	run -2 --separate-stderr bash -c 'mm-classify --page https://h/ > /dev/full'
}

@test "a reader that has enough ends it quietly" {
	gen_events -n 20000 > in
	run -0 --separate-stderr bash -c 'set -o pipefail; mm-classify in | head -n 1 | wc -l'
	[ "$output" -eq 1 ]
	[ -z "$stderr" ]
}

@test "a line is answered before the next one is there" {
	mkfifo to
	mm-classify < to > out &
	exec 7> to
	echo '{"a":1}' >&7
	eventually grep -q direct out
	exec 7>&-
	wait $!
}
