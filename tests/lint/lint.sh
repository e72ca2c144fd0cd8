#!/usr/bin/env bash
# Checks of text: lint.sh manual|options|completions|layers|paths|format|shell
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
	for program in "$BUILD"/bin/mm "$BUILD"/bin/mm-*; do
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
		if "$program" --help | grep -E '.{81}'; then
			echo "$name --help: lines of more than 80 columns"
			found=1
		fi
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

# The rooms of lib/ are those of the table in CONTRIBUTING.md, and include what it allows them.
# A room may include only rooms that stand above it, so that there is no cycle; the modules of one
# room have none either.
layers() {
	awk '
	FNR == NR {
		if (split($0, cell, / *\| */) == 5 && cell[2] ~ /^[a-z]+$/ && cell[2] != "folder") {
			room[cell[2]] = ++rooms
			n = split(cell[4], may, " ")
			for (i = 1; i <= n; i++) {
				if (may[i] ~ /^[a-z]+$/ && !(may[i] in room))
					fail("CONTRIBUTING.md: " cell[2] " may include " may[i] ", which is not above it")
				allowed[cell[2], may[i]] = 1
			}
		}
		next
	}
	function fail(text) {
		print text
		bad = 1
	}
	FNR == 1 {
		n = split(FILENAME, part, "/")
		here = part[2]
		module = here "/" part[n]
		sub(/\.[ch]$/, "", module)
		if (!(here in room) || n != 3)
			fail(FILENAME ": in no room of the table of CONTRIBUTING.md")
		if (FILENAME ~ /\.h$/)
			begins[FILENAME] = ""
	}
	FILENAME ~ /\.h$/ && FNR <= 2 { begins[FILENAME] = begins[FILENAME] $0 "\n" }
	/^#include "/ {
		other = $2
		gsub(/"|\.h/, "", other)
		if (other !~ /\//)
			next # made by the build
		split(other, part, "/")
		if (part[1] == "cmd")
			fail(FILENAME ": includes " other ", which is of a command")
		else if (part[1] != here && !((here, part[1]) in allowed))
			fail(FILENAME ": includes " other ", which " here " may not")
		else if (part[1] == here && other != module && !((module, other) in edge)) {
			edge[module, other] = 1
			edges[module] = edges[module] " " other
			waits[module]++
			wanted[other] = wanted[other] " " module
			seen[module] = seen[other] = 1
		}
	}
	END {
		if (!rooms)
			fail("CONTRIBUTING.md: no table of rooms")
		for (file in begins)
			if (begins[file] !~ /^\/\*\n \* [^\n]/)
				fail(file ": does not begin with a sentence that says what it is")
		# Take away what waits for nothing, until only cycles are left.
		do {
			gone = 0
			for (m in seen)
				if (waits[m] == 0) {
					delete seen[m]
					gone = 1
					n = split(wanted[m], w, " ")
					for (i = 1; i <= n; i++)
						waits[w[i]]--
				}
		} while (gone)
		for (m in seen)
			fail("lib/" m ": in a cycle of includes, or above one:" edges[m])
		exit bad
	}' CONTRIBUTING.md lib/*/*.[ch]
}

# Every file and folder that CONTRIBUTING.md names is there; the walks leave out lib/ and endings.
paths() {
	local path found=0 room='' word
	while read -r path; do
		[[ $path == *NAME* ]] || compgen -G "$path" >/dev/null || {
			echo "CONTRIBUTING.md: there is no $path"
			found=1
		}
	done < <(grep -oP '(?<![/\w])(lib|cmd|tests|sql|man)/[A-Za-z0-9_.*/-]*[A-Za-z0-9_*/]' CONTRIBUTING.md)
	for word in $(sed -n '/^## The way of/,/^## Where/s/^    cmd[^ ]* *→//p' CONTRIBUTING.md | tr ',→' '  '); do
		[[ $word != */* ]] || room=${word%/*}
		[[ -e lib/$room/${word##*/}.c ]] || {
			echo "CONTRIBUTING.md: there is no lib/$room/${word##*/}.c"
			found=1
		}
	done
	return $found
}

format() {
	local -a sources
	mapfile -t sources < <(find lib cmd tests -name '*.[ch]')
	clang-format --dry-run -Werror "${sources[@]}"
}

shell() {
	local -a scripts
	mapfile -t scripts < <(find .ci clients cmd tests completions sql -name '*.sh' -o -name '*.bash' -o -path '.ci/run')
	shellcheck -x "${scripts[@]}"
	# bats sets variables that shellcheck can't see, and runs tests in subshells
	shellcheck -x -s bash -e SC2154,SC2016,SC2030,SC2031 tests/*/*.bats
}

"$1"
