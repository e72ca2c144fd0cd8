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

/* Words as they begin at a word boundary, by their first letter. */
static const struct word {
	const char *text;
	unsigned saw;
} words[] = {
	{ "Android", SAW_ANDROID },
	{ "AppleWebKit/", SAW_WEBKIT },
	{ "BRAVIA", SAW_TV },
	{ "Chrome/", SAW_CHROME },
	{ "Chromium/", SAW_CHROME },
	{ "CrOS ", SAW_LINUX | SAW_X11 },
	{ "CriOS/", SAW_CHROME },
	{ "Edg/", SAW_EDGE },
	{ "EdgA/", SAW_EDGE },
	{ "Edge/", SAW_EDGE },
	{ "EdgiOS/", SAW_EDGE },
	{ "Firefox/", SAW_FIREFOX },
	{ "FxiOS/", SAW_FIREFOX },
	{ "HbbTV", SAW_TV },
	{ "HeadlessChrome/", SAW_CHROME },
	{ "Linux", SAW_LINUX },
	{ "MSIE ", SAW_IE },
	{ "Mac OS X", SAW_MAC },
	{ "Mac_PowerPC", SAW_MAC },
	{ "Macintosh", SAW_MAC },
	{ "Mobile", SAW_MOBILE },
	{ "OPR/", SAW_OPERA },
	{ "OPT/", SAW_OPERA },
	{ "OPiOS/", SAW_OPERA },
	{ "Opera", SAW_OPERA },
	{ "SMART-TV", SAW_TV },
	{ "Safari/", SAW_SAFARI },
	{ "SmartTV", SAW_TV },
	{ "Tablet", SAW_TABLET },
	{ "Trident/", SAW_IE },
	{ "Web0S", SAW_TV | SAW_LINUX },
	{ "Windows", SAW_WINDOWS },
	{ "Windows Phone", SAW_WINDOWS_PHONE },
	{ "X11", SAW_X11 },
	{ "iPad", SAW_IPAD },
	{ "iPhone", SAW_IPHONE },
	{ "iPod", SAW_IPHONE },
};

static bool
is_letter(char c)
{
	char lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

static unsigned
word_at(const char *p, const char *end)
{
	size_t i, left = (size_t)(end - p);
	unsigned saw = 0;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *text = words[i].text;
		size_t n;

		if (text[0] != *p)
			continue;
		n = strlen(text);
		if (n <= left && memcmp(p, text, n) == 0)
			saw |= words[i].saw;
	}
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
