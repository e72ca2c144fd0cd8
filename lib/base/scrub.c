#include "base/scrub.h"

#include <string.h>

#include "base/utf8.h"

#include "base/banned.h"

/* Whether a character that is no control is one that people can't see. */
static bool
is_hidden(uint32_t c)
{
	return c == 0x061c ||               /* Arabic letter mark */
	    c == 0x180e ||                  /* Mongolian vowel separator */
	    (c >= 0x200b && c <= 0x200f) || /* zero width; left-to-right, right-to-left */
	    (c >= 0x2028 && c <= 0x202e) || /* line, paragraph; embeddings, overrides */
	    (c >= 0x2060 && c <= 0x206f) || /* word joiner; isolates */
	    c == 0xfeff ||                  /* byte order mark */
	    (c >= 0xe0000 && c <= 0xe007f); /* tags */
}

/* Whether this is a joiner where it can do its work: [from, to) stands before it. */
static bool
joins(uint32_t c, const char *from, const char *to)
{
	return (c == 0x200c || c == 0x200d) && to > from && (unsigned char)to[-1] >= 0x80;
}

static char *
put_hex(char *w, char letter, uint32_t v, int digits)
{
	*w++ = '\\';
	*w++ = letter;
	while (digits-- > 0)
		*w++ = "0123456789abcdef"[v >> 4 * digits & 15];
	return w;
}

size_t
scrub(char *w, const char *p, size_t n)
{
	const char *end = n ? p + n : p, *start = w;

	while (p < end) {
		size_t k = utf8_sequence(p, end);
		uint32_t c = k ? utf8_code_point(p, k) : (unsigned char)*p;

		if (k == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			w = put_hex(w, 'x', c, 2);
		} else if (is_hidden(c) && !joins(c, start, w)) {
			w = c > 0xffff ? put_hex(w, 'U', c, 8) : put_hex(w, 'u', c, 4);
		} else {
			memcpy(w, p, k);
			w += k;
		}
		p += k ? k : 1;
	}
	return (size_t)(w - start);
}
