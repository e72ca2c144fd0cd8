#define _DEFAULT_SOURCE /* explicit_bzero */
#include "send/post.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/libcurl.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	CONNECT_TIMEOUT_MS = 10000,
	HEADERS = 4,
};

struct post {
	const struct libcurl *curl;
	CURL *easy;
	CURLM *multi;
	struct curl_slist header[HEADERS];
	struct buf authorization;
	struct libcurl_stop stop;
	char error[CURL_ERROR_SIZE];
	struct post_answer answer;
	bool head_whole; /* the empty line after the headers has come */
};

static size_t
on_header(char *p, size_t size, size_t n, void *context)
{
	struct post *c = context;

	n *= size;
	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0)
		c->head_whole = false;
	c->head_whole |= n == 2 && p[0] == '\r' && p[1] == '\n';
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *context)
{
	struct post *c = context;
	size_t room = POST_ANSWER_MAX - c->answer.body.n;

	n *= size;
	buf_add(&c->answer.body, p, n < room ? n : room);
	return n;
}

/* What no second try mends. */
static bool
is_setup(CURLcode r)
{
	switch (r) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		return true;
	default:
		return false;
	}
}

enum post_result
post_send(struct post *c, struct span body, struct post_answer **answer)
{
	struct post_answer *a = &c->answer;
	CURLcode r;

	*answer = a;
	buf_reset(&a->body);
	a->http = 0;
	a->reason[0] = c->error[0] = '\0';
	c->head_whole = false;
	c->curl->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	c->curl->easy_setopt(c->easy, CURLOPT_POSTFIELDS, body.p);
	r = libcurl_transfer(c->curl, c->multi, c->easy, &c->stop);
	c->curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &a->http);
	a->retry_after_ms = libcurl_retry_after(c->curl, c->easy);
	if (r == CURLE_ABORTED_BY_CALLBACK)
		return POST_STOPPED;
	if (r == CURLE_OK && c->head_whole && !a->body.failed)
		return POST_ANSWERED;
	/* one that refuses a body may say so, and hang up on what is still being sent */
	if (r == CURLE_SEND_ERROR && c->head_whole && a->http >= 400)
		return POST_ANSWERED;
	snprintf(a->reason, sizeof(a->reason), "%s",
	    a->body.failed      ? "out of memory"
		: r == CURLE_OK ? "the answer broke off"
		: c->error[0]   ? c->error
				: c->curl->easy_strerror(r));
	return is_setup(r) ? POST_SETUP : POST_NETWORK;
}

/* ---- opening and closing ----------------------------------------------- */

/* Header lines that stand in the struct: one after the other. */
static bool
set_headers(struct post *c, const char *key)
{
	static char removed[] = "Expect:", type[] = "Content-Type: application/json",
		    accept[] = "Accept: application/json";
	char *const lines[HEADERS - 1] = { removed, type, accept };
	size_t i;

	buf_adds(&c->authorization, "Authorization: Bearer ");
	buf_adds(&c->authorization, key);
	buf_addc(&c->authorization, '\0');
	if (c->authorization.failed)
		return false;
	for (i = 0; i < HEADERS; i++) {
		c->header[i].data = i < HEADERS - 1 ? lines[i] : c->authorization.p;
		c->header[i].next = i < HEADERS - 1 ? &c->header[i + 1] : NULL;
	}
	c->curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->header);
	return true;
}

static bool
set_options(struct post *c, const struct post_config *config)
{
	const struct libcurl *curl = c->curl;
	CURL *h = c->easy;

	curl->easy_setopt(h, CURLOPT_ERRORBUFFER, c->error);
	curl->easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl->easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl->easy_setopt(h, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl->easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl->easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl->easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
	curl->easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
	curl->easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl->easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	curl->easy_setopt(h, CURLOPT_POST, 1L);
	curl->easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	curl->easy_setopt(h, CURLOPT_HEADERDATA, c);
	curl->easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl->easy_setopt(h, CURLOPT_WRITEDATA, c);
	/* no User-Agent is sent: a server that drops robots' events would drop these */
	if (config->cacert)
		curl->easy_setopt(h, CURLOPT_CAINFO, config->cacert);
	if (config->direct || config->socket)
		curl->easy_setopt(h, CURLOPT_PROXY, "");
	if (config->socket &&
	    curl->easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, config->socket) != CURLE_OK)
		return false;
	return curl->easy_setopt(h, CURLOPT_URL, config->url) == CURLE_OK;
}

struct post *
post_open(const struct post_config *config, const char **reason)
{
	const struct libcurl *curl = libcurl_load(reason);
	struct post *c;

	if (!curl)
		return NULL;
	*reason = "out of memory";
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->curl = curl;
	c->stop.flag = config->stop;
	c->stop.grace_ms = config->stop_grace_ms;
	c->easy = c->curl->easy_init();
	c->multi = c->curl->multi_init();
	if (c->easy && c->multi && set_headers(c, config->key) && set_options(c, config))
		return c;
	post_close(c);
	return NULL;
}

void
post_close(struct post *c)
{
	if (!c)
		return;
	if (c->easy)
		c->curl->easy_cleanup(c->easy);
	if (c->multi)
		c->curl->multi_cleanup(c->multi);
	if (c->authorization.p)
		explicit_bzero(c->authorization.p, c->authorization.n);
	buf_release(&c->authorization);
	buf_release(&c->answer.body);
	free(c);
}
