#!/bin/sh
# Installs the Debian packages that are missing to build, to run the demo, or
# to run the tests, or for the one test that is run by hand:
#
#   cmd/setup/deps.sh build|static|demo|check|analyze|cluster|package|ports
#
# Says in one line what it installs and why; does nothing, without a word,
# when all is there.  MM_SKIP_DEPS=1 in the environment: does nothing at all.
set -eu

usage() {
	echo "usage: cmd/setup/deps.sh build|static|demo|check|analyze|cluster|package|ports" >&2
	exit 2
}

# An entry is PROGRAM=PACKAGE, met by the program from wherever it comes, or
# PACKAGE, or alternatives PACKAGE|PACKAGE of which the first gets installed.
build='cc=gcc make=make libc6-dev
	libcurl4-openssl-dev|libcurl4-gnutls-dev|libcurl4-nss-dev
	libjq-dev libmaxminddb-dev libsodium-dev libutf8proc-dev libxxhash-dev libzstd-dev zlib1g-dev
	node-llhttp|libllhttp-dev iso-codes'
demo='bash=bash curl=curl jq=jq npm=npm ca-certificates'
check='aspell=aspell aspell-en bats=bats bzip2=bzip2 chromium=chromium clickhouse-server clang=clang clang-format=clang-format fish=fish
	gcc=gcc java=default-jre-headless jq=jq kcat=kcat logrotate=logrotate
	mandoc=mandoc mlr=miller nginx=nginx-light node=nodejs openssl=openssl
	pgrep=procps python3=python3 script=bsdutils shellcheck=shellcheck systemd-socket-activate=systemd unzip=unzip valgrind=valgrind wrk=wrk xmllint=libxml2-utils xz=xz-utils zsh=zsh
	zstd=zstd
	libc6-dbg libmaxmind-db-reader-perl libmaxmind-db-writer-perl tzdata uap-core'
cluster='bash=bash curl=curl node=nodejs java=default-jre-headless clickhouse-server zookeeper'

static='musl-gcc=musl-tools autoreconf=autoconf automake libtool dpkg-dev node-llhttp iso-codes'
ports='bats=bats jq=jq gcc-aarch64-linux-gnu gcc-s390x-linux-gnu gcc-i686-linux-gnu
	qemu-aarch64-static=qemu-user-static'

package='debootstrap=debootstrap lintian=lintian dpkg-buildpackage=dpkg-dev debhelper git=git'

[ $# -eq 1 ] || usage
[ -z "${MM_SKIP_DEPS:-}" ] || exit 0
goal=$1
case $goal in
build) wanted=$build why="to build" ;;
demo) wanted="$build $demo" why="to build and to run the demo" ;;
check) wanted="$build $demo $check" why="to build and to run the tests" ;;
cluster) wanted=$cluster why="to run two servers and ZooKeeper" ;;
analyze) wanted="$build clang-tidy=clang-tidy" why="to build and to analyze" ;;
static) wanted="$static" why="to build the filters with musl" ;;
ports) wanted="$build $static $ports" why="to build for other systems and to run there" ;;
package) wanted="$build $package" why="to build and to try the Debian package" ;;
*) usage ;;
esac

has_package() {
	case $(dpkg-query -W -f='${db:Status-Status} ' "$1" 2>/dev/null) in
	"installed "*) return 0 ;;
	esac
	return 1
}

# Prints the package that meets the entry when the entry is not met yet.
missing_one() {
	case $1 in
	*=*) command -v "${1%%=*}" >/dev/null || echo "${1#*=}" ;;
	*)
		for alternative in $(echo "$1" | tr '|' ' '); do
			has_package "$alternative" && return
		done
		echo "${1%%|*}"
		;;
	esac
}

# clang's sanitizers and fuzzer are in a package that is named after its version.
clang_runtime() {
	version=$(clang -dumpversion 2>/dev/null) || return 0
	version=${version%%.*}
	# Before 14 it came with clang itself.
	[ "$version" -lt 14 ] || has_package "libclang-rt-$version-dev" ||
		echo "libclang-rt-$version-dev"
}

missing() {
	for entry in $wanted; do
		missing_one "$entry"
	done
	[ "$goal" != check ] || clang_runtime
}

updated=false
install_packages() {
	if ! command -v apt-get >/dev/null; then
		echo "deps.sh: this is not Debian or Ubuntu: please install the counterparts of" \
			"'$*', then set MM_SKIP_DEPS=1" >&2
		exit 2
	fi
	sudo=
	as=
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "deps.sh: please run as root: apt-get install --no-install-recommends $*" >&2
			exit 2
		fi
		sudo=sudo
		as=" with sudo"
	fi
	echo "deps.sh: installing what is missing $why$as: $*" >&2
	if ! $updated; then
		log=$(mktemp)
		trap 'rm -f "$log"' EXIT
		$sudo apt-get update -q >"$log" 2>&1 || failed "apt-get update"
		updated=true
	fi
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" \
		>"$log" 2>&1 </dev/null || failed "apt-get install"
}

failed() {
	tail -n 15 "$log" >&2
	echo "deps.sh: $1 failed; its last words stand above" >&2
	exit 2
}

install_missing() {
	packages=$(missing)
	# Package names, to be split into words.
	# shellcheck disable=SC2086
	[ -z "$packages" ] || install_packages $packages
}

install_missing
install_missing # clang's runtime, whose name is known once clang is there
packages=$(missing | tr '\n' ' ')
if [ -n "$packages" ]; then
	echo "deps.sh: still missing: $packages" >&2
	exit 2
fi
