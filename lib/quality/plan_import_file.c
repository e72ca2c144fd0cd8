#include "quality/plan_importer.h"

#include "base/banned.h"

enum { NAME_UNITS = 128 }; /* of an event's name */

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
		    (import_value_is(&m.value, "object") || import_value_is(&m.value, "string")))
			continue;
		if (span_eq(key, SPAN("properties")) && all_ask_nothing(&m.value))
			continue;
		if (!import_is_annotation(key))
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

		if (!import_value_is(&m.key, "properties") && !import_value_is(&m.key, "event") &&
		    !asks_nothing(&m.value))
			import_lose(
			    im, &at, &m.key, "not carried over: a plan is about properties only");
	}
	if (more->present && !(more->value.type == JSON_BOOLEAN && more->value.raw.p[0] == 't'))
		import_lose(im, &more->path, &more->value,
		    "not carried over: a plan is about properties only");
	if (!needed->present || needed->value.type != JSON_ARRAY)
		return;
	json_open(&s, needed->value.raw.p, needed->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++)
		if (!import_value_is(&v, "properties") && !import_value_is(&v, "event"))
			import_lose(
			    im, &here, &v, "not carried over: a plan is about properties only");
}

/* Takes the schema of an event's properties for that of the event, which is told of. */
static bool
enter_properties(struct import *im, struct json_field *field, const struct json_path **path,
    struct json_path *room)
{
	struct json_member m;
	struct json_value v;

	tell_fields(im, field);
	if (!import_find(&field[KEY_PROPERTIES].value, SPAN("properties"), &m)) {
		memset(field, 0, KEYWORDS * sizeof(*field));
		return true;
	}
	*room = (struct json_path){ .up = *path, .key = m.key.raw };
	v = m.value;
	if (v.type != JSON_OBJECT || !import_resolve(im, &v, room))
		return false;
	*path = room;
	import_read_schema(im, &v, room, field);
	return true;
}

/* The names that the schema of an event asks for: a string, or an array. */
static bool
find_names(const struct json_value *schema, struct json_member *names)
{
	struct json_member properties, event;

	return import_find(schema, SPAN("properties"), &properties) &&
	    import_find(&properties.value, SPAN("event"), &event) &&
	    (import_find(&event.value, SPAN("const"), names) ||
		import_find(&event.value, SPAN("enum"), names));
}

/* Whether a schema is of whole events, not of their properties. */
static bool
is_of_events(const struct json_value *schema)
{
	struct json_member properties, m;

	return find_names(schema, &m) ||
	    (import_find(schema, SPAN("properties"), &properties) &&
		import_find(&properties.value, SPAN("properties"), &m));
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

	import_add_line(events, name->raw);
	buf_addc(o.b, '{');
	if (v.type == JSON_BOOLEAN ? v.raw.p[0] == 'f' : v.type != JSON_OBJECT)
		import_lose(im, path, &v, "not carried over: expected a schema that is an object");
	if (v.type != JSON_OBJECT || !import_resolve(im, &v, path)) {
		buf_addc(o.b, '}');
		return;
	}
	import_read_schema(im, &v, path, field);
	import_add_description(&field[KEY_DESCRIPTION], &o);
	properties_key = field[KEY_PROPERTIES].path;
	path = &properties_key;
	if (is_of_events(&v) && !enter_properties(im, field, &path, &properties_path)) {
		buf_addc(o.b, '}');
		return;
	}
	if (field[KEY_TYPE].present && !import_value_is(&field[KEY_TYPE].value, "object"))
		import_lose(im, &field[KEY_TYPE].path, &field[KEY_TYPE].value, import_no_word);
	for (i = 0; i < sizeof(others_too) / sizeof(others_too[0]); i++)
		if (field[others_too[i]].present)
			import_lose(im, &field[others_too[i]].path, &field[others_too[i]].value,
			    import_no_word);
	if (import_has_inside(field))
		import_add_properties(im, field, 0, &o);
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
		import_lose(
		    im, path, name, "not carried over: an event's name has 1 to 128 characters");
		return false;
	}
	w = arena_get(&im->names, name->raw.n);
	if (!w)
		return false;
	text = (struct span){ w, json_unescape(name->raw, w) };
	if (memchr(text.p, '*', text.n)) {
		import_lose(
		    im, path, name, "not carried over: a name with a * is a glob in a plan");
	} else {
		uint32_t before = seen->n;

		if (dict_put(seen, 0, text) == before)
			return true;
		import_lose(im, path, name, "not carried over: this event stands twice");
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

		if (!import_value_is(&m.key, "events") && !says_nothing(&m.value))
			import_lose(
			    im, &at, &m.key, "not carried over: a plan is about track calls only");
	}
	json_open(&s, list->value.raw.p, list->value.raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, &v); here.index++) {
		struct json_member name, schema;
		struct json_path at;

		if (!import_find(&v, SPAN("name"), &name) || name.value.type != JSON_STRING) {
			import_lose(im, &here, &v, "not carried over: an event without a name");
			continue;
		}
		if (!is_event_name(im, seen, &name.value, &here))
			continue;
		if (!import_find(&v, SPAN("rules"), &schema))
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

	return (import_find(v, SPAN("type"), &m) && m.value.type != JSON_OBJECT) ||
	    (import_find(v, SPAN("$schema"), &m) && m.value.type == JSON_STRING) ||
	    (import_find(v, SPAN("$ref"), &m) && m.value.type == JSON_STRING) ||
	    (import_find(v, SPAN("properties"), &m) && m.value.type == JSON_OBJECT &&
		!import_find(&m.value, SPAN("type"), &m) &&
		!import_find(&m.value, SPAN("$ref"), &m));
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
	if (import_find(&im->root, SPAN("rules"), &rules) &&
	    import_find(&rules.value, SPAN("events"), &list) && list.value.type == JSON_ARRAY)
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
	if (import_find(v, SPAN("rules"), &rules) &&
	    import_find(&rules.value, SPAN("events"), &list) && list.value.type == JSON_ARRAY)
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
	struct import im = { .trial = BUF_INIT };
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
