#include "cmd/cli/sending.h"

#include <stdatomic.h>

#include "base/buf.h"
#include "base/msg.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum { TELL_RETRY_MS = 5000 }; /* between messages of that */

void
sending_retry(const char *why, uint64_t for_ms, bool quiet)
{
	static _Atomic uint64_t told_ms;
	uint64_t now = timestamp_monotonic(), last = atomic_load(&told_ms);

	if (quiet || (last && now - last < TELL_RETRY_MS) ||
	    !atomic_compare_exchange_strong(&told_ms, &last, now))
		return;
	msg("%s; trying again for up to %llu s", why, (unsigned long long)((for_ms + 999) / 1000));
}

void
sending_halve(const char *where, size_t bytes, bool quiet)
{
	if (!quiet)
		msg("%s refuses a body of %zu bytes (HTTP 413): batches are sent in pieces", where,
		    bytes);
}

void
sending_aside(const char *file, const char *why)
{
	msg("%s: is set aside, so that it holds up nothing: %s", file, why);
}

void
sending_summary(const struct sending_count *counts, size_t n, bool json)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned long long v = (unsigned long long)counts[i].value;

		if (json)
			buf_addf(&b, "%s\"%s\":%llu", i ? "," : "{", counts[i].key, v);
		else
			buf_addf(&b, "%s%llu %s", i ? ", " : "", v, counts[i].text);
	}
	if (json) {
		buf_adds(&b, "}\n");
		msg_raw(b.p, b.n);
	} else {
		msg("%.*s", (int)b.n, b.p ? b.p : "");
	}
	buf_release(&b);
}

bool
sending_drain_alone(const char *drain, size_t files, const char *spool, bool follow)
{
	if (!drain || (files == 0 && !spool && !follow))
		return true;
	msg("--drain sends what waits in its DIR and reads nothing else: leave out "
	    "--follow, --spool and files");
	return false;
}
