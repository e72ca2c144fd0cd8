#include "clickhouse/exception.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/utf8.h"

#include "base/banned.h"

enum {
	TEXT_MAX = 300, /* of the server's own words */
	ACCESS_DENIED = 497,
};

enum clickhouse_status
clickhouse_fail(struct clickhouse_error *e, enum clickhouse_status status, const char *fmt, ...)
{
	va_list ap;

	e->status = status;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return status;
}

/*
 * Codes as ClickHouse's ErrorCodes names them; what is in no list is UNKNOWN.
 */
enum clickhouse_status
clickhouse_code_status(int code)
{
	static const short bad_data[] = { 6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 190,
		349, 376, 407, 467, 469, 675, 676, 691 };
	static const short config[] = { 16, 47, 60, 62, 81, 115, 164, 192, 193, 194, 497, 516,
		774 };
	static const short transient[] = { 159, 160, 201, 202, 203, 209, 210, 225, 242, 241, 252,
		279, 285, 319, 369, 999 };
	static const struct {
		const short *codes;
		size_t n;
		enum clickhouse_status status;
	} groups[] = {
		{ bad_data, sizeof(bad_data) / sizeof(bad_data[0]), CLICKHOUSE_BAD_DATA },
		{ config, sizeof(config) / sizeof(config[0]), CLICKHOUSE_CONFIG },
		{ transient, sizeof(transient) / sizeof(transient[0]), CLICKHOUSE_TRANSIENT },
	};
	size_t g, i;

	for (g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (i = 0; i < groups[g].n; i++)
			if (groups[g].codes[i] == code)
				return groups[g].status;
	return CLICKHOUSE_UNKNOWN;
}

uint64_t
exception_number(struct span s)
{
	uint64_t v = 0;

	ascii_take_number(&s, UINT64_MAX, &v);
	return v;
}

/* The last occurrence of `what`, or NULL. */
static const char *
find_last(struct span in, struct span what)
{
	size_t i;

	if (in.n < what.n)
		return NULL;
	for (i = in.n - what.n + 1; i-- > 0;)
		if (in.p[i] == what.p[0] && memcmp(in.p + i, what.p, what.n) == 0)
			return in.p + i;
	return NULL;
}

static size_t
left_in(struct span in, const char *p)
{
	return in.n - (size_t)(p - in.p);
}

/* ---- what the server's exception says ---------------------------------- */

/* Of "... (UNKNOWN_TABLE) (version 26.7 (build))" the name; p NULL: none. */
static struct span
exception_name(struct span body)
{
	const char *version = find_last(body, SPAN(" (version "));
	const char *open;
	struct span s = { NULL, 0 };
	size_t i, n;

	if (version)
		body.n = (size_t)(version - body.p);
	open = find_last(body, SPAN(" ("));
	if (!open)
		return s;
	open += 2;
	n = left_in(body, open);
	for (i = 0; i < n && i < 64; i++) {
		if (open[i] == ')' && i > 0)
			return (struct span){ open, i };
		if (open[i] != '_' && !(open[i] >= 'A' && open[i] <= 'Z') &&
		    !ascii_is_digit(open[i]))
			break;
	}
	return s;
}

/* The server's own sentence, on one line, without code, name and version;
   *cut when it goes on. */
static struct span
exception_sentence(struct span body, bool *cut)
{
	static const char before[] = "DB::Exception: ";
	size_t from = span_find(body, SPAN(before));
	size_t what = span_find(body, SPAN(", e.what() = ")); /* of servers before 20 */
	struct span s, name = exception_name(body);
	size_t i;

	*cut = false;
	if (from == body.n)
		return (struct span){ NULL, 0 };
	from += strlen(before);
	s = (struct span){ body.p + from, body.n - from };
	if (what > from && what < body.n)
		s.n = what - from;
	else if (name.p && name.p > s.p + 2)
		s.n = (size_t)(name.p - 2 - s.p);
	for (i = 0; i < s.n && s.p[i] != '\n'; i++)
		;
	*cut = i > TEXT_MAX;
	s.n = utf8_cut(s.p, i, TEXT_MAX);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '.'))
		s.n--;
	return s;
}

/* Whether it is inside of a word, such as the one of "doesn't". */
static bool
is_apostrophe(struct span s, size_t i)
{
	return s.p[i] == '\'' && i > 0 && i + 1 < s.n && ascii_is_letter(s.p[i - 1]) &&
	    ascii_is_letter(s.p[i + 1]);
}

/* Where the last quote like the one at `i` is that ends a quotation; or `i`. */
static size_t
last_quote(struct span s, size_t i)
{
	size_t end;

	for (end = s.n - 1; end > i; end--)
		if (s.p[end] == s.p[i] && !is_apostrophe(s, end))
			break;
	return end;
}

/*
 * Adds text; in `quiet` mode what stands between the first quote and the last
 * one becomes "...".  Of a text that was cut the last quote is not known.
 */
static void
add_sentence(struct buf *b, struct span s, bool quiet, bool cut)
{
	size_t i, end;

	for (i = 0; i < s.n; i++) {
		buf_addc(b, s.p[i]);
		if (!quiet || (s.p[i] != '\'' && s.p[i] != '"'))
			continue;
		end = last_quote(s, i);
		if (end == i && !cut && is_apostrophe(s, i))
			continue;
		buf_adds(b, "...");
		if (end == i)
			return;
		i = end;
		buf_addc(b, s.p[i]);
		if (cut)
			return;
	}
}

/* The column that a refused row failed at: an identifier, else nothing. */
static struct span
refused_column(struct span body)
{
	static const char before[] = "(while reading the value of key ";
	const char *p = find_last(body, SPAN(before));
	size_t i, n;

	if (!p)
		return (struct span){ NULL, 0 };
	p += strlen(before);
	n = left_in(body, p);
	for (i = 0; i < n && i < 64; i++) {
		char c = p[i];

		if (c == ')')
			return (struct span){ p, i };
		if (c != '_' && c != '.' && !ascii_is_letter(c) && !ascii_is_digit(c))
			break;
	}
	return (struct span){ NULL, 0 };
}

static uint64_t
refused_row(struct span body)
{
	const char *p = find_last(body, SPAN("(at row "));

	return p ? exception_number((struct span){ p + 8, left_in(body, p + 8) }) : 0;
}

/*
 * The view that an insert has failed in; p NULL: none.  It is told behind all
 * that the server quotes, so that it is not taken from a row.
 */
static struct span
failed_view(struct span body, struct span name)
{
	static const char before[] = ": while pushing to view ";
	struct span s = { NULL, 0 };
	const char *p;

	if (!name.p)
		return s;
	body.n = (size_t)(name.p - body.p);
	p = find_last(body, SPAN(before));
	if (!p)
		return s;
	p += strlen(before);
	body = (struct span){ p, left_in(body, p) };
	if (memchr(p, '\'', body.n) || memchr(p, '"', body.n))
		return s;
	s.p = p;
	while (s.n < body.n && p[s.n] != ' ' && p[s.n] != ':' && p[s.n] != '\n')
		s.n++;
	while (s.n > 0 && p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* "INSERT(a, b) ON d.t" of what the server says is lacking, without the columns. */
static void
add_grant(struct buf *b, struct span body)
{
	static const char before[] = "necessary to have the grant ";
	const char *p = find_last(body, SPAN(before));
	struct span name = exception_name(body), grant = { NULL, 0 };
	size_t i, from = b->n, depth = 0;

	if (!p || !name.p || name.p < p)
		return;
	p += strlen(before);
	grant = (struct span){ p, (size_t)(name.p - p) };
	while (grant.n > 0 && strchr("(. ", grant.p[grant.n - 1]))
		grant.n--;
	buf_adds(b, "the user lacks the grant ");
	for (i = 0; i < grant.n && b->n - from < TEXT_MAX; i++) {
		depth += grant.p[i] == '(';
		if (depth == 0)
			buf_add_scrubbed(b, grant.p + i, 1);
		depth -= grant.p[i] == ')' && depth > 0;
	}
}

enum clickhouse_status
exception_explain(struct span body, int code, bool quiet, bool body_cut, struct clickhouse_error *e)
{
	struct span name, view, column, sentence;
	bool quotes_data, cut;
	struct buf b = BUF_INIT, grant = BUF_INIT;

	e->code = code;
	e->status = clickhouse_code_status(code);
	e->row = refused_row(body);
	quotes_data =
	    quiet && (e->status == CLICKHOUSE_BAD_DATA || e->status == CLICKHOUSE_UNKNOWN);
	name = body_cut ? (struct span){ NULL, 0 } : exception_name(body);
	view = failed_view(body, name);
	/* the table may have the rows by now: to send them otherwise would double them */
	if (view.p && e->status == CLICKHOUSE_BAD_DATA)
		e->status = CLICKHOUSE_UNKNOWN;
	buf_addf(&b, "ClickHouse code %d", code);
	if (name.p)
		buf_addf(&b, " %.*s", (int)name.n, name.p);
	if (quotes_data) {
		if (view.p) {
			buf_adds(&b, " in the view ");
			buf_add_scrubbed(&b, view.p, view.n);
		}
		column = refused_column(body);
		if (column.p)
			buf_addf(&b, ", column %.*s", (int)column.n, column.p);
	} else {
		if (code == ACCESS_DENIED)
			add_grant(&grant, body);
		sentence = exception_sentence(body, &cut);
		if (sentence.n || grant.n)
			buf_adds(&b, ": ");
		if (grant.n)
			buf_add(&b, grant.p, grant.n);
		else
			add_sentence(&b, sentence, quiet, cut);
		buf_release(&grant);
	}
	snprintf(e->text, sizeof(e->text), "%.*s", (int)b.n, b.p ? b.p : "");
	buf_release(&b);
	return e->status;
}

bool
exception_begins(struct span line)
{
	return (line.n >= 13 && memcmp(line.p, "__exception__", 13) == 0) ||
	    (line.n >= 6 && memcmp(line.p, "Code: ", 6) == 0 &&
		span_holds(line, SPAN("DB::Exception")));
}

int
exception_code(struct span body)
{
	size_t at = span_find(body, SPAN("Code: ")) + strlen("Code: ");

	if (at >= body.n)
		return 0;
	return (int)(exception_number((struct span){ body.p + at, body.n - at }) & 0xffff);
}
