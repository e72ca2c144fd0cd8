#include "clickhouse/answer.h"

#include <strings.h>

#include "base/banned.h"

enum {
	ERROR_BODY_MAX = 64 * 1024,
	ROW_MAX = 64 * 1024 * 1024,
};

/* ---- as it arrives ------------------------------------------------------ */

static bool
header_is(const char *p, size_t n, const char *name, struct span *value)
{
	size_t k = strlen(name);

	if (n <= k || strncasecmp(p, name, k) != 0)
		return false;
	for (; k < n && p[k] == ' '; k++)
		;
	*value = (struct span){ p + k, n - k };
	return true;
}

static void
forget(struct answer *a)
{
	a->http = 0;
	a->code = 0;
	a->is_clickhouse = false;
	a->head_whole = false;
	a->exception = false;
	a->body_cut = false;
	a->written = 0;
	buf_reset(&a->body);
}

void
answer_begin(struct answer *a)
{
	forget(a);
	a->row_ended = a->row_long = false;
}

void
answer_header(struct answer *a, const char *p, size_t n)
{
	static const char rows[] = "\"written_rows\":\"";
	struct span v;

	if (n > 5 && memcmp(p, "HTTP/", 5) == 0)
		forget(a); /* a 100 Continue was no answer */
	if (n > 13 && strncasecmp(p, "X-ClickHouse-", 13) == 0)
		a->is_clickhouse = true;
	a->head_whole = n > 0 && (*p == '\r' || *p == '\n');
	if (header_is(p, n, "X-ClickHouse-Exception-Code:", &v)) {
		a->code = (int)(exception_number(v) & 0xffff);
	} else if (header_is(p, n, "X-ClickHouse-Summary:", &v)) {
		size_t at = span_find(v, SPAN(rows)) + strlen(rows);

		if (at < v.n)
			a->written = exception_number((struct span){ v.p + at, v.n - at });
	}
}

static void
keep_body(struct answer *a, const char *p, size_t n)
{
	/* a row that was collected before may be longer */
	size_t room = a->body.n < ERROR_BODY_MAX ? ERROR_BODY_MAX - a->body.n : 0;

	if (n > room) {
		n = room;
		a->body_cut = true;
	}
	buf_add(&a->body, p, n);
}

static bool
hand_out(struct answer *a, const char *p, size_t n)
{
	if (exception_begins((struct span){ p, n })) {
		a->exception = true;
		return true;
	}
	if (a->row(a->context, p, n))
		return true;
	a->row_ended = true;
	return false;
}

/*
 * Cuts the answer into lines.  The body buffer holds the line that has not
 * ended yet, or the exception once one began.
 */
static bool
take_rows(struct answer *a, const char *p, size_t n)
{
	while (n > 0 && !a->exception) {
		const char *newline = memchr(p, '\n', n);
		size_t k = newline ? (size_t)(newline - p) : n;

		if (a->body.n > 0 || !newline) {
			if (a->body.n + k > ROW_MAX) {
				a->row_long = true;
				return false;
			}
			buf_add(&a->body, p, k);
			if (!newline)
				return !a->body.failed;
			if (a->body.failed || !hand_out(a, a->body.p, a->body.n))
				return false;
			if (!a->exception)
				a->body.n = 0;
		} else {
			if (!hand_out(a, p, k))
				return false;
			if (a->exception)
				buf_add(&a->body, p, k);
		}
		p += k + 1;
		n -= k + 1;
	}
	if (n > 0)
		keep_body(a, p, n);
	return true;
}

bool
answer_body(struct answer *a, const char *p, size_t n)
{
	if (a->row && a->http == 200 && a->code == 0 && a->is_clickhouse)
		return take_rows(a, p, n);
	keep_body(a, p, n);
	return true;
}

/* ---- what it comes to --------------------------------------------------- */

/* An answer without an exception code: of a proxy, or of no ClickHouse. */
static enum clickhouse_status
from_http(const struct answer *a, const char *url, struct clickhouse_error *e)
{
	long h = a->http;

	if (h >= 300 && h < 400)
		return clickhouse_fail(e, CLICKHOUSE_CONFIG,
		    "%s answers with a redirect (HTTP %ld), which is not followed", url, h);
	if (h == 401 || h == 403)
		return clickhouse_fail(
		    e, CLICKHOUSE_CONFIG, "%s refuses access (HTTP %ld)", url, h);
	if (h == 413)
		return clickhouse_fail(
		    e, CLICKHOUSE_CONFIG, "%s refuses a body of this size (HTTP 413)", url);
	if (h == 408 || h == 425 || h == 429 || h == 502 || h == 503 || h == 504)
		return clickhouse_fail(
		    e, CLICKHOUSE_TRANSIENT, "%s is not available now (HTTP %ld)", url, h);
	if (h >= 200 && h < 300)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN,
		    "%s answers, but not as ClickHouse does; is this its HTTP interface?", url);
	return clickhouse_fail(
	    e, CLICKHOUSE_UNKNOWN, "%s answers with HTTP %ld and no ClickHouse code", url, h);
}

static enum clickhouse_status
from_curl(const char *url, CURLcode r, const char *reason, struct clickhouse_error *e)
{
	enum clickhouse_status status = CLICKHOUSE_TRANSIENT;

	switch (r) {
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
		status = CLICKHOUSE_CONFIG;
		break;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer that is not HTTP/1 */
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
		status = CLICKHOUSE_UNKNOWN;
		break;
	case CURLE_SEND_FAIL_REWIND:
		/* a connection that was kept was closed, and libcurl would have sent the
		   body again by itself: its words say nothing to people */
		reason = "Empty reply from server";
		break;
	default:
		break;
	}
	return clickhouse_fail(e, status, "no answer from %s: %s", url, reason);
}

enum clickhouse_status
answer_judge(
    struct answer *a, const char *url, CURLcode r, const char *reason, struct clickhouse_error *e)
{
	if (a->row_ended)
		return CLICKHOUSE_OK;
	if (a->row_long)
		return clickhouse_fail(
		    e, CLICKHOUSE_UNKNOWN, "%s sends a row that is too long", url);
	if (a->code == 0 &&
	    (a->exception || (a->http != 200 && a->http != 0) ||
		(!a->row && exception_begins((struct span){ a->body.p, a->body.n }))))
		a->code = exception_code((struct span){ a->body.p, a->body.n });
	if (a->code)
		return exception_explain(
		    (struct span){ a->body.p, a->body.n }, a->code, a->quiet, a->body_cut, e);
	if (a->exception)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "%s broke off its answer", url);
	if (r != CURLE_OK)
		return from_curl(url, r, reason, e);
	/* libcurl takes headers that break off for an answer */
	if (a->http == 200 && !a->head_whole)
		return clickhouse_fail(e, CLICKHOUSE_TRANSIENT, "%s broke off its answer", url);
	if (a->http == 200 && a->is_clickhouse)
		return CLICKHOUSE_OK;
	return from_http(a, url, e);
}
