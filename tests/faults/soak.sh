#!/usr/bin/env bash
# Exactly once, shown.  Each round begins to insert a file into an empty
# database, lets something go wrong at a random moment, runs the same command
# until it succeeds, sends what is in the spool, and compares every column of
# events, daily_rollup and sessions_v with those of a run that nothing disturbed.
#
#   ROUNDS=N   rounds in which the fault hit (default 200); others don't count
#   SEED=N     of the random choices (default: another one each time; printed)
#   FAULTS=... only these of: inserter server machine term drop late held twice
#
# make soak calls it; make check does fewer rounds.
set -eu -o pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
BUILD=$(realpath "${BUILD:-${here%/*/*}/build}")
MM_BIN=$(realpath "${MM_BIN:-$BUILD/bin}")
export PATH=$MM_BIN:$PATH LC_ALL=C.UTF-8 MM_IP_SALT=0123456789abcdef-test-salt
unset MM_GEOIP_DB MM_PROJECT MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD
# shellcheck source=tests/commands/server.bash
. "$here/../commands/server.bash"

ROUNDS=${ROUNDS:-200}
SEED=${SEED:-$((SRANDOM % 100000))}
read -r -a faults <<< "${FAULTS:-inserter server machine term drop late held twice}"
RANDOM=$SEED
sizes=(100 300 1000 2000) # of batches
declare -A duration hit missed
inserter=

work=$(mktemp -d)
engine_start
clean_up() {
	[ -z "$inserter" ] || kill -9 "$inserter" 2>/dev/null || true
	fake_stop
	engine_stop
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$work"
fake_start pass
options=$(mm-insert --help-options)

has_option() {
	grep -q -- "$1"$'\t' <<< "$options"
}

# one_of WORD...: one of them.
one_of() {
	local -a words=("$@")
	echo "${words[RANDOM % $#]}"
}

# below N: a random number below N; RANDOM alone ends at 32767.
below() {
	echo $(((RANDOM << 15 | RANDOM) % $1))
}

now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# pause MS
pause() {
	sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}

# new_database NAME: the tables, empty, for what follows.
new_database() {
	export MM_CLICKHOUSE_DATABASE=$1
	MM_CLICKHOUSE_URL=$ENGINE_URL mm-schema
}

# Rows in a random order, so that each batch has blocks in several months; and
# the same with some between them that ClickHouse refuses.
make_input() {
	"$BUILD/tests/gen-events" -n 3000 -s "$SEED" --days 70 |
		mm-enrich -q --deterministic --rejects enrich.rejects |
		shuf --random-source=<(yes "$SEED") > clean || true
	[ "$(wc -l < clean)" -gt 2500 ]
	awk '{ print } NR % 397 == 0 { printf "{\"timestamp\":\"%dth\"}\n", NR }' clean > poisoned
	grep 'th"}$' poisoned | sort > bad
}

# The options of a round; the same whenever its command is run again.
choose_command() {
	input=clean want=0
	((RANDOM % 4)) || input=poisoned want=1
	rows=$(one_of "${sizes[@]}")
	command=(mm-insert -q --max-rows "$rows" --spool "$work/spool"
		--rejects "$work/rejects")
	if has_option --connections; then
		command+=(--connections "$(one_of 1 2 4)")
	fi
	if has_option --format; then
		command+=(--format "$(one_of native native json)")
	fi
	command+=("$input")
}

# What was under way in the server when a client died has come to its end.
await_server() {
	local busy=1
	fake_idle
	while ((busy)); do
		busy=$(sql "SELECT count() FROM system.processes WHERE query_kind = 'Insert'")
	done
}

# Waits for some of the time that the command takes undisturbed, or a bit less.
pause_at_random() {
	pause "$(below $((duration[$rows] * 8 / 10)))"
}

# start [OPTION]...: runs the command in the background.
start() {
	"${command[0]}" "$@" "${command[@]:1}" 2>> messages &
	inserter=$!
}

# Waits for the inserter; sets status.
finish() {
	status=0
	wait "$inserter" 2>/dev/null || status=$?
	inserter=
}

is_running() {
	kill -0 "$inserter" 2>/dev/null
}

# ---- the faults; each returns whether it hit ----

# Killed in the middle, without a moment's notice.
inserter_fault() {
	start
	pause_at_random
	kill -9 "$inserter" 2>/dev/null || true
	finish
	((status == 137))
}

# Asked to end in the middle.
term_fault() {
	start
	pause_at_random
	kill "$inserter" 2>/dev/null || true
	finish
	((status == 143))
}

# The server crashes; the inserter waits for it or gives up soon.
server_fault() {
	local running=false
	start --retry-for "$(one_of 1ms 20s)"
	pause_at_random
	! is_running || running=true
	engine_crash
	engine_restart
	finish
	$running
}

# Both die at once, as when the machine stops.
machine_fault() {
	start
	pause_at_random
	kill -9 "$inserter" 2>/dev/null || true
	engine_crash
	finish
	engine_restart
	((status == 137))
}

# through FAULT: a random request meets it, and perhaps the next one does.
through() {
	: > "$FAKE/log"
	fake_faults "pass*$(below 12)" "$1*$(one_of 1 1 2)" pass
	start --timeout 200ms --retry-for "$(one_of 1ms 20s)"
	finish
	grep -q "^$1 " "$FAKE/log"
}

drop_fault() {
	through "$(one_of cut lost cut-body cut-body:"$(below 90000)" cut-answer:"$(below 400)")"
}

late_fault() {
	through "late:$(one_of 250 400)"
}

held_fault() {
	through "held:$(one_of 250 400)"
}

twice_fault() {
	through twice
}

# ---- a round ----

# Runs the command as a user would, until it has done its work.
run_again() {
	local i
	for ((i = 0; i < 5; i++)); do
		start
		finish
		((status != want)) || return 0
	done
	echo "the command, run again, ends with $status instead of $want"
	return 1
}

drain() {
	local file
	[ -d spool ] || return 0
	if has_option --drain; then
		mm-insert -q --drain "$work/spool" 2>> messages || (($? == want))
		return
	fi
	for file in spool/*.ndjson; do
		[ -e "$file" ] || continue
		mm-insert -q --spool "$work/spool" --rejects "$work/drain.rejects" "$file" 2>> messages ||
			(($? == want)) || return
		rm "$file"
	done
}

# recover: runs again and drains, in one order or the other.
recover() {
	if ((RANDOM % 2)); then
		drain && run_again
	else
		run_again && drain
	fi
}

# Compares the tables with the undisturbed ones; says what differs.
compare() {
	await_server
	fingerprint > found
	cmp -s expected found || {
		echo "the tables differ from those of the undisturbed run:"
		diff expected found
		return 1
	}
	[ "$input" = clean ] || jq -r .input rejects | sort -u | cmp - bad
}

# round NUMBER FAULT: true unless something is wrong.
round() {
	local fault=$2
	rm -rf spool rejects drain.rejects
	: > messages
	new_database "round_$1"
	choose_command
	if "${fault}_fault"; then
		hit[$fault]=$((${hit[$fault]:-0} + 1))
		total=$((total + 1))
	else
		missed[$fault]=$((${missed[$fault]:-0} + 1))
	fi
	fake_faults pass
	if ! recover || ! compare; then
		echo "round $1, $fault, seed $SEED: ${command[*]}"
		sed 's/^/    /' messages
		return 1
	fi
	sql "DROP DATABASE round_$1"
}

# What the tables hold when nothing goes wrong, and how long that takes.
undisturbed() {
	local begin rows
	for rows in "${sizes[@]}"; do
		new_database undisturbed
		begin=$(now_ms)
		mm-insert --max-rows "$rows" clean
		duration[$rows]=$(($(now_ms) - begin))
		fingerprint > expected
		sql 'DROP DATABASE undisturbed'
	done
}

# The comparison has to see a row that is stored twice: it does, where the
# tables remember no tokens.
see_a_difference() {
	local table
	new_database forgetful
	for table in events daily_rollup sessions; do
		sql "ALTER TABLE $table MODIFY SETTING non_replicated_deduplication_window = 0"
	done
	input=clean
	command=(mm-insert -q clean)
	start
	finish
	start
	finish
	if compare > /dev/null; then
		echo "the comparison does not see rows that are stored twice"
		return 1
	fi
	sql 'DROP DATABASE forgetful'
}

report() {
	local fault
	for fault in "${faults[@]}"; do
		echo "    $fault: hit ${hit[$fault]:-0}, came too late ${missed[$fault]:-0}"
	done
}

echo "seed $SEED"
make_input
undisturbed
see_a_difference
total=0
for ((i = 0; total < ROUNDS; i++)); do
	if ((i > 3 * ROUNDS + 20)); then
		echo "the faults hardly ever hit"
		report
		exit 1
	fi
	round "$i" "${faults[total % ${#faults[@]}]}"
done
echo "$total rounds with a fault, no difference:"
report
