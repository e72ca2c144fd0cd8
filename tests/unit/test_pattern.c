/* Patterns: what they match, and what is refused and where. */
#include "text/pattern.h"

#include <sodium.h>

#include "check.h"

#include "base/banned.h"

/* 1 matches, 0 does not, -1 refused. */
static int
search(struct span pattern, struct span text)
{
	struct arena arena = { .block = NULL };
	struct pattern_mistake mistake;
	char *copy = exact_copy(pattern.p, pattern.n);
	const struct pattern *x =
	    pattern_compile(&arena, (struct span){ copy, pattern.n }, &mistake);
	int answer = -1;

	free(copy);
	if (x) {
		copy = exact_copy(text.p, text.n);
		answer = pattern_search(x, copy, text.n);
		free(copy);
	}
	arena_release(&arena);
	return answer;
}

static void
test_search(void)
{
	static const struct {
		const char *pattern, *yes, *no;
	} row[] = {
		{ "^[A-Z]{3}$", "EUR", "EURO" },
		{ "^[A-Z]{3}$", "USD", "usd" },
		{ "b+", "abbc", "ac" },
		{ "^(foo|bar)$", "bar", "foobar" },
		{ "^foo|bar$", "foox", "xfoo" },
		{ "^foo|bar$", "xbar", "barx" },
		{ "^\\d{4}-\\d\\d$", "2026-11", "2026-1" },
		{ "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$", "a.b@example.com", "a b@example.com" },
		{ "^(?:a{2,3}b?)+$", "aabaaab", "aab b" },
		{ "^.$", "\xf0\x9f\x98\x80", "\n" },
		{ "^.$", "\xc3\xa4", "ab" },
		{ "^[\xc3\xa4-\xc3\xbc]$", "\xc3\xb6", "o" },
		{ "^[^a]$", "\xe2\x82\xac", "a" },
		{ "^a*?$", "aaa", "b" },
		{ "^x{0}y$", "y", "xy" },
		{ "^\\.\\*\\/\\-\\_?", ".*/-", "x*/-" },
		{ "^[]-a]?$", NULL, NULL },
		{ "^[^]$", "x", "" },
		{ "(^a)|(b$)", "ax", "xa" },
		{ "a$b", NULL, "ab" },
		{ "$^", "", "a" },
		{ "^[\\w-]+$", "a-b_1", "a.b" },
		{ "\\t\\n", "x\t\ny", "tn" },
		{ "^[x-za-cb-dm]+$", "acdmxz", "e" },
		{ "^[^x-za-cb-dm]+$", "ewn", "m" },
		{ "^[\\s\\d\xc3\xa4-\xc3\xbc\xc3\xa4]{3}$",
		    "\xe3\x80\x80"
		    "7\xc3\xbc",
		    "\xe3\x80\x81"
		    "7\xc3\xbc" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct span pattern = span_of(row[i].pattern);

		if (row[i].yes)
			CHECK(search(pattern, span_of(row[i].yes)) == 1, "%s: %s", pattern.p,
			    row[i].yes);
		if (row[i].no)
			CHECK(search(pattern, span_of(row[i].no)) == 0, "%s: not %s", pattern.p,
			    row[i].no);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *pattern;
		size_t at;
		const char *reason;
	} row[] = {
		{ "a(b", 1, "a ( without its )" },
		{ "ab)", 2, "a ) without its (" },
		{ "[a-", 0, "a [ without its ]" },
		{ "[z-a]", 1, "a range that ends before it begins" },
		{ "a**", 2, "nothing to repeat" },
		{ "^*", 1, "nothing to repeat" },
		{ "a{", 1, "a { that begins no count, as {2} or {2,5}" },
		{ "a{3,2}", 1, "a count that ends before it begins" },
		{ "a{256}", 2, "a count is at most 255" },
		{ "\\", 0, "a backslash at the end" },
		{ "a\\b", 1, "an unknown escape" },
		{ "(?=a)", 0, "of groups that begin with (? only (?: is known" },
		{ "a]", 1, "{ } and ] stand for themselves only behind a backslash" },
		{ "[\\d-z]", 3, "a class can't begin a range" },
		{ "[a-\\d]", 1, "a class can't end a range" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct arena arena = { .block = NULL };
		struct pattern_mistake m;

		CHECK(!pattern_compile(&arena, span_of(row[i].pattern), &m), "%s", row[i].pattern);
		CHECK(m.reason && strcmp(m.reason, row[i].reason) == 0 && m.at == row[i].at,
		    "%s: %s at %zu", row[i].pattern, m.reason, m.at);
		arena_release(&arena);
	}
}

/* What multiplies: refused at once, whatever it is made of. */
static void
test_bounds(void)
{
	struct buf b = BUF_INIT;
	int i;

	CHECK(search(span_of("^[a-z]{255}.$"), span_of("x")) == 0, "256 positions");
	CHECK(search(span_of("^[a-z]{255}..$"), span_of("x")) == -1, "257 positions");
	CHECK(search(span_of("(((a{9}){9}){9}){9}"), span_of("a")) == -1, "counts in counts");
	CHECK(search(span_of("(((((){255}){255}){255}){255})"), span_of("")) == -1, "of nothing");
	for (i = 0; i < PATTERN_DEPTH; i++)
		buf_addc(&b, '(');
	for (i = 0; i < PATTERN_DEPTH; i++)
		buf_addc(&b, ')');
	CHECK(search((struct span){ b.p, b.n }, span_of("")) == 1, "groups in groups");
	buf_reset(&b);
	for (i = 0; i <= PATTERN_DEPTH; i++)
		buf_addc(&b, '(');
	CHECK(search((struct span){ b.p, b.n }, span_of("")) == -1, "too deep");
	buf_reset(&b);
	for (i = 0; i <= PATTERN_BYTES; i++)
		buf_addc(&b, '|');
	CHECK(search((struct span){ b.p, b.n }, span_of("")) == -1, "too long");
	buf_release(&b);
}

/* Text for which searching by trial and error never ends. */
static void
test_hostile(void)
{
	struct buf b = BUF_INIT;
	size_t n;
	int i;

	for (i = 0; i < 8192; i++)
		buf_addc(&b, 'a');
	buf_addc(&b, '!');
	CHECK(search(span_of("^(a+)+$"), (struct span){ b.p, b.n }) == 0, "nested");
	CHECK(search(span_of("^(a|a)*$"), (struct span){ b.p, b.n }) == 0, "alternatives");
	CHECK(search(span_of("(a?){200}a{50}b"), (struct span){ b.p, b.n }) == 0, "optional");
	buf_reset(&b);
	buf_addc(&b, '[');
	for (i = 0; i < 1300; i++) /* each second character from U+4E00 on */
		buf_addf(&b, "%c%c%c", 0xe4 + (0xe00 + 2 * i) / 0x1000,
		    0x80 + (0xe00 + 2 * i) / 64 % 64, 0x80 + 2 * i % 64);
	buf_adds(&b, "]{254}!");
	n = b.n;
	for (i = 0; i < 2600; i++)
		buf_adds(&b, "\xe4\xb8\x80");
	CHECK(search((struct span){ b.p, n }, (struct span){ b.p + n, b.n - n }) == 0, "a class");
	buf_addc(&b, '!');
	CHECK(
	    search((struct span){ b.p, n }, (struct span){ b.p + n, b.n - n }) == 1, "it matches");
	buf_release(&b);
}

/* For pattern-oracle.mjs: a line "HEX HEX" asks for the one in the other. */
static int
oracle(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), stdin)) {
		char *space = strchr(line, ' '), *end = strchr(line, '\n');
		unsigned char pattern[4096], text[4096];
		size_t m, n;

		if (!space || !end ||
		    sodium_hex2bin(
			pattern, sizeof(pattern), line, (size_t)(space - line), NULL, &m, NULL) ||
		    sodium_hex2bin(
			text, sizeof(text), space + 1, (size_t)(end - space - 1), NULL, &n, NULL))
			return 2;
		printf("%d\n",
		    search((struct span){ (char *)pattern, m }, (struct span){ (char *)text, n }));
	}
	return ferror(stdin) || fflush(stdout) ? 2 : 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--oracle") == 0)
		return oracle();
	test_search();
	test_refused();
	test_bounds();
	test_hostile();
	return check_end("pattern");
}
