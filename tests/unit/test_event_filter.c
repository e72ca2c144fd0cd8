/* Which events are meant: the text, and the condition made of it. */
#include "ask/event_filter.h"

#include "check.h"

#include "base/banned.h"

static bool
is(struct span s, const char *text)
{
	return span_eq(s, span_of(text));
}

/* The pick as text: [event] key.key=[value] .. */
static void
show(const struct event_filter *p, struct buf *b)
{
	size_t i, k;

	buf_reset(b);
	buf_addf(b, "[%.*s]", (int)p->event.n, p->event.p);
	for (i = 0; i < p->filters; i++) {
		const struct condition *f = &p->filter[i];

		for (k = 0; k < f->property.depth; k++)
			buf_addf(b, "%c%.*s", k ? '>' : ' ', (int)f->property.key[k].n,
			    f->property.key[k].p);
		buf_addf(b, "=[%.*s]", (int)f->value.n, f->value.p);
	}
}

static void
test_parse(void)
{
	static const struct {
		const char *text, *shown; /* NULL: it is refused */
	} row[] = {
		{ "signup", "[signup]" },
		{ "$pageview", "[$pageview]" },
		{ "a=b", "[a=b]" },
		{ "a,b", "[a,b]" },
		{ "a,", "[a,]" },
		{ "a,b=c", "[a] b=[c]" },
		{ "a,b=", "[a] b=[]" },
		{ "a,b=c=d", "[a] b=[c=d]" },
		{ "a,b=c,d", "[a] b=[c,d]" },
		{ "a,b=c,d=e", "[a] b=[c] d=[e]" },
		{ "a,x,b=c", "[a,x] b=[c]" },
		{ "a,b=,c=", "[a] b=[] c=[]" },
		{ "a,b.c.d.e=1", "[a] b>c>d>e=[1]" },
		{ "a,properties.b=1", "[a] b=[1]" },
		{ "a,properties.properties.b=1", "[a] properties>b=[1]" },
		{ "a,properties=1", "[a] properties=[1]" },
		{ "a, b = c", "[a]  b =[ c]" },
		{ "a,b=1,c=2,d=3,e=4", "[a] b=[1] c=[2] d=[3] e=[4]" },
		{ "", NULL },
		{ ",a=b", NULL },
		{ "a,=b", NULL },
		{ "a,.=b", NULL },
		{ "a,b.=c", NULL },
		{ "a,b..c=d", NULL },
		{ "a,properties.=c", NULL },
		{ "a,b.c.d.e.f=1", NULL },
		{ "a,b=1,c=2,d=3,e=4,f=5", NULL },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct refusal r = { .text = "" };
		struct event_filter p;
		bool good = event_filter_parse(&p, span_of(row[i].text), "step", &r);

		CHECK(good == (row[i].shown != NULL), "%s: %s", row[i].text, r.text);
		if (!good) {
			CHECK(strcmp(r.parameter, "step") == 0 && r.text[0], "%s", row[i].text);
			continue;
		}
		show(&p, &b);
		CHECK(row[i].shown && is((struct span){ b.p, b.n }, row[i].shown), "%s: %.*s",
		    row[i].text, (int)b.n, b.p);
	}
	buf_release(&b);
}

static void
test_bytes_and_length(void)
{
	static const char odd[] = "a\0b\n\xff,k\0=\0v";
	static char text[EVENT_FILTER_LENGTH_MAX + 1];
	struct refusal r;
	struct event_filter p;

	CHECK(event_filter_parse(&p, (struct span){ odd, sizeof(odd) - 1 }, "step", &r) &&
		p.event.n == 5 && p.filters == 1 && p.filter[0].property.key[0].n == 2 &&
		p.filter[0].value.n == 2,
	    "NUL is a byte as others");
	memset(text, 'x', sizeof(text));
	CHECK(event_filter_parse(&p, (struct span){ text, sizeof(text) - 1 }, "step", &r),
	    "the longest");
	CHECK(!event_filter_parse(&p, (struct span){ text, sizeof(text) }, "step", &r), "one more");
	/* its length is all that is looked at */
	memcpy(text, ",a=1", 4);
	CHECK(!event_filter_parse(&p, (struct span){ text, sizeof(text) }, "step", &r) &&
		strstr(r.text, "at most 4096 bytes"),
	    "%s", r.text);
}

static bool
holds(const struct buf *b, const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i + n <= b->n; i++)
		if (memcmp(b->p + i, text, n) == 0)
			return true;
	return false;
}

/* All that a user gave is bound, in the order of the SQL; nothing of it is in the SQL. */
static void
test_condition(void)
{
	static const char *const bound[] = { "ev{x}'il", "k'1", "k{2}", "v') OR (1=1" };
	struct question q = { .table = "" };
	struct period period = { 0 };
	struct refusal r;
	struct event_filter p;
	size_t i;

	question_begin(&q, period);
	CHECK(event_filter_parse(&p, SPAN("ev{x}'il,k'1.k{2}=v') OR (1=1"), "step", &r), "%s",
	    r.text);
	event_filter_add_condition(&q, &p);
	CHECK(q.param_count == sizeof(bound) / sizeof(bound[0]), "%zu are bound", q.param_count);
	for (i = 0; i < q.param_count; i++) {
		CHECK(is(q.params[i].value, bound[i]), "%zu: %.*s", i, (int)q.params[i].value.n,
		    q.params[i].value.p);
		CHECK(!holds(&q.sql, bound[i]), "%s is in the SQL", bound[i]);
	}
	CHECK(!q.sql.failed && holds(&q.sql, "event_name = {p0:String} AND "), "%.*s", (int)q.sql.n,
	    q.sql.p);
	question_release(&q);
}

int
main(void)
{
	test_parse();
	test_bytes_and_length();
	test_condition();
	return check_end("test_event_filter");
}
