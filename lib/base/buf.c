#define _GNU_SOURCE /* memmem */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/scrub.h"

#include "base/banned.h"

size_t
span_find(struct span text, struct span what)
{
	const char *p = text.n ? memmem(text.p, text.n, what.p, what.n) : NULL;

	return p ? (size_t)(p - text.p) : text.n;
}

bool
span_take_line(struct span *text, struct span *line)
{
	const char *newline = text->n ? memchr(text->p, '\n', text->n) : NULL;
	size_t n = newline ? (size_t)(newline - text->p) : text->n, all = n + (newline != NULL);

	if (text->n == 0)
		return false;
	*line = (struct span){ text->p, n };
	*text = (struct span){ text->p + all, text->n - all };
	return true;
}

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

char *
buf_room(struct buf *b, size_t extra)
{
	size_t cap;
	char *p;

	if (b->failed)
		return NULL;
	if (b->cap - b->n >= extra && b->p)
		return b->p + b->n;
	if (extra > SIZE_MAX / 2 - b->n) {
		b->failed = true;
		return NULL;
	}
	cap = b->cap + b->cap / 2;
	if (cap < b->n + extra)
		cap = b->n + extra;
	if (cap < 64)
		cap = 64;
	p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void
buf_add(struct buf *b, const char *p, size_t n)
{
	char *w = buf_room(b, n);

	if (w && n) {
		memcpy(w, p, n);
		b->n += n;
	}
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addu(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + i, sizeof(digits) - i);
}

void
buf_add_percent(struct buf *b, uint64_t part, uint64_t whole)
{
	double p = whole ? 100.0 * (double)part / (double)whole : 0;

	if (part > 0 && p < 0.05)
		buf_adds(b, "under 0.1 %");
	else if (part < whole && p >= 99.95)
		buf_adds(b, "over 99.9 %");
	else if (part == 0 || part == whole)
		buf_addf(b, "%.0f %%", p);
	else
		buf_addf(b, "%.1f %%", p);
}

void
buf_add_scrubbed(struct buf *b, const char *p, size_t n)
{
	char *w;

	if (n > SIZE_MAX / SCRUB_MOST) {
		b->failed = true;
		return;
	}
	w = buf_room(b, n * SCRUB_MOST);
	if (w)
		b->n += scrub(w, p, n);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *w;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		b->failed = true;
		return;
	}
	w = buf_room(b, (size_t)len + 1);
	if (!w)
		return;
	va_start(ap, fmt);
	vsnprintf(w, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)len;
}
