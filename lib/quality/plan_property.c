#include "quality/plan_reader.h"

#include "base/banned.h"

enum {
	PROPERTY_BYTES = 256, /* of a property's name */
	INDEX_BYTES = 21,     /* of an element in a path, at most */
};

static const char *const property_keys[PROPERTY_KEYS] = {
	[PROPERTY_DESCRIPTION] = "description",
	[PROPERTY_SEVERITY] = "severity",
	[PROPERTY_REQUIRED] = "required",
	[PROPERTY_TYPE] = "type",
	[PROPERTY_CONST] = "const",
	[PROPERTY_ENUM] = "enum",
	[PROPERTY_MINIMUM] = "minimum",
	[PROPERTY_MAXIMUM] = "maximum",
	[PROPERTY_MIN_LENGTH] = "minLength",
	[PROPERTY_MAX_LENGTH] = "maxLength",
	[PROPERTY_PATTERN] = "pattern",
	[PROPERTY_FORMAT] = "format",
	[PROPERTY_PROPERTIES] = "properties",
	[PROPERTY_UNKNOWN] = "unknownProperties",
	[PROPERTY_ITEMS] = "items",
};

/* PREFIX.NAME, or NAME where there is none, as it may stand in a JSON string. */
static struct span
field_name(struct plan_reader *r, struct span prefix, const struct json_value *key)
{
	char *w = arena_get(r->arena, key->raw.n);
	struct span k;

	if (!w)
		return (struct span){ NULL, 0 };
	k = json_plain_key(key, w);
	buf_reset(&r->file.work);
	buf_add(&r->file.work, prefix.p, prefix.n);
	buf_adds(&r->file.work, prefix.n ? "." : "");
	buf_add(&r->file.work, k.p, k.n);
	return jsonfile_keep(&r->file, r->arena);
}

static void
note_path(struct plan_reader *r, size_t bytes)
{
	if (bytes > r->plan->most_path)
		r->plan->most_path = bytes;
}

/* That many in one object, or the elements of an array, inside of what is around them. */
static size_t
note_properties(struct plan_reader *r, const struct plan_inside *around, size_t count)
{
	size_t all = around->properties + count;

	if (all > r->plan->most_properties)
		r->plan->most_properties = all;
	return all;
}

/* Complains of what is for values that the type rules out. */
static void
only_for(struct plan_reader *r, const struct json_field *f, const struct plan_property *p,
    enum plan_type type)
{
	if (f->present && p->types && !(p->types & type))
		jsonfile_complain(&r->file, f->path.key.p, &f->path,
		    "this is for %s, which the type rules out",
		    type == PLAN_OBJECT ? "objects" : "arrays");
}

static void read_property(struct plan_reader *, const struct json_path *, const struct json_value *,
    const struct plan_inside *, struct plan_property *);

/* What is inside of a property that is an object. */
static void
read_inside(struct plan_reader *r, const struct json_field *field, const struct plan_inside *around,
    struct plan_property *p)
{
	struct plan_inside inside = *around;
	struct plan_object *o;

	only_for(r, &field[PROPERTY_PROPERTIES], p, PLAN_OBJECT);
	only_for(r, &field[PROPERTY_UNKNOWN], p, PLAN_OBJECT);
	if (!field[PROPERTY_PROPERTIES].present && !field[PROPERTY_UNKNOWN].present)
		return;
	o = arena_get(r->arena, sizeof(*o));
	if (!o)
		return;
	p->object = o;
	o->unknown = plan_unknown_of(r, &field[PROPERTY_UNKNOWN], around->unknown);
	inside.severity = p->severity;
	inside.unknown = o->unknown;
	inside.prefix = p->field;
	plan_read_properties(r, &field[PROPERTY_PROPERTIES], &inside, o);
}

static void
read_items(struct plan_reader *r, const struct json_field *f, const struct plan_inside *around,
    size_t path, struct plan_property *p)
{
	struct plan_inside inside = *around;
	struct plan_property *items;

	only_for(r, f, p, PLAN_ARRAY);
	if (!f->present)
		return;
	items = arena_get(r->arena, sizeof(*items));
	if (!items)
		return;
	p->items = items;
	inside.severity = p->severity;
	inside.prefix = (struct span){ NULL, 0 };
	inside.path = path + INDEX_BYTES;
	inside.properties = note_properties(r, around, 1);
	inside.element = true;
	read_property(r, &f->path, &f->value, &inside, items);
}

/* p->field is filled already. */
static void
read_property(struct plan_reader *r, const struct json_path *path, const struct json_value *v,
    const struct plan_inside *around, struct plan_property *p)
{
	static const struct json_keys known = JSON_KEYS(property_keys);
	struct json_field field[PROPERTY_KEYS];
	struct plan_inside inside = *around;

	if (!jsonfile_fields(&r->file, path, v, &known, field))
		return;
	if (++inside.depth > PLAN_DEPTH) {
		jsonfile_complain(
		    &r->file, v->raw.p, path, "described more than %d deep", PLAN_DEPTH);
		return;
	}
	plan_description(r, &field[PROPERTY_DESCRIPTION]);
	p->severity = plan_severity_of(r, &field[PROPERTY_SEVERITY], around->severity);
	p->required = jsonfile_boolean(&r->file, &field[PROPERTY_REQUIRED]);
	if (around->element && field[PROPERTY_REQUIRED].present)
		jsonfile_complain(&r->file, field[PROPERTY_REQUIRED].path.key.p,
		    &field[PROPERTY_REQUIRED].path, "this is for properties, not for elements");
	p->types = plan_read_types(r, &field[PROPERTY_TYPE]);
	p->unexpected = plan_unexpected(r, p->types);
	plan_read_checks(r, field, p);
	inside.element = false;
	note_path(r, around->path + p->field.n + 1);
	read_inside(r, field, &inside, p);
	read_items(r, &field[PROPERTY_ITEMS], &inside, around->path + p->field.n + 1, p);
}

void
plan_read_properties(struct plan_reader *r, const struct json_field *f,
    const struct plan_inside *inside, struct plan_object *o)
{
	struct json_scan s;
	struct json_member m;
	size_t count = 0, all;

	if (f->present && jsonfile_expect(&r->file, &f->value, &f->path, JSON_OBJECT))
		count = jsonfile_members(&f->value);
	o->first = r->plan->next;
	r->plan->next += count + 1;
	all = note_properties(r, inside, count);
	if (count == 0)
		return;
	o->property = arena_array(r->arena, count, sizeof(*o->property));
	if (!dict_init_trusted(&o->names, r->arena, count) || !o->property)
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .up = &f->path, .key = m.key.raw };
		struct plan_inside deeper = *inside;
		struct span name = plan_text(r, &m.key);
		uint32_t i;

		if (name.n > PROPERTY_BYTES)
			jsonfile_complain(&r->file, m.key.raw.p, &here,
			    "a name has at most %d bytes", PROPERTY_BYTES);
		i = plan_add_name(r, &o->names, &here, name);
		if (i == DICT_NONE)
			continue;
		deeper.properties = all;
		o->property[i].field = field_name(r, inside->prefix, &m.key);
		read_property(r, &here, &m.value, &deeper, &o->property[i]);
	}
}
