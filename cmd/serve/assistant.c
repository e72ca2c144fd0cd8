#include "cmd/serve/assistant.h"

#include <time.h>

#include "cmd/cli/face.h"

#include "base/banned.h"

/* ---- events ---- */

static void
take(void *event)
{
	door_track(event);
}

/* The code and the words of the API's error. */
static void
tell_refused(struct mcp_answer *a, enum denial why)
{
	struct span body = denial_body(why);
	struct json_value all = { .raw = { body.p, body.n - 1 }, .type = JSON_OBJECT };
	struct json_value code = rpc_member(&all, "error"), details = rpc_member(&all, "details");

	a->failed = true;
	buf_add(&a->message, code.raw.p + 1, code.raw.n - 2);
	buf_adds(&a->message, ": ");
	if (details.raw.p)
		buf_add(&a->message, details.raw.p + 1, details.raw.n - 2);
	else
		buf_adds(&a->message, "too many events; send it again in a second");
}

/* What is on the loop, and waited for by the thread. */
struct sending {
	struct door_event event;
	struct assistant *assistant;
};

static void
on_taken(struct door_event *e)
{
	struct assistant *s = ((struct sending *)e)->assistant;

	if (e->complaint)
		mcp_track_invalid(s->answer, e->complaint, e->complaints);
	else if (e->why != DENIAL_NONE)
		tell_refused(s->answer, e->why);
	else
		mcp_track_taken(s->answer, e->event_id, NULL);
	pthread_mutex_lock(&s->lock);
	s->taken = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void
track(void *context, struct span event, struct mcp_answer *a)
{
	const struct timespec pause = { 0, 10000000 };
	struct assistant *s = context;
	struct sending sending = {
		.event = { .question = s->question, .text = event, .done = on_taken },
		.assistant = s,
	};

	s->answer = a;
	s->taken = false;
	while (!http_post(s->server, take, &sending))
		nanosleep(&pause, NULL);
	pthread_mutex_lock(&s->lock);
	while (!s->taken)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* ---- questions ---- */

void
assistant_init(
    struct assistant *s, struct http_server *server, struct clickhouse *clickhouse, bool no_ids)
{
	s->server = server;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->tools.ask.clickhouse = clickhouse;
	s->tools.ask.no_ids = no_ids;
	s->tools.track = track;
	s->tools.context = s;
	mcp_tools_use(&s->tools, &s->mcp);
	s->mcp.version = MM_VERSION;
}

void
assistant_release(struct assistant *s)
{
	mcp_release(&s->mcp);
	mcp_tools_release(&s->tools);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

/* The value of the field; one that is there twice says nothing, which is no value that counts. */
static struct span
only_header(const struct http_request *r, struct span name)
{
	struct span found = { NULL, 0 };
	size_t i;

	for (i = 0; i < r->field_count; i++)
		if (http_field_is(r, i, name))
			found = found.p ? SPAN("") : http_field_value(r, i);
	return found;
}

unsigned
assistant_reply(struct assistant *s, struct door_question *q, struct clickhouse_error *e)
{
	const struct http_request *r = q->request;
	const struct mcp_headers headers = {
		.version = only_header(r, SPAN("mcp-protocol-version")),
		.method = only_header(r, SPAN("mcp-method")),
		.name = only_header(r, SPAN("mcp-name")),
	};
	bool account = q->route == DOOR_MCP_ACCOUNT;
	struct span projects = { q->projects.p, q->projects.n };

	s->question = q;
	s->mcp.allowed = (s->tools.ask.no_ids ? 0 : MCP_IDS) | (account ? MCP_ACCOUNT : 0) |
	    (q->may_send && !account ? MCP_WRITES : 0);
	s->tools.ask.project = (struct span){ q->project, UUID_TEXT };
	s->tools.ask.error = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	s->tools.projects = projects.n ? projects : SPAN("");
	if (!account)
		s->tools.projects.p = NULL;
	q->status = mcp_post(&s->mcp, &headers, r->body.p ? r->body.p : "", r->body.n, &q->body);
	*e = s->tools.ask.error;
	return q->status;
}
