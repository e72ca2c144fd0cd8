#include "agent.h"

#include "banned.h"

/* What the words of a header show. */
enum {
	SAW_EDGE = 1 << 0,
	SAW_OPERA = 1 << 1,
	SAW_FIREFOX = 1 << 2,
	SAW_CHROME = 1 << 3,
	SAW_SAFARI = 1 << 4,
	SAW_WEBKIT = 1 << 5,
	SAW_IE = 1 << 6,
	SAW_WINDOWS = 1 << 7,
	SAW_WINDOWS_PHONE = 1 << 8,
	SAW_MAC = 1 << 9,
	SAW_IPHONE = 1 << 10,
	SAW_IPAD = 1 << 11,
	SAW_ANDROID = 1 << 12,
	SAW_LINUX = 1 << 13,
	SAW_MOBILE = 1 << 14,
	SAW_TABLET = 1 << 15,
	SAW_TV = 1 << 16,
	SAW_X11 = 1 << 17,
};

struct word {
	struct span text;
	unsigned saw;
};

#define WORD(s, saw)                          \
	{                                     \
		{ (s), sizeof(s) - 1 }, (saw) \
	}

enum { WORDS_A_LETTER = 8 };

/* Words as they begin at a word boundary, by their first letter. */
static const struct word words[128][WORDS_A_LETTER] = {
	['A'] = {
		WORD("Android", SAW_ANDROID),
		WORD("AppleWebKit/", SAW_WEBKIT),
	},
	['B'] = {
		WORD("BRAVIA", SAW_TV),
	},
	['C'] = {
		WORD("Chrome/", SAW_CHROME),
		WORD("Chromium/", SAW_CHROME),
		WORD("CrOS ", SAW_LINUX | SAW_X11),
		WORD("CriOS/", SAW_CHROME),
	},
	['E'] = {
		WORD("Edg/", SAW_EDGE),
		WORD("EdgA/", SAW_EDGE),
		WORD("Edge/", SAW_EDGE),
		WORD("EdgiOS/", SAW_EDGE),
	},
	['F'] = {
		WORD("Firefox/", SAW_FIREFOX),
		WORD("FxiOS/", SAW_FIREFOX),
	},
	['H'] = {
		WORD("HbbTV", SAW_TV),
		WORD("HeadlessChrome/", SAW_CHROME),
	},
	['L'] = {
		WORD("Linux", SAW_LINUX),
	},
	['M'] = {
		WORD("MSIE ", SAW_IE),
		WORD("Mac OS X", SAW_MAC),
		WORD("Mac_PowerPC", SAW_MAC),
		WORD("Macintosh", SAW_MAC),
		WORD("Mobile", SAW_MOBILE),
	},
	['O'] = {
		WORD("OPR/", SAW_OPERA),
		WORD("OPT/", SAW_OPERA),
		WORD("OPiOS/", SAW_OPERA),
		WORD("Opera", SAW_OPERA),
	},
	['S'] = {
		WORD("SMART-TV", SAW_TV),
		WORD("Safari/", SAW_SAFARI),
		WORD("SmartTV", SAW_TV),
	},
	['T'] = {
		WORD("Tablet", SAW_TABLET),
		WORD("Trident/", SAW_IE),
	},
	['W'] = {
		WORD("Web0S", SAW_TV | SAW_LINUX),
		WORD("Windows", SAW_WINDOWS),
		WORD("Windows Phone", SAW_WINDOWS_PHONE),
	},
	['X'] = {
		WORD("X11", SAW_X11),
	},
	['i'] = {
		WORD("iPad", SAW_IPAD),
		WORD("iPhone", SAW_IPHONE),
		WORD("iPod", SAW_IPHONE),
	},
};

static bool
is_letter(char c)
{
	char lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/* What the words that begin at p show; one may begin with another. */
static unsigned
word_at(const char *p, const char *end)
{
	const struct word *w = words[*p & 0x7f];
	size_t left = (size_t)(end - p), i;
	unsigned saw = 0;

	for (i = 0; i < WORDS_A_LETTER && w[i].text.n; i++)
		if (w[i].text.n <= left && w[i].text.p[1] == p[1] &&
		    memcmp(p, w[i].text.p, w[i].text.n) == 0)
			saw |= w[i].saw;
	return saw;
}

static unsigned
look(const char *p, size_t n)
{
	const char *end = p + n;
	unsigned saw = 0;
	bool inside = false;

	for (; p < end; p++) {
		bool letter = is_letter(*p);

		if (letter && !inside)
			saw |= word_at(p, end);
		inside = letter;
	}
	return saw;
}

/* The brand wins over the engine that it names for compatibility. */
static struct span
browser_of(unsigned saw)
{
	if (saw & SAW_EDGE)
		return SPAN("edge");
	if (saw & SAW_OPERA)
		return SPAN("opera");
	if (saw & SAW_FIREFOX)
		return SPAN("firefox");
	if (saw & SAW_IE)
		return SPAN("");
	if (saw & SAW_CHROME)
		return SPAN("chrome");
	if (saw & SAW_ANDROID)
		return SPAN(""); /* the old Android browser calls itself Safari */
	if (saw & SAW_SAFARI)
		return SPAN("safari");
	if ((saw & (SAW_IPHONE | SAW_IPAD)) && (saw & SAW_WEBKIT))
		return SPAN("safari"); /* a web view */
	return SPAN("");
}

static struct span
os_of(unsigned saw)
{
	if (saw & SAW_WINDOWS)
		return SPAN("windows");
	if (saw & SAW_ANDROID)
		return SPAN("android");
	if (saw & (SAW_IPHONE | SAW_IPAD))
		return SPAN("ios");
	if (saw & SAW_MAC)
		return SPAN("macos");
	if (saw & SAW_LINUX)
		return SPAN("linux");
	return SPAN("");
}

static struct span
device_of(unsigned saw)
{
	if (saw & SAW_TV)
		return SPAN("");
	if (saw & SAW_IPAD)
		return SPAN("tablet");
	if (saw & (SAW_IPHONE | SAW_WINDOWS_PHONE))
		return SPAN("mobile");
	if (saw & SAW_WINDOWS)
		return SPAN("desktop"); /* "Tablet PC" is a component, not a device */
	if (saw & SAW_ANDROID)
		return saw & SAW_MOBILE ? SPAN("mobile") : SPAN("tablet");
	if (saw & SAW_TABLET)
		return SPAN("tablet");
	if (saw & SAW_MOBILE)
		return SPAN("mobile");
	if (saw & (SAW_MAC | SAW_LINUX | SAW_X11))
		return SPAN("desktop");
	return SPAN("");
}

void
agent_parse(struct agent *a, const char *p, size_t n)
{
	unsigned saw = look(p, n);

	a->browser = browser_of(saw);
	a->os = os_of(saw);
	a->device = device_of(saw);
}
