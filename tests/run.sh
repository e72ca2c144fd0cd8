#!/usr/bin/env bash
# Builds everything, runs all tests, and ends with "N passed, N failed".  make
# check calls it.
#
#   BUILD=DIR     where things are built (default: build)
#   JOBS=N        steps at the same time (default: one for each core, and two more, since some wait)
#   FUZZ_TIME=N   seconds for each fuzzer (default 3; make fuzz runs them longer)
#   SOAK_ROUNDS=N rounds of tests/faults/soak.sh (default 24)
#   FORGET_ROUNDS=N rounds of tests/faults/forget-soak.sh (default 20)
#   POWER_ROUNDS=N rounds of tests/faults/power-cut.mjs (default 60)
#   tests/run.sh NAME...   only the steps whose name contains a NAME; builds too are steps
#
# A step is a program that succeeds or fails, or a bats file, each of whose
# tests counts.  Steps run side by side: none may depend on another, on a port,
# or on a file outside of a folder of its own.
set -u -o pipefail

cd "${BASH_SOURCE[0]%/*}/.." || exit 2
BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$PWD/$BUILD ;;
esac
export BUILD MM_BIN=$BUILD/bin LC_ALL=C.UTF-8
JOBS=${JOBS:-$(($(nproc) + 2))}
only=("$@")
started=0
results=$(mktemp -d) # N: what step N printed; N.count: how many passed and failed
trap 'rm -rf "$results"' EXIT

wanted() {
	local name
	((${#only[@]})) || return 0
	for name in "${only[@]}"; do
		[[ $1 == *"$name"* ]] && return 0
	done
	return 1
}

# took N: the time that step N took, and that of processors.
took() {
	awk -v clock="$SECONDS" '
		function seconds(t, part) { split(t, part, /[ms]/); return part[1] * 60 + part[2] }
		NR == 2 { printf "%d s, CPU %.0f s", clock, seconds($1) + seconds($2) }' "$results/$1.times"
}

# finish N NAME GOOD BAD: tells what came of a step, at once and in one piece.
finish() {
	local text
	times >"$results/$1.times" # of this shell, which is the step's alone
	if (($4 == 0)); then
		text="ok: $2 ($3, $(took "$1"))"
	else
		text="FAILED: $2 ($3 passed, $4 failed, $(took "$1"))"$'\n'
		text+=$(grep -v '^ok ' "$results/$1" | sed 's/^/    /' | tail -n 120)
	fi
	echo "$text"
	echo "$3 $4" >"$results/$1.count"
}

run_step() { # N NAME COMMAND...
	local n=$1 name=$2
	shift 2
	SECONDS=0
	if "$@" >"$results/$n" 2>&1 </dev/null; then
		finish "$n" "$name" 1 0
	else
		finish "$n" "$name" 0 1
	fi
}

run_suite() { # N NAME FILE
	local n=$1 name=$2 status=0 good bad
	SECONDS=0
	bats --formatter tap "$3" >"$results/$n" 2>&1 </dev/null || status=$?
	good=$(grep -c '^ok ' "$results/$n")
	bad=$(grep -c '^not ok ' "$results/$n")
	if grep -q '^ok .* # skip' "$results/$n"; then
		echo 'tests were skipped; here none may be' >>"$results/$n"
		bad=$((bad + 1))
	elif ((status != 0 && bad == 0)) || ((good + bad == 0)); then
		bad=1
	fi
	finish "$n" "$name" "$good" "$bad"
}

# beside FUNCTION NAME ARGUMENT...: runs beside others as soon as there is room.
beside() {
	wanted "$2" || return 0
	while (($(jobs -pr | wc -l) >= JOBS)); do
		wait -n
	done
	started=$((started + 1))
	"$1" "$started" "${@:2}" &
}

step() { # NAME COMMAND...
	beside run_step "$@"
}

suite() { # NAME FILE
	beside run_suite "$@"
}

tree() { # NAME MAKE-ARGUMENT...
	make -s -j"$JOBS" WERROR=-Werror "$@"
}

run_units() { # DIRECTORY: every unit test's program in it
	local program
	for program in "$1"/test_*; do
		[[ -x $program && $program != *.d ]] || continue
		"$program" || return 1
	done
}

# ---- builds: one after the other, each on all cores ----
# No step debugs; what crashes does so with sanitizers as well, which tell the lines.
step 'builds without warnings: gcc' tree BUILD="$BUILD" CC=gcc CFLAGS=-O2 all unit
wait
step 'builds without warnings: clang, sanitizers and fuzzers' tree BUILD="$BUILD" sanitized
wait
step 'builds without warnings: clang, portable code' tree BUILD="$BUILD" CC=gcc CFLAGS=-O2 portable
wait

# ---- what takes long first, so that nothing is left running alone at the end ----
step 'exactly once: rounds with faults at random moments' \
	env ROUNDS="${SOAK_ROUNDS:-24}" tests/faults/soak.sh
soak=$started
step 'forgetting: rounds against a model' env ROUNDS="${FORGET_ROUNDS:-20}" tests/faults/forget-soak.sh
step 'power cuts: what was acknowledged is there, once' \
	env ROUNDS="${POWER_ROUNDS:-60}" node tests/faults/power-cut.mjs "$BUILD"
step 'power cuts: what was acknowledged is there, once, sanitizers' \
	env ROUNDS=20 ASAN_OPTIONS=verify_asan_link_order=0 node tests/faults/power-cut.mjs "$BUILD/asan"
step 'mm-serve: power cuts under load' node tests/faults/serve-power.mjs "$MM_BIN" "$BUILD/tests/power.so" 24
step 'mm-serve: killed under load, two of them and ClickHouse' node tests/faults/serve-kill.mjs "$MM_BIN" 10
step 'mm-send: killed over a long file' node tests/faults/send-kill.mjs "$MM_BIN" 12
step 'fuzzers: a short run' tests/fuzz/run.sh "$BUILD/asan/fuzz" "${FUZZ_TIME:-3}"
step 'manual: its examples do what they say' tests/lint/examples.sh

# ---- the commands, as they are and with sanitizers ----
# A file that loads the engine's helper runs once, with sanitizers: its time is the engine's, which is the same
# in both.  The commands as users have them meet the engine in the demonstration, the examples, the soaks and life.bats.
of_engine() { # FILE
	[[ $1 != */life.bats ]] && grep -q '^load .*server$' "$1"
}

# The engine can't be loaded into a program with sanitizers.
mixed=$BUILD/asan/mixed
rm -rf "$mixed" && mkdir -p "$mixed" && cp "$BUILD"/asan/bin/mm* "$mixed" &&
	cp "$BUILD/bin/mm-clickhouse" "$mixed"
# What takes long comes first, whatever its size, then what else has the engine.
with_engine=()
without=()
mapfile -t files < <(
	ls tests/commands/{mm-forget,mm-insert,visits,mm-schema}.bats tests/faults/{faults,signals-store}.bats
	ls tests/commands/{mm-serve-mcp,mm-serve-reading,mm-mcp,conditions,client-node}.bats
	ls -S tests/commands/*.bats tests/faults/*.bats
)
mapfile -t files < <(printf '%s\n' "${files[@]}" | awk '!seen[$0]++')
for file in "${files[@]}"; do
	if of_engine "$file"; then with_engine+=("$file"); else without+=("$file"); fi
done
for file in "${with_engine[@]}" "${without[@]}"; do
	[[ $file != */signals.bats ]] || continue # below
	of_engine "$file" || suite "${file##*/}" "$file"
	case ${file##*/} in
	mm-clickhouse.bats | old-server.bats | privacy.bats) continue ;; # nothing of ours that others do not run
	esac
	MM_BIN=$mixed suite "sanitizers: ${file##*/}" "$file"
done

step 'valgrind: a sample through the filters' tests/lint/valgrind.sh
step 'the demonstration' tests/demo/run.bash
step 'agents: as public corpora know them' tests/bench/agents.sh
step 'install and uninstall leave nothing behind' tests/lint/install.sh
step 'recipes: the workflow for CI does what it says' tests/lint/readme-ci.sh

# ---- the library ----
for tree in "$BUILD" "$BUILD/asan" "$BUILD/portable"; do
	step "oracle: JSON as node reads it${tree#"$BUILD"}" \
		node tests/oracles/json-oracle.mjs "$tree/tests/test_json"
done
step 'oracle: URLs as node reads them' node tests/oracles/url-oracle.mjs "$BUILD/tests/test_url"
step 'oracle: no user and no password of a URL is stored' node tests/oracles/userinfo-oracle.mjs "$BUILD/bin/mm-enrich"
step 'oracle: patterns as node finds them' \
	node tests/oracles/pattern-oracle.mjs "$BUILD/tests/test_pattern"
step 'oracle: the order of numbers as BigInt has it' \
	node tests/oracles/decimal-oracle.mjs "$BUILD/tests/test_decimal"
step 'oracle: HTTP that node or nginx refuse' node tests/oracles/http-oracle.mjs "$BUILD/tests/http-echo"
step 'oracle: HTTP that node or nginx refuse, sanitizers' \
	node tests/oracles/http-oracle.mjs "$BUILD/asan/tests/http-echo" 400 2
step 'HTTP: many connections, and what runs out' node tests/faults/http-load.mjs "$BUILD/tests/http-echo"
step 'HTTP: many connections, and what runs out, sanitizers' \
	node tests/faults/http-load.mjs "$BUILD/asan/tests/http-echo" small
step 'portable code: the same rows' tests/oracles/same-rows.sh "$BUILD/bin" "$BUILD/portable/bin"
step 'portable code: unit tests' run_units "$BUILD/portable/tests"
step 'sanitizers: unit tests' run_units "$BUILD/asan/tests"
for program in "$BUILD"/tests/test_*; do
	[[ -x $program && $program != *.d ]] || continue
	step "unit: ${program##*/}" "$program"
done

# ---- the manual, completions, style ----
step 'manual: lint' tests/lint/lint.sh manual
step 'manual: every option is in it' tests/lint/lint.sh options
step 'completions: made of the option tables of today' tests/lint/lint.sh completions
step 'style: the rooms of lib' tests/lint/lint.sh layers
step 'style: paths that CONTRIBUTING.md names' tests/lint/lint.sh paths
step 'style: clang-format' tests/lint/lint.sh format
step 'style: shellcheck' tests/lint/lint.sh shell
wait

# Signals at moments of their own: with nothing else on the machine, not even one another.
suite signals.bats tests/faults/signals.bats
wait
MM_BIN=$mixed suite 'sanitizers: signals.bats' tests/faults/signals.bats
wait

# Its last lines tell how many rounds there were and what they met.
! wanted 'exactly once' || tail -n 9 "$results/$soak"

passed=0
failed=$started # until they are counted
for file in "$results"/*.count; do
	[[ -e $file ]] || continue
	read -r good bad <"$file"
	passed=$((passed + good))
	failed=$((failed + bad - 1))
done
echo "$passed passed, $failed failed"
((failed == 0))
