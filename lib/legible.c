#include "legible.h"

#include "banned.h"

void
legible_share(struct buf *b, double share)
{
	buf_addf(b, "%.1f%%", share * 100);
}

void
legible_seconds(struct buf *b, double seconds)
{
	static const struct {
		double seconds;
		const char *large, *small;
		int parts; /* how many small ones are a large one */
	} units[] = {
		{ 86400, "d", "h", 24 },
		{ 3600, "h", "m", 60 },
		{ 60, "m", "s", 60 },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double part = units[i].seconds / units[i].parts;
		uint64_t all = (uint64_t)(seconds / part + 0.5);

		if (all < (uint64_t)units[i].parts)
			continue;
		buf_addf(b, "%llu%s %llu%s", (unsigned long long)(all / units[i].parts),
		    units[i].large, (unsigned long long)(all % units[i].parts), units[i].small);
		return;
	}
	if (seconds > 0 && seconds < 1)
		buf_addf(b, "%.0fms", seconds * 1000);
	else
		buf_addf(b, seconds > 0 ? "%.1fs" : "%.0fs", seconds);
}
