#include "quality/plan_reader.h"

#include "base/ascii.h"

#include "base/banned.h"

enum {
	LENGTH_MAX = 8192, /* all properties of an event together */
	ENUM_MAX = 10000,
	SHOWN_MAX = 200, /* bytes of a complaint that come from the plan */
};

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
read_type(struct plan_reader *r, const struct json_value *v, const struct json_path *path)
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
	jsonfile_complain(&r->file, v->raw.p, path,
	    "expected \"string\", \"number\", \"integer\", \"boolean\", \"object\", \"array\" or "
	    "\"null\"");
	return 0;
}

unsigned
plan_read_types(struct plan_reader *r, const struct json_field *f)
{
	struct json_scan s;
	struct json_value v;
	struct json_path here = { .up = &f->path };
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
			jsonfile_complain(&r->file, v.raw.p, &here, "this type stands twice");
		all |= type;
	}
	if (here.index == 0)
		jsonfile_complain(
		    &r->file, f->value.raw.p, &f->path, "an empty list: nothing could be valid");
	if ((all & PLAN_NUMBER) && (all & PLAN_INTEGER))
		jsonfile_complain(
		    &r->file, f->value.raw.p, &f->path, "\"number\" includes \"integer\"");
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

const struct span *
plan_unexpected(struct plan_reader *r, unsigned all)
{
	struct span *text;
	int type;

	if (all == 0 || r->unexpected[all])
		return r->unexpected[all];
	text = arena_array(r->arena, JSON_OBJECT + 1, sizeof(*text));
	for (type = JSON_NULL; text && type <= JSON_OBJECT; type++) {
		buf_reset(&r->file.work);
		buf_adds(&r->file.work, "Expected ");
		add_types(&r->file.work, all);
		buf_addf(&r->file.work, ", received %s", json_type_name((enum json_type)type));
		text[type] = jsonfile_keep(&r->file, r->arena);
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
add_value(struct plan_reader *r, struct plan_list *list, const struct json_value *v)
{
	struct span text;
	struct decimal number;
	uint32_t before = list->strings.n;

	switch (v->type) {
	case JSON_STRING:
		text = plan_text(r, v);
		return !text.p || dict_put(&list->strings, 0, text) == before;
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
read_element(struct plan_reader *r, const struct json_path *path, const struct json_value *v,
    unsigned all, struct plan_list *list)
{
	if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
		jsonfile_complain(
		    &r->file, v->raw.p, path, "expected a string, number, boolean or null");
	else if (all && !(type_of(v) & all))
		jsonfile_complain(
		    &r->file, v->raw.p, path, "this value is not of the property's type");
	else if (!add_value(r, list, v))
		jsonfile_complain(&r->file, v->raw.p, path, "this value stands twice");
}

/* Adds "1, 2 and 5 more" to r->file.work: as many of the elements as are short enough. */
static void
list_elements(struct plan_reader *r, const struct json_value *array, size_t count)
{
	struct json_scan s;
	struct json_value v;
	size_t shown = 0;

	json_open(&s, array->raw.p, array->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &v) && r->file.work.n + v.raw.n < SHOWN_MAX) {
		buf_adds(&r->file.work, shown++ ? ", " : "");
		buf_add(&r->file.work, v.raw.p, v.raw.n);
	}
	if (shown == 0)
		buf_addf(&r->file.work, "%zu values", count);
	else if (shown < count)
		buf_addf(&r->file.work, " and %zu more", count - shown);
}

/* Makes a list with room for `count` values; false when memory is out. */
static bool
make_list(struct plan_reader *r, struct plan_list *list, size_t count)
{
	list->number = arena_array(r->arena, count, sizeof(*list->number));
	return dict_init_trusted(&list->strings, r->arena, count) && list->number;
}

static void
read_const(
    struct plan_reader *r, const struct json_field *f, unsigned all, struct plan_check *check)
{
	struct span raw = f->value.raw;

	if (!make_list(r, &check->list, 1))
		return;
	read_element(r, &f->path, &f->value, all, &check->list);
	buf_reset(&r->file.work);
	buf_adds(&r->file.work, "Expected ");
	if (raw.n <= SHOWN_MAX)
		buf_add(&r->file.work, raw.p, raw.n);
	else
		buf_adds(&r->file.work, "another value");
	check->text = jsonfile_keep(&r->file, r->arena);
}

static void
read_enum(struct plan_reader *r, const struct json_field *f, unsigned all, struct plan_check *check)
{
	struct json_scan s;
	struct json_value v;
	struct json_path here = { .up = &f->path };
	struct plan_list *list = &check->list;
	size_t count;

	if (!jsonfile_expect(&r->file, &f->value, &f->path, JSON_ARRAY))
		return;
	count = jsonfile_elements(&f->value);
	if (count == 0)
		jsonfile_complain(
		    &r->file, f->value.raw.p, &f->path, "an empty list: nothing could be valid");
	if (count > ENUM_MAX) {
		jsonfile_complain(
		    &r->file, f->value.raw.p, &f->path, "more than %d values", ENUM_MAX);
		return;
	}
	if (!make_list(r, list, count))
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		read_element(r, &here, &v, all, list);
	buf_reset(&r->file.work);
	buf_adds(&r->file.work, count == 1 ? "Expected " : "Expected one of ");
	list_elements(r, &f->value, count);
	check->text = jsonfile_keep(&r->file, r->arena);
}

static void
read_bound(struct plan_reader *r, const struct json_field *f, struct plan_check *check)
{
	struct span raw = f->value.raw, text;

	if (!jsonfile_expect(&r->file, &f->value, &f->path, JSON_NUMBER))
		return;
	text = arena_copy(r->arena, raw.p, raw.n);
	if (!text.p)
		return;
	check->number = decimal_read(text);
	buf_reset(&r->file.work);
	buf_adds(&r->file.work,
	    check->kind == PLAN_MINIMUM ? "Too small: at least " : "Too large: at most ");
	buf_add(&r->file.work, raw.p, raw.n);
	check->text = jsonfile_keep(&r->file, r->arena);
}

static void
read_length(struct plan_reader *r, const struct json_field *f, struct plan_check *check)
{
	struct span raw = f->value.raw;
	uint64_t n;

	if (f->value.type != JSON_NUMBER || !ascii_number(raw, LENGTH_MAX, &n)) {
		jsonfile_complain(
		    &r->file, raw.p, &f->path, "expected a whole number from 0 to %d", LENGTH_MAX);
		return;
	}
	check->length = (size_t)n;
	buf_reset(&r->file.work);
	buf_addf(&r->file.work, "%s %zu character%s",
	    check->kind == PLAN_MIN_LENGTH ? "Too short: at least" : "Too long: at most",
	    check->length, n == 1 ? "" : "s");
	check->text = jsonfile_keep(&r->file, r->arena);
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
read_pattern(struct plan_reader *r, const struct json_field *f, struct plan_check *check)
{
	struct pattern_mistake mistake;
	struct span text;

	if (!jsonfile_expect(&r->file, &f->value, &f->path, JSON_STRING))
		return;
	text = plan_text(r, &f->value);
	if (!text.p)
		return;
	check->pattern = pattern_compile(r->arena, text, &mistake);
	if (!check->pattern && !mistake.reason)
		r->arena->failed = true;
	else if (!check->pattern)
		jsonfile_complain(&r->file, f->value.raw.p, &f->path, "%s (character %zu)",
		    mistake.reason, count_characters((struct span){ text.p, mistake.at }) + 1);
	buf_reset(&r->file.work);
	buf_adds(&r->file.work, "Does not match ");
	if (text.n <= SHOWN_MAX)
		buf_add(&r->file.work, text.p, text.n);
	else
		buf_adds(&r->file.work, "its pattern");
	check->text = jsonfile_keep(&r->file, r->arena);
}

static void
read_format(struct plan_reader *r, const struct json_field *f, struct plan_check *check)
{
	check->format = (enum plan_format)jsonfile_word(&r->file, f, &plan_format_names, 0);
	check->text = plan_format_complaint(check->format);
}

/* ---- all checks of a property ------------------------------------------ */

/* The types that a check is for; 0: all. */
static unsigned
types_of_check(enum property_key key)
{
	if (key <= PROPERTY_ENUM)
		return 0;
	return key <= PROPERTY_MAXIMUM ? PLAN_NUMBER | PLAN_INTEGER : PLAN_STRING;
}

static void
read_check(struct plan_reader *r, enum property_key key, const struct json_field *f, unsigned all,
    struct plan_check *check)
{
	unsigned wanted = types_of_check(key);

	if (wanted && all && !(all & wanted))
		jsonfile_complain(&r->file, f->path.key.p, &f->path,
		    "this is for %s, which the type rules out",
		    wanted == PLAN_STRING ? "strings" : "numbers");
	check->kind = (enum plan_check_kind)(PLAN_CONST + (key - PROPERTY_CONST));
	switch (key) {
	case PROPERTY_CONST:
		read_const(r, f, all, check);
		break;
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
compare_bounds(struct plan_reader *r, const struct json_field *field)
{
	const struct json_field *low = &field[PROPERTY_MINIMUM], *high = &field[PROPERTY_MAXIMUM];
	struct decimal a, b;

	if (low->present && high->present && low->value.type == JSON_NUMBER &&
	    high->value.type == JSON_NUMBER) {
		a = decimal_read(low->value.raw);
		b = decimal_read(high->value.raw);
		if (decimal_compare(&a, &b) > 0)
			jsonfile_complain(
			    &r->file, low->value.raw.p, &low->path, "more than the maximum");
	}
}

static void
compare_lengths(
    struct plan_reader *r, const struct json_field *field, const struct plan_property *p)
{
	size_t i, low = 0, high = LENGTH_MAX;

	for (i = 0; i < p->checks; i++) {
		if (p->check[i].kind == PLAN_MIN_LENGTH && p->check[i].text.p)
			low = p->check[i].length;
		if (p->check[i].kind == PLAN_MAX_LENGTH && p->check[i].text.p)
			high = p->check[i].length;
	}
	if (low > high)
		jsonfile_complain(&r->file, field[PROPERTY_MIN_LENGTH].value.raw.p,
		    &field[PROPERTY_MIN_LENGTH].path, "more than maxLength");
}

void
plan_read_checks(
    struct plan_reader *r, const struct json_field field[PROPERTY_KEYS], struct plan_property *p)
{
	size_t key, checks = 0;

	for (key = PROPERTY_CONST; key <= PROPERTY_FORMAT; key++)
		checks += field[key].present;
	p->check = arena_array(r->arena, checks, sizeof(*p->check));
	for (key = PROPERTY_CONST; p->check && key <= PROPERTY_FORMAT; key++)
		if (field[key].present)
			read_check(r, (enum property_key)key, &field[key], p->types,
			    &p->check[p->checks++]);
	compare_bounds(r, field);
	if (p->check)
		compare_lengths(r, field, p);
}
