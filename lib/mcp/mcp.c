#include "mcp/mcp.h"

#include "base/banned.h"

enum { NAME_MAX = 128 };

static const char *const versions[] = { "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };

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

/* ---- the methods ---- */

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
mcp_is_request(const char *p, size_t n, struct span id)
{
	struct rpc_message r;
	const char *why;

	return rpc_parse(&r, p, n, &why) == RPC_OK && r.kind == RPC_REQUEST && span_eq(r.id, id) &&
	    !is_name(r.method, "initialize");
}
