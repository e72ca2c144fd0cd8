#!/usr/bin/env bash
# The workflow of mm-recipes(7) for GitHub Actions: its shell steps, as GitHub's runner types
# them (bash -e), in a folder with samples of events.  Not tried: installing
# packages (they are there) and the actions of others.
set -eu -o pipefail

repo=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Writes each `run: |` of the workflow to a file named after its step.
awk -v work="$work" '
/^      - / { out = "" }
/^      - name: / { name = $0; sub(/^      - name: /, "", name); gsub(/ /, "-", name) }
/^        run: \|$/ { out = work "/" name ".step"; next }
out != "" && /^          / { print substr($0, 11) > out }
' <(tests/lint/recipe.sh events.yml)
cd "$work"
ls ./*.step
test "$(find . -name "*.step" | wc -l)" -eq 3

# what is cloned is the tree as it stands, committed or not
mkdir origin runner
cp -r "$repo"/{Makefile,clients,cmd,completions,lib,man,sql,tests} origin
(
	cd origin
	git init -q
	git add -A
	git -c user.name=test -c user.email=test@localhost commit -q -m test
)
export MILLIMETRIC=$work/origin RUNNER_TEMP=$work/runner GITHUB_PATH=$work/path MM_SKIP_DEPS=1
unset MAKEFLAGS MAKELEVEL BUILD
export CFLAGS=-O0 # whether all is there to build from is seen without an optimiser as well
bash -e Build-the-tools.step > build.log 2>&1 || {
	tail -n 30 build.log
	exit 1
}
PATH=$(cat path):$PATH
command -v mm-validate | grep -q "^$RUNNER_TEMP/"

mkdir events
for i in {1..20}; do
	printf '{"event":"order_paid","properties":{"n":%d}}\n' "$i"
done > events/orders.ndjson
bash -e Check-the-events.step > good
grep -q '^::notice title=mm-validate::20 lines: 20 valid, 0 rejected$' good
test "$(wc -l < good)" -eq 1

echo '{"event":"order_paid","user_id":7}' > events/more.ndjson
status=0
bash -e Check-the-events.step > bad || status=$?
test "$status" -eq 1
grep -q '^::error file=events/more.ndjson,line=1,title=order_paid::user_id: ' bad
bash -e Keep-a-report.step
grep -q '"rejected":1' events.json
