#!/usr/bin/env bash
# Installs into an empty folder, tries what is there, and takes it away again.
set -eu -o pipefail

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$root" install
for program in "$BUILD"/bin/mm "$BUILD"/bin/mm-*; do
	name=${program##*/}
	"$root/usr/bin/$name" --version | grep -q "^$name "
	# an address that nobody knows, tables that nothing writes to, a stack that is no code
	elf=$(readelf -hldW "$root/usr/bin/$name")
	grep -q 'Flags: NOW PIE' <<<"$elf"
	grep -q GNU_RELRO <<<"$elf"
	grep -q 'GNU_STACK .* RW ' <<<"$elf"
	test -s "$root/usr/share/man/man1/$name.1"
	test -s "$root/usr/share/bash-completion/completions/$name"
	test -s "$root/usr/share/fish/vendor_completions.d/$name.fish"
done
test -s "$root/usr/share/zsh/site-functions/_mm"
test -s "$root/usr/share/man/man7/mm.7"
test -s "$root/usr/share/millimetric/sql/10-events.sql"
test -s "$root/usr/share/millimetric/sql/cluster/10-events_local.sql"
node -e 'import(process.argv[1]).then((m) => m.init({ key: "sk_x", url: "http://127.0.0.1" }))' \
	"$root/usr/share/millimetric/clients/node/millimetric.js"

# The set-up scripts work where they are installed, without a HOME, and look where `make STATE=` says.
setup=$root/usr/libexec/millimetric
version=$(sed -n 's/^#define ENGINE_VERSION "\(.*\)"/\1/p' lib/tables/engine_find.h)
mkdir -p "$root/state/engine/$version" "$root/cache/millimetric/geoip"
library=$root/state/engine/$version/libchdb.so
echo library >"$library"
make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$root" STATE="$root/state" install
[[ $(env -i PATH="$PATH" "$setup/engine.sh") == "$library" ]]
[[ $(env -i PATH="$PATH" XDG_CACHE_HOME="$root/cache" "$setup/engine.sh" --system) == "$library" ]]
database=$(cmd/setup/geoip.sh 2>/dev/null)
mkdir -p "$root/state/geoip"
cp -r "${database%/*}" "$root/state/geoip"
[[ $(env -i PATH="$PATH" "$setup/geoip.sh" --system) == "$root/state/country.mmdb" ]]
cmp "$database" "$root/state/country.mmdb"
if env -i PATH="$PATH" MM_STATE_DIR="$root/none" "$setup/engine.sh" 2>"$root/message"; then
	exit 1
fi
grep -q 'there is no HOME' "$root/message"
MM_SKIP_DEPS=1 "$setup/deps.sh" build
rm -r "$root/state" "$root/cache" "$root/message"

make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$root" uninstall
left=$(find "$root" -type f)
if [[ -n $left ]]; then
	printf 'left behind:\n%s\n' "$left"
	exit 1
fi
