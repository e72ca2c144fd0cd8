/*
 * URLs: splitting, names of hosts, parameters.  Without arguments: what can be
 * checked by itself.  With --oracle: answers what url-oracle.mjs asks, a URL a
 * line in base64.
 */
#include "text/json.h"
#include "text/url.h"
#include "text/url_query.h"

#include <sodium.h>

#include "check.h"

#include "base/banned.h"

struct split {
	struct url url;
	const char *reason;
	struct buf scratch;
	char *text;
};

static void
split(struct split *s, const char *text, size_t n)
{
	s->text = exact_copy(text, n);
	s->scratch = (struct buf)BUF_INIT;
	s->reason = url_split(&s->url, s->text, n, &s->scratch);
}

static void
split_release(struct split *s)
{
	buf_release(&s->scratch);
	free(s->text);
}

/* "absent" for a part that is not there, so that it differs from an empty one. */
static bool
part_is(struct span part, const char *want)
{
	if (!want)
		return part.p == NULL;
	return part.p != NULL && is_text(part.p, part.n, want);
}

static void
test_parts(void)
{
	static const struct {
		const char *text;
		const char *scheme, *userinfo, *host, *port, *path, *query, *fragment;
		bool web;
	} row[] = {
		{ "http://h", "http", NULL, "h", NULL, "", NULL, NULL, true },
		{ "HTTPS://u:p@H.example:443/a/b?c=d#e", "HTTPS", "u:p", "H.example", "443", "/a/b",
		    "c=d", "e", true },
		{ "http://h?#", "http", NULL, "h", NULL, "", "", "", true },
		{ "http://h#?x", "http", NULL, "h", NULL, "", NULL, "?x", true },
		{ "http://h/?a?b#c#d", "http", NULL, "h", NULL, "/", "a?b", "c#d", true },
		{ "http://h:/", "http", NULL, "h", "", "/", NULL, NULL, true },
		{ "http://@h/", "http", "", "h", NULL, "/", NULL, NULL, true },
		{ "http://a@b@h/@", "http", "a@b", "h", NULL, "/@", NULL, NULL, true },
		{ "http:h/x", "http", NULL, "h", NULL, "/x", NULL, NULL, true },
		{ "http:\\\\h\\x", "http", NULL, "h", NULL, "\\x", NULL, NULL, true },
		{ "http:////h//x", "http", NULL, "h", NULL, "//x", NULL, NULL, true },
		{ "http://[::1]:8/", "http", NULL, "[::1]", "8", "/", NULL, NULL, true },
		{ " \n http://h/ x \t", "http", NULL, "h", NULL, "/ x", NULL, NULL, true },
		{ "ht\ntp:\t//h\r/a\nb", "http", NULL, "h", NULL, "/ab", NULL, NULL, true },
		{ "http://h/\x01", "http", NULL, "h", NULL, "/", NULL, NULL, true },
		{ "httpx://h/", "httpx", NULL, "h", NULL, "/", NULL, NULL, false },
		{ "mailto:a@b?c#d", "mailto", NULL, NULL, NULL, "a@b", "c", "d", false },
		{ "a:", "a", NULL, NULL, NULL, "", NULL, NULL, false },
		{ "app+x-y.z://u@h:1/p", "app+x-y.z", "u", "h", "1", "/p", NULL, NULL, false },
		{ "file:///x", "file", NULL, "", NULL, "/x", NULL, NULL, false },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct split s;
		const struct url *u = &s.url;

		split(&s, row[i].text, strlen(row[i].text));
		CHECK(!s.reason, "row %zu: %s", i, s.reason);
		CHECK(!s.reason && part_is(u->scheme, row[i].scheme) &&
			part_is(u->userinfo, row[i].userinfo) && part_is(u->host, row[i].host) &&
			part_is(u->port, row[i].port) && part_is(u->path, row[i].path) &&
			part_is(u->query, row[i].query) && part_is(u->fragment, row[i].fragment) &&
			u->web == row[i].web,
		    "row %zu: %s is split otherwise", i, row[i].text);
		split_release(&s);
	}
}

static void
test_refused(void)
{
	static const char *const text[] = { "", "   ", "/path", "//h/", "h", "1http://h", ":x",
		"ht tp://h", "http://", "http:", "http:///", "http://?q", "http://#f",
		"http://user@", "http://user@/x", "http://:80/", "http://h:x/", "http://h:65536/",
		"http://h:99999999999999999999/", "http://h:-1/", "http://h:8 0/", "http://a b/",
		"http://a<b/", "http://a%20b/", "http://a%2fb/", "http://a%/", "http://a%00b/",
		"http://a^b/", "http://a|b/", "http://[::1/", "http://::1/", "http://[::1]x/",
		"http://[]/", "http://[1]/", "http://[1:2:3:4:5:6:7:8:9]/", "http://[12345::]/",
		"http://[::1.2.3]/", "http://[::1.2.3.256]/", "http://[::01.2.3.4]/",
		"http://[:1]/", "http://[1:]/", "http://[1::2::3]/", "http://[::g]/",
		"http://[::1%25eth0]/", "http://1.2.3.4.5/", "http://256.1.1.1/",
		"http://1.256.1.1/", "http://1.2.3.08/", "http://4294967296/", "http://1.16777216/",
		"http://0x100000000/", "http://a.1/", "http://1..2/", "http://\xff/",
		"http://\xc3/", "http://%ff/" };
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		struct split s;

		split(&s, text[i], strlen(text[i]));
		CHECK(s.reason != NULL, "accepted: %s", text[i]);
		split_release(&s);
	}
}

static void
test_names(void)
{
	static const struct {
		const char *host, *name;
	} row[] = {
		{ "Example.COM", "example.com" },
		{ "example.com.", "example.com" },
		{ "example.com..", "example.com.." },
		{ "a.1..", "a.1.." },
		{ "ex%41mple.com", "example.com" },
		{ "127.0.0.1", "127.0.0.1" },
		{ "0x7f.1", "127.0.0.1" },
		{ "0177.0.0.1", "127.0.0.1" },
		{ "2130706433", "127.0.0.1" },
		{ "1.2.3.4.", "1.2.3.4" },
		{ "0x", "0.0.0.0" },
		{ "0X1.0xff", "1.0.0.255" },
		{ "1.2.772", "1.2.3.4" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "1.2.3.4a", "1.2.3.4a" },
		{ "0x1g", "0x1g" },
		{ "[::]", "[::]" },
		{ "[0:0:0:0:0:0:0:1]", "[::1]" },
		{ "[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]" },
		{ "[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]" },
		{ "[1::2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]" },
		{ "[::FFFF:1.2.3.4]", "[::ffff:102:304]" },
		{ "[1:2:3:4:5:6:7.8.9.10]", "[1:2:3:4:5:6:708:90a]" },
		{ "[0ABC::]", "[abc::]" },
		{ "b\xc3\xbc"
		  "cher.de",
		    "xn--bcher-kva.de" },
		{ "B\xc3\x9c"
		  "CHER.DE",
		    "xn--bcher-kva.de" },
		{ "b%C3%BCcher.de", "xn--bcher-kva.de" },
		{ "\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82jp", "xn--r8jz45g.jp" },
		{ "\xef\xbc\xa1\xef\xbc\x8e\xef\xbc\xa2", "a.b" },
		{ "xn--bcher-kva.de", "xn--bcher-kva.de" },
		{ "a_b", "a_b" },
		{ "a!$&'()*+,;=~b", "a!$&'()*+,;=~b" },
	};
	size_t i, n;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char name[URL_NAME_MAX];
		const char *reason = url_name(span_of(row[i].host), name, &n);

		CHECK(!reason, "%s: %s", row[i].host, reason);
		CHECK(is_text(name, n, row[i].name), "%s: got %.*s", row[i].host, (int)n, name);
	}
}

static void
test_name_length(void)
{
	char host[600], name[URL_NAME_MAX];
	size_t n, length;

	memset(host, 'a', sizeof(host));
	for (length = 1; length <= sizeof(host); length++) {
		const char *reason = url_name((struct span){ host, length }, name, &n);

		CHECK(!reason == (length <= URL_NAME_MAX), "%zu bytes", length);
		CHECK(n == (length <= URL_NAME_MAX ? length : 0), "%zu bytes", length);
	}
	/* each of these grows when it is encoded */
	for (length = 2; length <= sizeof(host); length += 2) {
		char *copy;

		memcpy(host + length - 2, "\xc3\xbc", 2);
		copy = exact_copy(host, length);
		CHECK(url_name((struct span){ copy, length }, name, &n) || n <= URL_NAME_MAX,
		    "%zu bytes", length);
		free(copy);
	}
}

static void
test_authority_host(void)
{
	static const struct {
		const char *authority, *host;
	} row[] = {
		{ "example.com", "example.com" },
		{ "example.com:80", "example.com" },
		{ " example.com:80 ", "example.com" },
		{ "u:p@example.com:80", "example.com" },
		{ "[::1]:80", "[::1]" },
		{ "", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct span host = url_authority_host(span_of(row[i].authority));

		CHECK(is_text(host.p, host.n, row[i].host), "%s: got %.*s", row[i].authority,
		    (int)host.n, host.p);
	}
}

/* ---- parameters ---- */

static void
test_params(void)
{
	static const char text[] = "&&a=1&b&=c&d==&e=&&f=x%26y&";
	static const char *const want[][2] = { { "a", "1" }, { "b", NULL }, { "", "c" },
		{ "d", "=" }, { "e", "" }, { "f", "x%26y" } };
	struct span query = SPAN(text);
	struct url_param param;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		CHECK(url_next_param(&query, &param), "parameter %zu is missing", i);
		CHECK(part_is(param.name, want[i][0]) && part_is(param.value, want[i][1]),
		    "parameter %zu: %.*s", i, (int)param.name.n, param.name.p);
	}
	CHECK(!url_next_param(&query, &param), "one too many");
	CHECK(!url_next_param(&query, &param), "one too many");
	query = (struct span){ NULL, 0 };
	CHECK(!url_next_param(&query, &param), "no query has no parameter");
}

static void
test_decode(void)
{
	static const struct {
		const char *text, *want;
		size_t max;
	} row[] = {
		{ "a+b%20c", "a b c", 99 },
		{ "%41%6a", "Aj", 99 },
		{ "%%41%4%g1%", "%A%4%g1%", 99 },
		{ "%2B+%2b", "+ +", 99 },
		{ "%C3%A9\xc3\xa9", "\xc3\xa9\xc3\xa9", 99 },
		{ "\xc3%A9", "\xc3\xa9", 99 },
		{ "%C3", "\xef\xbf\xbd", 99 },
		{ "%C3%C3%A9", "\xef\xbf\xbd\xc3\xa9", 99 },
		{ "%ED%A0%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 99 },
		{ "%F0%9F%98x", "\xef\xbf\xbdx", 99 },
		{ "%C0%80", "\xef\xbf\xbd\xef\xbf\xbd", 99 },
		{ "%F5", "\xef\xbf\xbd", 99 },
		{ "+%09%0D%0A a \t%E3%80%80%C2%A0", "a", 99 },
		{ "%EF%BB%BFa%EF%BB%BF", "a", 99 },
		{ "%E2%80%8B", "\xe2\x80\x8b", 99 }, /* no blank for trim() */
		{ "+++", "", 99 },
		{ "", "", 99 },
		{ "abc", "ab", 2 },
		{ "abc", "", 0 },
		{ "a+b", "a", 2 },
		{ "++ab", "ab", 2 },
		{ "a%F0%9F%98%80b", "a", 2 },
		{ "a%F0%9F%98%80b", "a\xf0\x9f\x98\x80", 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t length = strlen(row[i].text), n;
		char *text = exact_copy(row[i].text, length);
		char *to = malloc(row[i].max * URL_UNIT_BYTES + 1);

		n = url_decode((struct span){ text, length }, to, row[i].max, true);
		CHECK(is_text(to, n, row[i].want), "%s: got %.*s", row[i].text, (int)n, to);
		free(to);
		free(text);
	}
}

static void
test_decode_untrimmed(void)
{
	char to[8 * URL_UNIT_BYTES];
	size_t n = url_decode(SPAN("+a%20"), to, 8, false);

	CHECK(is_text(to, n, " a "), "got %.*s", (int)n, to);
	n = url_decode(SPAN("+a%20"), to, 1, false);
	CHECK(is_text(to, n, " "), "got %.*s", (int)n, to);
}

/* Whatever the bytes: valid UTF-8, within the room, and stable when trimmed again. */
static void
test_decode_random(void)
{
	static const char bytes[] = "%%%+ aA0F9\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\x83";
	uint64_t seed = 4;
	int round;

	for (round = 0; round < 20000; round++) {
		size_t n = check_random(&seed) % 40, max = check_random(&seed) % 20, i, got;
		char *text = malloc(n + 1), *to = malloc(max * URL_UNIT_BYTES + 1);

		for (i = 0; i < n; i++)
			text[i] = bytes[check_random(&seed) % (sizeof(bytes) - 1)];
		got = url_decode((struct span){ text, n }, to, max, true);
		CHECK(got <= max * URL_UNIT_BYTES && utf8_valid(to, got, NULL), "round %d", round);
		CHECK(got == 0 || (to[0] != ' ' && to[got - 1] != ' '), "round %d: blanks", round);
		free(to);
		free(text);
	}
}

/* ---- the oracle's other half ---- */

static void
print_part(const char *name, struct span part)
{
	struct buf b = BUF_INIT;

	json_add_string(&b, part.p, part.n);
	if (b.failed)
		abort();
	printf(",\"%s\":", name);
	if (part.p)
		fwrite(b.p, 1, b.n, stdout);
	else
		fputs("null", stdout);
	buf_release(&b);
}

static void
answer(const char *text, size_t n)
{
	struct split s;

	split(&s, text, n);
	printf("{\"reason\":\"%s\"", s.reason ? s.reason : "");
	if (!s.reason) {
		print_part("scheme", s.url.scheme);
		print_part("userinfo", s.url.userinfo);
		print_part("host", s.url.host);
		print_part("port", s.url.port);
		print_part("path", s.url.path);
		print_part("query", s.url.query);
		print_part("fragment", s.url.fragment);
		print_part("name", (struct span){ s.url.name, s.url.name_n });
	}
	puts("}");
	split_release(&s);
}

static int
oracle(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		unsigned char *text = malloc((size_t)n);
		size_t length;

		if (!text ||
		    sodium_base642bin(text, (size_t)n, line, (size_t)n, "\n", &length, NULL,
			sodium_base64_VARIANT_ORIGINAL) != 0)
			return 2;
		answer((char *)text, length);
		free(text);
	}
	free(line);
	return ferror(stdout) || fflush(stdout) != 0 ? 2 : 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--oracle") == 0)
		return oracle();
	test_parts();
	test_refused();
	test_names();
	test_name_length();
	test_authority_host();
	test_params();
	test_decode();
	test_decode_untrimmed();
	test_decode_random();
	return check_end("url");
}
