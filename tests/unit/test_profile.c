/*
 * Profiles: what they count, that they are bounded, that a JSON report is read
 * back as the profile it was made of, and what drift is between two.
 */
#include "quality/profile.h"

#include "quality/baseline.h"
#include "check.h"
#include "quality/drift.h"
#include "event/event.h"
#include "quality/report.h"

#include "base/banned.h"

static struct event event;

static void
see(struct profile *p, const char *line)
{
	char *copy = exact_copy(line, strlen(line));
	struct profile_event *row;

	CHECK(event_parse(&event, copy, strlen(line)), "no event: %s", line);
	row = profile_name(p, event_text(&event, EVENT_EVENT));
	if (row) {
		row->lines++;
		profile_add(p, row, &event);
	}
	free(copy);
}

static void
see_times(struct profile *p, const char *line, int times)
{
	while (times-- > 0)
		see(p, line);
}

static const struct profile_field *
field(const struct profile *p, const char *name, bool property)
{
	return profile_find_field(p, profile_find(p, SPAN("e")), property, span_of(name));
}

static uint64_t
count_of(const struct profile *p, const char *name, enum profile_type type)
{
	const struct profile_field *f = field(p, name, true);

	return f ? f->of[type] : 99;
}

static void
test_counts(void)
{
	struct profile p;

	CHECK(profile_init(&p, false), "init");
	see(&p, "{\"event\":\"e\",\"properties\":{\"a\":1,\"b\":1.0,\"c\":\"x\",\"d\":null}}");
	see(&p,
	    "{\"event\":\"e\",\"properties\":{\"b\":7,\"a\":\"x\",\"\\u0063\":[],\"user_id\":{}}}");
	see(&p, "{\"event\":\"e\",\"user_id\":\"u\",\"ip\":\"192.0.2.1\",\"user_agent\":\"x\"}");
	see(&p, "{\"event\":\"e\",\"properties\":{\"t\":1,\"t\":null,\"t\":true}}");
	see(&p, "{\"event\":\"\\u0065\",\"user_id\":null,\"properties\":{\"b\":1e2}}");
	CHECK(p.names.n == 1 && profile_find(&p, SPAN("e"))->count == 5, "one event, five times");
	CHECK(
	    count_of(&p, "a", PROFILE_INTEGER) == 1 && count_of(&p, "a", PROFILE_STRING) == 1, "a");
	CHECK(
	    count_of(&p, "b", PROFILE_INTEGER) == 1 && count_of(&p, "b", PROFILE_NUMBER) == 2, "b");
	CHECK(count_of(&p, "c", PROFILE_STRING) == 1 && count_of(&p, "c", PROFILE_ARRAY) == 1, "c");
	CHECK(count_of(&p, "d", PROFILE_NULL) == 1, "d");
	CHECK(profile_present(field(&p, "d", true)) == 0, "null is not present");
	CHECK(count_of(&p, "t", PROFILE_BOOLEAN) == 1 && count_of(&p, "t", PROFILE_INTEGER) == 0 &&
		count_of(&p, "t", PROFILE_NULL) == 0,
	    "of a key that stands thrice the last counts");
	CHECK(count_of(&p, "user_id", PROFILE_OBJECT) == 1, "the property user_id");
	CHECK(profile_present(field(&p, "user_id", false)) == 1, "the field user_id");
	CHECK(!field(&p, "ip", false) && !field(&p, "user_agent", false), "no ip, no agent");
	CHECK(!field(&p, "ip", true), "nor as properties");
	profile_release(&p);
}

static void
test_bounded(void)
{
	struct buf b = BUF_INIT;
	struct profile p;
	uint64_t fields = 0, more = 0;
	uint32_t k;
	int i;

	CHECK(profile_init(&p, true), "init");
	for (i = 0; i < 3000; i++) {
		buf_reset(&b);
		buf_addf(&b, "{\"event\":\"e%d\",\"properties\":{\"p%d\":1,\"q%d\":\"v%d\"}}%c",
		    i % 1500, i, i, i, 0);
		see(&p, b.p);
	}
	CHECK(p.names.n == PROFILE_EVENTS_MAX, "%u events", p.names.n);
	CHECK(p.more == 1000, "%llu lines more", (unsigned long long)p.more);
	for (i = 0; i < 100; i++) {
		int j;

		buf_reset(&b);
		buf_adds(&b, "{\"event\":\"e0\",\"properties\":{\"x\":0");
		for (j = 0; j < 300; j++)
			buf_addf(&b, ",\"%d_%d\":1", i, j);
		buf_addf(&b, "}}%c", 0);
		see(&p, b.p);
	}
	for (k = 0; k < p.names.n; k++) {
		fields += p.event[k].fields;
		more += p.event[k].more;
	}
	CHECK(p.event[0].fields == PROFILE_EVENT_FIELDS_MAX, "%u fields", p.event[0].fields);
	CHECK(fields <= PROFILE_FIELDS_MAX, "%llu fields", (unsigned long long)fields);
	CHECK(fields + more == 2 * 2000 + 1 + 100 * 300, "all are counted: %llu and %llu",
	    (unsigned long long)fields, (unsigned long long)more);
	buf_release(&b);
	profile_release(&p);
}

/* ---- JSON and back ---- */

static void
same_field(const struct profile_field *a, const struct profile_field *b)
{
	int t;

	if (!CHECK(b != NULL, "a field is missing"))
		return;
	for (t = 0; t < PROFILE_TYPES; t++)
		CHECK(a->of[t] == b->of[t], "%s: %llu and %llu",
		    profile_type_name((enum profile_type)t), (unsigned long long)a->of[t],
		    (unsigned long long)b->of[t]);
}

static void
same_profile(const struct profile *a, const struct profile *b)
{
	uint32_t i;

	CHECK(a->names.n == b->names.n, "%u and %u events", a->names.n, b->names.n);
	CHECK(a->more == b->more, "more events");
	for (i = 0; i < a->names.n; i++) {
		const struct profile_event *x = &a->event[i],
					   *y = profile_find(b, dict_text(&a->names, i));
		const struct profile_field *f;

		if (!CHECK(y != NULL, "an event is missing"))
			continue;
		CHECK(x->count == y->count && x->more == y->more && x->fields == y->fields,
		    "counts of event %u", i);
		for (f = profile_at(a, x->first); f; f = profile_at(a, f->next))
			same_field(f,
			    profile_find_field(
				b, y, f->property, dict_text(&a->field_names, f->name)));
	}
}

static void
write_json(const struct profile *p, struct buf *b)
{
	struct findings none;
	struct quality_report r = { .findings = &none, .profile = p, .plan_version = SPAN("v\"1") };

	CHECK(findings_init(&none), "init");
	quality_report_json(&r, b);
	findings_release(&none);
}

static void
test_round_trip(void)
{
	struct profile p, q;
	struct buf b = BUF_INIT, line = BUF_INIT;
	const char *wrong;
	int i;

	CHECK(profile_init(&p, false) && profile_init(&q, false), "init");
	see(&p,
	    "{\"event\":\"e\",\"properties\":{\"a\":1,\"\\u0000\\n\\\"\":null,\"properties.a\":[]}}");
	see(&p,
	    "{\"event\":\"e\\u0000\\ud83d\\ude00\",\"user_id\":\"u\",\"properties\":{\"\":{}}}");
	for (i = 0; i < 2000; i++) {
		buf_reset(&line);
		buf_addf(&line, "{\"event\":\"e%d\",\"properties\":{\"p%d\":%s}}%c", i % 1100,
		    i % 7, i % 3 ? "1.5" : "true", 0);
		see(&p, line.p);
	}
	write_json(&p, &b);
	wrong = baseline_read(&q, b.p, b.n);
	CHECK(!wrong, "%s", wrong);
	same_profile(&p, &q);
	buf_release(&b);
	buf_release(&line);
	profile_release(&p);
	profile_release(&q);
}

static void
test_no_baseline(void)
{
	static const char *const texts[] = {
		"",
		"7",
		"{}",
		"[]",
		"{\"report\":1}",
		"{\"report\":2,\"events\":[]}",
		"{\"report\":1,\"events\":{}}",
		"{\"report\":1,\"events\":[7]}",
		"{\"report\":1,\"events\":[{}]}",
		"{\"report\":1,\"events\":[{\"event\":7,\"fields\":[]}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\"}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\",\"counted\":-1,\"fields\":[]}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\",\"counted\":1e3,\"fields\":[]}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\",\"counted\":99999999999999999,\"fields\":[]}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\",\"counted\":1,\"fields\":[{}]}]}",
		"{\"report\":1,\"events\":[{\"event\":\"e\",\"counted\":1,\"fields\":[{\"field\":\"a\",\"types\":7}]}]}",
		"{\"report\":1,\"events\":[]",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *copy = exact_copy(texts[i], strlen(texts[i]));
		struct profile p;

		CHECK(profile_init(&p, false), "init");
		CHECK(baseline_read(&p, copy, strlen(texts[i])), "is taken: %s", texts[i]);
		profile_release(&p);
		free(copy);
	}
}

/* ---- drift ---- */

/* Adds "SEVERITY EVENT FIELD TEXT" of each finding. */
static void
list_findings(const struct findings *f, struct buf *b)
{
	uint32_t i;

	for (i = 0; i < f->n; i++) {
		struct finding_kind k = finding_kind(f, &f->finding[i]);

		buf_addf(b, "%c %.*s %.*s %.*s\n", k.severity == SEVERITY_ERROR ? 'E' : 'W',
		    (int)k.event.n, k.event.p, (int)k.field.n, k.field.p, (int)k.text.n, k.text.p);
	}
}

struct seen_lines {
	const char *line;
	int before, now;
};

static void
check_drift(const struct seen_lines *lines, size_t n, double max, const char *want)
{
	struct profile before, now;
	struct findings f;
	struct buf b = BUF_INIT;
	size_t i;

	CHECK(
	    profile_init(&before, false) && profile_init(&now, false) && findings_init(&f), "init");
	for (i = 0; i < n; i++) {
		see_times(&before, lines[i].line, lines[i].before);
		see_times(&now, lines[i].line, lines[i].now);
	}
	drift_find(&f, &before, &now, max);
	findings_sort(&f);
	list_findings(&f, &b);
	CHECK(is_text(b.n ? b.p : "", b.n, want), "got\n%.*swant\n%s", (int)b.n, b.n ? b.p : "",
	    want);
	buf_release(&b);
	findings_release(&f);
	profile_release(&before);
	profile_release(&now);
}

#define DRIFT(max, want, ...)                                                        \
	do {                                                                         \
		const struct seen_lines lines[] = { __VA_ARGS__ };                   \
		check_drift(lines, sizeof(lines) / sizeof(lines[0]), (max), (want)); \
	} while (0)

#define E "{\"event\":\"e\"}"
#define A_INTEGER "{\"event\":\"e\",\"properties\":{\"a\":1}}"
#define A_NUMBER "{\"event\":\"e\",\"properties\":{\"a\":1.5}}"
#define A_STRING "{\"event\":\"e\",\"properties\":{\"a\":\"x\"}}"
#define A_NULL "{\"event\":\"e\",\"properties\":{\"a\":null}}"
#define OTHER "{\"event\":\"other\"}"

static void
test_drift(void)
{
	DRIFT(10, "", { A_INTEGER, 100, 50 }, { E, 100, 50 });
	DRIFT(10, "E e properties.a Vanished: was there in 100 % of the events\n",
	    { A_INTEGER, 100, 0 }, { E, 0, 100 });
	DRIFT(10, "W e properties.a Vanished: was there in 5.0 % of the events\n",
	    { A_INTEGER, 5, 0 }, { E, 95, 100 });
	DRIFT(10, "W e properties.a New: there in 50.0 % of the events\n", { A_INTEGER, 0, 50 },
	    { E, 100, 50 });
	DRIFT(10, "E e properties.a Absent or null in 30.0 % of the events, before in 10.0 %\n",
	    { A_INTEGER, 900, 700 }, { E, 100, 100 }, { A_NULL, 0, 200 });
	DRIFT(20, "", { A_INTEGER, 900, 700 }, { E, 100, 300 });
	/* within what chance does to ten events */
	DRIFT(10, "W e properties.a Absent or null in 30.0 % of the events, before in 10.0 %\n",
	    { A_INTEGER, 9, 7 }, { A_NULL, 1, 3 });
	/* better is no drift */
	DRIFT(0, "", { A_INTEGER, 10, 900 }, { E, 90, 100 });
	DRIFT(10, "E e properties.a Type string in 100 % of the values, before integer\n",
	    { A_INTEGER, 100, 0 }, { A_STRING, 0, 100 });
	DRIFT(10, "W e properties.a Type string in 1.0 % of the values, before integer\n",
	    { A_INTEGER, 100, 99 }, { A_STRING, 0, 1 });
	DRIFT(10, "", { A_NUMBER, 100, 0 }, { A_INTEGER, 0, 100 });
	DRIFT(10, "E e properties.a Type number in 100 % of the values, before integer or string\n",
	    { A_INTEGER, 90, 0 }, { A_STRING, 10, 0 }, { A_NUMBER, 0, 100 });
	DRIFT(10, "E other  Vanished: was 50.0 % of all events\n", { E, 100, 100 },
	    { OTHER, 100, 0 });
	DRIFT(10, "W other  Vanished: was under 0.1 % of all events\n", { E, 10000, 1000 },
	    { OTHER, 1, 0 });
	/* a feed that has dried up is worse than any rate, and told once */
	DRIFT(100, "E   No valid event at all: before 20\n", { E, 10, 0 }, { OTHER, 10, 0 });
	DRIFT(10, "W   No valid event at all: before 9\n", { E, 9, 0 });
	DRIFT(10, "", { E, 0, 0 });
	DRIFT(10, "W other  New: 1.0 % of all events\n", { E, 100, 99 }, { OTHER, 0, 1 });
}

int
main(void)
{
	event_init(&event);
	test_counts();
	test_bounded();
	test_round_trip();
	test_no_baseline();
	test_drift();
	event_release(&event);
	return check_end("test_profile");
}
