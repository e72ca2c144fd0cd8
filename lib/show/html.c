#include "show/html.h"

#include "base/utf8.h"
#include "text/display.h"

#include "base/banned.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* U+FDD0 to U+FDEF and the last two of each plane, in UTF-8. */
static bool
is_noncharacter(const unsigned char *u, size_t n)
{
	if (n == 3 && u[0] == 0xef)
		return (u[1] == 0xb7 && u[2] >= 0x90 && u[2] <= 0xaf) ||
		    (u[1] == 0xbf && u[2] >= 0xbe);
	return n == 4 && (u[1] & 0x0f) == 0x0f && u[2] == 0xbf && u[3] >= 0xbe;
}

static const char *
reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
html_text(struct buf *b, struct span text)
{
	const char *p = text.p, *end = text.n ? text.p + text.n : p, *plain = p;

	while (p < end) {
		size_t n = utf8_sequence(p, end);
		const char *instead = n == 1 ? reference(*p) : NULL;

		if (n == 0 || is_noncharacter((const unsigned char *)p, n))
			instead = REPLACEMENT;
		if (instead) {
			buf_add_scrubbed(b, plain, (size_t)(p - plain));
			buf_adds(b, instead);
			plain = p + (n ? n : 1);
		}
		p += n ? n : 1;
	}
	buf_add_scrubbed(b, plain, (size_t)(p - plain));
}

void
html_cut(struct buf *b, struct span text, size_t columns)
{
	/* characters that combine take no column, and can be any number */
	enum { BYTES_A_COLUMN = 8 };
	size_t most = columns * BYTES_A_COLUMN, n = text.n < most ? text.n : most, bytes;

	display_fit(text.p, n, columns, &bytes);
	if (bytes < text.n)
		display_fit(text.p, n, columns - 1, &bytes);
	html_text(b, (struct span){ text.p, bytes });
	if (bytes < text.n)
		buf_adds(b, "\u2026");
}
