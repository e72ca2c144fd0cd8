/* Expressions of jq: what is true of a line, and what is said of mistakes. */
#include "text/expr.h"

#include <unistd.h>

#include "check.h"

#include "base/banned.h"

static struct exprs *exprs;

static enum expr_answer
ask(const char *expression, const char *line)
{
	struct expr_mistake m = { .placed = false };
	struct expr *x = expr_compile(exprs, expression, &m);
	enum expr_answer read;
	size_t n = strlen(line);
	char *copy = exact_copy(line, n);

	CHECK(x != NULL, "%s: %.*s", expression, (int)m.text.n, m.text.n ? m.text.p : "");
	buf_release(&m.text);
	read = exprs_read(exprs, copy, n);
	free(copy); /* libjq has a copy of its own */
	if (!x || read == EXPR_NO_MEMORY)
		return EXPR_NO_MEMORY;
	return expr_ask(exprs, x);
}

static const struct {
	const char *expression, *line;
	enum expr_answer want;
} answers[] = {
	{ ".", "{}", EXPR_TRUE },
	{ ".", "null", EXPR_FALSE },
	{ ".", "false", EXPR_FALSE },
	{ ".", "0", EXPR_TRUE },
	{ ".[]", "[1,2]", EXPR_TRUE },
	{ ".[]", "[1,null]", EXPR_FALSE },
	{ ".[]", "[]", EXPR_FALSE },
	{ ".[]", "1", EXPR_ERROR },
	{ "true, error(1)", "1", EXPR_ERROR },
	{ "false, error(1)", "1", EXPR_FALSE },
	{ "true, halt", "1", EXPR_ERROR },
	{ "error(null)", "1", EXPR_FALSE },
	{ ".a.b == 1", "{\"a\":{\"b\":1}}", EXPR_TRUE },
	{ ". == 9007199254740992", "9007199254740993", EXPR_TRUE },
	{ ". > 1e300", "1e1000", EXPR_TRUE },
	{ "$__loc__.line == 1", "1", EXPR_TRUE },
	{ "true # a comment", "1", EXPR_TRUE },
	{ "def f: 1; f == .", "1", EXPR_TRUE },
	/* lines that libjq cannot read */
	{ "true", "{", EXPR_ERROR },
	{ "true", "1 2", EXPR_ERROR },
	{ "true", "", EXPR_ERROR },
};
enum { ROWS = sizeof(answers) / sizeof(answers[0]) };

static void
test_answers(void)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		enum expr_answer got = ask(answers[i].expression, answers[i].line);

		CHECK(got == answers[i].want, "%s of %s: %d, expected %d", answers[i].expression,
		    answers[i].line, got, answers[i].want);
	}
}

/* Three times all of them, more than one program holds, answer as they do alone. */
static void
test_together(void)
{
	const char *text[3 * ROWS];
	struct expr *x[3 * ROWS];
	size_t of[3 * ROWS], n = 0, i;

	for (i = 0; i < 3 * ROWS; i++) {
		if (strstr(answers[i % ROWS].expression, "__loc__"))
			continue;
		text[n] = answers[i % ROWS].expression;
		of[n++] = i % ROWS;
	}
	exprs_compile(exprs, text, n, x);
	for (i = n; i-- > 0;) {
		enum expr_answer got;

		if (!CHECK(x[i] != NULL, "%s: compiled together", text[i]))
			continue;
		exprs_read(exprs, answers[of[i]].line, strlen(answers[of[i]].line));
		got = expr_ask(exprs, x[i]);
		CHECK(got == answers[of[i]].want, "%s of %s, together: %d, expected %d", text[i],
		    answers[of[i]].line, got, answers[of[i]].want);
	}
}

/* What is no expression alone is none among others; some can only be alone. */
static void
test_apart(void)
{
	static const char *const texts[] = { "1), (2", "1], [2", "1)|(2", "1); def f: (2", "(", ")",
		"[", "1 #) \\", "# 1", "", "def f: 1;", "foo", "__mm0", "$__loc__.line == 1",
		"import \"a\" as a; 1", "1) end else (2", "1 as $x |" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *five[] = { "1", "true", texts[i], "null", "." };
		struct expr *x[5];

		exprs_compile(exprs, five, 5, x);
		CHECK(!x[2], "%s: compiled", texts[i]);
		CHECK(exprs_read(exprs, "7", 1) == EXPR_TRUE && x[0] && x[1] && x[4] &&
			expr_ask(exprs, x[0]) == EXPR_TRUE && expr_ask(exprs, x[1]) == EXPR_TRUE &&
			expr_ask(exprs, x[4]) == EXPR_TRUE,
		    "beside %s", texts[i]);
	}
}

/* An answer is about the line at hand, whatever came before. */
static void
test_lines(void)
{
	struct expr_mistake m = { .placed = false };
	struct expr *many = expr_compile(exprs, ".[]", &m),
		    *is_one = expr_compile(exprs, ". == 1", &m);
	int i;

	if (!CHECK(many && is_one, "compiled"))
		return;
	for (i = 0; i < 100; i++) {
		CHECK(exprs_read(exprs, "[0,false,1]", 11) == EXPR_TRUE, "read");
		CHECK(expr_ask(exprs, many) == EXPR_FALSE, "left in the middle");
		CHECK(expr_ask(exprs, is_one) == EXPR_FALSE, "another of the same line");
		CHECK(exprs_read(exprs, "1", 1) == EXPR_TRUE, "read");
		CHECK(expr_ask(exprs, many) == EXPR_ERROR, "an error");
		CHECK(expr_ask(exprs, is_one) == EXPR_TRUE, "another");
		CHECK(exprs_read(exprs, "}", 1) == EXPR_ERROR, "not read");
		CHECK(expr_ask(exprs, is_one) == EXPR_ERROR, "of no line");
	}
}

static void
test_mistakes(void)
{
	static const struct {
		const char *expression, *words;
		int at; /* -1: nowhere */
	} rows[] = {
		{ ".a || .b", "syntax error", 4 },
		{ ".a and and .b", "syntax error", 7 },
		{ ".a ==", "syntax error", 5 },
		{ "(.a", "syntax error", 3 },
		{ ")", "syntax error", 0 },
		{ ".a )", "syntax error", 3 },
		{ ".a\n| |", "syntax error", 5 },
		{ "import \"a\" as a; 1", "syntax error", 0 },
		{ "include \"a\"; 1", "syntax error", 0 },
		{ "module {}; 1", "syntax error", 0 },
		{ "1 as x | 2", "syntax error", 5 },
		{ "foo", "foo/0 is not defined", 0 },
		{ ".foo + foo(1; 2)", "foo/2 is not defined", 7 },
		{ "afoo + 1", "afoo/0 is not defined", 0 },
		{ ".a == $b", "$b is not defined", 6 },
		{ "{(1):2}", "object key", -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct expr_mistake m = { .placed = false };
		const char *e = rows[i].expression;

		CHECK(!expr_compile(exprs, e, &m), "%s: compiled", e);
		buf_addc(&m.text, '\0');
		CHECK(strstr(m.text.p, rows[i].words) != NULL, "%s: %s", e, m.text.p);
		CHECK(!strchr(m.text.p, '\n') && !strstr(m.text.p, "top-level"), "%s: %s", e,
		    m.text.p);
		CHECK(m.placed == (rows[i].at >= 0) && (!m.placed || (int)m.at == rows[i].at),
		    "%s: placed %d at %zu", e, m.placed, m.at);
		buf_release(&m.text);
	}
}

static void
test_environment(void)
{
	setenv("MM_IP_SALT", "a secret", 1);
	CHECK(ask("env == {} and $ENV == {} and env.MM_IP_SALT == null", "1") == EXPR_TRUE,
	    "the environment is seen");
	CHECK(getenv("MM_IP_SALT") && strcmp(getenv("MM_IP_SALT"), "a secret") == 0,
	    "the environment is back");
}

int
main(void)
{
	exprs = exprs_new();
	if (!exprs)
		abort();
	test_answers();
	test_together();
	test_apart();
	test_lines();
	test_mistakes();
	test_environment();
	exprs_free(exprs);
	exprs_free(NULL);
	return check_end("expr");
}
