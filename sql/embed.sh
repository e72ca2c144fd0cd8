#!/bin/sh
# Prints a C file that holds the SQL files named, in the order given: embed.sh sql/*.sql
set -eu

echo '/* Made by sql/embed.sh from sql/; do not edit. */'
echo '#include "schema.h"'
echo
echo 'const struct schema_file schema_files[] = {'
for file; do
	printf '\t{ "%s",\n' "${file##*/}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/	    "&\\n"/' "$file"
	printf '\t},\n'
done
echo '	{ NULL, NULL },'
echo '};'
