#!/usr/bin/env bash
# Checks of text: lint.sh manual|options|completions|layers|format|shell
set -eu -o pipefail

pages=(man/*.[157])

manual() {
	local page found=0
	for page in "${pages[@]}"; do
		mandoc -Tlint -Wwarning "$page" || found=1
	done
	return $found
}

# Each option of --help stands in the page's synopsis or list, and in all completions.
options() {
	local program name long found=0
	for program in "$BUILD"/bin/mm-*; do
		name=${program##*/}
		while IFS=$'\t' read -r long; do
			if ! grep -q -- "Fl -${long#--}" "man/$name.1"; then
				echo "man/$name.1: $long is missing"
				found=1
			fi
			grep -q -- "-l ${long#--}\\b" <(grep "^complete -c $name " completions/mm.fish) || {
				echo "completions/mm.fish: $name $long is missing"
				found=1
			}
		done < <("$program" --help-options | tail -n +2 | cut -f 2)
		grep -q "Xr $name 1" man/mm.7 || {
			echo "man/mm.7: $name is missing"
			found=1
		}
		grep -q "\`$name\`" README.md || {
			echo "README.md: $name is missing"
			found=1
		}
	done
	return $found
}

completions() {
	local work file
	work=$(mktemp -d)
	completions/generate.sh "$BUILD/bin" "$work"
	for file in mm.bash _mm mm.fish; do
		if ! diff -u "completions/$file" "$work/$file"; then
			echo "run 'make completions' and commit what it writes"
			return 1
		fi
	done
	rm -r "$work"
	bash -n completions/mm.bash
	zsh -n completions/_mm
	fish -n completions/mm.fish
}

# Each module of lib/ stands in a row of CONTRIBUTING.md and includes only those of rows above.
layers() {
	awk '
	FNR == NR {
		if (/^    [0-9 ]+ [a-z]/) {
			first = 1
			if ($1 ~ /^[0-9]+$/) { row++; first = 2 }
			for (i = first; i <= NF && row; i++) at[$i] = row
		} else if (row && /^-/) nextfile
		next
	}
	FNR == 1 { module = FILENAME; sub(/.*\//, "", module); sub(/\.[ch]$/, "", module) }
	FNR == 1 && module != "banned" && !(module in at) {
		print "CONTRIBUTING.md: " module " is in no row"; bad = 1
	}
	/^#include "/ {
		other = $2; gsub(/"|\.h/, "", other)
		if (other != module && (other in at) && (module in at) && at[other] >= at[module]) {
			print FILENAME ": includes " other ", which is not in a row above"; bad = 1
		}
	}
	END { exit bad }' CONTRIBUTING.md lib/*.[ch]
}

format() {
	local -a sources
	mapfile -t sources < <(find lib cmd tests -name '*.[ch]')
	clang-format --dry-run -Werror "${sources[@]}"
}

shell() {
	local -a scripts
	mapfile -t scripts < <(find .ci tests completions sql -name '*.sh' -o -name '*.bash' -o -path '.ci/run')
	shellcheck -x "${scripts[@]}"
	# bats sets variables that shellcheck can't see, and runs tests in subshells
	shellcheck -x -s bash -e SC2154,SC2016,SC2030,SC2031 tests/*.bats
}

"$1"
