#!/bin/sh
# Prints what mm-serve has of a file, in C: its name by its contents, its bytes,
# and these compressed: embed.sh FILE
set -eu

# bytes NAME: an array of standard input.
bytes() {
	echo "static const unsigned char $1[] = {"
	od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'
	echo '};'
}

echo '/* Made by clients/browser/embed.sh; do not edit. */'
echo "#define SCRIPT_VERSION \"$(sha384sum <"$1" | cut -c1-16)\""
bytes script_plain <"$1"
gzip -9n <"$1" | bytes script_gzip
