#!/bin/sh
# Prints a.js as mm-serve serves it, by terser, pinned and fetched by npm:
#
#   clients/browser/minify.sh > clients/browser/a.min.js      (make browser-script)
#
# The result is kept beside the source, so that the build needs no npm; a test
# compares the two.
set -eu

version=5.51.4
modules=$("${0%/*}/../../tests/npm.sh" terser $version terser@$version)
"$modules/.bin/terser" "${0%/*}/a.js" --ecma 2015 --toplevel --mangle \
	--compress passes=3,unsafe_arrows
