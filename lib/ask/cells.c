#include "ask/cells.h"

#include <stdlib.h>

#include "text/number_text.h"

#include "base/banned.h"

bool
cells_parse(struct cells *c, const char *p, size_t n, size_t expected)
{
	struct json_member m;
	struct json_scan scan;

	c->n = 0;
	buf_reset(&c->text);
	/* once for all, so that what the cells point to stays in place */
	if (!buf_room(&c->text, n) || json_open(&scan, p, n) != JSON_OBJECT)
		return false;
	while (json_next(&scan, &m)) {
		struct span s = m.value.raw;

		if (c->n == CELLS_MAX)
			return false;
		if (m.value.type == JSON_STRING) {
			char *w = c->text.p + c->text.n;

			s = (struct span){ w, json_unescape(s, w) };
			c->text.n += s.n;
		}
		c->v[c->n++] = (struct cell){ s, m.value.type };
	}
	return scan.reason == JSON_OK && c->n == expected;
}

bool
cell_number(const struct cell *c, double *value)
{
	char text[96], *end; /* more than any decimal has */

	if (c->type != JSON_NUMBER || c->text.n >= sizeof(text))
		return false;
	memcpy(text, c->text.p, c->text.n);
	text[c->text.n] = '\0';
	*value = strtod(text, &end);
	return *end == '\0' && *value > -1e300 && *value < 1e300;
}

bool
cell_add_number(const struct cell *c, enum question_kind kind, struct buf *b)
{
	double x;

	if (!cell_number(c, &x))
		return false;
	if (kind == KIND_SHARE)
		number_text_percent(b, x);
	else if (kind == KIND_SECONDS)
		number_text_span(b, x);
	else if (kind == KIND_CHANGE)
		number_text_difference(b, x);
	else
		buf_add(b, c->text.p, c->text.n);
	return true;
}

void
cells_release(struct cells *c)
{
	buf_release(&c->text);
}

/* "-12.5e3"; not "-1+1", and not "+49 30 1234". */
static bool
is_number(struct span s)
{
	static const char digits[] = "0123456789";
	char text[40], *p = text;
	size_t n;

	if (s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	p += *p == '-' || *p == '+';
	n = strspn(p, digits);
	p += n;
	if (*p == '.') {
		size_t more = strspn(p + 1, digits);

		n += more;
		p += 1 + more;
	}
	if (n > 0 && (*p == 'e' || *p == 'E')) {
		p += 1 + (p[1] == '-' || p[1] == '+');
		n = strspn(p, digits);
		p += n;
	}
	return n > 0 && !*p;
}

/* Whether a spreadsheet would take the text for a formula, and work it out. */
static bool
is_formula(struct span s)
{
	return s.n > 0 && memchr("=+-@\t\r", *s.p, 6) && !is_number(s);
}

/* Quotes are doubled, lines and tabs stay; what else commands a terminal is made visible. */
static void
add_quoted(struct buf *b, struct span s)
{
	size_t i, done = 0;

	buf_adds(b, is_formula(s) ? "\"'" : "\"");
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '"' && s.p[i] != '\n' && s.p[i] != '\t')
			continue;
		buf_add_scrubbed(b, s.p + done, i - done);
		buf_adds(b, s.p[i] == '"' ? "\"\"" : s.p[i] == '\n' ? "\n" : "\t");
		done = i + 1;
	}
	buf_add_scrubbed(b, s.p + done, s.n - done);
	buf_addc(b, '"');
}

void
cells_add_csv(const struct cells *c, struct buf *b)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		if (c->v[i].type == JSON_STRING)
			add_quoted(b, c->v[i].text);
		else if (c->v[i].type != JSON_NULL)
			buf_add(b, c->v[i].text.p, c->v[i].text.n);
	}
	buf_addc(b, '\n');
}
