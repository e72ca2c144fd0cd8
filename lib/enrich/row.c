#include "enrich/row.h"

#include "text/json.h"
#include "base/timestamp.h"

#include "base/banned.h"

/* Copies a literal; the compiler knows its length. */
#define PUT(w, literal) put((w), (literal), sizeof(literal) - 1)

static inline char *
put(char *w, const char *p, size_t n)
{
	memcpy(w, p, n);
	return w + n;
}

/* Our own text: short, and in need of no escape. */
static inline char *
put_plain(char *w, struct span s)
{
	*w++ = '"';
	if (s.n)
		w = put(w, s.p, s.n);
	*w++ = '"';
	return w;
}

static inline char *
put_text(char *w, struct span s)
{
	*w++ = '"';
	w = json_escape(w, s.p, s.n);
	*w++ = '"';
	return w;
}

/* A string as it stands in the line, or what stands for its absence. */
static inline char *
put_field(char *w, const struct event *e, enum event_field f, struct span absent)
{
	if (!event_has(e, f))
		return put(w, absent.p, absent.n);
	return put(w, e->value[f].raw.p, e->value[f].raw.n);
}

static char *
put_number(char *w, int64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--i] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*w++ = '-';
	return put(w, digits + i, sizeof(digits) - i);
}

static int64_t
half_hour(int64_t ms)
{
	int64_t period = INT64_C(1000) * SESSION_SECONDS, q = ms / period;

	return ms % period < 0 ? q - 1 : q;
}

static char *
put_session(char *w, const struct event *e, const struct enrichment *x, struct span anonymous)
{
	if (event_has(e, EVENT_SESSION_ID))
		return put(w, e->value[EVENT_SESSION_ID].raw.p, e->value[EVENT_SESSION_ID].raw.n);
	*w++ = '"';
	w = put(w, anonymous.p, anonymous.n);
	*w++ = '-';
	w = put_number(w, half_hour(x->timestamp));
	*w++ = '"';
	return w;
}

static char *
put_identity(char *w, const struct event *e, const struct enrichment *x)
{
	struct span anonymous =
	    event_has(e, EVENT_ANONYMOUS_ID) ? event_raw(e, EVENT_ANONYMOUS_ID) : x->anonymous_id;

	w = PUT(w, ",\"event_name\":");
	w = put_field(w, e, EVENT_EVENT, SPAN("\"\""));
	w = PUT(w, ",\"event_id\":");
	if (event_has(e, EVENT_EVENT_ID))
		w = put_field(w, e, EVENT_EVENT_ID, SPAN(""));
	else
		w = put_plain(w, x->event_id);
	w = PUT(w, ",\"anonymous_id\":");
	w = put_plain(w, anonymous);
	w = PUT(w, ",\"user_id\":");
	w = put_field(w, e, EVENT_USER_ID, SPAN("null"));
	w = PUT(w, ",\"session_id\":");
	return put_session(w, e, x, anonymous);
}

static char *
put_attribution(char *w, const struct attribution *a)
{
	w = PUT(w, ",\"source\":");
	w = put_text(w, a->source);
	w = PUT(w, ",\"medium\":");
	w = put_text(w, a->medium);
	w = PUT(w, ",\"campaign\":");
	if (a->campaign.p)
		w = put_text(w, a->campaign);
	else
		w = PUT(w, "null");
	w = PUT(w, ",\"source_confidence\":");
	w = put_plain(w, a->confidence);
	w = PUT(w, ",\"source_rule_id\":");
	return put_plain(w, a->rule_id);
}

static char *
put_url(char *w, const struct event *e, enum event_field f, struct span cleaned)
{
	return cleaned.p ? put_text(w, cleaned) : put_field(w, e, f, SPAN("null"));
}

static char *
put_place(char *w, const struct event *e, const struct enrichment *x)
{
	w = PUT(w, ",\"url\":");
	w = put_url(w, e, EVENT_URL, x->url);
	w = PUT(w, ",\"path\":");
	if (event_has(e, EVENT_PATH))
		w = put_url(w, e, EVENT_PATH, x->path);
	else if (x->path.p)
		w = put_text(w, x->path);
	else if (event_has(e, EVENT_URL))
		w = put_text(w, e->url.path.n == 0 && e->url.web ? SPAN("/") : e->url.path);
	else
		w = PUT(w, "null");
	w = PUT(w, ",\"referrer\":");
	return put_url(w, e, EVENT_REFERRER, x->referrer);
}

static char *
put_visitor(char *w, const struct enrichment *x)
{
	w = PUT(w, ",\"country\":");
	w = put_plain(w, x->country);
	w = PUT(w, ",\"device_type\":");
	w = put_plain(w, x->agent.device);
	w = PUT(w, ",\"browser\":");
	w = put_plain(w, x->agent.browser);
	w = PUT(w, ",\"os\":");
	w = put_plain(w, x->agent.os);
	w = PUT(w, ",\"ip_hash\":");
	return put_plain(w, x->ip_hash);
}

static char *
put_properties(char *w, const struct event *e)
{
	w = PUT(w, ",\"properties\":");
	if (event_has(e, EVENT_PROPERTIES))
		return put_text(w, e->value[EVENT_PROPERTIES].raw);
	return PUT(w, "\"{}\"");
}

/* The most bytes that a row can take. */
static size_t
room_for(const struct event *e, const struct enrichment *x)
{
	size_t fixed = 1024; /* keys, constants, numbers, hashes */
	size_t n = 0;
	int f;

	for (f = 0; f < EVENT_FIELDS; f++)
		if (event_has(e, (enum event_field)f))
			n += e->value[f].raw.n;
	if (event_has(e, EVENT_ANONYMOUS_ID))
		n += e->value[EVENT_ANONYMOUS_ID].raw.n;
	if (event_has(e, EVENT_PROPERTIES))
		n += JSON_ESCAPE_MAX * e->value[EVENT_PROPERTIES].raw.n;
	n += JSON_ESCAPE_MAX *
	    (x->from->source.n + x->from->medium.n + x->from->campaign.n + x->url.n + x->path.n +
		x->referrer.n);
	if (event_has(e, EVENT_URL))
		n += JSON_ESCAPE_MAX * e->url.path.n;
	return fixed + n;
}

void
row_add(struct buf *b, const struct event *e, const struct enrichment *x)
{
	char *start = buf_room(b, room_for(e, x)), *w = start;

	if (!w)
		return;
	w = PUT(w, "{\"project_id\":");
	if (event_has(e, EVENT_PROJECT_ID))
		w = put_field(w, e, EVENT_PROJECT_ID, SPAN(""));
	else
		w = put_plain(w, x->project_id);
	w = PUT(w, ",\"timestamp\":\"");
	timestamp_format(w, x->timestamp);
	w += TIMESTAMP_TEXT;
	*w++ = '"';
	w = put_identity(w, e, x);
	w = put_attribution(w, x->from);
	w = put_place(w, e, x);
	w = put_visitor(w, x);
	w = put_properties(w, e);
	w = PUT(w, "}\n");
	b->n += (size_t)(w - start);
}
