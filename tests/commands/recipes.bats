#!/usr/bin/env bats
# The recipes of mm-recipes(7), taken from the page and run: where a service or a machine would be
# needed (mail, a bucket, another tool's database) a stub has its place.
#
# bats and the helpers set repo, output.
# shellcheck disable=SC2154
load helper
load server
load insert

setup_file() {
	engine_start
}

teardown_file() {
	engine_stop
}

setup() {
	insert_setup
	export PATH=$PWD/bin:$PATH MM_ENV=$PWD/environment MM_HOME=$PWD MM_MAIL=ops@example.com
	mkdir bin
	(umask 077; head -c 32 /dev/urandom | base64 >salt)
}

# recipe NAME [FILE]: writes the recipe to FILE, which is its name otherwise, to be run.
recipe() {
	"$repo/tests/lint/recipe.sh" "$1" >"${2:-$1}"
	chmod +x "${2:-$1}"
}

# stub NAME: a program that notes its arguments and its input.
stub() {
	printf '#!/bin/sh\n{ printf "<%%s>" "$@"; echo; cat; } >>%s/%s.got\n' "$PWD" "$1" >"bin/$1"
	chmod +x "bin/$1"
}

lines_of() { # FILE MINUTE...: a line of an access log for each
	local file=$1 minute
	shift
	for minute; do
		printf '203.0.113.7 - - [16/May/2026:19:%02d:00 +0000] "GET /%s HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"\n' "$minute" "$minute"
	done >>"$file"
}

paths() {
	sql "SELECT arrayStringConcat(groupArray(path), ' ') FROM (SELECT path FROM events ORDER BY timestamp) FORMAT TSVRaw"
}

@test "every script is one that shellcheck likes" {
	for name in worst one-machine mm-nightly mm-weekly mm-hourly mm-backup mm-restore mm-from-kafka \
		from-plausible from-umami from-ga4 from-matomo; do
		recipe "$name" "$name.sh"
		# 1091: a file of the machine; 2086: a shell without a first line is bash
		shellcheck -s bash -e SC1090,SC1091 "$name.sh"
	done
}

@test "the worst of the statuses of a pipeline" {
	recipe worst
	sed -i '/^mm-validate/,$d' worst
	# shellcheck source=/dev/null
	. ./worst
	for wanted in '0 0 0 0' '1 1 0 0' '75 1 0 75' '2 1 2 75' '2 75 74 0' '2 141 0 0' '75 75 1 0'; do
		read -r -a stages <<<"$wanted"
		status=0
		worst "${stages[@]:1}" || status=$?
		[ "$status" -eq "${stages[0]}" ]
	done
}

@test "cron: each line once, rejects of the day, mail where somebody has to look" {
	recipe mm-nightly
	stub mail
	lines_of access.log.1 1 2
	echo 'not a line of a log' >>access.log.1
	run -1 ./mm-nightly access.log.1
	[ "$(paths)" = '/1 /2' ]
	[ "$(jq .line "rejects.$(date -u +%F).ndjson")" = 3 ]
	[ "$(head -1 mail.got)" = '<-s><mm-nightly: status 1 (1 0 0)><ops@example.com>' ]
	grep -q '^mm-import: .*1 of 3 lines rejected' mail.got
	# it worked today
	run -0 ./mm-nightly access.log.1
	[ "$(wc -l <"rejects.$(date -u +%F).ndjson")" -eq 1 ]
	# the same file, as after a failure, and another one's run
	rm stored.*
	run -1 ./mm-nightly access.log.1
	[ "$(paths)" = '/1 /2' ]
	[ "$(wc -l <"rejects.$(date -u +%F).ndjson")" -eq 1 ]
	rm stored.* mail.got
	exec 8>nightly.lock
	flock 8
	run -75 ./mm-nightly access.log.1
	exec 8>&-
	[ ! -e mail.got ]
}

@test "cron: ClickHouse away is 75 without mail, and the next run stores what was kept" {
	recipe mm-nightly
	sed -i 's/mm-insert /mm-insert --retry-for 1s /' mm-nightly
	stub mail
	lines_of access.log.1 1
	printf 'MM_CLICKHOUSE_URL=http://127.0.0.1:1/\nMM_SPOOL=%s/spool\n' "$PWD" >environment
	run -75 ./mm-nightly access.log.1
	[ ! -e mail.got ]
	printf 'MM_SPOOL=%s/spool\n' "$PWD" >environment
	run -0 ./mm-nightly access.log.1
	[ "$(paths)" = /1 ]
	# what has to be mended is told
	rm stored.*
	rm salt
	run -2 ./mm-nightly access.log.1
	grep -q '<mm-nightly: status 2 (.*2.*)><ops@example.com>' mail.got
}

@test "cron: the report is sent where there is one" {
	recipe mm-weekly
	stub sendmail
	run -75 env MM_CLICKHOUSE_URL=http://127.0.0.1:1/ ./mm-weekly team@example.com
	[ ! -e sendmail.got ]
	run -0 ./mm-weekly team@example.com
	grep -q '^<-t>$' sendmail.got
	grep -q '^To: team@example.com' sendmail.got
	# all that the crontab runs is on its path
	recipe crontab
	run -0 sed -n 's/^PATH=//p' crontab
	[ "$output" = /usr/local/bin:/usr/sbin:/usr/bin:/bin ]
	[ "$(grep -c '^[*0-9][^ ]* [^ ]* [^ ]* [^ ]* [^ ]* *mm-' crontab)" -eq 2 ]
}

@test "logrotate: an hourly job reads each line once, across rotations" {
	recipe mm-hourly
	mkdir log
	recipe logrotate conf
	sed -i "s|/var/log/shop|$PWD/log|" conf
	chmod 644 conf
	chmod 755 log
	sed -i "1,/{/s|{|{\n    su $(id -un) $(id -gn)|" conf
	lines_of log/access.log 1 2
	run -0 ./mm-hourly log/access.log
	lines_of log/access.log 3
	logrotate -f -s state conf
	lines_of log/access.log 4
	run -0 ./mm-hourly log/access.log
	lines_of log/access.log 5
	logrotate -f -s state conf
	lines_of log/access.log 6
	run -0 ./mm-hourly log/access.log
	[ -e log/access.log.2.gz ]
	[ "$(paths)" = '/1 /2 /3 /4 /5 /6' ]
}

@test "systemd: the units are right, and ClickHouse starts by its line" {
	mkdir units
	for unit in millimetric-clickhouse.service mm-nightly.service mm-nightly.timer; do
		recipe "$unit" "units/$unit"
		chmod 644 "units/$unit"
	done
	printf '#!/bin/sh\n' >bin/mm-nightly
	chmod +x bin/mm-nightly
	line=$(sed -n '/^ExecStart=/,/[^\\]$/p' units/millimetric-clickhouse.service | tr -d '\\\n' | sed 's/^ExecStart=//')
	sed -i "s|/usr/local/bin/mm-nightly|$PWD/bin/mm-nightly|; s|/usr/local/bin/mm-|$MM_BIN/mm-|" units/*
	run systemd-analyze verify --man=no "$PWD"/units/*
	[[ $output != *"$PWD/units"* && $output != *millimetric* && $output != *mm-nightly* ]] || { echo "$output"; false; }
	run -0 systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' units/mm-nightly.timer)"
	# the line itself, with another port, and its specifiers filled in
	head -c 24 /dev/urandom | base64 >password
	chmod 600 password
	port=$((20000 + RANDOM % 10000))
	line=${line//%S/$PWD}
	line=${line//\$\{CREDENTIALS_DIRECTORY\}/$PWD}
	line=${line//\/usr\/local\/bin/$MM_BIN}
	line=${line/8123/$port}
	mkdir mm-clickhouse
	env -u MM_CLICKHOUSE_DATABASE bash -c "exec $line" 3>&- &
	there() {
		MM_CLICKHOUSE_DATABASE=millimetric MM_CLICKHOUSE_URL=http://127.0.0.1:$port/ MM_CLICKHOUSE_USER=millimetric \
			mm-schema --check --password-file password
	}
	eventually there
	kill %1
	wait %1 || true
}

@test "systemd: one machine has a password, a salt for all, and a key for pages" {
	recipe one-machine
	mkdir -p etc/default var/lib/mm-serve
	sed -i "s|/etc/|$PWD/etc/|g; s|/var/lib/|$PWD/var/lib/|g" one-machine
	stub systemctl
	printf '#!/bin/bash\nwhile [[ $1 == -* ]]; do [[ $1 != -p ]] || shift; shift; done\nexec "$@"\n' >bin/systemd-run
	chmod +x bin/systemd-run
	run -0 --separate-stderr ./one-machine https://www.example.com </dev/null
	[[ $output == pk_live_* ]]
	grep -q '<enable><--now><millimetric-clickhouse><mm-serve.socket>' systemctl.got
	cmp var/lib/millimetric/salt var/lib/mm-serve/salt
	for file in etc/millimetric.password etc/default/millimetric etc/default/mm-serve var/lib/mm-serve/salt; do
		[ "$(stat -c %a "$file")" = 600 ]
	done
	[ "$(grep -c PASSWORD= etc/default/mm-serve)" -eq 1 ]
	# what a shell makes of the file is what systemd makes of it
	[ "$(env -i sh -c '. etc/default/millimetric; echo "$MM_CLICKHOUSE_PASSWORD"')" = "$(cat etc/millimetric.password)" ]
}

@test "nginx and Caddy: the proxy is configured as nginx wants it" {
	recipe nginx
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=stats.example.com -keyout key -out cert 2>openssl.log
	mkdir body
	{
		printf 'pid %s/pid; error_log %s/error; events {}\nhttp {\naccess_log off;\n' "$PWD" "$PWD"
		for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $PWD/body;"; done
		sed "s|/etc/ssl/private/stats.example.com.key|$PWD/key|; s|/etc/ssl/stats.example.com.pem|$PWD/cert|" nginx
		echo '}'
	} >conf
	run -0 nginx -t -c "$PWD/conf"
	# the lines that matter are those of mm-serve(1), which its test runs
	diff <(sed -n 's/^ *\(proxy_[a-z_]* .*\)/\1/p' nginx) <(sed -n 's/^ *\(proxy_[a-z_]* .*\)/\1/p' "$repo/man/mm-serve.1")
	recipe Caddyfile
	grep -q 'reverse_proxy 127.0.0.1:8080' Caddyfile
}

@test "GitLab: the script passes what is right, and reports what is not" {
	recipe gitlab-ci.yml
	sed -n '/^  script:/,/^  artifacts:/p' gitlab-ci.yml | sed '1d;$d; s/^    - //; s/^      / /' | tr -d '\n' |
		sed "s|/opt/millimetric/build/bin|$MM_BIN|" >script
	mkdir events
	echo '{"event":"a"}' >events/good.ndjson
	run -0 bash -e script
	echo '{"evnt":"a"}' >events/bad.ndjson
	run -1 bash -e script
	[[ $output == *events/bad.ndjson:1* ]]
	xmllint --noout events.xml
	grep -q '<failure' events.xml
}

@test "backup and restore: the same events and the same answers" {
	recipe mm-backup
	recipe mm-restore
	sed -i "s/millimetric\.events/$MM_CLICKHOUSE_DATABASE.events/" mm-backup
	gen_events -n 400 | mm-enrich -q --deterministic --salt-file salt | mm-insert -q
	mkdir backup
	./mm-backup "$PWD/backup"
	before=$(fingerprint)
	[ "$(stat -c %a backup/*)" = 600 ]
	ch "$MM_CLICKHOUSE_URL" --data-binary "DROP DATABASE $MM_CLICKHOUSE_DATABASE SYNC"
	run -0 ./mm-restore backup/*.zst
	[ "$(fingerprint)" = "$before" ]
	# a ClickHouse that is away leaves yesterday's backup as it was
	cp backup/*.zst kept
	run ! env MM_CLICKHOUSE_URL=http://127.0.0.1:1/ ./mm-backup "$PWD/backup"
	cmp kept backup/*.zst
}

@test "moving from Plausible: pages and events of its export's CSV, the rest is skipped" {
	recipe from-plausible
	mkdir export
	printf '"date","hostname","page","visits","visitors","pageviews"\n"2026-05-16","shop.example","/",2,2,3\n"2026-05-16","shop.example","/about",1,1,1\n' \
		>export/imported_pages_20260516_20260516.csv
	printf '"date","name","link_url","path","visitors","events"\n"2026-05-16","Signup","","",2,2\n"2026-05-16","Outbound Link: Click","https://one.example/","",1,1\n' \
		>export/imported_custom_events_20260516_20260516.csv
	printf '"date","browser","browser_version","visitors","visits","visit_duration","bounces","pageviews"\n"2026-05-16","Firefox","126.0",2,2,60,0,4\n' \
		>export/imported_browsers_20260516_20260516.csv
	python3 -c 'import shutil; shutil.make_archive("export", "zip", "export")'
	run -0 bash -eo pipefail from-plausible
	[ "$(sql "SELECT event_name, count() FROM events GROUP BY 1 ORDER BY 1 FORMAT TSV")" = $'$pageview\t4\nOutbound Link: Click\t1\nSignup\t2' ]
}

@test "moving from Umami: events with their sessions, by psql's CSV" {
	recipe from-umami
	cat >bin/psql <<-'EOF'
		#!/bin/sh
		printf '%s\n' "$*" >psql.got
		printf '%s\n' event_id,website_id,session_id,visit_id,created_at,url_path,url_query,referrer_path,referrer_query,referrer_domain,page_title,event_type,event_name,tag,hostname,browser,os,device,country \
			'e1,w,s1,v1,2026-05-16 19:00:00.123+00,/p,gclid=x,,,www.google.com,Prices,1,,,shop.example,firefox,Linux,desktop,DE' \
			'e2,w,s1,v1,2026-05-16 19:01:00+00,/p,,,,,,2,signup,,shop.example,firefox,Linux,desktop,DE' >umami.csv
	EOF
	chmod +x bin/psql
	run -0 bash -eo pipefail from-umami
	grep -q 'copy (SELECT .* TO umami.csv CSV HEADER' <(tr '\n' ' ' <psql.got)
	[ "$(sql "SELECT event_name, source, medium, anonymous_id, session_id FROM events ORDER BY timestamp FORMAT TSV")" = \
		$'$pageview\tgoogle\tpaid\ts1\tv1\nsignup\tdirect\tdirect\ts1\tv1' ]
}

@test "moving from GA4: a day of its export to BigQuery" {
	recipe from-ga4
	stub bq
	printf '#!/bin/sh\nhead -2 "%s" | gzip >ga4-20260516-000.gz\n' "$repo/tests/data/import/samples/ga4.records" >bin/gcloud
	chmod +x bin/gcloud
	run -0 bash -eo pipefail from-ga4 </dev/null
	grep -q '<NEWLINE_DELIMITED_JSON>' bq.got
	[ "$(sql "SELECT count() FROM events WHERE event_name = 'purchase' FORMAT TSV")" -ge 1 ]
}

@test "moving from Matomo: a day of visits of its API" {
	recipe from-matomo
	echo token_auth=anonymous >token.txt
	cat >bin/curl <<-'EOF'
		#!/bin/sh
		printf '[{"idSite":"1","idVisit":"7","visitIp":"203.0.113.7","visitorId":"ab12","userId":null,"referrerUrl":"https://www.google.com/","actionDetails":[{"type":"action","url":"https://shop.example/p?a=1","pageTitle":"P","timestamp":1778958000},{"type":"goal","goalName":"Signup","url":"https://shop.example/p","timestamp":1778958001},{"type":"event","eventCategory":"Video","eventAction":"play","url":"https://shop.example/p","timestamp":1778958002}]}]'
	EOF
	chmod +x bin/curl
	run -0 bash -eo pipefail from-matomo
	rm bin/curl
	[ "$(sql "SELECT source FROM events WHERE event_name = '\$pageview' FORMAT TSV")" = google ]
	[ "$(sql "SELECT count() FROM events FORMAT TSV")" -ge 2 ]
}

@test "Kafka: each message once, also where a run ended between storing and noting it" {
	recipe mm-from-kafka
	# librdkafka's mock cluster lives in a consumer that waits for ever
	kcat -C -t other -X test.mock.num.brokers=1 -b none >kcat.log 2>&1 3>&- &
	broker() { port=$(sed -n 's/.*replaced with 127.0.0.1:\([0-9]*\)$/\1/p' kcat.log); [ -n "$port" ]; }
	until broker; do sleep 0.05; done
	produce() { printf '{"event":"%s","event_id":"%s","timestamp":"2026-05-16T19:00:00Z"}\n' "$@" | kcat -P -b "127.0.0.1:$port" -t events -p 0; }
	from_kafka() { run -0 ./mm-from-kafka "127.0.0.1:$port" events 0; }
	names() { sql "SELECT arrayStringConcat(groupArray(event_name), ' ') FROM (SELECT event_name FROM events ORDER BY event_id) FORMAT TSV"; }
	produce a 1 b 2
	from_kafka
	from_kafka
	[ "$(names)" = 'a b' ]
	[ "$(cat events.0.offset)" = 2 ]
	produce c 3 '' 4
	from_kafka
	[ "$(names)" = 'a b c' ]
	[ "$(cat events.0.offset)" = 4 ]
	[ "$(jq .line rejects.*)" = 2 ]
	# as if it had died before the offset moved: the batch is there, and more messages wait
	echo 2 >events.0.offset
	printf '2 {"event":"c","event_id":"3","timestamp":"2026-05-16T19:00:00Z"}\n' >events.0.batch
	produce d 5
	from_kafka
	[ "$(cat events.0.offset)" = 3 ]
	from_kafka
	[ "$(names)" = 'a b c d' ]
	kill %1
}

@test "README: at most 200 lines, its picture, and pages of the manual that are there" {
	[ "$(wc -l <"$repo/README.md")" -le 200 ]
	while read -r page; do
		compgen -G "$repo/man/$page.*"
	done < <(grep -oP '\bman (\d )?\Kmm[a-z-]*' "$repo/README.md")
	while read -r file; do
		[ -e "$repo/$file" ]
	done < <(grep -oP '\]\(\K(?!http)[^)#]+' "$repo/README.md")
	"$repo/tests/demo/picture.sh" picture.png
	# a PNG of the same size in pixels, and light
	cmp -n 24 picture.png "$repo/tests/demo/report.png"
	[ "$(stat -c %s "$repo/tests/demo/report.png")" -lt 150000 ]
}
