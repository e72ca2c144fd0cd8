#include "mcp/mcp.h"

#include "base/banned.h"

/* How long lists may be kept by who asked, in ms; what is read is of this moment. */
#define LISTS_FRESH "3600000"

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

static struct span
span_of_buf(const struct buf *b)
{
	return (struct span){ b->n ? b->p : NULL, b->n };
}

/* ---- the methods ------------------------------------------------------ */

static void
add_server(const struct mcp *m, struct buf *b)
{
	add_text(b, "{\"name\":", m->server);
	add_text(b, ",\"title\":", m->title);
	add_text(b, ",\"version\":", m->version);
	buf_addc(b, '}');
}

static void
add_capabilities(const struct mcp *m, struct buf *b)
{
	buf_adds(b, ",\"capabilities\":{\"tools\":{}");
	if (!(m->allowed & MCP_ACCOUNT))
		buf_adds(b, ",\"resources\":{}");
	add_text(b, "},\"instructions\":", m->instructions);
}

/* The client's version when it is one of ours, else our latest: then the client decides. */
static void
initialize(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct json_value wanted = rpc_member(params, "protocolVersion");
	char room[RPC_NAME_MAX];
	const char *version = mcp_legacy_version(rpc_text(&wanted, room));

	m->negotiated = version ? version : mcp_legacy_versions[0];
	add_text(&a->json, "{\"protocolVersion\":", m->negotiated);
	add_capabilities(m, &a->json);
	buf_adds(&a->json, ",\"serverInfo\":");
	add_server(m, &a->json);
	buf_addc(&a->json, '}');
}

static void
discover(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	(void)params;
	buf_adds(&a->json, "{\"supportedVersions\":[\"" MCP_MODERN "\"]");
	add_capabilities(m, &a->json);
	buf_addc(&a->json, '}');
}

static void
ping(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	(void)m;
	(void)params;
	buf_adds(&a->json, "{}");
}

/* All fits one page, so a cursor was not given by us. */
static bool
has_cursor(const struct json_value *params, struct mcp_answer *a)
{
	if (!rpc_member(params, "cursor").raw.p)
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
		if (!mcp_may(m->allowed, t->needs))
			continue;
		buf_adds(b, comma);
		add_text(b, "{\"name\":", t->name);
		add_text(b, ",\"description\":", t->description);
		buf_adds(b, ",\"inputSchema\":");
		argument_add_schema(b, t->arguments, m->allowed);
		buf_adds(b, ",\"outputSchema\":");
		buf_adds(b, t->output);
		buf_addf(b, ",\"annotations\":{\"%s}}",
		    t->needs & MCP_WRITES ? "destructiveHint\":false" : "readOnlyHint\":true");
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
	for (r = m->resources; r->uri && !(m->allowed & MCP_ACCOUNT); r++) {
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

/* What was wrapped becomes the answer. */
static void
swap_result(struct mcp *m, struct mcp_answer *a)
{
	struct buf wrapped = m->result;

	if (a->json.failed || a->message.failed)
		wrapped.failed = true;
	m->result = a->json;
	a->json = wrapped;
}

/* Puts what the tool has said, an object or why there is none, into the form of a tool's result. */
static void
wrap_result(struct mcp *m, struct mcp_answer *a)
{
	const struct buf *text = a->failed ? &a->message : &a->json;

	buf_reset(&m->result);
	buf_adds(&m->result, "{\"content\":[{\"type\":\"text\",\"text\":");
	json_add_string(&m->result, text->p, text->n);
	buf_adds(&m->result, "}]");
	if (!a->failed) {
		buf_adds(&m->result, ",\"structuredContent\":");
		buf_add(&m->result, a->json.p, a->json.n);
	}
	buf_addf(&m->result, ",\"isError\":%s}", a->failed ? "true" : "false");
	swap_result(m, a);
}

static void
wrap_contents(struct mcp *m, const char *uri, struct mcp_answer *a)
{
	buf_reset(&m->result);
	add_text(&m->result, "{\"contents\":[{\"uri\":", uri);
	buf_adds(&m->result, ",\"mimeType\":\"application/json\",\"text\":");
	json_add_string(&m->result, a->json.p, a->json.n);
	buf_adds(&m->result, "}]}");
	swap_result(m, a);
}

static const struct argument *
find_argument(const struct mcp *m, const struct mcp_tool *t, struct span name)
{
	const struct argument *a;

	for (a = t->arguments; a->name; a++)
		if (rpc_is_name(name, a->name) && mcp_may(m->allowed, a->needs))
			return a;
	return NULL;
}

/* A misspelt argument must not pass for a question that was answered. */
static bool
knows_arguments(const struct mcp *m, const struct mcp_tool *t, const struct json_value *arguments,
    struct mcp_answer *a)
{
	const struct argument *known;
	const char *comma = "";
	struct json_member member;
	struct json_scan s;
	char room[RPC_NAME_MAX];
	struct span name;

	if (!arguments->raw.p)
		return true;
	json_open(&s, arguments->raw.p, arguments->raw.n);
	while (json_next(&s, &member)) {
		name = json_short_text(&member.key, room, sizeof(room));
		if (find_argument(m, t, name))
			continue;
		a->failed = true;
		buf_addf(&a->message, "%s has no argument ", t->name);
		buf_add_scrubbed(&a->message, name.p, name.p ? name.n : 0);
		buf_adds(&a->message, "; it has ");
		for (known = t->arguments; known->name; known++) {
			if (!mcp_may(m->allowed, known->needs))
				continue;
			buf_addf(&a->message, "%s%s", comma, known->name);
			comma = ", ";
		}
		return false;
	}
	return true;
}

static void
call_tool(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct json_value name = rpc_member(params, "name");
	struct json_value arguments = rpc_member(params, "arguments");
	const struct mcp_tool *t;
	char room[RPC_NAME_MAX];
	struct span text = rpc_text(&name, room);

	for (t = m->tools; t->name && !rpc_is_name(text, t->name); t++)
		;
	if (!t->name || !mcp_may(m->allowed, t->needs)) {
		fail(a, RPC_INVALID_PARAMS,
		    t->name ? "This tool is not offered here: events can only be read"
			    : "There is no such tool; tools/list names those there are");
		return;
	}
	if (arguments.raw.p && arguments.type == JSON_NULL)
		arguments.raw.p = NULL;
	if (arguments.raw.p && arguments.type != JSON_OBJECT) {
		fail(a, RPC_INVALID_PARAMS, "The arguments are not an object");
		return;
	}
	if (knows_arguments(m, t, &arguments, a))
		m->call(m->context, t, &arguments, a);
	if (!a->cancelled)
		wrap_result(m, a);
}

static void
read_resource(struct mcp *m, const struct json_value *params, struct mcp_answer *a)
{
	struct json_value uri = rpc_member(params, "uri");
	const struct mcp_resource *r;
	char room[RPC_NAME_MAX];
	struct span text = rpc_text(&uri, room);

	for (r = m->resources; r->uri && !rpc_is_name(text, r->uri); r++)
		;
	if (!r->uri || (m->allowed & MCP_ACCOUNT)) {
		fail(a, RPC_INVALID_PARAMS,
		    "There is no such resource; resources/list names those there are");
		if (text.p) {
			buf_adds(&a->data, "{\"uri\":");
			json_add_string(&a->data, text.p, text.n);
			buf_addc(&a->data, '}');
		}
		return;
	}
	m->read(m->context, r, a);
	if (a->failed)
		a->code = RPC_INTERNAL_ERROR;
	else if (!a->cancelled)
		wrap_contents(m, r->uri, a);
}

/* ---- messages ---- */

/* Which requests have a method. */
enum { LEGACY = 1, MODERN = 2 };

static const struct method {
	const char *name;
	void (*run)(struct mcp *, const struct json_value *params, struct mcp_answer *);
	int eras;
	const char *fresh; /* how long the answer may be kept, in ms; NULL: that is not said */
} methods[] = {
	{ "initialize", initialize, LEGACY, NULL },
	{ "server/discover", discover, MODERN, LISTS_FRESH },
	{ "ping", ping, LEGACY, NULL },
	{ "tools/list", list_tools, LEGACY | MODERN, LISTS_FRESH },
	{ "tools/call", call_tool, LEGACY | MODERN, NULL },
	{ "resources/list", list_resources, LEGACY | MODERN, LISTS_FRESH },
	{ "resources/templates/list", list_templates, LEGACY | MODERN, LISTS_FRESH },
	{ "resources/read", read_resource, LEGACY | MODERN, "0" },
};

static const struct method *
find_method(struct span name, int era)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if ((methods[i].eras & era) && rpc_is_name(name, methods[i].name))
			return &methods[i];
	return NULL;
}

static void
answer_reset(struct mcp_answer *a)
{
	buf_reset(&a->json);
	buf_reset(&a->message);
	buf_reset(&a->data);
	a->code = RPC_OK;
	a->failed = a->cancelled = false;
}

/* What each result says since there is no handshake: it is an object that is not empty. */
static void
complete(const struct mcp *m, const struct method *method, struct buf *json)
{
	if (json->failed || json->n == 0)
		return;
	json->n--;
	buf_adds(json, ",\"resultType\":\"complete\"");
	if (method->fresh)
		buf_addf(json, ",\"ttlMs\":%s,\"cacheScope\":\"private\"", method->fresh);
	buf_adds(json, ",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":");
	add_server(m, json);
	buf_adds(json, "}}");
}

static void
add_answer(const struct mcp *m, struct span id, struct mcp_answer *a, struct buf *out)
{
	enum rpc_code internal = m->modern ? RPC_INTERNAL_ERROR : RPC_SERVER_ERROR;

	if (a->json.failed || a->message.failed || a->data.failed)
		rpc_add_error(out, id, internal, SPAN("Out of memory"), (struct span){ NULL, 0 });
	else if (a->code == RPC_OK)
		rpc_add_result(out, id, span_of_buf(&a->json));
	else
		rpc_add_error(out, id, a->code == RPC_INTERNAL_ERROR ? internal : a->code,
		    span_of_buf(&a->message), span_of_buf(&a->data));
}

static void
request(struct mcp *m, const struct rpc_message *r, struct buf *out)
{
	struct mcp_answer *a = &m->answer;
	const struct method *method;

	answer_reset(a);
	m->modern = envelope_is_modern(r, m->headers);
	if (m->modern) {
		a->code = envelope_check(r, m->headers, &a->message, &a->data);
		m->status = a->code == RPC_OK ? 200 : 400;
	}
	method = find_method(r->method, m->modern ? MODERN : LEGACY);
	if (a->code == RPC_OK && !method) {
		fail(a, RPC_METHOD_NOT_FOUND, "There is no such method");
		m->status = m->modern ? 404 : 200;
	} else if (a->code == RPC_OK) {
		method->run(m, &r->params, a);
	}
	if (m->modern && a->code == RPC_OK)
		complete(m, method, &a->json);
	if (!a->cancelled)
		add_answer(m, r->id, a, out);
}

static void
one_message(struct mcp *m, const char *p, size_t n, struct buf *out)
{
	struct rpc_message r;
	const char *why;
	enum rpc_code code = rpc_parse(&r, p, n, &why);

	if (code != RPC_OK) {
		m->status = 400;
		rpc_add_error(out, r.id, code, span_of(why), (struct span){ NULL, 0 });
	} else if (r.kind == RPC_REQUEST) {
		request(m, &r, out);
	} else if (m->headers && m->headers->version.p &&
	    !mcp_legacy_version(m->headers->version) &&
	    !rpc_is_name(m->headers->version, MCP_MODERN)) {
		m->status = 400;
		rpc_add_error(out, SPAN("null"), RPC_UNSUPPORTED_VERSION,
		    SPAN("Unsupported protocol version"), (struct span){ NULL, 0 });
	}
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
	m->status = empty ? 400 : 200;
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

	m->status = 200;
	m->modern = false;
	if (json_skim(&s, p, n) != JSON_ARRAY || s.reason != JSON_OK) {
		one_message(m, p, n, out);
	} else if (m->negotiated && strcmp(m->negotiated, MCP_WITH_BATCHES) == 0) {
		json_open(&s, p, n);
		batch(m, &s, out);
	} else {
		m->status = 400;
		rpc_add_error(out, SPAN("null"), RPC_INVALID_REQUEST,
		    SPAN("Only the protocol's version " MCP_WITH_BATCHES
			 " has batches: send one message at a time"),
		    (struct span){ NULL, 0 });
	}
}

unsigned
mcp_post(struct mcp *m, const struct mcp_headers *headers, const char *p, size_t n, struct buf *out)
{
	size_t start = out->n;

	m->headers = headers;
	/* the versions from before that header are this one */
	m->negotiated =
	    headers->version.p ? mcp_legacy_version(headers->version) : MCP_WITH_BATCHES;
	mcp_message(m, p, n, out);
	m->headers = NULL;
	return out->n == start && m->status == 200 ? 202 : m->status;
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
	    !rpc_is_name(r.method, "notifications/cancelled"))
		return false;
	wanted = rpc_member(&r.params, "requestId");
	*id = wanted.raw.p ? wanted.raw : SPAN("null");
	return true;
}

bool
mcp_pings(const char *p, size_t n, struct buf *out)
{
	struct rpc_message r;
	const char *why;

	if (rpc_parse(&r, p, n, &why) != RPC_OK || r.kind != RPC_REQUEST ||
	    !rpc_is_name(r.method, "ping") || envelope_is_modern(&r, NULL))
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
	return rpc_is_name(r.method, "tools/call") || rpc_is_name(r.method, "resources/read");
}

bool
mcp_is_request(const char *p, size_t n, struct span id)
{
	struct rpc_message r;
	const char *why;

	return n > 0 && rpc_parse(&r, p, n, &why) == RPC_OK && r.kind == RPC_REQUEST &&
	    span_eq(r.id, id) && !rpc_is_name(r.method, "initialize");
}
