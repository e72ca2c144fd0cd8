#!/usr/bin/env bash
# Installs into an empty folder, tries what is there, and takes it away again.
set -eu -o pipefail

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$root" install
for program in "$BUILD"/bin/mm-*; do
	name=${program##*/}
	"$root/usr/bin/$name" --version | grep -q "^$name "
	test -s "$root/usr/share/man/man1/$name.1"
	test -s "$root/usr/share/bash-completion/completions/$name"
	test -s "$root/usr/share/fish/vendor_completions.d/$name.fish"
done
test -s "$root/usr/share/zsh/site-functions/_mm"
test -s "$root/usr/share/man/man7/mm.7"
test -s "$root/usr/share/millimetric/sql/10-events.sql"
test -s "$root/usr/share/millimetric/sql/cluster/10-events_local.sql"
make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$root" uninstall
left=$(find "$root" -type f)
if [[ -n $left ]]; then
	printf 'left behind:\n%s\n' "$left"
	exit 1
fi
