#include "import/w3c.h"

#include "base/ascii.h"

#include "base/banned.h"

void
w3c_release(struct w3c *w)
{
	buf_release(&w->agent);
}

/* Takes the next word off a line, up to one blank or tab; false: at its end. */
static bool
next_word(const char **p, const char *end, struct span *word)
{
	const char *start = *p;

	if (start > end)
		return false;
	while (*p < end && **p != ' ' && **p != '\t')
		(*p)++;
	*word = (struct span){ start, (size_t)(*p - start) };
	(*p)++;
	return true;
}

bool
w3c_describe(struct w3c *w, const char *p, size_t n)
{
	static const char fields[] = "#Fields:";
	const char *end = p + n;
	struct span word;

	if (n < sizeof(fields) - 1 || memcmp(p, fields, sizeof(fields) - 1) != 0)
		return true;
	p += sizeof(fields) - 1;
	w->columns = 0;
	while (next_word(&p, end, &word)) {
		if (!word.n)
			continue;
		if (w->columns == W3C_COLUMNS)
			return false;
		w->entry[w->columns++] = log_keys_find(w->keys, LOG_KEYS_NONE, word);
	}
	return w->columns > 0;
}

static size_t
percent_decode(char *w, struct span s)
{
	size_t i = 0, n = 0;

	while (i < s.n) {
		if (s.p[i] == '%' && s.n - i >= 3 && ascii_is_hex(s.p[i + 1]) &&
		    ascii_is_hex(s.p[i + 2])) {
			w[n++] = (char)(ascii_hex(s.p[i + 1]) << 4 | ascii_hex(s.p[i + 2]));
			i += 3;
		} else {
			w[n++] = s.p[i++];
		}
	}
	return n;
}

/* CloudFront escapes blanks, of late once and once upon a time twice; IIS has '+'. */
static struct span
decode_agent(struct w3c *w, struct span s)
{
	bool percent = memchr(s.p, '%', s.n) != NULL;
	char *to;
	size_t n, i;

	if (!percent && !memchr(s.p, '+', s.n))
		return s;
	buf_reset(&w->agent);
	to = buf_room(&w->agent, s.n);
	if (!to)
		return s;
	if (percent) {
		n = percent_decode(to, s);
		if (!memchr(to, ' ', n))
			n = percent_decode(to, (struct span){ to, n });
		return (struct span){ to, n };
	}
	for (i = 0; i < s.n; i++)
		to[i] = s.p[i];
	for (i = 0; i < s.n; i++)
		if (to[i] == '+')
			to[i] = ' ';
	return (struct span){ to, s.n };
}

bool
w3c_parse(struct w3c *w, struct hit *h, const char *p, size_t n, struct complaint *why)
{
	const char *end = p + n;
	struct span word;
	size_t i = 0;

	if (!w->columns) {
		*why =
		    (struct complaint){ .text = SPAN("Expected a line \"#Fields:\" before this") };
		return false;
	}
	while (next_word(&p, end, &word)) {
		const struct log_keys_entry *e;

		if (i == w->columns || (!word.n && p > end))
			break;
		if (w->entry[i] != LOG_KEYS_NONE) {
			e = &w->keys->entry[w->entry[i]];
			if (e->key.field == HIT_AGENT)
				word = decode_agent(w, word);
			if (e->key.field != HIT_FIELDS)
				hit_offer(h, e->key.field, e->rank, word);
		}
		i++;
	}
	if (i == w->columns && p > end)
		return true;
	*why = (struct complaint){ .text = SPAN("Expected as many fields as \"#Fields:\" names") };
	return false;
}
