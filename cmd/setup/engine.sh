#!/bin/sh
# Fetches the ClickHouse engine library that mm-clickhouse runs, once: into the
# user's cache, or with --system for all users of the machine.  Says what it
# fetches on standard error, and prints the library's path.
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/fetch.sh"

package=@chdb/lib-linux-x64-gnu
version=26.7.3-stable.1 # ENGINE_VERSION of lib/tables/engine_find.h is the same
integrity=XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==
member=package/libchdb.so
name=engine/$version/libchdb.so

unfit() {
	echo "engine.sh: the engine library needs $1; install a 'clickhouse' program instead" >&2
	exit 2
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || unfit "Linux on x86-64"
! [ -r /proc/cpuinfo ] || grep -qw avx2 /proc/cpuinfo || unfit "a processor with AVX2"

options "$@"
if ! present "$name" || [ -n "$system" ]; then
	place "$name"
fi
if [ ! -s "$found" ]; then
	echo "engine.sh: fetching the ClickHouse engine $version by npm (178 MB, 570 MB unpacked)" >&2
	fetch_npm "$package" "$version" "$integrity" "$member" "$found" || exit 2
fi
echo "$found"
