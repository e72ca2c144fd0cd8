#!/bin/sh
# Prints an array of C that holds the SQL files named, in the order given:
# embed.sh ARRAY FILE...
set -eu

array=$1
shift
echo '/* Made by sql/embed.sh; do not edit. */'
echo '#include "tables/schema_file.h"'
echo
echo "const struct schema_file ${array}[] = {"
for file; do
	name=${file##*/}
	printf '\t{ "%s",\n' "${name%.sql}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/	    "&\\n"/' "$file"
	printf '\t},\n'
done
echo '	{ NULL, NULL },'
echo '};'
