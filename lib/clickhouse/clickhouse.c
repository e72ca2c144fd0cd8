#define _DEFAULT_SOURCE /* explicit_bzero */
#include "clickhouse/clickhouse.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"
#include "base/fd.h"
#include "base/timestamp.h"
#include "clickhouse/answer.h"
#include "clickhouse/endpoint.h"

#include "base/banned.h"

enum {
	CONNECT_TIMEOUT_MS = 10000,
	TIMEOUT_MS = 300000,
	RETRY_AFTER_MAX_S = 60, /* a proxy may ask for days */
	STOP_POLL_MS = 100,     /* how late a set *stop is seen at most */
};

struct clickhouse {
	long timeout_ms; /* of one request */
	CURL *easy;
	CURLM *multi;
	struct endpoint endpoint;
	char *database;
	struct curl_slist *headers;
	const atomic_int *stop;
	uint64_t stop_grace_ms, stop_deadline_ms; /* deadline 0: not stopping */

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

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->answer.http);
	return answer_body(&c->answer, p, n * size) ? n * size : 0;
}

/* ---- a request --------------------------------------------------------- */

static bool
must_stop(struct clickhouse *c)
{
	if (!c->stop || !*c->stop)
		return false;
	if (c->stop_deadline_ms == 0)
		c->stop_deadline_ms = timestamp_monotonic() + c->stop_grace_ms;
	return timestamp_monotonic() >= c->stop_deadline_ms;
}

/* The transfer itself; CURLE_ABORTED_BY_CALLBACK: *stop ended it. */
static CURLcode
transfer(struct clickhouse *c)
{
	CURLcode result = CURLE_FAILED_INIT;
	int running = 1, left;
	CURLMsg *m;

	if (must_stop(c))
		return CURLE_ABORTED_BY_CALLBACK;
	if (curl_multi_add_handle(c->multi, c->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running) {
		if (curl_multi_perform(c->multi, &running) != CURLM_OK)
			break;
		if (running && must_stop(c)) {
			result = CURLE_ABORTED_BY_CALLBACK;
			break;
		}
		if (running && curl_multi_poll(c->multi, NULL, 0, STOP_POLL_MS, NULL) != CURLM_OK)
			break;
	}
	while ((m = curl_multi_info_read(c->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			result = m->data.result;
	curl_multi_remove_handle(c->multi, c->easy);
	return result;
}

static enum clickhouse_status
judge(struct clickhouse *c, CURLcode r, struct clickhouse_error *e)
{
	const char *reason = c->reason[0] ? c->reason : curl_easy_strerror(r);
	curl_off_t seconds = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->answer.http);
	e->http = c->answer.http;
	if (curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
		e->retry_after_ms =
		    1000 * (uint64_t)(seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S);
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

static enum clickhouse_status
request(struct clickhouse *c, const struct clickhouse_body *body, char *header,
    struct clickhouse_error *e)
{
	struct curl_slist headers = { header, c->headers };
	CURLcode r;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (c->url.failed)
		return clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "out of memory");
	answer_begin(&c->answer);
	c->reason[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, header ? &headers : c->headers);
	c->sending = body;
	c->from_file = c->part = c->sent = 0;
	c->unread = 0;
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, length(body));
	r = curl_easy_setopt(c->easy, CURLOPT_URL, c->url.p);
	if (r == CURLE_OK)
		r = transfer(c);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
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
	enum clickhouse_status s;

	begin_url(c, NULL, NULL);
	add_params(c, params);
	/* it lasts as long as its rows take, and their reader */
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, 0L);
	s = request_rows(c, span_of(sql), NULL, row, context, e);
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, c->timeout_ms);
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

/* Adds "Name: value"; false when the value can't be a header or memory is out. */
static bool
add_header(struct clickhouse *c, const char *name, const char *value)
{
	struct curl_slist *longer;
	struct buf b = BUF_INIT;

	if (strpbrk(value, "\r\n"))
		return false;
	buf_addf(&b, "%s: %s", name, value);
	buf_addc(&b, '\0');
	longer = b.failed ? NULL : curl_slist_append(c->headers, b.p);
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_release(&b);
	if (longer)
		c->headers = longer;
	return longer != NULL;
}

static bool
set_headers(struct clickhouse *c, const struct clickhouse_config *config)
{
	/* no wait for "100 Continue" before a body; a body that is no form */
	static const char *const removed[] = { "Expect:", "Content-Type:" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct curl_slist *longer = curl_slist_append(c->headers, removed[i]);

		if (!longer)
			return false;
		c->headers = longer;
	}
	if (config->user && *config->user && !add_header(c, "X-ClickHouse-User", config->user))
		return false;
	return !config->password || !*config->password ||
	    add_header(c, "X-ClickHouse-Key", config->password);
}

static void
set_options(struct clickhouse *c, const struct clickhouse_config *config)
{
	uint64_t connect =
	    config->connect_timeout_ms ? config->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	uint64_t whole = config->timeout_ms ? config->timeout_ms : TIMEOUT_MS;
	CURL *h = c->easy;

	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->reason);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(h, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
	c->timeout_ms = (long)whole;
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, c->timeout_ms);
	if (config->silence_ms) {
		curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(
		    h, CURLOPT_LOW_SPEED_TIME, (long)((config->silence_ms + 999) / 1000));
	}
	curl_easy_setopt(h, CURLOPT_USERAGENT, "millimetric");
	curl_easy_setopt(h, CURLOPT_POST, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(h, CURLOPT_READDATA, c);
	curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(h, CURLOPT_SEEKDATA, c);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
	if (config->cacert)
		curl_easy_setopt(h, CURLOPT_CAINFO, config->cacert);
	if (c->endpoint.loopback)
		curl_easy_setopt(h, CURLOPT_PROXY, "");
}

struct clickhouse *
clickhouse_open(const struct clickhouse_config *config, struct clickhouse_error *e)
{
	const char *url = config->url ? config->url : "http://127.0.0.1:8123/";
	const char *reason;
	struct clickhouse *c;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		clickhouse_fail(e, CLICKHOUSE_CONFIG, "libcurl does not start");
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		goto no_memory;
	c->stop = config->stop;
	c->stop_grace_ms = config->stop_grace_ms;
	reason = endpoint_read(&c->endpoint, url);
	if (reason) {
		clickhouse_fail(e, CLICKHOUSE_CONFIG, "the URL of ClickHouse %s", reason);
		goto failed;
	}
	c->database = strdup(config->database ? config->database : "millimetric");
	c->easy = curl_easy_init();
	c->multi = curl_multi_init();
	if (!c->database || !c->easy || !c->multi)
		goto no_memory;
	if (!set_headers(c, config)) {
		clickhouse_fail(
		    e, CLICKHOUSE_CONFIG, "the user or password for ClickHouse holds a line break");
		goto failed;
	}
	set_options(c, config);
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
	struct curl_slist *h;

	if (!c)
		return;
	if (c->easy)
		curl_easy_cleanup(c->easy);
	if (c->multi)
		curl_multi_cleanup(c->multi);
	for (h = c->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(c->headers);
	buf_release(&c->url);
	buf_release(&c->answer.body);
	endpoint_release(&c->endpoint);
	free(c->database);
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
	return c->stop;
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
