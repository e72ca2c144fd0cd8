/*
 * The classifier: the cases of tests/data/classify.tsv (or of the file named) and classify-documented.tsv,
 * properties that hold for all of them, and the table of hosts.
 */
#include "enrich/classify.h"
#include "text/json.h"

#include "check.h"

#include "base/banned.h"

enum { COLUMNS = 9, CASES_MAX = 4096 };

struct example {
	struct span column[COLUMNS]; /* p NULL: "-" or not there */
	size_t line;
};

static struct example *examples;
static size_t example_count;

/* ---- the table of cases ---- */

static char *
read_all(const char *file, size_t *n)
{
	FILE *f = fopen(file, "rb");
	size_t cap = 1 << 20;
	char *text = malloc(cap);

	if (!f || !text) {
		fprintf(stderr, "%s: cannot be read\n", file);
		exit(1);
	}
	*n = fread(text, 1, cap, f);
	if (*n == cap || ferror(f)) {
		fprintf(stderr, "%s: cannot be read, or is too large\n", file);
		exit(1);
	}
	fclose(f);
	return text;
}

static bool
take_example(struct example *e, struct span line)
{
	const char *p = line.p, *end = line.p + line.n;
	int column = 0;

	for (; column < COLUMNS && p <= end; column++) {
		const char *tab = p < end ? memchr(p, '\t', (size_t)(end - p)) : NULL;
		struct span text = { p, (size_t)((tab ? tab : end) - p) };

		if (!span_eq(text, SPAN("-")))
			e->column[column] = text;
		p = (tab ? tab : end) + 1;
	}
	return column >= 8 && p > end;
}

static void
load_examples(const char *file)
{
	size_t n, line = 0;
	char *text = read_all(file, &n);
	const char *p = text, *end = text + n;

	if (!examples)
		examples = calloc(CASES_MAX, sizeof(*examples));
	if (!examples)
		abort();
	while (p < end && example_count < CASES_MAX) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		struct span all = { p, (size_t)((stop ? stop : end) - p) };
		struct example *e = &examples[example_count];

		line++;
		p = stop ? stop + 1 : end;
		if (all.n == 0 || all.p[0] == '#')
			continue;
		e->line = line;
		example_count += CHECK(take_example(e, all), "%s:%zu: not 8 columns", file, line);
	}
	CHECK(example_count >= 300, "%zu cases are too few", example_count);
}

/* ---- classifying ---- */

struct answer {
	struct attribution a;
	char *text[3];
	struct buf scratch;
};

/* Copies of exactly the input, so that a sanitizer sees every read beyond. */
static void
ask_with(struct answer *to, struct span url, struct span referrer, struct span host, unsigned rules,
    const struct hosts *hosts)
{
	struct visit v = { NULL, { NULL, 0 }, { NULL, 0 } };
	struct url u;

	to->scratch = (struct buf)BUF_INIT;
	to->text[0] = exact_copy(url.p, url.n);
	to->text[1] = exact_copy(referrer.p, referrer.n);
	to->text[2] = exact_copy(host.p, host.n);
	if (referrer.p)
		v.referrer = (struct span){ to->text[1], referrer.n };
	if (host.p)
		v.host = (struct span){ to->text[2], host.n };
	if (url.p && !url_split(&u, to->text[0], url.n, &to->scratch))
		v.url = &u;
	memset(to->a.store, 'x', sizeof(to->a.store));
	classify(&v, rules, hosts, &to->a);
}

static void
answer_release(struct answer *a)
{
	buf_release(&a->scratch);
	free(a->text[0]);
	free(a->text[1]);
	free(a->text[2]);
}

static bool
same_answer(const struct attribution *a, const struct attribution *b)
{
	return span_eq(a->source, b->source) && span_eq(a->medium, b->medium) &&
	    span_eq(a->campaign, b->campaign) && !a->campaign.p == !b->campaign.p &&
	    span_eq(a->confidence, b->confidence) && span_eq(a->rule_id, b->rule_id);
}

static unsigned
rules_of(const struct example *e)
{
	return e->column[8].p ? CLASSIFY_DOCUMENTED : CLASSIFY_ALL;
}

static void
ask(struct answer *to, const struct example *e)
{
	ask_with(to, e->column[0], e->column[1], e->column[2], rules_of(e), NULL);
}

static void
test_examples(void)
{
	size_t i;

	for (i = 0; i < example_count; i++) {
		const struct example *e = &examples[i];
		struct answer got;
		const struct attribution *a = &got.a;
		const struct span *want = e->column;

		ask(&got, e);
		CHECK(span_eq(a->source, want[3]) && span_eq(a->medium, want[4]) &&
			span_eq(a->campaign, want[5]) && !a->campaign.p == !want[5].p &&
			span_eq(a->confidence, want[6]) && span_eq(a->rule_id, want[7]),
		    "classify.tsv:%zu: got %.*s / %.*s, %.*s, %.*s, %.*s", e->line,
		    (int)a->source.n, a->source.p, (int)a->medium.n, a->medium.p,
		    (int)a->campaign.n, a->campaign.p, (int)a->confidence.n, a->confidence.p,
		    (int)a->rule_id.n, a->rule_id.p);
		answer_release(&got);
	}
}

/* Every rule that --list-rules shows occurs in the table of cases. */
static void
test_all_rules_have_examples(void)
{
	struct buf list = BUF_INIT;
	char *line, *next;
	size_t i;

	classify_list(CLASSIFY_ALL, &list);
	buf_addc(&list, '\0');
	for (line = strchr(list.p, '\n') + 1; *line; line = next + 1) {
		struct span id = { line + 5, strcspn(line + 5, " ") };

		next = strchr(line, '\n');
		for (i = 0; i < example_count && !span_eq(examples[i].column[7], id); i++)
			;
		/* the built-in table has no spam */
		CHECK(i < example_count || span_eq(id, SPAN("spam_referrer")),
		    "no case has the rule %.*s", (int)id.n, id.p);
	}
	buf_release(&list);
}

/* ---- properties ---- */

/* A copy of the column with the host in capitals and with a port. */
static struct span
dress_host(struct span text, struct buf *b)
{
	struct buf scratch = BUF_INIT;
	struct url u;
	size_t before, i;

	buf_reset(b);
	if (!text.p || url_split(&u, text.p, text.n, &scratch) || !u.web || !u.host.n ||
	    scratch.n > 0) {
		buf_release(&scratch);
		return text;
	}
	before = (size_t)(u.host.p - text.p);
	buf_add(b, text.p, before);
	for (i = 0; i < u.host.n; i++) {
		char c = u.host.p[i];

		buf_addc(b, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	buf_adds(b, ":8443");
	i = before + u.host.n;
	if (u.port.p)
		i += 1 + u.port.n;
	buf_add(b, text.p + i, text.n - i);
	return (struct span){ b->p, b->n };
}

static void
test_case_and_port_do_not_matter(void)
{
	struct buf url = BUF_INIT, referrer = BUF_INIT;
	size_t i, dressed = 0;

	for (i = 0; i < example_count; i++) {
		const struct example *e = &examples[i];
		struct answer plain, other;

		ask(&plain, e);
		ask_with(&other, dress_host(e->column[0], &url),
		    dress_host(e->column[1], &referrer), e->column[2], rules_of(e), NULL);
		dressed += url.n > 0 || referrer.n > 0;
		CHECK(same_answer(&plain.a, &other.a), "classify.tsv:%zu: by %.*s, %.*s", e->line,
		    (int)other.a.rule_id.n, other.a.rule_id.p, (int)other.a.source.n,
		    other.a.source.p);
		answer_release(&plain);
		answer_release(&other);
	}
	CHECK(dressed > example_count / 2, "only %zu cases were changed", dressed);
	buf_release(&url);
	buf_release(&referrer);
}

/* Appends to the query, which may not be there yet, before the fragment. */
static struct span
with_more(struct span text, const char *more, struct buf *b)
{
	struct buf scratch = BUF_INIT;
	struct url u;
	size_t end;

	buf_reset(b);
	if (!text.p || url_split(&u, text.p, text.n, &scratch)) {
		buf_release(&scratch);
		return text;
	}
	end = u.fragment.p ? (size_t)(u.fragment.p - 1 - text.p) : text.n;
	buf_add(b, text.p, end);
	buf_addc(b, u.query.p ? '&' : '?');
	buf_adds(b, more);
	buf_add(b, text.p + end, text.n - end);
	buf_release(&scratch);
	return (struct span){ b->p, b->n };
}

static void
test_unrelated_parameters_do_not_matter(void)
{
	static const char *const more[] = { "x=1", "&&&", "utm_term=shoes&utm_content=a&utm_id=1",
		"gclsrc=aw.ds&dclid=&igshid=x&mc_cid=1", "amp;=&amp;amp;x=facebook", "a=%&b=%%&%=c",
		"q=utm_source=fb&r=?gclid=1" };
	struct buf b = BUF_INIT;
	size_t i, k;

	for (i = 0; i < example_count; i++) {
		const struct example *e = &examples[i];
		struct answer plain;

		ask(&plain, e);
		for (k = 0; k < sizeof(more) / sizeof(more[0]); k++) {
			struct answer other;

			ask_with(&other, with_more(e->column[0], more[k], &b), e->column[1],
			    e->column[2], rules_of(e), NULL);
			CHECK(same_answer(&plain.a, &other.a), "classify.tsv:%zu with %s: by %.*s",
			    e->line, more[k], (int)other.a.rule_id.n, other.a.rule_id.p);
			answer_release(&other);
		}
		answer_release(&plain);
	}
	buf_release(&b);
}

/* Tabs and newlines inside a URL are not there, the standard says. */
static void
test_newlines_do_not_matter(void)
{
	struct buf url = BUF_INIT, referrer = BUF_INIT;
	size_t i, k;

	for (i = 0; i < example_count; i++) {
		const struct example *e = &examples[i];
		struct answer plain, other;

		buf_reset(&url);
		buf_reset(&referrer);
		for (k = 0; k < e->column[0].n; k++) {
			buf_addc(&url, e->column[0].p[k]);
			if (k % 3 == 0)
				buf_addc(&url, "\t\r\n"[k / 3 % 3]);
		}
		for (k = 0; k < e->column[1].n; k++) {
			buf_addc(&referrer, e->column[1].p[k]);
			if (k % 2 == 0)
				buf_addc(&referrer, "\t\r\n"[k / 2 % 3]);
		}
		ask(&plain, e);
		ask_with(&other, (struct span){ url.p, url.n },
		    (struct span){ referrer.p, referrer.n }, e->column[2], rules_of(e), NULL);
		CHECK(same_answer(&plain.a, &other.a), "classify.tsv:%zu: by %.*s", e->line,
		    (int)other.a.rule_id.n, other.a.rule_id.p);
		answer_release(&plain);
		answer_release(&other);
	}
	buf_release(&url);
	buf_release(&referrer);
}

static void
test_twice_is_the_same(void)
{
	size_t i;

	for (i = 0; i < example_count; i++) {
		struct answer first, second;

		ask(&first, &examples[i]);
		ask(&second, &examples[i]);
		CHECK(same_answer(&first.a, &second.a), "classify.tsv:%zu", examples[i].line);
		answer_release(&first);
		answer_release(&second);
	}
}

/* What classify_explain says has the answer of classify, and one rule that fired. */
static void
test_explain_agrees(void)
{
	size_t i;

	for (i = 0; i < example_count; i++) {
		const struct example *e = &examples[i];
		struct visit v = { NULL, e->column[1], e->column[2] };
		struct buf text = BUF_INIT, scratch = BUF_INIT;
		static struct attribution told;
		struct answer plain;
		struct url u;
		const char *last;

		if (e->column[0].p && !url_split(&u, e->column[0].p, e->column[0].n, &scratch))
			v.url = &u;
		ask(&plain, e);
		classify_explain(&v, rules_of(e), NULL, &told, &text);
		CHECK(same_answer(&plain.a, &told), "classify.tsv:%zu", e->line);
		for (last = text.p + text.n - 1; last > text.p && last[-1] != '\n'; last--)
			;
		CHECK(text.p + text.n - last > 31 &&
			memcmp(last + 5, told.rule_id.p, told.rule_id.n) == 0 &&
			memcmp(last + 26, "yes  ", 5) == 0 && utf8_valid(text.p, text.n, NULL),
		    "classify.tsv:%zu: %.*s", e->line, (int)text.n, text.p);
		answer_release(&plain);
		buf_release(&text);
		buf_release(&scratch);
	}
}

/* ---- bounds ---- */

static void
test_longest(void)
{
	struct buf url = BUF_INIT;
	struct answer got;
	size_t i;

	buf_adds(&url, "https://h/?utm_source=");
	for (i = 0; i < 1000; i++)
		buf_adds(&url, "%FF");
	buf_adds(&url, "&utm_medium=");
	for (i = 0; i < 1000; i++)
		buf_adds(&url, "\xe4\xbe\x8b");
	buf_adds(&url, "&utm_campaign=");
	for (i = 0; i < 10000; i++)
		buf_adds(&url, "%EF%BF%BD");
	ask_with(&got, (struct span){ url.p, url.n }, span_of("https://h.example/"), span_of(""),
	    CLASSIFY_ALL, NULL);
	CHECK(got.a.source.n == 3 * CLASSIFY_SOURCE_MAX, "source: %zu bytes", got.a.source.n);
	CHECK(got.a.medium.n == 3 * CLASSIFY_SOURCE_MAX, "medium: %zu bytes", got.a.medium.n);
	CHECK(
	    got.a.campaign.n == 3 * CLASSIFY_CAMPAIGN_MAX, "campaign: %zu bytes", got.a.campaign.n);
	CHECK(utf8_valid(got.a.source.p, got.a.source.n, NULL) &&
		utf8_valid(got.a.medium.p, got.a.medium.n, NULL) &&
		utf8_valid(got.a.campaign.p, got.a.campaign.n, NULL),
	    "not UTF-8");
	answer_release(&got);
	buf_release(&url);
}

/* The campaign and a referrer's host, both as long as can be, do not meet. */
static void
test_longest_with_host(void)
{
	struct buf url = BUF_INIT, referrer = BUF_INIT;
	struct answer got;
	size_t i;

	buf_adds(&url, "https://h/?utm_campaign=");
	for (i = 0; i < CLASSIFY_CAMPAIGN_MAX; i++)
		buf_adds(&url, "\xe4\xbe\x8b");
	buf_adds(&referrer, "https://");
	for (i = 0; i < URL_NAME_MAX; i++)
		buf_addc(&referrer, 'r');
	ask_with(&got, (struct span){ url.p, url.n }, (struct span){ referrer.p, referrer.n },
	    span_of(""), CLASSIFY_ALL, NULL);
	CHECK(span_eq(got.a.rule_id, SPAN("referral")), "by %s", got.a.rule_id.p);
	CHECK(got.a.source.n == URL_NAME_MAX &&
		memcmp(got.a.source.p, referrer.p + 8, URL_NAME_MAX) == 0,
	    "the source is not the host");
	CHECK(got.a.campaign.n == 3 * CLASSIFY_CAMPAIGN_MAX && got.a.campaign.p[0] == '\xe4' &&
		utf8_valid(got.a.campaign.p, got.a.campaign.n, NULL),
	    "the campaign was overwritten");
	answer_release(&got);
	buf_release(&url);
	buf_release(&referrer);
}

/* ---- the table of hosts ---- */

/* The pattern as a host: without '=', with a suffix for '*'. */
static struct span
host_of(const struct host_entry *e, struct buf *b)
{
	buf_reset(b);
	buf_add(b, e->name.p, e->name.n);
	if (e->suffix.n > 0 && e->name.n > 0)
		buf_addc(b, '.');
	if (span_eq(e->suffix, SPAN("*")))
		buf_adds(b, "co.nz");
	else
		buf_add(b, e->suffix.p, e->suffix.n);
	return (struct span){ b->p, b->n };
}

static void
test_entries_are_found(void)
{
	struct buf b = BUF_INIT, pattern = BUF_INIT;
	size_t i;

	for (i = 0; i < hosts_count(NULL); i++) {
		const struct host_entry *e = hosts_at(NULL, i), *found;
		struct span host = host_of(e, &b);

		found = e->suffix.n ? hosts_find(NULL, host) : hosts_find_app(NULL, host);
		buf_reset(&pattern);
		hosts_pattern(e, &pattern);
		CHECK(found == e, "%.*s is not found", (int)pattern.n, pattern.p);
	}
	buf_release(&b);
	buf_release(&pattern);
}

/* What is listed for every search engine is no search under each of them. */
static void
test_services(void)
{
	struct buf b = BUF_INIT;
	size_t i, j, tried = 0;

	for (i = 0; i < hosts_count(NULL); i++) {
		const struct host_entry *service = hosts_at(NULL, i);
		size_t prefix = strlen("{search}.");

		if (service->name.p[0] != '{')
			continue;
		for (j = 0; j < hosts_count(NULL); j++) {
			const struct host_entry *e = hosts_at(NULL, j), *found;
			char name[URL_NAME_MAX];
			struct span host;

			if (e->kind != HOST_SEARCH || e->suffix.n == 0 || e->exact)
				continue;
			host = host_of(e, &b);
			snprintf(name, sizeof(name), "%.*s.%.*s", (int)(service->name.n - prefix),
			    service->name.p + prefix, (int)host.n, host.p);
			found = hosts_find(NULL, span_of(name));
			CHECK(found && found->kind != HOST_SEARCH, "%s is search", name);
			tried++;
		}
	}
	CHECK(tried > 1000, "only %zu", tried);
	buf_release(&b);
}

/* An entry `other` that is under no other entry would do nothing. */
static void
test_others_have_parents(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < hosts_count(NULL); i++) {
		const struct host_entry *e = hosts_at(NULL, i), *parent;
		struct span host;
		size_t label;

		if (e->kind != HOST_OTHER || e->name.p[0] == '{')
			continue; /* of any engine: see test_services */
		host = host_of(e, &b);
		for (label = 0; host.p[label] != '.'; label++)
			;
		parent = hosts_find(NULL, (struct span){ host.p + label + 1, host.n - label - 1 });
		CHECK(parent && parent->kind != HOST_OTHER, "%.*s: no kind to except it from",
		    (int)host.n, host.p);
	}
	buf_release(&b);
}

static size_t
count_sources(enum host_kind kind)
{
	size_t count = 0, i, k;

	for (i = 0; i < hosts_count(NULL); i++) {
		const struct host_entry *e = hosts_at(NULL, i);

		if (e->kind != kind || e->suffix.n == 0)
			continue;
		for (k = 0; k < i; k++) {
			const struct host_entry *other = hosts_at(NULL, k);

			if (other->kind == kind && other->suffix.n &&
			    span_eq(other->source, e->source))
				break;
		}
		count += k == i;
	}
	return count;
}

static void
test_coverage(void)
{
	CHECK(count_sources(HOST_SEARCH) >= 60, "%zu search engines", count_sources(HOST_SEARCH));
	CHECK(count_sources(HOST_SOCIAL) >= 80, "%zu networks", count_sources(HOST_SOCIAL));
	CHECK(count_sources(HOST_EMAIL) >= 40, "%zu mail services", count_sources(HOST_EMAIL));
	CHECK(count_sources(HOST_AI) >= 20, "%zu assistants", count_sources(HOST_AI));
}

/* ---- a user's hosts ---- */

static struct hosts *
hosts_of(const char *text)
{
	struct buf errors = BUF_INIT;
	size_t n = strlen(text);
	char *copy = exact_copy(text, n);
	struct hosts *h = hosts_parse("f", copy, n, &errors);

	CHECK(h != NULL, "refused: %.*s", (int)errors.n, errors.p);
	free(copy);
	buf_release(&errors);
	return h;
}

static void
check_found(const struct hosts *h, const char *host, const char *kind, const char *source)
{
	const struct host_entry *e = hosts_find(h, span_of(host));

	if (!kind) {
		CHECK(!e, "%s is found", host);
		return;
	}
	CHECK(e && strcmp(host_kind_names[e->kind], kind) == 0 &&
		is_text(e->source.p, e->source.n, source),
	    "%s: %s", host, e ? host_kind_names[e->kind] : "not found");
}

static void
test_user_hosts(void)
{
	struct hosts *h = hosts_of("\xef\xbb\xbf# ours\r\n"
				   "\n"
				   "intranet\tsocial\tteamtalk # the board\r\n"
				   "  Example.ORG  email  Mail_X\n"
				   "=only.example  ai  bot\n"
				   "shop.*\tsearch\tshop\n"
				   "shop.co.uk\tsocial\tshop_uk\n"
				   "b\xc3\xbc"
				   "cher.example ai books\n"
				   "google.com other\n"
				   "mail.google.com spam -\n"
				   "android-app://com.Example.App\tsearch\tapp\n"
				   "[2001:db8::1] ai six\n"
				   "10.0.0.1 ai four");

	if (!h)
		return;
	check_found(h, "intranet", "social", "teamtalk");
	check_found(h, "a.intranet", NULL, NULL);
	check_found(h, "example.org", "email", "mail_x");
	check_found(h, "a.b.example.org", "email", "mail_x");
	check_found(h, "notexample.org", NULL, NULL);
	check_found(h, "only.example", "ai", "bot");
	check_found(h, "www.only.example", "ai", "bot");
	check_found(h, "a.only.example", NULL, NULL);
	check_found(h, "www.a.only.example", NULL, NULL);
	check_found(h, "shop.de", "search", "shop");
	check_found(h, "a.shop.com.br", "search", "shop");
	check_found(h, "shop.co.uk", "social", "shop_uk");
	check_found(h, "shop.evil.com", NULL, NULL);
	check_found(h, "xn--bcher-kva.example", "ai", "books");
	check_found(h, "google.com", "other", "");
	check_found(h, "www.google.de", "search", "google");
	check_found(h, "mail.google.com", "spam", "");
	check_found(h, "maps.google.com", "other", "");
	check_found(h, "[2001:db8::1]", "ai", "six");
	check_found(h, "10.0.0.1", "ai", "four");
	check_found(h, "bing.com", "search", "bing");
	CHECK(hosts_find_app(h, SPAN("com.example.app")) != NULL, "the app");
	CHECK(!hosts_find_app(h, SPAN("example.app")), "another app");
	CHECK(hosts_find_app(h, SPAN("com.slack")) != NULL, "a built-in app");
	hosts_free(h);
}

static void
test_public_suffixes(void)
{
	static const char *const known[] = { "shop.com", "shop.net", "shop.org", "shop.de",
		"shop.eu", "shop.co.uk", "shop.com.br", "shop.ne.jp", "shop.or.kr", "shop.org.au",
		"a.b.shop.co.in" };
	static const char *const unknown[] = { "shop", "shop.info", "shop.zz", "shop.xy.uk",
		"shop.co.zz", "shop.com.com", "shop.co.com", "shop.uk.com", "shop.de.com",
		"shop.evil.co.uk", "co.uk", "shop.c", "shop.x1" };
	struct hosts *h = hosts_of("shop.* search shop");
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		check_found(h, known[i], "search", "shop");
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		check_found(h, unknown[i], NULL, NULL);
	hosts_free(h);
}

static void
test_spam(void)
{
	struct hosts *h = hosts_of("spam.example spam\nl.facebook.com spam\ngoogle.* spam x\n");
	struct answer got;

	ask_with(
	    &got, SPAN("https://h/"), SPAN("https://www.Spam.example/"), SPAN(""), CLASSIFY_ALL, h);
	CHECK(span_eq(got.a.rule_id, SPAN("spam_referrer")) &&
		span_eq(got.a.source, SPAN("spam.example")) &&
		span_eq(got.a.medium, SPAN("referral")) && span_eq(got.a.confidence, SPAN("low")),
	    "by %.*s", (int)got.a.rule_id.n, got.a.rule_id.p);
	answer_release(&got);
	ask_with(&got, SPAN("https://spam.example/"), SPAN("https://spam.example/"), SPAN(""),
	    CLASSIFY_ALL, h);
	CHECK(span_eq(got.a.rule_id, SPAN("spam_referrer")), "internal goes before it");
	answer_release(&got);
	ask_with(&got, SPAN("https://h/?utm_source=x"), SPAN("https://spam.example/"), SPAN(""),
	    CLASSIFY_ALL, h);
	CHECK(span_eq(got.a.rule_id, SPAN("utm_source")), "it goes before the url's rules");
	answer_release(&got);
	ask_with(&got, SPAN("https://h/"), SPAN("https://spam.example/"), SPAN(""),
	    CLASSIFY_DOCUMENTED, h);
	CHECK(span_eq(got.a.rule_id, SPAN("referral")), "it is a documented rule");
	answer_release(&got);
	hosts_free(h);
}

/* One visit by a referrer or a link: the rule, the source and the medium. */
static void
check_visit(const struct hosts *h, unsigned which, const char *url, const char *referrer,
    const char *rule, const char *source, const char *medium)
{
	struct answer got;

	ask_with(&got, span_of(url), span_of(referrer), SPAN(""), which, h);
	CHECK(span_eq(got.a.rule_id, span_of(rule)) && span_eq(got.a.source, span_of(source)) &&
		span_eq(got.a.medium, span_of(medium)),
	    "%s from %s: %.*s, %.*s / %.*s", url, referrer, (int)got.a.rule_id.n, got.a.rule_id.p,
	    (int)got.a.source.n, got.a.source.p, (int)got.a.medium.n, got.a.medium.p);
	answer_release(&got);
}

static void
test_internal_and_paid(void)
{
	struct hosts *h = hosts_of("pay.example internal\naccounts.google.com internal\n"
				   "ads.example paid Acme\nutm_source=NL email newsletter\n"
				   "ios-app://12345 social board\nfreight.{search} other\n"
				   "utm_source=fb social fb_ours\n");
	const char *page = "https://h/";

	if (!h)
		return;
	check_visit(h, 0, page, "https://checkout.pay.example/x", "internal", "internal", "direct");
	check_visit(h, 0, page, "https://accounts.google.com/", "internal", "internal", "direct");
	check_visit(h, 0, page, "https://www.google.com/", "search_referrer", "google", "organic");
	check_visit(h, 0, "https://h/?utm_medium=email", "https://pay.example/", "utm_medium",
	    "unknown", "email");
	check_visit(h, 0, page, "https://r.ads.example/", "ad_referrer", "acme", "paid");
	check_visit(h, CLASSIFY_DOCUMENTED, page, "https://r.ads.example/", "referral",
	    "r.ads.example", "referral");
	check_visit(
	    h, 0, "https://h/?utm_source=nl", "", "utm_source_known", "newsletter", "email");
	check_visit(h, 0, "https://h/?utm_source=fb", "", "utm_source_known", "fb_ours", "social");
	check_visit(h, 0, "https://h/?utm_source=yt", "", "utm_source_known", "youtube", "social");
	check_visit(h, 0, page, "ios-app://12345/", "social_referrer", "board", "social");
	check_visit(
	    h, 0, page, "https://freight.yahoo.com/", "referral", "freight.yahoo.com", "referral");
	/* what is only listed as internal or other is no source of a link */
	check_visit(
	    h, 0, "https://h/?utm_source=pay.example", "", "utm_source", "pay.example", "unknown");
	hosts_free(h);
}

/* An fbclid is of a post, where the site does not advertise. */
static void
test_fbclid_social(void)
{
	unsigned social = CLASSIFY_FBCLID_SOCIAL;
	const char *clicked = "https://h/?fbclid=x", *front = "https://l.facebook.com/";

	check_visit(NULL, 0, clicked, "", "fb_click_id", "facebook", "paid");
	check_visit(NULL, social, clicked, "", "fb_click_id", "facebook", "social");
	check_visit(NULL, social, clicked, front, "fb_ad_redirect", "facebook", "social");
	check_visit(NULL, social | CLASSIFY_DOCUMENTED, clicked, front, "fb_ad_redirect",
	    "facebook", "social");
	check_visit(NULL, social, "https://h/?fbclid=x&utm_source=fb&utm_medium=cpc", "",
	    "fb_click_utm", "facebook", "paid");
	check_visit(
	    NULL, social, "https://h/?gclid=x&fbclid=x", "", "google_click_id", "google", "paid");
}

static void
test_bad_hosts(void)
{
	static const struct {
		const char *line, *error;
	} row[] = {
		{ "example.org", "f:1: expected HOST, KIND and SOURCE\n" },
		{ "example.org ai a b", "f:1: expected HOST, KIND and SOURCE\n" },
		{ "example.org robot a",
		    "f:1: the kind is none of search, social, email, ai, other, "
		    "paid, spam, internal\n" },
		{ "example.org ai", "f:1: a line of this kind needs a source\n" },
		{ "example.org ai -", "f:1: a line of this kind needs a source\n" },
		{ "example.org ai \xc3\xa9",
		    "f:1: the source has other characters than printable ASCII\n" },
		{ "https://example.org/ ai a",
		    "f:1: write the host alone, without scheme, port and path\n" },
		{ "example.org:80 ai a",
		    "f:1: write the host alone, without scheme, port and path\n" },
		{ "example.org/x ai a",
		    "f:1: write the host alone, without scheme, port and path\n" },
		{ "*.example.org ai a", "f:1: '*' stands for a public suffix only: example.*\n" },
		{ "* ai a", "f:1: '*' stands for a public suffix only: example.*\n" },
		{ ".* ai a", "f:1: '*' stands for a public suffix only: example.*\n" },
		{ "= ai a", "f:1: no host\n" },
		{ "... ai a", "f:1: no host\n" },
		{ "co.uk ai a", "f:1: this is a public suffix, not a site\n" },
		{ "a^b ai a", "f:1: the host has a character that no host has\n" },
		{ "1.2.3.4.5 ai a", "f:1: the host is not a valid IPv4 address\n" },
		{ "android-app:// ai a", "f:1: no package after android-app://\n" },
		{ "android-app://a/b ai a",
		    "f:1: a package has letters, digits, '.' and '_' only\n" },
		{ "ios-app:// ai a", "f:1: no number after ios-app://\n" },
		{ "ios-app://12a ai a",
		    "f:1: an app of iOS is named by the digits of its number\n" },
		{ "utm_source= ai a", "f:1: no value after utm_source=\n" },
		{ "a.b.{search} other", "f:1: expected one label before .{search}\n" },
		{ ".{search} other", "f:1: expected one label before .{search}\n" },
		{ "utm_source=a ai a\nutm_source=A search b", "f:2: the same host as line 1\n" },
		{ "a.example ai a\nA.example. search b", "f:2: the same host as line 1\n" },
		{ "x\n\na.example robot\n# c\n\x01 ai a",
		    "f:1: expected HOST, KIND and SOURCE\n"
		    "f:3: the kind is none of search, social, email, ai, other, "
		    "paid, spam, internal\n"
		    "f:5: the host has a character that no host has\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf errors = BUF_INIT;
		struct hosts *h = hosts_parse("f", row[i].line, strlen(row[i].line), &errors);

		CHECK(!h, "accepted: %s", row[i].line);
		CHECK(is_text(errors.p, errors.n, row[i].error), "%s: %.*s", row[i].line,
		    (int)errors.n, errors.p);
		hosts_free(h);
		buf_release(&errors);
	}
}

static void
test_many_hosts(void)
{
	struct buf text = BUF_INIT, host = BUF_INIT, errors = BUF_INIT;
	struct hosts *h;
	size_t i;

	for (i = 0; i < 5000; i++)
		buf_addf(&text, "site-%zu.example spam\n", i);
	h = hosts_parse("f", text.p, text.n, &errors);
	CHECK(h != NULL, "refused");
	for (i = 0; h && i < 5000; i++) {
		buf_reset(&host);
		buf_addf(&host, "www.site-%zu.example", i);
		CHECK(hosts_find(h, (struct span){ host.p, host.n }) != NULL, "number %zu", i);
	}
	hosts_free(h);
	for (i = 0; i < 200; i++)
		buf_adds(&text, "bad\n");
	h = hosts_parse("f", text.p, text.n, &errors);
	buf_addc(&errors, '\0');
	CHECK(!h && strstr(errors.p, "f: 100 more errors\n"), "the count of errors");
	buf_release(&text);
	buf_release(&host);
	buf_release(&errors);
}

int
main(int argc, char **argv)
{
	load_examples(argc > 1 ? argv[1] : "tests/data/classify.tsv");
	load_examples("tests/data/classify-documented.tsv");
	test_examples();
	test_all_rules_have_examples();
	test_case_and_port_do_not_matter();
	test_unrelated_parameters_do_not_matter();
	test_newlines_do_not_matter();
	test_twice_is_the_same();
	test_explain_agrees();
	test_longest();
	test_longest_with_host();
	test_entries_are_found();
	test_services();
	test_others_have_parents();
	test_coverage();
	test_user_hosts();
	test_public_suffixes();
	test_spam();
	test_internal_and_paid();
	test_fbclid_social();
	test_bad_hosts();
	test_many_hosts();
	return check_end("classify");
}
