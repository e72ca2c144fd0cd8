#include "http/head.h"

#include <strings.h>

#include "base/ascii.h"

#include "base/banned.h"

/* ---- the bytes ---------------------------------------------------------- */

/* RFC 9110, 5.5: visible characters, blanks, and bytes above 0x7f. */
static bool
may_stand(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

int
head_scan(const char *p, size_t n, size_t *scanned)
{
	size_t at = *scanned;

	while (at < n) {
		const char *line = p + at;
		const char *newline = memchr(line, '\n', n - at);
		const char *end = newline ? newline : p + n;
		const char *s = line;

		if (*line == ' ' || *line == '\t')
			return HEAD_WRONG;
		while (s < end && may_stand((unsigned char)*s))
			s++;
		if (!newline) {
			/* a line is looked at again until its end is here */
			return s == end || (s + 1 == end && *s == '\r') ? HEAD_MORE : HEAD_WRONG;
		}
		if (s + 1 != end || *s != '\r')
			return HEAD_WRONG;
		at = *scanned = (size_t)(newline + 1 - p);
		if (s == line)
			return (int)at;
	}
	return HEAD_MORE;
}

/* ---- what llhttp says ---------------------------------------------------- */

static struct head *
head_of(llhttp_t *parser)
{
	return parser->data;
}

static int
refuse(struct head *h, unsigned status)
{
	h->status = status;
	return -1;
}

static int
on_target(llhttp_t *parser, const char *p, size_t n)
{
	head_of(parser)->r->target = (struct span){ p, n };
	return 0;
}

static int
on_name(llhttp_t *parser, const char *p, size_t n)
{
	struct head *h = head_of(parser);
	struct http_request *r = h->r;

	/* behind the chunks: nobody needs them, and parsers differ */
	if (h->chunked)
		return refuse(h, 400);
	if (r->field_count == HTTP_FIELDS_MOST)
		return refuse(h, 431);
	h->field[r->field_count++] =
	    (struct http_field){ .name = (uint16_t)(p - r->base), .name_n = (uint16_t)n };
	return 0;
}

static int
on_value(llhttp_t *parser, const char *p, size_t n)
{
	struct head *h = head_of(parser);
	struct http_field *f = &h->field[h->r->field_count - 1];

	/* blanks around a value may be tabs; nginx takes these for part of it */
	if (n && (p[-1] == '\t' || p[n - 1] == '\t'))
		return refuse(h, 400);
	while (n && p[n - 1] == ' ')
		n--;
	f->value = (uint16_t)(p - h->r->base);
	f->value_n = (uint16_t)n;
	return 0;
}

static int
on_head_end(llhttp_t *parser)
{
	struct head *h = head_of(parser);

	h->keep_alive = llhttp_should_keep_alive(parser);
	h->r->minor = parser->http_minor;
	h->r->content_length = parser->content_length;
	h->chunked = (parser->flags & F_CHUNKED) != 0;
	/* no protocol is changed to; node takes what follows for the other protocol, though */
	if (parser->upgrade)
		h->keep_alive = false;
	parser->upgrade = 0;
	return 0;
}

static int
on_chunk(llhttp_t *parser, const char *p, size_t n)
{
	struct head *h = head_of(parser);

	if (n > h->left)
		return refuse(h, 413);
	memmove(h->to, p, n);
	h->to += n;
	h->left -= n;
	return 0;
}

static int
on_extension(llhttp_t *parser, const char *p, size_t n)
{
	(void)p;
	(void)n;
	return refuse(head_of(parser), 400);
}

static int
on_end(llhttp_t *parser)
{
	head_of(parser)->complete = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_url = on_target,
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_head_end,
	.on_body = on_chunk,
	.on_message_complete = on_end,
	.on_chunk_extension_name = on_extension,
	.on_chunk_extension_value = on_extension,
};

/* ---- what it lets pass --------------------------------------------------- */

static bool
is_word(struct span s, const char *lower_case)
{
	return s.n == strlen(lower_case) && strncasecmp(s.p, lower_case, s.n) == 0;
}

/* Fields that decide about a request: two of them, and somebody may take the other. */
static bool
has_doubles(const struct http_request *r)
{
	static const char *const once[] = { "host", "authorization", "content-length",
		"transfer-encoding", "content-type", "content-encoding", "content-range", "origin",
		"expect", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
		"if-range" };
	enum { N = sizeof(once) / sizeof(once[0]) };
	unsigned seen = 0;
	size_t i, k;

	for (i = 0; i < r->field_count; i++)
		for (k = 0; k < N; k++)
			if (is_word(http_field_name(r, i), once[k])) {
				if (seen & 1u << k)
					return true;
				seen |= 1u << k;
			}
	return false;
}

/* RFC 9112, 3: "METHOD target HTTP/1.x" with one blank between. */
static unsigned
check_line(struct http_request *r, const char *p, size_t n)
{
	const char *blank = memchr(p, ' ', n);
	const char *end = memchr(p, '\r', n);
	const char *version;

	if (!blank || !end || !r->target.p || r->target.p != blank + 1)
		return 400;
	r->method_name = (struct span){ p, (size_t)(blank - p) };
	version = r->target.p + r->target.n;
	if (end - version != 9 || memcmp(version, " HTTP/", 6) != 0 ||
	    !ascii_is_digit(version[6]) || version[7] != '.' || !ascii_is_digit(version[8]))
		return 400;
	if (version[6] != '1' || version[8] > '1')
		return 505;
	return 0;
}

/*
 * A path of our own: of printable ASCII; each % before two
 * digits, none of them NUL; nothing above the root.
 */
static bool
target_is_good(struct http_request *r)
{
	struct span t = r->target;
	int depth = 0;
	size_t i, start = 1;
	const char *question;

	if (t.n == 0 || *t.p != '/')
		return false;
	for (i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c <= ' ' || c >= 0x7f || c == '#')
			return false;
		if (c == '%' &&
		    (i + 2 >= t.n || !ascii_is_hex(t.p[i + 1]) || !ascii_is_hex(t.p[i + 2]) ||
			(t.p[i + 1] == '0' && t.p[i + 2] == '0')))
			return false;
	}
	question = memchr(t.p, '?', t.n);
	r->path = (struct span){ t.p, question ? (size_t)(question - t.p) : t.n };
	if (question)
		r->query = (struct span){ question + 1, t.n - (size_t)(question + 1 - t.p) };
	/* "%2e" is a dot, "%2f" a slash */
	for (i = 1; i <= r->path.n; i++) {
		struct span part = { t.p + start, i - start };
		bool encoded = i + 2 < r->path.n && t.p[i] == '%' && t.p[i + 1] == '2' &&
		    ascii_lower(t.p[i + 2]) == 'f';

		if (i < r->path.n && t.p[i] != '/' && !encoded)
			continue;
		if (is_word(part, "..") || is_word(part, "%2e%2e") || is_word(part, ".%2e") ||
		    is_word(part, "%2e."))
			depth--;
		else if (part.n && !is_word(part, ".") && !is_word(part, "%2e"))
			depth++;
		if (depth < 0)
			return false;
		start = encoded ? i + 3 : i + 1;
	}
	return true;
}

/* A name or an address, and perhaps a port (RFC 3986, 3.2). */
static bool
host_is_good(struct span h)
{
	bool bracket = false;
	size_t i, colons = 0;

	if (h.n == 0 || *h.p == ':' || *h.p == '.')
		return false;
	for (i = 0; i < h.n; i++) {
		char c = h.p[i];

		if (c == '[' && i == 0) {
			bracket = true;
		} else if (c == ']' && bracket) {
			bracket = false;
			if (i + 1 < h.n && h.p[i + 1] != ':')
				return false;
		} else if (c == ':') {
			colons += !bracket;
		} else if (colons ? !ascii_is_digit(c)
				  : !ascii_is_alnum(c) && !memchr("-._~!$&'()*+,;=%", c, 16)) {
			return false;
		}
		if (c == '.' && i > 0 && h.p[i - 1] == '.')
			return false;
	}
	return !bracket && colons <= 1;
}

static enum http_method
method_of(struct head *h)
{
	h->r->head_only = false;
	switch (h->parser.method) {
	case HTTP_GET:
		return HTTP_M_GET;
	case HTTP_HEAD:
		h->r->head_only = true;
		return HTTP_M_GET;
	case HTTP_POST:
		return HTTP_M_POST;
	case HTTP_PUT:
		return HTTP_M_PUT;
	case HTTP_PATCH:
		return HTTP_M_PATCH;
	case HTTP_DELETE:
		return HTTP_M_DELETE;
	case HTTP_OPTIONS:
		return HTTP_M_OPTIONS;
	default:
		return HTTP_M_OTHER;
	}
}

static bool
is_digits(struct span s)
{
	uint64_t value;

	return ascii_number(s, UINT64_MAX, &value);
}

/* llhttp takes ": value" for a field. */
static bool
has_nameless(const struct http_request *r)
{
	size_t i;

	for (i = 0; i < r->field_count; i++)
		if (r->field[i].name_n == 0)
			return true;
	return false;
}

static unsigned
check_fields(struct head *h)
{
	struct http_request *r = h->r;
	struct span host = http_header(r, SPAN("host"));
	struct span coding = http_header(r, SPAN("transfer-encoding"));
	struct span length = http_header(r, SPAN("content-length"));
	struct span expect = http_header(r, SPAN("expect"));

	if (has_nameless(r) || has_doubles(r) || (coding.p && length.p))
		return 400;
	if (host.p ? !host_is_good(host) : r->minor > 0)
		return 400;
	if (length.p && !is_digits(length))
		return 400;
	if (coding.p && (r->minor == 0 || !is_word(coding, "chunked")))
		return r->minor == 0 ? 400 : 501;
	if (expect.p && !is_word(expect, "100-continue"))
		return 417;
	h->expects_continue = expect.p && r->minor > 0;
	return 0;
}

unsigned
head_read(struct head *h, struct http_request *r, const char *p, size_t n)
{
	enum llhttp_errno result;
	unsigned status;

	h->r = r;
	h->chunked = h->keep_alive = h->expects_continue = h->complete = false;
	h->status = 0;
	h->last = '\0';
	r->field = h->field;
	r->field_count = 0;
	r->base = p;
	r->target = r->path = r->query = r->body = (struct span){ NULL, 0 };
	llhttp_init(&h->parser, HTTP_REQUEST, &settings);
	h->parser.data = h;
	result = llhttp_execute(&h->parser, p, n);
	if (h->status)
		return h->status;
	status = check_line(r, p, n);
	if (status == 505)
		return status;
	if ((result != HPE_OK && result != HPE_PAUSED) || status)
		return 400;
	r->method = method_of(h);
	if (h->parser.method == HTTP_CONNECT || h->parser.method == HTTP_TRACE ||
	    !target_is_good(r))
		return 400;
	status = check_fields(h);
	if (status)
		return status;
	r->has_body = h->chunked || r->content_length > 0;
	/* a request without a body was whole at once */
	return h->complete == r->has_body ? 400 : 0;
}

static void
move(struct span *s, const char *from, const char *to)
{
	if (s->p)
		s->p = to + (s->p - from);
}

void
head_moved(struct head *h, const char *p)
{
	struct http_request *r = h->r;
	const char *from = r->base;

	move(&r->method_name, from, p);
	move(&r->target, from, p);
	move(&r->path, from, p);
	move(&r->query, from, p);
	r->base = p;
}

size_t
head_chunks(struct head *h, const char *p, size_t n)
{
	enum llhttp_errno result = llhttp_execute(&h->parser, p, n);
	size_t took = n;

	if (result == HPE_PAUSED && h->complete) {
		took = (size_t)(llhttp_get_error_pos(&h->parser) - p);
		/* llhttp takes LF alone for the empty line at the end */
		if ((took > 1 ? p[took - 2] : h->last) != '\r')
			h->status = 400;
	} else if (result != HPE_OK && !h->status) {
		h->status = 400;
	}
	if (took)
		h->last = p[took - 1];
	return took;
}
