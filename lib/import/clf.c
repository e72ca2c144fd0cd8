#include "import/clf.h"

#include "text/client.h"
#include "import/log_fields.h"

#include "base/banned.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Finds "[17/May/2015:08:05:32 +0000]", and sets f behind it. */
static bool
find_time(struct log_fields *f, struct span *time)
{
	const char *start = f->p, *p = start, *close;

	while ((p = memchr(p, '[', (size_t)(f->end - p))) != NULL) {
		close = memchr(p, ']', (size_t)(f->end - p));
		if (!close)
			return false;
		if (close - p >= 20 && (p[3] == '/' || p[5] == '-') &&
		    (p == start || is_blank(p[-1]) || p[-1] == '"')) {
			*time = (struct span){ p + 1, (size_t)(close - p) - 1 };
			f->p = close + 1;
			if (p > start && p[-1] == '"' && f->p < f->end && *f->p == '"')
				f->p++;
			return true;
		}
		p++;
	}
	return false;
}

/* The digits behind "shop.example:". */
static struct span
port_behind(struct span s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
		i--;
	if (i == 0 || i == s.n || s.p[i - 1] != ':')
		return (struct span){ NULL, 0 };
	return (struct span){ s.p + i, s.n - i };
}

/* Client, and where it is there the virtual host, of what stands before the time. */
static bool
read_front(struct hit *h, struct log_fields *f)
{
	struct span first, second = { NULL, 0 };
	struct ip ip;

	log_fields_blanks(f);
	if (f->p == f->end)
		return true;
	if (!log_fields_take(f, &first))
		return false;
	/* X-Forwarded-For, in place of the client */
	while (first.n && first.p[first.n - 1] == ',' && f->p < f->end) {
		log_fields_blanks(f);
		if (f->p < f->end && !log_fields_take(f, &second))
			return false;
		first.n = (size_t)(f->p - first.p);
	}
	log_fields_blanks(f);
	second.n = 0;
	if (f->p < f->end && !log_fields_take(f, &second))
		return false;
	h->v[HIT_IP] = first;
	if (second.n < 2)
		return true;
	log_fields_blanks(f);
	if (f->p < f->end &&
	    (client_parse(&ip, second) || (port_behind(first).n && !client_parse(&ip, first)))) {
		h->v[HIT_HOST] = first;
		h->v[HIT_PORT] = port_behind(first);
		h->v[HIT_IP] = second;
	}
	return true;
}

/* What stands between the time and the request: a client, where none stood before, or a host. */
static void
read_between(struct hit *h, struct span s, bool quoted)
{
	struct ip ip;

	if (!client_parse(&ip, s) && quoted)
		hit_offer(h, HIT_HOST, 1, s);
	else if (client_parse(&ip, s) && !client_parse(&ip, h->v[HIT_IP]))
		h->v[HIT_IP] = s;
}

/* The request: the first text in quotes that no other one follows at once. */
static bool
read_request(struct hit *h, struct log_fields *f)
{
	struct span s;
	bool quoted;

	for (;;) {
		log_fields_blanks(f);
		if (f->p == f->end)
			return false;
		quoted = *f->p == '"';
		if (!log_fields_take(f, &s))
			return false;
		log_fields_blanks(f);
		if (quoted && (f->p == f->end || *f->p != '"' || hit_request_split(s).method.n))
			break;
		read_between(h, s, quoted);
	}
	h->v[HIT_REQUEST] = s;
	h->has_request = true;
	return true;
}

static bool
is_number(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 5;
}

static bool
fail(struct complaint *why, struct span text)
{
	*why = (struct complaint){ .text = text };
	return false;
}

/* The nth text in quotes behind the status. */
static void
take_quoted(struct hit *h, int n, struct span s)
{
	struct ip ip;

	if (s.n == 0 || (s.n == 1 && *s.p == '-'))
		return;
	switch (n) {
	case 0:
		h->v[HIT_REFERRER] = s;
		break;
	case 1:
		h->v[HIT_AGENT] = s;
		break;
	case 2:
		if (client_parse(&ip, s) || memchr(s.p, ',', s.n))
			h->v[HIT_FORWARDED] = s;
		break;
	default:
		if (!h->v[HIT_HOST].p && memchr(s.p, '.', s.n) && !memchr(s.p, '/', s.n) &&
		    !memchr(s.p, ' ', s.n))
			hit_offer(h, HIT_HOST, 2, s);
	}
}

/* Referrer, agent, X-Forwarded-For and host. */
static bool
read_rest(struct hit *h, struct log_fields *f)
{
	struct span s;
	int n = 0;

	while (f->p < f->end) {
		bool quoted = *f->p == '"';

		if (!log_fields_take(f, &s))
			return false;
		log_fields_blanks(f);
		if (quoted && n < 4)
			take_quoted(h, n++, s);
	}
	return true;
}

bool
clf_parse(struct hit *h, const char *p, size_t n, struct buf *scratch, struct complaint *why)
{
	struct log_fields f, front;
	struct span s;

	if (!log_fields_begin(&f, p, n, scratch))
		return fail(why, SPAN("Out of memory"));
	front = f;
	if (!find_time(&f, &h->v[HIT_TIME]))
		return fail(why, SPAN("Expected a log line with a time in brackets"));
	front.end = h->v[HIT_TIME].p - 1;
	if (front.end > front.p && front.end[-1] == '"')
		front.end--;
	if (!read_front(h, &front) || !read_request(h, &f))
		return fail(why, SPAN("Expected a request in quotes after the time"));
	if (f.p == f.end || !log_fields_take(&f, &s))
		return fail(why, SPAN("Expected a status after the request"));
	if (is_number(s))
		h->v[HIT_STATUS] = s;
	else if (s.n != 1 || *s.p != '-')
		return fail(why, SPAN("Expected a status after the request"));
	log_fields_blanks(&f);
	if (!read_rest(h, &f))
		return fail(why, SPAN("A text in quotes does not end"));
	return true;
}
