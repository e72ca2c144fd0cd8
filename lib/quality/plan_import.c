#include "quality/plan_import.h"

#include "quality/plan_read.h"

#include "base/banned.h"

enum {
	NAME_UNITS = 128,     /* of an event's name */
	PROPERTY_BYTES = 256, /* of a property's name */
	REFERENCES_MAX = 16,  /* that follow one another */
};

struct import {
	struct jsonfile file;
	struct buf *out, trial; /* trial: a plan of one check, to see what is said of it */
	struct json_value root;
	struct arena names;
};

static void
lose(struct import *im, const struct json_path *path, const struct json_value *v, const char *why)
{
	jsonfile_complain(&im->file, v->raw.p, path, "%s", why);
}

static const char no_word[] = "not carried over: a plan has no such check";

/* ---- schemas ----------------------------------------------------------- */

/* The keywords that are looked at; from const to format as a plan has them. */
enum keyword {
	KEY_DESCRIPTION,
	KEY_TYPE,
	KEY_CONST,
	KEY_ENUM,
	KEY_MINIMUM,
	KEY_MAXIMUM,
	KEY_MIN_LENGTH,
	KEY_MAX_LENGTH,
	KEY_PATTERN,
	KEY_FORMAT,
	KEY_PROPERTIES,
	KEY_REQUIRED,
	KEY_ADDITIONAL,
	KEY_ITEMS,
	KEY_REF,
	KEYWORDS,
};

static const char *const keywords[KEYWORDS] = { "description", "type", "const", "enum", "minimum",
	"maximum", "minLength", "maxLength", "pattern", "format", "properties", "required",
	"additionalProperties", "items", "$ref" };

/* Says nothing about values. */
static bool
is_annotation(struct span key)
{
	static const char *const word[] = { "description", "$schema", "$id", "id", "$comment",
		"title", "default", "examples", "example", "deprecated", "readOnly", "writeOnly",
		"definitions", "$defs", "$anchor", "$vocabulary", "contentMediaType",
		"contentEncoding", "labels" };
	size_t i;

	if (key.n > 2 && memcmp(key.p, "x-", 2) == 0)
		return true;
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (span_eq(key, span_of(word[i])))
			return true;
	return false;
}

static bool
value_is(const struct json_value *v, const char *text)
{
	char room[64];
	struct span s;

	if (v->type != JSON_STRING)
		return false;
	s = json_short_text(v, room, sizeof(room));
	return s.p && span_eq(s, span_of(text));
}

/* Sorts the members of a schema into field[KEYWORDS]; tells what a plan can't say. */
static void
read_schema(struct import *im, const struct json_value *v, const struct json_path *path,
    struct json_field *field)
{
	char room[64];
	struct json_scan s;
	struct json_member m;
	size_t i;

	memset(field, 0, KEYWORDS * sizeof(*field));
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .up = path, .key = m.key.raw };
		struct span key = json_short_text(&m.key, room, sizeof(room));

		for (i = 0; i < KEYWORDS && !(key.p && span_eq(key, span_of(keywords[i]))); i++)
			;
		if (i < KEYWORDS)
			field[i] = (struct json_field){ true, here, m.value };
		else if (!key.p || !is_annotation(key))
			lose(im, &here, &m.key, no_word);
	}
}

/* The last member of that name; false when there is none. */
static bool
find(const struct json_value *object, struct span name, struct json_member *found)
{
	struct json_scan s;
	struct json_member m;
	char room[PROPERTY_BYTES * JSON_ESCAPE_MAX];
	bool any = false;

	if (object->type != JSON_OBJECT)
		return false;
	json_open(&s, object->raw.p, object->raw.n);
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (key.p && span_eq(key, name)) {
			*found = m;
			any = true;
		}
	}
	return any;
}

/* What "#/$defs/address" stands for; false when there is no such thing in this file. */
static bool
follow(struct import *im, const struct json_value *ref, struct json_value *to)
{
	char room[512], name[512];
	struct span rest, part;
	struct json_member m;
	const char *slash;
	size_t i;

	rest = ref->type == JSON_STRING ? json_short_text(ref, room, sizeof(room))
					: (struct span){ NULL, 0 };
	if (!rest.p || rest.n < 1 || rest.n >= sizeof(name) || rest.p[0] != '#' ||
	    memchr(rest.p, '%', rest.n))
		return false;
	*to = im->root;
	rest = (struct span){ rest.p + 1, rest.n - 1 };
	while (rest.n) {
		if (rest.p[0] != '/')
			return false;
		rest = (struct span){ rest.p + 1, rest.n - 1 };
		slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
		part = (struct span){ name, 0 };
		for (i = 0; i < rest.n && rest.p + i != slash; i++) {
			char c = rest.p[i];

			/* RFC 6901: ~0 is ~, ~1 is / */
			if (c == '~')
				c = ++i < rest.n && rest.p[i] == '1' ? '/' : '~';
			name[part.n++] = c;
		}
		rest = (struct span){ rest.p + i, rest.n - i };
		if (!find(to, part, &m))
			return false;
		*to = m.value;
	}
	return true;
}

/* Tells what stands beside a $ref, which draft 7 ignores and 2020-12 asks for as well. */
static void
tell_siblings(struct import *im, const struct json_value *v, const struct json_path *path)
{
	char room[64];
	struct json_scan s;
	struct json_member m;

	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .up = path, .key = m.key.raw };
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (!key.p || (!span_eq(key, SPAN("$ref")) && !is_annotation(key)))
			lose(im, &here, &m.key, "not carried over: it stands beside a $ref");
	}
}

/* Replaces a schema that is a reference by what it refers to; false, told, when it can't be. */
static bool
resolve(struct import *im, struct json_value *v, const struct json_path *path)
{
	struct json_member m;
	int hops;

	for (hops = 0; find(v, SPAN("$ref"), &m); hops++) {
		struct json_path here = { .up = path, .key = m.key.raw };

		tell_siblings(im, v, path);
		if (hops == REFERENCES_MAX || !follow(im, &m.value, v) || v->type != JSON_OBJECT) {
			lose(im, &here, &m.value,
			    "not carried over: it refers to no schema in this file");
			return false;
		}
	}
	return true;
}

/* ---- a plan's text ----------------------------------------------------- */

/* An object of a plan that is being written, and how deep in the plan it is. */
struct object {
	struct buf *b;
	unsigned indent;
	bool any;
};

static void
add_key(struct object *o, const char *key)
{
	buf_addf(o->b, "%s\"%s\": ", o->any ? ", " : " ", key);
	o->any = true;
}

/* Begins a line, with the key, "quoted", when there is one. */
static void
add_line(struct object *o, struct span key)
{
	unsigned i;

	buf_adds(o->b, o->any ? ",\n" : "\n");
	for (i = 0; i < o->indent; i++)
		buf_adds(o->b, "  ");
	buf_add(o->b, key.p, key.n);
	buf_adds(o->b, key.n ? ": " : "");
	o->any = true;
}

static void
end_lines(struct object *o)
{
	unsigned i;

	buf_addc(o->b, '\n');
	for (i = 1; i < o->indent; i++)
		buf_adds(o->b, "  ");
	buf_addc(o->b, '}');
}

/* ---- properties -------------------------------------------------------- */

/* The bits of a schema's type, 0 for any; false, told, when it is none that a plan has. */
static bool
read_types(struct import *im, const struct json_field *f, struct buf *type, unsigned *bits)
{
	static const char *const name[] = { "null", "boolean", "number", "string", "array",
		"object", "integer" }; /* in the order of plan_type */
	struct json_scan s;
	struct json_value v;
	size_t i, n = 0;

	*bits = 0;
	buf_reset(type);
	if (!f->present)
		return true;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	if (f->value.type == JSON_ARRAY)
		json_enter_array(&s);
	while (f->value.type == JSON_ARRAY ? json_next_element(&s, &v) : n == 0) {
		if (f->value.type != JSON_ARRAY)
			v = f->value;
		for (i = 0; i < sizeof(name) / sizeof(name[0]) && !value_is(&v, name[i]); i++)
			;
		if (i == sizeof(name) / sizeof(name[0])) {
			lose(im, &f->path, &f->value,
			    "not carried over: a type that a plan does not have");
			*bits = 0;
			return false;
		}
		*bits |= 1U << i;
		n++;
	}
	if (*bits & PLAN_NUMBER)
		*bits &= ~(unsigned)PLAN_INTEGER;
	if (*bits == 0) {
		lose(im, &f->path, &f->value, "not carried over: an empty list");
		return false;
	}
	n = 0;
	buf_adds(type, (*bits & (*bits - 1)) ? "[" : "");
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (*bits >> i & 1)
			buf_addf(type, "%s\"%s\"", n++ ? ", " : "", name[i]);
	buf_adds(type, (*bits & (*bits - 1)) ? "]" : "");
	return true;
}

/* Whether a plan takes the check for values of that type; tells why it does not. */
static bool
takes(struct import *im, const struct json_field *f, const char *key, const struct buf *type)
{
	struct jsonfile_errors errors = { .n = 0 };
	struct plan plan;
	struct buf *b = &im->trial;
	bool good;

	buf_reset(b);
	buf_addf(b, "{\"events\":{\"e\":{\"properties\":{\"p\":{\"%s\":", key);
	buf_add(b, f->value.raw.p, f->value.raw.n);
	if (type->n) {
		buf_adds(b, ",\"type\":");
		buf_add(b, type->p, type->n);
	}
	buf_adds(b, "}}}}}");
	good = !b->failed && plan_read(&plan, b->p, b->n, NULL, &errors);
	if (good)
		plan_release(&plan);
	else
		jsonfile_complain(&im->file, f->value.raw.p, &f->path, "not carried over: %.*s",
		    errors.n ? (int)errors.error[0].what.n : 0,
		    errors.n ? errors.error[0].what.p : "");
	jsonfile_errors_release(&errors);
	return good;
}

/* The types that a keyword is about; 0: all. */
static unsigned
types_of(enum keyword key)
{
	if (key == KEY_MINIMUM || key == KEY_MAXIMUM)
		return PLAN_NUMBER | PLAN_INTEGER;
	if (key >= KEY_MIN_LENGTH && key <= KEY_FORMAT)
		return PLAN_STRING;
	if (key >= KEY_PROPERTIES && key <= KEY_ADDITIONAL)
		return PLAN_OBJECT;
	return key == KEY_ITEMS ? PLAN_ARRAY : 0;
}

/* What no value of the schema's types could break says nothing in a schema, but is an error in a
   plan. */
static void
drop_idle(struct json_field *field, unsigned bits)
{
	int key;

	for (key = 0; bits && key < KEYWORDS; key++) {
		unsigned types = types_of((enum keyword)key);

		if (types && !(types & bits))
			field[key].present = false;
	}
}

/* Two bounds that no value holds are an error in a plan. */
static void
drop_crossed(struct import *im, struct json_field *low, struct json_field *high,
    const char *low_key, const char *high_key)
{
	struct jsonfile_errors errors = { .n = 0 };
	struct plan plan;
	struct buf *b = &im->trial;

	if (!low->present || !high->present)
		return;
	buf_reset(b);
	buf_addf(b, "{\"events\":{\"e\":{\"properties\":{\"p\":{\"%s\":", low_key);
	buf_add(b, low->value.raw.p, low->value.raw.n);
	buf_addf(b, ",\"%s\":", high_key);
	buf_add(b, high->value.raw.p, high->value.raw.n);
	buf_adds(b, "}}}}}");
	if (!b->failed && plan_read(&plan, b->p, b->n, NULL, &errors)) {
		plan_release(&plan);
	} else {
		lose(im, &low->path, &low->value, "not carried over: more than the upper bound");
		low->present = false;
	}
	jsonfile_errors_release(&errors);
}

static void add_schema(struct import *, struct json_value, const struct json_path *, bool required,
    unsigned depth, struct object *);

/* What becomes of other properties: "allow", or "error". */
static const char *
others(struct import *im, const struct json_field *f)
{
	if (!f->present || (f->value.type == JSON_BOOLEAN && f->value.raw.p[0] == 't'))
		return "allow";
	if (f->value.type == JSON_BOOLEAN)
		return "error";
	if (f->value.type != JSON_OBJECT || jsonfile_members(&f->value) > 0)
		lose(im, &f->path, &f->value,
		    "not carried over: properties that are not named are not described");
	return "allow";
}

/* The text of a property's name; p is NULL, told, when it can't be one of a plan. */
static struct span
name_of(struct import *im, const struct json_value *v, const struct json_path *path)
{
	struct span name = { NULL, 0 };
	char *w;

	if (v->type != JSON_STRING) {
		lose(im, path, v, "not carried over: expected a string");
		return name;
	}
	w = arena_get(&im->names, v->raw.n);
	if (w)
		name = (struct span){ w, json_unescape(v->raw, w) };
	if (name.n <= PROPERTY_BYTES)
		return name;
	lose(im, path, v, "not carried over: a property's name has at most 256 bytes");
	return (struct span){ NULL, 0 };
}

/* Whether the table did not have the name, and has it now. */
static bool
is_new(struct dict *names, struct span name)
{
	uint32_t before = names->n;

	return name.p && dict_put(names, 0, name) == before;
}

/* Reads the list of properties that have to be there, which may be absent. */
static void
read_required(struct import *im, const struct json_field *f, struct dict *names)
{
	struct json_scan s;
	struct json_value v;
	struct json_path here = { .up = &f->path };

	if (!f->present)
		return;
	if (f->value.type != JSON_ARRAY) {
		lose(im, &f->path, &f->value, "not carried over: expected an array");
		return;
	}
	if (!dict_init_trusted(names, &im->names, jsonfile_elements(&f->value)))
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		is_new(names, name_of(im, &v, &here));
}

/* Adds the keys unknownProperties and properties for an object's schema. */
static void
add_properties(struct import *im, const struct json_field *field, unsigned depth, struct object *o)
{
	const struct json_field *f = &field[KEY_PROPERTIES];
	struct object inside = { .b = o->b, .indent = o->indent + 1 };
	struct dict needed = { .n = 0 }, seen = { .n = 0 };
	struct json_scan s;
	struct json_member m;
	uint32_t i;

	add_key(o, "unknownProperties");
	buf_addf(o->b, "\"%s\"", others(im, &field[KEY_ADDITIONAL]));
	read_required(im, &field[KEY_REQUIRED], &needed);
	add_key(o, "properties");
	buf_addc(o->b, '{');
	if (f->present && f->value.type == JSON_OBJECT &&
	    dict_init_trusted(&seen, &im->names, jsonfile_members(&f->value))) {
		json_open(&s, f->value.raw.p, f->value.raw.n);
		while (json_next(&s, &m)) {
			struct json_path here = { .up = &f->path, .key = m.key.raw };
			struct span name = name_of(im, &m.key, &here);

			if (is_new(&seen, name)) {
				add_line(&inside, m.key.raw);
				add_schema(im, m.value, &here,
				    dict_get(&needed, 0, name) != DICT_NONE, depth + 1, &inside);
			} else if (name.p) {
				lose(im, &here, &m.key, "not carried over: this key stands twice");
			}
		}
	} else if (f->present) {
		lose(im, &f->path, &f->value, "not carried over: expected an object");
	}
	for (i = 0; i < needed.n; i++) {
		if (dict_get(&seen, 0, dict_text(&needed, i)) != DICT_NONE)
			continue;
		add_line(&inside, (struct span){ NULL, 0 });
		json_add_string(o->b, dict_text(&needed, i).p, dict_text(&needed, i).n);
		buf_adds(o->b, ": { \"required\": true }");
	}
	if (inside.any)
		end_lines(&inside);
	else
		buf_addc(o->b, '}');
}

static void
add_checks(struct import *im, struct json_field *field, const struct buf *type, struct object *o)
{
	int key;

	for (key = KEY_CONST; key <= KEY_FORMAT; key++)
		if (field[key].present && !takes(im, &field[key], keywords[key], type))
			field[key].present = false;
	drop_crossed(im, &field[KEY_MINIMUM], &field[KEY_MAXIMUM], "minimum", "maximum");
	drop_crossed(im, &field[KEY_MIN_LENGTH], &field[KEY_MAX_LENGTH], "minLength", "maxLength");
	for (key = KEY_CONST; key <= KEY_FORMAT; key++) {
		if (!field[key].present)
			continue;
		add_key(o, keywords[key]);
		buf_add(o->b, field[key].value.raw.p, field[key].value.raw.n);
	}
}

static void
add_description(const struct json_field *f, struct object *o)
{
	if (!f->present || f->value.type != JSON_STRING)
		return;
	add_key(o, "description");
	buf_add(o->b, f->value.raw.p, f->value.raw.n);
}

static bool
has_inside(const struct json_field *field)
{
	return field[KEY_PROPERTIES].present || field[KEY_REQUIRED].present ||
	    field[KEY_ADDITIONAL].present;
}

/* Adds what a schema that is an object says of a property. */
static void
add_fields(struct import *im, const struct json_value *v, const struct json_path *path,
    unsigned depth, struct object *o)
{
	struct json_field field[KEYWORDS];
	struct buf type = BUF_INIT;
	unsigned bits;

	read_schema(im, v, path, field);
	add_description(&field[KEY_DESCRIPTION], o);
	if (read_types(im, &field[KEY_TYPE], &type, &bits) && bits) {
		add_key(o, "type");
		buf_add(o->b, type.p, type.n);
	}
	drop_idle(field, bits);
	add_checks(im, field, &type, o);
	buf_release(&type);
	if (depth == PLAN_DEPTH && (has_inside(field) || field[KEY_ITEMS].present)) {
		lose(im, path, v, "not carried over: more than 16 deep");
		return;
	}
	if (has_inside(field))
		add_properties(im, field, depth, o);
	if (!field[KEY_ITEMS].present)
		return;
	add_key(o, "items");
	add_schema(im, field[KEY_ITEMS].value, &field[KEY_ITEMS].path, false, depth + 1, o);
}

/* Adds a property's description, with its braces. */
static void
add_schema(struct import *im, struct json_value v, const struct json_path *path, bool required,
    unsigned depth, struct object *around)
{
	struct object o = { .b = around->b, .indent = around->indent };

	buf_addc(o.b, '{');
	if (required) {
		add_key(&o, "required");
		buf_adds(o.b, "true");
	}
	if (o.b->n > PLAN_BYTES)
		lose(im, path, &v, "not carried over: a plan has at most 4 MiB");
	else if (v.type == JSON_BOOLEAN ? v.raw.p[0] == 'f' : v.type != JSON_OBJECT)
		lose(im, path, &v, "not carried over: expected a schema that is an object");
	else if (v.type == JSON_OBJECT && resolve(im, &v, path))
		add_fields(im, &v, path, depth, &o);
	buf_adds(o.b, o.any ? " }" : "}");
}

/* ---- events ------------------------------------------------------------ */

static bool all_ask_nothing(const struct json_value *);

/* Whether a schema asks nothing that is not asked of the field of every event anyway. */
static bool
asks_nothing(const struct json_value *v)
{
	char room[64];
	struct json_scan s;
	struct json_member m;

	if (v->type != JSON_OBJECT)
		return v->type == JSON_BOOLEAN && v->raw.p[0] == 't';
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (!key.p)
			return false;
		if (span_eq(key, SPAN("type")) &&
		    (value_is(&m.value, "object") || value_is(&m.value, "string")))
			continue;
		if (span_eq(key, SPAN("properties")) && all_ask_nothing(&m.value))
			continue;
		if (!is_annotation(key))
			return false;
	}
	return true;
}

/* Of all properties; how deep they go is bounded by JSON_DEPTH. */
static bool
all_ask_nothing(const struct json_value *properties)
{
	struct json_scan s;
	struct json_member m;

	if (properties->type != JSON_OBJECT)
		return false;
	json_open(&s, properties->raw.p, properties->raw.n);
	while (json_next(&s, &m))
		if (!asks_nothing(&m.value))
			return false;
	return true;
}

/* Of what stands in Segment's rules beside the events. */
static bool
says_nothing(const struct json_value *v)
{
	if (v->type == JSON_ARRAY)
		return jsonfile_elements(v) == 0;
	return v->type == JSON_NULL || asks_nothing(v);
}

/* Tells what a schema of a whole event says of other things than its properties. */
static void
tell_fields(struct import *im, const struct json_field *field)
{
	const struct json_field *f = &field[KEY_PROPERTIES], *needed = &field[KEY_REQUIRED];
	const struct json_field *more = &field[KEY_ADDITIONAL];
	struct json_scan s;
	struct json_member m;
	struct json_value v;
	struct json_path here = { .up = &needed->path };

	json_open(&s, f->value.raw.p, f->value.raw.n);
	while (json_next(&s, &m)) {
		struct json_path at = { .up = &f->path, .key = m.key.raw };

		if (!value_is(&m.key, "properties") && !value_is(&m.key, "event") &&
		    !asks_nothing(&m.value))
			lose(im, &at, &m.key, "not carried over: a plan is about properties only");
	}
	if (more->present && !(more->value.type == JSON_BOOLEAN && more->value.raw.p[0] == 't'))
		lose(im, &more->path, &more->value,
		    "not carried over: a plan is about properties only");
	if (!needed->present || needed->value.type != JSON_ARRAY)
		return;
	json_open(&s, needed->value.raw.p, needed->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		if (!value_is(&v, "properties") && !value_is(&v, "event"))
			lose(im, &here, &v, "not carried over: a plan is about properties only");
}

/* Takes the schema of an event's properties for that of the event, which is told of. */
static bool
enter_properties(struct import *im, struct json_field *field, const struct json_path **path,
    struct json_path *room)
{
	struct json_member m;
	struct json_value v;

	tell_fields(im, field);
	if (!find(&field[KEY_PROPERTIES].value, SPAN("properties"), &m)) {
		memset(field, 0, KEYWORDS * sizeof(*field));
		return true;
	}
	*room = (struct json_path){ .up = *path, .key = m.key.raw };
	v = m.value;
	if (v.type != JSON_OBJECT || !resolve(im, &v, room))
		return false;
	*path = room;
	read_schema(im, &v, room, field);
	return true;
}

/* The names that the schema of an event asks for: a string, or an array. */
static bool
find_names(const struct json_value *schema, struct json_member *names)
{
	struct json_member properties, event;

	return find(schema, SPAN("properties"), &properties) &&
	    find(&properties.value, SPAN("event"), &event) &&
	    (find(&event.value, SPAN("const"), names) || find(&event.value, SPAN("enum"), names));
}

/* Whether a schema is of whole events, not of their properties. */
static bool
is_of_events(const struct json_value *schema)
{
	struct json_member properties, m;

	return find_names(schema, &m) ||
	    (find(schema, SPAN("properties"), &properties) &&
		find(&properties.value, SPAN("properties"), &m));
}

/* Adds an event of that name, "quoted", for its schema. */
static void
add_event(struct import *im, const struct json_value *name, struct json_value v,
    const struct json_path *path, struct object *events)
{
	static const enum keyword others_too[] = { KEY_CONST, KEY_ENUM, KEY_MINIMUM, KEY_MAXIMUM,
		KEY_MIN_LENGTH, KEY_MAX_LENGTH, KEY_PATTERN, KEY_FORMAT, KEY_ITEMS };
	struct object o = { .b = events->b, .indent = events->indent };
	struct json_field field[KEYWORDS];
	struct json_path properties_key, properties_path;
	size_t i;

	add_line(events, name->raw);
	buf_addc(o.b, '{');
	if (v.type == JSON_BOOLEAN ? v.raw.p[0] == 'f' : v.type != JSON_OBJECT)
		lose(im, path, &v, "not carried over: expected a schema that is an object");
	if (v.type != JSON_OBJECT || !resolve(im, &v, path)) {
		buf_addc(o.b, '}');
		return;
	}
	read_schema(im, &v, path, field);
	add_description(&field[KEY_DESCRIPTION], &o);
	properties_key = field[KEY_PROPERTIES].path;
	path = &properties_key;
	if (is_of_events(&v) && !enter_properties(im, field, &path, &properties_path)) {
		buf_addc(o.b, '}');
		return;
	}
	if (field[KEY_TYPE].present && !value_is(&field[KEY_TYPE].value, "object"))
		lose(im, &field[KEY_TYPE].path, &field[KEY_TYPE].value, no_word);
	for (i = 0; i < sizeof(others_too) / sizeof(others_too[0]); i++)
		if (field[others_too[i]].present)
			lose(im, &field[others_too[i]].path, &field[others_too[i]].value, no_word);
	if (has_inside(field))
		add_properties(im, field, 0, &o);
	buf_adds(o.b, o.any ? " }" : "}");
}

/* Whether the name can be that of an event in a plan, and was not there; tells why not. */
static bool
is_event_name(struct import *im, struct dict *seen, const struct json_value *name,
    const struct json_path *path)
{
	struct span text;
	char *w;

	if (name->type != JSON_STRING || name->utf16 < 1 || name->utf16 > NAME_UNITS) {
		lose(im, path, name, "not carried over: an event's name has 1 to 128 characters");
		return false;
	}
	w = arena_get(&im->names, name->raw.n);
	if (!w)
		return false;
	text = (struct span){ w, json_unescape(name->raw, w) };
	if (memchr(text.p, '*', text.n)) {
		lose(im, path, name, "not carried over: a name with a * is a glob in a plan");
	} else {
		uint32_t before = seen->n;

		if (dict_put(seen, 0, text) == before)
			return true;
		lose(im, path, name, "not carried over: this event stands twice");
	}
	return false;
}

/* ---- files ------------------------------------------------------------- */

/* An object of schemas by the names of events. */
static void
add_named(struct import *im, struct dict *seen, struct object *events)
{
	struct json_scan s;
	struct json_member m;

	json_open(&s, im->root.raw.p, im->root.raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .key = m.key.raw };

		if (is_event_name(im, seen, &m.key, &here))
			add_event(im, &m.key, m.value, &here, events);
	}
}

/* One schema: of the event that its "event" names, else of all. */
static void
add_one(struct import *im, struct dict *seen, struct object *events)
{
	struct json_value any = { .raw = SPAN("\"*\""), .type = JSON_STRING, .utf16 = 1 };
	struct json_member names;
	struct json_scan s;
	struct json_value v;

	if (!find_names(&im->root, &names)) {
		add_event(im, &any, im->root, NULL, events);
		return;
	}
	if (names.value.type != JSON_ARRAY) {
		if (is_event_name(im, seen, &names.value, NULL))
			add_event(im, &names.value, im->root, NULL, events);
		return;
	}
	json_open(&s, names.value.raw.p, names.value.raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &v))
		if (is_event_name(im, seen, &v, NULL))
			add_event(im, &v, im->root, NULL, events);
}

/* An export of Segment: rules.events[], each with name and rules. */
static void
add_segment(struct import *im, const struct json_member *rules, const struct json_member *list,
    struct dict *seen, struct object *events)
{
	struct json_path in_rules = { .key = rules->key.raw };
	struct json_path in_list = { .up = &in_rules, .key = list->key.raw };
	struct json_path here = { .up = &in_list };
	struct json_scan s;
	struct json_member m;
	struct json_value v;

	json_open(&s, rules->value.raw.p, rules->value.raw.n);
	while (json_next(&s, &m)) {
		struct json_path at = { .up = &in_rules, .key = m.key.raw };

		if (!value_is(&m.key, "events") && !says_nothing(&m.value))
			lose(im, &at, &m.key, "not carried over: a plan is about track calls only");
	}
	json_open(&s, list->value.raw.p, list->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++) {
		struct json_member name, schema;
		struct json_path at;

		if (!find(&v, SPAN("name"), &name) || name.value.type != JSON_STRING) {
			lose(im, &here, &v, "not carried over: an event without a name");
			continue;
		}
		if (!is_event_name(im, seen, &name.value, &here))
			continue;
		if (!find(&v, SPAN("rules"), &schema))
			schema.value =
			    (struct json_value){ .raw = SPAN("true"), .type = JSON_BOOLEAN };
		else
			at = (struct json_path){ .up = &here, .key = schema.key.raw };
		if (schema.value.type == JSON_BOOLEAN)
			at = here;
		add_event(im, &name.value, schema.value, &at, events);
	}
}

static bool
is_schema(const struct json_value *v)
{
	struct json_member m;

	return (find(v, SPAN("type"), &m) && m.value.type != JSON_OBJECT) ||
	    (find(v, SPAN("$schema"), &m) && m.value.type == JSON_STRING) ||
	    (find(v, SPAN("$ref"), &m) && m.value.type == JSON_STRING) ||
	    (find(v, SPAN("properties"), &m) && m.value.type == JSON_OBJECT &&
		!find(&m.value, SPAN("type"), &m) && !find(&m.value, SPAN("$ref"), &m));
}

/* Whether each member is a schema, so that their keys can be names of events. */
static bool
is_named(const struct json_value *v)
{
	struct json_scan s;
	struct json_member m;
	size_t n = 0;

	json_open(&s, v->raw.p, v->raw.n);
	for (; json_next(&s, &m); n++)
		if (m.value.type != JSON_OBJECT)
			return false;
	return n > 0;
}

static void
add_events(struct import *im, size_t most, struct object *events)
{
	struct json_member rules, list;
	struct dict seen = { .n = 0 };

	if (!dict_init_trusted(&seen, &im->names, most))
		return;
	if (find(&im->root, SPAN("rules"), &rules) && find(&rules.value, SPAN("events"), &list) &&
	    list.value.type == JSON_ARRAY)
		add_segment(im, &rules, &list, &seen, events);
	else if (is_schema(&im->root))
		add_one(im, &seen, events);
	else
		add_named(im, &seen, events);
}

/* As many events as there can be, or 0 for a file of another kind. */
static size_t
most_events(const struct json_value *v)
{
	struct json_member rules, list;

	if (v->type != JSON_OBJECT)
		return 0;
	if (find(v, SPAN("rules"), &rules) && find(&rules.value, SPAN("events"), &list) &&
	    list.value.type == JSON_ARRAY)
		return jsonfile_elements(&list.value) + 1;
	if (is_schema(v))
		return find_names(v, &list) && list.value.type == JSON_ARRAY
		    ? jsonfile_elements(&list.value) + 1
		    : 1;
	return is_named(v) ? jsonfile_members(v) : 0;
}

enum plan_import
plan_import(const char *p, size_t n, struct buf *plan, struct jsonfile_errors *errors)
{
	struct import im = { .out = plan };
	struct object events = { .b = plan, .indent = 2 };
	size_t most, start = plan->n;
	bool whole = false;

	jsonfile_open(&im.file, p, n, errors);
	if (jsonfile_scan(&im.file, &im.root)) {
		most = most_events(&im.root);
		if (most == 0) {
			jsonfile_complain(&im.file, im.file.start, NULL,
			    "no JSON Schema, no object of schemas, and no tracking plan of Segment");
		} else {
			buf_adds(plan,
			    "{\n  \"version\": \"1\",\n  \"unknownEvents\": \"warn\",\n"
			    "  \"events\": {");
			add_events(&im, most, &events);
			buf_adds(plan, events.any ? "\n  }\n}\n" : "}\n}\n");
			whole = true;
		}
	}
	if (im.names.failed || im.trial.failed || plan->failed) {
		jsonfile_complain(&im.file, im.file.start, NULL, "out of memory");
		whole = false;
	} else if (plan->n - start > PLAN_BYTES) {
		jsonfile_complain(
		    &im.file, im.file.start, NULL, "the plan would have more than 4 MiB");
		whole = false;
	}
	jsonfile_close(&im.file);
	buf_release(&im.trial);
	arena_release(&im.names);
	if (whole)
		return jsonfile_failed(&im.file) ? PLAN_IMPORT_PART : PLAN_IMPORT_WHOLE;
	plan->n = start;
	return PLAN_IMPORT_NONE;
}
