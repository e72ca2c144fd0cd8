/* Questions about people: what is bound, what is refused, which columns there are. */
#include "ask/funnel.h"

#include "check.h"
#include "ask/cohort.h"
#include "ask/credit.h"

#include "base/banned.h"

#define PROJECT "7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4"

static const int64_t now = INT64_C(1778958000000); /* 2026-05-16T19:00:00Z, a Saturday */
static const struct period_text may = { .from = { "2026-05-01", 10 }, .to = { "2026-05-08", 10 } };

static struct span
bound(const struct question *q, const char *name)
{
	size_t i;

	for (i = 0; q->params[i].name; i++)
		if (strcmp(q->params[i].name, name) == 0)
			return q->params[i].value;
	return (struct span){ NULL, 0 };
}

static bool
is_bound(const struct question *q, const char *name, const char *value)
{
	return span_eq(bound(q, name), span_of(value));
}

static size_t
count_in_sql(const struct question *q, const char *text)
{
	size_t n = strlen(text), i, count = 0;

	for (i = 0; i + n <= q->sql.n; i++)
		count += memcmp(q->sql.p + i, text, n) == 0;
	return count;
}

/* "step event visitors" */
static bool
columns_are(const struct question *q, const char *names)
{
	struct buf b = BUF_INIT;
	bool same;
	size_t i;

	for (i = 0; i < q->column_count; i++)
		buf_addf(&b, "%s%s", i ? " " : "", q->columns[i].name);
	same = span_eq((struct span){ b.p, b.n }, span_of(names));
	buf_release(&b);
	return same;
}

static bool
ask_funnel(struct question *q, const char *const *steps, uint64_t window, int by, struct refusal *r)
{
	struct funnel f;

	funnel_init(&f);
	f.project = SPAN(PROJECT);
	f.period = may;
	f.by = by;
	if (window != 1)
		f.window_ms = window;
	*q = (struct question){ .table = "" };
	for (; *steps; steps++)
		if (!funnel_add_step(&f, span_of(*steps), r))
			return false;
	return funnel_question(&f, now, q, r);
}

static void
test_funnel(void)
{
	static const char *const steps[] = { "view", "it's {x:String},plan=p'ro", NULL };
	static const char *const plain[] = { "view", "it,plan=pro", NULL };
	struct refusal r = { .text = "" };
	struct question q, same;

	CHECK(ask_funnel(&q, steps, 1, PEOPLE_BY_ANONYMOUS_ID, &r), "%s", r.text);
	CHECK(columns_are(&q, "step event visitors conversion step_conversion median_seconds"),
	    "columns");
	CHECK(is_bound(&q, "window", "604800000") && is_bound(&q, "project", PROJECT) &&
		is_bound(&q, "from", "2026-05-01 00:00:00.000") &&
		is_bound(&q, "to", "2026-05-08 00:00:00.000"),
	    "what is bound");
	CHECK(ask_funnel(&same, plain, 1, PEOPLE_BY_ANONYMOUS_ID, &r), "%s", r.text);
	CHECK(q.sql.n == same.sql.n && memcmp(q.sql.p, same.sql.p, q.sql.n) == 0,
	    "a value is part of the SQL");
	question_release(&same);
	question_release(&q);
	CHECK(ask_funnel(&q, plain, 2000, PEOPLE_BY_USER_ID, &r) && is_bound(&q, "window", "2000"),
	    "the window");
	CHECK(count_in_sql(&q, "AS known ON") == 1, "users are stitched");
	question_release(&q);
}

static void
test_largest_funnel(void)
{
	static const char step[] = "s,a.b.c.d=1,e.f.g.h=2,i.j.k.l=3,m.n.o.p=4";
	static const char *const steps[] = { step, step, step, step, step, step, step, step, step,
		step, NULL };
	static const char *const too_many[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
		"k", NULL };
	struct refusal r = { .text = "" };
	struct question q;

	CHECK(ask_funnel(&q, steps, 1, PEOPLE_BY_USER_ID, &r), "%s", r.text);
	question_release(&q);
	CHECK(!ask_funnel(&q, too_many, 1, 0, &r) && strcmp(r.parameter, "step") == 0, "too many");
	question_release(&q);
}

static void
test_refused_funnels(void)
{
	static const char *const one[] = { "a", NULL }, *const two[] = { "a", "b", NULL };
	static const char *const bad[] = { "a", "b,.=c", NULL };
	struct refusal r = { .text = "" };
	struct question q;

	CHECK(!ask_funnel(&q, one, 1, 0, &r) && strcmp(r.parameter, "step") == 0, "one step");
	question_release(&q);
	CHECK(!ask_funnel(&q, bad, 1, 0, &r) && strcmp(r.parameter, "step") == 0, "no property");
	question_release(&q);
	CHECK(!ask_funnel(&q, two, 0, 0, &r) && strcmp(r.parameter, "window") == 0, "no window");
	question_release(&q);
	CHECK(!ask_funnel(&q, two, FUNNEL_WINDOW_MAX + 1, 0, &r), "too long a window");
	question_release(&q);
	CHECK(ask_funnel(&q, two, FUNNEL_WINDOW_MAX, 0, &r), "the longest window: %s", r.text);
	question_release(&q);
}

static void
test_funnel_by_names(void)
{
	static const struct {
		const char *name, *value;
		bool good;
	} row[] = { { "from", "-7d", true }, { "to", "now", true }, { "tz", "UTC", true },
		{ "window", "30m", true }, { "window", "soon", false }, { "window", "", false },
		{ "window", "11111111111111111111111111111111111111111", false },
		{ "by", "user_id", true }, { "by", "ip", false }, { "colour", "red", false } };
	struct funnel f;
	size_t i;

	funnel_init(&f);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct refusal r = { .text = "" };

		CHECK(
		    funnel_set(&f, span_of(row[i].name), span_of(row[i].value), &r) == row[i].good,
		    "%s %s: %s", row[i].name, row[i].value, r.text);
	}
	CHECK(f.window_ms == 1800000 && f.by == PEOPLE_BY_USER_ID, "what was refused is not set");
}

static void
test_cohort(void)
{
	struct cohort c = { .project = SPAN(PROJECT),
		.period = may,
		.start = SPAN("sign'up"),
		.later = 2,
		.interval = COHORT_WEEK };
	struct refusal r = { .text = "" };
	struct question q = { .table = "" };

	CHECK(cohort_question(&c, now, &q, &r), "%s", r.text);
	CHECK(columns_are(&q, "cohort visitors week_1 week_2"), "columns");
	/* 1 May is a Friday: of the week of 8 May there are two more to look at */
	CHECK(is_bound(&q, "today", "2026-05-11") &&
		is_bound(&q, "from", "2026-05-01 00:00:00.000") &&
		is_bound(&q, "end", "2026-05-25 00:00:00.000"),
	    "today %.*s, end %.*s", (int)bound(&q, "today").n, bound(&q, "today").p,
	    (int)bound(&q, "end").n, bound(&q, "end").p);
	CHECK(count_in_sql(&q, "sign") == 0, "a value is part of the SQL");
	question_release(&q);
	c.later = COHORT_LATER_MAX;
	CHECK(
	    cohort_question(&c, now, &q, &r) && q.column_count == COHORT_LATER_MAX + 2, "the most");
	question_release(&q);
	c.later = 0;
	CHECK(!cohort_question(&c, now, &q, &r) && strcmp(r.parameter, "later") == 0, "none later");
	question_release(&q);
	c.later = 1;
	c.back = SPAN("a,.=b");
	CHECK(!cohort_question(&c, now, &q, &r) && strcmp(r.parameter, "back") == 0, "no property");
	question_release(&q);
}

static void
test_credit(void)
{
	struct credit c = { .project = SPAN(PROJECT),
		.period = may,
		.conversion = SPAN("purch'ase,k=v{"),
		.breakdown = BREAKDOWN_SOURCE,
		.limit = 7 };
	struct refusal r = { .text = "" };
	struct question q = { .table = "" };

	for (c.touch = CREDIT_FIRST; c.touch <= CREDIT_SESSION; c.touch++) {
		CHECK(credit_question(&c, now, &q, &r), "%s", r.text);
		CHECK(columns_are(&q, "source conversions visitors share"), "columns");
		CHECK(is_bound(&q, "limit", "7"), "the limit");
		CHECK(count_in_sql(&q, "purch") == 0 && count_in_sql(&q, "v{") == 0,
		    "a value is part of the SQL");
		question_release(&q);
	}
	c.touch = CREDIT_LAST;
	c.value = SPAN("properties.cart.to'tal");
	c.breakdown = BREAKDOWN_SOURCE_MEDIUM;
	CHECK(credit_question(&c, now, &q, &r), "%s", r.text);
	CHECK(columns_are(&q, "source medium conversions visitors share value"), "columns");
	CHECK(count_in_sql(&q, "to'tal") == 0, "a value is part of the SQL");
	question_release(&q);
	c.value = SPAN("a..b");
	CHECK(
	    !credit_question(&c, now, &q, &r) && strcmp(r.parameter, "value") == 0, "no property");
	question_release(&q);
}

int
main(void)
{
	test_funnel();
	test_largest_funnel();
	test_refused_funnels();
	test_funnel_by_names();
	test_cohort();
	test_credit();
	return check_end("test_funnel");
}
