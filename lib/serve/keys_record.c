#include "serve/keys_record.h"

#include "base/ascii.h"
#include "base/timestamp.h"
#include "serve/keys_origin.h"
#include "text/json.h"

#include "base/banned.h"

/* ---- reading ---- */

enum member {
	TYPE,
	KIND,
	ENV,
	PREFIX,
	PROJECT,
	SHA256,
	PEPPER,
	ORIGINS,
	CREATED,
	REVOKED,
	NAME,
	LIMITS,
	MEMBERS
};

static const char *const names[MEMBERS] = {
	"type",
	"kind",
	"env",
	"prefix",
	"project",
	"sha256",
	"pepper",
	"origins",
	"created",
	"revoked",
	"name",
	"limits",
};

enum { SHORT = 64 };

static bool
is_named(const struct json_value *key, const char *name)
{
	char room[SHORT];

	return span_eq(json_short_text(key, room, sizeof(room)), span_of(name));
}

static bool
is_absent(const struct json_value *v)
{
	return !v->raw.p || v->type == JSON_NULL;
}

/* The text of a string that needs no escapes; n 0 of everything else. */
static struct span
plain(const struct json_value *v)
{
	if (!v->raw.p || v->type != JSON_STRING || v->escaped)
		return (struct span){ NULL, 0 };
	return (struct span){ v->raw.p + 1, v->raw.n - 2 };
}

static const char *
read_members(struct span line, struct json_value value[MEMBERS])
{
	struct json_scan s;
	struct json_member m;
	int i;

	if (json_open(&s, line.p, line.n) != JSON_OBJECT)
		return "expected a JSON object";
	while (json_next(&s, &m)) {
		for (i = 0; i < MEMBERS; i++) {
			if (!is_named(&m.key, names[i]))
				continue;
			if (value[i].raw.p)
				return "a name stands twice";
			value[i] = m.value;
		}
	}
	return s.reason == JSON_OK ? NULL : json_reason_text(s.reason);
}

static bool
read_hex(struct span text, unsigned char *w, size_t n)
{
	size_t i;

	if (text.n != 2 * n)
		return false;
	for (i = 0; i < n; i++) {
		int high = ascii_hex(text.p[2 * i]), low = ascii_hex(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		w[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool
read_time(const struct json_value *v, int64_t *ms)
{
	struct span text = plain(v);

	return text.n > 0 && timestamp_parse(text.p, text.n, ms);
}

static const char *
read_origins(struct record *r, const struct json_value *v, struct arena *arena)
{
	struct json_scan s;
	struct json_value one;
	size_t n = 0;

	if (is_absent(v))
		return NULL;
	if (v->type != JSON_ARRAY)
		return "origins: expected an array";
	json_open(&s, v->raw.p, v->raw.n);
	for (json_enter_array(&s); json_next_element(&s, &one);)
		n++;
	r->origin = arena_array(arena, n, sizeof(*r->origin));
	if (n && !r->origin)
		return "out of memory";
	json_open(&s, v->raw.p, v->raw.n);
	for (json_enter_array(&s); json_next_element(&s, &one);) {
		struct span text = plain(&one);
		char normal[ORIGIN_MOST];
		size_t length;

		if (text.n == 0 || origin_normal(text, normal, &length))
			return "origins: one of them is not an origin";
		r->origin[r->origins++] = arena_copy(arena, normal, length);
	}
	return arena->failed ? "out of memory" : NULL;
}

static const char *
read_id(struct record *r, const struct json_value *value)
{
	struct span kind = plain(&value[KIND]), env = plain(&value[ENV]);
	struct span prefix = plain(&value[PREFIX]);

	if (kind.n != 2 || env.n != 4 || prefix.n != KEY_PREFIX)
		return "kind, env and prefix: expected pk, sk, rk or ak, live or test, 8 hex digits";
	memcpy(r->id, kind.p, 2);
	r->id[2] = '_';
	memcpy(r->id + 3, env.p, 4);
	r->id[7] = '_';
	memcpy(r->id + 8, prefix.p, KEY_PREFIX);
	if (!key_id_read((struct span){ r->id, KEY_ID }, &r->kind, &r->test))
		return "kind, env and prefix: expected pk, sk, rk or ak, live or test, 8 hex digits";
	return NULL;
}

static const char *
read_key(struct record *r, const struct json_value *value, struct arena *arena)
{
	const char *wrong = read_id(r, value);
	struct span pepper = plain(&value[PEPPER]);

	if (wrong)
		return wrong;
	if (r->kind == KEY_AK ? !is_absent(&value[PROJECT])
			      : !uuid_read(plain(&value[PROJECT]), r->project))
		return "project: expected a UUID, and none of a key of the account";
	if (!read_hex(plain(&value[SHA256]), r->hash, KEY_HASH))
		return "sha256: expected 64 hex digits";
	if (!is_absent(&value[PEPPER])) {
		if (pepper.n != KEY_PEPPER_ID)
			return "pepper: expected 8 hex digits";
		memcpy(r->pepper, pepper.p, KEY_PEPPER_ID);
	}
	if (!read_time(&value[CREATED], &r->created))
		return "created: expected a date-time of RFC 3339";
	if (is_absent(&value[REVOKED]))
		r->revoked = INT64_MAX;
	else if (!read_time(&value[REVOKED], &r->revoked))
		return "revoked: expected a date-time of RFC 3339, or null";
	return read_origins(r, &value[ORIGINS], arena);
}

static bool
read_count(const struct json_value *v, uint32_t *count)
{
	uint64_t number;

	if (v->type != JSON_NUMBER || !ascii_number(v->raw, LIMIT_MAX, &number) || number == 0)
		return false;
	*count = (uint32_t)number;
	return true;
}

/* null, or {"per_second":50,"burst":200}. */
static bool
read_rate(const struct json_value *v, struct limit_rate *rate)
{
	struct json_scan s;
	struct json_member m;

	*rate = (struct limit_rate){ 0, 0 };
	if (v->type == JSON_NULL)
		return true;
	if (v->type != JSON_OBJECT)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		if (is_named(&m.key, "per_second")
			? !read_count(&m.value, &rate->per_second)
			: is_named(&m.key, "burst") && !read_count(&m.value, &rate->burst))
			return false;
	}
	return rate->per_second && rate->burst;
}

static const char *
read_limits(struct record *r, const struct json_value *v)
{
	struct json_scan s;
	struct json_member m;
	int route;

	if (is_absent(v))
		return NULL;
	if (v->type != JSON_OBJECT)
		return "limits: expected an object";
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m))
		for (route = 0; route < LIMIT_ROUTES; route++)
			if (is_named(&m.key, limit_route_name((enum limit_route)route).p) &&
			    !read_rate(&m.value, &r->rates.of[route]))
				return "limits: expected null or {\"per_second\":N,\"burst\":N}";
	return NULL;
}

static const char *
read_name(struct record *r, const struct json_value *v, struct arena *arena)
{
	char *w;

	if (is_absent(v))
		return NULL;
	if (v->type != JSON_STRING)
		return "name: expected a string";
	w = arena_get(arena, v->raw.n);
	if (!w)
		return "out of memory";
	r->name = (struct span){ w, json_unescape(v->raw, w) };
	return NULL;
}

const char *
record_read(struct record *r, struct span line, struct arena *arena)
{
	struct json_value value[MEMBERS] = { 0 };
	const char *wrong = read_members(line, value);
	struct span type = plain(&value[TYPE]);

	*r = (struct record){ .rates = LIMIT_RATES_DEFAULT };
	if (wrong)
		return wrong;
	if (type.n == 0)
		return "type: expected key or project";
	if (span_eq(type, SPAN("key"))) {
		r->type = RECORD_KEY;
		return read_key(r, value, arena);
	}
	if (!span_eq(type, SPAN("project")))
		return NULL;
	r->type = RECORD_PROJECT;
	if (!uuid_read(plain(&value[PROJECT]), r->project))
		return "project: expected a UUID";
	wrong = read_name(r, &value[NAME], arena);
	return wrong ? wrong : read_limits(r, &value[LIMITS]);
}

/* ---- writing ---- */

void
record_change(struct buf *to, struct span line, const struct record_member *member, size_t n)
{
	struct json_scan s;
	struct json_member m;
	bool written[MEMBERS] = { false }, first = true;
	size_t i;

	json_open(&s, line.p, line.n);
	buf_addc(to, '{');
	for (; json_next(&s, &m); first = false) {
		struct span value = m.value.raw;

		for (i = 0; i < n; i++)
			if (is_named(&m.key, member[i].name)) {
				value = member[i].value;
				written[i] = true;
			}
		if (!first)
			buf_addc(to, ',');
		buf_add(to, m.key.raw.p, m.key.raw.n);
		buf_addc(to, ':');
		buf_add(to, value.p, value.n);
	}
	for (i = 0; i < n; i++)
		if (!written[i]) {
			buf_addf(to, "%s\"%s\":", first ? "" : ",", member[i].name);
			buf_add(to, member[i].value.p, member[i].value.n);
			first = false;
		}
	buf_addc(to, '}');
}

void
record_add_time(struct buf *to, int64_t ms)
{
	char text[TIMESTAMP_TEXT];

	timestamp_format(text, ms);
	text[DATE_TEXT] = 'T';
	buf_addc(to, '"');
	buf_add(to, text, DATETIME_TEXT);
	buf_adds(to, "Z\"");
}

void
record_add_origins(struct buf *to, const struct span *origin, size_t n)
{
	size_t i;

	buf_addc(to, '[');
	for (i = 0; i < n; i++) {
		if (i)
			buf_addc(to, ',');
		json_add_string(to, origin[i].p, origin[i].n);
	}
	buf_addc(to, ']');
}

void
record_add_limits(struct buf *to, const struct limit_rates *rates)
{
	int route;

	for (route = 0; route < LIMIT_ROUTES; route++) {
		const struct limit_rate *rate = &rates->of[route];

		buf_addf(to, "%c\"%s\":", route ? ',' : '{',
		    limit_route_name((enum limit_route)route).p);
		if (rate->per_second)
			buf_addf(
			    to, "{\"per_second\":%u,\"burst\":%u}", rate->per_second, rate->burst);
		else
			buf_adds(to, "null");
	}
	buf_addc(to, '}');
}

void
record_add_key(struct buf *to, const struct record *r)
{
	size_t i;

	buf_addf(to, "{\"type\":\"key\",\"kind\":\"%.2s\",\"env\":\"%.4s\",\"prefix\":\"%.8s\"",
	    r->id, r->id + 3, r->id + 8);
	if (r->kind != KEY_AK)
		buf_addf(to, ",\"project\":\"%.36s\"", r->project);
	buf_adds(to, ",\"sha256\":\"");
	for (i = 0; i < KEY_HASH; i++)
		buf_addf(to, "%02x", r->hash[i]);
	buf_addf(to, "\",\"pepper\":\"%.8s\",\"origins\":", r->pepper);
	record_add_origins(to, r->origin, r->origins);
	buf_adds(to, ",\"created\":");
	record_add_time(to, r->created);
	buf_adds(to, ",\"revoked\":null}\n");
}

void
record_add_project(struct buf *to, const struct record *r)
{
	buf_addf(to, "{\"type\":\"project\",\"project\":\"%.36s\"", r->project);
	if (r->name.n) {
		buf_adds(to, ",\"name\":");
		json_add_string(to, r->name.p, r->name.n);
	}
	buf_adds(to, "}\n");
}

struct span
limit_route_name(enum limit_route route)
{
	static const char *const name[LIMIT_ROUTES] = { "track", "batch", "events", "mcp" };

	return span_of(name[route]);
}
