#!/usr/bin/env bash
# Builds the libraries of the filters against musl, of Debian's sources:
#
#   cmd/setup/musl.sh FOLDER     → FOLDER/include, FOLDER/lib; does nothing where they are
#
# make static calls it.  Needs musl-tools, autoconf, automake, libtool and dpkg-dev.
set -eu -o pipefail

[ $# -eq 1 ] || {
	echo "usage: cmd/setup/musl.sh FOLDER" >&2
	exit 2
}
mkdir -p "$1"
to=$(cd "$1" && pwd)
[ ! -e "$to/done" ] || exit 0
log=$to/log
: >"$log"
trap '[ -e "$to/done" ] || { tail -n 15 "$log" >&2; echo "musl.sh: failed; all of it is in $log" >&2; }' EXIT

# The sources of what apt knows, with lists of their own: the machine's stay as they are.
mkdir -p "$to"/{include,lib,src} "$to"/apt/{parts,lists/partial,cache/archives/partial}
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
	[ ! -e "$file" ] || sed -E 's/^Types: .*/Types: deb-src/; s/^deb /deb-src /; s/^deb-src (.* main).*/deb-src \1/' \
		"$file" >"$to/apt/parts/${file##*/}"
done
apt=(apt-get -q -o "Dir::State::Lists=$to/apt/lists" -o "Dir::Cache=$to/apt/cache" -o APT::Sandbox::User=root
	-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$to/apt/parts")
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
source_of() {
	# a mirror may lack sources of the security suite
	(cd "$to/src" && { "${apt[@]}" source "$1" || "${apt[@]}" source "$1/$suite"; })
}

export CC=musl-gcc AR=gcc-ar CFLAGS="-O2 -g -fPIE -isystem $to/include" LDFLAGS="-L$to/lib"
configured() { # FOLDER OPTION...
	cd "$1"
	autoreconf -fi
	./configure --prefix="$to" --disable-shared --enable-static "${@:2}"
	make -j2
	make install
}
built() {
	"${apt[@]}" update || true # a suite may lack sources
	for name in jq libonig libsodium libmaxminddb utf8proc zlib libzstd xxhash curl; do
		source_of "$name"
	done
	cd "$to/src"
	# the kernel's interface is not musl's
	ln -sfn /usr/include/linux "$to/include/linux"
	ln -sfn /usr/include/asm-generic "$to/include/asm-generic"
	ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$to/include/asm"
	cp -r curl-*/include/curl xxhash-*/xxhash.h "$to/include" # headers are all that is needed
	(cd zlib-*/ && ./configure --static --prefix="$to" && make libz.a && make install)
	(cd libzstd-*/lib && make -j2 libzstd.a && cp libzstd.a "$to/lib" && cp ./*.h "$to/include")
	(cd utf8proc-*/ && make libutf8proc.a && cp libutf8proc.a "$to/lib" && cp utf8proc.h "$to/include")
	# shellcheck disable=SC2086
	(cd libmaxminddb-*/ && cp include/*.h "$to/include" && : >"$to/include/maxminddb_config.h" &&
		$CC $CFLAGS -I"$to/include" -DPACKAGE_VERSION='"1"' -D_POSIX_C_SOURCE=200809L -c src/maxminddb.c src/data-pool.c &&
		$AR rcs "$to/lib/libmaxminddb.a" maxminddb.o data-pool.o)
	(configured libsodium-*/)
	(configured libonig-*/)
	(configured jq-*/ --with-oniguruma="$to" --disable-maintainer-mode --disable-docs --disable-valgrind)
}
echo "building the libraries against musl (minutes)"
(
	set -e
	built
) >>"$log" 2>&1 </dev/null
rm -rf "$to/src" "$to/apt"
touch "$to/done"
