#include "cmd/mcp/tools.h"

#include "base/msg.h"
#include "event/reject.h"

#include "base/banned.h"

/* ---- what there is -------------------------------------------------------------- */

enum tool { TOOL_TRACK, TOOL_QUERY, TOOL_STATS, TOOL_SOURCES, TOOL_FUNNEL, TOOLS };

#define PERIOD                                                                                \
	{ .name = "from",                                                                     \
		.required = true,                                                             \
		.about = "First instant: RFC 3339, a date, or words such as -7d, today, "     \
			 "yesterday, this-month" },                                           \
	    { .name = "to",                                                                   \
		    .required = true,                                                         \
		    .about = "First instant after the period, likewise; now for up to now" }, \
	{                                                                                     \
		.name = "tz", .fallback = "UTC",                                              \
		.about = "IANA time zone of dates, words and intervals"                       \
	}
#define LIMIT(most, normal)                                                      \
	{                                                                        \
		.name = "limit", .kind = ARGUMENT_NUMBER, .min = 1, .max = most, \
		.fallback = normal, .about = "Rows at most"                      \
	}

static const struct argument event_arguments[] = {
	{ .name = "event",
	    .required = true,
	    .min = 1,
	    .max = 128,
	    .about = "What happened, in snake_case and past tense" },
	{ .name = "event_id", .min = 1, .max = 128, .about = "Your own id of the event" },
	{ .name = "timestamp", .about = "When it happened, RFC 3339; now when absent" },
	{ .name = "anonymous_id", .min = 1, .max = 128, .about = "The visitor or agent" },
	{ .name = "user_id", .min = 1, .max = 256, .about = "The user, once known" },
	{ .name = "session_id", .min = 1, .max = 128, .about = "The session" },
	{ .name = "url", .max = 2048, .about = "Absolute URL of the page" },
	{ .name = "path", .max = 2048, .about = "Its path" },
	{ .name = "referrer", .max = 2048, .about = "Where the visitor came from" },
	{ .name = "properties",
	    .kind = ARGUMENT_OBJECT,
	    .about = "Anything else, 8192 bytes at most" },
	{ .name = NULL },
};

static const struct argument query_arguments[] = {
	PERIOD,
	{ .name = "event", .about = "Only events of this name" },
	{ .name = "source", .about = "Only this source, e.g. google" },
	{ .name = "medium", .about = "Only this medium, e.g. paid" },
	{ .name = "user_id", .about = "Only this user" },
	{ .name = "anonymous_id", .about = "Only this visitor" },
	{ .name = "country", .about = "Only this country, ISO 3166-1 alpha-2" },
	{ .name = "where",
	    .kind = ARGUMENT_TEXTS,
	    .max = ASK_WHERE_MAX,
	    .about = "Conditions, which all have to hold: path=/pricing, country!=DE, path^=/blog/ "
		     "(begins), referrer~news (contains), properties.amount>=100 (numbers)" },
	LIMIT(ASK_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument stats_arguments[] = {
	PERIOD,
	{ .name = "metric",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_METRICS,
	    .fallback = "count",
	    .about = "Events, visitors, visits, or what is made of them" },
	{ .name = "event", .about = "Only events of this name" },
	{ .name = "group_by",
	    .kind = ARGUMENT_CHOICES,
	    .choices = ASK_ALL_GROUPS,
	    .about = "A row for each value; entry_path and exit_path are of visits" },
	{ .name = "interval",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_INTERVALS,
	    .about = "A row for each, named by its start in bucket" },
	{ .name = "where",
	    .kind = ARGUMENT_TEXTS,
	    .max = ASK_WHERE_MAX,
	    .about = "Conditions, which all have to hold: path=/pricing, country!=DE, path^=/blog/ "
		     "(begins), referrer~news (contains), properties.amount>=100 (numbers)" },
	LIMIT(ASK_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument sources_arguments[] = {
	PERIOD,
	{ .name = "breakdown",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_BREAKDOWNS,
	    .fallback = "source_medium",
	    .about = "What a row stands for" },
	{ .name = "by",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_BY,
	    .fallback = "events",
	    .about = "What is counted; visits leave internal navigation out" },
	{ .name = "where",
	    .kind = ARGUMENT_TEXTS,
	    .max = ASK_WHERE_MAX,
	    .about = "Conditions, which all have to hold: path=/pricing, country!=DE, path^=/blog/ "
		     "(begins), referrer~news (contains), properties.amount>=100 (numbers)" },
	LIMIT(ASK_SOURCES_ROWS_MAX, "50"),
	{ .name = NULL },
};

static const struct argument funnel_arguments[] = {
	PERIOD,
	{ .name = "steps",
	    .kind = ARGUMENT_TEXTS,
	    .required = true,
	    .min = FUNNEL_STEPS_MIN,
	    .max = FUNNEL_STEPS_MAX,
	    .about = "Names of events in their order; each may be followed by ,NAME=VALUE" },
	{ .name = "window",
	    .fallback = "7d",
	    .about = "From the first step to the last at most, e.g. 30m, 2h, 14d" },
	{ .name = "by",
	    .kind = ARGUMENT_CHOICE,
	    .choices = PEOPLE_BY,
	    .fallback = "anonymous_id",
	    .about = "Who is one person" },
	{ .name = NULL },
};

const struct mcp_tool mcp_tools[] = {
	[TOOL_TRACK] = { "track_event", "Track an event",
	    "Stores one event. It is acknowledged once it is durable.", event_arguments, true },
	[TOOL_QUERY] = { "query_events", "Query events",
	    "Single events of a period, newest first, with where the visitor came from.",
	    query_arguments, false },
	[TOOL_STATS] = { "get_stats", "Get statistics",
	    "Counts of events or of different visitors in a period, in groups and intervals.",
	    stats_arguments, false },
	[TOOL_SOURCES] = { "top_sources", "Top sources",
	    "Where visitors came from: events, different visitors and the share of paid ones "
	    "for each source.",
	    sources_arguments, false },
	[TOOL_FUNNEL] = { "funnel", "Funnel",
	    "How many visitors went through a sequence of events, step by step, and how long it "
	    "took them.",
	    funnel_arguments, false },
	[TOOLS] = { .name = NULL },
};

enum resource { RESOURCE_RECENT, RESOURCE_SCHEMA, RESOURCES };

const struct mcp_resource mcp_resources[] = {
	[RESOURCE_RECENT] = { "events://recent", "recent", "Recent events",
	    "The last 100 events." },
	[RESOURCE_SCHEMA] = { "schema://events", "schema", "Event names",
	    "The names of the events of the last 30 days, how many there were, and the names of "
	    "their properties." },
	[RESOURCES] = { .uri = NULL },
};

/* ---- what is said -------------------------------------------------------------- */

/* An event that was sent, and what has become of it. */
static void
acknowledge(struct mcp_tools *t, bool stored, struct mcp_answer *a)
{
	buf_adds(&a->json, "{\"ok\":true,\"event_id\":");
	if (t->track.event_id.p) {
		buf_addc(&a->json, '"');
		buf_add(&a->json, t->track.event_id.p, t->track.event_id.n);
		buf_addc(&a->json, '"');
	} else {
		buf_adds(&a->json, "null");
	}
	buf_addf(&a->json, ",\"stored\":%s}", stored ? "true" : "false");
}

static void
refuse_event(struct mcp_tools *t, struct mcp_answer *a)
{
	struct reject r = { .error = "invalid_payload",
		.complaint = t->track.complaint,
		.complaints = t->track.complaints };

	a->code = RPC_INVALID_PARAMS;
	reject_explain(&a->message, &r);
	buf_addc(&a->data, '{');
	reject_add_reasons(&a->data, &r);
	buf_addc(&a->data, '}');
}

static void
fail(struct mcp_answer *a, const char *code, const char *text)
{
	a->code = RPC_SERVER_ERROR;
	buf_adds(&a->message, text);
	buf_addf(&a->data, "{\"error\":\"%s\"}", code);
}

static void
track(struct mcp_tools *t, const struct json_value *arguments, struct mcp_answer *a)
{
	struct span event = arguments->raw.p ? arguments->raw : SPAN("{}");

	switch (track_event(&t->track, event.p, event.n)) {
	case TRACK_STORED:
		acknowledge(t, true, a);
		break;
	case TRACK_KEPT:
		msg("an event is kept in %s: %s", t->track.spool->path, t->track.error.text);
		acknowledge(t, false, a);
		break;
	case TRACK_INVALID:
		refuse_event(t, a);
		break;
	case TRACK_REFUSED:
		fail(a, "upstream_failed", t->track.error.text);
		break;
	case TRACK_LOST:
		msg_errno(
		    t->track.spool_error, "%s: an event could not be kept", t->track.spool->path);
		fail(a, "internal_error", "The event could neither be stored nor kept");
		break;
	case TRACK_NO_MEMORY:
		fail(a, "internal_error", "Out of memory");
		break;
	}
}

void
mcp_tools_call(void *context, const struct mcp_tool *tool, const struct json_value *arguments,
    struct mcp_answer *a)
{
	static const enum ask_kind kinds[] = {
		[TOOL_QUERY] = ASK_QUERY, [TOOL_STATS] = ASK_STATS, [TOOL_SOURCES] = ASK_SOURCES
	};
	struct mcp_tools *t = context;

	if (tool == &mcp_tools[TOOL_TRACK])
		track(t, arguments, a);
	else if (tool == &mcp_tools[TOOL_FUNNEL])
		mcp_ask_funnel(&t->ask, arguments, a);
	else
		mcp_ask_rows(&t->ask, kinds[tool - mcp_tools], arguments, a);
}

void
mcp_tools_read(void *context, const struct mcp_resource *resource, struct mcp_answer *a)
{
	struct mcp_tools *t = context;

	if (resource == &mcp_resources[RESOURCE_RECENT])
		mcp_ask_recent(&t->ask, a);
	else
		mcp_ask_schema(&t->ask, a);
}
