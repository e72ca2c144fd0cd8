#define _DEFAULT_SOURCE /* explicit_bzero */
#include "clickhouse/clickhouse.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"
#include "base/fd.h"
#include "base/libcurl.h"
#include "base/timestamp.h"
#include "clickhouse/answer.h"
#include "clickhouse/endpoint.h"

#include "base/banned.h"

enum {
	CONNECT_TIMEOUT_MS = 10000,
	TIMEOUT_MS = 300000,
	HEADERS_MOST = 4,
};

struct clickhouse {
	const struct libcurl *curl; /* NULL: nothing was sent yet, nor are the handles there */
	CURL *easy;
	CURLM *multi;
	long connect_ms, timeout_ms, silence_s;
	char *cacert;
	struct endpoint endpoint;
	char *database;
	struct curl_slist header[HEADERS_MOST]; /* linked from the first */
	size_t headers;
	struct libcurl_stop stop;

	struct buf url;
	char reason[CURL_ERROR_SIZE];

	/* of the running request */
	const struct clickhouse_body *sending;
	size_t from_file, part, sent; /* of its file; which part, and how much of it */
	int unread;                   /* errno of its file */
	struct answer answer;
};

/* ---- callbacks of libcurl ---------------------------------------------- */

static size_t
on_header(char *p, size_t size, size_t n, void *context)
{
	struct clickhouse *c = context;

	answer_header(&c->answer, p, n * size);
	return n * size;
}

static size_t
on_body(char *p, size_t size, size_t n, void *context)
{
	struct clickhouse *c = context;

	c->curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->answer.http);
	return answer_body(&c->answer, p, n * size) ? n * size : 0;
}

/* ---- a request --------------------------------------------------------- */

static enum clickhouse_status
judge(struct clickhouse *c, CURLcode r, struct clickhouse_error *e)
{
	const char *reason = c->reason[0] ? c->reason : c->curl->easy_strerror(r);

	c->curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->answer.http);
	e->http = c->answer.http;
	e->retry_after_ms = libcurl_retry_after(c->curl, c->easy);
	if (c->unread)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN,
		    "rows can't be read back from their file: %s", strerror(c->unread));
	if (r == CURLE_ABORTED_BY_CALLBACK)
		return clickhouse_fail(e, CLICKHOUSE_STOPPED, "stopped by a signal");
	return answer_judge(&c->answer, c->endpoint.url, r, reason, e);
}

/* The next bytes of the body that are in a file. */
static size_t
send_file(struct clickhouse *c, char *to, size_t room)
{
	size_t left = c->sending->in_file - c->from_file, n = left < room ? left : room;

	c->unread = fd_read_at(c->sending->fd, to, n, c->from_file);
	if (c->unread)
		return CURL_READFUNC_ABORT;
	c->from_file += n;
	return n;
}

/* libcurl's CURLOPT_READFUNCTION: the next bytes of the body. */
static size_t
on_send(char *to, size_t size, size_t room, void *context)
{
	struct clickhouse *c = context;
	const struct clickhouse_body *b = c->sending;
	size_t done = 0;

	room *= size;
	if (c->from_file < b->in_file)
		return send_file(c, to, room);
	while (c->part < b->count && done < room) {
		struct span left = b->parts[c->part];
		size_t k = left.n - c->sent < room - done ? left.n - c->sent : room - done;

		if (k)
			memcpy(to + done, left.p + c->sent, k);
		done += k;
		c->sent += k;
		if (c->sent < left.n)
			continue;
		if (b->read)
			b->read(b->context, c->part);
		c->part++;
		c->sent = 0;
	}
	return done;
}

/* CURLOPT_SEEKFUNCTION: from the start, on a new connection; what has been given
   up can't be sent again. */
static int
on_rewind(void *context, curl_off_t offset, int origin)
{
	struct clickhouse *c = context;

	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	if (c->part > 0 && c->sending->read)
		return CURL_SEEKFUNC_FAIL;
	c->from_file = c->part = c->sent = 0;
	return CURL_SEEKFUNC_OK;
}

static curl_off_t
length(const struct clickhouse_body *b)
{
	curl_off_t n = (curl_off_t)b->in_file;
	size_t i;

	for (i = 0; i < b->count; i++)
		n += (curl_off_t)b->parts[i].n;
	return n;
}

/* ---- libcurl's handles -------------------------------------------------- */

static void
set_options(struct clickhouse *c)
{
	CURLcode (*set)(CURL *, CURLoption, ...) = c->curl->easy_setopt;
	CURL *h = c->easy;

	set(h, CURLOPT_ERRORBUFFER, c->reason);
	set(h, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	set(h, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	set(h, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	set(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set(h, CURLOPT_FOLLOWLOCATION, 0L);
	set(h, CURLOPT_TCP_NODELAY, 1L);
	set(h, CURLOPT_TCP_KEEPALIVE, 1L);
	set(h, CURLOPT_CONNECTTIMEOUT_MS, c->connect_ms);
	if (c->silence_s) {
		set(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
		set(h, CURLOPT_LOW_SPEED_TIME, c->silence_s);
	}
	set(h, CURLOPT_USERAGENT, "millimetric");
	set(h, CURLOPT_POST, 1L);
	set(h, CURLOPT_READFUNCTION, on_send);
	set(h, CURLOPT_READDATA, c);
	set(h, CURLOPT_SEEKFUNCTION, on_rewind);
	set(h, CURLOPT_SEEKDATA, c);
	set(h, CURLOPT_HEADERFUNCTION, on_header);
	set(h, CURLOPT_HEADERDATA, c);
	set(h, CURLOPT_WRITEFUNCTION, on_body);
	set(h, CURLOPT_WRITEDATA, c);
	if (c->cacert)
		set(h, CURLOPT_CAINFO, c->cacert);
	if (c->endpoint.loopback)
		set(h, CURLOPT_PROXY, "");
}

/* Makes them when the first request comes. */
static enum clickhouse_status
make_handles(struct clickhouse *c, struct clickhouse_error *e)
{
	const char *reason;

	if (c->easy && c->multi)
		return CLICKHOUSE_OK;
	c->curl = libcurl_load(&reason);
	if (!c->curl)
		return clickhouse_fail(e, CLICKHOUSE_CONFIG, "libcurl: %s", reason);
	if (!c->easy)
		c->easy = c->curl->easy_init();
	if (!c->multi)
		c->multi = c->curl->multi_init();
	if (!c->easy || !c->multi)
		return clickhouse_fail(e, CLICKHOUSE_CONFIG, "out of memory");
	set_options(c);
	return CLICKHOUSE_OK;
}

static enum clickhouse_status
request(struct clickhouse *c, const struct clickhouse_body *body, char *header,
    struct clickhouse_error *e)
{
	struct curl_slist headers = { header, c->header };
	CURLcode r;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (c->url.failed)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "out of memory");
	if (make_handles(c, e) != CLICKHOUSE_OK)
		return e->status;
	answer_begin(&c->answer);
	c->reason[0] = '\0';
	c->curl->easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, c->timeout_ms);
	c->curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, header ? &headers : c->header);
	c->sending = body;
	c->from_file = c->part = c->sent = 0;
	c->unread = 0;
	c->curl->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, length(body));
	r = c->curl->easy_setopt(c->easy, CURLOPT_URL, c->url.p);
	if (r == CURLE_OK)
		r = libcurl_transfer(c->curl, c->multi, c->easy, &c->stop);
	c->curl->easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->header);
	return judge(c, r, e);
}

/* RFC 3986: everything but the unreserved characters is escaped. */
static void
add_percent_encoded(struct buf *b, const char *p, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (ascii_is_letter(p[i]) || ascii_is_digit(p[i]) || c == '-' || c == '_' ||
		    c == '.' || c == '~') {
			buf_addc(b, (char)c);
		} else {
			char escape[3] = { '%', hex[c >> 4], hex[c & 15] };

			buf_add(b, escape, 3);
		}
	}
}

/* A parameter's value is read as a field of the format TabSeparated. */
static void
add_param_value(struct buf *b, struct span v)
{
	static const char special[] = "\\\b\f\n\r\t";
	static const char letter[] = "\\bfnrt";
	size_t i;

	for (i = 0; i < v.n; i++) {
		const char *s = v.p[i] ? strchr(special, v.p[i]) : NULL;
		char escape[2] = { '\\', '0' };

		if (s)
			escape[1] = letter[s - special];
		if (s || !v.p[i])
			add_percent_encoded(b, escape, 2);
		else
			add_percent_encoded(b, v.p + i, 1);
	}
}

static void
add_name(struct clickhouse *c, const char *prefix, const char *name)
{
	buf_addc(&c->url, c->url.n == strlen(c->endpoint.url) ? '?' : '&');
	buf_adds(&c->url, prefix);
	buf_adds(&c->url, name);
	buf_addc(&c->url, '=');
}

static void
add_query(struct clickhouse *c, const char *name, struct span value)
{
	add_name(c, "", name);
	add_percent_encoded(&c->url, value.p, value.n);
}

static void
begin_url(struct clickhouse *c, const char *sql, const struct clickhouse_setting *settings)
{
	buf_reset(&c->url);
	buf_adds(&c->url, c->endpoint.url);
	if (*c->database)
		add_query(c, "database", span_of(c->database));
	if (sql)
		add_query(c, "query", span_of(sql));
	for (; settings && settings->name; settings++)
		add_query(c, settings->name, span_of(settings->value));
}

static void
add_params(struct clickhouse *c, const struct clickhouse_param *params)
{
	c->answer.quiet = params && params->name;
	for (; params && params->name; params++) {
		add_name(c, "param_", params->name);
		add_param_value(&c->url, params->value);
	}
}

enum clickhouse_status
clickhouse_run(struct clickhouse *c, const char *sql, const struct clickhouse_param *params,
    const struct clickhouse_setting *settings, struct clickhouse_error *e)
{
	const struct span statement = span_of(sql);
	const struct clickhouse_body body = { .parts = &statement, .count = 1 };

	begin_url(c, NULL, settings);
	add_params(c, params);
	buf_addc(&c->url, '\0');
	c->answer.row = NULL;
	return request(c, &body, NULL, e);
}

/* A request that the rest of the URL is ready for. */
static enum clickhouse_status
request_rows(struct clickhouse *c, struct span body, char *header, clickhouse_row *row,
    void *context, struct clickhouse_error *e)
{
	const struct clickhouse_body whole = { .parts = &body, .count = 1 };
	enum clickhouse_status s;

	buf_addc(&c->url, '\0');
	c->answer.row = row;
	c->answer.context = context;
	s = request(c, &whole, header, e);
	/* the last line may lack its end */
	if (s == CLICKHOUSE_OK && c->answer.body.n > 0 && !c->answer.row_ended)
		row(context, c->answer.body.p, c->answer.body.n);
	c->answer.row = NULL;
	return s;
}

enum clickhouse_status
clickhouse_select(struct clickhouse *c, const char *sql, const struct clickhouse_param *params,
    const struct clickhouse_setting *settings, clickhouse_row *row, void *context,
    struct clickhouse_error *e)
{
	begin_url(c, NULL, settings);
	add_params(c, params);
	add_query(c, "wait_end_of_query", SPAN("1"));
	return request_rows(c, span_of(sql), NULL, row, context, e);
}

enum clickhouse_status
clickhouse_stream(struct clickhouse *c, const char *sql, const struct clickhouse_param *params,
    clickhouse_row *row, void *context, struct clickhouse_error *e)
{
	const long timeout_ms = c->timeout_ms;
	enum clickhouse_status s;

	begin_url(c, NULL, NULL);
	add_params(c, params);
	/* it lasts as long as its rows take, and their reader */
	c->timeout_ms = 0;
	s = request_rows(c, span_of(sql), NULL, row, context, e);
	c->timeout_ms = timeout_ms;
	return s;
}

/* RFC 2046.  Rows can't hold the boundary: each begins with a brace. */
#define BOUNDARY "mm-boundary"

void
clickhouse_data_begin(struct buf *data)
{
	buf_reset(data);
	buf_adds(data,
	    "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"" CLICKHOUSE_DATA
	    "\"; filename=\"" CLICKHOUSE_DATA "\"\r\n\r\n");
}

enum clickhouse_status
clickhouse_select_data(struct clickhouse *c, const char *sql, const char *structure,
    struct buf *data, const struct clickhouse_setting *settings, clickhouse_row *row, void *context,
    struct clickhouse_error *e)
{
	char header[] = "Content-Type: multipart/form-data; boundary=" BOUNDARY;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	buf_adds(data, "\r\n--" BOUNDARY "--\r\n");
	if (data->failed)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "out of memory");
	begin_url(c, sql, settings);
	add_query(c, CLICKHOUSE_DATA "_format", SPAN("JSONEachRow"));
	add_query(c, CLICKHOUSE_DATA "_structure", span_of(structure));
	add_query(c, "wait_end_of_query", SPAN("1"));
	c->answer.quiet = true;
	return request_rows(c, (struct span){ data->p, data->n }, header, row, context, e);
}

bool
clickhouse_collect(void *buf, const char *p, size_t n)
{
	buf_add(buf, p, n);
	buf_addc(buf, '\n');
	return true;
}

enum clickhouse_status
clickhouse_insert(struct clickhouse *c, const char *sql, const struct clickhouse_body *body,
    const struct clickhouse_setting *settings, uint64_t *written, struct clickhouse_error *e)
{
	char gzip[] = "Content-Encoding: gzip", zstd[] = "Content-Encoding: zstd";
	char *header = NULL;
	enum clickhouse_status s;

	if (body->encoding)
		header = strcmp(body->encoding, "gzip") == 0 ? gzip : zstd;
	begin_url(c, sql, settings);
	/* OK shall mean stored, whatever the user's profile says */
	add_query(c, "async_insert", SPAN("0"));
	buf_addc(&c->url, '\0');
	c->answer.quiet = true;
	c->answer.row = NULL;
	s = request(c, body, header, e);
	if (s == CLICKHOUSE_OK && written)
		*written = c->answer.written;
	return s;
}

/* ---- opening and closing ----------------------------------------------- */

/* Adds "Name: value", or with NULL "Name:", which takes it away; false when the value
   can't be a header or memory is out. */
static bool
add_header(struct clickhouse *c, const char *name, const char *value)
{
	struct curl_slist *h = &c->header[c->headers];
	struct buf b = BUF_INIT;

	if (value && strpbrk(value, "\r\n"))
		return false;
	buf_addf(&b, value ? "%s: %s" : "%s:", name, value);
	buf_addc(&b, '\0');
	if (b.failed) {
		buf_release(&b);
		return false;
	}
	h->data = b.p;
	if (c->headers++ > 0)
		h[-1].next = h;
	return true;
}

static bool
set_headers(struct clickhouse *c, const struct clickhouse_config *config)
{
	const char *user = config->user, *password = config->password;

	/* no wait for "100 Continue" before a body; a body that is no form */
	return add_header(c, "Expect", NULL) && add_header(c, "Content-Type", NULL) &&
	    (!user || !*user || add_header(c, "X-ClickHouse-User", user)) &&
	    (!password || !*password || add_header(c, "X-ClickHouse-Key", password));
}

static const char *
describe(enum endpoint_fault fault)
{
	switch (fault) {
	case ENDPOINT_CREDENTIALS:
		return "holds a user or password; give these in the environment";
	case ENDPOINT_QUERY:
		return "holds a query or fragment";
	case ENDPOINT_MEMORY:
		return "needs more memory than there is";
	default:
		return "is not an http:// or https:// URL, such as http://127.0.0.1:8123/";
	}
}

struct clickhouse *
clickhouse_open(const struct clickhouse_config *config, struct clickhouse_error *e)
{
	const char *url = config->url ? config->url : "http://127.0.0.1:8123/";
	enum endpoint_fault fault;
	struct clickhouse *c;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	c = calloc(1, sizeof(*c));
	if (!c)
		goto no_memory;
	c->stop.flag = config->stop;
	c->stop.grace_ms = config->stop_grace_ms;
	c->connect_ms =
	    (long)(config->connect_timeout_ms ? config->connect_timeout_ms : CONNECT_TIMEOUT_MS);
	c->timeout_ms = (long)(config->timeout_ms ? config->timeout_ms : TIMEOUT_MS);
	c->silence_s = (long)((config->silence_ms + 999) / 1000);
	fault = endpoint_read(&c->endpoint, url);
	if (fault) {
		clickhouse_fail(e, CLICKHOUSE_CONFIG, "the URL of ClickHouse %s", describe(fault));
		goto failed;
	}
	c->database = strdup(config->database ? config->database : "millimetric");
	c->cacert = config->cacert ? strdup(config->cacert) : NULL;
	if (!c->database || (config->cacert && !c->cacert))
		goto no_memory;
	if (!set_headers(c, config)) {
		clickhouse_fail(
		    e, CLICKHOUSE_CONFIG, "the user or password for ClickHouse holds a line break");
		goto failed;
	}
	return c;
no_memory:
	clickhouse_fail(e, CLICKHOUSE_CONFIG, "out of memory");
failed:
	clickhouse_close(c);
	return NULL;
}

void
clickhouse_close(struct clickhouse *c)
{
	size_t i;

	if (!c)
		return;
	if (c->easy)
		c->curl->easy_cleanup(c->easy);
	if (c->multi)
		c->curl->multi_cleanup(c->multi);
	for (i = 0; i < c->headers; i++) {
		explicit_bzero(c->header[i].data, strlen(c->header[i].data));
		free(c->header[i].data);
	}
	buf_release(&c->url);
	buf_release(&c->answer.body);
	endpoint_release(&c->endpoint);
	free(c->database);
	free(c->cacert);
	free(c);
}

const char *
clickhouse_database(const struct clickhouse *c)
{
	return c->database;
}

const atomic_int *
clickhouse_stop(const struct clickhouse *c)
{
	return c->stop.flag;
}

const char *
clickhouse_url(const struct clickhouse *c)
{
	return c->endpoint.url;
}

const char *
clickhouse_server(const struct clickhouse *c)
{
	return c->endpoint.server.p;
}

const char *
clickhouse_host(const struct clickhouse *c)
{
	return c->endpoint.host.p;
}

bool
clickhouse_is_local(const struct clickhouse *c)
{
	return c->endpoint.loopback;
}
