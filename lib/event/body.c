#include "event/body.h"

#include "base/banned.h"

/* ---- faults ---- */

void
body_faults_reset(struct body_faults *f)
{
	buf_reset(&f->words);
	f->complaints = f->events = 0;
	f->more = false;
}

void
body_faults_release(struct body_faults *f)
{
	buf_release(&f->words);
}

/*
 * Until body_faults_end a complaint has lengths only: its words follow one
 * another in `words`, which may move.
 */
static void
add_field(struct body_faults *f, struct complaint *c, size_t index, struct span name)
{
	size_t start = f->words.n;
	const char *dot = name.p ? "." : "";

	buf_addf(&f->words, "events[%zu]%s", index, dot);
	buf_add(&f->words, name.p, name.n);
	c->field.n = f->words.n - start;
	start = f->words.n;
	buf_addf(&f->words, "events[]%s", dot);
	buf_add(&f->words, name.p, name.n);
	c->counted_field.n = f->words.n - start;
}

void
body_faults_add(struct body_faults *f, size_t index, const struct complaint *c, size_t n)
{
	size_t i;

	f->events++;
	for (i = 0; i < n; i++) {
		struct complaint *mine = &f->complaint[f->complaints];

		if (f->complaints == BODY_FAULTS_MAX) {
			f->more = true;
			return;
		}
		*mine = (struct complaint){ .text.n = c[i].text.n, .kind.n = c[i].kind.n };
		add_field(f, mine, index, c[i].field);
		buf_add(&f->words, c[i].text.p, c[i].text.n);
		buf_add(&f->words, c[i].kind.p, c[i].kind.n);
		f->complaints++;
	}
}

static void
place(struct span *s, const char **p)
{
	if (s->n)
		s->p = *p;
	*p += s->n;
}

void
body_faults_end(struct body_faults *f)
{
	const char *p = f->words.p;
	size_t i;

	if (f->words.failed) {
		f->complaint[0] = (struct complaint){ .text = SPAN("Out of memory") };
		f->complaints = 1;
		return;
	}
	for (i = 0; i < f->complaints; i++) {
		struct complaint *c = &f->complaint[i];

		place(&c->field, &p);
		place(&c->counted_field, &p);
		place(&c->text, &p);
		place(&c->kind, &p);
	}
	if (f->more)
		f->complaint[f->complaints++] = (struct complaint){
			.text = SPAN("More is wrong: the first 100 errors are listed"),
		};
}

/* ---- bodies ---- */

void
body_release(struct body *b)
{
	body_faults_release(&b->faults);
	event_release(&b->checker);
	buf_release(&b->words);
}

/* A complaint about the body itself; these come alone, without events' ones. */
static void
complain(struct body *b, struct complaint c)
{
	b->faults.complaint[b->faults.complaints++] = c;
}

static bool
is_events(const struct json_value *key)
{
	/* the name, each of its characters as a \u escape */
	char text[6 * JSON_ESCAPE_MAX + 2];
	struct span k = { key->raw.p + 1, key->raw.n - 2 };

	if (key->escaped) {
		if (key->raw.n > sizeof(text))
			return false;
		k = (struct span){ text, json_unescape(key->raw, text) };
	}
	return span_eq(k, SPAN("events"));
}

static void
read_events(struct body *b, struct json_scan *s)
{
	struct json_value v;

	b->events = 0;
	for (; json_next_element(s, &v); b->events++)
		if (b->events < b->max_events)
			b->event[b->events] = v.raw;
}

/* What stands at `events`: its type, or nothing. */
struct found {
	bool any, unknown;
	enum json_type type;
};

static bool
read_members(struct body *b, const char *p, size_t n, struct found *found)
{
	struct json_value key, other = { .type = JSON_NULL };
	struct json_scan s;
	enum json_type type = json_open(&s, p, n);

	*found = (struct found){ .any = false };
	if (type != JSON_OBJECT)
		json_whole(&s, &other);
	while (type == JSON_OBJECT && json_next_key(&s, &key)) {
		bool events = is_events(&key), array = events && json_enter_array(&s);

		if (array) {
			read_events(b, &s);
			other.type = JSON_ARRAY;
		} else if (!json_key_value(&s, &other)) {
			break;
		}
		if (events)
			found->type = other.type;
		found->any |= events;
		found->unknown |= !events;
	}
	if (type == JSON_OBJECT && !s.reason)
		return true;
	complain(b, complaint_no_object(&s, type, &b->words));
	return false;
}

static void
check_frame(struct body *b, const struct found *found)
{
	struct complaint c = { .field = SPAN("events") };
	struct buf *w = &b->words;

	if (found->unknown && b->strict_keys)
		complain(b, (struct complaint){ .text = SPAN("Unknown key beside events") });
	if (!found->any)
		buf_adds(w, "Required");
	else if (found->type != JSON_ARRAY)
		buf_addf(w, "Expected array, received %s", json_type_name(found->type));
	else if (b->events == 0)
		buf_adds(w, "Too short: at least 1 event");
	else if (b->events > b->max_events)
		buf_addf(w, "Too long: at most %zu events", b->max_events);
	if (w->n == 0 && !w->failed)
		return;
	c.text = w->failed ? SPAN("Out of memory") : (struct span){ w->p, w->n };
	complain(b, c);
}

static void
check_events(struct body *b)
{
	struct event *e = &b->checker;
	size_t i;

	e->strict_keys = b->strict_keys;
	for (i = 0; i < b->events; i++)
		if (!event_parse(e, b->event[i].p, b->event[i].n))
			body_faults_add(&b->faults, i, e->complaint, e->complaints);
	body_faults_end(&b->faults);
}

bool
body_read(struct body *b, const char *p, size_t n)
{
	struct found found;

	b->events = 0;
	body_faults_reset(&b->faults);
	buf_reset(&b->words);
	if (read_members(b, p, n, &found))
		check_frame(b, &found);
	return b->faults.complaints == 0;
}

bool
body_parse(struct body *b, const char *p, size_t n)
{
	if (body_read(b, p, n))
		check_events(b);
	return b->faults.complaints == 0;
}
