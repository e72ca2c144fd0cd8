#!/usr/bin/env bash
# Builds the Debian package of the last commit twice, looks whether the bytes are the same,
# asks lintian, and installs, tries and removes it in a chroot of its own.
#
#     make check-package      (as root; takes minutes, and fetches a small Debian)
set -eu -o pipefail
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES # the package's build has settings of its own

work=$(mktemp -d)
root=$work/root
finish() {
	umount "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap finish EXIT

version=$(sed -n 's/^#define MM_VERSION "\(.*\)"/\1/p' cmd/cli/face.h)
[[ $(dpkg-parsechangelog -S Version) == "$version"-* ]]
build() {
	mkdir -p "$work/$1"
	cp "$BUILD/millimetric-$version.tar.gz" "$work/$1/millimetric_$version.orig.tar.gz"
	tar -C "$work/$1" -xzf "$work/$1/millimetric_$version.orig.tar.gz"
	git archive HEAD debian | tar -C "$work/$1/millimetric-$version" -x
	(cd "$work/$1/millimetric-$version" && unset BUILD && dpkg-buildpackage -us -uc "${@:2}" >../log 2>&1) || {
		tail -40 "$work/$1/log"
		return 1
	}
}
make -s dist BUILD="$BUILD"
cp "$BUILD/millimetric-$version.tar.gz" "$work/once.tar.gz"
make -s dist BUILD="$BUILD"
cmp "$work/once.tar.gz" "$BUILD/millimetric-$version.tar.gz"
build a
DEB_BUILD_OPTIONS=nocheck build b -b
cmp "$work"/a/millimetric_*.deb "$work"/b/millimetric_*.deb
echo "ok: two builds, the same bytes"
lintian --fail-on error,warning --pedantic "$work"/a/*.changes
echo "ok: lintian"

mirror=$(apt-get indextargets --format \$\(REPO_URI\) 'Created-By: Packages' | head -1)
suite=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1 || {
	tail -20 "$work/log"
	exit 1
}
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
mount -t proc proc "$root/proc"
cp "$work"/a/millimetric_*.deb debian/tests/pipeline "$root/tmp"
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
in_root sh -ec 'apt-get install -y -q --no-install-recommends /tmp/millimetric_*.deb jq >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }'
in_root sh /tmp/pipeline
echo "ok: installed, and tried"
in_root sh -ec 'apt-get purge -y -q millimetric >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }'
left=$(find "$root" -xdev -path "$root/var" -prune -o \( -name 'mm' -o -name 'mm-*' -o -name '*millimetric*' \) -print |
	grep -v "^$root/tmp/" || true)
[[ -z $left ]] || {
	echo "left behind: $left"
	exit 1
}
echo "ok: removed, and nothing is left"
