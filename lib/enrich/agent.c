#include "enrich/agent.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "text/json.h"

#include "base/banned.h"

/* The brand wins over the engine that it names for compatibility. */
static struct span
browser_of(uint32_t saw)
{
	if (saw & SAW_EDGE)
		return SPAN("edge");
	if (saw & SAW_OPERA)
		return SPAN("opera");
	if (saw & SAW_OTHER)
		return SPAN("");
	if (saw & SAW_IE)
		return SPAN("");
	if (saw & SAW_FIREFOX)
		return SPAN("firefox");
	if (saw & SAW_CHROME)
		return SPAN("chrome");
	if (saw & (SAW_ANDROID | SAW_SILK))
		return SPAN(""); /* the old Android browser calls itself Safari */
	if ((saw & (SAW_IPHONE | SAW_IPAD)) && (saw & SAW_WEBKIT))
		return SPAN("safari"); /* a web view, too */
	if ((saw & SAW_SAFARI) && (saw & (SAW_MAC | SAW_WINDOWS | SAW_DARWIN)))
		return SPAN("safari");
	return SPAN("");
}

static struct span
os_of(uint32_t saw)
{
	if (saw & SAW_WINDOWS)
		return SPAN("windows");
	if (saw & SAW_OTHER_OS)
		return SPAN("");
	if (saw & (SAW_IPHONE | SAW_IPAD))
		return SPAN("ios");
	if (saw & (SAW_ANDROID | SAW_SILK))
		return SPAN("android");
	if (saw & SAW_IOS)
		return SPAN("ios");
	if (saw & SAW_MAC)
		return SPAN("macos");
	if (saw & SAW_DARWIN)
		return saw & SAW_X86 ? SPAN("macos") : SPAN("ios");
	if (saw & SAW_LINUX)
		return SPAN("linux");
	return SPAN("");
}

static struct span
android_device(uint32_t saw)
{
	if (saw & SAW_TABLET)
		return SPAN("tablet");
	if (saw & (SAW_MOBILE | SAW_PHONE | SAW_MINI))
		return SPAN("mobile");
	/* only browsers tell their phones from their tablets by "Mobile" */
	if (saw & (SAW_SAFARI | SAW_CHROME | SAW_GECKO | SAW_OPERA | SAW_SILK))
		return SPAN("tablet");
	return SPAN("mobile");
}

static struct span
device_of(uint32_t saw)
{
	if (saw & SAW_TV)
		return SPAN("");
	if (saw & SAW_IPAD)
		return SPAN("tablet");
	if (saw & (SAW_IPHONE | SAW_POCKET))
		return SPAN("mobile");
	if ((saw & SAW_WINDOWS) && !(saw & (SAW_PHONE | SAW_MINI)))
		return SPAN("desktop"); /* "Tablet PC" is a component, not a device */
	if (saw & (SAW_ANDROID | SAW_SILK))
		return android_device(saw);
	if (saw & SAW_TABLET)
		return SPAN("tablet");
	if (saw & (SAW_MOBILE | SAW_MINI | SAW_PHONE | SAW_IOS | SAW_MAKER))
		return SPAN("mobile");
	if (saw & SAW_DARWIN)
		return saw & (SAW_X86 | SAW_MAC) ? SPAN("desktop") : SPAN("mobile");
	if (saw & (SAW_MAC | SAW_LINUX | SAW_DESKTOP))
		return SPAN("desktop");
	return SPAN("");
}

/* What people's agents show one of. */
enum {
	SAW_PEOPLE = SAW_EDGE | SAW_OPERA | SAW_FIREFOX | SAW_CHROME | SAW_SAFARI | SAW_IE |
	    SAW_SILK | SAW_OTHER | SAW_WEBKIT | SAW_GECKO | SAW_ENGINE | SAW_WINDOWS | SAW_MAC |
	    SAW_IPHONE | SAW_IPAD | SAW_IOS | SAW_DARWIN | SAW_ANDROID | SAW_LINUX | SAW_OTHER_OS |
	    SAW_DESKTOP | SAW_PHONE | SAW_TABLET | SAW_TV | SAW_MAKER,
};

/* Whether [p, end) begins with a domain's name: labels, dots, and letters at the end. */
static bool
begins_with_domain(const char *p, const char *end)
{
	const char *label = p;
	bool dots = false, letters = false;

	for (; p < end && (ascii_is_alnum(*p) || *p == '-' || *p == '.'); p++) {
		if (*p == '.') {
			if (p == label)
				return false;
			label = p + 1;
			dots = letters = true;
		} else if (!ascii_is_letter(*p)) {
			letters = false;
		}
	}
	return dots && letters && p - label >= 2;
}

/*
 * Whether there is a mail address.  "android@150.0" is a version, and
 * "en_IR@calendar=gregorian" a language.
 */
static bool
has_mailbox(const char *p, size_t n)
{
	const char *start = p, *end = p + n, *at;

	for (; (at = memchr(p, '@', (size_t)(end - p))); p = at + 1)
		if (at > start && ascii_is_alnum(at[-1]) && begins_with_domain(at + 1, end))
			return true;
	return false;
}

/* The part of an Android's first comment up to the next semicolon or its end. */
static struct span
comment_part(const char *p, const char *end)
{
	const char *start;

	while (p < end && (*p == ' ' || *p == ';'))
		p++;
	for (start = p; p < end && *p != ';' && *p != ')'; p++)
		;
	return (struct span){ start, (size_t)(p - start) };
}

/* "U", "wv", "en", "en-us": what stands between the version and the model. */
static bool
is_before_model(struct span part)
{
	return part.n <= 2 || (part.n == 5 && (part.p[2] == '-' || part.p[2] == '_'));
}

/* The model of a phone, as in "Android 13; RUBY Build/TP1A": n is 0 where there is none. */
static struct span
model_of(const char *p, size_t n)
{
	static const char name[] = "Android ";
	const char *end = p + n;
	struct span part = { p, 0 };

	while ((size_t)(end - p) >= sizeof(name) - 1 && memcmp(p, name, sizeof(name) - 1) != 0)
		p++;
	if ((size_t)(end - p) < sizeof(name) - 1)
		return part;
	part = comment_part(p, end);
	do
		part = comment_part(part.p + part.n, end);
	while (part.n > 0 && is_before_model(part));
	part.n = span_find(part, SPAN(" Build/"));
	/* "bot/1.0" is a program, whatever stands around it */
	if (memchr(part.p, '/', part.n))
		part.n = 0;
	return part;
}

/* A word of ours inside a model's name is no robot: the robot that is elsewhere. */
static enum bot_kind
bot_beside_model(const struct bots *bots, const char *p, size_t n)
{
	struct span model = model_of(p, n);
	size_t before = (size_t)(model.p - p), behind = before + model.n;
	struct sighting first, second;

	first = bots_look(bots, p, before);
	second = bots_look(bots, p + behind, n - behind);
	return first.bot == BOT_NONE || second.bot == BOT_APP ? second.bot : first.bot;
}

static enum bot_kind
bot_of(const struct sighting *s, const char *p, size_t n)
{
	if (s->bot != BOT_NONE)
		return s->bot;
	if ((s->saw & SAW_CONTACT) || !(s->saw & SAW_PEOPLE) || has_mailbox(p, n))
		return BOT_OTHER;
	return BOT_NONE;
}

void
agent_parse_with(struct agent *a, const struct bots *bots, const char *p, size_t n)
{
	const uint32_t pad = SAW_MAC | SAW_WEBKIT | SAW_MOBILE;
	struct sighting s = bots_look(bots, p, n);

	/* apps on an iPad that pose as a Mac's are given away by "Mobile/" */
	if ((s.saw & (pad | SAW_IPHONE | SAW_WINDOWS | SAW_ANDROID)) == pad)
		s.saw |= SAW_IPAD;
	a->browser = browser_of(s.saw);
	a->os = os_of(s.saw);
	a->device = device_of(s.saw);
	if (s.bot != BOT_NONE && s.bot != BOT_APP && s.saw & SAW_ANDROID)
		s.bot = bot_beside_model(bots, p, n);
	a->bot = n > 0 ? bot_of(&s, p, n) : BOT_NONE;
}

void
agent_parse(struct agent *a, const char *p, size_t n)
{
	agent_parse_with(a, NULL, p, n);
}

/* --- client hints ----------------------------------------------------- */

/* Longer ones are nobody's, and are not looked at. */
enum { HINT_MAX = 1024 };

struct hints {
	bool edge, opera, chromium, headless;
	bool mobile_said, mobile;
	struct span os; /* "" where the platform is none of ours */
};

static bool
starts_with(struct span s, struct span with)
{
	return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

static void
note_brand(struct hints *h, struct span brand)
{
	if (starts_with(brand, SPAN("Microsoft Edge")))
		h->edge = true;
	else if (starts_with(brand, SPAN("Opera")))
		h->opera = true;
	else if (span_eq(brand, SPAN("HeadlessChrome")))
		h->headless = h->chromium = true;
	else if (span_eq(brand, SPAN("Chromium")) || span_eq(brand, SPAN("Google Chrome")))
		h->chromium = true;
}

/*
 * The strings in double quotes, in JSON as in the header.  The keys "brand" and
 * "version" are among them; they are no brand's name.
 */
static void
note_brands(struct hints *h, const char *p, size_t n)
{
	const char *end = p + n, *start;

	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		for (start = ++p; p < end && *p != '"'; p++)
			if (*p == '\\' && p + 1 < end)
				p++;
		if (p >= end)
			return;
		note_brand(h, (struct span){ start, (size_t)(p - start) });
		p++;
	}
}

static void
note_mobile(struct hints *h, const struct json_value *v)
{
	bool yes = span_eq(v->raw, SPAN("true")) || span_eq(v->raw, SPAN("\"?1\""));
	bool no = span_eq(v->raw, SPAN("false")) || span_eq(v->raw, SPAN("\"?0\""));

	h->mobile_said = yes || no;
	h->mobile = yes;
}

static void
note_platform(struct hints *h, struct span name)
{
	static const struct {
		struct span name, os;
	} known[] = {
		{ { "Windows", 7 }, { "windows", 7 } },
		{ { "macOS", 5 }, { "macos", 5 } },
		{ { "Mac OS X", 8 }, { "macos", 5 } },
		{ { "Android", 7 }, { "android", 7 } },
		{ { "iOS", 3 }, { "ios", 3 } },
		{ { "Linux", 5 }, { "linux", 5 } },
		{ { "Chrome OS", 9 }, { "linux", 5 } },
		{ { "Chromium OS", 11 }, { "linux", 5 } },
	};
	size_t i;

	if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = (struct span){ name.p + 1, name.n - 2 };
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_eq(name, known[i].name))
			h->os = known[i].os;
}

static void
note_hint(struct hints *h, const struct json_member *m)
{
	struct span key = m->key.raw, raw = m->value.raw;
	char text[HINT_MAX];
	size_t n = 0;

	if (raw.n > HINT_MAX)
		return;
	if (m->value.type == JSON_STRING)
		n = json_unescape(raw, text);
	if (span_eq(key, SPAN("\"brands\"")) || span_eq(key, SPAN("\"sec-ch-ua\""))) {
		if (m->value.type == JSON_STRING)
			note_brands(h, text, n);
		else
			note_brands(h, raw.p, raw.n);
	} else if (span_eq(key, SPAN("\"mobile\"")) || span_eq(key, SPAN("\"sec-ch-ua-mobile\""))) {
		note_mobile(h, &m->value);
	} else if (span_eq(key, SPAN("\"platform\"")) ||
	    span_eq(key, SPAN("\"sec-ch-ua-platform\""))) {
		note_platform(h, (struct span){ text, n });
	}
}

static void
refine(struct agent *a, const struct hints *h)
{
	/* an Android without a kind of device is a television */
	bool screen = a->device.n == 0 && span_eq(a->os, SPAN("android"));

	if (h->edge)
		a->browser = SPAN("edge");
	else if (h->opera)
		a->browser = SPAN("opera");
	else if (h->chromium && a->browser.n == 0)
		a->browser = SPAN("chrome");
	if (h->headless && a->bot == BOT_NONE)
		a->bot = BOT_BROWSER;
	if (h->os.n > 0)
		a->os = h->os;
	if (!h->mobile_said || screen)
		return;
	if (h->mobile)
		a->device = SPAN("mobile");
	else if (span_eq(a->os, SPAN("android")) || span_eq(a->os, SPAN("ios")))
		a->device = SPAN("tablet");
	else if (a->os.n > 0)
		a->device = SPAN("desktop");
}

bool
agent_hints(struct agent *a, struct span hints)
{
	struct hints h = { .os = SPAN("") };
	struct json_scan scan;
	struct json_member m;

	if (json_open(&scan, hints.p, hints.n) != JSON_OBJECT)
		return false;
	while (json_next(&scan, &m))
		note_hint(&h, &m);
	if (scan.reason != JSON_OK)
		return false;
	refine(a, &h);
	return true;
}

/* ---- those seen lately ---- */

bool
agents_init(struct agents *a, const struct bots *bots)
{
	*a = (struct agents){ .bots = bots };
	if (sodium_init() < 0)
		return false;
	/* a sender who knew the order of the slots could make all of them miss */
	randombytes_buf(&a->seed, sizeof(a->seed));
	a->slot = calloc(AGENTS_SLOTS, sizeof(*a->slot));
	return a->slot != NULL;
}

void
agents_release(struct agents *a)
{
	if (a->slot)
		sodium_memzero(a->slot, AGENTS_SLOTS * sizeof(*a->slot));
	free(a->slot);
	*a = (struct agents){ 0 };
}

static uint64_t
mix(uint64_t h, const char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	h = (h ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Two lanes, because each waits for its last product. */
static uint64_t
hash_text(uint64_t seed, const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t a = seed, b = ~seed;
	char last[16] = { 0 };

	for (; end - p >= 16; p += 16) {
		a = mix(a, p);
		b = mix(b, p + 8);
	}
	if (p < end)
		memcpy(last, p, (size_t)(end - p));
	a = mix(a, last);
	b = mix(b ^ n, last + 8);
	return mix(a, (const char *)&b);
}

struct agent
agents_find(struct agents *a, const char *p, size_t n)
{
	struct known_agent *known;
	struct agent agent;

	if (n == 0 || n > AGENTS_TEXT) {
		a->misses += n > 0;
		agent_parse_with(&agent, a->bots, p, n);
		return agent;
	}
	known = &a->slot[hash_text(a->seed, p, n) % AGENTS_SLOTS];
	if (known->n == n && memcmp(known->text, p, n) == 0) {
		a->hits++;
		return known->agent;
	}
	a->misses++;
	agent_parse_with(&known->agent, a->bots, p, n);
	known->n = (uint16_t)n;
	memcpy(known->text, p, n);
	return known->agent;
}
