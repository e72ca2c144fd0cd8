#!/usr/bin/env bash
# Forgetting, against a model.  Each round does one thing of: insert a batch, send
# old ones again, an insert that is killed, one whose server dies or is away,
# forget somebody (with or without --rebuild, --linked), the same killed in the
# middle and run again, a crash with the clean-up that ClickHouse does ten
# minutes after parts were emptied, merges, somebody who is allowed again.  Then
# the tables are compared with a plain computation, tests/faults/forget-model.mjs.
#
#   ROUNDS=N   rounds (default 200)
#   SEED=N     of the random choices (default: another one each time; printed)
#
# make soak calls it; make check does fewer rounds.
set -eu -o pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
BUILD=$(realpath "${BUILD:-${here%/*/*}/build}")
MM_BIN=$(realpath "${MM_BIN:-$BUILD/bin}")
export PATH=$MM_BIN:$PATH LC_ALL=C.UTF-8 MM_IP_SALT=0123456789abcdef-test-salt
unset MM_PROJECT MM_CLICKHOUSE_USER MM_CLICKHOUSE_PASSWORD
# shellcheck source=tests/commands/server.bash
. "$here/../commands/server.bash"

ROUNDS=${ROUNDS:-200}
SEED=${SEED:-$((SRANDOM % 100000))}
RANDOM=$SEED
moves=(insert insert replay replay killed_insert crashed_insert spooled_insert forget forget forget
	killed_forget killed_forget crashed_forget clean_up merge allow)
declare -A done_moves
worker=

work=$(mktemp -d)
engine_start
clean() {
	[ -z "$worker" ] || kill -9 "$worker" 2> /dev/null || true
	engine_stop
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM
cd "$work"
export MM_CLICKHOUSE_URL=$ENGINE_URL MM_CLICKHOUSE_DATABASE=model XDG_STATE_HOME=$work/state
files=0 # made so far: f1, f2, ...
forgets=0
epoch=0

one_of() {
	local -a words=("$@")
	echo "${words[RANDOM % $#]}"
}

# Milliseconds below N.
pause_below() {
	sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}

# make_file: rows of a few people on shared devices, of two months; sometimes of one
# person alone.  Sets file.
make_file() {
	local alone=-1
	((RANDOM % 4)) || alone=$((RANDOM % 30))
	files=$((files + 1))
	file=f$files
	jq -nc --arg name "$file" --argjson seed $((RANDOM % 10000)) --argjson alone $alone '
		range(10 + $seed % 60) | . as $i | (($i * 7919 + $seed * 104729) % 1000003) as $r |
		(if $alone >= 0 then $alone else $r % 30 end) as $user | (($r / 10 | floor) % 40) as $visitor |
		(1767225600 + 86400 * (25 + ($r % 14)) + ($r * 61) % 86400) as $time |
		{
			project_id: "00000000-0000-0000-0000-000000000000",
			timestamp: ($time | strftime("%Y-%m-%d %H:%M:%S.000")),
			event_name: ["$pageview", "signup"][$r % 2], event_id: "\($name)-\($i)",
			anonymous_id: "a\($visitor)", user_id: (if $alone < 0 and $r % 3 == 0 then null else "u\($user)" end),
			session_id: "s\($visitor)-\($time / 86400 | floor)",
			source: ["google", "direct"][($r / 2 | floor) % 2], path: "/\($name)/\($i)"
		}' > $file
}

insert_options() {
	options=(-q --spool "$work/spool" --max-rows 1000 --connections "$(one_of 1 2)" --wire-format "$(one_of native native json)")
}

# send FILE: stores it.
send() {
	insert_options
	mm-insert "${options[@]}" "$1" 2>> messages || return
	printf '{"op":"stored","file":"%s"}\n' "$1" >> operations
}

# settle: what was begun is brought to its end.
settle() {
	local f
	if [ -d spool ]; then
		mm-insert -q --drain spool 2>> messages || return
	fi
	for f in "${unsettled[@]}"; do
		send "$f" || return
		settled+=("$f")
	done
	unsettled=()
}

# ---- moves ----

insert_move() {
	make_file
	unsettled+=("$file")
	settle
}

replay_move() {
	local i
	((${#settled[@]})) || return 0
	for i in 1 2 3; do
		send "$(one_of "${settled[@]}")" || return
	done
}

begin_insert() {
	make_file
	unsettled+=("$file")
	insert_options
	mm-insert "${options[@]}" --retry-for 1ms "$file" 2>> messages &
	worker=$!
}

finish() {
	status=0
	wait "$worker" 2> /dev/null || status=$?
	worker=
}

killed_insert_move() {
	begin_insert
	pause_below 120
	kill -9 "$worker" 2> /dev/null || true
	finish
}

crashed_insert_move() {
	begin_insert
	pause_below 150
	engine_crash
	finish
	engine_restart
}

spooled_insert_move() {
	make_file
	unsettled+=("$file")
	insert_options
	MM_CLICKHOUSE_URL=http://127.0.0.1:1/ mm-insert "${options[@]}" --retry-for 1ms "$file" 2>> messages || (($? == 75))
}

choose_id() {
	id=$(one_of "\"user_id\":\"u$((RANDOM % 30))\"" "\"anonymous_id\":\"a$((RANDOM % 40))\"")
}

# Whom, and how.  What inserts that were begun have stored would decide what the
# model has to expect of --linked, and of days whose counts once were left alone.
choose_person() {
	local id
	choose_id
	person="{$id}"
	forget=(mm-forget -q --wait)
	rebuild=true linked=false
	((epoch % 2 == 0 || RANDOM % 2)) || rebuild=false
	((RANDOM % 4)) || linked=true
	if ((epoch % 2)) || $linked; then
		settle || return
	fi
	! $rebuild || forget+=(--rebuild)
	! $linked || forget+=(--linked)
	operation="{\"op\":\"forget\",$id,\"linked\":$linked,\"rebuild\":$rebuild}"
}

# run_forget: as a user would, until it is done.
run_forget() {
	local i
	for ((i = 0; i < 6; i++)); do
		status=0
		"${forget[@]}" <<< "$person" >> audit 2>> messages || status=$?
		case $status in
		0) break ;;
		2) # an insert broke off: send what waits, and if that was done say so
			! grep -q 'an insert broke off' messages || settle
			((i < 1)) || forget+=(--recount)
			;;
		1 | 75) ;;
		*) return 1 ;;
		esac
	done
	((status == 0)) || return
	echo "$operation" >> operations
	forgets=$((forgets + 1))
}

forget_move() {
	choose_person && run_forget
}

killed_forget_move() {
	choose_person || return
	"${forget[@]}" <<< "$person" >> audit 2>> messages &
	worker=$!
	sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
	kill -9 "$worker" 2> /dev/null || true
	finish
	settle && run_forget
}

crashed_forget_move() {
	choose_person || return
	"${forget[@]}" <<< "$person" >> audit 2>> messages &
	worker=$!
	sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
	engine_crash
	finish
	engine_restart
	settle && run_forget
}

# The settings of clean_up make a second of ten minutes.
clean_up_move() {
	local i
	engine_crash
	engine_restart
	for ((i = 0; i < 100; i++)); do
		(($(sql "SELECT count() FROM system.parts WHERE database = currentDatabase() AND NOT active"))) || break
		sleep 0.1
	done
	sleep 1.2
	engine_crash
	engine_restart
}

merge_move() {
	local table
	for table in events daily_rollup sessions; do
		sql "OPTIMIZE TABLE $table FINAL"
	done
}

allow_move() {
	local id
	settle || return
	choose_id
	mm-forget -q --allow <<< "{$id}" >> audit 2>> messages
	echo "{\"op\":\"allow\",$id}" >> operations
	insert_move
}

# ---- what is there ----

found() {
	{
		sql "SELECT 'event', event_id, ifNull(user_id, '-') FROM events FORMAT TSVRaw"
		sql "SELECT 'day', day, event_name, source, sum(events), uniqMerge(uniques) FROM daily_rollup
			GROUP BY day, event_name, source FORMAT TSVRaw"
		sql "SELECT 'session', session_id, anonymous_id, events, started_at, ended_at, entry_path, ifNull(user_id, '-')
			FROM sessions_v FORMAT TSVRaw"
	} | sort
}

compare() {
	local busy=1
	settle || return
	while ((busy)); do
		busy=$(sql "SELECT count() FROM system.processes WHERE query_kind = 'Insert'")
	done
	found > is
	node "$here/forget-model.mjs" operations > should
	cmp -s should is || {
		echo "the tables are not as they should be (<: should be, >: are):"
		diff should is | head -n 40
		return 1
	}
	[ "$(sql "SELECT count() FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'mm_forget_')")" = 0 ]
}

# A new database: in the old one nearly all have been forgotten.
begin_epoch() {
	local table
	epoch=$((epoch + 1))
	export MM_CLICKHOUSE_DATABASE=model_$epoch
	settled=()   # files that are stored
	unsettled=() # files of which something may be stored
	: > operations
	mm-schema
	for table in events daily_rollup sessions; do
		sql "ALTER TABLE $table MODIFY SETTING cleanup_delay_period = 1, max_cleanup_delay_period = 1,
			cleanup_delay_period_random_add = 0"
	done
	insert_move && insert_move && insert_move
}

# The comparison has to see it when somebody is back.
see_a_difference() {
	local id
	begin_epoch
	choose_person
	operation="{\"op\":\"forget\",$(jq -c .anonymous_id f1 | head -n 1 | sed 's/^/"anonymous_id":/'),\"rebuild\":true}"
	echo "$operation" >> operations
	if compare > /dev/null; then
		echo "the comparison does not see somebody who should be gone"
		return 1
	fi
}

# one_round MOVE: true unless something is wrong.  What is unsettled may stay so for some.
one_round() {
	"$1_move" || return
	((${#unsettled[@]} > 0 && RANDOM % 2)) || compare
}

echo "seed $SEED"
see_a_difference
for ((round = 0; round < ROUNDS; round++)); do
	if ((round % 25 == 0)); then
		((round == 0)) || compare
		begin_epoch
	fi
	move=$(one_of "${moves[@]}")
	: > messages
	if ! one_round "$move"; then
		echo "round $round, $move, seed $SEED, status ${status:-}"
		sed 's/^/    /' messages
		tail -n 5 operations
		exit 1
	fi
	done_moves[$move]=$((${done_moves[$move]:-0} + 1))
done
compare
echo "$ROUNDS rounds, $forgets people forgotten, no difference:"
for move in "${!done_moves[@]}"; do
	echo "    $move: ${done_moves[$move]}"
done | sort
