#!/usr/bin/env bash
# Prints a recipe of man/mm-recipes.7: the block that follows the comment "file: NAME".
#
#   tests/lint/recipe.sh NAME
set -eu -o pipefail

awk -v name="$1" '
/^\.\\" file: / { wanted = substr($0, 11) == name; next }
/^\.Bd/ { inside = wanted; wanted = 0; next }
/^\.Ed/ { inside = 0 }
inside {
	gsub(/\\&/, ""); gsub(/\\e/, "\\")
	print
	found = 1
}
END { exit !found }' "${BASH_SOURCE[0]%/*}/../../man/mm-recipes.7"
