#include "text/display.h"

#include <utf8proc.h>

#include "base/utf8.h"

#include "base/banned.h"

/* Columns of a character, other than a control character, that stands alone. */
static size_t
columns_of(uint32_t c)
{
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)c);

	switch (p->category) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
		return 0;
	case UTF8PROC_CATEGORY_CF:
		/* the soft hyphen, and signs that stand before digits, are seen */
		return p->charwidth > 0 || p->boundclass == UTF8PROC_BOUNDCLASS_PREPEND;
	default:
		break;
	}
	/* vowels and finals of Hangul, which join the initial */
	if (p->boundclass == UTF8PROC_BOUNDCLASS_V || p->boundclass == UTF8PROC_BOUNDCLASS_T)
		return 0;
	return p->charwidth == 2 ? 2 : 1;
}

/* Columns of the character at p, and its bytes; of a wrong byte, one of each. */
static size_t
columns_at(const char *p, const char *end, size_t *bytes)
{
	size_t n = utf8_sequence(p, end);

	*bytes = n ? n : 1;
	if (n < 2)
		return 1;
	return columns_of(utf8_code_point(p, n));
}

size_t
display_width(const char *p, size_t n)
{
	return display_fit(p, n, SIZE_MAX, &n);
}

size_t
display_fit(const char *p, size_t n, size_t width, size_t *bytes)
{
	const char *q = p, *end = p + n;
	size_t columns = 0;

	while (q < end) {
		size_t k, c = columns_at(q, end, &k);

		if (c > width - columns)
			break;
		columns += c;
		q += k;
	}
	*bytes = (size_t)(q - p);
	return columns;
}

void
display_spaces(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

static void
add_ascii(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		size_t k, c = columns_at(p, end, &k);

		if (k == 1 && (unsigned char)*p < 0x80)
			buf_addc(b, *p);
		else
			buf_add(b, "??", c);
		p += k;
	}
}

void
display_add(struct buf *b, struct span text, size_t width, bool right, bool ascii)
{
	size_t bytes, columns = display_fit(text.p, text.n, width, &bytes);
	bool cut = bytes < text.n;

	if (cut)
		columns =
		    display_fit(text.p, text.n, width > 0 ? width - 1 : 0, &bytes) + (width > 0);
	if (right)
		display_spaces(b, width - columns);
	if (ascii)
		add_ascii(b, text.p, bytes);
	else
		buf_add(b, text.p, bytes);
	if (cut && width > 0)
		buf_adds(b, ascii ? "~" : "\u2026");
	if (!right)
		display_spaces(b, width - columns);
}
