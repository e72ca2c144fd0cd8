#include "planfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "banned.h"

enum {
	NAME_UNITS = 128,     /* of an event's name, as an event may have it */
	PROPERTY_BYTES = 256, /* of a property's name */
	LENGTH_MAX = 8192,    /* all properties of an event together */
	ENUM_MAX = 10000,
	SHOWN_MAX = 200,     /* bytes of a complaint that come from the plan */
	KEY_SHOWN_MAX = 100, /* bytes of a key in a path */
	FIELDS_MAX = 16,
};

/* Where in the plan a value is. */
struct path {
	const struct path *up;
	struct span key; /* with its quotes; p is NULL for an element */
	size_t index;
};

struct reader {
	struct plan *plan;
	struct arena *arena; /* the plan's */
	const char *start, *end;
	struct exprs **exprs;
	struct plan_errors *errors;
	enum plan_severity severity, unknown_properties; /* of the plan */
	const struct span *unexpected[PLAN_TYPES];
	struct buf work;
	/* the last place whose line was asked for */
	const char *counted;
	size_t line;
};

/* ---- errors ------------------------------------------------------------ */

static size_t
line_of(struct reader *r, const char *at)
{
	if (!r->counted || at < r->counted) {
		r->counted = r->start;
		r->line = 1;
	}
	for (; r->counted < at; r->counted++)
		r->line += *r->counted == '\n';
	return r->line;
}

static bool
is_word(struct span key)
{
	size_t i;

	for (i = 1; i + 1 < key.n; i++) {
		char c = key.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && c != '$')
			return false;
	}
	return key.n > 2;
}

static void
add_key(struct buf *b, const char *p, size_t n)
{
	size_t k = n;

	if (k > KEY_SHOWN_MAX)
		for (k = KEY_SHOWN_MAX; k > 0 && ((unsigned char)p[k] & 0xc0) == 0x80; k--)
			;
	buf_add(b, p, k);
	buf_adds(b, k < n ? "..." : "");
}

static void
add_path(struct buf *b, const struct path *at)
{
	if (!at)
		return;
	add_path(b, at->up);
	if (!at->key.p) {
		buf_addf(b, "[%zu]", at->index);
	} else if (is_word(at->key)) {
		buf_adds(b, at->up ? "." : "");
		add_key(b, at->key.p + 1, at->key.n - 2);
	} else {
		buf_addc(b, '[');
		add_key(b, at->key.p, at->key.n);
		buf_addc(b, ']');
	}
}

/* The text that was written to r->work, kept. */
static struct span
keep_work(struct reader *r, struct arena *arena)
{
	if (r->work.failed)
		arena->failed = true;
	return arena_copy(arena, r->work.p, r->work.n);
}

/* The error at that byte of the text, to be filled; NULL when it only counts. */
static struct plan_error *
add_error(struct reader *r, const char *at, const struct path *path)
{
	struct plan_errors *errors = r->errors;
	struct plan_error *e;

	if (errors->n == PLANFILE_ERRORS_MAX) {
		errors->more++;
		return NULL;
	}
	if (!errors->error)
		errors->error =
		    arena_array(&errors->arena, PLANFILE_ERRORS_MAX, sizeof(*errors->error));
	if (!errors->error) {
		errors->more++;
		return NULL;
	}
	e = &errors->error[errors->n++];
	e->line = line_of(r, at);
	buf_reset(&r->work);
	add_path(&r->work, path);
	e->where = keep_work(r, &errors->arena);
	return e;
}

__attribute__((format(printf, 4, 5))) static void
complain(struct reader *r, const char *at, const struct path *path, const char *fmt, ...)
{
	struct plan_error *e = add_error(r, at, path);
	char text[512];
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e->what = arena_copy(&r->errors->arena, text, strlen(text));
}

static bool
has_errors(const struct reader *r)
{
	return r->errors->n + r->errors->more > 0;
}

void
plan_errors_release(struct plan_errors *e)
{
	arena_release(&e->arena);
	*e = (struct plan_errors){ .n = 0 };
}

/* Few, and nearly in order; those of one line stay as they were found. */
static void
sort_errors(struct plan_errors *errors)
{
	struct plan_error *e = errors->error, x;
	size_t i, k;

	for (i = 1; i < errors->n; i++) {
		x = e[i];
		for (k = i; k > 0 && e[k - 1].line > x.line; k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

/* ---- values ------------------------------------------------------------ */

static const char *
with_article(enum json_type type)
{
	static const char *const text[] = {
		[JSON_NULL] = "null",
		[JSON_BOOLEAN] = "a boolean",
		[JSON_NUMBER] = "a number",
		[JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return text[type];
}

static bool
expect(struct reader *r, const struct json_value *v, const struct path *path, enum json_type wanted)
{
	if (v->type == wanted)
		return true;
	complain(
	    r, v->raw.p, path, "expected %s, not %s", with_article(wanted), with_article(v->type));
	return false;
}

/* The text of a string, kept with a NUL behind it; p is NULL when memory is out. */
static struct span
text_of(struct reader *r, const struct json_value *v)
{
	char *w = arena_get(r->arena, v->raw.n);
	size_t n;

	if (!w)
		return (struct span){ NULL, 0 };
	n = json_unescape(v->raw, w);
	w[n] = '\0'; /* where a quote was */
	return (struct span){ w, n };
}

/* Keys that an object may have. */
struct known {
	const char *const *name;
	size_t n;
};
#define KNOWN(names)                                        \
	{                                                   \
		(names), sizeof(names) / sizeof((names)[0]) \
	}

/* A member that was found. */
struct field {
	bool present;
	struct path path;
	struct json_value value;
};

static size_t
index_of(const struct known *known, struct span key)
{
	size_t i;

	for (i = 0; i < known->n; i++)
		if (span_eq(key, span_of(known->name[i])))
			return i;
	return SIZE_MAX;
}

static void
complain_key(struct reader *r, const char *at, const struct path *path, const struct known *known)
{
	char list[256];
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < known->n; i++) {
		buf_adds(&b, i ? ", " : "");
		buf_adds(&b, known->name[i]);
	}
	if (b.n >= sizeof(list) || b.failed)
		b.n = 0;
	if (b.n)
		memcpy(list, b.p, b.n);
	list[b.n] = '\0';
	buf_release(&b);
	complain(r, at, path, "unknown key; known are %s", list);
}

/*
 * Reads the object's members into field[known->n].  Keys that are not known or
 * stand twice are errors.  False when it is no object.
 */
static bool
read_fields(struct reader *r, const struct path *path, const struct json_value *v,
    const struct known *known, struct field *field)
{
	char room[64];
	struct json_scan s;
	struct json_member m;

	memset(field, 0, known->n * sizeof(*field));
	if (!expect(r, v, path, JSON_OBJECT))
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct path here = { .up = path, .key = m.key.raw };
		struct span key = json_short_text(&m.key, room, sizeof(room));
		size_t i = key.p ? index_of(known, key) : SIZE_MAX;

		if (i == SIZE_MAX) {
			complain_key(r, m.key.raw.p, &here, known);
		} else if (field[i].present) {
			complain(r, m.key.raw.p, &here, "this key stands twice");
		} else {
			field[i].present = true;
			field[i].path = here;
			field[i].value = m.value;
		}
	}
	return true;
}

static size_t
count_members(const struct json_value *object)
{
	struct json_scan s;
	struct json_member m;
	size_t n = 0;

	json_open(&s, object->raw.p, object->raw.n);
	while (json_next(&s, &m))
		n++;
	return n;
}

static size_t
count_elements(const struct json_value *array)
{
	struct json_scan s;
	struct json_value v;
	size_t n = 0;

	json_open(&s, array->raw.p, array->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &v))
		n++;
	return n;
}

static void
read_description(struct reader *r, const struct field *f)
{
	if (f->present)
		expect(r, &f->value, &f->path, JSON_STRING);
}

/* One of the words, whose index it returns; `otherwise` when it is absent or wrong. */
static size_t
read_word(struct reader *r, const struct field *f, const struct known *words, size_t otherwise)
{
	char room[64];
	struct span text;
	size_t i;
	const char *const *w = words->name;

	if (!f->present || !expect(r, &f->value, &f->path, JSON_STRING))
		return otherwise;
	text = json_short_text(&f->value, room, sizeof(room));
	i = text.p ? index_of(words, text) : SIZE_MAX;
	if (i != SIZE_MAX)
		return i;
	if (words->n == 2)
		complain(r, f->value.raw.p, &f->path, "expected \"%s\" or \"%s\"", w[0], w[1]);
	else
		complain(r, f->value.raw.p, &f->path, "expected \"%s\", \"%s\" or \"%s\"", w[0],
		    w[1], w[2]);
	return otherwise;
}

static enum plan_severity
read_severity(struct reader *r, const struct field *f, enum plan_severity otherwise)
{
	static const char *const words[] = { "warn", "error" };
	static const struct known known = KNOWN(words);

	return (enum plan_severity)(read_word(r, f, &known, otherwise - PLAN_WARN) + PLAN_WARN);
}

static enum plan_severity
read_unknown(struct reader *r, const struct field *f, enum plan_severity otherwise)
{
	static const char *const words[] = { "allow", "warn", "error" };
	static const struct known known = KNOWN(words);

	return (enum plan_severity)read_word(r, f, &known, otherwise);
}

static bool
read_boolean(struct reader *r, const struct field *f)
{
	return f->present && expect(r, &f->value, &f->path, JSON_BOOLEAN) &&
	    f->value.raw.p[0] == 't';
}

/* ---- types ------------------------------------------------------------- */

static const struct {
	const char *name;
	enum plan_type type;
} types[] = {
	{ "string", PLAN_STRING },
	{ "number", PLAN_NUMBER },
	{ "integer", PLAN_INTEGER },
	{ "boolean", PLAN_BOOLEAN },
	{ "object", PLAN_OBJECT },
	{ "array", PLAN_ARRAY },
	{ "null", PLAN_NULL },
};
enum { TYPE_NAMES = sizeof(types) / sizeof(types[0]) };

/* The bit of the type that a value names, 0 with an error. */
static unsigned
read_type(struct reader *r, const struct json_value *v, const struct path *path)
{
	char room[64];
	struct span name;
	size_t i;

	if (v->type == JSON_STRING) {
		name = json_short_text(v, room, sizeof(room));
		for (i = 0; i < TYPE_NAMES; i++)
			if (name.p && span_eq(name, span_of(types[i].name)))
				return types[i].type;
	}
	complain(r, v->raw.p, path,
	    "expected \"string\", \"number\", \"integer\", \"boolean\", \"object\", \"array\" or "
	    "\"null\"");
	return 0;
}

/* The bits of a type or of a list of types; 0 when it is absent or wrong. */
static unsigned
read_types(struct reader *r, const struct field *f)
{
	struct json_scan s;
	struct json_value v;
	struct path here = { .up = &f->path };
	unsigned all = 0;

	if (!f->present)
		return 0;
	if (f->value.type != JSON_ARRAY)
		return read_type(r, &f->value, &f->path);
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++) {
		unsigned type = read_type(r, &v, &here);

		if (type & all)
			complain(r, v.raw.p, &here, "this type stands twice");
		all |= type;
	}
	if (here.index == 0)
		complain(r, f->value.raw.p, &f->path, "an empty list: nothing could be valid");
	if ((all & PLAN_NUMBER) && (all & PLAN_INTEGER))
		complain(r, f->value.raw.p, &f->path, "\"number\" includes \"integer\"");
	return all;
}

/* "string or null", "string, number or null" */
static void
add_types(struct buf *b, unsigned all)
{
	unsigned rest = all;
	size_t i;

	for (i = 0; i < TYPE_NAMES; i++) {
		if (!(rest & types[i].type))
			continue;
		rest &= ~(unsigned)types[i].type;
		if ((rest | types[i].type) != all)
			buf_adds(b, rest ? ", " : " or ");
		buf_adds(b, types[i].name);
	}
}

/* The complaints about values of other types, by json_type; made once for each set. */
static const struct span *
unexpected(struct reader *r, unsigned all)
{
	struct span *text;
	int type;

	if (all == 0 || r->unexpected[all])
		return r->unexpected[all];
	text = arena_array(r->arena, JSON_OBJECT + 1, sizeof(*text));
	for (type = JSON_NULL; text && type <= JSON_OBJECT; type++) {
		buf_reset(&r->work);
		buf_adds(&r->work, "Expected ");
		add_types(&r->work, all);
		buf_addf(&r->work, ", received %s", json_type_name((enum json_type)type));
		text[type] = keep_work(r, r->arena);
	}
	return r->unexpected[all] = text;
}

/* ---- checks of values -------------------------------------------------- */

static unsigned
type_of(const struct json_value *v)
{
	struct decimal number;

	if (v->type != JSON_NUMBER)
		return 1U << v->type;
	number = decimal_read(v->raw);
	return decimal_is_whole(&number) ? PLAN_NUMBER | PLAN_INTEGER : PLAN_NUMBER;
}

/* Puts the number where it belongs; false when it is there already. */
static bool
add_number(struct plan_list *list, const struct decimal *number)
{
	size_t at;

	if (plan_list_find(list, number, &at))
		return false;
	memmove(
	    &list->number[at + 1], &list->number[at], (list->numbers - at) * sizeof(*list->number));
	list->number[at] = *number;
	list->numbers++;
	return true;
}

static bool
first_time(bool *flag)
{
	bool before = *flag;

	*flag = true;
	return !before;
}

/* Adds a value to the list; false when it is there already. */
static bool
add_value(struct reader *r, struct plan_list *list, const struct json_value *v)
{
	struct span text;
	struct decimal number;
	size_t before = list->strings.count;

	switch (v->type) {
	case JSON_STRING:
		text = text_of(r, v);
		return !text.p || names_add(&list->strings, text) == before;
	case JSON_NUMBER:
		text = arena_copy(r->arena, v->raw.p, v->raw.n);
		if (!text.p)
			return true;
		number = decimal_read(text);
		return add_number(list, &number);
	case JSON_BOOLEAN:
		return first_time(v->raw.p[0] == 't' ? &list->yes : &list->no);
	default:
		return first_time(&list->null);
	}
}

static void
read_element(struct reader *r, const struct path *path, const struct json_value *v, unsigned all,
    struct plan_list *list)
{
	if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
		complain(r, v->raw.p, path, "expected a string, number, boolean or null");
	else if (all && !(type_of(v) & all))
		complain(r, v->raw.p, path, "this value is not of the property's type");
	else if (!add_value(r, list, v))
		complain(r, v->raw.p, path, "this value stands twice");
}

/* Adds "1, 2 and 5 more" to r->work: as many of the elements as are short enough. */
static void
list_elements(struct reader *r, const struct json_value *array, size_t count)
{
	struct json_scan s;
	struct json_value v;
	size_t shown = 0;

	json_open(&s, array->raw.p, array->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &v) && r->work.n + v.raw.n < SHOWN_MAX) {
		buf_adds(&r->work, shown++ ? ", " : "");
		buf_add(&r->work, v.raw.p, v.raw.n);
	}
	if (shown == 0)
		buf_addf(&r->work, "%zu values", count);
	else if (shown < count)
		buf_addf(&r->work, " and %zu more", count - shown);
}

static void
read_enum(struct reader *r, const struct field *f, unsigned all, struct plan_check *check)
{
	struct json_scan s;
	struct json_value v;
	struct path here = { .up = &f->path };
	struct plan_list *list = &check->list;
	size_t count;

	if (!expect(r, &f->value, &f->path, JSON_ARRAY))
		return;
	count = count_elements(&f->value);
	if (count == 0)
		complain(r, f->value.raw.p, &f->path, "an empty list: nothing could be valid");
	if (count > ENUM_MAX) {
		complain(r, f->value.raw.p, &f->path, "more than %d values", ENUM_MAX);
		return;
	}
	list->number = arena_array(r->arena, count, sizeof(*list->number));
	if (!names_init(&list->strings, r->arena, count) || !list->number)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		read_element(r, &here, &v, all, list);
	buf_reset(&r->work);
	buf_adds(&r->work, count == 1 ? "Expected " : "Expected one of ");
	list_elements(r, &f->value, count);
	check->text = keep_work(r, r->arena);
}

static void
read_bound(struct reader *r, const struct field *f, struct plan_check *check)
{
	struct span raw = f->value.raw, text;

	if (!expect(r, &f->value, &f->path, JSON_NUMBER))
		return;
	text = arena_copy(r->arena, raw.p, raw.n);
	if (!text.p)
		return;
	check->number = decimal_read(text);
	buf_reset(&r->work);
	buf_adds(
	    &r->work, check->kind == PLAN_MINIMUM ? "Too small: at least " : "Too large: at most ");
	buf_add(&r->work, raw.p, raw.n);
	check->text = keep_work(r, r->arena);
}

static void
read_length(struct reader *r, const struct field *f, struct plan_check *check)
{
	struct span raw = f->value.raw;
	size_t i, n = 0;

	for (i = 0; i < raw.n && raw.p[i] >= '0' && raw.p[i] <= '9' && n <= LENGTH_MAX; i++)
		n = n * 10 + (size_t)(raw.p[i] - '0');
	if (f->value.type != JSON_NUMBER || i < raw.n || n > LENGTH_MAX) {
		complain(r, raw.p, &f->path, "expected a whole number from 0 to %d", LENGTH_MAX);
		return;
	}
	check->length = n;
	buf_reset(&r->work);
	buf_addf(&r->work, "%s %zu character%s",
	    check->kind == PLAN_MIN_LENGTH ? "Too short: at least" : "Too long: at most", n,
	    n == 1 ? "" : "s");
	check->text = keep_work(r, r->arena);
}

static size_t
count_characters(struct span s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
read_pattern(struct reader *r, const struct field *f, struct plan_check *check)
{
	struct pattern_mistake mistake;
	struct span text;

	if (!expect(r, &f->value, &f->path, JSON_STRING))
		return;
	text = text_of(r, &f->value);
	if (!text.p)
		return;
	check->pattern = pattern_compile(r->arena, text, &mistake);
	if (!check->pattern && !mistake.reason)
		r->arena->failed = true;
	else if (!check->pattern)
		complain(r, f->value.raw.p, &f->path, "%s (character %zu)", mistake.reason,
		    count_characters((struct span){ text.p, mistake.at }) + 1);
	buf_reset(&r->work);
	buf_adds(&r->work, "Does not match ");
	if (text.n <= SHOWN_MAX)
		buf_add(&r->work, text.p, text.n);
	else
		buf_adds(&r->work, "its pattern");
	check->text = keep_work(r, r->arena);
}

static void
read_format(struct reader *r, const struct field *f, struct plan_check *check)
{
	static const char *const words[] = { "date", "date-time" };
	static const struct known known = KNOWN(words);

	if (read_word(r, f, &known, 0) == 0) {
		check->kind = PLAN_DATE;
		check->text = SPAN("Invalid date: expected YYYY-MM-DD");
	} else {
		check->kind = PLAN_DATE_TIME;
		check->text = SPAN("Invalid date-time: expected RFC 3339, as 2026-05-16T19:00:00Z");
	}
}

/* ---- properties -------------------------------------------------------- */

enum property_key {
	PROPERTY_DESCRIPTION,
	PROPERTY_SEVERITY,
	PROPERTY_REQUIRED,
	PROPERTY_TYPE,
	PROPERTY_ENUM, /* this and those below are checks */
	PROPERTY_MINIMUM,
	PROPERTY_MAXIMUM,
	PROPERTY_MIN_LENGTH,
	PROPERTY_MAX_LENGTH,
	PROPERTY_PATTERN,
	PROPERTY_FORMAT,
	PROPERTY_KEYS,
};

static const char *const property_keys[PROPERTY_KEYS] = {
	[PROPERTY_DESCRIPTION] = "description",
	[PROPERTY_SEVERITY] = "severity",
	[PROPERTY_REQUIRED] = "required",
	[PROPERTY_TYPE] = "type",
	[PROPERTY_ENUM] = "enum",
	[PROPERTY_MINIMUM] = "minimum",
	[PROPERTY_MAXIMUM] = "maximum",
	[PROPERTY_MIN_LENGTH] = "minLength",
	[PROPERTY_MAX_LENGTH] = "maxLength",
	[PROPERTY_PATTERN] = "pattern",
	[PROPERTY_FORMAT] = "format",
};

/* The types that a check is for; 0: all. */
static unsigned
types_of_check(enum property_key key)
{
	if (key == PROPERTY_ENUM)
		return 0;
	return key <= PROPERTY_MAXIMUM ? PLAN_NUMBER | PLAN_INTEGER : PLAN_STRING;
}

static void
read_check(struct reader *r, enum property_key key, const struct field *f, unsigned all,
    struct plan_check *check)
{
	unsigned wanted = types_of_check(key);

	if (wanted && all && !(all & wanted))
		complain(r, f->path.key.p, &f->path, "this is for %s, which the type rules out",
		    wanted == PLAN_STRING ? "strings" : "numbers");
	check->kind = (enum plan_check_kind)(PLAN_ENUM + (key - PROPERTY_ENUM));
	switch (key) {
	case PROPERTY_ENUM:
		read_enum(r, f, all, check);
		break;
	case PROPERTY_MINIMUM:
	case PROPERTY_MAXIMUM:
		read_bound(r, f, check);
		break;
	case PROPERTY_PATTERN:
		read_pattern(r, f, check);
		break;
	case PROPERTY_FORMAT:
		read_format(r, f, check);
		break;
	default:
		read_length(r, f, check);
		break;
	}
}

/* What no value could hold both of. */
static void
compare_bounds(struct reader *r, const struct field *field)
{
	const struct field *low = &field[PROPERTY_MINIMUM], *high = &field[PROPERTY_MAXIMUM];
	struct decimal a, b;

	if (low->present && high->present && low->value.type == JSON_NUMBER &&
	    high->value.type == JSON_NUMBER) {
		a = decimal_read(low->value.raw);
		b = decimal_read(high->value.raw);
		if (decimal_compare(&a, &b) > 0)
			complain(r, low->value.raw.p, &low->path, "more than the maximum");
	}
}

static void
compare_lengths(struct reader *r, const struct field *field, const struct plan_property *p)
{
	size_t i, low = 0, high = LENGTH_MAX;

	for (i = 0; i < p->checks; i++) {
		if (p->check[i].kind == PLAN_MIN_LENGTH && p->check[i].text.p)
			low = p->check[i].length;
		if (p->check[i].kind == PLAN_MAX_LENGTH && p->check[i].text.p)
			high = p->check[i].length;
	}
	if (low > high)
		complain(r, field[PROPERTY_MIN_LENGTH].value.raw.p,
		    &field[PROPERTY_MIN_LENGTH].path, "more than maxLength");
}

/* "properties.NAME", as it may stand in a JSON string. */
static struct span
field_name(struct reader *r, const struct json_value *key)
{
	char *w = arena_get(r->arena, key->raw.n);
	struct span k;

	if (!w)
		return (struct span){ NULL, 0 };
	k = json_plain_key(key, w);
	buf_reset(&r->work);
	buf_adds(&r->work, "properties.");
	buf_add(&r->work, k.p, k.n);
	return keep_work(r, r->arena);
}

static void
read_property(struct reader *r, const struct path *path, const struct json_member *m,
    const struct plan_event *event, struct plan_property *p)
{
	static const struct known known = KNOWN(property_keys);
	struct field field[PROPERTY_KEYS];
	size_t key, checks = 0;

	if (!read_fields(r, path, &m->value, &known, field))
		return;
	read_description(r, &field[PROPERTY_DESCRIPTION]);
	p->field = field_name(r, &m->key);
	p->severity = read_severity(r, &field[PROPERTY_SEVERITY], event->severity);
	p->required = read_boolean(r, &field[PROPERTY_REQUIRED]);
	p->types = read_types(r, &field[PROPERTY_TYPE]);
	p->unexpected = unexpected(r, p->types);
	for (key = PROPERTY_ENUM; key < PROPERTY_KEYS; key++)
		checks += field[key].present;
	p->check = arena_array(r->arena, checks, sizeof(*p->check));
	for (key = PROPERTY_ENUM; p->check && key < PROPERTY_KEYS; key++)
		if (field[key].present)
			read_check(r, (enum property_key)key, &field[key], p->types,
			    &p->check[p->checks++]);
	compare_bounds(r, field);
	if (p->check)
		compare_lengths(r, field, p);
}

/* The index of a name that is new to the table; NAMES_NONE, with an error, else. */
static size_t
add_name(struct reader *r, struct names *names, const struct path *path, struct span name)
{
	size_t before = names->count, i;

	if (!name.p)
		return NAMES_NONE;
	i = names_add(names, name);
	if (i == before)
		return i;
	complain(r, path->key.p, path, "this key stands twice");
	return NAMES_NONE;
}

static void
read_properties(struct reader *r, const struct field *f, struct plan_event *event)
{
	struct json_scan s;
	struct json_member m;
	size_t count;

	if (!f->present || !expect(r, &f->value, &f->path, JSON_OBJECT))
		return;
	count = count_members(&f->value);
	event->property = arena_array(r->arena, count, sizeof(*event->property));
	if (!names_init(&event->names, r->arena, count) || !event->property)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	while (json_next(&s, &m)) {
		struct path here = { .up = &f->path, .key = m.key.raw };
		struct span name = text_of(r, &m.key);
		size_t i;

		if (name.n > PROPERTY_BYTES)
			complain(
			    r, m.key.raw.p, &here, "a name has at most %d bytes", PROPERTY_BYTES);
		i = add_name(r, &event->names, &here, name);
		if (i != NAMES_NONE)
			read_property(r, &here, &m, event, &event->property[i]);
	}
	r->plan->properties += event->names.count;
	if (event->names.count > r->plan->most_properties)
		r->plan->most_properties = event->names.count;
}

/* ---- assertions -------------------------------------------------------- */

static void
compile(struct reader *r, const struct json_value *v, const struct path *path,
    struct plan_assert *x, const char *text)
{
	struct expr_mistake mistake = { .placed = false };
	struct plan_error *e;

	if (!r->exprs)
		return;
	if (!*r->exprs)
		*r->exprs = exprs_new();
	if (*r->exprs)
		x->expr = expr_compile(*r->exprs, text, &mistake);
	if (!x->expr && mistake.text.n == 0)
		r->arena->failed = true;
	e = !x->expr && mistake.text.n > 0 ? add_error(r, v->raw.p, path) : NULL;
	if (e) {
		e->what = arena_copy(&r->errors->arena, mistake.text.p, mistake.text.n);
		buf_reset(&r->work);
		expr_show(&r->work, text, &mistake);
		e->shown = keep_work(r, &r->errors->arena);
	}
	buf_release(&mistake.text);
}

/* Whether an assertion before it has that name. */
static bool
is_named(const struct plan_event *event, struct span name)
{
	size_t i;

	for (i = 0; i < event->asserts; i++)
		if (span_eq(event->assert[i].name, name))
			return true;
	return false;
}

static void
read_assert(
    struct reader *r, const struct json_value *v, const struct path *path, struct plan_event *event)
{
	struct plan_assert *x = &event->assert[event->asserts];
	struct span text;
	size_t n;

	if (!expect(r, v, path, JSON_STRING))
		return;
	text = text_of(r, v);
	if (!text.p)
		return;
	if (strlen(text.p) != text.n) {
		complain(r, v->raw.p, path, "an expression can't hold the character U+0000");
		return;
	}
	n = expr_name(text.p);
	x->name = n ? (struct span){ text.p, n } : text;
	if (n && is_named(event, x->name))
		complain(r, v->raw.p, path, "another assertion of this event has the same name");
	text.p += n ? n + 1 : 0;
	if (text.p[strspn(text.p, " \t\r\n")] == '\0') {
		complain(r, v->raw.p, path, "expected an expression, not an empty text");
		return;
	}
	buf_reset(&r->work);
	buf_adds(&r->work, "Not true: ");
	buf_add(&r->work, x->name.p, x->name.n);
	x->text = keep_work(r, r->arena);
	compile(r, v, path, x, text.p);
	event->asserts++;
}

static void
read_asserts(struct reader *r, const struct field *f, struct plan_event *event)
{
	struct json_scan s;
	struct json_value v;
	struct path here = { .up = &f->path };

	if (!f->present || !expect(r, &f->value, &f->path, JSON_ARRAY))
		return;
	event->assert = arena_array(r->arena, count_elements(&f->value), sizeof(*event->assert));
	if (!event->assert)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		read_assert(r, &v, &here, event);
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
read_event(
    struct reader *r, const struct path *path, const struct json_value *v, struct plan_event *event)
{
	static const char *const keys[EVENT_KEYS] = { "description", "severity",
		"unknownProperties", "properties", "assert" };
	static const struct known known = KNOWN(keys);
	struct field field[EVENT_KEYS];

	if (!read_fields(r, path, v, &known, field))
		return;
	read_description(r, &field[EVENT_KEY_DESCRIPTION]);
	event->severity = read_severity(r, &field[EVENT_KEY_SEVERITY], r->severity);
	event->unknown_properties =
	    read_unknown(r, &field[EVENT_KEY_UNKNOWN], r->unknown_properties);
	read_properties(r, &field[EVENT_KEY_PROPERTIES], event);
	read_asserts(r, &field[EVENT_KEY_ASSERT], event);
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
sort_globs(struct reader *r)
{
	struct plan *plan = r->plan;
	size_t i, n = plan->names.count;

	plan->glob = arena_array(r->arena, n, sizeof(struct plan_event *));
	for (i = 0; plan->glob && i < n; i++)
		if (memchr(plan->event[i].name.p, '*', plan->event[i].name.n))
			plan->glob[plan->globs++] = &plan->event[i];
	if (plan->globs)
		qsort(plan->glob, plan->globs, sizeof(struct plan_event *), by_closeness);
}

static void
read_events(struct reader *r, const struct field *f)
{
	struct plan *plan = r->plan;
	struct json_scan s;
	struct json_member m;
	size_t count;

	if (!f->present) {
		complain(r, r->start, NULL, "the key events is missing");
		return;
	}
	if (!expect(r, &f->value, &f->path, JSON_OBJECT))
		return;
	count = count_members(&f->value);
	plan->event = arena_array(r->arena, count, sizeof(*plan->event));
	if (!names_init(&plan->names, r->arena, count) || !plan->event)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	while (json_next(&s, &m)) {
		struct path here = { .up = &f->path, .key = m.key.raw };
		struct span name = text_of(r, &m.key);
		size_t i;

		if (m.key.utf16 < 1 || m.key.utf16 > NAME_UNITS)
			complain(r, m.key.raw.p, &here, "an event's name has 1 to %d characters",
			    NAME_UNITS);
		i = add_name(r, &plan->names, &here, name);
		if (i == NAMES_NONE)
			continue;
		plan->event[i].name = name;
		plan->event[i].first = plan->properties + i;
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
read_version(struct reader *r, const struct field *f)
{
	if (!f->present || !expect(r, &f->value, &f->path, JSON_STRING))
		return;
	if (f->value.utf16 < 1 || f->value.utf16 > NAME_UNITS)
		complain(r, f->value.raw.p, &f->path, "expected 1 to %d characters", NAME_UNITS);
	r->plan->version = text_of(r, &f->value);
}

static void
read_plan(struct reader *r, const struct json_value *v)
{
	static const char *const keys[PLAN_KEYS] = { "version", "description", "severity",
		"unknownEvents", "unknownProperties", "events" };
	static const struct known known = KNOWN(keys);
	struct field field[PLAN_KEYS];

	if (!read_fields(r, NULL, v, &known, field))
		return;
	read_version(r, &field[PLAN_KEY_VERSION]);
	read_description(r, &field[PLAN_KEY_DESCRIPTION]);
	r->severity = read_severity(r, &field[PLAN_KEY_SEVERITY], PLAN_ERROR);
	r->plan->unknown_events = read_unknown(r, &field[PLAN_KEY_UNKNOWN_EVENTS], PLAN_ALLOW);
	r->unknown_properties = read_unknown(r, &field[PLAN_KEY_UNKNOWN_PROPERTIES], PLAN_ALLOW);
	read_events(r, &field[PLAN_KEY_EVENTS]);
}

static void
read_text(struct reader *r)
{
	struct json_scan s;
	struct json_value v;
	size_t n = (size_t)(r->end - r->start);

	if (n > PLANFILE_BYTES) {
		complain(r, r->start, NULL, "a plan has at most 4 MiB");
		return;
	}
	json_open(&s, r->start, n);
	if (json_whole(&s, &v))
		read_plan(r, &v);
	else
		complain(r, s.p, NULL, "invalid JSON: %s", json_reason_text(s.reason));
}

bool
plan_read(
    struct plan *plan, const char *p, size_t n, struct exprs **exprs, struct plan_errors *errors)
{
	size_t mark = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct reader r = {
		.plan = plan,
		.arena = &plan->arena,
		.start = n ? p + mark : "",
		.exprs = exprs,
		.errors = errors,
		.work = BUF_INIT,
	};

	*plan = (struct plan){ .event = NULL };
	r.end = r.start + (n - mark);
	read_text(&r);
	if (plan->arena.failed)
		complain(&r, r.start, NULL, "out of memory");
	sort_errors(errors);
	buf_release(&r.work);
	if (!has_errors(&r))
		return true;
	plan_release(plan);
	return false;
}
