#include "http/answer.h"

#include "base/banned.h"

static const struct {
	unsigned status;
	const char *reason;
	const char *body; /* of a refusal of our own */
} known[] = {
	{ 200, "OK", "" },
	{ 202, "Accepted", "" },
	{ 204, "No Content", "" },
	{ 304, "Not Modified", "" },
	{ 400, "Bad Request", "{\"error\":\"bad_request\"}" },
	{ 401, "Unauthorized", "" },
	{ 403, "Forbidden", "" },
	{ 404, "Not Found", "" },
	{ 405, "Method Not Allowed", "" },
	{ 408, "Request Timeout", "{\"error\":\"request_timeout\"}" },
	{ 413, "Content Too Large", "{\"error\":\"payload_too_large\"}" },
	{ 415, "Unsupported Media Type", "" },
	{ 417, "Expectation Failed", "{\"error\":\"expectation_failed\"}" },
	{ 429, "Too Many Requests", "" },
	{ 431, "Request Header Fields Too Large", "{\"error\":\"header_too_large\"}" },
	{ 500, "Internal Server Error", "" },
	{ 501, "Not Implemented", "{\"error\":\"not_implemented\"}" },
	{ 502, "Bad Gateway", "" },
	{ 503, "Service Unavailable", "{\"error\":\"overloaded\"}" },
	{ 505, "HTTP Version Not Supported", "{\"error\":\"version_not_supported\"}" },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static size_t
find(unsigned status)
{
	size_t i = 0;

	while (i < KNOWN && known[i].status != status)
		i++;
	return i;
}

static char *
put(char *w, struct span s)
{
	memcpy(w, s.p, s.n);
	return w + s.n;
}

static char *
put_number(char *w, uint64_t v)
{
	char digits[20], *d = digits + sizeof(digits);

	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	return put(w, (struct span){ d, (size_t)(digits + sizeof(digits) - d) });
}

size_t
answer_head(
    char *to, unsigned status, struct span date, size_t body_n, bool keep_alive, bool http_1_0)
{
	size_t i = find(status);
	char *w = put(to, SPAN("HTTP/1.1 "));

	w = put_number(w, status);
	*w++ = ' ';
	if (i < KNOWN)
		w = put(w, span_of(known[i].reason));
	w = put(w, SPAN("\r\nDate: "));
	w = put(w, date);
	if (!answer_is_empty(status)) {
		w = put(w, SPAN("\r\nContent-Length: "));
		w = put_number(w, body_n);
	}
	if (!keep_alive)
		w = put(w, SPAN("\r\nConnection: close"));
	else if (http_1_0)
		w = put(w, SPAN("\r\nConnection: keep-alive"));
	w = put(w, SPAN("\r\n"));
	return (size_t)(w - to);
}

bool
answer_is_empty(unsigned status)
{
	return status == 204 || status == 304;
}

struct span
answer_refusal_fields(unsigned status)
{
	return status == 503 ? SPAN("Content-Type: application/json\r\nRetry-After: 1\r\n")
			     : SPAN("Content-Type: application/json\r\n");
}

struct span
answer_refusal_body(unsigned status)
{
	size_t i = find(status);

	return i < KNOWN ? span_of(known[i].body) : SPAN("");
}
