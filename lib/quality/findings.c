#include "quality/findings.h"

#include <stdlib.h>

#include "base/utf8.h"

#include "base/banned.h"

enum {
	/* for what is counted under FINDING_OTHERS */
	RESERVE = 64,
	BYTES_MAX = (FINDINGS_MAX + RESERVE) * (3 * FINDING_TEXT_MAX + 8),
};

const char *
severity_name(enum severity s)
{
	return s == SEVERITY_ERROR ? "error" : "warning";
}

bool
findings_init(struct findings *f)
{
	*f = (struct findings){ 0 };
	f->finding = calloc(FINDINGS_MAX + RESERVE, sizeof(*f->finding));
	f->place = calloc(FINDINGS_PLACES, sizeof(*f->place));
	if (f->finding && f->place && dict_init(&f->kinds, FINDINGS_MAX + RESERVE, BYTES_MAX))
		return true;
	findings_release(f);
	return false;
}

void
findings_release(struct findings *f)
{
	free(f->finding);
	free(f->place);
	dict_release(&f->kinds);
	buf_release(&f->key);
	buf_release(&f->excerpts);
	*f = (struct findings){ 0 };
}

/* Where an escape that the cut at `end` would go through begins; else end. */
static size_t
before_escape(struct span s, size_t end)
{
	enum { PAIR = 12 }; /* \ud83d\ude00 */
	size_t i = 0;

	while (i < end) {
		size_t n = 1;

		if (s.p[i] == '\\')
			n = s.n - i > 1 && s.p[i + 1] == 'u' ? 6 : 2;
		if (n == 6 && s.n - i >= PAIR && (s.p[i + 2] | 0x20) == 'd' &&
		    strchr("89abAB", s.p[i + 3]))
			n = PAIR;
		if (i + n > end)
			return i;
		i += n;
	}
	return end;
}

struct span
text_cut(struct span s, size_t max)
{
	if (s.n <= max)
		return s;
	return (struct span){ s.p, before_escape(s, utf8_cut(s.p, s.n, max)) };
}

/* ---- keys: the lengths of event and field, and the three texts ---- */

static struct span
key_of(struct findings *f, const struct finding_kind *k, uint32_t *event_n, uint32_t *field_n)
{
	struct span event = text_cut(k->event, FINDING_TEXT_MAX);
	struct span field = text_cut(k->field, FINDING_TEXT_MAX);
	struct span text = text_cut(k->text, FINDING_TEXT_MAX);

	*event_n = (uint32_t)event.n;
	*field_n = (uint32_t)field.n;
	buf_reset(&f->key);
	buf_add(&f->key, (const char *)event_n, sizeof(*event_n));
	buf_add(&f->key, (const char *)field_n, sizeof(*field_n));
	buf_add(&f->key, event.p, event.n);
	buf_add(&f->key, field.p, field.n);
	buf_add(&f->key, text.p, text.n);
	return (struct span){ f->key.p, f->key.n };
}

static struct finding *
put(struct findings *f, const struct finding_kind *k, uint32_t max)
{
	uint32_t event_n, field_n, number, before = f->kinds.n;
	struct span key = key_of(f, k, &event_n, &field_n);
	struct finding *g;

	if (f->key.failed)
		return NULL;
	number = before < max ? dict_put(&f->kinds, k->severity, key)
			      : dict_get(&f->kinds, k->severity, key);
	if (number == DICT_NONE)
		return NULL;
	g = &f->finding[number];
	if (number == before) {
		*g = (struct finding){ number, k->severity, event_n, field_n, 0, 0, { { 0 } }, 0 };
		f->n++;
	}
	g->count++;
	return g;
}

struct finding *
findings_add(struct findings *f, const struct finding_kind *k)
{
	struct finding_kind others = { k->severity, SPAN(""), SPAN(FINDING_OTHERS), k->text };
	struct finding *g = put(f, k, FINDINGS_MAX);

	if (!g)
		g = put(f, &others, FINDINGS_MAX + RESERVE);
	if (!g)
		f->more[k->severity]++;
	return g;
}

void
findings_example(
    struct findings *f, struct finding *g, const char *file, uint64_t line, struct span excerpt)
{
	size_t start = f->excerpts.n;

	buf_add(&f->excerpts, excerpt.p, excerpt.n);
	f->excerpts.failed = false; /* the place is enough */
	g->example[g->examples++] = (struct finding_example){
		.file = file,
		.line = line,
		.start = (uint32_t)start,
		.n = (uint32_t)(f->excerpts.n - start),
	};
}

void
findings_place(struct findings *f, struct finding *g, const char *file, uint64_t line)
{
	if (g->place && f->place[g->place - 1].file == file) {
		f->place[g->place - 1].count++;
	} else if (f->places == FINDINGS_PLACES) {
		f->more_places++;
	} else {
		f->place[f->places++] = (struct finding_place){ g->number, file, line, 1 };
		g->place = f->places;
	}
}

struct finding_kind
finding_kind(const struct findings *f, const struct finding *g)
{
	const char *p;
	struct span key = dict_text(&f->kinds, g->number);
	size_t head = 2 * sizeof(uint32_t), event = g->event_n, field = g->field_n;

	p = key.p + head;
	return (struct finding_kind){
		.severity = g->severity,
		.event = { p, event },
		.field = { p + event, field },
		.text = { p + event + field, key.n - head - event - field },
	};
}

struct span
finding_excerpt(const struct findings *f, const struct finding_example *e)
{
	return (struct span){ e->n ? f->excerpts.p + e->start : "", e->n };
}

/* ---- order ---- */

static int
worse(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

void
findings_sort(struct findings *f)
{
	if (f->n > 1)
		qsort(f->finding, f->n, sizeof(*f->finding), worse);
}
