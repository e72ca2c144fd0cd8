#!/usr/bin/env bats
# mm-enrich --geoip: every layout of a database, damaged ones, and a file that
# changes while the command runs.  Databases are written by Debian's writer
# (data/countries.pl); on the real one, the reader of Debian's Perl is the oracle.
#
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2094

load helper

setup_file() {
	mkdir "$BATS_FILE_TMPDIR/made"
	perl "$repo/tests/data/countries.pl" "$BATS_FILE_TMPDIR/made"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	made=$BATS_FILE_TMPDIR/made
}

teardown() {
	exec 7>&-
}

# Reads addresses, a line each, and prints their countries ("-": none).
countries() {
	sed 's/.*/{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"&"}/' | mm-enrich --no-ip-hash "$@" |
		sed 's/.*"country":"\([^"]*\)".*/\1/; s/^$/-/'
}

# known DATABASE ADDRESS: its country
known() {
	countries --geoip "$1" <<< "$2"
}

# ---- layouts ----

@test "country.iso_code, then registered_country.iso_code, then country_code" {
	[ "$(known "$made/layouts.mmdb" 192.0.2.1)" = DE ]
	[ "$(known "$made/layouts.mmdb" 192.0.2.17)" = FR ]
	[ "$(known "$made/layouts.mmdb" 192.0.2.33)" = GB ]
	[ "$(known "$made/layouts.mmdb" 192.0.2.49)" = DE ]
	[ "$(known "$made/layouts.mmdb" 192.0.2.65)" = FR ]
	[ "$(known "$made/layouts.mmdb" 192.0.2.81)" = FR ]
}

@test "a code is two letters, in capitals; anything else is as if absent" {
	printf '192.0.2.%s\n' 97 113 129 145 161 177 193 209 225 > addresses
	printf '%s\n' GB GB - - - - IT - ES > want
	countries --geoip "$made/layouts.mmdb" < addresses > got
	diff want got
}

@test "IPv6, IPv4 in IPv6, and the edges of networks" {
	cat > table <<-'END'
		2001:db8:: DE
		2001:db8:ffff:ffff:ffff:ffff:ffff:ffff DE
		2001:db9:: -
		2001:db7:ffff:ffff:ffff:ffff:ffff:ffff -
		2001:db8:1:: FR
		2001:db8:1:ffff:ffff:ffff:ffff:ffff FR
		2001:db8:2::1 GB
		2001:db8:2:1::1 DE
		::ffff:192.0.2.33 GB
		::ffff:c000:221 GB
		192.0.2.240 PT
		192.0.2.241 -
		192.0.1.255 -
		192.0.3.0 -
		0.0.0.0 -
		255.255.255.255 -
		:: -
		ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -
	END
	cut -d ' ' -f 1 table | countries --geoip "$made/layouts.mmdb" > got
	cut -d ' ' -f 2 table | diff - got
}

@test "a database of IPv4 knows no IPv6, and that is no error" {
	printf '%s\n' 192.0.2.33 ::ffff:192.0.2.33 2001:db8::1 c000:0221:: > addresses
	printf '%s\n' GB GB - - > want
	countries --geoip "$made/four.mmdb" < addresses > got 2> err
	diff want got
	[ ! -s err ]
}

# ---- the oracle ----

# by_reader DATABASE < ADDRESSES: their countries, as a reader in Perl that shares nothing with
# libmaxminddb finds them.
by_reader() {
	perl -MMaxMind::DB::Reader -ne 'BEGIN { $reader = MaxMind::DB::Reader->new(file => shift) }
		chomp;
		my $found = $reader->record_for_address($_);
		print $found ? $found->{country_code} // "?" : "-", "\n"' "$1"
}

@test "10,000 addresses as a reader of another make finds them" {
	database=$("$repo/cmd/setup/geoip.sh")
	# a generator that gives the same in every awk; IPv6 mostly where networks are
	awk 'function below(n) { x = x * 16807 % 2147483647; return int(x / 64) % n }
		function ipv4() { return below(256) "." below(256) "." below(256) "." below(256) }
		function ipv6() {
			first = below(10) ? block[1 + below(blocks)] : sprintf("%x", below(65536))
			second = below(2) ? below(8192) : 64 * below(128)
			return sprintf("%s:%x:%x::%x:%x", first, second, below(16), below(2), below(65536))
		}
		BEGIN {
			x = 4711
			blocks = split("2001 2003 2400 2408 240e 2600 2601 2602 2620 2800 2804 2a00 2a01 " \
			    "2a02 2a04 2a06 2a09 2a0a 2a0c 2a0e 2a0f 2a11 2a12 2c0e 2c0f", block)
			for (i = 0; i < 11000; i++)
				print i % 5 < 3 ? ipv4() : ipv6()
		}' | awk '!seen[$0]++' | head -n 10000 > addresses
	[ "$(wc -l < addresses)" -eq 10000 ]
	[ "$(grep -c : addresses)" -gt 3500 ]
	by_reader "$database" < addresses | paste -d ' ' addresses - > want
	countries --geoip "$database" < addresses | paste -d ' ' addresses - > got
	cmp want got
	# of both families many are found, and not all are
	[ "$(grep : got | grep -vc -e ' -')" -gt 500 ]
	[ "$(grep -v : got | grep -vc -e ' -')" -gt 3000 ]
	[ "$(grep -c -e ' -' got)" -gt 500 ]
	[ "$(cut -d ' ' -f 2 got | sort -u | wc -l)" -gt 50 ]
}

# ---- damage ----

# flip FILE OFFSET TEXT: writes over the bytes there
flip() {
	printf %b "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Seventeen files, each damaged in its own way: name.mmdb in the folder
damage() { # DATABASE
	local size end name
	size=$(wc -c < "$1")
	end=$(grep -abo 'MaxMind.com' "$1" | tail -n 1 | cut -d : -f 1)
	for name in 0 1 16 $((size / 4)) $((size / 2)) $((end - 3)) $((end + 20)) $((size - 1)); do
		head -c "$name" "$1" > "cut-$name.mmdb"
	done
	tail -c +2 "$1" > beheaded.mmdb
	tail -c +$((size / 2)) "$1" > second-half.mmdb
	for name in tree root data pointer metadata major; do
		cp "$1" "$name.mmdb"
	done
	flip tree.mmdb 200 '\0377\0377\0377\0377\0377\0377\0377\0377'
	flip root.mmdb 0 '\0377\0377\0377\0377\0377\0377\0377'
	flip data.mmdb $((end - 60)) '\0377\0000\0377\0001\0004\0001\0004'
	flip pointer.mmdb $((end - 90)) '\0077\0377\0377\0377\0377'
	flip metadata.mmdb $((end + 30)) '\0000\0377\0000\0377'
	flip major.mmdb $((end + 12)) '\0342'
	{ tr '\000-\377' '\001-\377\000' < "$1"; tail -c $((size - end + 3)) "$1"; } > noise.mmdb
}

@test "no damage to a database crashes it" {
	damage "$made/layouts.mmdb"
	printf '192.0.2.%s\n' {0..255} | sed 's/.*/{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"&"}/' > in
	sed 's/.*/{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"2001:db8:&::1"}/' <(seq 100) >> in
	refused=0
	used=0
	for file in *.mmdb; do
		status=0
		mm-enrich --no-ip-hash --geoip "$file" in > out 2> err || status=$?
		case $status,$(wc -l < out) in
		0,356) used=$((used + 1)) && [ ! -s err ] ;;
		2,356) used=$((used + 1)) && grep -F "$file: is damaged: " err ;;
		2,0) refused=$((refused + 1)) && grep -F "$file: " err ;;
		*) echo "$file: status $status" && return 1 ;;
		esac
	done
	[ $((refused + used)) -eq 17 ]
	[ "$refused" -ge 8 ]
	[ "$used" -ge 4 ]
}

@test "lookups that meet damage are said, and counted apart from addresses of nobody" {
	cp "$made/layouts.mmdb" root.mmdb
	flip root.mmdb 0 '\0377\0377\0377\0377\0377\0377\0377'
	printf '{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"%s"}\n' 192.0.2.1 2001:db8::1 > in
	run -2 --separate-stderr mm-enrich --no-ip-hash --geoip root.mmdb in
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == "mm-enrich: root.mmdb: is damaged: 2 "* ]]
	echo '{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"198.51.100.1"}' > in
	run -0 --separate-stderr mm-enrich --no-ip-hash --geoip "$made/layouts.mmdb" in
	[ -z "$stderr" ]
}

# ---- a file that changes ----

# follow [OPTION]...: mm-enrich with db.mmdb in the background; ask writes to it
follow() {
	cp "$made/one-AA.mmdb" db.mmdb
	mkfifo in
	mm-enrich --no-ip-hash --geoip db.mmdb "$@" < in > out 2> err 7>&- &
	pid=$!
	exec 7> in
	eventually answers AA
}

# answers COUNTRY: asks once more; whether the last row is of that country
answers() {
	echo '{"event":"x","anonymous_id":"a","timestamp":"2026-05-16T19:00:00Z","ip":"192.0.2.1"}' >&7
	[[ $(tail -n 1 out) == *"\"country\":\"$1\""* ]]
}

# Ends it; the status must be 0.
unfollow() {
	exec 7>&-
	ends_with 0 "$pid"
}

@test "a database that is replaced is used without a restart" {
	follow
	cp "$made/one-BB.mmdb" db.mmdb.new
	mv db.mmdb.new db.mmdb
	eventually answers BB
	cp "$made/one-AA.mmdb" other
	ln -sf other db.mmdb
	eventually answers AA
	unfollow
	[ ! -s err ]
}

@test "a database that is replaced is used by all threads" {
	follow --jobs 2
	cp "$made/one-BB.mmdb" db.mmdb.new
	mv db.mmdb.new db.mmdb
	eventually answers BB
	for ((i = 0; i < 200; i++)); do
		answers BB
	done
	unfollow
	[ "$(tail -n 100 out | grep -c '"country":"BB"')" -eq 100 ]
	[ ! -s err ]
}

@test "a database that is overwritten in place is used, and does not crash it" {
	follow
	for code in BB AA BB; do
		cp "$made/one-$code.mmdb" db.mmdb
		eventually answers $code
	done
	unfollow
}

@test "a database that becomes unusable is said once; the one before stays in use" {
	follow
	: > db.mmdb
	eventually eval 'answers AA && [ -s err ]'
	echo garbage > db.mmdb
	sleep 1.2
	answers AA
	rm db.mmdb
	sleep 1.2
	answers AA
	[ "$(wc -l < err)" -eq 1 ]
	[[ $(cat err) == "mm-enrich: db.mmdb: "* ]]
	cp "$made/one-BB.mmdb" db.mmdb
	eventually answers BB
	unfollow
	[ "$(grep -c . err)" -eq 1 ]
}
