#include "serve/params.h"

#include "base/ascii.h"
#include "text/json.h"
#include "text/url_query.h"

#include "base/banned.h"

/* Decoded, no text is longer than it was: spans into the buffer stay where they are. */
bool
params_open(struct params *p, struct span query)
{
	*p = (struct params){ .rest = query };
	return buf_room(&p->text, query.n + 1) != NULL;
}

void
params_release(struct params *p)
{
	buf_release(&p->text);
}

/* A byte of the text, which shrinks; -1 for an escape that is none. */
static int
take_byte(struct span *s)
{
	int high, low, c = (unsigned char)s->p[0];
	size_t n = 1;

	if (c == '+') {
		c = ' ';
	} else if (c == '%') {
		high = s->n > 2 ? ascii_hex(s->p[1]) : -1;
		low = s->n > 2 ? ascii_hex(s->p[2]) : -1;
		if (high < 0 || low < 0)
			return -1;
		c = high * 16 + low;
		n = 3;
	}
	s->p += n;
	s->n -= n;
	return c;
}

static bool
decode(struct params *p, struct span s, struct span *to, struct refusal *r)
{
	size_t good;
	int c;

	*to = (struct span){ p->text.p + p->text.n, 0 };
	while (s.n > 0) {
		c = take_byte(&s);
		if (c < 0)
			return refuse(r, REFUSAL_INVALID_PARAMS, NULL,
			    "the query of the URL has a %% that two hexadecimal digits do not "
			    "follow; a percent sign itself is written %%25");
		if (c == 0)
			return refuse(r, REFUSAL_INVALID_PARAMS, NULL,
			    "the query of the URL holds a NUL character");
		p->text.p[p->text.n++] = (char)c;
		to->n++;
	}
	return utf8_valid(to->p, to->n, &good) ||
	    refuse(
		r, REFUSAL_INVALID_PARAMS, NULL, "the query of the URL is not UTF-8 once decoded");
}

static bool
remember(struct params *p, struct span name, struct refusal *r)
{
	size_t i;

	if (p->n == PARAMS_MAX)
		return refuse(
		    r, REFUSAL_INVALID_PARAMS, NULL, "more than %d parameters", (int)PARAMS_MAX);
	for (i = 0; i < p->n; i++)
		if (span_eq(p->names[i], name) && !span_eq(name, SPAN("where")))
			return refuse(r, REFUSAL_INVALID_PARAMS, NULL,
			    "parameter %zu has the name of one before it: each may stand once",
			    p->n + 1);
	p->names[p->n++] = name;
	return true;
}

enum params_result
params_next(struct params *p, struct span *name, struct span *value, struct refusal *r)
{
	struct url_param raw;

	if (!url_next_param(&p->rest, &raw))
		return PARAMS_END;
	if (!raw.value.p)
		raw.value = SPAN("");
	return decode(p, raw.name, name, r) && decode(p, raw.value, value, r) &&
		remember(p, *name, r)
	    ? PARAMS_ONE
	    : PARAMS_REFUSED;
}
