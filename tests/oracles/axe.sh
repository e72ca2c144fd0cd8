#!/bin/sh
# Fetches axe-core (MPL-2.0), which tells what keeps people from using a page,
# once, and prints the path of its script.
set -eu

here=$(dirname -- "$0")
# shellcheck source=cmd/setup/fetch.sh
. "$here/../../cmd/setup/fetch.sh"

package=axe-core
version=4.14.1
integrity=FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
member=package/axe.min.js
script=${XDG_CACHE_HOME:-$HOME/.cache}/millimetric/axe/$version/axe.min.js

if [ ! -s "$script" ]; then
	echo "axe.sh: fetching axe-core $version by npm (1 MB, MPL-2.0)" >&2
	fetch_npm "$package" "$version" "$integrity" "$member" "$script" || exit 2
fi
echo "$script"
