#!/usr/bin/env bash
# The code elsewhere than on x86-64 and glibc: run by hand, make check-ports.
#
#     tests/ports/run.sh [musl] [arm64] [s390x] [i386]     all of them without an argument
#     tests/ports/run.sh odd      make check-odd
#
# musl: the filters, linked statically, give in an empty root the bytes that the usual ones give.
# arm64 (NEON) and i386 (32 bits): unit tests and the bats of the filters.  s390x (the other order
# of bytes): unit tests, and the filters give the same bytes.  Foreign programs run under
# qemu-user, those of i386 as they are.  odd: other languages and time zones, no home, few descriptors,
# little memory, full disks: the same bytes, and the bats of the filters.
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

input_of() { # COMMAND
	case $1 in
	*mm-import) echo "$work/log" ;;
	*) echo "$work/events" ;;
	esac
}

# same BIN: the programs there give the bytes that ours give.  RUN stands before each.
same() {
	local bin=$1 name args input
	while read -r name args; do
		input=$(input_of "$name")
		# shellcheck disable=SC2086
		"$BUILD/bin/$name" $args <"$input" >"$work/out" 2>"$work/err" && status=0 || status=$?
		# shellcheck disable=SC2086
		"${RUN[@]}" "$bin/$name" $args <"$input" >"$work/out2" 2>"$work/err2" && status2=0 || status2=$?
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
		"${RUN[@]}" "$t" >"$work/said" 2>&1 </dev/null || {
			echo "${t##*/} fails:"
			tail -n 20 "$work/said"
			return 1
		}
	done
	echo "ok: $port: unit tests"
}

# What qemu-user does not do: bounds of memory, a signal's end without a word of its own, a process
# that can't be looked at.
emulated='leaves no core|libjq|bounds|too much memory|a signal ends an expression'

filters() { # BIN [PATTERN of tests that may fail]
	local f
	for f in "${bats[@]}"; do
		MM_BIN=$1 bats --formatter tap "tests/commands/$f.bats" >"$work/said" 2>&1 </dev/null || true
		if ! grep -q '^ok ' "$work/said" || grep '^not ok ' "$work/said" | grep -v -q -E "${2:-^$}"; then
			echo "$f.bats fails:"
			grep -A12 '^not ok' "$work/said"
			return 1
		fi
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
	arm64) filters "$dir/run" "$emulated" ;;
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

# full COMMAND...: with its files on a full disk, it says so and ends with a status that is not zero
full() {
	local status=0
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tmpfs -o size=64k none "$1" && cd "$1" && head -c 60k /dev/zero >filler
		shift && exec "$@"' sh "$work/disk" "$@" <"$(input_of "$1")" >/dev/null 2>"$work/err" || status=$?
	if ((status == 0 || status > 127)) || ! grep -q 'No space left' "$work/err"; then
		echo "$* on a full disk: status $status" >&2
		head -n 3 "$work/err" >&2
		return 1
	fi
}

odd() {
	local name
	port=odd
	mkdir -p "$work/locales" "$work/disk" "$work/run"
	localedef -i tr_TR -f UTF-8 "$work/locales/tr_TR.UTF-8"
	export LOCPATH=$work/locales
	while read -r name; do
		read -ra RUN <<<"$name"
		same "$BUILD/bin"
		echo "ok: $name"
	done <<-E
		env LC_ALL=tr_TR.UTF-8
		env TZ=Asia/Kathmandu
		env TZ=Pacific/Apia
		env TZ=:no/where
		env -i MM_IP_SALT=$MM_IP_SALT
		env HOME=/nowhere XDG_STATE_HOME=/proc
		env -u HOME PATH=/nowhere
		prlimit --nofile=16
		prlimit --as=600000000
		prlimit --stack=262144
		prlimit --core=0 --nproc=4000
	E
	full "$BUILD/bin/mm-validate" --rejects rejects
	full "$BUILD/bin/mm-dedup" --state seen
	echo "ok: full disks"
	for name in "$BUILD"/bin/mm*; do
		# shellcheck disable=SC2016
		[[ $name == *.d ]] || printf '#!/bin/sh\nulimit -n 64\nLC_ALL=tr_TR.UTF-8 TZ=${TZ:-Pacific/Apia} exec %s "$@"\n' \
			"$name" >"$work/run/${name##*/}"
	done
	chmod +x "$work"/run/*
	filters "$work/run"
}

make -s -j2 all "$BUILD/tests/gen-events" "$BUILD/tests/gen-log"
{ # an event without a time has that of now
	"$BUILD/tests/gen-events" -n 3000 --invalid 50 | grep '"timestamp":'
	"$BUILD/tests/gen-log" -n 50
} >"$work/events"
"$BUILD/tests/gen-log" -n 3000 >"$work/log"
ports=("$@")
((${#ports[@]})) || ports=(musl arm64 s390x i386)
for name in "${ports[@]}"; do
	case $name in
	musl) musl ;;
	arm64) cross arm64 aarch64-linux-gnu aarch64 ;;
	s390x) cross s390x s390x-linux-gnu s390x ;;
	odd) odd ;;
	i386) cross i386 i686-linux-gnu i386 ;;
	*)
		echo "usage: tests/ports/run.sh [musl] [arm64] [s390x] [i386] [odd]" >&2
		exit 2
		;;
	esac
done
