#!/usr/bin/env bash
# Checks of text: lint.sh manual|options|completions|layers|paths|format|shell
set -eu -o pipefail

pages=(man/*.[157])

# The words of a page that a reader reads: no code, no names of macros, options, keys and values.
prose() {
	awk '
	/^\.Bd / { inside = 1 }
	/^\.Ed/ { inside = 0; next }
	inside || /^\.\\"/ { next }
	/^\.(Nd|Sh|Ss|Em) / || !/^\./ {
		sub(/^\.(Nd|Sh|Ss|Em) /, "")
		gsub(/\\(lq|rq|oq|cq|aq|dq|mu|mi|\(..)/, " ")
		gsub(/\\[&e-]/, "")
		gsub(/[^ ]*[0-9$_=:\/]+[^ ]*/, "") # names of fields and files, URLs, versions
		print
	}' "$1"
}

# Pages have the form that the others have: mandoc, the width of a terminal, the NAME line, spelling by aspell's
# British English and tests/lint/words, and no sentence that begins with "What" or "Who" in place of its subject.
manual() {
	local page name found=0
	for page in "${pages[@]}"; do
		mandoc -Tlint -Wwarning "$page" || found=1
		if mandoc -T utf8 -O width=78 "$page" | sed 's/.\x08//g' | grep -nE '.{81}'; then
			echo "$page: lines of more than 80 columns, which can't be pasted"
			found=1
		fi
		name=$(sed -n 's/^\.Nd //p' "$page")
		[[ $name =~ ^[a-z][^.]{4,64}[^.]$ && $name != [at]\ * && $name != the\ * ]] || {
			echo "$page: NAME: expected a phrase in lower case, short, without a full stop: $name"
			found=1
		}
		[[ $page != *.1 || $name =~ ^[a-z]+[a-rt-z]\  ]] || {
			echo "$page: NAME: expected what the command does, as 'check events': $name"
			found=1
		}
		if prose "$page" | grep -E '^(What|Who|That which|Of what) '; then
			echo "$page: name the subject: 'Invalid lines are rejected', not 'What is invalid is rejected'"
			found=1
		fi
	done
	for page in "${pages[@]}"; do
		prose "$page" | aspell list -l en_GB --encoding=utf-8 | LC_ALL=C sort -u |
			LC_ALL=C comm -23 - tests/lint/words | sed "s|^|$page: unknown word: |"
	done | grep . && found=1
	return $found
}

# The options of a page in their order, each with its paragraph; items without one share that of the next.
option_items() {
	awk '
	/^\.It .*Fl -/ {
		if (text != "")
			for (; n; n--)
				print names[n] "\t" text
		text = ""
		for (rest = $0; match(rest, /Fl -[a-z-]+/); rest = substr(rest, RSTART + RLENGTH))
			if (!seen[name = substr(rest, RSTART + 4, RLENGTH - 4)]++)
				names[++n] = "--" name
		next
	}
	n && (/^\.It Fl h/ || /^\.Sh/) { exit }
	n { text = text " " $0 }
	END {
		for (i = 1; i <= n; i++)
			print names[i] "\t" text
	}' "$1"
}

# The options of --help stand in the page in the same order, with their defaults, and in all completions; the
# texts of --help are spelt as those of the pages.
options() {
	local program name long items found=0
	for program in "$BUILD"/bin/mm "$BUILD"/bin/mm-*; do
		name=${program##*/}
		items=$(option_items "man/$name.1")
		if ! diff <("$program" --help-options | tail -n +2 | cut -f 2) \
			<(grep -oE '^\.It .*Fl -[a-z-]+' "man/$name.1" | grep -oE 'Fl -[a-z-]+' | sed 's/^Fl /-/' | awk '!seen[$0]++'); then
			echo "man/$name.1: the list of options differs from --help (<), or is in another order"
			found=1
		fi
		while IFS=$'\t' read -r long _; do
			grep -q "^$long	.*[Dd]efault" <<<"$items" || {
				echo "man/$name.1: $long: the default is missing"
				found=1
			}
		done < <("$program" --help-options | tail -n +2 | grep -E 'default|[$]MM_' | cut -f 2)
		while read -r long; do
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
	for program in "$BUILD"/bin/mm-*; do
		"$program" --help-options | cut -f 3,5
	done | tr '$' '_' | sed -E 's/[^ ]*[0-9_=:\/.]+[^ ]*|\b[A-Z]+(\b|s\b)//g' | aspell list -l en_GB --encoding=utf-8 |
		LC_ALL=C sort -u | LC_ALL=C comm -23 - tests/lint/words | sed 's/^/--help: unknown word: /' |
		grep . && found=1
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
