/*
 * The JSON scanner on any bytes: what it says of a text has to hold.
 */
#include "text/json.h"
#include "text/json_plain.h"

#include <stdlib.h>

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static enum json_reason
scan(const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	struct json_value v;

	if (json_open(&s, p, n) == JSON_OBJECT && !s.reason)
		while (json_next(&s, &m))
			;
	else
		MUST(json_whole(&s, &v) == (s.reason == JSON_OK));
	MUST(json_offset(&s) <= n);
	MUST(json_reason_text(s.reason));
	return s.reason;
}

/* A string comes back through unescaping and escaping. */
static void
check_string(const struct json_value *v)
{
	char *text = malloc(v->raw.n), *again = malloc(v->raw.n), *taken;
	const char *from = v->raw.p + 1, *end = v->raw.p + v->raw.n;
	size_t n = json_unescape(v->raw, text), k;
	struct json_scan s;
	struct json_value w;

	MUST(n <= v->raw.n - 2 && v->utf16 <= n && utf8_valid(text, n, NULL));
	MUST(v->escaped || (n == v->raw.n - 2 && memcmp(text, v->raw.p + 1, n) == 0));
	taken = json_take_string(again, &from, end);
	if (taken)
		MUST((size_t)(taken - again) == n && memcmp(again, text, n) == 0 && from == end);
	else
		MUST(from == v->raw.p + 1 && v->escaped);
	free(again);
	again = malloc(n * JSON_ESCAPE_MAX + 2);
	again[0] = '"';
	k = (size_t)(json_escape(again + 1, text, n) - again);
	again[k++] = '"';
	MUST(json_open(&s, again, k) == JSON_STRING && json_whole(&s, &w) && w.utf16 == v->utf16);
	free(again);
	free(text);
}

static void
check_value(const char *p, size_t n, const struct json_value *v)
{
	MUST(v->raw.p >= p && v->raw.p + v->raw.n <= p + n && v->raw.n > 0);
	MUST(scan(v->raw.p, v->raw.n) == JSON_OK);
	if (v->type == JSON_STRING)
		check_string(v);
	else
		MUST(v->minified > 0 && v->minified <= v->raw.n);
}

static void
check_members(const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;

	if (json_open(&s, p, n) != JSON_OBJECT)
		return;
	while (json_next(&s, &m)) {
		check_value(p, n, &m.key);
		check_value(p, n, &m.value);
	}
}

/* As a whole, in room that is no larger than asked for, or byte by byte. */
static void
check_escape(const char *p, size_t n)
{
	char *whole = malloc(n * JSON_ESCAPE_MAX + 1), *bytes = malloc(n * JSON_ESCAPE_MAX + 1);
	char *w = bytes, *end = json_escape(whole, p, n);
	size_t i;

	for (i = 0; i < n; i++)
		w = json_escape(w, p + i, 1);
	MUST(end - whole == w - bytes && memcmp(whole, bytes, (size_t)(w - bytes)) == 0);
	free(whole);
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	size_t i, good;

	for (i = 0; i <= size && i < 40; i++)
		MUST(json_plain_end(p + i, p + size) == json_plain_end_portable(p + i, p + size));
	MUST(utf8_valid(p, size, &good) == (good == size));
	check_escape(p, size);
	if (scan(p, size) != JSON_OK)
		return 0;
	MUST(good == size);
	check_members(p, size);
	/* cut, a container is never whole */
	if (p[size - 1] == '}' || p[size - 1] == ']')
		MUST(scan(p, size - 1) != JSON_OK);
	return 0;
}
