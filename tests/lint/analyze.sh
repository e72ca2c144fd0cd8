#!/usr/bin/env bash
# gcc's -fanalyzer and clang-tidy over lib and cmd; run by hand, make analyze (many minutes).  Fails
# with what they find beyond what is explained here.
set -u -o pipefail
cd "${BASH_SOURCE[0]%/*}/../.." || exit 2
flags="-std=c11 -Ilib -I. -I$BUILD -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64
	-isystem /usr/share/include/llhttp -DMM_STATE_DIR=__FILE__"
export flags
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FILE.*WHAT, and above it why it is none.
cat >"$work/list" <<-'E'
	# the members of a team are set before they run, a note where one was got
	cmd/cli/crew.c:.*uninitialized
	cmd/cli/crew.c:.*garbage
	# workers are freed by whoever made their list
	cmd/enrich/job.c:.*leak of
	# a page is not used once its answer is released
	cmd/mm-report.c:.*overview
	# no errors: an assertion complained
	cmd/validate/plans.c:.*complaint
	# set where check() or event_filter_parse() is true
	lib/ask/credit.c:.*garbage
	lib/ask/funnel.c:.*uninitialized
	# names of the table above, which are found
	lib/ask/field.c:.*NULL .f.
	lib/ask/time_words.c:.*never read
	# bytes and a length
	lib/base/msg.c:.*null-terminated
	# a choice has a list of them, and a command a table
	lib/base/opt.c:.*[Nn][Uu][Ll][Ll]
	# the text was found valid before
	lib/base/uuid.c:.*left shift
	# datalist_end() is false where nothing was made
	lib/enrich/bots.c:.*[Nn][Uu][Ll][Ll]
	lib/enrich/hosts.c:.*null pointer
	# the condition of the rule found them
	lib/enrich/classify.c:.*null pointer
	# two bits
	lib/enrich/geodata.c:.*garbage
	# the kernel fills in addresses
	lib/http/accept.c:.*garbage
	lib/http/listen.c:.*garbage
	# names of the list, which the caller frees
	lib/import/rotated.c:.*leak of
	# the code is RPC_OK for methods that are known alone
	lib/mcp/mcp.c:.*method
	# an array of globs > 0 was made
	lib/quality/plan_events.c:.*nonnull
	# each fault has a place
	lib/send/verdict.c:.*garbage
	# of no bytes
	lib/base/buf.h:.*nonnull
	# of no keys
	lib/serve/keys.c:.*nonnull
	# what could not be shortened is opened, and shortened the next time
	lib/serve/journal.c:.*never read
	# as of cmd/mm-report.c
	lib/serve/read.c:.*overview
	# one of it
	lib/show/digest.c:.*padding
	# whole hours of a week
	lib/show/week.c:.*integer division
	# what is to be withdrawn stands in the log
	lib/tables/deduplog.c:.*null pointer
	# cells are of columns
	lib/text/table.c:.*Division by zero
	# generations, freed with their window
	lib/serve/ids.c:.*leak of
E
grep -v '^#' "$work/list" >"$work/explained"
# The tables of hosts.c are more states than gcc gets through.
find lib cmd -name '*.c' ! -path lib/enrich/hosts.c | sort >"$work/files"
# shellcheck disable=SC2016
xargs -P"$(nproc)" -I{} sh -c 'nice timeout 900 gcc $flags -O2 -fanalyzer -c -o /dev/null {} 2>&1 ||
	echo "{}: warning: was not analysed"' <"$work/files" >"$work/gcc"
# shellcheck disable=SC2016
xargs -P"$(nproc)" -I{} sh -c 'nice clang-tidy --quiet --config-file=tests/lint/clang-tidy.yml {} -- $flags 2>&1 ||
	echo "{}: warning: was not analysed"' <"$work/files" >"$work/tidy"
if cat "$work/gcc" "$work/tidy" | grep ': warning: ' | sort -u | grep -v -f "$work/explained"; then
	exit 1
fi
echo "ok: $(wc -l <"$work/files") files, nothing that is not explained"
