#include "import/log_fields.h"

#include "base/ascii.h"

#include "base/banned.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
log_fields_blanks(struct log_fields *f)
{
	while (f->p < f->end && is_blank(*f->p))
		f->p++;
}

/* What \ and this letter stand for; the letter itself where it is none. */
static char
unescaped(char c)
{
	static const char from[] = "nrtbvf", to[] = "\n\r\t\b\v\f";
	const char *at = memchr(from, c, sizeof(from) - 1);

	return at ? to[at - from] : c;
}

static struct span
unescape(struct log_fields *f, struct span s)
{
	char *start = buf_room(f->scratch, s.n), *w = start;
	const char *p = s.p, *end = s.p + s.n;

	if (!w)
		return s;
	while (p < end) {
		if (*p != '\\' || end - p < 2) {
			*w++ = *p++;
		} else if (p[1] == 'x' && end - p >= 4 && ascii_is_hex(p[2]) &&
		    ascii_is_hex(p[3])) {
			*w++ = (char)(ascii_hex(p[2]) << 4 | ascii_hex(p[3]));
			p += 4;
		} else {
			*w++ = unescaped(p[1]);
			p += 2;
		}
	}
	f->scratch->n += (size_t)(w - start);
	return (struct span){ start, (size_t)(w - start) };
}

/* Takes the text in quotes that r is at; false: it does not end. */
static bool
take_quoted(struct log_fields *f, struct span *s)
{
	const char *start = f->p + 1, *q = start, *back;

	for (;; q++) {
		q = memchr(q, '"', (size_t)(f->end - q));
		if (!q)
			return false;
		for (back = q; back > start && back[-1] == '\\'; back--)
			;
		if ((q - back) % 2 == 0 && (q + 1 == f->end || is_blank(q[1])))
			break;
	}
	*s = (struct span){ start, (size_t)(q - start) };
	f->p = q + 1;
	if (f->escaped && memchr(s->p, '\\', s->n))
		*s = unescape(f, *s);
	return true;
}

static struct span
take_word(struct log_fields *f)
{
	const char *start = f->p;

	while (f->p < f->end && !is_blank(*f->p))
		f->p++;
	return (struct span){ start, (size_t)(f->p - start) };
}

bool
log_fields_take(struct log_fields *f, struct span *s)
{
	if (*f->p == '"')
		return take_quoted(f, s);
	*s = take_word(f);
	return true;
}

bool
log_fields_begin(struct log_fields *f, const char *p, size_t n, struct buf *scratch)
{
	*f = (struct log_fields){ p, p + n, memchr(p, '\\', n) != NULL, scratch };
	if (!f->escaped)
		return true;
	buf_reset(scratch);
	return buf_room(scratch, n) != NULL;
}
