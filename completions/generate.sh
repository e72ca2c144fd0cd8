#!/bin/sh
# Makes the completions of the option tables that the commands print:
#
#     completions/generate.sh build/bin completions
#
# writes mm.bash, _mm (zsh) and mm.fish into the second directory.
set -eu

bin=$1
to=$2
commands=$(cd "$bin" && printf '%s\n' mm mm-* | LC_ALL=C sort)

table() {
	"$bin/$1" --help-options
}

# What rows can be grouped by, of events and of visits, as the refusal of another name tells it.
groups() {
	for metric in count visits; do
		"$bin/mm-stats" --period today --metric $metric --group-by '?' --explain 2>&1 |
			sed -n 's/.*expected one of //;s/, or several.*//;s/NAME//;s/, /\n/gp'
	done | awk '!seen[$0]++' | tr '\n' ' ' | sed 's/ $//'
}
group_names=$(groups)

bash_case() {
	table "$1" | awk -v groups="$group_names" -F '\t' '
	NR == 1 { name = $1; operands = $2; next }
	{
		words = words " " $2
		if ($1 != "") words = words " " $1
		pattern = $1 == "" ? $2 : $1 "|" $2
		if ($4 ~ /^EVENT/) value = value sprintf("\t\t%s) _mm_events; return ;;\n", pattern)
		else if ($4 == "PROPERTY") value = value sprintf("\t\t%s) _mm_words \"$(_mm_property_names)\"; return ;;\n", pattern)
		else if ($2 == "--group-by") value = value sprintf("\t\t%s) _mm_list \"%s\"; return ;;\n", pattern, groups)
		else if ($3 == "choice") { gsub(/\|/, " ", $4); value = value sprintf("\t\t%s) _mm_words \"%s\"; return ;;\n", pattern, $4) }
		else if ($3 == "file") value = value sprintf("\t\t%s) _mm_files -f; return ;;\n", pattern)
		else if ($3 == "dir") value = value sprintf("\t\t%s) _mm_files -d; return ;;\n", pattern)
		else if ($3 ~ /^values?$/) value = value sprintf("\t\t%s) return ;;\n", pattern)
	}
	END {
		printf "\t%s)\n", name
		if (value != "") printf "\t\tcase $prev in\n%s\t\tesac\n", value
		printf "\t\t_mm_finish \"%s\" \"%s\"\n\t\t;;\n", substr(words, 2), operands
	}'
}

make_bash() {
	cat <<'END'
# bash completion for the Millimetric tools; made by completions/generate.sh

_mm_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Names with commas between.
_mm_list() {
	local before=
	[[ $cur == *,* ]] && before=${cur%,*},
	local words=$1
	[[ ${cur##*,} != properties.* ]] || words=$(_mm_property_names | sed 's/^/properties./')
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "${cur##*,}")
	[[ ${COMPREPLY[0]} == *. ]] && compopt -o nospace 2>/dev/null
}

# The events of the last month, where a server answers at once; names that JSON need not escape.
_mm_event_names() {
	timeout 1 mm-stats --from today-30d --to tomorrow --tz UTC --group-by event_name --limit 100 --format ndjson 2>/dev/null |
		sed -n 's/^{"event_name":"\([^"\\]*\)","value":.*/\1/p'
}

# The properties of the last week, likewise; of names that need no quotes.
_mm_property_names() {
	echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_properties","arguments":{"period":"-7d","limit":100}}}' |
		timeout 1 mm-mcp --read-only 2>/dev/null | grep -o '"property":"[A-Za-z0-9_-]*"' | sed 's/.*:"//; s/"$//'
}

# Never by compgen -W, which would run what stands in a name.
_mm_events() {
	local name
	while IFS= read -r name; do
		printf -v name %q "$name"
		[[ $name == "$cur"* || $name == "\\$cur"* ]] && COMPREPLY+=("$name")
	done < <(_mm_event_names)
}

_mm_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_mm_command() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			if ((COMP_CWORD == i + 1)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			else
				_mm_files -f
			fi
			return 0
		fi
	done
	return 1
}

# $1: the options, $2: what the operands are
_mm_finish() {
	if [[ $2 == COMMAND ]] && _mm_command; then
		return
	fi
	if [[ $cur == -* ]]; then
		_mm_words "$1"
	elif [[ $2 == FILE ]]; then
		_mm_files -f
	elif [[ $2 == *\|* ]]; then
		_mm_words "${2//|/ }"
	fi
}

_mm() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# --name=value arrives as three words
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case ${1##*/} in
END
	for c in $commands; do
		bash_case "$c"
	done
	printf '\tesac\n}\n\ncomplete -F _mm'
	for c in $commands; do
		printf ' %s' "$c"
	done
	printf '\n'
}

zsh_case() {
	table "$1" | awk -v groups="$group_names" -F '\t' '
	function quoted(s) { gsub(/\[/, "\\[", s); gsub(/\]/, "\\]", s); gsub(/:/, "\\:", s); gsub(/\047/, "\047\\\047\047", s); return s }
	NR == 1 { name = $1; operands = $2; printf "\t%s)\n\t\t_arguments -s -S", name; next }
	{
		action = ""
		if ($4 ~ /^EVENT/) action = ":event:_mm_events"
		else if ($4 == "PROPERTY") action = ":property:_mm_properties"
		else if ($2 == "--group-by") action = ":names:_sequence compadd - " groups
		else if ($3 == "choice") { v = $4; gsub(/\|/, " ", v); action = ":value:(" v ")" }
		else if ($3 == "file") action = ":file:_files"
		else if ($3 == "dir") action = ":directory:_directories"
		else if ($3 ~ /^values?$/) action = ":" quoted($4) ":"
		eq = $3 == "flag" ? "" : "="
		if ($1 != "") printf " \\\n\t\t\t\047(%s %s)\047{%s,%s%s}\047[%s]%s\047", $1, $2, $1, $2, eq, quoted($5), action
		else printf " \\\n\t\t\t\047%s%s%s[%s]%s\047", $3 == "values" ? "*" : "", $2, eq, quoted($5), action
	}
	END {
		if (operands == "FILE") printf " \\\n\t\t\t\047*:file:_files\047"
		if (operands == "COMMAND") printf " \\\n\t\t\t\047*::command:_normal\047"
		if (operands ~ /[|]/) { gsub(/[|]/, " ", operands); printf " \\\n\t\t\t\0471:action:(%s)\047 \047*:key:\047", operands }
		printf "\n\t\t;;\n"
	}'
}

make_zsh() {
	printf '#compdef'
	for c in $commands; do
		printf ' %s' "$c"
	done
	printf '\n# zsh completion for the Millimetric tools; made by completions/generate.sh\n\n'
	cat <<'END'
# The events of the last month, where a server answers at once; names that JSON need not escape.
_mm_events() {
	local -a names
	names=("${(@f)$(timeout 1 mm-stats --from today-30d --to tomorrow --tz UTC --group-by event_name --limit 100 --format ndjson 2>/dev/null |
		sed -n 's/^{"event_name":"\([^"\\]*\)","value":.*/\1/p')}")
	compadd -- ${names:#}
}

# The properties of the last week, likewise; of names that need no quotes.
_mm_property_names() {
	echo '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_properties","arguments":{"period":"-7d","limit":100}}}' |
		timeout 1 mm-mcp --read-only 2>/dev/null | grep -o '"property":"[A-Za-z0-9_-]*"' | sed 's/.*:"//; s/"$//'
}

_mm_properties() {
	local -a names
	names=("${(@f)$(_mm_property_names)}")
	compadd -- ${names:#}
}

END
	# shellcheck disable=SC2016
	echo 'case $service in'
	for c in $commands; do
		zsh_case "$c"
	done
	printf 'esac\n'
}

fish_lines() {
	table "$1" | awk -v groups="$group_names" -F '\t' '
	function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/\047/, "\\\047", s); return "\047" s "\047" }
	NR == 1 { name = $1; operands = $2; if ($2 == "") printf "complete -c %s -f\n", name; next }
	{
		line = "complete -c " name
		if ($1 != "") line = line " -s " substr($1, 2)
		line = line " -l " substr($2, 3)
		if ($4 ~ /^EVENT/) line = line " -x -a " quoted("(timeout 1 mm-stats --from today-30d --to tomorrow --tz UTC --group-by event_name --limit 100 --format ndjson 2>/dev/null | string replace -rf \"^\\{\\\"event_name\\\":\\\"([^\\\"\\\\\\\\\\\\\\\\]*)\\\",.*\" \"\\$1\")")
		else if ($2 == "--group-by") line = line " -x -a " quoted(groups)
		else if ($3 == "choice") { v = $4; gsub(/\|/, " ", v); line = line " -x -a " quoted(v) }
		else if ($3 == "file") line = line " -r -F"
		else if ($3 == "dir") line = line " -x -a " quoted("(__fish_complete_directories)")
		else if ($3 ~ /^values?$/) line = line " -x"
		print line " -d " quoted($5)
	}
	END {
		if (operands ~ /[|]/) { gsub(/[|]/, " ", operands); printf "complete -c %s -f -a %s\n", name, quoted(operands) }
		if (operands != "COMMAND") exit
		printf "complete -c %s -f -n \047not contains -- -- (commandline -opc)\047\n", name
		printf "complete -c %s -x -n \047contains -- -- (commandline -opc)\047", name
		printf " -a \047(complete -C (commandline -cp | string replace -r -- \"^.*? -- \" \"\"))\047\n"
	}'
}

make_fish() {
	echo '# fish completion for the Millimetric tools; made by completions/generate.sh'
	for c in $commands; do
		fish_lines "$c"
	done
}

make_bash > "$to/mm.bash"
make_zsh > "$to/_mm"
make_fish > "$to/mm.fish"
