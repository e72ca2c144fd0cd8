#include "mcp/tools.h"

#include "ask/cohort.h"
#include "ask/credit.h"
#include "ask/funnel.h"
#include "ask/inventory.h"

#include "base/banned.h"

/* ---- what there is -------------------------------------------------------------- */

enum tool {
	TOOL_TRACK,
	TOOL_QUERY,
	TOOL_STATS,
	TOOL_SOURCES,
	TOOL_FUNNEL,
	TOOL_RETENTION,
	TOOL_EVENTS,
	TOOL_PROPERTIES,
	TOOL_PROJECTS,
	TOOLS
};

#define PROJECT                                         \
	{                                               \
		.name = "project", .needs = MCP_ACCOUNT \
	}
#define PERIOD                                                                              \
	PROJECT, { .name = "period", .about = "last-week, 2026-05, -30d; or from and to" }, \
	    { .name = "from" }, { .name = "to" },                                           \
	{                                                                                   \
		.name = "tz"                                                                \
	}
#define WHERE(text)                                                    \
	{                                                              \
		.name = "where", .kind = ARGUMENT_TEXTS, .about = text \
	}
#define LIMIT(most, normal)                                                      \
	{                                                                        \
		.name = "limit", .kind = ARGUMENT_NUMBER, .min = 1, .max = most, \
		.fallback = normal                                               \
	}
#define BY                                                                  \
	{                                                                   \
		.name = "by", .kind = ARGUMENT_CHOICE, .choices = PEOPLE_BY \
	}

#define COMPARE                                                           \
	{                                                                 \
		.name = "compare", .about = "previous, or another period" \
	}

static const struct argument event_arguments[] = {
	{ .name = "event",
	    .required = true,
	    .min = 1,
	    .max = 128,
	    .about = "What happened: snake_case, past tense" },
	{ .name = "event_id", .about = "Sent twice, stored once" },
	{ .name = "timestamp", .about = "RFC 3339; default now" },
	{ .name = "anonymous_id", .about = "Visitor or agent" },
	{ .name = "user_id" },
	{ .name = "session_id" },
	{ .name = "url" },
	{ .name = "path" },
	{ .name = "referrer" },
	{ .name = "properties", .kind = ARGUMENT_OBJECT, .about = "Anything else, 8 KB at most" },
	{ .name = NULL },
};

static const struct argument query_arguments[] = {
	PERIOD,
	{ .name = "event" },
	{ .name = "source" },
	{ .name = "medium" },
	{ .name = "user_id", .needs = MCP_IDS },
	{ .name = "anonymous_id", .needs = MCP_IDS },
	{ .name = "country", .about = "ISO code" },
	WHERE("As get_stats"),
	{ .name = "fields",
	    .kind = ARGUMENT_TEXTS,
	    .about = "Columns; fewer make shorter answers" },
	LIMIT(ASK_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument stats_arguments[] = {
	PERIOD,
	{ .name = "metric",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_METRICS,
	    .fallback = "count",
	    .about = "count: events; uniques: different visitors" },
	{ .name = "event", .about = "Only of this name; not of visits" },
	{ .name = "group_by",
	    .kind = ARGUMENT_CHOICES,
	    .choices = ASK_ALL_GROUPS,
	    .about = "properties.NAME, too" },
	{ .name = "interval",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_INTERVALS,
	    .about = "A row for each" },
	WHERE("All must hold: path=/pricing, country!=DE, path^=/blog/ (begins), referrer~news "
	      "(contains), properties.plan=pro, properties.amount>=100, user_id= (empty)"),
	COMPARE,
	LIMIT(ASK_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument sources_arguments[] = {
	PERIOD,
	{ .name = "breakdown",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_BREAKDOWNS,
	    .fallback = "source_medium" },
	{ .name = "by",
	    .kind = ARGUMENT_CHOICE,
	    .choices = ASK_BY,
	    .fallback = "events",
	    .about = "visits for where people came from" },
	{ .name = "conversion",
	    .about =
		"Credit this event to sources: purchase, or purchase,plan=pro; with by=visits a "
		"rate" },
	{ .name = "value", .about = "Its property to add up: amount" },
	{ .name = "currency", .about = "With value: tells currencies apart" },
	{ .name = "touch", .kind = ARGUMENT_CHOICE, .choices = CREDIT_TOUCHES, .fallback = "last" },
	WHERE("As get_stats"),
	COMPARE,
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
	    .about = "Events in order: signup, or $pageview,path=/pricing" },
	{ .name = "window", .fallback = "7d", .about = "First step to last: 30m, 2h, 14d" },
	BY,
	{ .name = "group_by", .kind = ARGUMENT_TEXTS, .about = "Rows by these of step 1: country" },
	LIMIT(ASK_ROWS_MAX, "100"),
	COMPARE,
	{ .name = NULL },
};

static const struct argument retention_arguments[] = {
	PERIOD,
	{ .name = "start", .about = "First event of a cohort, as a step of funnel; default any" },
	{ .name = "back", .about = "The event of coming back; default any" },
	{ .name = "interval",
	    .kind = ARGUMENT_CHOICE,
	    .choices = COHORT_INTERVALS,
	    .fallback = "day" },
	{ .name = "later",
	    .kind = ARGUMENT_NUMBER,
	    .min = 1,
	    .max = COHORT_LATER_MAX,
	    .fallback = "7",
	    .about = "Intervals to look at" },
	BY,
	{ .name = NULL },
};

static const struct argument events_arguments[] = {
	PERIOD,
	LIMIT(INVENTORY_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument properties_arguments[] = {
	PERIOD,
	{ .name = "event", .about = "Whose; default all" },
	LIMIT(INVENTORY_ROWS_MAX, "100"),
	{ .name = NULL },
};

static const struct argument no_arguments[] = { { .name = NULL } };

#define ROWS                                                                                   \
	"{\"type\":\"object\",\"properties\":{\"rows\":{\"type\":\"array\"},\"truncated\":{}," \
	"\"notes\":{}},\"required\":[\"rows\"]}"

static const struct mcp_tool tools[] = {
	[TOOL_TRACK] = { "track_event", "Store one event; it is on disk before the answer.",
	    event_arguments,
	    "{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"},\"event_id\":{"
	    "\"type\":[\"string\",\"null\"]},\"stored\":{\"type\":\"boolean\"}},\"required\":["
	    "\"ok\",\"event_id\"]}",
	    MCP_WRITES },
	[TOOL_QUERY] = { "query_events", "Single events, newest first. For figures use get_stats.",
	    query_arguments, ROWS, 0 },
	[TOOL_STATS] = { "get_stats",
	    "Figures of a period, by group and by interval: events, visitors, visits, bounce rate.",
	    stats_arguments, ROWS, 0 },
	[TOOL_SOURCES] = { "top_sources",
	    "Sources or campaigns: their events, visits, or, with conversion, what they brought "
	    "in.",
	    sources_arguments, ROWS, 0 },
	[TOOL_FUNNEL] = { "funnel", "How many people took a sequence of steps, and how long.",
	    funnel_arguments, ROWS, 0 },
	[TOOL_RETENTION] = { "retention",
	    "How many people came back days or weeks after they began.", retention_arguments, ROWS,
	    0 },
	[TOOL_EVENTS] = { "list_events",
	    "Names of events, counts, first and last day; of all time without a period.",
	    events_arguments, ROWS, 0 },
	[TOOL_PROPERTIES] = { "list_properties",
	    "Properties of an event: types, number of different values, common values.",
	    properties_arguments, ROWS, 0 },
	[TOOL_PROJECTS] = { "list_projects", "What `project` can be.", no_arguments, ROWS,
	    MCP_ACCOUNT },
	[TOOLS] = { .name = NULL },
};

enum resource { RESOURCE_RECENT, RESOURCE_SCHEMA, RESOURCES };

static const struct mcp_resource resources[] = {
	[RESOURCE_RECENT] = { "events://recent", "recent", "Recent events",
	    "The last 100 events." },
	[RESOURCE_SCHEMA] = { "schema://events", "schema", "Event names",
	    "The names of the events of the last 30 days, how many there were, and the names of "
	    "their properties." },
	[RESOURCES] = { .uri = NULL },
};

/* ---- events that are sent -------------------------------------------------------- */

void
mcp_track_taken(struct mcp_answer *a, struct span event_id, const bool *stored)
{
	buf_adds(&a->json, "{\"ok\":true,\"event_id\":");
	if (event_id.p)
		buf_add(&a->json, event_id.p, event_id.n);
	else
		buf_adds(&a->json, "null");
	if (stored)
		buf_addf(&a->json, ",\"stored\":%s", *stored ? "true" : "false");
	buf_addc(&a->json, '}');
}

void
mcp_track_invalid(struct mcp_answer *a, const struct complaint *complaint, size_t complaints)
{
	struct reject r = { .complaint = complaint, .complaints = complaints };

	a->failed = true;
	buf_adds(&a->message, "invalid_payload: ");
	reject_explain(&a->message, &r);
}

void
mcp_track_failed(struct mcp_answer *a, const char *code, const char *text)
{
	a->failed = true;
	buf_addf(&a->message, "%s: %s", code, text);
}

/* ---- projects --------------------------------------------------------------------- */

/* Takes the next one off the lines; false: there are no more. */
static bool
take_project(struct span *lines, struct span *id, struct span *name)
{
	struct span line;

	if (!span_take_line(lines, &line) || line.n < UUID_TEXT)
		return false;
	*id = (struct span){ line.p, UUID_TEXT };
	*name = (struct span){ line.p + UUID_TEXT, line.n - UUID_TEXT };
	if (name->n > 0) {
		name->p++;
		name->n--;
	}
	return true;
}

static void
list_projects(const struct mcp_tools *t, struct mcp_answer *a)
{
	struct span rest = t->projects, id, name;
	const char *comma = "";

	buf_adds(&a->json, "{\"rows\":[");
	while (take_project(&rest, &id, &name)) {
		buf_addf(&a->json, "%s{\"project\":", comma);
		json_add_string(&a->json, id.p, id.n);
		buf_adds(&a->json, ",\"name\":");
		json_add_string(&a->json, name.p, name.n);
		buf_addc(&a->json, '}');
		comma = ",";
		if (a->json.n > MCP_RESULT_MAX / 3)
			break;
	}
	buf_addc(&a->json, ']');
	if (rest.n > 0)
		buf_adds(&a->json,
		    ",\"truncated\":true,\"notes\":[\"There are more projects than fit into 48 KB: name "
		    "the one that is meant by its UUID or name\"]");
	buf_addc(&a->json, '}');
}

/* The project that the argument names, in t->project; where there is one only, that one. */
static bool
choose_project(struct mcp_tools *t, const struct json_value *arguments, struct mcp_answer *a)
{
	struct json_value wanted = rpc_member(arguments, "project");
	struct span rest = t->projects, id, name, text = { NULL, 0 };
	size_t known = 0, found = 0;

	if (wanted.raw.p && wanted.type == JSON_STRING) {
		buf_reset(&t->text);
		if (!buf_room(&t->text, wanted.raw.n))
			a->message.failed = a->failed = true;
		else
			text = (struct span){ t->text.p, json_unescape(wanted.raw, t->text.p) };
	}
	while (take_project(&rest, &id, &name)) {
		known++;
		if (text.p && !span_eq(text, id) && !(name.n && span_eq(text, name)))
			continue;
		found++;
		memcpy(t->project, id.p, UUID_TEXT);
	}
	t->project[UUID_TEXT] = '\0';
	t->ask.project = (struct span){ t->project, UUID_TEXT };
	if (found == 1)
		return true;
	mcp_track_failed(a, "invalid_params",
	    !text.p ? "project: missing; give the UUID or name of one: list_projects lists them"
		: !found ? "project: there is none of that UUID or name; list_projects lists them"
			 : "project: several have that name; give the UUID of one");
	return false;
}

/* ---- calls ------------------------------------------------------------------------- */

static void
call(void *context, const struct mcp_tool *tool, const struct json_value *arguments,
    struct mcp_answer *a)
{
	struct mcp_tools *t = context;
	enum tool which = (enum tool)(tool - tools);

	if (which == TOOL_PROJECTS) {
		list_projects(t, a);
		return;
	}
	if (t->projects.p && !choose_project(t, arguments, a))
		return;
	switch (which) {
	case TOOL_TRACK:
		t->track(t->context, arguments->raw.p ? arguments->raw : SPAN("{}"), a);
		break;
	case TOOL_QUERY:
		mcp_ask_rows(&t->ask, ASK_QUERY, arguments, a);
		break;
	case TOOL_STATS:
		mcp_ask_rows(&t->ask, ASK_STATS, arguments, a);
		break;
	case TOOL_SOURCES:
		mcp_ask_rows(&t->ask, ASK_SOURCES, arguments, a);
		break;
	case TOOL_FUNNEL:
		mcp_ask_funnel(&t->ask, arguments, a);
		break;
	case TOOL_RETENTION:
		mcp_ask_retention(&t->ask, arguments, a);
		break;
	case TOOL_EVENTS:
		mcp_ask_events(&t->ask, arguments, a);
		break;
	default:
		mcp_ask_properties(&t->ask, arguments, a);
		break;
	}
}

static void
read_resource(void *context, const struct mcp_resource *resource, struct mcp_answer *a)
{
	struct mcp_tools *t = context;

	if (resource == &resources[RESOURCE_RECENT])
		mcp_ask_recent(&t->ask, a);
	else
		mcp_ask_schema(&t->ask, a);
}

void
mcp_tools_use(struct mcp_tools *t, struct mcp *m)
{
	m->server = "millimetric";
	m->title = "Millimetric";
	m->instructions = MCP_INSTRUCTIONS;
	m->tools = tools;
	m->resources = resources;
	m->context = t;
	m->call = call;
	m->read = read_resource;
}

void
mcp_tools_release(struct mcp_tools *t)
{
	mcp_ask_release(&t->ask);
	buf_release(&t->text);
}
