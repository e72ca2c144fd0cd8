#include "ask/hint.h"

#include <stdio.h>

#include "ask/cells.h"
#include "ask/property.h"
#include "base/ascii.h"
#include "base/near.h"
#include "text/number_text.h"

#include "base/banned.h"

enum {
	NAMES = 1000,
	NAMES_TOLD = 5,
	SAMPLE = 10000, /* events whose properties are looked at */
};

/* ---- names ------------------------------------------------------------------ */

struct name {
	size_t at, n; /* in text */
	uint64_t events;
};

struct names {
	struct buf text;
	struct name v[NAMES];
	size_t n;
	uint64_t events;
	struct cells cells;
};

static bool
on_name(void *context, const char *p, size_t n)
{
	struct names *names = context;
	struct name *to = &names->v[names->n];

	if (names->n == NAMES || !cells_parse(&names->cells, p, n, 2))
		return false;
	*to = (struct name){ names->text.n, names->cells.v[0].text.n, 0 };
	buf_add(&names->text, names->cells.v[0].text.p, to->n);
	if (!ascii_number(names->cells.v[1].text, UINT64_MAX / 2, &to->events))
		return false;
	names->events += to->events;
	names->n++;
	return !names->text.failed;
}

static struct span
name_of(const struct names *names, size_t i)
{
	return (struct span){ names->text.n ? names->text.p + names->v[i].at : "", names->v[i].n };
}

static bool
has(const struct names *names, struct span name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (span_eq(name_of(names, i), name))
			return true;
	return false;
}

/* The name that is near enough to have been meant; names->n: none is. */
static size_t
nearest(const struct names *names, struct span name)
{
	size_t best = names->n, i;
	struct near near;

	near_begin(&near, name);
	for (i = 0; i < names->n; i++)
		if (near_try(&near, name_of(names, i)))
			best = i;
	return best;
}

static void
add_quoted(struct buf *b, struct span name)
{
	buf_addc(b, '\'');
	buf_add_scrubbed(b, name.p, name.n);
	buf_addc(b, '\'');
}

/* "'$pageview' (1,234), 'signup' (5) and 3 more" */
static void
add_list(struct buf *b, const struct names *names, bool counts)
{
	size_t i, told = names->n <= NAMES_TOLD + 1 ? names->n : NAMES_TOLD;

	for (i = 0; i < told; i++) {
		if (i > 0)
			buf_adds(b, i + 1 == names->n ? " and " : ", ");
		add_quoted(b, name_of(names, i));
		if (counts) {
			buf_adds(b, " (");
			number_text_count(b, names->v[i].events);
			buf_addc(b, ')');
		}
	}
	if (told < names->n)
		buf_addf(b, " and %zu%s more", names->n - told, names->n == NAMES ? " or" : "");
}

static void
release(struct names *names)
{
	buf_release(&names->text);
	cells_release(&names->cells);
}

/* ---- what the period has ---------------------------------------------------- */

static enum clickhouse_status
ask_names(struct clickhouse *c, struct question *q, struct names *names, struct clickhouse_error *e)
{
	enum clickhouse_status status;

	question_add_column(q, "name", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "events", COLUMN_VALUE, KIND_NUMBER);
	status = question_select(c, q, on_name, names, e);
	question_release(q);
	return status;
}

static enum clickhouse_status
ask_events(struct clickhouse *c, const struct question *about, struct names *names,
    struct clickhouse_error *e)
{
	struct question q;

	question_begin(&q, (struct period){ about->period.from, about->period.to, NULL });
	buf_adds(&q.sql, "SELECT event_name AS name, count() AS events\nFROM events\nWHERE ");
	question_add_period(&q, about->project);
	buf_adds(&q.sql, "\nGROUP BY name\nORDER BY events DESC, name");
	question_add_limit(&q, NAMES);
	return ask_names(c, &q, names, e);
}

static enum clickhouse_status
ask_properties(struct clickhouse *c, const struct question *about, struct names *names,
    struct clickhouse_error *e)
{
	struct question q;
	size_t i;

	question_begin(&q, (struct period){ about->period.from, about->period.to, NULL });
	buf_adds(&q.sql, "SELECT name, count() AS events\nFROM\n(\nSELECT arrayJoin(");
	property_add_names(&q);
	buf_adds(&q.sql, ") AS name\nFROM\n(\nSELECT properties FROM events\nWHERE ");
	question_add_period(&q, about->project);
	for (i = 0; i < about->asked_count; i++) {
		buf_adds(&q.sql, i ? ", " : "\n  AND event_name IN (");
		question_add_value(&q, "String", about->asked[i]);
	}
	buf_addf(&q.sql, "%s\nLIMIT %d\n)\n)\nGROUP BY name\nORDER BY events DESC, name",
	    about->asked_count ? ")" : "", SAMPLE);
	question_add_limit(&q, NAMES);
	return ask_names(c, &q, names, e);
}

/* ---- the sentence ------------------------------------------------------------ */

static void
tell_nothing(const struct question *q, const struct extent *x, struct buf *b)
{
	if (x->empty) {
		buf_adds(b, "nothing is stored of this project");
		return;
	}
	buf_adds(b, "no event is stored in this period; ");
	if (x->first >= q->period.to) {
		buf_adds(b, "the first one after it is of ");
		extent_add_day(b, q->period.zone, x->first);
	} else if (x->last < q->period.from) {
		buf_adds(b, "the last one before it is of ");
		extent_add_day(b, q->period.zone, x->last);
	} else {
		buf_adds(b, "there are some before and after it");
	}
}

/* The first of the wanted names that is not there; false: all of them are. */
static bool
tell_missing(
    const struct names *names, const char *what, const struct span *wanted, size_t n, struct buf *b)
{
	size_t i, near;

	for (i = 0; i < n && has(names, wanted[i]); i++)
		;
	if (i == n)
		return false;
	buf_addf(b, "no %s ", what);
	add_quoted(b, wanted[i]);
	buf_adds(b, " in this period; ");
	near = nearest(names, wanted[i]);
	if (near < names->n) {
		buf_adds(b, "did you mean ");
		add_quoted(b, name_of(names, near));
		buf_addc(b, '?');
	} else if (names->n > 0) {
		buf_adds(b, "there are ");
		add_list(b, names, false);
	} else {
		buf_addf(b, "there is none at all");
	}
	return true;
}

static enum clickhouse_status
tell_events(struct clickhouse *c, const struct question *q, const struct extent *x,
    const struct names *events, bool answer_empty, struct buf *b, struct clickhouse_error *e)
{
	struct names properties = { .n = 0 };
	enum clickhouse_status status = CLICKHOUSE_OK;
	bool told = false;

	if (events->n == 0) {
		tell_nothing(q, x, b);
		return status;
	}
	if (tell_missing(events, "event", q->asked, q->asked_count, b))
		return status;
	if (q->property_count > 0) {
		status = ask_properties(c, q, &properties, e);
		told = status == CLICKHOUSE_OK &&
		    tell_missing(&properties, "property", q->property, q->property_count, b);
		release(&properties);
	}
	if (status == CLICKHOUSE_OK && !told && answer_empty) {
		buf_adds(b, "what this period has: ");
		add_list(b, events, true);
	}
	return status;
}

enum clickhouse_status
hint_ask(struct clickhouse *c, const struct question *q, const struct extent *x, bool answer_empty,
    struct buf *b, struct clickhouse_error *e)
{
	struct names events = { .n = 0 };
	enum clickhouse_status status = ask_events(c, q, &events, e);

	if (status == CLICKHOUSE_OK)
		status = tell_events(c, q, x, &events, answer_empty, b, e);
	release(&events);
	return status;
}
