#include "quality/plan_reader.h"

#include <stdlib.h>

#include "base/banned.h"

/* ---- for the parts ----------------------------------------------------- */

struct span
plan_text(struct plan_reader *r, const struct json_value *v)
{
	char *w = arena_get(r->arena, v->raw.n);
	size_t n;

	if (!w)
		return (struct span){ NULL, 0 };
	n = json_unescape(v->raw, w);
	w[n] = '\0'; /* where a quote was */
	return (struct span){ w, n };
}

void
plan_description(struct plan_reader *r, const struct json_field *f)
{
	if (f->present)
		jsonfile_expect(&r->file, &f->value, &f->path, JSON_STRING);
}

enum plan_severity
plan_severity_of(struct plan_reader *r, const struct json_field *f, enum plan_severity otherwise)
{
	static const char *const words[] = { "warn", "error" };
	static const struct json_keys known = JSON_KEYS(words);

	return (enum plan_severity)(
	    jsonfile_word(&r->file, f, &known, otherwise - PLAN_WARN) + PLAN_WARN);
}

enum plan_severity
plan_unknown_of(struct plan_reader *r, const struct json_field *f, enum plan_severity otherwise)
{
	static const char *const words[] = { "allow", "warn", "error" };
	static const struct json_keys known = JSON_KEYS(words);

	return (enum plan_severity)jsonfile_word(&r->file, f, &known, otherwise);
}

uint32_t
plan_add_name(
    struct plan_reader *r, struct dict *names, const struct json_path *path, struct span name)
{
	uint32_t before = names->n, i;

	if (!name.p)
		return DICT_NONE;
	i = dict_put(names, 0, name);
	if (i == before)
		return i;
	jsonfile_complain(&r->file, path->key.p, path, "this key stands twice");
	return DICT_NONE;
}

/* ---- events ------------------------------------------------------------ */

enum event_key {
	EVENT_KEY_DESCRIPTION,
	EVENT_KEY_SEVERITY,
	EVENT_KEY_UNKNOWN,
	EVENT_KEY_PROPERTIES,
	EVENT_KEY_ASSERT,
	EVENT_KEYS,
};

static void
read_event(struct plan_reader *r, const struct json_path *path, const struct json_value *v,
    struct plan_event *event)
{
	static const char *const keys[EVENT_KEYS] = { "description", "severity",
		"unknownProperties", "properties", "assert" };
	static const struct json_keys known = JSON_KEYS(keys);
	struct json_field field[EVENT_KEYS];
	struct plan_inside inside = { .prefix = SPAN("properties") };

	if (!jsonfile_fields(&r->file, path, v, &known, field))
		return;
	plan_description(r, &field[EVENT_KEY_DESCRIPTION]);
	event->severity = plan_severity_of(r, &field[EVENT_KEY_SEVERITY], r->severity);
	inside.severity = event->severity;
	inside.unknown = event->object.unknown =
	    plan_unknown_of(r, &field[EVENT_KEY_UNKNOWN], r->unknown_properties);
	plan_read_properties(r, &field[EVENT_KEY_PROPERTIES], &inside, &event->object);
	plan_read_asserts(r, &field[EVENT_KEY_ASSERT], event);
}

static size_t
literals(struct span glob)
{
	size_t i, n = 0;

	for (i = 0; i < glob.n; i++)
		n += glob.p[i] != '*' && ((unsigned char)glob.p[i] & 0xc0) != 0x80;
	return n;
}

/* The closest glob first. */
static int
by_closeness(const void *a, const void *b)
{
	struct span x = (*(struct plan_event *const *)a)->name;
	struct span y = (*(struct plan_event *const *)b)->name;
	size_t m = literals(x), n = literals(y), shorter = x.n < y.n ? x.n : y.n;
	int order;

	if (m != n)
		return m > n ? -1 : 1;
	order = memcmp(x.p, y.p, shorter);
	return order ? order : (x.n > y.n) - (x.n < y.n);
}

static void
sort_globs(struct plan_reader *r)
{
	struct plan *plan = r->plan;
	size_t i, n = plan->names.n;

	plan->glob = arena_array(r->arena, n, sizeof(struct plan_event *));
	for (i = 0; plan->glob && i < n; i++)
		if (memchr(plan->event[i].name.p, '*', plan->event[i].name.n))
			plan->glob[plan->globs++] = &plan->event[i];
	if (plan->globs)
		qsort(plan->glob, plan->globs, sizeof(struct plan_event *), by_closeness);
}

static void
read_events(struct plan_reader *r, const struct json_field *f)
{
	struct plan *plan = r->plan;
	struct json_scan s;
	struct json_member m;
	size_t count;

	if (!f->present) {
		jsonfile_complain(&r->file, r->file.start, NULL, "the key events is missing");
		return;
	}
	if (!jsonfile_expect(&r->file, &f->value, &f->path, JSON_OBJECT))
		return;
	count = jsonfile_members(&f->value);
	plan->event = arena_array(r->arena, count, sizeof(*plan->event));
	if (!dict_init_trusted(&plan->names, r->arena, count) || !plan->event)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .up = &f->path, .key = m.key.raw };
		struct span name = plan_text(r, &m.key);
		uint32_t i;

		if (m.key.utf16 < 1 || m.key.utf16 > PLAN_NAME_UNITS)
			jsonfile_complain(&r->file, m.key.raw.p, &here,
			    "an event's name has 1 to %d characters", PLAN_NAME_UNITS);
		i = plan_add_name(r, &plan->names, &here, name);
		if (i == DICT_NONE)
			continue;
		plan->event[i].name = name;
		read_event(r, &here, &m.value, &plan->event[i]);
	}
	sort_globs(r);
}

/* ---- the plan ---------------------------------------------------------- */

enum plan_key {
	PLAN_KEY_VERSION,
	PLAN_KEY_DESCRIPTION,
	PLAN_KEY_SEVERITY,
	PLAN_KEY_UNKNOWN_EVENTS,
	PLAN_KEY_UNKNOWN_PROPERTIES,
	PLAN_KEY_EVENTS,
	PLAN_KEYS,
};

static void
read_version(struct plan_reader *r, const struct json_field *f)
{
	if (!f->present || !jsonfile_expect(&r->file, &f->value, &f->path, JSON_STRING))
		return;
	if (f->value.utf16 < 1 || f->value.utf16 > PLAN_NAME_UNITS)
		jsonfile_complain(&r->file, f->value.raw.p, &f->path, "expected 1 to %d characters",
		    PLAN_NAME_UNITS);
	r->plan->version = plan_text(r, &f->value);
}

static void
read_plan(struct plan_reader *r, const struct json_value *v)
{
	static const char *const keys[PLAN_KEYS] = { "version", "description", "severity",
		"unknownEvents", "unknownProperties", "events" };
	static const struct json_keys known = JSON_KEYS(keys);
	struct json_field field[PLAN_KEYS];

	if (!jsonfile_fields(&r->file, NULL, v, &known, field))
		return;
	read_version(r, &field[PLAN_KEY_VERSION]);
	plan_description(r, &field[PLAN_KEY_DESCRIPTION]);
	r->severity = plan_severity_of(r, &field[PLAN_KEY_SEVERITY], PLAN_ERROR);
	r->plan->unknown_events = plan_unknown_of(r, &field[PLAN_KEY_UNKNOWN_EVENTS], PLAN_ALLOW);
	r->unknown_properties = plan_unknown_of(r, &field[PLAN_KEY_UNKNOWN_PROPERTIES], PLAN_ALLOW);
	read_events(r, &field[PLAN_KEY_EVENTS]);
	plan_compile_asserts(r);
}

bool
plan_read(struct plan *plan, const char *p, size_t n, struct exprs **exprs,
    struct jsonfile_errors *errors)
{
	struct plan_reader r = { .plan = plan, .arena = &plan->arena, .exprs = exprs };
	struct json_value v;

	*plan = (struct plan){ .event = NULL };
	r.last = &r.pending;
	jsonfile_open(&r.file, p, n, errors);
	if (n > PLAN_BYTES)
		jsonfile_complain(&r.file, r.file.start, NULL, "a plan has at most 4 MiB");
	else if (jsonfile_scan(&r.file, &v))
		read_plan(&r, &v);
	if (plan->arena.failed)
		jsonfile_complain(&r.file, r.file.start, NULL, "out of memory");
	jsonfile_close(&r.file);
	if (!jsonfile_failed(&r.file))
		return true;
	plan_release(plan);
	return false;
}
