# shellcheck shell=bash
# For the demo's scripts to source: shows a command line, runs it, checks it.
#
#   show STATUSES COMMAND-LINE
#
# STATUSES are what the parts of the pipeline may exit with: "0 1" means that
# its first part may end with 0 and its second with 1; "01" allows either.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
	bold=$'\033[1m' plain=$'\033[0m'
else
	bold='' plain=''
fi

say() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

show() {
	local -a allowed statuses
	local i

	read -r -a allowed <<<"$1"
	printf '%s\n' "  \$ $2"
	set +e
	eval "$2"'; statuses=("${PIPESTATUS[@]}")'
	set -e
	for i in "${!allowed[@]}"; do
		if [[ ${statuses[i]:-none} != ["${allowed[i]}"] ]]; then
			echo "demo: that ended with status ${statuses[*]}, which was not expected" >&2
			exit 2
		fi
	done
}
