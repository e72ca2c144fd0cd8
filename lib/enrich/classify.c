#include "enrich/classify.h"
#include "enrich/classify_cascade.h"

#include "base/ascii.h"
#include "enrich/site.h"

#include "base/banned.h"

const struct span classify_params[PARAMS] = {
	[GCLID] = { "gclid", 5 },
	[MSCLKID] = { "msclkid", 7 },
	[TTCLID] = { "ttclid", 6 },
	[LI_FAT_ID] = { "li_fat_id", 9 },
	[GBRAID] = { "gbraid", 6 },
	[WBRAID] = { "wbraid", 6 },
	[TWCLID] = { "twclid", 6 },
	[RDT_CID] = { "rdt_cid", 7 },
	[EPIK] = { "epik", 4 },
	[SCCID] = { "ScCid", 5 },
	[YCLID] = { "yclid", 5 },
	[DCLID] = { "dclid", 5 },
	[GAD_SOURCE] = { "gad_source", 10 },
	[GAD_CAMPAIGNID] = { "gad_campaignid", 14 },
	[FBCLID] = { "fbclid", 6 },
	[UTM_SOURCE] = { "utm_source", 10 },
	[UTM_MEDIUM] = { "utm_medium", 10 },
	[UTM_CAMPAIGN] = { "utm_campaign", 12 },
};

/* --- the cascade ------------------------------------------------------ */

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define HIGH S("high")
#define MEDIUM S("medium")
#define LOW S("low")

const struct rule classify_cascade[] = {
	{ "1", true, S("google_click_id"), F(GCLID), 0, 0, CONSTANT, S("google"), S("paid"), HIGH },
	{ "2", true, S("microsoft_click_id"), F(MSCLKID), 0, 0, CONSTANT, S("bing"), S("paid"),
	    HIGH },
	{ "3", true, S("tiktok_click_id"), F(TTCLID), 0, 0, CONSTANT, S("tiktok"), S("paid"),
	    HIGH },
	{ "4", true, S("linkedin_click_id"), F(LI_FAT_ID), 0, 0, CONSTANT, S("linkedin"), S("paid"),
	    HIGH },
	{ "4a", false, S("google_ios_click_id"), 0, F(GBRAID) | F(WBRAID), 0, CONSTANT, S("google"),
	    S("paid"), HIGH },
	{ "4b", false, S("x_click_id"), F(TWCLID), 0, 0, CONSTANT, S("twitter"), S("paid"), HIGH },
	{ "4c", false, S("reddit_click_id"), F(RDT_CID), 0, 0, CONSTANT, S("reddit"), S("paid"),
	    HIGH },
	{ "4d", false, S("pinterest_click_id"), F(EPIK), 0, 0, CONSTANT, S("pinterest"), S("paid"),
	    HIGH },
	{ "4e", false, S("snapchat_click_id"), F(SCCID), 0, 0, CONSTANT, S("snapchat"), S("paid"),
	    HIGH },
	{ "4f", false, S("yandex_click_id"), F(YCLID), 0, 0, CONSTANT, S("yandex"), S("paid"),
	    HIGH },
	{ "4g", false, S("google_ads_param"), 0, F(DCLID) | F(GAD_SOURCE) | F(GAD_CAMPAIGNID), 0,
	    CONSTANT, S("google"), S("paid"), HIGH },
	{ "5", true, S("fb_ad_redirect"), F(FBCLID) | F(FACEBOOK_REDIRECT), 0, 0, CONSTANT,
	    S("facebook"), S("paid"), HIGH },
	{ "6", true, S("fb_click_utm"), F(FBCLID), F(FACEBOOK_SOURCE) | F(INSTAGRAM_SOURCE), 0,
	    BY_BRAND, S("facebook or instagram"), S("paid"), HIGH },
	{ "7", true, S("fb_utm_paid"), F(PAID_MEDIUM) | F(FACEBOOK_SOURCE), 0, 0, CONSTANT,
	    S("facebook"), S("paid"), HIGH },
	{ "8", true, S("ig_utm_paid"), F(PAID_MEDIUM) | F(INSTAGRAM_SOURCE), 0, 0, CONSTANT,
	    S("instagram"), S("paid"), HIGH },
	{ "9", true, S("utm_paid"), F(PAID_MEDIUM) | F(UTM_SOURCE), 0, 0, BY_UTM, S("(utm_source)"),
	    S("paid"), HIGH },
	{ "10", true, S("utm_paid_no_source"), F(PAID_MEDIUM), 0, F(UTM_SOURCE), CONSTANT,
	    S("unknown"), S("paid"), MEDIUM },
	{ "11", true, S("fb_click_id"), F(FBCLID), 0, F(UTM_SOURCE), CONSTANT, S("facebook"),
	    S("paid"), MEDIUM },
	{ "11a", false, S("utm_source_known"), F(KNOWN_SOURCE), 0, 0, BY_KNOWN, S("(its name)"),
	    S("(utm_medium)"), HIGH },
	{ "12", true, S("utm_source"), F(UTM_SOURCE), 0, 0, BY_UTM_BOTH, S("(utm_source)"),
	    S("(utm_medium)"), HIGH },
	{ "12a", false, S("utm_medium"), F(UTM_MEDIUM), 0, F(UTM_SOURCE), BY_REFERRER,
	    S("(referrer)"), S("(utm_medium)"), MEDIUM },
	{ "12b", false, S("ad_referrer"), F(FROM_PAID), 0, 0, BY_TABLE, S("(network)"), S("paid"),
	    MEDIUM },
	{ "12c", false, S("spam_referrer"), F(FROM_SPAM), 0, 0, BY_HOST, S("(host)"), S("referral"),
	    LOW },
	{ "13", true, S("fb_referrer"), F(FROM_FACEBOOK), 0, 0, CONSTANT, S("facebook"),
	    S("social"), MEDIUM },
	{ "14", true, S("ig_referrer"), F(FROM_INSTAGRAM), 0, 0, CONSTANT, S("instagram"),
	    S("social"), MEDIUM },
	{ "15", true, S("social_referrer"), F(FROM_SOCIAL), 0, 0, BY_TABLE, S("(network)"),
	    S("social"), MEDIUM },
	{ "16", true, S("search_referrer"), F(FROM_SEARCH), 0, 0, BY_TABLE, S("(engine)"),
	    S("organic"), MEDIUM },
	{ "17", true, S("email_referrer"), F(FROM_EMAIL), 0, 0, BY_TABLE, S("(service)"),
	    S("email"), MEDIUM },
	{ "17a", false, S("ai_referrer"), F(FROM_AI), 0, 0, BY_TABLE, S("(assistant)"),
	    S("referral"), MEDIUM },
	{ "18", true, S("internal"), 0, F(SAME_HOST) | F(FROM_INTERNAL), 0, CONSTANT, S("internal"),
	    S("direct"), HIGH },
	{ "19", true, S("direct"), 0, 0, F(REFERRER), CONSTANT, S("direct"), S("direct"), HIGH },
	{ "20", true, S("referral"), F(REFERRER), 0, 0, BY_HOST, S("(host)"), S("referral"), LOW },
};

const size_t classify_cascade_length = sizeof(classify_cascade) / sizeof(classify_cascade[0]);

/* --- facts ------------------------------------------------------------ */

/* Is the text the word, but for the case of ASCII letters? */
static bool
is_word(struct span text, struct span word)
{
	size_t i;

	if (text.n != word.n)
		return false;
	for (i = 0; i < text.n && ascii_lower(text.p[i]) == ascii_lower(word.p[i]); i++)
		;
	return i == text.n;
}

/*
 * "&" written as "&amp;" in HTML and then used as it is gives names that begin
 * with "amp;", or "amp;amp;" when that happened twice.
 */
static struct span
without_amp(struct span name)
{
	while (name.n > 4 && is_word((struct span){ name.p, 4 }, SPAN("amp;")))
		name = (struct span){ name.p + 4, name.n - 4 };
	return name;
}

/*
 * The parameter of that name, or PARAMS.  Of the public cascade only utm_ names
 * compare without case.
 */
static int
find_param(struct span name, bool documented)
{
	enum { UNITS = 32 }; /* more than any name of ours with some "amp;" before it */
	char plain[UNITS * URL_UNIT_BYTES];
	int i;

	if (name.n < 4)
		return PARAMS;
	if (memchr(name.p, '%', name.n)) {
		name.n = url_decode(name, plain, UNITS, false);
		name.p = plain;
	}
	name = without_amp(name);
	for (i = 0; i < PARAMS; i++) {
		if (name.n != classify_params[i].n)
			continue;
		if (documented && i < UTM_SOURCE ? span_eq(name, classify_params[i])
						 : is_word(name, classify_params[i]))
			return i;
	}
	return PARAMS;
}

static bool
is_blank(struct span value)
{
	enum { UNITS = 2 }; /* so that a character beyond U+FFFF is seen */
	char start[UNITS * URL_UNIT_BYTES];
	char c;

	if (value.n == 0)
		return true;
	c = value.p[0];
	if (c > ' ' && c < 0x7f && c != '+' && c != '%')
		return false;
	return url_decode(value, start, UNITS, true) == 0;
}

static void
read_params(struct evidence *e, struct span query)
{
	struct url_param param;
	int i;

	while (url_next_param(&query, &param)) {
		i = find_param(param.name, e->which & CLASSIFY_DOCUMENTED);
		if (i == PARAMS || e->facts & F(i) || is_blank(param.value))
			continue;
		e->facts |= F(i);
		e->raw[i] = param.value;
	}
}

static struct span
decode_lower(struct span raw, char *to)
{
	size_t n = url_decode(raw, to, CLASSIFY_SOURCE_MAX, true), i;

	for (i = 0; i < n; i++)
		to[i] = ascii_lower(to[i]);
	return (struct span){ to, n };
}

/* Takes the next run of letters and digits off *text; n is 0 at the end. */
static struct span
next_token(struct span *text)
{
	const char *p = text->p, *end = p + text->n, *start;

	while (p < end && !ascii_is_alnum(*p))
		p++;
	for (start = p; p < end && ascii_is_alnum(*p); p++)
		;
	*text = (struct span){ p, (size_t)(end - p) };
	return (struct span){ start, (size_t)(p - start) };
}

static bool
is_one_of(struct span text, const struct span *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(text, words[i]))
			return true;
	return false;
}

static bool
is_paid(struct span value, bool documented)
{
	static const struct span paid[] = { { "cpc", 3 }, { "ppc", 3 }, { "cpm", 3 }, { "cpv", 3 },
		{ "cpa", 3 }, { "cpp", 3 }, { "display", 7 }, { "retargeting", 11 } };
	static const struct span more[] = { { "banner", 6 }, { "interstitial", 12 }, { "sem", 3 } };
	enum { BY_TOKEN = 6 }; /* the first ones also count as a part: "google-cpc" */
	struct span token;

	if (value.n >= 4 && memcmp(value.p, "paid", 4) == 0)
		return true;
	if (is_one_of(value, paid, sizeof(paid) / sizeof(paid[0])))
		return true;
	if (documented)
		return false;
	if (is_one_of(value, more, sizeof(more) / sizeof(more[0])))
		return true;
	while ((token = next_token(&value)).n > 0)
		if (is_one_of(token, paid, BY_TOKEN))
			return true;
	return false;
}

static void
read_source_token(struct evidence *e, struct span token)
{
	if (span_eq(token, SPAN("facebook")) || span_eq(token, SPAN("fb")) ||
	    span_eq(token, SPAN("meta")))
		e->facts |= F(FACEBOOK_SOURCE);
	if (span_eq(token, SPAN("instagram")) || span_eq(token, SPAN("ig")))
		e->facts |= F(INSTAGRAM_SOURCE);
}

/* How a visit is counted that a host of each kind brought, where nothing else says it. */
static const struct span kind_mediums[HOST_KINDS] = {
	[HOST_SEARCH] = { "organic", 7 },
	[HOST_SOCIAL] = { "social", 6 },
	[HOST_EMAIL] = { "email", 5 },
	[HOST_AI] = { "referral", 8 },
	[HOST_PAID] = { "paid", 4 },
};

/* Looks up what utm_source is an alias of, or the host that it is. */
static void
read_known(struct evidence *e)
{
	char text[URL_NAME_MAX];
	struct span name = { text, 0 };
	const struct host_entry *entry = hosts_find_alias(e->hosts, e->source);

	if (!entry && memchr(e->source.p, '.', e->source.n) && !url_name(e->source, text, &name.n))
		entry = hosts_find(e->hosts, name);
	if (!entry || kind_mediums[entry->kind].n == 0)
		return;
	e->known = entry;
	e->facts |= F(KNOWN_SOURCE);
}

static void
read_source(struct evidence *e)
{
	struct span rest = e->source, token;

	while ((token = next_token(&rest)).n > 0)
		read_source_token(e, token);
	if (!(e->which & CLASSIFY_DOCUMENTED))
		read_known(e);
}

static void
read_url(struct evidence *e)
{
	const struct url *u = e->visit->url;
	struct attribution *to = e->to;
	char *store = to->store;

	to->campaign = (struct span){ NULL, 0 };
	if (!u || u->query.n == 0)
		return;
	read_params(e, u->query);
	if (e->facts & F(UTM_SOURCE)) {
		e->source = decode_lower(e->raw[UTM_SOURCE], store);
		read_source(e);
	}
	store += CLASSIFY_SOURCE_MAX * URL_UNIT_BYTES;
	if (e->facts & F(UTM_MEDIUM)) {
		e->medium = decode_lower(e->raw[UTM_MEDIUM], store);
		if (is_paid(e->medium, e->which & CLASSIFY_DOCUMENTED))
			e->facts |= F(PAID_MEDIUM);
	}
	store += CLASSIFY_SOURCE_MAX * URL_UNIT_BYTES;
	if (e->facts & F(UTM_CAMPAIGN)) {
		to->campaign.n =
		    url_decode(e->raw[UTM_CAMPAIGN], store, CLASSIFY_CAMPAIGN_MAX, true);
		to->campaign.p = store;
	}
}

/* --- the referrer ----------------------------------------------------- */

/* Rule 18: the request host, by its key, else by the url. */
static bool
is_request_host(const struct visit *v, struct span name)
{
	char text[URL_NAME_MAX];
	struct span host = { text, site_name(v->host, text) };

	if (host.n == 0 && v->url)
		host = (struct span){ v->url->name, v->url->name_n };
	return host.n > 0 && span_eq(site_without_www(host), site_without_www(name));
}

/*
 * The referrer is the app whose package or number the text begins with, behind
 * slashes; what else stands there leaves it as it is.
 */
static void
take_app(struct evidence *e, struct span text)
{
	char name[URL_NAME_MAX];
	size_t n = 0;

	while (text.n > 0 && text.p[0] == '/')
		text = (struct span){ text.p + 1, text.n - 1 };
	for (; n < text.n && text.p[n] != '/'; n++) {
		char c = ascii_lower(text.p[n]);

		if (n == URL_NAME_MAX || !(ascii_is_alnum(c) || c == '.' || c == '_'))
			return;
		name[n] = c;
	}
	if (n == 0)
		return;
	memcpy(e->referrer.name, name, n);
	e->from.n = n;
	e->app = true;
}

/* Splits the referrer into its name and whether that is an app's. */
static bool
split_referrer(struct evidence *e)
{
	enum { ROOM = 4096 }; /* what is cut off is far behind the host */
	struct span text = e->visit->referrer;
	const char *reason = url_split(&e->referrer, text.p, text.n, NULL);
	char clean[ROOM];
	size_t i, n = 0;

	if (reason && url_has_newline(text)) {
		/* removed here, so that nothing is allocated */
		for (i = 0; i < text.n && n < ROOM; i++)
			if (text.p[i] != '\t' && text.p[i] != '\n' && text.p[i] != '\r')
				clean[n++] = text.p[i];
		reason = url_split(&e->referrer, clean, n, NULL);
	}
	if (reason || e->referrer.name_n == 0)
		return false;
	e->from = (struct span){ e->referrer.name, e->referrer.name_n };
	if (is_word(e->referrer.scheme, SPAN("android-app")))
		e->app = true;
	else if (is_word(e->referrer.scheme, SPAN("ios-app")))
		take_app(e, e->referrer.host); /* digits, not an address */
	else if (e->referrer.web && span_eq(e->from, SPAN("android-app")))
		take_app(e, e->referrer.path); /* http://android-app//com.example */
	return true;
}

static void
read_entry(struct evidence *e)
{
	static const uint64_t by_kind[HOST_KINDS] = {
		[HOST_SEARCH] = F(FROM_SEARCH),
		[HOST_SOCIAL] = F(FROM_SOCIAL),
		[HOST_EMAIL] = F(FROM_EMAIL),
		[HOST_AI] = F(FROM_AI),
		[HOST_PAID] = F(FROM_PAID),
		[HOST_SPAM] = F(FROM_SPAM),
		[HOST_INTERNAL] = F(FROM_INTERNAL),
	};

	e->facts |= by_kind[e->entry->kind];
	if (e->entry->kind != HOST_SOCIAL)
		return;
	if (span_eq(e->entry->source, SPAN("facebook")))
		e->facts |= F(FROM_FACEBOOK);
	else if (span_eq(e->entry->source, SPAN("instagram")))
		e->facts |= F(FROM_INSTAGRAM);
}

/*
 * The entry of the referrer.  The public cascade has no advertising networks:
 * there one counts as what the domain above it is.
 */
static const struct host_entry *
find_entry(const struct evidence *e)
{
	struct span name = e->from;
	const struct host_entry *entry = hosts_find(e->hosts, name);
	const char *dot;

	while (entry && entry->kind == HOST_PAID && e->which & CLASSIFY_DOCUMENTED) {
		dot = memchr(name.p, '.', name.n);
		if (!dot)
			return NULL;
		name = (struct span){ dot + 1, (size_t)(name.p + name.n - dot - 1) };
		entry = hosts_find(e->hosts, name);
	}
	return entry;
}

void
classify_read_referrer(struct evidence *e)
{
	e->unread = 0;
	if (e->visit->referrer.n == 0 || !split_referrer(e))
		return;
	e->facts |= F(REFERRER);
	e->entry = e->app ? hosts_find_app(e->hosts, e->from) : find_entry(e);
	if (e->entry)
		read_entry(e);
	if (e->app)
		return;
	if (span_eq(e->from, SPAN("l.facebook.com")) || span_eq(e->from, SPAN("lm.facebook.com")))
		e->facts |= F(FACEBOOK_REDIRECT);
	if (is_request_host(e->visit, e->from))
		e->facts |= F(SAME_HOST);
}

/* --- deciding --------------------------------------------------------- */

bool
classify_fires(const struct rule *r, struct evidence *e)
{
	if (r->all & ~(e->facts | e->unread))
		return false;
	if ((r->all | r->any | r->none) & e->unread)
		classify_read_referrer(e);
	return !(r->all & ~e->facts) && (!r->any || e->facts & r->any) && !(e->facts & r->none);
}

/* The referrer's host as a source, kept in the answer's own memory. */
static struct span
keep_host(const struct evidence *e)
{
	struct span host = e->app ? e->from : site_without_www(e->from);
	char *to = e->to->store + CLASSIFY_STORE - URL_NAME_MAX;

	memcpy(to, host.p, host.n);
	return (struct span){ to, host.n };
}

/* What the referrer is called: by the table, else its host; a site of one's own has no name. */
static struct span
name_referrer(struct evidence *e)
{
	if (e->unread)
		classify_read_referrer(e);
	if (!(e->facts & F(REFERRER)) || e->facts & (F(SAME_HOST) | F(FROM_INTERNAL)))
		return SPAN("unknown");
	return e->entry && kind_mediums[e->entry->kind].n > 0 ? e->entry->source : keep_host(e);
}

void
classify_answer(const struct rule *r, struct evidence *e)
{
	struct attribution *to = e->to;

	to->rule_id = r->id;
	to->source = r->source;
	to->medium = r->medium;
	to->confidence = r->confidence;
	switch (r->origin) {
	case CONSTANT:
		/* links in Facebook's posts have a fbclid as its ads have */
		if (r->all & F(FBCLID) && e->which & CLASSIFY_FBCLID_SOCIAL) {
			to->medium = SPAN("social");
			to->confidence = SPAN("medium");
		}
		break;
	case BY_KNOWN:
		to->source = e->known->source;
		to->medium = e->medium.n > 0 ? e->medium : kind_mediums[e->known->kind];
		break;
	case BY_REFERRER:
		to->source = name_referrer(e);
		to->medium = e->medium;
		break;
	case BY_UTM_BOTH:
		to->medium = e->medium.n > 0 ? e->medium : SPAN("unknown");
		to->source = e->source;
		break;
	case BY_UTM:
		to->source = e->source;
		break;
	case BY_BRAND:
		to->source = e->facts & F(INSTAGRAM_SOURCE) ? SPAN("instagram") : SPAN("facebook");
		break;
	case BY_TABLE:
		to->source = e->entry->source;
		break;
	case BY_HOST:
		to->source = keep_host(e);
		break;
	}
}

void
classify_gather(struct evidence *e, const struct visit *v, unsigned which,
    const struct hosts *hosts, struct attribution *to)
{
	e->visit = v;
	e->which = which;
	e->hosts = hosts;
	e->to = to;
	e->facts = 0;
	e->unread = REFERRER_FACTS;
	e->source = e->medium = (struct span){ NULL, 0 };
	e->from = (struct span){ NULL, 0 };
	e->entry = e->known = NULL;
	e->app = false;
	read_url(e);
}

void
classify(const struct visit *v, unsigned which, const struct hosts *hosts, struct attribution *to)
{
	struct evidence e;
	const struct rule *r = classify_cascade;

	classify_gather(&e, v, which, hosts, to);
	/* the last two rules are documented and one of them fires */
	while ((which & CLASSIFY_DOCUMENTED && !r->documented) || !classify_fires(r, &e))
		r++;
	classify_answer(r, &e);
}
