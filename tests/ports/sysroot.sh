#!/usr/bin/env bash
# sysroot.sh ARCHITECTURE DIR: unpacks Debian's libraries of another architecture into DIR;
# does nothing where they are.  The machine's own packages and lists stay as they are.
set -eu -o pipefail
arch=$1 dir=$2
[ ! -e "$dir/done" ] || exit 0
state=$dir/apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
: >"$state/log"
apt=(apt-get -q -y -o "Dir::State::Lists=$state/lists" -o "Dir::State::status=$state/status"
	-o "Dir::Cache=$state/cache" -o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
	-o APT::Sandbox::User=root)
"${apt[@]}" update >>"$state/log" 2>&1 || true # a mirror may lack a suite of it
"${apt[@]}" install --download-only --no-install-recommends libc6-dev libc-bin libcurl4-openssl-dev libjq-dev \
	libmaxminddb-dev libsodium-dev libutf8proc-dev libxxhash-dev libzstd-dev zlib1g-dev \
	>>"$state/log" 2>&1 || {
	tail -n 10 "$state/log"
	exit 1
}
for deb in "$state"/cache/archives/*.deb; do
	dpkg-deb -x "$deb" "$dir"
done
rm -rf "$state"
touch "$dir/done"
