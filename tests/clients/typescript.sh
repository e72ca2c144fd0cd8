#!/bin/sh
# Prints the path of tsc, the compiler of TypeScript, pinned and fetched by npm.
set -eu

version=5.9.3
modules=$("${0%/*}/../npm.sh" typescript $version typescript@$version)
echo "$modules/.bin/tsc"
