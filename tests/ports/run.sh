#!/usr/bin/env bash
# The code elsewhere than on x86-64 and glibc: run by hand, make check-ports.
#
#     tests/ports/run.sh [musl] [arm64] [s390x] [i386]     all of them without an argument
#
# musl: the filters, linked statically, give in an empty root the bytes that the usual ones give.
# arm64 (NEON) and i386 (32 bits): unit tests and the bats of the filters.  s390x (the other order
# of bytes): unit tests, and the filters give the same bytes.  Foreign programs run under
# qemu-user, those of i386 as they are.
set -eu -o pipefail
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES
cd "${BASH_SOURCE[0]%/*}/../.."
BUILD=$(cd "${BUILD:-build}" && pwd)
export BUILD
roots=$BUILD/ports
mkdir -p "$roots"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MM_IP_SALT=0123456789abcdef-test-salt
bats=(foreign geo mm-batch mm-classify mm-dedup mm-enrich mm-enrich-policy mm-hash-ip mm-identify mm-import
	mm-key mm-validate mm-validate-assert mm-validate-plan mm-validate-report rejects)

# same BIN: the programs there give the bytes that ours give.  RUN stands before each.
same() {
	local bin=$1 name args
	while read -r name args; do
		# shellcheck disable=SC2086
		"$BUILD/bin/$name" $args <"$work/events" >"$work/out" 2>"$work/err" && status=0 || status=$?
		# shellcheck disable=SC2086
		"${RUN[@]}" "$bin/$name" $args <"$work/events" >"$work/out2" 2>"$work/err2" && status2=0 || status2=$?
		if [[ $status != "$status2" ]] || ! cmp "$work/out" "$work/out2" || ! cmp "$work/err" "$work/err2"; then
			echo "$name $args differs: status $status2, not $status" >&2
			head -n 3 "$work/err2" >&2
			return 1
		fi
	done <<-E
		mm-validate
		mm-validate --summary json
		mm-validate --assert x=(.event|length)>3
		mm-classify
		mm-enrich --deterministic
		mm-enrich --deterministic --require-agent
		mm-hash-ip
		mm-dedup
		mm-dedup --by event,anonymous_id
		mm-batch -n 100
		mm-import combined --site shop.example
		mm-identify --help
		mm-key --help
		mm --help
	E
}

units() { # BIN
	local t
	for t in "$1"/test_*; do
		[[ -x $t && $t != *.d ]] || continue
		"${RUN[@]}" "$t" >"$work/log" 2>&1 </dev/null || {
			echo "${t##*/} fails:"
			tail -n 20 "$work/log"
			return 1
		}
	done
	echo "ok: $port: unit tests"
}

filters() { # BIN
	local f
	for f in "${bats[@]}"; do
		MM_BIN=$1 bats --formatter tap "tests/commands/$f.bats" >"$work/log" 2>&1 </dev/null || {
			echo "$f.bats fails:"
			grep -A12 '^not ok' "$work/log"
			return 1
		}
	done
	echo "ok: $port: the bats of the filters"
}

cross() { # ARCHITECTURE TRIPLE QEMU
	local root=$roots/$1 dir=$BUILD/$1 flags=() name
	port=$1
	tests/ports/sysroot.sh "$1" "$root"
	RUN=("qemu-$3-static" -L "$root")
	if [[ $1 == i386 ]]; then
		RUN=()
		flags=("LDFLAGS=-Wl,--disable-new-dtags,-rpath,$root/usr/lib/$2:$root/lib/$2,--dynamic-linker=$root/lib/ld-linux.so.2")
	fi
	make -s -j2 BUILD="$dir" CC="$2-gcc --sysroot=$root" AR="$2-gcc-ar" WERROR=-Werror "${flags[@]}" all
	# a test may take a number of 64 bits for a size
	make -s -j2 BUILD="$dir" CC="$2-gcc --sysroot=$root" AR="$2-gcc-ar" CFLAGS='-O2 -g -Wno-conversion' TOOLS= \
		"${flags[@]}" unit
	echo "ok: $port: builds without warnings"
	units "$dir/tests"
	same "$dir/bin"
	echo "ok: $port: the same bytes"
	# scripts stand for the programs, which a shell could else not start
	rm -rf "$dir/run"
	mkdir -p "$dir/run"
	for name in "$dir"/bin/mm*; do
		[[ $name != *.d ]] || continue
		printf '#!/bin/sh\nexec %s %s "$@"\n' "${RUN[*]}" "$name" >"$dir/run/${name##*/}"
		chmod +x "$dir/run/${name##*/}"
	done
	case $1 in
	arm64) filters "$dir/run" ;;
	i386) filters "$dir/bin" ;;
	esac
}

musl() {
	port=musl
	make -s static BUILD="$BUILD"
	mkdir "$work/root"
	cp "$BUILD"/static/bin/mm* "$work/root"
	RUN=(chroot "$work/root")
	same ""
	echo "ok: musl: the same bytes in an empty root"
}

make -s -j2 all "$BUILD/tests/gen-events" "$BUILD/tests/gen-log"
{ # an event without a time has that of now
	"$BUILD/tests/gen-events" -n 3000 --invalid 50 | grep '"timestamp":'
	"$BUILD/tests/gen-log" -n 500
} >"$work/events"
ports=("$@")
((${#ports[@]})) || ports=(musl arm64 s390x i386)
for name in "${ports[@]}"; do
	case $name in
	musl) musl ;;
	arm64) cross arm64 aarch64-linux-gnu aarch64 ;;
	s390x) cross s390x s390x-linux-gnu s390x ;;
	i386) cross i386 i686-linux-gnu i386 ;;
	*)
		echo "usage: tests/ports/run.sh [musl] [arm64] [s390x] [i386]" >&2
		exit 2
		;;
	esac
done
