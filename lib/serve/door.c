#include "serve/door.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/timestamp.h"
#include "serve/admit.h"
#include "serve/denial.h"
#include "serve/script.h"

#include "base/banned.h"

#define JSON_TYPE "application/json"
#define NAME(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}

enum {
	KIB = 1024,
	BODY_EVENT = 64 * KIB,
	BODY_BATCH = 16 * KIB * KIB,
	BODY_FORGET = 16 * KIB,
	BODY_MCP = 128 * KIB, /* an event in it may be escaped */
};

static const struct route {
	struct span path;
	enum http_method method;
	enum admit_scope scope;
	size_t body;
} routes[DOOR_ROUTES] = {
	[DOOR_NOWHERE] = { NAME("other"), HTTP_M_OTHER, ADMIT_ANYBODY, 0 },
	[DOOR_TRACK] = { NAME("/v1/track"), HTTP_M_POST, ADMIT_SEND, BODY_EVENT },
	[DOOR_BATCH] = { NAME("/v1/batch"), HTTP_M_POST, ADMIT_SEND, BODY_BATCH },
	[DOOR_IDENTIFY] = { NAME("/v1/identify"), HTTP_M_POST, ADMIT_IDENTIFY, BODY_EVENT },
	[DOOR_FORGET] = { NAME("/v1/forget"), HTTP_M_POST, ADMIT_FORGET, BODY_FORGET },
	[DOOR_QUERY] = { NAME("/v1/query"), HTTP_M_GET, ADMIT_READ, 0 },
	[DOOR_STATS] = { NAME("/v1/stats"), HTTP_M_GET, ADMIT_READ, 0 },
	[DOOR_SOURCES] = { NAME("/v1/sources"), HTTP_M_GET, ADMIT_READ, 0 },
	[DOOR_REPORT] = { NAME("/report"), HTTP_M_GET, ADMIT_READ, 0 },
	[DOOR_SCRIPT] = { NAME("/v1/a.js"), HTTP_M_GET, ADMIT_ANYBODY, 0 },
	[DOOR_MCP] = { NAME("/mcp"), HTTP_M_POST, ADMIT_MCP, BODY_MCP },
	[DOOR_MCP_ACCOUNT] = { NAME("/mcp/account"), HTTP_M_POST, ADMIT_ACCOUNT, BODY_MCP },
	[DOOR_HEALTH] = { NAME("/healthz"), HTTP_M_GET, ADMIT_ANYBODY, 0 },
	[DOOR_METRICS] = { NAME("/metrics"), HTTP_M_GET, ADMIT_ANYBODY, 0 },
};

_Static_assert((int)DOOR_ROUTES <= (int)METER_ROUTES, "each route is counted");

void
door_init(struct door *d, const struct door_config *config)
{
	d->config = *config;
	d->last = &d->first;
	failures_init(&d->failures);
}

void
door_release(struct door *d)
{
	limits_release(&d->limits);
	limits_release(&d->account);
	tally_release(&d->tally);
	buf_release(&d->fields);
	buf_release(&d->body);
}

bool
door_use_keys(struct door *d, const struct keys *keys, uint64_t now)
{
	static const struct limit_project account = { .rates = LIMIT_RATES_DEFAULT };
	size_t n;
	const struct limit_project *project = keys_projects(keys, &n);

	if (!limits_set(&d->account, &account, 1, now) || !limits_set(&d->limits, project, n, now))
		return false;
	d->keys = keys;
	d->generation++;
	return true;
}

/* ---- answers ---- */

static uint64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool
sends(unsigned route)
{
	return routes[route].scope == ADMIT_SEND || routes[route].scope == ADMIT_IDENTIFY;
}

/* A page may read the answer when some pk allows its origin. */
static void
add_cors(struct door *d, const struct http_request *r)
{
	struct span origin = http_header(r, SPAN("origin"));

	if (!sends(r->route))
		return;
	buf_adds(&d->fields, "Vary: Origin\r\n");
	if (!origin.p || !keys_allow_origin(d->keys, origin))
		return;
	buf_adds(&d->fields, "Access-Control-Allow-Origin: ");
	buf_add(&d->fields, origin.p, origin.n);
	buf_adds(&d->fields, "\r\nAccess-Control-Expose-Headers: Retry-After\r\n");
}

/* Answers with the fields and a body of that type. */
static void
answer(struct door *d, struct http_request *r, unsigned status, const char *type,
    struct span fields, struct span body)
{
	uint64_t us = r->began ? clock_us() - r->began : 0;

	buf_reset(&d->fields);
	if (body.n)
		buf_addf(&d->fields, "Content-Type: %s\r\n", type);
	buf_adds(&d->fields, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
	buf_add(&d->fields, fields.p, fields.n);
	add_cors(d, r);
	meter_answer(&d->meter, r->route, status, us);
	http_answer(r, status,
	    d->fields.failed ? SPAN("") : (struct span){ d->fields.p, d->fields.n }, body);
}

static void
refuse(struct door *d, struct http_request *r, enum denial why)
{
	answer(d, r, denial_status(why), JSON_TYPE, denial_fields(why), denial_body(why));
}

static void
answer_body(struct door *d, struct http_request *r, unsigned status)
{
	if (d->body.failed) {
		refuse(d, r, DENIAL_MEMORY);
		return;
	}
	answer(d, r, status, JSON_TYPE, SPAN(""), (struct span){ d->body.p, d->body.n });
}

/* The events of the request are durable. */
static void
answer_taken(struct door *d, struct http_request *r)
{
	struct buf *b = &d->body;

	buf_reset(b);
	if (r->route == DOOR_TRACK) {
		buf_adds(b, "{\"ok\":true,\"event_id\":");
		if (r->note.p)
			buf_add(b, r->note.p, r->note.n);
		else
			buf_adds(b, "null");
		buf_adds(b, "}\n");
		d->meter.events++;
	} else if (r->route == DOOR_BATCH) {
		buf_adds(b, "{\"ok\":true,\"count\":");
		buf_addu(b, r->note.n);
		buf_adds(b, "}\n");
		d->meter.events += r->note.n;
	} else {
		buf_adds(b, "{\"ok\":true}\n");
		d->meter.events++;
	}
	answer_body(d, r, r->route == DOOR_IDENTIFY ? 200 : 202);
}

static bool
is_mcp(unsigned route)
{
	return route == DOOR_MCP || route == DOOR_MCP_ACCOUNT;
}

static void
end_event(struct door *d, struct door_event *e, enum denial why)
{
	d->meter.events += why == DENIAL_NONE && !e->complaint;
	e->why = why;
	e->done(e);
}

void
door_settled(struct door *d, uint64_t group, int error)
{
	struct http_request **at = &d->first, *done = NULL, **end = &done;

	d->meter.groups++;
	d->meter.group_failures += error != 0;
	while (*at) {
		struct http_request *r = *at;

		if (r->ticket > group) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		*end = r;
		end = &r->next;
	}
	d->last = at;
	*end = NULL;
	/* an answer may bring the next request of its connection, which is added to those that wait */
	while (done) {
		struct http_request *r = done;

		enum denial why = !error                 ? DENIAL_NONE
		    : error == ENOSPC || error == EDQUOT ? DENIAL_FULL
							 : DENIAL_DISK;

		done = r->next;
		d->meter.group_requests++;
		if (is_mcp(r->route))
			end_event(d, r->context, why);
		else if (why == DENIAL_NONE)
			answer_taken(d, r);
		else
			refuse(d, r, why);
	}
}

/* ---- where to ---- */

static unsigned
find_route(const struct door *d, const struct http_request *r)
{
	struct span path = r->path, prefix = d->config.prefix;
	unsigned i;

	if (path.n < prefix.n || (prefix.n && memcmp(path.p, prefix.p, prefix.n) != 0))
		return DOOR_NOWHERE;
	path.p += prefix.n;
	path.n -= prefix.n;
	for (i = DOOR_NOWHERE + 1; i < DOOR_ROUTES; i++)
		if (span_eq(path, routes[i].path))
			break;
	if (i == DOOR_ROUTES)
		return script_is_kept(path) ? DOOR_SCRIPT : DOOR_NOWHERE;
	if (i == DOOR_HEALTH || i == DOOR_METRICS)
		return r->listener == DOOR_PRIVATE || !d->config.private_only ? i : DOOR_NOWHERE;
	return i;
}

/* A browser asks whether a page may send (Fetch Standard, CORS-preflight). */
static void
answer_preflight(struct door *d, struct http_request *r)
{
	struct span origin = http_header(r, SPAN("origin"));

	if (!origin.p || !keys_allow_origin(d->keys, origin)) {
		refuse(d, r, DENIAL_ORIGIN);
		return;
	}
	answer(d, r, 204, JSON_TYPE,
	    SPAN("Access-Control-Allow-Methods: POST\r\n"
		 "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
		 "Access-Control-Max-Age: 7200\r\n"),
	    SPAN(""));
}

static void
refuse_method(struct door *d, struct http_request *r)
{
	bool get = routes[r->route].method == HTTP_M_GET;

	answer(d, r, 405, JSON_TYPE,
	    get                   ? SPAN("Allow: GET, HEAD\r\n")
		: sends(r->route) ? SPAN("Allow: POST, OPTIONS\r\n")
				  : SPAN("Allow: POST\r\n"),
	    denial_body(DENIAL_METHOD));
}

/* The media type without its parameters is JSON, or what a page sends without a preflight. */
static enum denial
check_type(const struct http_request *r)
{
	static const struct span known[] = { NAME("application/json"), NAME("text/plain") };
	struct span type = http_header(r, SPAN("content-type"));
	struct span coding = http_header(r, SPAN("content-encoding"));
	size_t i, k;

	if (coding.n && !span_eq(coding, SPAN("identity")))
		return DENIAL_ENCODING;
	if (!type.n)
		return DENIAL_NONE;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (k = 0; k < known[i].n && k < type.n; k++)
			if (ascii_lower(type.p[k]) != known[i].p[k])
				break;
		if (k == known[i].n &&
		    (k == type.n || type.p[k] == ';' || type.p[k] == ' ' || type.p[k] == '\t'))
			return DENIAL_NONE;
	}
	return DENIAL_MEDIA_TYPE;
}

/* ---- who ---- */

/* The client's address, in *ip; NULL: it has none. */
static const struct ip *
find_client(struct door *d, const struct http_request *r, struct ip *ip)
{
	enum http_client c = http_client_find(ip, r, &d->config.trust);

	if (c == HTTP_CLIENT_UNTRUSTED && d->meter.untrusted++ == 0 && d->config.untrusted)
		d->config.untrusted(d->config.context);
	return c == HTTP_CLIENT_FORWARDED || (c != HTTP_CLIENT_NONE && !r->peer_is_unix) ? ip
											 : NULL;
}

/* Who is wrong about its key too often is told to wait. */
static enum denial
count_failure(struct door *d, const struct http_request *r, enum denial why)
{
	struct ip ip;

	return failures_allow(&d->failures, find_client(d, r, &ip), timestamp_monotonic())
	    ? why
	    : DENIAL_FAILURES;
}

static enum denial
find_key(struct door *d, const struct http_request *r, bool whole, const struct key **key)
{
	enum denial why = admit(d->keys, r, routes[r->route].scope, whole, timestamp_now(), key);

	if (why != DENIAL_NONE && denial_status(why) == 401 && why != DENIAL_MISSING_TOKEN)
		why = count_failure(d, r, why);
	return why;
}

/* ---- events ---- */

static void
refuse_payload(struct door *d, struct http_request *r)
{
	const struct take *t = d->config.take;
	const struct reject reject = {
		.error = "invalid_payload",
		.complaint = t->complaint,
		.complaints = t->complaints,
	};

	tally_add(&d->tally, t->complaint, t->complaints);
	buf_reset(&d->body);
	buf_addc(&d->body, '{');
	reject_add_reasons(&d->body, &reject);
	buf_adds(&d->body, "}\n");
	answer_body(d, r, 400);
}

/* The site's own host, of a page's Origin; p NULL: it has none. */
static struct span
site_of(struct span origin)
{
	size_t at = span_find(origin, SPAN("://"));

	if (at == origin.n)
		return (struct span){ NULL, 0 };
	return (struct span){ origin.p + at + 3, origin.n - at - 3 };
}

/* Who sent it, for events of the project; `ip` has to last. */
static struct take_sender
sender_of(struct door *d, const struct http_request *r, const char *project, struct ip *ip)
{
	struct take_sender from = {
		.ip = find_client(d, r, ip),
		.user_agent = http_header(r, SPAN("user-agent")),
		.host = site_of(http_header(r, SPAN("origin"))),
		.received_at = timestamp_now(),
		.project = { project, UUID_TEXT },
	};

	uuid_bytes(project, from.project_id);
	return from;
}

/* Keeps what was taken; the request waits then, unless its ticket is 0. */
static enum denial
keep_taken(struct door *d, struct http_request *r)
{
	const struct take *t = d->config.take;

	r->ticket = 0;
	switch (t->events ? d->config.keep(d->config.context, t->event, t->events, &r->ticket)
			  : JOURNAL_TAKEN) {
	case JOURNAL_TAKEN:
		break;
	case JOURNAL_FULL:
		return DENIAL_FULL;
	case JOURNAL_DOWN:
		return DENIAL_DISK;
	}
	if (r->ticket == 0)
		return DENIAL_NONE;
	r->next = NULL;
	*d->last = r;
	d->last = &r->next;
	return DENIAL_NONE;
}

static void
take_events(struct door *d, struct http_request *r, const struct key *key)
{
	struct take *t = d->config.take;
	struct ip ip;
	struct take_sender from = sender_of(d, r, key->project_id, &ip);
	enum denial why;
	bool good;

	from.is_visitor = key->kind == KEY_PK;
	good = r->route == DOOR_TRACK ? take_track(t, r->body, &from)
	    : r->route == DOOR_BATCH  ? take_batch(t, r->body, &from)
				      : take_identify(t, r->body, &from);
	if (!good) {
		refuse_payload(d, r);
		return;
	}
	if (!limit_take(&d->limits, key->project,
		r->route == DOOR_BATCH ? LIMIT_BATCH : LIMIT_TRACK, (uint32_t)t->received,
		timestamp_monotonic())) {
		refuse(d, r, DENIAL_RATE);
		return;
	}
	keys_touch(d->keys, key, from.received_at);
	r->note = t->sent;
	if (r->route == DOOR_BATCH)
		r->note = (struct span){ NULL, t->received };
	why = keep_taken(d, r);
	if (why != DENIAL_NONE)
		refuse(d, r, why);
	else if (r->ticket == 0)
		answer_taken(d, r);
}

/* The number of a project, which may have gone meanwhile: then false. */
static bool
find_project(const struct door *d, const char *id, size_t *number)
{
	size_t n;
	const struct limit_project *all = keys_projects(d->keys, &n),
				   *p = keys_project(d->keys, id);

	*number = p ? (size_t)(p - all) : 0;
	return p != NULL;
}

void
door_track(struct door_event *e)
{
	struct door *d = e->question->door;
	struct http_request *r = e->question->request;
	struct take *t = d->config.take;
	struct ip ip;
	struct take_sender from = sender_of(d, r, e->question->project, &ip);
	enum denial why = DENIAL_NONE;
	size_t project;

	e->complaint = NULL;
	if (!take_track(t, e->text, &from)) {
		tally_add(&d->tally, t->complaint, t->complaints);
		e->complaint = t->complaint;
		e->complaints = t->complaints;
	} else if (!find_project(d, e->question->project, &project)) {
		why = DENIAL_REVOKED_KEY;
	} else if (!limit_take(&d->limits, project, LIMIT_TRACK, (uint32_t)t->received,
		       timestamp_monotonic())) {
		why = DENIAL_RATE;
	} else {
		e->event_id = t->sent;
		r->context = e;
		why = keep_taken(d, r);
		if (why == DENIAL_NONE && r->ticket != 0)
			return;
	}
	end_event(d, e, why);
}

/* ---- questions ---- */

static bool
may_ask(struct door *d, const struct http_request *r, const struct key *key)
{
	if (!is_mcp(r->route))
		return true;
	return key->kind == KEY_AK
	    ? limit_take(&d->account, 0, LIMIT_MCP, 0, timestamp_monotonic())
	    : limit_take(&d->limits, key->project, LIMIT_MCP, 0, timestamp_monotonic());
}

static void
add_projects(const struct door *d, struct buf *lines)
{
	size_t n, i;
	const struct limit_project *all = keys_projects(d->keys, &n);

	for (i = 0; i < n; i++) {
		struct span name = keys_project_name(d->keys, i);

		buf_add(lines, all[i].id, UUID_TEXT);
		buf_addc(lines, ' ');
		buf_add_scrubbed(lines, name.p, name.n);
		buf_addc(lines, '\n');
	}
}

static void
free_question(struct door_question *q)
{
	buf_release(&q->body);
	buf_release(&q->projects);
	free(q);
}

static void
ask(struct door *d, struct http_request *r, const struct key *key)
{
	struct door_question *q;

	if (!may_ask(d, r, key)) {
		refuse(d, r, DENIAL_RATE);
		return;
	}
	q = d->config.ask ? calloc(1, sizeof(*q)) : NULL;

	if (!q) {
		refuse(d, r, d->config.ask ? DENIAL_MEMORY : DENIAL_NO_STORE);
		return;
	}
	keys_touch(d->keys, key, timestamp_now());
	q->route = (enum door_route)r->route;
	memcpy(q->project, key->project_id, UUID_TEXT);
	q->request = r;
	q->door = d;
	q->type = JSON_TYPE;
	q->may_send = key->kind == KEY_SK;
	if (r->route == DOOR_MCP_ACCOUNT)
		add_projects(d, &q->projects);
	if (q->projects.failed || !d->config.ask(d->config.context, q)) {
		free_question(q);
		refuse(d, r, DENIAL_BUSY);
		return;
	}
	d->questions++;
}

void
door_reply(struct door_question *q)
{
	struct door *d = q->door;

	d->questions--;
	if (q->body.failed)
		refuse(d, q->request, DENIAL_MEMORY);
	else
		answer(d, q->request, q->status, q->type, SPAN(""),
		    (struct span){ q->body.p, q->body.n });
	free_question(q);
}

/* ---- health ---- */

/* The text of a label: quotes, backslashes and line ends are escaped. */
static void
add_label(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *text == '\n' ? ' ' : *text);
	}
}

static void
add_rejects(const struct tally *t, struct buf *b)
{
	size_t i;

	buf_adds(b,
	    "# HELP mm_invalid_total invalid requests by field and reason\n"
	    "# TYPE mm_invalid_total counter\n");
	for (i = 0; i < t->rows; i++) {
		buf_adds(b, "mm_invalid_total{field=\"");
		add_label(b, t->row[i].field ? t->row[i].field : "");
		buf_adds(b, "\",reason=\"");
		add_label(b, t->row[i].kind ? t->row[i].kind : "");
		buf_addf(b, "\"} %llu\n", (unsigned long long)t->row[i].count);
	}
}

static void
answer_metrics(struct door *d, struct http_request *r)
{
	struct span names[DOOR_ROUTES];
	size_t i;

	for (i = 0; i < DOOR_ROUTES; i++)
		names[i] = routes[i].path;
	buf_reset(&d->body);
	meter_add(&d->meter, names, DOOR_ROUTES, &d->body);
	add_rejects(&d->tally, &d->body);
	if (d->config.metrics)
		d->config.metrics(d->config.context, &d->body);
	answer(d, r, 200, "text/plain; version=0.0.4", SPAN(""),
	    d->body.failed ? SPAN("") : (struct span){ d->body.p, d->body.n });
}

static void
answer_script(struct door *d, struct http_request *r)
{
	struct span body;
	unsigned status;

	buf_reset(&d->fields);
	status = script_answer(r, &d->fields, &body);
	if (d->fields.failed) {
		refuse(d, r, DENIAL_MEMORY);
		return;
	}
	meter_answer(&d->meter, r->route, status, clock_us() - r->began);
	http_answer(r, status, (struct span){ d->fields.p, d->fields.n }, body);
}

static void
answer_health(struct door *d, struct http_request *r)
{
	unsigned status;

	buf_reset(&d->body);
	status = d->config.health(d->config.context, &d->body);
	answer_body(d, r, status);
}

/* ---- requests ---- */

void
door_on_head(void *context, struct http_request *r)
{
	struct door *d = context;
	const struct key *key;
	enum denial why;

	r->began = clock_us();
	r->route = find_route(d, r);
	r->body_most = routes[r->route].body;
	if (r->route == DOOR_NOWHERE) {
		refuse(d, r, DENIAL_NOT_FOUND);
		return;
	}
	if (r->method == HTTP_M_OPTIONS && sends(r->route)) {
		answer_preflight(d, r);
		return;
	}
	if (r->method != routes[r->route].method) {
		refuse_method(d, r);
		return;
	}
	if (routes[r->route].scope == ADMIT_ANYBODY || !r->has_body)
		return;
	/* who may not is told so before the body is read */
	why = find_key(d, r, false, &key);
	if (why == DENIAL_NONE) {
		r->context = (void *)(uintptr_t)key;
		r->ticket = d->generation;
	}
	/* it may stand in the body */
	if (why == DENIAL_MISSING_TOKEN && routes[r->route].scope == ADMIT_SEND)
		why = DENIAL_NONE;
	if (why == DENIAL_NONE)
		why = check_type(r);
	if (why != DENIAL_NONE)
		refuse(d, r, why);
}

void
door_on_request(void *context, struct http_request *r)
{
	struct door *d = context;
	const struct key *key = NULL;
	enum denial why;

	if (r->route == DOOR_SCRIPT) {
		answer_script(d, r);
		return;
	}
	if (r->route == DOOR_HEALTH) {
		answer_health(d, r);
		return;
	}
	if (r->route == DOOR_METRICS) {
		answer_metrics(d, r);
		return;
	}
	/* who was found when the head came is so still, unless the keys have changed */
	if (r->context && r->ticket == d->generation) {
		key = r->context;
		why = DENIAL_NONE;
	} else {
		why = find_key(d, r, true, &key);
	}
	if (why != DENIAL_NONE)
		refuse(d, r, why);
	else if (sends(r->route))
		take_events(d, r, key);
	else
		ask(d, r, key);
}

void
door_on_refused(void *context, unsigned status)
{
	struct door *d = context;

	meter_answer(&d->meter, DOOR_NOWHERE, status, 0);
}
