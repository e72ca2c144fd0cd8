#include "import/haproxy.h"

#include "text/client.h"
#include "text/log_time.h"

#include "base/banned.h"

static bool
fail(struct complaint *why)
{
	*why = (struct complaint){ .text = SPAN("Expected a line of HAProxy's httplog") };
	return false;
}

/* Finds "[16/May/2026:19:00:00.250]" and what stands before it; *rest is behind it. */
static bool
find_time(struct hit *h, const char *p, const char *end, const char **rest)
{
	const char *start = p, *close, *word;
	int64_t ms;

	while ((p = memchr(p, '[', (size_t)(end - p))) != NULL) {
		close = memchr(p, ']', (size_t)(end - p));
		if (!close)
			return false;
		if (log_time_parse(p, (size_t)(close + 1 - p), &ms))
			break;
		p++;
	}
	if (!p || p == start || p[-1] != ' ')
		return false;
	h->v[HIT_TIME] = (struct span){ p + 1, (size_t)(close - p) - 1 };
	for (word = p - 1; word > start && word[-1] != ' '; word--)
		;
	hit_offer(h, HIT_IP, 0, (struct span){ word, (size_t)(p - 1 - word) });
	*rest = close + 1;
	return true;
}

static void
take_header(struct hit *h, struct span s)
{
	struct span origin = s;
	struct ip ip;

	if (hit_take_origin(&origin).host.n)
		hit_offer(h, HIT_REFERRER, 0, s);
	else if (client_parse(&ip, s) || memchr(s.p, ',', s.n))
		hit_offer(h, HIT_FORWARDED, 0, s);
	else if (memchr(s.p, '/', s.n))
		hit_offer(h, HIT_AGENT, 0, s);
	else if (memchr(s.p, '.', s.n) && !memchr(s.p, ' ', s.n))
		hit_offer(h, HIT_HOST, 0, s);
}

/* The headers of the request: the first braces. */
static void
take_headers(struct hit *h, const char *p, const char *end)
{
	const char *stop, *bar;

	p = memchr(p, '{', (size_t)(end - p));
	stop = p ? memchr(p, '}', (size_t)(end - p)) : NULL;
	if (!stop)
		return;
	for (p++; p < stop; p = bar + 1) {
		bar = memchr(p, '|', (size_t)(stop - p));
		bar = bar ? bar : stop;
		if (bar > p)
			take_header(h, (struct span){ p, (size_t)(bar - p) });
	}
}

bool
haproxy_parse(struct hit *h, const char *p, size_t n, struct complaint *why)
{
	const char *end = p + n, *quote, *word;
	int i;

	if (n == 0 || end[-1] != '"' || !find_time(h, p, end, &p))
		return fail(why);
	end--;
	quote = memchr(p, '"', (size_t)(end - p));
	if (!quote)
		return fail(why);
	hit_offer(h, HIT_REQUEST, 0, (struct span){ quote + 1, (size_t)(end - quote - 1) });
	/* frontend, backend, timers, and the status */
	for (i = 0; i < 4; i++) {
		while (p < quote && *p == ' ')
			p++;
		for (word = p; p < quote && *p != ' '; p++)
			;
		if (p == word)
			return fail(why);
	}
	hit_offer(h, HIT_STATUS, 0, (struct span){ word, (size_t)(p - word) });
	if (!h->v[HIT_STATUS].p)
		h->v[HIT_STATUS] = SPAN("0"); /* -1: there was no answer */
	take_headers(h, p, quote);
	return true;
}
