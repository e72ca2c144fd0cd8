#include "serve/script.h"

#include "browser-script.h" /* made by clients/browser/embed.sh */

#include "base/banned.h"

#define KEPT "a-" SCRIPT_VERSION ".js"

static const struct span plain = { (const char *)script_plain, sizeof(script_plain) };
static const struct span compressed = { (const char *)script_gzip, sizeof(script_gzip) };

bool
script_is_kept(struct span path)
{
	return span_eq(path, SPAN("/v1/" KEPT));
}

/* Whether Accept-Encoding has gzip, and not with q=0 (RFC 9110, 12.5.3). */
static bool
takes_gzip(struct span accepted)
{
	size_t at = span_find(accepted, SPAN("gzip"));
	struct span rest;

	if (at == accepted.n)
		return false;
	rest = (struct span){ accepted.p + at, accepted.n - at };
	rest.n = span_find(rest, SPAN(","));
	at = span_find(rest, SPAN("=0"));
	for (; at < rest.n; at++)
		if (rest.p[at] >= '1' && rest.p[at] <= '9')
			return true;
	return !span_holds(rest, SPAN("=0"));
}

unsigned
script_answer(const struct http_request *r, struct buf *fields, struct span *body)
{
	bool latest = !span_holds(r->path, SPAN(KEPT));
	bool gzip = takes_gzip(http_header(r, SPAN("accept-encoding")));
	struct span known = http_header(r, SPAN("if-none-match"));

	/* pages of any site load it, also with integrity=, which needs CORS */
	buf_addf(fields,
	    "Cache-Control: public, max-age=%s\r\n"
	    "ETag: \"" SCRIPT_VERSION "%s\"\r\n"
	    "Vary: Accept-Encoding\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Cross-Origin-Resource-Policy: cross-origin\r\n"
	    "X-Content-Type-Options: nosniff\r\n",
	    latest ? "3600" : "31536000, immutable", gzip ? "-gzip" : "");
	if (latest)
		buf_adds(fields, "Content-Location: " KEPT "\r\n");
	/* whichever form of it the client has: the version is that of both */
	if (span_holds(known, SPAN("\"" SCRIPT_VERSION)) || span_eq(known, SPAN("*"))) {
		*body = SPAN("");
		return 304;
	}
	buf_adds(fields, "Content-Type: text/javascript; charset=utf-8\r\n");
	if (gzip)
		buf_adds(fields, "Content-Encoding: gzip\r\n");
	*body = gzip ? compressed : plain;
	return 200;
}
