/*
 * The JSON scanner.  Without arguments: what can be checked by itself.  With
 * --oracle: answers what json-oracle.mjs asks, a text a line in base64.
 */
#define _GNU_SOURCE /* memmem */
#include "text/json.h"
#include "text/json_plain.h"

#include <sodium.h>

#include "check.h"

#include "base/banned.h"

/* ---- verdicts with their reason and offset ---- */

static enum json_reason
scan(const char *text, size_t n, size_t *offset)
{
	char *p = exact_copy(text, n);
	struct json_scan s;
	struct json_member m;
	struct json_value v;

	if (json_open(&s, p, n) == JSON_OBJECT && !s.reason)
		while (json_next(&s, &m))
			;
	else
		json_whole(&s, &v);
	*offset = json_offset(&s);
	free(p);
	return s.reason;
}

#define TEXT(s) s, sizeof(s) - 1

static void
test_reasons(void)
{
	static const struct {
		const char *text;
		size_t n;
		enum json_reason reason;
		size_t offset;
	} row[] = {
		{ TEXT(""), JSON_END, 0 },
		{ TEXT("   "), JSON_END, 3 },
		{ TEXT("{"), JSON_END, 1 },
		{ TEXT("{\"a\""), JSON_END, 4 },
		{ TEXT("{\"a\":"), JSON_END, 5 },
		{ TEXT("{\"a\":1"), JSON_END, 6 },
		{ TEXT("{\"a\":\"x\""), JSON_END, 8 },
		{ TEXT("{\"a\":{}"), JSON_END, 7 },
		{ TEXT("{\"a\":[1]"), JSON_END, 8 },
		{ TEXT("{\"a\":true"), JSON_END, 9 },
		{ TEXT("{\"a\":1 "), JSON_END, 7 },
		{ TEXT("{\"a\":1,"), JSON_END, 7 },
		{ TEXT("[1,"), JSON_END, 3 },
		{ TEXT("\"abc"), JSON_END, 4 },
		{ TEXT("\"abc\\"), JSON_END, 5 },
		{ TEXT("{\"a\":}"), JSON_VALUE, 5 },
		{ TEXT("\xef\xbb\xbf{}"), JSON_VALUE, 0 },
		{ TEXT("{\"a\":\0}"), JSON_VALUE, 5 },
		{ TEXT("[1,]"), JSON_VALUE, 3 },
		{ TEXT("{a:1}"), JSON_KEY, 1 },
		{ TEXT("{\"a\":1,}"), JSON_KEY, 7 },
		{ TEXT("{'a':1}"), JSON_KEY, 1 },
		{ TEXT("{\"a\" 1}"), JSON_COLON, 5 },
		{ TEXT("{\"a\":1 \"b\":2}"), JSON_COMMA, 7 },
		{ TEXT("[1 2]"), JSON_COMMA, 3 },
		{ TEXT("{\"a\":[1}}"), JSON_COMMA, 7 },
		{ TEXT("{\"a\":tru}"), JSON_LITERAL, 5 },
		{ TEXT("nul"), JSON_LITERAL, 0 },
		{ TEXT("{\"a\":01}"), JSON_BAD_NUMBER, 5 },
		{ TEXT("{\"a\":-}"), JSON_BAD_NUMBER, 5 },
		{ TEXT("{\"a\":1.}"), JSON_BAD_NUMBER, 5 },
		{ TEXT("{\"a\":1e}"), JSON_BAD_NUMBER, 5 },
		{ TEXT("{\"a\":\"\t\"}"), JSON_CONTROL, 6 },
		{ TEXT("{\"a\":\"b\0\"}"), JSON_CONTROL, 7 },
		{ TEXT("{\"a\":\"\\x\"}"), JSON_ESCAPE, 6 },
		{ TEXT("{\"a\":\"\\u12g4\"}"), JSON_ESCAPE, 6 },
		{ TEXT("{\"a\":\"\\ud800\"}"), JSON_SURROGATE, 6 },
		{ TEXT("{\"a\":\"\\udc00\"}"), JSON_SURROGATE, 6 },
		{ TEXT("{\"a\":\"\\ud800\\u0041\"}"), JSON_SURROGATE, 6 },
		{ TEXT("{\"\\ud800\\ud800\":1}"), JSON_SURROGATE, 2 },
		{ TEXT("{\"a\":\"\xff\"}"), JSON_UTF8, 6 },
		{ TEXT("{\"a\":\"\xc3\"}"), JSON_UTF8, 6 },
		{ TEXT("{\"a\":\"\xed\xa0\x80\"}"), JSON_UTF8, 6 },
		{ TEXT("{} {}"), JSON_TRAILING, 3 },
		{ TEXT("{}}"), JSON_TRAILING, 2 },
		{ TEXT("{\"a\":1}\0"), JSON_TRAILING, 7 },
		{ TEXT("1 2"), JSON_TRAILING, 2 },
		{ TEXT("{}"), JSON_OK, 2 },
		{ TEXT(" { } "), JSON_OK, 5 },
		{ TEXT("{\"a\":1} "), JSON_OK, 8 },
		{ TEXT("\t[ ]\r\n"), JSON_OK, 6 },
		{ TEXT("{\"\":\"\"}"), JSON_OK, 7 },
		{ TEXT("{\"a\":\"\\ud83d\\uDE00\"}"), JSON_OK, 20 },
		{ TEXT("{\"a\":\"\x7f\"}"), JSON_OK, 9 },
	};
	size_t i, offset;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		enum json_reason r = scan(row[i].text, row[i].n, &offset);

		CHECK(r == row[i].reason && offset == row[i].offset,
		    "row %zu: %s at %zu, expected %s at %zu", i, json_reason_text(r), offset,
		    json_reason_text(row[i].reason), row[i].offset);
	}
	for (i = 0; i < JSON_REASONS; i++)
		CHECK(json_reason_text((enum json_reason)i) != NULL, "reason %zu has no text", i);
}

static void
test_depth(void)
{
	static const char *const open[] = { "[", "{\"a\":" }, *const close[] = { "]", "}" };
	size_t depth, kind, i, offset;

	for (kind = 0; kind < 4; kind++) {
		for (depth = 62; depth <= 66; depth++) {
			struct buf b = BUF_INIT;
			enum json_reason r;

			/* kinds 2 and 3: arrays and objects in turn */
			for (i = 0; i < depth; i++)
				buf_adds(&b, open[kind < 2 ? kind : (i + kind) & 1]);
			buf_adds(&b, "0");
			for (i = depth; i-- > 0;)
				buf_adds(&b, close[kind < 2 ? kind : (i + kind) & 1]);
			r = scan(b.p, b.n, &offset);
			CHECK(r == (depth <= 64 ? JSON_OK : JSON_TOO_DEEP), "depth %zu: %s", depth,
			    json_reason_text(r));
			buf_release(&b);
		}
	}
}

/* No end of text within a text is accepted: truncation never goes unseen. */
static void
test_truncation(void)
{
	static const char text[] = "{\"event\":\"x\",\"n\":[1.5e3,true,null,{\"k\":\"\\u00e9\"}],"
				   "\"p\":{\"a\":{},\"b\":[]},\"z\":false,\"s\":\"\xc3\xa9\"}";
	size_t n, offset;

	for (n = 0; n < sizeof(text) - 1; n++)
		CHECK(scan(text, n, &offset) != JSON_OK, "accepted when cut at %zu", n);
	CHECK(scan(text, n, &offset) == JSON_OK, "the whole text");
}

static void
test_end_is_final(void)
{
	static const char text[] = "{\"a\":1}";
	struct json_scan s;
	struct json_member m;

	CHECK(json_open(&s, text, sizeof(text) - 1) == JSON_OBJECT, "open");
	memset(&m, 0xff, sizeof(m));
	CHECK(json_next(&s, &m), "the member");
	CHECK(m.key.type == JSON_STRING && m.key.minified == 3, "the key is a string");
	CHECK(!json_next(&s, &m) && !json_next(&s, &m) && s.reason == JSON_OK, "after the end");
	CHECK(json_open(&s, text, sizeof(text) - 2) == JSON_OBJECT, "open");
	CHECK(json_next(&s, &m), "the member");
	CHECK(!json_next(&s, &m) && !json_next(&s, &m) && s.reason == JSON_END,
	    "after the end that is missing");
}

/* ---- what stands in a value ---- */

static struct json_value
value_of(const char *text)
{
	struct json_scan s;
	struct json_value v;

	memset(&v, 0, sizeof(v));
	json_open(&s, text, strlen(text));
	CHECK(json_whole(&s, &v), "%s: %s", text, json_reason_text(s.reason));
	return v;
}

static void
test_values(void)
{
	struct json_value v;

	v = value_of("\"a\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac\"");
	CHECK(v.type == JSON_STRING && v.utf16 == 5 && !v.escaped, "UTF-8: %zu units", v.utf16);
	v = value_of("\"\\ud83d\\ude00\\u00e9\\n\\/\"");
	CHECK(v.utf16 == 5 && v.escaped, "escapes: %zu units", v.utf16);
	v = value_of("\"\"");
	CHECK(v.utf16 == 0 && !v.escaped && v.raw.n == 2, "the empty string");
	v = value_of(" { \"a b\" : [ 1 , \" \\\" \" ] ,\t\"c\":{ } } ");
	CHECK(v.type == JSON_OBJECT && v.minified == strlen("{\"a b\":[1,\" \\\" \"],\"c\":{}}"),
	    "minified: %zu bytes", v.minified);
	v = value_of("[]");
	CHECK(v.type == JSON_ARRAY && v.minified == 2, "the empty array");
}

/* ---- vector and portable ---- */

static void
test_plain(void)
{
	static const unsigned char special[] = { '"', '\\', 0, 1, 0x1f, 0x80, 0xa2, 0xdc, 0xff };
	static const unsigned char plain[] = { ' ', '!', '#', '[', ']', 'a', '~', 0x7f };
	char text[80];
	size_t from, n, at, i;

	for (i = 0; i < 256; i++) {
		char c = (char)i;
		bool want = i >= 0x20 && i < 0x80 && c != '"' && c != '\\';

		CHECK((json_plain_end_portable(&c, &c + 1) != &c) == want, "portable, byte %zu", i);
		CHECK((json_plain_end(&c, &c + 1) != &c) == want, "vector, byte %zu", i);
	}
	for (from = 0; from < 20; from++) {
		for (n = 0; n <= 48; n++) {
			for (at = 0; at <= n; at++) {
				const char *p = text + from, *want;

				for (i = 0; i < sizeof(text); i++)
					text[i] = (char)special[i % sizeof(special)];
				for (i = 0; i < n; i++)
					text[from + i] = (char)plain[(i * 7 + at) % sizeof(plain)];
				if (at < n)
					text[from + at] =
					    (char)special[(from + n + at) % sizeof(special)];
				want = p + at;
				if (json_plain_end_portable(p, p + n) != want ||
				    json_plain_end(p, p + n) != want)
					CHECK(false, "offset %zu, %zu bytes, special at %zu", from,
					    n, at);
				else
					checks++;
			}
		}
	}
}

static void
test_plain_random(void)
{
	uint64_t seed = 2;
	char text[64];
	int round;

	for (round = 0; round < 100000; round++) {
		size_t i, n = check_random(&seed) % 49, from = check_random(&seed) % 16;
		char *p = text + from;

		for (i = 0; i < n; i++) {
			uint64_t r = check_random(&seed);

			p[i] = (char)(r % 16 ? 0x20 + r / 16 % 0x60 : r / 16);
		}
		if (json_plain_end_portable(p, p + n) != json_plain_end(p, p + n)) {
			CHECK(false, "round %d: they differ", round);
			return;
		}
	}
	CHECK(true, "random bytes");
}

/* ---- UTF-8 ---- */

static unsigned
put_wtf8(unsigned char *w, unsigned c, unsigned length)
{
	switch (length) {
	case 1:
		w[0] = (unsigned char)c;
		break;
	case 2:
		w[0] = (unsigned char)(0xc0 | c >> 6);
		w[1] = (unsigned char)(0x80 | (c & 0x3f));
		break;
	case 3:
		w[0] = (unsigned char)(0xe0 | c >> 12);
		w[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		w[2] = (unsigned char)(0x80 | (c & 0x3f));
		break;
	default:
		w[0] = (unsigned char)(0xf0 | c >> 18);
		w[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
		w[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		w[3] = (unsigned char)(0x80 | (c & 0x3f));
	}
	return length;
}

/* Every number that each form can hold; valid is only the shortest form. */
static void
test_utf8_all(void)
{
	static const unsigned limit[] = { 0, 0x80, 0x800, 0x10000, 0x200000 };
	unsigned length, c, wrong = 0;

	for (length = 1; length <= 4; length++) {
		for (c = 0; c < limit[length]; c++) {
			unsigned char text[7] = { 0 };
			const char *p = (const char *)text;
			unsigned at;
			bool want = c >= limit[length - 1] && c <= 0x10ffff &&
			    !(c >= 0xd800 && c <= 0xdfff);
			size_t good;

			put_wtf8(text, c, length);
			if (utf8_sequence(p, p + length) != (want ? length : 0) ||
			    utf8_valid(p, length, &good) != want || good != (want ? length : 0))
				wrong++;
			/* cut short, it is never valid */
			if (length > 1 && utf8_sequence(p, p + length - 1) != 0)
				wrong++;
			/* what follows changes nothing; what breaks it does */
			if (utf8_sequence(p, p + 7) != (want ? length : 0))
				wrong++;
			for (at = 1; at < length; at++) {
				text[at] ^= 0x40 << (c & 1);
				if (utf8_sequence(p, p + length) || utf8_sequence(p, p + 7))
					wrong++;
				text[at] ^= 0x40 << (c & 1);
			}
		}
		CHECK(wrong == 0, "%u wrong answers for forms of %u bytes", wrong, length);
	}
}

static void
test_utf8_good(void)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz\x01\"\\\xc3\xa9\xf0\x9f\x98";
	size_t good;

	CHECK(!utf8_valid(text, sizeof(text) - 1, &good) && good == 31, "good: %zu", good);
	CHECK(utf8_valid(text, 31, &good) && good == 31, "good: %zu", good);
	CHECK(utf8_valid("", 0, NULL), "nothing is valid");
}

/* ---- escaping ---- */

/* What leaves through json_escape comes back through json_unescape. */
static void
test_round_trip(void)
{
	uint64_t seed = 3;
	int round;

	for (round = 0; round < 5000; round++) {
		size_t n = check_random(&seed) % 60, i, back;
		char *text = malloc(n + 1), *w, *end, *again, *taken;
		struct json_scan s;
		struct json_value v;
		const char *from;

		for (i = 0; i < n; i++) {
			uint64_t r = check_random(&seed);

			text[i] = (char)(r % 3 ? ' ' + r / 3 % 95 : r / 3 % 128);
		}
		/* exactly the room that the header asks for */
		w = malloc(n * JSON_ESCAPE_MAX + 2);
		end = json_escape(w + 1, text, n);
		w[0] = *end = '"';
		end++;
		json_open(&s, w, (size_t)(end - w));
		if (!CHECK(json_whole(&s, &v), "round %d: %s", round, json_reason_text(s.reason)))
			break;
		CHECK(v.utf16 == n, "round %d: %zu units of %zu", round, v.utf16, n);
		again = malloc(v.raw.n);
		back = json_unescape(v.raw, again);
		CHECK(back == n && memcmp(again, text, n) == 0, "round %d: not the same", round);
		from = w + 1;
		taken = json_take_string(again, &from, end);
		if (!taken) /* then it holds a \u escape */
			CHECK(from == w + 1 && memmem(w, (size_t)(end - w), "\\u00", 4),
			    "round %d: not taken", round);
		else
			CHECK((size_t)(taken - again) == n && memcmp(again, text, n) == 0 &&
				from == end,
			    "round %d: not taken whole", round);
		free(again);
		free(w);
		free(text);
	}
}

/* What json_take_string takes is what the scanner accepts, but for \u escapes. */
static void
check_take_string(const char *p, size_t n)
{
	char *text = exact_copy(p, n), *w = malloc(n), *again = malloc(n), *taken;
	const char *from = text + 2;
	struct json_scan s;
	struct json_value v;
	bool good;

	/* the string is the first element of an array that may not end */
	json_open(&s, text, n);
	good = json_enter_array(&s) && json_next_element(&s, &v);
	taken = json_take_string(w, &from, text + n);
	if (taken)
		CHECK(good && from == v.raw.p + v.raw.n &&
			json_unescape(v.raw, again) == (size_t)(taken - w) &&
			memcmp(again, w, (size_t)(taken - w)) == 0,
		    "taken as another: %.*s", (int)n, p);
	else
		CHECK(from == text + 2 && (!good || memmem(v.raw.p, v.raw.n, "\\u", 2)),
		    "not taken: %.*s", (int)n, p);
	free(text);
	free(w);
	free(again);
}

static void
test_take_string(void)
{
	static const char *const pieces[] = { "a", "sixteen bytes or", "\\\"", "\\\\", "\\/", "\\n",
		"\\q", "\\", "\\u00e9", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3",
		"\xa9", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x7f", "\x1f", "\t", "\"", "\"," };
	struct buf b = BUF_INIT;
	uint64_t seed = 7;
	int round;

	for (round = 0; round < 50000; round++) {
		uint64_t n = check_random(&seed) % 8, i;

		buf_reset(&b);
		buf_adds(&b, "[\"");
		for (i = 0; i < n; i++)
			buf_adds(
			    &b, pieces[check_random(&seed) % (sizeof(pieces) / sizeof(*pieces))]);
		if (check_random(&seed) % 8)
			buf_addc(&b, '"');
		check_take_string(b.p, b.n);
	}
	buf_release(&b);
}

static void
test_escape(void)
{
	static const char in[] = "\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9";
	struct buf b = BUF_INIT;

	json_add_string(&b, in, sizeof(in) - 1);
	CHECK(is_text(b.p, b.n, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\""),
	    "got %.*s", (int)b.n, b.p);
	buf_reset(&b);
	json_add_string(&b, "a\0b", 3);
	CHECK(is_text(b.p, b.n, "\"a\\u0000b\""), "got %.*s", (int)b.n, b.p);
	buf_reset(&b);
	json_add_string(&b, NULL, 0);
	CHECK(is_text(b.p, b.n, "\"\""), "the empty string");
	buf_release(&b);
}

/* By blocks or byte by byte: what is escaped as a whole is what its bytes give. */
static void
test_escape_blocks(void)
{
	static const char letters[] = "\"\"\"\"\\\\ab0 {}[]:,\x7f\x80\xff\x1f\x20\x21";
	char *whole = malloc(100 * JSON_ESCAPE_MAX), bytes[100 * JSON_ESCAPE_MAX];
	uint64_t seed = 6;
	int round;

	for (round = 0; round < 50000 && whole; round++) {
		size_t n = check_random(&seed) % 100, i;
		unsigned rare = round % 8 == 0 ? 20 : 400;
		char text[100], *p, *w = bytes, *end;

		for (i = 0; i < n; i++)
			text[i] = check_random(&seed) % rare == 0
			    ? (char)check_random(&seed)
			    : letters[check_random(&seed) % (sizeof(letters) - 1)];
		for (i = 0; i < n; i++)
			w = json_escape(w, text + i, 1);
		p = exact_copy(text, n);
		/* no more room than is asked for */
		free(whole);
		whole = malloc(n * JSON_ESCAPE_MAX + 1);
		end = json_escape(whole, p, n);
		CHECK(end - whole == w - bytes && memcmp(whole, bytes, (size_t)(w - bytes)) == 0,
		    "%zu bytes, round %d", n, round);
		free(p);
	}
	free(whole);
}

/* ---- the oracle's other half ---- */

static void
print_base64(const char *p, size_t n)
{
	size_t room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);

	if (!text)
		abort();
	sodium_bin2base64(text, room, (const unsigned char *)p, n, sodium_base64_VARIANT_ORIGINAL);
	fputs(text, stdout);
	free(text);
}

/* [start,length,type,escaped,utf16,minified,unescaped,escaped again] */
static void
print_value(const char *start, const struct json_value *v, enum json_type type)
{
	char *text = malloc(v->raw.n), *again;
	size_t n;

	printf("[%td,%zu,%d", v->raw.p - start, v->raw.n, (int)type);
	if (type == JSON_STRING) {
		n = json_unescape(v->raw, text);
		again = malloc(n * JSON_ESCAPE_MAX + 1);
		printf(",%d,%zu,\"", v->escaped, v->utf16);
		print_base64(text, n);
		fputs("\",\"", stdout);
		print_base64(again, (size_t)(json_escape(again, text, n) - again));
		fputs("\"]", stdout);
		free(again);
	} else {
		printf(",%zu]", v->minified);
	}
	free(text);
}

static void
answer(const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	struct json_value v;
	enum json_type type = json_open(&s, p, n);
	const char *comma = "";

	fputs("{\"spans\":[", stdout);
	if (type == JSON_OBJECT && !s.reason) {
		for (; json_next(&s, &m); comma = ",") {
			fputs(comma, stdout);
			print_value(p, &m.key, JSON_STRING);
			putchar(',');
			print_value(p, &m.value, m.value.type);
		}
	} else if (json_whole(&s, &v)) {
		print_value(p, &v, v.type);
	}
	printf("],\"type\":%d,\"reason\":\"%s\",\"offset\":%zu}\n", (int)type,
	    s.reason ? json_reason_text(s.reason) : "", json_offset(&s));
}

static int
oracle(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		unsigned char *raw = malloc((size_t)n);
		size_t raw_n;
		char *text;

		if (sodium_base642bin(raw, (size_t)n, line, (size_t)n, "\n", &raw_n, NULL,
			sodium_base64_VARIANT_ORIGINAL) != 0)
			return 2;
		text = exact_copy((char *)raw, raw_n);
		answer(text, raw_n);
		free(text);
		free(raw);
	}
	free(line);
	return ferror(stdout) || fflush(stdout) != 0 ? 2 : 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--oracle") == 0)
		return oracle();
	test_reasons();
	test_depth();
	test_truncation();
	test_end_is_final();
	test_values();
	test_plain();
	test_plain_random();
	test_utf8_all();
	test_utf8_good();
	test_round_trip();
	test_take_string();
	test_escape();
	test_escape_blocks();
	return check_end("json");
}
