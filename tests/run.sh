#!/usr/bin/env bash
# Runs all tests and ends with "N passed, N failed".  make check calls it.
#
#   BUILD=DIR     where the programs were built (default: build)
#   FUZZ_TIME=N   seconds for each fuzzer (default 10)
#   SOAK_ROUNDS=N rounds of tests/faults/soak.sh (default 24)
#   JOBS=N        bats files at the same time (default 2)
#   tests/run.sh NAME...   only the steps whose name contains a NAME
set -u -o pipefail

cd "${BASH_SOURCE[0]%/*}/.." || exit 2
BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$PWD/$BUILD ;;
esac
export BUILD MM_BIN=$BUILD/bin LC_ALL=C.UTF-8
only=("$@")
passed=0
failed=0
started=0
log=$(mktemp)
suites=$(mktemp -d) # NAME: what a bats run printed; NAME.count: its tests
trap 'rm -rf "$log" "$suites"' EXIT

wanted() {
	local name
	((${#only[@]})) || return 0
	for name in "${only[@]}"; do
		[[ $1 == *"$name"* ]] && return 0
	done
	return 1
}

count() { # STATUS NAME
	if (($1 == 0)); then
		passed=$((passed + 1))
		echo "ok: $2"
	else
		failed=$((failed + 1))
		echo "FAILED: $2"
		sed 's/^/    /' "$log" | tail -n 60
	fi
}

# step NAME COMMAND...: one test, told by its status.
step() {
	local name=$1
	shift
	wanted "$name" || return 0
	"$@" >"$log" 2>&1 </dev/null
	count $? "$name"
}

# Runs bats on a file and tells what came of it; each of its tests counts.
run_suite() { # NAME FILE
	local name=$1 out="$suites/${1//\//_}" status=0 good bad
	bats --formatter tap "$2" >"$out" 2>&1 </dev/null || status=$?
	good=$(grep -c '^ok ' "$out")
	bad=$(grep -c '^not ok ' "$out")
	if grep -q '^ok .* # skip' "$out"; then
		echo "$name: tests were skipped; here none may be:"
		grep '# skip' "$out"
		bad=$((bad + 1))
	elif ((status != 0 && bad == 0)) || ((good + bad == 0)); then
		bad=1
	fi
	echo "$good $bad" > "$out.count"
	echo "$name: $good passed, $bad failed"
	((bad == 0)) || sed 's/^/    /' "$out" | grep -v '^    ok ' | tail -n 120
}

# suite NAME FILE: runs beside others; suites_end waits for all, and counts.
suite() {
	wanted "$1" || return 0
	while (($(jobs -pr | wc -l) >= ${JOBS:-2})); do
		wait -n
	done
	started=$((started + 1))
	run_suite "$@" &
}

suites_end() {
	local good bad file
	wait
	failed=$((failed + started)) # until they are counted
	for file in "$suites"/*.count; do
		[[ -e $file ]] || continue
		read -r good bad < "$file"
		passed=$((passed + good))
		failed=$((failed + bad - 1))
	done
}

quiet_make() {
	make -s -j2 "$@"
}

run_units() { # DIRECTORY: every unit test's program in it
	local program
	for program in "$1"/test_*; do
		[[ -x $program && $program != *.d ]] || continue
		"$program" || return 1
	done
}

oracle() { # SCRIPT PROGRAM
	node "$1" "$2"
}

# ---- builds ----
step 'builds without warnings: gcc' quiet_make BUILD="$BUILD/gcc" CC=gcc WERROR=-Werror all unit
step 'builds without warnings: clang' quiet_make BUILD="$BUILD/clang" CC=clang WERROR=-Werror all unit
step 'install and uninstall leave nothing behind' tests/lint/install.sh

# ---- the library ----
for program in "$BUILD"/tests/test_*; do
	[[ -x $program && $program != *.d ]] || continue
	step "unit: ${program##*/}" "$program"
done
step 'oracle: JSON as node reads it' oracle tests/oracles/json-oracle.mjs "$BUILD/tests/test_json"
step 'oracle: URLs as node reads them' oracle tests/oracles/url-oracle.mjs "$BUILD/tests/test_url"
step 'oracle: patterns as node finds them' oracle tests/oracles/pattern-oracle.mjs "$BUILD/tests/test_pattern"
step 'oracle: the order of numbers as BigInt has it' oracle tests/oracles/decimal-oracle.mjs \
	"$BUILD/tests/test_decimal"
step 'portable code: build' quiet_make BUILD="$BUILD/portable" CPPFLAGS=-DMM_PORTABLE all unit
step 'portable code: unit tests' run_units "$BUILD/portable/tests"
step 'portable code: oracle' oracle tests/oracles/json-oracle.mjs "$BUILD/portable/tests/test_json"
step 'portable code: the same rows' tests/oracles/same-rows.sh "$BUILD/bin" "$BUILD/portable/bin"
step 'sanitizers: build' quiet_make BUILD="$BUILD/asan" CC=clang CFLAGS='-O1 -g' \
	SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' all unit
step 'sanitizers: unit tests' run_units "$BUILD/asan/tests"
step 'sanitizers: JSON oracle' oracle tests/oracles/json-oracle.mjs "$BUILD/asan/tests/test_json"
step 'valgrind: a sample through the filters' tests/lint/valgrind.sh
step 'fuzzers: build' quiet_make fuzzers
step 'fuzzers: a short run' tests/fuzz/run.sh "$BUILD/fuzz" "${FUZZ_TIME:-10}"

step 'agents: as public corpora know them' tests/bench/agents.sh

# ---- the manual, completions, style ----
step 'manual: lint' tests/lint/lint.sh manual
step 'manual: every option is in it' tests/lint/lint.sh options
step 'manual: its examples do what they say' tests/lint/examples.sh
step 'README: the workflow for CI does what it says' tests/lint/readme-ci.sh
step 'completions: made of the option tables of today' tests/lint/lint.sh completions
step 'style: the layers of lib' tests/lint/lint.sh layers
step 'style: clang-format' tests/lint/lint.sh format
step 'style: shellcheck' tests/lint/lint.sh shell

# ---- the commands ----
for file in tests/commands/*.bats tests/faults/*.bats; do
	suite "${file##*/}" "$file"
done
# The engine can't be loaded into a program with sanitizers.
mixed=$BUILD/asan/mixed
rm -rf "$mixed" && mkdir -p "$mixed" && cp "$BUILD"/asan/bin/mm-* "$mixed" &&
	cp "$BUILD/bin/mm-clickhouse" "$mixed"
for file in tests/commands/*.bats tests/faults/*.bats; do
	case ${file##*/} in
	maps.bats | mm-clickhouse.bats | old-server.bats | privacy.bats) continue ;; # nothing of ours that others do not run
	esac
	MM_BIN=$mixed suite "sanitizers: ${file##*/}" "$file"
done
suites_end
# Its last lines tell how many rounds there were and what they met.
step 'exactly once: rounds with faults at random moments' env ROUNDS="${SOAK_ROUNDS:-24}" tests/faults/soak.sh
! wanted 'exactly once' || tail -n 9 "$log"
step 'the demonstration' tests/demo/run.bash

echo "$passed passed, $failed failed"
((failed == 0))
