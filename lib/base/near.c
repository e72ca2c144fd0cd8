#include "base/near.h"

#include "base/ascii.h"

#include "base/banned.h"

static size_t
distance(struct span a, struct span b)
{
	size_t row[NEAR_NAME_MAX + 1], i, j;

	if (a.n > NEAR_NAME_MAX || b.n > NEAR_NAME_MAX)
		return SIZE_MAX;
	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			size_t change =
			    corner + (ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]));

			corner = row[j];
			if (row[j - 1] + 1 < change)
				change = row[j - 1] + 1;
			row[j] = row[j] + 1 < change ? row[j] + 1 : change;
		}
	}
	return row[b.n];
}

void
near_begin(struct near *near, struct span name)
{
	*near = (struct near){ .name = name, .least = name.n ? name.n / 3 + 2 : 0 };
}

bool
near_try(struct near *near, struct span other)
{
	struct span name = near->name;
	size_t d = distance(name, other);

	/* amuont: amount_cents */
	if (name.n > 3 && other.n > name.n) {
		size_t begins = distance(name, (struct span){ other.p, name.n }) + 1;

		d = begins < d ? begins : d;
	}
	if (d >= near->least)
		return false;
	near->least = d;
	near->best = other;
	return true;
}
