#include "clickhouse/endpoint.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>

#include "base/ascii.h"

#include "base/banned.h"

static bool
is_plain(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* The host as files were named after before the port was told, too. */
static void
name_host(struct endpoint *a, const char *host)
{
	const char *p;

	for (p = a->loopback ? "localhost" : host; *p && a->host.n < ENDPOINT_SERVER_MAX; p++)
		buf_addc(&a->host, is_plain(*p) || (*p == '.' && a->host.n > 0) ? *p : '_');
	buf_addc(&a->host, '\0');
}

static void
add_plain(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_plain(p[i]) || (p[i] == '.' && b->n > 0))
			buf_addc(b, p[i]);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)p[i]);
	}
}

/* FNV-1a: what is cut off shall still tell names apart. */
static uint64_t
hash_of(struct span s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* All that tells a server from another. */
static void
name_server(struct endpoint *a, const char *host, const char *port, const char *path)
{
	enum { HASH_DIGITS = 16 };
	size_t n = strlen(path);
	struct buf *b = &a->server;

	if (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0)
		host = "localhost";
	if (*host == '[')
		add_plain(b, host + 1, strlen(host) - 2);
	else
		add_plain(b, host, strlen(host));
	buf_addf(b, ":%s", port);
	while (n > 0 && path[n - 1] == '/')
		n--;
	add_plain(b, path, n);
	if (b->n > ENDPOINT_SERVER_MAX) {
		uint64_t h = hash_of((struct span){ b->p, b->n });

		b->n = ENDPOINT_SERVER_MAX - HASH_DIGITS;
		buf_addf(b, "%016llx", (unsigned long long)h);
	}
	buf_addc(b, '\0');
}

/* Of 127.0.0.0/8, an address, not a name that begins alike. */
static bool
is_loopback(const char *host)
{
	struct in_addr a;

	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    (inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127);
}

const char *
endpoint_read(struct endpoint *a, const char *url)
{
	static const CURLUPart refused[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
		CURLUPART_FRAGMENT };
	CURLU *u = curl_url();
	char *part = NULL, *host = NULL, *port = NULL, *path = NULL, *whole = NULL;
	const char *reason = "is no http:// or https:// URL, such as http://127.0.0.1:8123/";
	size_t i;

	if (!u || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
		goto out;
	if (curl_url_get(u, CURLUPART_SCHEME, &part, 0) != CURLUE_OK ||
	    (strcmp(part, "http") != 0 && strcmp(part, "https") != 0))
		goto out;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		curl_free(part);
		part = NULL;
		if (curl_url_get(u, refused[i], &part, 0) != CURLUE_OK)
			continue;
		reason = i < 2 ? "holds a user or password; give these in the environment"
			       : "holds a query or fragment";
		goto out;
	}
	if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PATH, &path, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK)
		goto out;
	a->loopback = is_loopback(host);
	name_host(a, host);
	name_server(a, host, port, path);
	a->url = strdup(whole);
	reason = a->url && !a->host.failed && !a->server.failed ? NULL
								: "needs more memory than there is";
out:
	curl_free(part);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(whole);
	curl_url_cleanup(u);
	return reason;
}

void
endpoint_release(struct endpoint *a)
{
	buf_release(&a->host);
	buf_release(&a->server);
	free(a->url);
	*a = (struct endpoint){ 0 };
}
