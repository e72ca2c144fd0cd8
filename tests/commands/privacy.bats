#!/usr/bin/env bats
# The promise: no address and no agent of the input is in what mm-enrich
# writes, or in any message, whatever the options.  (Only a rejects file that
# was asked for holds the lines as they were sent; so does mm-validate's
# output, which is its input.)
#
# bats sets stderr_lines.
# shellcheck disable=SC2154

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	gen_events -n 3000 --invalid 300 > events
	# Addresses and agents that are nowhere else, in lines that are wrong or odd.
	cat > nasty <<-'END'
		{"event":"x","ip":"203.0.113.77","user_agent":"Agent-One/1.0"}
		{"event":"","ip":"203.0.113.78","user_agent":"Agent-Two/1.0"}
		{"ip":"203.0.113.79","user_agent":"Agent-Three/1.0"}
		{"event":"x","ip":"203.0.113.80:443","user_agent":"Agent-Four/1.0"}
		{"event":"x","ip":"203.0.113.81, 203.0.113.82","user_agent":"Agent-Five/1.0"}
		{"event":"x","ip":"203.0.113.999","user_agent":"Agent-Six/1.0"}
		{"event":"x","ip":["203.0.113.83"],"user_agent":{"Agent-Seven":1}}
		{"event":"x","ip":3405803860,"user_agent":3405803861}
		{"event":"x","ip":"203.0.113.84","ip":"203.0.113.85","user_agent":"Agent-Eight/1.0","user_agent":null}
		{"event":"x","ip":"203.0.113.86","ip":null}
		{"event":"x","\u0069p":"203.0.113.87","user\u005fagent":"Agent-Nine/1.0"}
		{"event":"x","ip":"\u0032\u0030\u0033.0.113.88","user_agent":"Agent\u002dTen\/1.0"}
		{"event":"x","ip":"2001:DB8:0:0:0:0:0:7777","user_agent":"Agent-Eleven/1.0"}
		{"event":"x","ip":"::ffff:203.0.113.89","user_agent":"Agent-Twelve/1.0"}
		{"event":"x","ip":"203.0.113.90","user_agent":"Agent-Thirteen/1.0"
		{"event":"x" "ip":"203.0.113.91","user_agent":"Agent-Fourteen/1.0"}
		{"ip":"203.0.113.92","user_agent":"Agent-Fifteen/1.0","event":nonsense}
		{"event":"x","ip":"203.0.113.93\ud800","user_agent":"Agent-Sixteen/1.0"}
		["203.0.113.94","Agent-Seventeen/1.0"]
		"203.0.113.95 Agent-Eighteen/1.0"
		203.0.113.96 - - "GET /" "Agent-Nineteen/1.0"
		{"event":"x","timestamp":"203.0.113.97","url":"203.0.113.98","ip":"203.0.113.97","user_agent":"Agent-Twenty/1.0"}
		{"event":"x","project_id":"203.0.113.99","received_at":"Agent-Twenty/1.1"}
		{"event":"x","IP":"203.0.113.100","User_Agent":"Agent-Many/1.0","userAgent":"Agent-Many/1.0"}
		{"event":"x","ua_hints":{"brands":[{"brand":"Agent-Hint","version":"1"}],"platform":"Agent-Platform"}}
		{"event":"x","ua_hints":"Agent-Hint/2.0"}
		{"event":"x","user_agent":"Agent-Tab\tAgent-Escape\u001b[31m"}
	END
	printf '{"event":"x","ip":"203.0.113.101","user_agent":"Agent-Bad\xff/1.0"}\n' >> nasty
	printf '{"event":"x","user_agent":"%s"}\n' "$(times 3000 'Agent-Long/1.0 ')" >> nasty
	{
		jq -R -r 'fromjson? | objects | (.ip, .user_agent) | strings | select(length > 0)' events
		printf '%s\n' 203.0.113. 2001:DB8 2001:db8 Agent- 3405803860 3405803861
	} | sort -u > values
	# What is made of an agent is in the row; its text is not.
	[ "$(wc -l < values)" -gt 100 ]
	cat nasty events > in
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	salt
}

# Fails when a value is in one of the files.
hidden() {
	local status=0
	cat -- "$@" > shown
	grep -a -n -F -f values shown > found || status=$?
	head -n 5 found
	[ "$status" -eq 1 ]
}

@test "the test itself would see a value" {
	head -n 1 nasty > out
	run -1 hidden out
	head -n 1 events > out
	run -1 hidden out
}

@test "mm-enrich: neither rows nor messages" {
	mm-enrich in > out 2> err || [ $? -eq 1 ]
	[ "$(wc -l < out)" -gt 2000 ]
	hidden out err
}

@test "mm-enrich: whatever the options" {
	database=$("$repo/cmd/setup/geoip.sh")
	for options in -q '--bots mark' '--bots drop --summary text' '--jobs 3' '--strip-params a --fix-skew' \
		--deterministic --no-ip-hash '--summary json' '--rejects rejects' \
		'--rules documented' "--geoip $database" '-q --summary json --max-line 100' \
		'--max-line 100' '--max-line 100 --rejects rejects --summary text'; do
		# word by word
		# shellcheck disable=SC2086
		mm-enrich $options in > out 2> err || [ $? -eq 1 ]
		hidden out err
	done
}

@test "mm-enrich: each line that is wrong, explained" {
	while IFS= read -r line; do
		printf '%s\n' "$line" | mm-enrich >> out.each 2>> err.each || [ $? -eq 1 ]
	done < nasty
	[ -s err.each ]
	hidden out.each err.each
}

@test "mm-validate: no message, whatever the options" {
	for options in '' -q '--summary json' '--rejects rejects' '-q --summary json' \
		'--rejects rejects --summary json' --strict-keys '--strict-keys --summary json' \
		'--max-line 100 --summary json'; do
		# shellcheck disable=SC2086
		mm-validate $options in > /dev/null 2> err || [ $? -eq 1 ]
		hidden err
	done
	while IFS= read -r line; do
		printf '%s\n' "$line" | mm-validate --strict-keys > /dev/null 2>> err.all || [ $? -eq 1 ]
	done < nasty
	[ -s err.all ]
	hidden err.all
}

@test "mm-enrich: a host that is the client's address tells nothing of a visit" {
	for host in 203.0.113.77 203.0.113.77:80 203.0.28749 0xcb.113.77 3405803853 2001:db8::7777 '[2001:db8::7777]:80' '[::ffff:203.0.113.77]'; do
		jq -nc --arg host "$host" '{event: "x", host: $host, timestamp: "2026-05-16T19:00:00Z", anonymous_id: "a",
			referrer: "https://www.example.org/"}' | mm-enrich > out 2> err
		[ "$(jq -r '[.url, .path, .source] | tostring' out)" = '[null,null,"example.org"]' ]
		hidden out err
	done
}

@test "mm-enrich: no user and no password, however a URL is written" {
	for text in 'http:////Agent-a:Agent-b@example.com/' '//Agent-a:Agent-b@example.com/' '\\Agent-a:Agent-b@example.com/' \
		'http:\Agent-a:Agent-b@example.com/' 'https:Agent-a:Agent-b@example.com/' 'foo:////Agent-a:Agent-b@example.com/' \
		'Agent-a:Agent-b@example.com/' 'view-source:https://Agent-a:Agent-b@example.com/' 'http://https://Agent-a:Agent-b@example.com/' \
		'http://Agent-a:Agent-/b@example.com/' 'ws://Agent-a:Agent-b#@example.com/'; do
		for field in referrer path url; do
			jq -nc --arg field "$field" --arg text "$text" '{event: "x", ($field): $text}' |
				mm-enrich --rejects /dev/null > out 2> err || [ $? -eq 1 ]
			hidden out err
		done
	done
}

@test "errors of files and streams hold nothing of the input" {
	for command in 'mm-enrich' 'mm-enrich --rejects /dev/full' 'mm-validate' \
		'mm-validate --rejects /dev/full'; do
		# shellcheck disable=SC2086
		$command in > /dev/full 2> err && return 1
		hidden err
	done
}

@test "the rejects file, which holds the lines, is its owner's only" {
	umask 022
	rm -f rejects
	mm-enrich --rejects rejects in > out 2> err || [ $? -eq 1 ]
	[ "$(stat -c %a rejects)" = 600 ]
	grep -qF 203.0.113.78 rejects
}
