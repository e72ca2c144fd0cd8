/*
 * Exports of GA4 (BigQuery), Plausible, Umami and Matomo.
 */
#include "import/export_record.h"

#include "import/hit.h"

#include "base/banned.h"

static void
add(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

static struct span
since(const struct draft *d, size_t start)
{
	return (struct span){ d->text.p + start, d->text.n - start };
}

static bool
is_web(struct span url)
{
	return hit_take_origin(&url).host.n > 0;
}

static bool
is_name(struct span s, const char *name)
{
	return span_eq(s, span_of(name));
}

/* ---- GA4 ---------------------------------------------------------------- */

/* Of a parameter's value what is there; long integers stay strings, with all their digits. */
static struct span
param_value(const struct json_fields *f, bool *number)
{
	struct span s = json_fields_text(f, "stringvalue");
	size_t i;

	*number = false;
	if (s.p)
		return s;
	s = json_fields_text(f, "intvalue doublevalue floatvalue");
	for (i = s.n && *s.p == '-'; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		;
	*number = s.n > 0 &&
	    ((i == s.n && i <= 15 && (*s.p != '0' || i == 1)) ||
		json_fields_get(f, "doublevalue") || json_fields_get(f, "floatvalue"));
	return s;
}

struct ga4 {
	struct span page, referrer, session;
};

/* In quotes: a number has none. */
static void
ga4_text(struct draft *d, struct span key, struct span v)
{
	draft_member(d, key, SPAN("\""));
	add(&d->text, v);
	buf_addc(&d->text, '"');
}

static void
ga4_param(struct export_work *w, struct span key, struct ga4 *g)
{
	bool number;
	struct span v = param_value(&w->inner, &number), name = { key.p + 1, key.n - 2 };

	if (!v.p)
		return;
	if (is_name(name, "page_location"))
		g->page = v;
	else if (is_name(name, "page_referrer"))
		g->referrer = v;
	else if (is_name(name, "ga_session_id"))
		g->session = v;
	else if (number)
		draft_member(&w->draft, key, v);
	else
		ga4_text(&w->draft, key, v);
}

static void
ga4_params(struct export_work *w, struct ga4 *g)
{
	const struct json_value *list = json_fields_get(&w->top, "eventparams"), *key;
	struct json_value v;
	struct json_scan scan;

	if (!list)
		return;
	json_open(&scan, list->raw.p, list->raw.n);
	if (!json_enter_array(&scan))
		return;
	while (json_next_element(&scan, &v)) {
		json_fields_of(&w->part, &v);
		key = json_fields_get(&w->part, "key");
		if (!key || key->type != JSON_STRING)
			continue;
		json_fields_of(&w->inner, json_fields_get(&w->part, "value"));
		ga4_param(w, key->raw, g);
	}
}

/* Only where the export tells the events of one moment apart. */
static struct span
ga4_id(struct export_work *w)
{
	static const char *const part[] = { "userpseudoid", "eventtimestamp", "eventname",
		"batchpageid", "batchorderingid", "batcheventindex" };
	struct draft *d = &w->draft;
	size_t start = d->text.n, i;

	if (!json_fields_text(&w->top, part[0]).p || !json_fields_text(&w->top, part[5]).p)
		return (struct span){ NULL, 0 };
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (i)
			buf_addc(&d->text, '/');
		add(&d->text, json_fields_text(&w->top, part[i]));
	}
	return d->text.n - start <= 128 ? since(d, start) : (struct span){ NULL, 0 };
}

/* What GA4 found out: the export has neither address nor agent. */
static void
ga4_found(struct export_work *w)
{
	struct draft *d = &w->draft;

	json_fields_of(&w->part, json_fields_get(&w->top, "geo"));
	draft_text_member(d, "country", json_fields_text(&w->part, "country"));
	json_fields_of(&w->part, json_fields_get(&w->top, "device"));
	draft_text_member(d, "device_category", json_fields_text(&w->part, "category"));
	json_fields_of(&w->inner, json_fields_get(&w->part, "webinfo"));
	draft_text_member(d, "browser", json_fields_text(&w->inner, "browser"));
	draft_text_member(d, "operating_system", json_fields_text(&w->part, "operatingsystem"));
	draft_text_member(d, "platform", json_fields_text(&w->top, "platform"));
}

void
export_ga4(struct export_work *w, struct export_sink *s, struct span record)
{
	struct draft *d = &w->draft;
	struct span name = json_fields_text(&w->top, "eventname"),
		    visitor = json_fields_text(&w->top, "userpseudoid");
	struct ga4 g = { .page.p = NULL };
	size_t start;

	d->v[EVENT_EVENT] = is_name(name, "page_view") ? SPAN("$pageview") : name;
	if (!export_has_time(w, s, record,
		draft_time(d, EVENT_TIMESTAMP, json_fields_text(&w->top, "eventtimestamp"))))
		return;
	start = draft_object(d);
	ga4_params(w, &g);
	ga4_found(w);
	draft_end_object(d, start);
	d->v[EVENT_EVENT_ID] = ga4_id(w);
	d->v[EVENT_ANONYMOUS_ID] = visitor;
	d->v[EVENT_USER_ID] = json_fields_text(&w->top, "userid");
	if (visitor.p && g.session.p) {
		start = d->text.n;
		add(&d->text, visitor);
		buf_addc(&d->text, '-');
		add(&d->text, g.session);
		d->v[EVENT_SESSION_ID] = since(d, start);
	}
	/* apps send other things in its place */
	if (is_web(g.page))
		d->v[EVENT_URL] = g.page;
	d->v[EVENT_REFERRER] = g.referrer;
	export_event(w, s, record, record);
}

/* ---- what Plausible and Umami have in common --------------------------- */

/* The host, else the site: "https://" it and the path. */
static void
set_url(struct export_work *w, struct span host, struct span path, struct span query)
{
	struct draft *d = &w->draft;
	char room[URL_NAME_MAX];
	size_t start = d->text.n;

	if (!path.n || *path.p != '/')
		return;
	if (!host.n || !hit_site_name(host, room))
		host = w->site;
	if (!host.n) {
		d->v[EVENT_PATH] = path;
		return;
	}
	buf_adds(&d->text, "https://");
	add(&d->text, host);
	add(&d->text, path);
	if (query.n) {
		if (*query.p != '?')
			buf_addc(&d->text, '?');
		add(&d->text, query);
	}
	d->v[EVENT_URL] = since(d, start);
}

/* ---- Plausible ----------------------------------------------------------- */

enum { COUNT_MAX = 1000000 };

static unsigned
count_of(struct span s)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < COUNT_MAX; i++)
		n = n * 10 + (unsigned)(s.p[i] - '0');
	return n > COUNT_MAX ? COUNT_MAX : n;
}

/* Noon of a day, also of 20260516, as a time. */
static bool
plausible_day(struct draft *d, struct span s, struct span *day)
{
	size_t start = d->text.n;
	int64_t ms;

	if (s.n == 8) {
		buf_add(&d->text, s.p, 4);
		buf_addc(&d->text, '-');
		buf_add(&d->text, s.p + 4, 2);
		buf_addc(&d->text, '-');
		buf_add(&d->text, s.p + 6, 2);
	} else {
		add(&d->text, s);
	}
	*day = since(d, start);
	if (!date_parse(day->p, day->n, &ms))
		return false;
	buf_adds(&d->text, "T12:00:00Z");
	d->v[EVENT_TIMESTAMP] = since(d, start);
	return true;
}

/*
 * Plausible exports counts by day, not events: a row is unrolled.  Visitors are
 * numbered by day, so that those of a page and day come out exact.
 */
void
export_plausible(struct export_work *w, struct export_sink *s, struct span record)
{
	struct draft *d = &w->draft;
	const struct json_fields *f = &w->top;
	struct span day, name = json_fields_text(f, "name"), page = json_fields_text(f, "page"),
			 events = json_fields_text(f, "events"),
			 views = json_fields_text(f, "pageviews");
	unsigned visitors = count_of(json_fields_text(f, "visitors")), n, i;
	size_t start, mark;

	if (name.p && events.p) {
		d->v[EVENT_EVENT] = name;
		n = count_of(events);
	} else if (page.p && views.p) {
		d->v[EVENT_EVENT] = SPAN("$pageview");
		n = count_of(views);
	} else {
		s->skipped++;
		return;
	}
	if (!json_fields_text(f, "date").p ||
	    !plausible_day(d, json_fields_text(f, "date"), &day)) {
		export_reject(s, record, "date", "Expected a day");
		return;
	}
	set_url(w, json_fields_text(f, "hostname"), json_fields_text(f, "page path"),
	    (struct span){ NULL, 0 });
	start = draft_object(d);
	draft_text_member(d, "imported", SPAN("plausible"));
	draft_text_member(d, "link_url", json_fields_text(f, "linkurl"));
	draft_end_object(d, start);
	mark = d->text.n;
	for (i = 0; i < n; i++) {
		d->text.n = mark;
		buf_adds(&d->text, "plausible-");
		add(&d->text, day);
		buf_addc(&d->text, '-');
		buf_addu(&d->text, i % (visitors ? visitors : 1) + 1);
		d->v[EVENT_ANONYMOUS_ID] = since(d, mark);
		export_event(w, s, record, record);
	}
	s->skipped += n == 0;
}

/* ---- Umami ---------------------------------------------------------------- */

void
export_umami(struct export_work *w, struct export_sink *s, struct span record)
{
	static const char *const found[][2] = { { "title", "pagetitle" }, { "country", "country" },
		{ "browser", "browser" }, { "os", "os" }, { "device", "device" },
		{ "tag", "tag" } };
	struct draft *d = &w->draft;
	const struct json_fields *f = &w->top;
	struct span name = json_fields_text(f, "eventname"),
		    domain = json_fields_text(f, "referrerdomain"),
		    path = json_fields_text(f, "referrerpath"),
		    query = json_fields_text(f, "referrerquery");
	size_t start, i;

	d->v[EVENT_EVENT] = name.p ? name : SPAN("$pageview");
	if (!export_has_time(
		w, s, record, draft_time(d, EVENT_TIMESTAMP, json_fields_text(f, "createdat"))))
		return;
	d->v[EVENT_EVENT_ID] = json_fields_text(f, "eventid");
	d->v[EVENT_ANONYMOUS_ID] = json_fields_text(f, "sessionid");
	d->v[EVENT_SESSION_ID] = json_fields_text(f, "visitid");
	d->v[EVENT_USER_ID] = json_fields_text(f, "distinctid");
	set_url(w, json_fields_text(f, "hostname"), json_fields_text(f, "urlpath"),
	    json_fields_text(f, "urlquery"));
	if (domain.p) {
		start = d->text.n;
		buf_adds(&d->text, "https://");
		add(&d->text, domain);
		add(&d->text, path.p ? path : SPAN("/"));
		if (query.p)
			buf_addc(&d->text, '?');
		add(&d->text, query);
		d->v[EVENT_REFERRER] = since(d, start);
	}
	start = draft_object(d);
	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		draft_text_member(d, found[i][0], json_fields_text(f, found[i][1]));
	draft_end_object(d, start);
	export_event(w, s, record, record);
}

/* ---- Matomo --------------------------------------------------------------- */

/* The event's name and properties by the type of an action; false: of another kind. */
static bool
matomo_event(struct draft *d, const struct json_fields *f)
{
	static const char *const named[][2] = { { "download", "Download" },
		{ "outlink", "Outbound Link" }, { "search", "Search" }, { "goal", "Goal" },
		{ "ecommerceOrder", "Order" } };
	static const char *const kept[][2] = { { "title", "pagetitle" },
		{ "category", "eventcategory" }, { "name", "eventname" }, { "value", "eventvalue" },
		{ "keyword", "sitesearchkeyword" }, { "goal", "goalname" }, { "order", "orderid" },
		{ "revenue", "revenue" } };
	struct span type = json_fields_text(f, "type");
	size_t start, i;

	if (is_name(type, "action"))
		d->v[EVENT_EVENT] = SPAN("$pageview");
	else if (is_name(type, "event"))
		d->v[EVENT_EVENT] = json_fields_text(f, "eventaction");
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (is_name(type, named[i][0]))
			d->v[EVENT_EVENT] = span_of(named[i][1]);
	if (!d->v[EVENT_EVENT].p)
		return false;
	start = draft_object(d);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		draft_value_member(d, kept[i][0], json_fields_get(f, kept[i][1]));
	if (is_name(type, "download") || is_name(type, "outlink"))
		draft_text_member(d, "link_url", json_fields_text(f, "url"));
	else if (is_web(json_fields_text(f, "url")))
		d->v[EVENT_URL] = json_fields_text(f, "url");
	draft_end_object(d, start);
	return true;
}

static void
matomo_action(struct export_work *w, struct export_sink *s, struct span action, bool first)
{
	struct draft *d = &w->draft;
	const struct json_fields *f = &w->part, *visit = &w->top;

	if (!matomo_event(d, f)) {
		s->skipped++;
		return;
	}
	if (!export_has_time(
		w, s, action, draft_time(d, EVENT_TIMESTAMP, json_fields_text(f, "timestamp"))))
		return;
	d->v[EVENT_ANONYMOUS_ID] = json_fields_text(visit, "visitorid");
	d->v[EVENT_SESSION_ID] = json_fields_text(visit, "idvisit");
	d->v[EVENT_USER_ID] = json_fields_text(visit, "userid");
	draft_ip(d, json_fields_text(visit, "visitip"));
	if (first)
		d->v[EVENT_REFERRER] = json_fields_text(visit, "referrerurl");
	buf_reset(&w->id);
	add(&w->id, json_fields_text(visit, "idsite"));
	buf_addc(&w->id, '/');
	add(&w->id, json_fields_text(visit, "idvisit"));
	buf_addc(&w->id, '/');
	add(&w->id, action);
	export_event(w, s, action, (struct span){ w->id.p, w->id.n });
}

void
export_matomo(struct export_work *w, struct export_sink *s, struct span record)
{
	const struct json_value *list = json_fields_get(&w->top, "actiondetails");
	struct json_scan scan;
	struct json_value v;
	bool first = true;

	if (list)
		json_open(&scan, list->raw.p, list->raw.n);
	if (!list || !json_enter_array(&scan)) {
		export_reject(s, record, "actionDetails", "Required");
		return;
	}
	while (json_next_element(&scan, &v)) {
		if (!draft_begin(&w->draft, record.n))
			return;
		json_fields_of(&w->part, &v);
		matomo_action(w, s, v.raw, first);
		first = false;
	}
	s->skipped += first;
}
