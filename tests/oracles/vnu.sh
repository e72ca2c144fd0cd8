#!/bin/sh
# Fetches the Nu HTML Checker (MIT), the W3C's validator, once, and prints the
# path of its .jar, which Java runs.
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/../../cmd/setup/fetch.sh"

package=vnu-jar
version=26.9.27
integrity=TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA==
member=package/build/dist/vnu.jar
jar=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/vnu/$version/vnu.jar

if [ ! -s "$jar" ]; then
	echo "vnu.sh: fetching the validator of HTML $version by npm (30 MB, MIT)" >&2
	fetch_npm "$package" "$version" "$integrity" "$member" "$jar" || exit 2
fi
echo "$jar"
