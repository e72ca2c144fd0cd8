/*
 * Segment's calls and RudderStack's: as they are sent, and as the rows of a warehouse.
 */
#include "import/export_record.h"

#include "base/banned.h"

enum call { CALL_TRACK, CALL_PAGE, CALL_SCREEN, CALL_IDENTIFY, CALL_OTHER };

static enum call
call_named(struct span type)
{
	static const char *const name[] = { "track", "page", "screen", "identify" };
	unsigned c = 0;

	while (c < CALL_OTHER && !span_eq(type, span_of(name[c])))
		c++;
	return (enum call)c;
}

/* Of a warehouse's row, which has no type: by the columns of its table. */
static enum call
call_of_row(const struct json_fields *row)
{
	if (json_fields_text(row, "eventtext event").p)
		return CALL_TRACK;
	if (json_fields_text(row, "url path").p)
		return CALL_PAGE;
	return json_fields_text(row, "userid").p ? CALL_IDENTIFY : CALL_OTHER;
}

static bool
holds(struct span s, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, word, n) == 0)
			return true;
	return false;
}

static void
add_encoded(struct buf *b, struct span s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
		    memchr("-._~", c, 4)) {
			buf_addc(b, (char)c);
		} else {
			buf_addc(b, '%');
			buf_addc(b, hex[c >> 4]);
			buf_addc(b, hex[c & 15]);
		}
	}
}

static void
add_param(struct buf *b, size_t start, const char *name, struct span value)
{
	if (!value.p || memchr(value.p, '\\', value.n))
		return;
	buf_addc(b, memchr(b->p + start, '?', b->n - start) ? '&' : '?');
	buf_adds(b, name);
	buf_addc(b, '=');
	add_encoded(b, value);
}

/*
 * The page's address with its query, which stands apart where the page names a
 * canonical one, and with the campaign, where that was found by other means.
 */
static struct span
full_url(struct draft *d, struct span url, struct span search, const struct json_fields *f,
    const char *const campaign[5])
{
	static const char *const param[5] = { "utm_source", "utm_medium", "utm_campaign",
		"utm_term", "utm_content" };
	size_t start = d->text.n;
	int i;

	if (!url.p || memchr(url.p, '#', url.n))
		return url;
	buf_add(&d->text, url.p, url.n);
	if (!memchr(url.p, '?', url.n) && search.n > 1 && *search.p == '?')
		buf_add(&d->text, search.p, search.n);
	url = (struct span){ d->text.p + start, d->text.n - start };
	if (!holds(url, "utm_"))
		for (i = 0; i < 5; i++)
			add_param(&d->text, start, param[i], json_fields_text(f, campaign[i]));
	return (struct span){ d->text.p + start, d->text.n - start };
}

static bool
is_one_of(const struct json_value *key, const char *const *names)
{
	for (; *names; names++)
		if (json_key_is(key, *names, strlen(*names)))
			return true;
	return false;
}

/* The members but for those; and the call's name. */
static void
set_properties(struct draft *d, const struct json_fields *f, const char *const *but,
    const char *beginning, struct span name)
{
	size_t start = draft_object(d), n = strlen(beginning), i;

	for (i = 0; i < f->n; i++) {
		struct span key = f->m[i].key.raw;

		if (is_one_of(&f->m[i].key, but) || f->m[i].value.type == JSON_NULL)
			continue;
		if (n && key.n > n && memcmp(key.p + 1, beginning, n) == 0)
			continue;
		draft_member(d, key, f->m[i].value.raw);
	}
	draft_text_member(d, "name", name);
	draft_end_object(d, start);
}

/* The whole object as it stands. */
static void
set_whole(struct draft *d, const struct json_value *object)
{
	if (object && object->type == JSON_OBJECT && object->minified > 2)
		d->v[EVENT_PROPERTIES] = object->raw;
}

static bool
set_event(struct draft *d, enum call call, const struct json_fields *f)
{
	switch (call) {
	case CALL_TRACK:
		d->v[EVENT_EVENT] = json_fields_text(f, "eventtext event name");
		return true;
	case CALL_PAGE:
		d->v[EVENT_EVENT] = SPAN("$pageview");
		return true;
	case CALL_SCREEN:
		d->v[EVENT_EVENT] = SPAN("$screen");
		return true;
	case CALL_IDENTIFY:
		d->v[EVENT_EVENT] = SPAN("$identify");
		return true;
	case CALL_OTHER:
		break;
	}
	return false;
}

/* Segment's own time has a corrected clock; without it, sent_at lets mm-enrich correct it. */
static bool
set_times(struct draft *d, const struct json_fields *f, struct span sent_at)
{
	struct span sent = json_fields_text(f, "sentat");

	if (!draft_time(d, EVENT_TIMESTAMP, json_fields_text(f, "timestamp")) ||
	    !draft_time(d, EVENT_RECEIVED_AT, json_fields_text(f, "receivedat")))
		return false;
	if (d->v[EVENT_TIMESTAMP].p)
		return true;
	return draft_time(d, EVENT_TIMESTAMP, json_fields_text(f, "originaltimestamp")) &&
	    draft_time(d, EVENT_SENT_AT, sent.p ? sent : sent_at);
}

static void
set_row(struct export_work *w, enum call call)
{
	static const char *const columns[] = { "id", "messageid", "anonymousid", "userid", "event",
		"eventtext", "timestamp", "originaltimestamp", "sentat", "receivedat", "uuid",
		"uuidts", "loadedat", "type", "channel", "url", "path", "referrer", "search",
		NULL };
	static const char *const own[] = { "id", "messageid", "anonymousid", "userid", "event",
		"eventtext", "timestamp", "originaltimestamp", "sentat", "receivedat", "uuid",
		"uuidts", "loadedat", "type", "channel", NULL };
	static const char *const campaign[] = { "contextcampaignsource", "contextcampaignmedium",
		"contextcampaignname", "contextcampaignterm", "contextcampaigncontent" };
	const struct json_fields *f = &w->top;
	struct draft *d = &w->draft;
	bool page = call == CALL_PAGE;

	d->v[EVENT_URL] =
	    full_url(d, json_fields_text(f, page ? "url contextpageurl" : "contextpageurl"),
		json_fields_text(f, page ? "search contextpagesearch" : "contextpagesearch"), f,
		campaign);
	d->v[EVENT_PATH] = json_fields_text(f, page ? "path contextpagepath" : "contextpagepath");
	d->v[EVENT_REFERRER] =
	    json_fields_text(f, page ? "referrer contextpagereferrer" : "contextpagereferrer");
	draft_ip(d, json_fields_text(f, "contextip"));
	draft_ip(d, json_fields_text(f, "contextrequestip requestip"));
	d->v[EVENT_USER_AGENT] = json_fields_text(f, "contextuseragent");
	set_properties(d, f, page ? columns : own, "context_", (struct span){ NULL, 0 });
}

/* A copy, which stays when other members are read; JSON_NULL: there is none. */
static struct json_value
value_of(const struct json_fields *f, const char *name)
{
	const struct json_value *v = json_fields_get(f, name);

	return v ? *v : (struct json_value){ .type = JSON_NULL };
}

static void
set_call(struct export_work *w, enum call call)
{
	static const char *const of_page[] = { "url", "path", "referrer", "search", NULL };
	static const char *const none[] = { NULL };
	static const char *const campaign[] = { "source", "medium", "name", "term", "content" };
	const struct json_value *properties = json_fields_get(&w->top, "properties");
	struct json_value traits = value_of(&w->top, "traits"), page, hints, sources;
	struct span name = json_fields_text(&w->top, "name"), url, path, referrer, search, ua;
	struct draft *d = &w->draft;
	struct json_fields *f = &w->part;

	json_fields_of(f, json_fields_get(&w->top, "context"));
	draft_ip(d, json_fields_text(f, "ip"));
	draft_ip(d, json_fields_text(&w->top, "requestip"));
	ua = json_fields_text(f, "useragent");
	hints = value_of(f, "useragentdata");
	page = value_of(f, "page");
	sources = value_of(f, "campaign");
	if (traits.type == JSON_NULL)
		traits = value_of(f, "traits");
	json_fields_of(f, &page);
	url = json_fields_text(f, "url");
	path = json_fields_text(f, "path");
	referrer = json_fields_text(f, "referrer");
	search = json_fields_text(f, "search");
	if (call == CALL_PAGE || call == CALL_SCREEN) {
		json_fields_of(f, properties);
		if (call == CALL_PAGE) {
			url = json_fields_text(f, "url").p ? json_fields_text(f, "url") : url;
			path = json_fields_text(f, "path").p ? json_fields_text(f, "path") : path;
			referrer = json_fields_text(f, "referrer").p
			    ? json_fields_text(f, "referrer")
			    : referrer;
			search = json_fields_text(f, "search").p ? json_fields_text(f, "search")
								 : search;
		}
		set_properties(d, f, call == CALL_PAGE ? of_page : none, "", name);
	} else {
		set_whole(d, call == CALL_IDENTIFY ? &traits : properties);
	}
	json_fields_of(f, &sources);
	d->v[EVENT_URL] = full_url(d, url, search, f, campaign);
	d->v[EVENT_PATH] = path;
	d->v[EVENT_REFERRER] = referrer;
	d->v[EVENT_USER_AGENT] = ua;
	if (hints.type == JSON_OBJECT)
		d->v[EVENT_UA_HINTS] = hints.raw;
}

void
export_segment(
    struct export_work *w, struct export_sink *s, struct span record, struct span sent_at)
{
	const struct json_fields *f = &w->top;
	struct draft *d = &w->draft;
	struct span type = json_fields_text(f, "type");
	bool row = !json_fields_get(f, "context") && !json_fields_get(f, "properties") &&
	    !json_fields_get(f, "traits") && !type.p;
	enum call call = row ? call_of_row(f) : type.p ? call_named(type) : CALL_TRACK;

	if (!set_event(d, call, f)) {
		if (type.p)
			s->skipped++;
		else
			export_reject(s, record, "event", "Required");
		return;
	}
	if (!export_has_time(w, s, record, set_times(d, f, sent_at)))
		return;
	d->v[EVENT_EVENT_ID] = json_fields_text(f, row ? "messageid id" : "messageid");
	d->v[EVENT_ANONYMOUS_ID] = json_fields_text(f, "anonymousid");
	d->v[EVENT_USER_ID] = json_fields_text(f, "userid");
	if (row)
		set_row(w, call);
	else
		set_call(w, call);
	export_event(w, s, record, record);
}
