#include "quality/plan_importer.h"

#include "base/banned.h"

enum { REFERENCES_MAX = 16 }; /* that follow one another */

void
import_lose(
    struct import *im, const struct json_path *path, const struct json_value *v, const char *why)
{
	jsonfile_complain(&im->file, v->raw.p, path, "%s", why);
}

const char import_no_word[] = "not carried over: a plan has no such check";

/* ---- schemas ----------------------------------------------------------- */

static const char *const keywords[KEYWORDS] = { "description", "type", "const", "enum", "minimum",
	"maximum", "minLength", "maxLength", "pattern", "format", "properties", "required",
	"additionalProperties", "items", "$ref" };

bool
import_is_annotation(struct span key)
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

bool
import_value_is(const struct json_value *v, const char *text)
{
	char room[64];
	struct span s;

	if (v->type != JSON_STRING)
		return false;
	s = json_short_text(v, room, sizeof(room));
	return s.p && span_eq(s, span_of(text));
}

void
import_read_schema(struct import *im, const struct json_value *v, const struct json_path *path,
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
		else if (!key.p || !import_is_annotation(key))
			import_lose(im, &here, &m.key, import_no_word);
	}
}

bool
import_find(const struct json_value *object, struct span name, struct json_member *found)
{
	struct json_scan s;
	struct json_member m;
	char room[IMPORT_NAME_BYTES * JSON_ESCAPE_MAX];
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
		if (!import_find(to, part, &m))
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

		if (!key.p || (!span_eq(key, SPAN("$ref")) && !import_is_annotation(key)))
			import_lose(im, &here, &m.key, "not carried over: it stands beside a $ref");
	}
}

bool
import_resolve(struct import *im, struct json_value *v, const struct json_path *path)
{
	struct json_member m;
	int hops;

	for (hops = 0; import_find(v, SPAN("$ref"), &m); hops++) {
		struct json_path here = { .up = path, .key = m.key.raw };

		tell_siblings(im, v, path);
		if (hops == REFERENCES_MAX || !follow(im, &m.value, v) || v->type != JSON_OBJECT) {
			import_lose(im, &here, &m.value,
			    "not carried over: it refers to no schema in this file");
			return false;
		}
	}
	return true;
}

/* ---- a plan's text ----------------------------------------------------- */

static void
add_key(struct object *o, const char *key)
{
	buf_addf(o->b, "%s\"%s\": ", o->any ? ", " : " ", key);
	o->any = true;
}

void
import_add_line(struct object *o, struct span key)
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
		for (i = 0; i < sizeof(name) / sizeof(name[0]) && !import_value_is(&v, name[i]);
		     i++)
			;
		if (i == sizeof(name) / sizeof(name[0])) {
			import_lose(im, &f->path, &f->value,
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
		import_lose(im, &f->path, &f->value, "not carried over: an empty list");
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
		import_lose(
		    im, &low->path, &low->value, "not carried over: more than the upper bound");
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
		import_lose(im, &f->path, &f->value,
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
		import_lose(im, path, v, "not carried over: expected a string");
		return name;
	}
	w = arena_get(&im->names, v->raw.n);
	if (w)
		name = (struct span){ w, json_unescape(v->raw, w) };
	if (name.n <= IMPORT_NAME_BYTES)
		return name;
	import_lose(im, path, v, "not carried over: a property's name has at most 256 bytes");
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
		import_lose(im, &f->path, &f->value, "not carried over: expected an array");
		return;
	}
	if (!dict_init_trusted(names, &im->names, jsonfile_elements(&f->value)))
		return;
	json_open(&s, f->value.raw.p, f->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		is_new(names, name_of(im, &v, &here));
}

void
import_add_properties(
    struct import *im, const struct json_field *field, unsigned depth, struct object *o)
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
				import_add_line(&inside, m.key.raw);
				add_schema(im, m.value, &here,
				    dict_get(&needed, 0, name) != DICT_NONE, depth + 1, &inside);
			} else if (name.p) {
				import_lose(
				    im, &here, &m.key, "not carried over: this key stands twice");
			}
		}
	} else if (f->present) {
		import_lose(im, &f->path, &f->value, "not carried over: expected an object");
	}
	for (i = 0; i < needed.n; i++) {
		if (dict_get(&seen, 0, dict_text(&needed, i)) != DICT_NONE)
			continue;
		import_add_line(&inside, (struct span){ NULL, 0 });
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

void
import_add_description(const struct json_field *f, struct object *o)
{
	if (!f->present || f->value.type != JSON_STRING)
		return;
	add_key(o, "description");
	buf_add(o->b, f->value.raw.p, f->value.raw.n);
}

bool
import_has_inside(const struct json_field *field)
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

	import_read_schema(im, v, path, field);
	import_add_description(&field[KEY_DESCRIPTION], o);
	if (read_types(im, &field[KEY_TYPE], &type, &bits) && bits) {
		add_key(o, "type");
		buf_add(o->b, type.p, type.n);
	}
	drop_idle(field, bits);
	add_checks(im, field, &type, o);
	buf_release(&type);
	if (depth == PLAN_DEPTH && (import_has_inside(field) || field[KEY_ITEMS].present)) {
		import_lose(im, path, v, "not carried over: more than 16 deep");
		return;
	}
	if (import_has_inside(field))
		import_add_properties(im, field, depth, o);
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
		import_lose(im, path, &v, "not carried over: a plan has at most 4 MiB");
	else if (v.type == JSON_BOOLEAN ? v.raw.p[0] == 'f' : v.type != JSON_OBJECT)
		import_lose(im, path, &v, "not carried over: expected a schema that is an object");
	else if (v.type == JSON_OBJECT && import_resolve(im, &v, path))
		add_fields(im, &v, path, depth, &o);
	buf_adds(o.b, o.any ? " }" : "}");
}
