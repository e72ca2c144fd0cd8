#!/usr/bin/env bash
# Three strangers with README alone, in a small Debian of their own: a founder on a new machine types every command of
# it, a data engineer has logs and a ClickHouse server, and a CI author has GitLab's job of mm-recipes(7).
#
#     make check-readme      (as root; takes minutes, and fetches a small Debian)
set -eu -o pipefail
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES

work=$(mktemp -d)
root=$work/root
finish() {
	umount "$root/dev/pts" "$root/dev" "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap finish EXIT

mirror=$(apt-get indextargets --format \$\(REPO_URI\) 'Created-By: Packages' | head -1)
suite=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1 || {
	tail -20 "$work/log"
	exit 1
}
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
for folder in proc dev dev/pts; do mount --bind "/$folder" "$root/$folder"; done
git clone -q . "$root/root/millimetric"
# The engine and the country database, as `make engine geoip SYSTEM=1` finds them when they were fetched before.
for file in "$(cmd/setup/engine.sh 2>/dev/null)" "$(cmd/setup/geoip.sh 2>/dev/null)"; do
	folder=$root/var/lib/millimetric/$(basename "$(dirname "$(dirname "$file")")")/$(basename "$(dirname "$file")")
	mkdir -p "$folder"
	cp "$file" "$folder"
done
cp "$BUILD/tests/gen-log" "$root/root"
stranger() { # NAME: runs the script on standard input
	cat >"$root/root/$1.sh"
	chroot "$root" env -i HOME="/root/$1" PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive bash -eu -c "mkdir /root/$1; bash -eu -o pipefail /root/$1.sh >/root/$1.out 2>&1 </dev/null" || {
		tail -30 "$root/root/$1.out"
		echo "FAILED: $1"
		exit 1
	}
	echo "ok: $1"
}

# Root needs no sudo.  What README's commands print is compared by examples.sh; here they must succeed.
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on { gsub(/sudo /, ""); print }' README.md >"$root/root/install"
awk '
sub(/^    \$ /, "") { on = 1; n++ }
!/^        / && !n { on = 0 }
on { text[n ? k += n : k] = text[k] $0 "\n"; n = 0; next }
END { for (i = 2; i <= k; i++) printf "%s", text[i]; printf "%s", text[1] }' README.md |
	sed 's/^        /    /' >"$root/root/typed"
stranger founder <<'END'
cd /root/millimetric
. /root/install
# the shell beside ClickHouse reads the rest
{ cat /root/typed; echo 'kill %1; wait; exit'; } | bash >typed.out 2>&1
cat typed.out
! grep -iE 'not found|no such file|usage:' typed.out
grep -qF '["signup","anna","direct"]' typed.out
grep -qx gone typed.out
grep -q purchase report.html
END

stranger engineer <<'END'
cd /root/engineer
(umask 077; head -c 32 /dev/urandom | base64 >salt; head -c 12 /dev/urandom | base64 >password)
mm-clickhouse -d server --port 18123 --password-file password >server.url 2>server.log &
until [ -s server.url ]; do sleep 0.1; done
export MM_CLICKHOUSE_URL=http://127.0.0.1:18123/ MM_CLICKHOUSE_USER=millimetric
MM_CLICKHOUSE_PASSWORD=$(cat password)
export MM_CLICKHOUSE_PASSWORD MM_GEOIP_DB=/var/lib/millimetric/country.mmdb
/root/gen-log -n 20000 | gzip >access.log.2.gz
mm-schema
for time in 1 2; do
	mm-import combined --site shop.example --summary text access.log.*.gz |
		mm-enrich --visitor daily --bots drop --salt-file salt | mm-insert
	mm-stats --from 2026-05-01 --to 2026-06-01 >answer.$time
done
[ "$(jq .value answer.1)" -gt 5000 ]
cmp answer.1 answer.2
kill %1
END

tests/lint/recipe.sh gitlab-ci.yml >"$root/root/gitlab-ci.yml"
stranger author <<'END'
cd /root/author
export MILLIMETRIC=/root/millimetric
mkdir events
sed -n '/before_script:/,/^  script:/s/^    - //p' ../gitlab-ci.yml >before
sed -n '/^  script:/,/^  artifacts:/p' ../gitlab-ci.yml | sed '1d;$d; s/^    - //; s/^      / /' | tr -d '\n' >script
echo '{"event":"order_paid"}' >events/a.ndjson
bash -e before
bash -e script
echo '{"evnt":"order_paid"}' >>events/a.ndjson
status=0
bash -e script || status=$?
[ "$status" -eq 1 ]
grep -q '<failure' events.xml
END
