#include "event/forget.h"

#include "base/banned.h"

enum { USER, ANONYMOUS };

static const enum event_field fields[] = { EVENT_USER_ID, EVENT_ANONYMOUS_ID };

void
forget_release(struct forget *f)
{
	buf_release(&f->event);
	buf_release(&f->words);
	event_release(&f->checker);
}

static void
complain(struct forget *f, struct span text)
{
	f->complaint[f->complaints++] = (struct complaint){ .text = text };
}

/* USER, ANONYMOUS, or -1 for any other key. */
static int
which(const struct json_value *key)
{
	/* the longest name, each of its characters as a \u escape */
	char room[12 * JSON_ESCAPE_MAX + 2];
	struct span k = json_short_text(key, room, sizeof(room));
	int i;

	for (i = USER; k.p && i <= ANONYMOUS; i++)
		if (span_eq(k, event_field_name(fields[i])))
			return i;
	return -1;
}

/* Reads the members; false with a complaint when they are not as they should be. */
static bool
read_members(struct forget *f, const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	enum json_type type = json_open(&s, p, n);
	bool unknown = false;

	if (type != JSON_OBJECT)
		json_whole(&s, &m.value);
	while (type == JSON_OBJECT && json_next(&s, &m)) {
		int i = which(&m.key);

		unknown |= i < 0;
		if (i >= 0) {
			f->value[i] = m.value;
			f->present[i] = m.value.type != JSON_NULL;
		}
	}
	if (type != JSON_OBJECT || s.reason)
		f->complaint[f->complaints++] = complaint_no_object(&s, type, &f->words);
	else if (unknown)
		complain(f, SPAN("Unknown key: only user_id and anonymous_id may stand here"));
	else if (!f->present[USER] && !f->present[ANONYMOUS])
		complain(f, SPAN("Required: user_id or anonymous_id"));
	return f->complaints == 0;
}

static void
add_member(struct forget *f, int i)
{
	struct span name = event_field_name(fields[i]);

	if (!f->present[i])
		return;
	buf_adds(&f->event, ",\"");
	buf_add(&f->event, name.p, name.n);
	buf_adds(&f->event, "\":");
	buf_add(&f->event, f->value[i].raw.p, f->value[i].raw.n);
}

/* Types and bounds are those of an event with these ids. */
static bool
check(struct forget *f)
{
	struct event *e = &f->checker;

	buf_adds(&f->event, "{\"event\":\"$forget\"");
	add_member(f, USER);
	add_member(f, ANONYMOUS);
	buf_addc(&f->event, '}');
	if (f->event.failed) {
		complain(f, SPAN("Out of memory"));
		return false;
	}
	if (event_parse(e, f->event.p, f->event.n))
		return true;
	memcpy(f->complaint, e->complaint, e->complaints * sizeof(e->complaint[0]));
	f->complaints = e->complaints;
	return false;
}

bool
forget_parse(struct forget *f, const char *p, size_t n)
{
	const struct span none = { NULL, 0 };

	f->complaints = 0;
	f->present[USER] = f->present[ANONYMOUS] = false;
	buf_reset(&f->event);
	buf_reset(&f->words);
	if (!read_members(f, p, n) || !check(f))
		return false;
	f->user_id = f->present[USER] ? f->value[USER].raw : none;
	f->anonymous_id = f->present[ANONYMOUS] ? f->value[ANONYMOUS].raw : none;
	f->user_text = event_text(&f->checker, EVENT_USER_ID);
	f->anonymous_text = event_text(&f->checker, EVENT_ANONYMOUS_ID);
	return true;
}
