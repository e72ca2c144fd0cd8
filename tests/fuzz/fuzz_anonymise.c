/*
 * Any line, as text and as JSON with keys: addresses alone have changed, and what comes
 * out is JSON where that came in.
 */
#include <stdlib.h>

#include "base/ascii.h"
#include "enrich/anonymise.h"
#include "text/ip_find.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct span keys[4];
static struct anonymiser text, json;
static struct addresses addresses;
static struct iphash hash;
static struct buf one;

static void
make_anonymisers(void)
{
	if (text.addresses)
		return;
	MUST(iphash_init(&hash, "0123456789abcdef-salt", 21));
	MUST(addresses_init(&addresses, NULL, &hash));
	keys[0] = SPAN("ip");
	keys[1] = SPAN("context.ip");
	keys[2] = SPAN("xff");
	keys[3] = SPAN("a.b.c");
	text.addresses = json.addresses = &addresses;
	text.has_date = true;
	json.keys = keys;
	json.key_count = sizeof(keys) / sizeof(keys[0]);
}

/* Each address has become a hash, and every other byte is as it was. */
static void
as_text(const char *p, size_t n)
{
	const char *from = p, *end = p + n, *w;
	struct ip_place place;
	size_t i;

	buf_reset(&one);
	MUST(anonymise_text(&text, p, n, &one));
	MUST(anonymise_check_text(&text, p, n) == !text.replaced);
	for (w = one.p; ip_find(p, from, end, &place); from = place.p + place.n) {
		size_t kept = (size_t)(place.p - from);

		MUST((size_t)(one.p + one.n - w) >= kept + IPHASH_TEXT);
		MUST(memcmp(w, from, kept) == 0);
		for (w += kept, i = 0; i < IPHASH_TEXT; i++)
			MUST(ascii_is_hex(*w++));
	}
	MUST(span_eq((struct span){ w, (size_t)(one.p + one.n - w) },
	    (struct span){ from, (size_t)(end - from) }));
}

static void
as_json(const char *p, size_t n)
{
	struct json_scan s;

	json.has_date = n & 1;
	buf_reset(&one);
	if (!anonymise(&json, p, n, &one)) {
		MUST(json.whys > 0 && json.why[0].text.n > 0);
		return;
	}
	MUST(json_skim(&s, one.p, one.n) == JSON_OBJECT && !s.reason);
	if (!json.replaced)
		MUST(one.n == n && memcmp(one.p, p, n) == 0);
	anonymise_check(&json, p, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	make_anonymisers();
	as_text((const char *)data, size);
	as_json((const char *)data, size);
	return 0;
}
