#include "mcp/mcp.h"

#include "base/banned.h"

enum { NAME_MAX = 128 };

static const char *const versions[] = { "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };

/* ---- JSON-RPC 2.0: what a message says, and answers to it ------------- */

enum { RPC_METHOD_MAX = 128 };

enum rpc_kind {
	RPC_REQUEST,
	RPC_NOTIFICATION, /* is not answered */
	RPC_RESPONSE,     /* to a request that was never made: is passed over */
};

struct rpc_message {
	enum rpc_kind kind;
	struct span id;           /* as it was sent, "null" when there is none */
	struct span method;       /* unescaped; not of a response */
	struct json_value params; /* an object or an array; raw.p is NULL when absent */
	/* the module's */
	char room[RPC_METHOD_MAX];
};

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

/*
 * Reads the message [p, p+n), one JSON object.  Returns RPC_OK, or the code of
 * the error to answer with, *why being a constant text; m->id is set also
 * then.  The spans point into the text.
 */
static enum rpc_code
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

/*
 * Appends an answer and a newline.  `result` is JSON; `message` is text in
 * UTF-8; `data` is JSON, and none when its p is NULL.
 */
static void
rpc_add_result(struct buf *b, struct span id, struct span result)
{
	begin_answer(b, id);
	buf_adds(b, ",\"result\":");
	buf_add(b, result.p, result.n);
	buf_adds(b, "}\n");
}

static void
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

/* ---- answers ---------------------------------------------------------- */

void
mcp_release(struct mcp *m)
{
	buf_release(&m->answer.json);
	buf_release(&m->answer.message);
	buf_release(&m->answer.data);
	buf_release(&m->result);
}

static void
fail(struct mcp_answer *a, enum rpc_code code, const char *message)
{
	a->code = code;
	buf_adds(&a->message, message);
}

static void
add_text(struct buf *b, const char *before, const char *text)
{
	buf_adds(b, before);
	json_add_string(b, text, strlen(text));
}

/* The value of a member of `object`; raw.p is NULL when there is none. */
static struct json_value
member_of(const struct json_value *object, const char *name)
{
	struct json_value found = { .raw = { NULL, 0 } };
	struct json_member m;
	struct json_scan s;
	char room[32];

	if (!object->raw.p || json_open(&s, object->raw.p, object->raw.n) != JSON_OBJECT)
		return found;
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (key.p && span_eq(key, span_of(name)))
			found = m.value;
	}
	return found;
}

/* The text of a string that is shorter than `room`; p is NULL for anything else. */
static struct span
text_of(const struct json_value *v, char room[NAME_MAX])
{
	if (!v->raw.p || v->type != JSON_STRING)
		return (struct span){ NULL, 0 };
	return json_short_text(v, room, NAME_MAX);
}

static bool
is_name(struct span text, const char *name)
{
	return text.p && span_eq(text, span_of(name));
}

/* ---- what the arguments of a tool are, as JSON Schema ----------------- */

static void
add_bounds(struct buf *b, const struct argument *a, const char *min, const char *max)
{
	if (a->min)
		buf_addf(b, ",\"%s\":%u", min, a->min);
	if (a->max)
		buf_addf(b, ",\"%s\":%u", max, a->max);
}

static void
add_choices(struct buf *b, const char *choices)
{
	static const char between[] = "|, ";
	const char *p = choices, *comma = "";

	buf_adds(b, "\"type\":\"string\",\"enum\":[");
	while (*(p += strspn(p, between))) {
		size_t n = strcspn(p, between);

		buf_adds(b, comma);
		json_add_string(b, p, n);
		comma = ",";
		p += n;
	}
	buf_addc(b, ']');
}

static void
add_type(struct buf *b, const struct argument *a)
{
	switch (a->kind) {
	case ARGUMENT_TEXT:
		buf_adds(b, "\"type\":\"string\"");
		add_bounds(b, a, "minLength", "maxLength");
		break;
	case ARGUMENT_CHOICE:
		add_choices(b, a->choices);
		break;
	case ARGUMENT_CHOICES:
		buf_adds(b, "\"type\":\"array\",\"uniqueItems\":true,\"items\":{");
		add_choices(b, a->choices);
		buf_addc(b, '}');
		break;
	case ARGUMENT_TEXTS:
		buf_adds(b, "\"type\":\"array\"");
		add_bounds(b, a, "minItems", "maxItems");
		buf_adds(b, ",\"items\":{\"type\":\"string\",\"minLength\":1}");
		break;
	case ARGUMENT_NUMBER:
		buf_adds(b, "\"type\":\"integer\"");
		add_bounds(b, a, "minimum", "maximum");
		break;
	case ARGUMENT_OBJECT:
		buf_adds(b, "\"type\":\"object\"");
		break;
	}
}

static void
add_default(struct buf *b, const struct argument *a)
{
	if (!a->fallback)
		return;
	if (a->kind == ARGUMENT_NUMBER)
		buf_addf(b, ",\"default\":%s", a->fallback);
	else
		add_text(b, ",\"default\":", a->fallback);
}

/* Appends the schema of an object of these arguments and no others. */
static void
argument_add_schema(struct buf *b, const struct argument *arguments)
{
	const struct argument *a;
	const char *comma = "";

	buf_adds(b, "{\"type\":\"object\",\"properties\":{");
	for (a = arguments; a->name; a++) {
		add_text(b, a == arguments ? "" : ",", a->name);
		buf_adds(b, ":{");
		add_type(b, a);
		add_default(b, a);
		add_text(b, ",\"description\":", a->about);
		buf_addc(b, '}');
	}
	buf_adds(b, "},\"required\":[");
	for (a = arguments; a->name; a++) {
		if (!a->required)
			continue;
		add_text(b, comma, a->name);
		comma = ",";
	}
	buf_adds(b, "],\"additionalProperties\":false}");
}

/* ---- the methods ------------------------------------------------------ */

/* The client's version when it is one of ours, else our latest: then the client decides. */
static const char *
negotiate(const struct json_value *params)
{
	struct json_value wanted = member_of(params, "protocolVersion");
	char room[NAME_MAX];
	struct span text = text_of(&wanted, room);
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (is_name(text, versions[i]))
			return versions[i];
	}
	return versions[0];
}

static void
initialize(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct buf *b = &a->json;

	add_text(b, "{\"protocolVersion\":", negotiate(params));
	buf_adds(b, ",\"capabilities\":{\"tools\":{},\"resources\":{}}");
	add_text(b, ",\"serverInfo\":{\"name\":", m->server);
	add_text(b, ",\"title\":", m->title);
	add_text(b, ",\"version\":", m->version);
	add_text(b, "},\"instructions\":", m->instructions);
	buf_addc(b, '}');
}

static void
ping(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	(void)m;
	(void)params;
	buf_adds(&a->json, "{}");
}

static bool
is_offered(const struct mcp *m, const struct mcp_tool *t)
{
	return !m->read_only || !t->writes;
}

/* All fits one page, so a cursor was not given by us. */
static bool
has_cursor(const struct json_value *params, struct mcp_answer *a)
{
	if (!member_of(params, "cursor").raw.p)
		return false;
	fail(a, RPC_INVALID_PARAMS, "There is one page only, and no cursor");
	return true;
}

static void
list_tools(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct buf *b = &a->json;
	const char *comma = "";
	const struct mcp_tool *t;

	if (has_cursor(params, a))
		return;
	buf_adds(b, "{\"tools\":[");
	for (t = m->tools; t->name; t++) {
		if (!is_offered(m, t))
			continue;
		buf_adds(b, comma);
		add_text(b, "{\"name\":", t->name);
		add_text(b, ",\"title\":", t->title);
		add_text(b, ",\"description\":", t->description);
		buf_adds(b, ",\"inputSchema\":");
		argument_add_schema(b, t->arguments);
		buf_addf(b,
		    ",\"annotations\":{\"readOnlyHint\":%s,\"destructiveHint\":false,"
		    "\"openWorldHint\":false}}",
		    t->writes ? "false" : "true");
		comma = ",";
	}
	buf_adds(b, "]}");
}

static void
list_resources(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct buf *b = &a->json;
	const struct mcp_resource *r;

	if (has_cursor(params, a))
		return;
	buf_adds(b, "{\"resources\":[");
	for (r = m->resources; r->uri; r++) {
		add_text(b, r == m->resources ? "{\"uri\":" : ",{\"uri\":", r->uri);
		add_text(b, ",\"name\":", r->name);
		add_text(b, ",\"title\":", r->title);
		add_text(b, ",\"description\":", r->description);
		buf_adds(b, ",\"mimeType\":\"application/json\"}");
	}
	buf_adds(b, "]}");
}

static void
list_templates(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	(void)m;
	if (!has_cursor(params, a))
		buf_adds(&a->json, "{\"resourceTemplates\":[]}");
}

/* Puts what the tool has said, an object, into the form of a tool's result. */
static void
wrap_result(struct mcp *m, struct mcp_answer *a)
{
	buf_reset(&m->result);
	buf_adds(&m->result, "{\"content\":[{\"type\":\"text\",\"text\":");
	json_add_string(&m->result, a->json.p, a->json.n);
	buf_adds(&m->result, "}],\"structuredContent\":");
	buf_add(&m->result, a->json.p, a->json.n);
	buf_adds(&m->result, ",\"isError\":false}");
}

static void
wrap_contents(struct mcp *m, const char *uri, struct mcp_answer *a)
{
	buf_reset(&m->result);
	add_text(&m->result, "{\"contents\":[{\"uri\":", uri);
	buf_adds(&m->result, ",\"mimeType\":\"application/json\",\"text\":");
	json_add_string(&m->result, a->json.p, a->json.n);
	buf_adds(&m->result, "}]}");
}

/* What was wrapped becomes the answer. */
static void
swap_result(struct mcp *m, struct mcp_answer *a)
{
	struct buf wrapped = m->result;

	if (a->json.failed)
		wrapped.failed = true;
	m->result = a->json;
	a->json = wrapped;
}

static void
call_tool(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct json_value name = member_of(params, "name");
	struct json_value arguments = member_of(params, "arguments");
	const struct mcp_tool *t;
	char room[NAME_MAX];
	struct span text = text_of(&name, room);

	for (t = m->tools; t->name && !(is_offered(m, t) && is_name(text, t->name)); t++)
		;
	if (!t->name) {
		fail(a, RPC_INVALID_PARAMS,
		    "There is no such tool; tools/list names those there are");
		return;
	}
	if (arguments.raw.p && arguments.type == JSON_NULL)
		arguments.raw.p = NULL;
	if (arguments.raw.p && arguments.type != JSON_OBJECT) {
		fail(a, RPC_INVALID_PARAMS, "The arguments are not an object");
		return;
	}
	m->call(m->context, t, &arguments, a);
	if (a->code == RPC_OK && !a->cancelled) {
		wrap_result(m, a);
		swap_result(m, a);
	}
}

static void
read_resource(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct json_value uri = member_of(params, "uri");
	const struct mcp_resource *r;
	char room[NAME_MAX];
	struct span text = text_of(&uri, room);

	for (r = m->resources; r->uri && !is_name(text, r->uri); r++)
		;
	if (!r->uri) {
		fail(a, RPC_INVALID_PARAMS,
		    "There is no such resource; resources/list names those there are");
		return;
	}
	m->read(m->context, r, a);
	if (a->code == RPC_OK && !a->cancelled) {
		wrap_contents(m, r->uri, a);
		swap_result(m, a);
	}
}

/* ---- messages ---- */

typedef void method(struct mcp *, const struct json_value *params, struct mcp_answer *);

static method *
find_method(struct span name)
{
	static const struct {
		const char *name;
		method *method;
	} methods[] = {
		{ "initialize", initialize },
		{ "ping", ping },
		{ "tools/list", list_tools },
		{ "tools/call", call_tool },
		{ "resources/list", list_resources },
		{ "resources/templates/list", list_templates },
		{ "resources/read", read_resource },
	};
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (is_name(name, methods[i].name))
			return methods[i].method;
	}
	return NULL;
}

static void
answer_reset(struct mcp_answer *a)
{
	buf_reset(&a->json);
	buf_reset(&a->message);
	buf_reset(&a->data);
	a->code = RPC_OK;
	a->cancelled = false;
}

static struct span
span_of_buf(const struct buf *b)
{
	return (struct span){ b->n ? b->p : NULL, b->n };
}

static void
add_answer(struct buf *out, struct span id, struct mcp_answer *a)
{
	if (a->json.failed || a->message.failed || a->data.failed)
		rpc_add_error(out, id, RPC_SERVER_ERROR, SPAN("Out of memory"), SPAN("null"));
	else if (a->code == RPC_OK)
		rpc_add_result(out, id, span_of_buf(&a->json));
	else
		rpc_add_error(out, id, a->code, span_of_buf(&a->message), span_of_buf(&a->data));
}

static void
request(struct mcp *m, const struct rpc_message *r, struct buf *out)
{
	struct mcp_answer *a = &m->answer;
	method *found = find_method(r->method);

	answer_reset(a);
	if (!found)
		fail(a, RPC_METHOD_NOT_FOUND, "There is no such method");
	else
		found(m, &r->params, a);
	if (!a->cancelled)
		add_answer(out, r->id, a);
}

static void
one_message(struct mcp *m, const char *p, size_t n, struct buf *out)
{
	struct rpc_message r;
	const char *why;
	enum rpc_code code = rpc_parse(&r, p, n, &why);

	if (code != RPC_OK)
		rpc_add_error(out, r.id, code, span_of(why), (struct span){ NULL, 0 });
	else if (r.kind == RPC_REQUEST)
		request(m, &r, out);
}

/* Answers stand one a line; those of a batch become one array. */
static void
join_lines(struct buf *out, size_t start)
{
	size_t i;

	if (out->failed || out->n == start)
		return;
	out->p[start - 1] = '[';
	for (i = start; i + 1 < out->n; i++) {
		if (out->p[i] == '\n')
			out->p[i] = ',';
	}
	out->p[out->n - 1] = ']';
	buf_addc(out, '\n');
}

static void
batch(struct mcp *m, struct json_scan *s, struct buf *out)
{
	struct json_value v;
	size_t start;
	bool empty = true;

	buf_addc(out, '[');
	start = out->n;
	json_enter_array(s);
	while (json_next_element(s, &v)) {
		one_message(m, v.raw.p, v.raw.n, out);
		empty = false;
	}
	if (empty)
		rpc_add_error(out, SPAN("null"), RPC_INVALID_REQUEST,
		    SPAN("a batch holds at least one message"), (struct span){ NULL, 0 });
	else
		join_lines(out, start);
	if (out->failed)
		return;
	if (empty || out->n == start) {
		memmove(out->p + start - 1, out->p + start, out->n - start);
		out->n--;
	}
}

void
mcp_message(struct mcp *m, const char *p, size_t n, struct buf *out)
{
	struct json_scan s;

	if (json_skim(&s, p, n) == JSON_ARRAY && s.reason == JSON_OK) {
		json_open(&s, p, n);
		batch(m, &s, out);
	} else {
		one_message(m, p, n, out);
	}
}

void
mcp_too_long(size_t max, struct buf *out)
{
	struct buf why = BUF_INIT;

	buf_addf(&why, "The message is longer than %zu bytes", max);
	rpc_add_error(
	    out, SPAN("null"), RPC_INVALID_REQUEST, span_of_buf(&why), (struct span){ NULL, 0 });
	buf_release(&why);
}

bool
mcp_cancels(const char *p, size_t n, struct span *id)
{
	struct rpc_message r;
	struct json_value wanted;
	const char *why;

	if (rpc_parse(&r, p, n, &why) != RPC_OK || r.kind != RPC_NOTIFICATION ||
	    !is_name(r.method, "notifications/cancelled"))
		return false;
	wanted = member_of(&r.params, "requestId");
	*id = wanted.raw.p ? wanted.raw : SPAN("null");
	return true;
}

bool
mcp_pings(const char *p, size_t n, struct buf *out)
{
	struct rpc_message r;
	const char *why;

	if (rpc_parse(&r, p, n, &why) != RPC_OK || r.kind != RPC_REQUEST ||
	    !is_name(r.method, "ping"))
		return false;
	rpc_add_result(out, r.id, SPAN("{}"));
	return true;
}

bool
mcp_takes_long(const char *p, size_t n)
{
	struct span text = { p, n };
	struct rpc_message r;
	const char *why;

	if (n == 0) /* p may be NULL */
		return false;
	if (rpc_parse(&r, p, n, &why) != RPC_OK) /* it may be a batch */
		return span_find(text, SPAN("\"tools/call\"")) < n ||
		    span_find(text, SPAN("\"resources/read\"")) < n;
	return is_name(r.method, "tools/call") || is_name(r.method, "resources/read");
}

bool
mcp_is_request(const char *p, size_t n, struct span id)
{
	struct rpc_message r;
	const char *why;

	return n > 0 && rpc_parse(&r, p, n, &why) == RPC_OK && r.kind == RPC_REQUEST &&
	    span_eq(r.id, id) && !is_name(r.method, "initialize");
}
