#include "enrich/classify.h"
#include "enrich/classify_cascade.h"

#include "base/banned.h"

/* How a fact that holds, and one that does not, is told to people. */
static const struct {
	const char *yes, *no;
} fact_texts[FACTS] = {
	[GCLID] = { "gclid", "no gclid" },
	[MSCLKID] = { "msclkid", "no msclkid" },
	[TTCLID] = { "ttclid", "no ttclid" },
	[LI_FAT_ID] = { "li_fat_id", "no li_fat_id" },
	[GBRAID] = { "gbraid", "no gbraid" },
	[WBRAID] = { "wbraid", "no wbraid" },
	[TWCLID] = { "twclid", "no twclid" },
	[RDT_CID] = { "rdt_cid", "no rdt_cid" },
	[EPIK] = { "epik", "no epik" },
	[SCCID] = { "ScCid", "no ScCid" },
	[YCLID] = { "yclid", "no yclid" },
	[DCLID] = { "dclid", "no dclid" },
	[GAD_SOURCE] = { "gad_source", "no gad_source" },
	[GAD_CAMPAIGNID] = { "gad_campaignid", "no gad_campaignid" },
	[FBCLID] = { "fbclid", "no fbclid" },
	[UTM_SOURCE] = { "utm_source", "no utm_source" },
	[UTM_MEDIUM] = { "utm_medium", "no utm_medium" },
	[UTM_CAMPAIGN] = { "utm_campaign", "no utm_campaign" },
	[PAID_MEDIUM] = { "utm_medium is a paid one", "utm_medium is not a paid one" },
	[FACEBOOK_SOURCE] = { "utm_source names facebook", "utm_source does not name facebook" },
	[INSTAGRAM_SOURCE] = { "utm_source names instagram", "utm_source does not name instagram" },
	[KNOWN_SOURCE] = { "utm_source is a host or an alias that is known",
	    "utm_source is not a known host or alias" },
	[REFERRER] = { "there is a referrer", "no referrer" },
	[FACEBOOK_REDIRECT] = { "the referrer is Facebook's redirector",
	    "the referrer is not l.facebook.com or lm.facebook.com" },
	[FROM_FACEBOOK] = { "the referrer is Facebook", "the referrer is not Facebook" },
	[FROM_INSTAGRAM] = { "the referrer is Instagram", "the referrer is not Instagram" },
	[FROM_SOCIAL] = { "the referrer is a social network",
	    "the referrer is not a known social network" },
	[FROM_SEARCH] = { "the referrer is a search engine",
	    "the referrer is not a known search engine" },
	[FROM_EMAIL] = { "the referrer is a web-mail service",
	    "the referrer is not a known web-mail service" },
	[FROM_AI] = { "the referrer is an AI assistant",
	    "the referrer is not a known AI assistant" },
	[FROM_PAID] = { "the referrer is an advertising network",
	    "the referrer is not a known advertising network" },
	[FROM_SPAM] = { "the referrer is listed as spam", "the referrer is not listed as spam" },
	[FROM_INTERNAL] = { "the referrer is listed as internal",
	    "the referrer is not listed as internal" },
	[SAME_HOST] = { "the referrer is the site itself", "the referrer is not the site itself" },
};

static void
add_padded(struct buf *b, struct span text, size_t width)
{
	size_t n;

	buf_add(b, text.p, text.n);
	for (n = text.n; n < width; n++)
		buf_addc(b, ' ');
}

/* Adds the texts of some facts, as they hold or as they do not, after what
   has been added since `start`. */
static void
add_facts(struct buf *b, size_t start, uint64_t facts, bool hold, const char *between)
{
	const char *separator = b->n > start ? ", " : "";
	int i;

	for (i = 0; i < FACTS; i++) {
		if (!(facts & F(i)))
			continue;
		buf_adds(b, separator);
		buf_adds(b, hold ? fact_texts[i].yes : fact_texts[i].no);
		separator = between;
	}
}

/* What kept a rule from firing, or all that made it fire. */
static void
add_reason(struct buf *b, const struct rule *r, uint64_t facts, bool fired)
{
	size_t start = b->n;
	uint64_t missing = r->all & ~facts;

	if (fired) {
		add_facts(b, start, r->all | (r->any & facts), true, ", ");
		add_facts(b, start, r->none, false, ", ");
	} else if (missing) {
		/* the first is enough */
		add_facts(b, start, missing & ~(missing - 1), false, "");
	} else if (r->any && !(facts & r->any)) {
		add_facts(b, start, r->any, false, ", ");
	} else {
		add_facts(b, start, r->none & facts, true, ", ");
	}
}

static void
add_span(struct buf *b, struct span name, struct span value)
{
	add_padded(b, name, 14);
	buf_add_scrubbed(b, value.p, value.n);
	buf_addc(b, '\n');
}

static void
add_listed(struct buf *b, const struct host_entry *entry)
{
	add_padded(b, SPAN(""), 14);
	buf_adds(b, "listed as ");
	hosts_pattern(entry, b);
	buf_adds(b, ", ");
	buf_adds(b, host_kind_names[entry->kind]);
	if (entry->source.n > 0)
		buf_adds(b, ", ");
	buf_add(b, entry->source.p, entry->source.n);
	buf_addc(b, '\n');
}

/* What the rules see. */
static void
add_evidence(struct buf *b, const struct evidence *e)
{
	int i;

	for (i = 0; i < UTM_SOURCE; i++)
		if (e->facts & F(i))
			add_span(b, classify_params[i], e->raw[i]);
	if (e->facts & F(UTM_SOURCE))
		add_span(b, SPAN("utm_source"), e->source);
	if (e->known)
		add_listed(b, e->known);
	if (e->facts & F(UTM_MEDIUM))
		add_span(b, SPAN("utm_medium"), e->medium);
	if (e->facts & F(UTM_CAMPAIGN))
		add_span(b, SPAN("utm_campaign"), e->to->campaign);
	if (e->facts & F(REFERRER))
		add_span(b, e->app ? SPAN("referrer app") : SPAN("referrer host"), e->from);
	if (e->entry)
		add_listed(b, e->entry);
}

void
classify_explain(const struct visit *v, unsigned which, const struct hosts *hosts,
    struct attribution *to, struct buf *text)
{
	struct evidence e;
	const struct rule *r;
	bool fired = false;

	classify_gather(&e, v, which, hosts, to);
	classify_read_referrer(&e);
	add_evidence(text, &e);
	for (r = classify_cascade; !fired; r++) {
		if (which & CLASSIFY_DOCUMENTED && !r->documented)
			continue;
		fired = classify_fires(r, &e);
		add_padded(text, span_of(r->number), 5);
		add_padded(text, r->id, 21);
		buf_adds(text, fired ? "yes  " : "no   ");
		add_reason(text, r, e.facts, fired);
		buf_addc(text, '\n');
		if (fired)
			classify_answer(r, &e);
	}
}

static void
add_columns(struct buf *b, const char *number, struct span id, struct span source,
    struct span medium, struct span confidence)
{
	add_padded(b, span_of(number), 5);
	add_padded(b, id, 21);
	add_padded(b, source, 23);
	add_padded(b, medium, 14);
	add_padded(b, confidence, 12);
}

static void
add_rule(struct buf *b, const struct rule *r)
{
	size_t start;

	add_columns(b, r->number, r->id, r->source, r->medium, r->confidence);
	start = b->n;
	add_facts(b, start, r->all, true, ", ");
	add_facts(b, start, r->any, true, " or ");
	add_facts(b, start, r->none, false, ", ");
	buf_addc(b, '\n');
}

void
classify_list(unsigned which, struct buf *text)
{
	size_t i;

	add_columns(text, "#", SPAN("rule"), SPAN("source"), SPAN("medium"), SPAN("confidence"));
	buf_adds(text, "fires when\n");
	for (i = 0; i < classify_cascade_length; i++)
		if (!(which & CLASSIFY_DOCUMENTED) || classify_cascade[i].documented)
			add_rule(text, &classify_cascade[i]);
}
