#include "quality/report.h"

#include <stdlib.h>

#include "text/json.h"

#include "base/banned.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void
quality_report_add_utf8(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		size_t good = 0;

		if (utf8_valid(p, (size_t)(end - p), &good)) {
			buf_add(b, p, (size_t)(end - p));
			return;
		}
		buf_add(b, p, good);
		buf_adds(b, REPLACEMENT);
		p += good + 1;
	}
}

void
quality_report_add_plain(struct buf *b, struct span s)
{
	struct buf clean = BUF_INIT;

	quality_report_add_utf8(&clean, s.p, s.n);
	buf_add_scrubbed(b, clean.n ? clean.p : "", clean.n);
	if (clean.failed)
		b->failed = true;
	buf_release(&clean);
}

void
quality_report_add_place(struct buf *b, const struct finding_example *e)
{
	quality_report_add_plain(b, span_of(e->file));
	buf_addc(b, ':');
	buf_addu(b, e->line);
}

void
quality_report_add_what(struct buf *b, const struct finding_kind *k)
{
	if (k->field.n) {
		quality_report_add_plain(b, k->field);
		buf_adds(b, ": ");
	}
	quality_report_add_plain(b, k->text);
}

void
quality_report_add_counts(struct buf *b, const struct quality_report *r)
{
	buf_addf(b, "%llu line%s: %llu valid, %llu rejected", (unsigned long long)r->lines,
	    r->lines == 1 ? "" : "s", (unsigned long long)r->valid,
	    (unsigned long long)r->rejected);
	if (r->rejected) {
		buf_adds(b, " (");
		buf_add_percent(b, r->rejected, r->lines);
		buf_addc(b, ')');
	}
	if (r->warned)
		buf_addf(b, ", %llu with warnings", (unsigned long long)r->warned);
}

static void
add_more(struct buf *b, const char **begin, uint64_t n, const char *of_what)
{
	if (n == 0)
		return;
	buf_addf(b, "%s%llu %s", *begin, (unsigned long long)n, of_what);
	*begin = ", ";
}

void
quality_report_add_more(struct buf *b, const struct quality_report *r, const char *begin)
{
	uint64_t fields = 0;
	uint32_t i;

	for (i = 0; i < r->profile->names.n; i++)
		fields += r->profile->event[i].more;
	add_more(b, &begin, r->findings->more[SEVERITY_ERROR], "errors of other kinds");
	add_more(b, &begin, r->findings->more[SEVERITY_WARN], "warnings of other kinds");
	if (r->drift)
		add_more(b, &begin, r->drift->more[SEVERITY_ERROR] + r->drift->more[SEVERITY_WARN],
		    "other changes");
	add_more(b, &begin, r->profile->more, "lines with other events");
	add_more(b, &begin, fields, "values of other properties");
}

/* ---- order ---- */

static int
compare(const void *a, const void *b)
{
	const struct quality_report_row *x = a, *y = b;
	size_t i, n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int order;

	for (i = 0; i < sizeof(x->worse) / sizeof(x->worse[0]); i++)
		if (x->worse[i] != y->worse[i])
			return x->worse[i] > y->worse[i] ? -1 : 1;
	order = memcmp(x->name.p, y->name.p, n);
	if (order)
		return order;
	return x->name.n < y->name.n ? -1 : x->name.n > y->name.n;
}

void
quality_report_sort(struct quality_report_row *row, size_t n)
{
	qsort(row, n, sizeof(*row), compare);
}

struct quality_report_row *
quality_report_events(const struct profile *p, bool by_name)
{
	struct quality_report_row *row = calloc(p->names.n + 1, sizeof(*row));
	uint32_t i;

	if (!row)
		return NULL;
	for (i = 0; i < p->names.n; i++) {
		const struct profile_event *e = &p->event[i];

		row[i] =
		    (struct quality_report_row){ .name = dict_text(&p->names, i), .number = i };
		if (by_name)
			continue;
		row[i].worse[0] = e->rejected;
		row[i].worse[1] = e->warned;
		row[i].worse[2] = e->lines;
	}
	quality_report_sort(row, p->names.n);
	return row;
}
