/*
 * libFuzzer target: splitting URLs, classifying visits, reading hosts files.
 * The input is url, referrer and host, with a NUL between them, and after a
 * fourth one the text of a hosts file.
 */
#include "enrich/classify.h"
#include "enrich/url_clean.h"
#include "text/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_within(struct span part, const char *p, size_t n)
{
	return !part.p || (part.p >= p && part.p + part.n <= p + n);
}

static void
check_url(const struct url *u, const char *p, size_t n, const struct buf *scratch)
{
	const struct span part[] = { u->scheme, u->userinfo, u->host, u->port, u->path, u->query,
		u->fragment };
	char again[URL_NAME_MAX];
	size_t i, again_n;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		require(is_within(part[i], p, n) ||
		    (scratch->p && is_within(part[i], scratch->p, scratch->n)));
	require(u->name_n <= URL_NAME_MAX);
	for (i = 0; i < u->name_n; i++)
		require(u->name[i] > ' ' && u->name[i] < 0x7f &&
		    !(u->name[i] >= 'A' && u->name[i] <= 'Z'));
	if (u->name_n > 0) {
		/* a canonical name is its own name */
		require(!url_name((struct span){ u->name, u->name_n }, again, &again_n));
		require(again_n == u->name_n && !memcmp(again, u->name, again_n));
	}
}

static void
check_text(struct span text)
{
	require(text.n > 0 && utf8_valid(text.p, text.n, NULL));
}

static void
check_answers(const struct visit *v, const struct hosts *hosts)
{
	static struct attribution a, told;
	unsigned rules;
	struct buf text = BUF_INIT;

	for (rules = CLASSIFY_ALL; rules <= (CLASSIFY_DOCUMENTED | CLASSIFY_FBCLID_SOCIAL);
	     rules++) {
		classify(v, rules, hosts, &a);
		check_text(a.source);
		check_text(a.medium);
		check_text(a.confidence);
		check_text(a.rule_id);
		require(!a.campaign.p ||
		    (a.campaign.n > 0 && utf8_valid(a.campaign.p, a.campaign.n, NULL)));
		classify_explain(v, rules, hosts, &told, &text);
		require(span_eq(a.rule_id, told.rule_id) && span_eq(a.source, told.source));
		require(!memchr(text.p, '\x1b', text.n));
	}
	buf_release(&text);
}

/* What is cleaned is a part of the text, and what may be a user is gone. */
static void
check_clean(const struct url *u, struct span text)
{
	const struct param_list none = { { NULL, 0 } };
	struct buf once = BUF_INIT, path = BUF_INIT;

	require(!url_clean_text(text, &once) || once.n < text.n);
	if (u && url_clean(u, none, &once))
		require(once.n < text.n);
	require(!u || !url_clean_path(u, &path) || path.n < u->path.n);
	buf_release(&once);
	buf_release(&path);
}

static struct span
take(const char **p, const char *end)
{
	const char *stop = memchr(*p, '\0', (size_t)(end - *p));
	struct span part = { *p, (size_t)((stop ? stop : end) - *p) };

	*p = stop ? stop + 1 : end;
	return part;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n;
	struct span text = n ? take(&p, end) : (struct span){ p, 0 };
	struct visit v = { NULL, take(&p, end), take(&p, end) };
	struct buf scratch = BUF_INIT, errors = BUF_INIT;
	struct hosts *hosts = NULL;
	struct url u;

	if (!url_split(&u, text.p, text.n, &scratch)) {
		check_url(&u, text.p, text.n, &scratch);
		v.url = &u;
	}
	if (p < end) {
		hosts = hosts_parse("f", p, (size_t)(end - p), &errors);
		require(hosts || errors.n > 0);
	}
	check_clean(v.url, text);
	check_clean(NULL, v.referrer);
	check_answers(&v, hosts);
	hosts_free(hosts);
	buf_release(&errors);
	buf_release(&scratch);
	return 0;
}
