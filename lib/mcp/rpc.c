#include "mcp/rpc.h"

#include "base/banned.h"

enum key { KEY_JSONRPC, KEY_ID, KEY_METHOD, KEY_PARAMS, KEY_RESULT, KEY_ERROR, KEYS };

static enum key
rpc_key(const struct json_value *v)
{
	static const char *const names[KEYS] = { "jsonrpc", "id", "method", "params", "result",
		"error" };
	char room[8];
	struct span name = json_short_text(v, room, sizeof(room));
	int k = 0;

	while (k < KEYS && !(name.p && span_eq(name, span_of(names[k]))))
		k++;
	return (enum key)k;
}

static bool
is_version_2(const struct json_value *v)
{
	char room[8];

	return v->raw.p && v->type == JSON_STRING &&
	    span_eq(json_short_text(v, room, sizeof(room)), SPAN("2.0"));
}

static bool
is_id(const struct json_value *v)
{
	return v->type == JSON_STRING || v->type == JSON_NUMBER;
}

static enum rpc_code
read_method(struct rpc_message *m, const struct json_value *v, const char **why)
{
	if (v->type != JSON_STRING) {
		*why = "the method is not a string";
		return RPC_INVALID_REQUEST;
	}
	m->method = json_short_text(v, m->room, sizeof(m->room));
	if (m->method.p && m->method.n <= RPC_METHOD_MAX)
		return RPC_OK;
	*why = "there is no method of such a long name";
	return RPC_METHOD_NOT_FOUND;
}

static enum rpc_code
read_members(struct rpc_message *m, const struct json_value *value, const char **why)
{
	const struct json_value *params = &value[KEY_PARAMS];

	if (value[KEY_ID].raw.p) {
		if (is_id(&value[KEY_ID]))
			m->id = value[KEY_ID].raw;
		m->kind = RPC_REQUEST;
	}
	*why = "not a message of JSON-RPC 2.0";
	if (!is_version_2(&value[KEY_JSONRPC]))
		return RPC_INVALID_REQUEST;
	if (!value[KEY_METHOD].raw.p) {
		if (!value[KEY_RESULT].raw.p && !value[KEY_ERROR].raw.p)
			return RPC_INVALID_REQUEST;
		m->kind = RPC_RESPONSE;
		return RPC_OK;
	}
	*why = "the id is neither a string nor a number";
	if (value[KEY_ID].raw.p && !is_id(&value[KEY_ID]))
		return RPC_INVALID_REQUEST;
	*why = "the params are neither an object nor an array";
	if (params->raw.p && params->type != JSON_OBJECT && params->type != JSON_ARRAY)
		return RPC_INVALID_REQUEST;
	m->params = *params;
	return read_method(m, &value[KEY_METHOD], why);
}

/* ---- the id of what is no JSON ---- */

/* Passes over a string, whatever is in it; NULL: it has no end. */
static const char *
pass_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : NULL;
}

static const char *
pass_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* The string or number that begins here, if it is a good one. */
static struct span
token(const char *p, const char *end)
{
	const char *stop = p;
	struct json_scan s;
	enum json_type type;

	if (p < end && *p == '"')
		stop = pass_string(p, end);
	else
		while (stop < end && !strchr(",}] \t\r\n", *stop))
			stop++;
	if (!stop || stop == p)
		return SPAN("null");
	type = json_skim(&s, p, (size_t)(stop - p));
	return s.reason == JSON_OK && (type == JSON_STRING || type == JSON_NUMBER)
	    ? (struct span){ p, (size_t)(stop - p) }
	    : SPAN("null");
}

/*
 * A message that is no JSON for what stands in one of its strings still has the form of
 * an object: who sent it waits for the answer to its id.
 */
static struct span
find_id(const char *p, size_t n)
{
	const char *end = p + n, *after;
	struct span id = SPAN("null"), key;
	unsigned depth = 0;

	for (p = pass_blanks(p, end); p < end;) {
		if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			if (depth == 0 || --depth == 0)
				return pass_blanks(p + 1, end) == end ? id : SPAN("null");
		} else if (*p == '"') {
			after = pass_string(p, end);
			if (!after)
				break;
			key = (struct span){ p, (size_t)(after - p) };
			p = pass_blanks(after, end);
			if (depth == 1 && p < end && *p == ':' && span_eq(key, SPAN("\"id\"")))
				id = token(pass_blanks(p + 1, end), end);
			continue;
		}
		p++;
	}
	return SPAN("null");
}

enum rpc_code
rpc_parse(struct rpc_message *m, const char *p, size_t n, const char **why)
{
	struct json_value value[KEYS + 1];
	struct json_member member;
	struct json_scan s;
	enum json_type type = json_open(&s, p, n);

	m->kind = RPC_NOTIFICATION;
	m->id = SPAN("null");
	m->method = (struct span){ NULL, 0 };
	m->params.raw = m->method;
	memset(value, 0, sizeof(value));
	if (type == JSON_OBJECT) {
		while (json_next(&s, &member))
			value[rpc_key(&member.key)] = member.value;
	} else {
		json_whole(&s, &member.value);
	}
	if (s.reason) {
		m->id = find_id(p, n);
		*why = json_reason_text(s.reason);
		return RPC_PARSE_ERROR;
	}
	*why = "a message is one JSON object";
	return type == JSON_OBJECT ? read_members(m, value, why) : RPC_INVALID_REQUEST;
}

static void
begin_answer(struct buf *b, struct span id)
{
	buf_adds(b, "{\"jsonrpc\":\"2.0\",\"id\":");
	buf_add(b, id.p, id.n);
}

void
rpc_add_result(struct buf *b, struct span id, struct span result)
{
	begin_answer(b, id);
	buf_adds(b, ",\"result\":");
	buf_add(b, result.p, result.n);
	buf_adds(b, "}\n");
}

void
rpc_add_error(
    struct buf *b, struct span id, enum rpc_code code, struct span message, struct span data)
{
	begin_answer(b, id);
	buf_addf(b, ",\"error\":{\"code\":%d,\"message\":", (int)code);
	json_add_string(b, message.p, message.n);
	if (data.p) {
		buf_adds(b, ",\"data\":");
		buf_add(b, data.p, data.n);
	}
	buf_adds(b, "}}\n");
}

struct json_value
rpc_member(const struct json_value *object, const char *name)
{
	struct json_value found = { .raw = { NULL, 0 } };
	struct json_member m;
	struct json_scan s;
	char room[64];

	if (!object->raw.p || json_open(&s, object->raw.p, object->raw.n) != JSON_OBJECT)
		return found;
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (key.p && span_eq(key, span_of(name)))
			found = m.value;
	}
	return found;
}

struct span
rpc_text(const struct json_value *v, char room[RPC_NAME_MAX])
{
	if (!v->raw.p || v->type != JSON_STRING)
		return (struct span){ NULL, 0 };
	return json_short_text(v, room, RPC_NAME_MAX);
}
