/* Mail: fields that nothing can be put into, and lines that every relay lets through. */
#include "text/mime.h"

#include "base/timestamp.h"
#include "check.h"

#include "base/banned.h"

static struct buf b;

static bool
is(const char *want)
{
	bool same = !b.failed && b.n == strlen(want) && memcmp(b.p, want, b.n) == 0;

	if (!same)
		fprintf(stderr, "%.*s\n", (int)b.n, b.p);
	buf_reset(&b);
	return same;
}

/* The longest line, and whether there is a byte that is not printable ASCII. */
static size_t
longest(bool *strange)
{
	size_t most = 0, start = 0, i;

	*strange = false;
	for (i = 0; i < b.n; i++) {
		if (b.p[i] == '\n') {
			most = i - start > most ? i - start : most;
			start = i + 1;
		} else if (b.p[i] < 0x20 || b.p[i] == 0x7f) {
			*strange = true;
		}
	}
	return most;
}

static void
test_fields(void)
{
	mime_add_field(&b, "Subject", SPAN("The week: 12 visits"));
	CHECK(is("Subject: The week: 12 visits\n"), "as it is");
	mime_add_field(&b, "Subject", SPAN(""));
	CHECK(is("Subject: \n"), "empty");
	mime_add_field(&b, "Subject", SPAN("a\nBcc: x@y.example\r\n\r\nbody"));
	CHECK(
	    is("Subject: =?UTF-8?Q?a=0ABcc:_x=40y.example=0D=0A=0D=0Abody?=\n"), "no other field");
	mime_add_field(&b, "Subject", SPAN("=?UTF-8?Q?a?="));
	CHECK(is("Subject: =?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fa=3F=3D?=\n"), "what looks encoded");
	mime_add_field(&b, "Subject", SPAN("Wochenbericht f\u00fcr \u65e5\u672c"));
	CHECK(is("Subject: =?UTF-8?Q?Wochenbericht_f=C3=BCr_=E6=97=A5=E6=9C=AC?=\n"), "UTF-8");
	mime_add_field(&b, "Subject",
	    SPAN(
		"a title of many words, which is longer than a line of mail should be, and is folded"));
	CHECK(is("Subject: a title of many words, which is longer than a line of mail should\n"
		 " be, and is folded\n"),
	    "folded at a blank");
}

static void
test_long_fields(void)
{
	struct buf text = BUF_INIT;
	bool strange;
	size_t i;

	for (i = 0; i < 300; i++) {
		buf_adds(&text, i % 3 ? "\u65e5" : i % 2 ? " " : "x\xff");
		mime_add_field(&b, "Subject", (struct span){ text.p, text.n });
		CHECK(longest(&strange) <= MIME_LINE && !strange, "%zu characters", i);
		buf_reset(&b);
	}
	buf_release(&text);
}

static void
test_addresses(void)
{
	static const char *const good[] = { "root", "team@example.com",
		"a.b+c@xn--bcher-kva.example", "o'neil@example.com" };
	static const char *const bad[] = { "", "a b@c", "a@b,c@d", "a@b\nBcc: c", "<a@b>",
		"A <a@b>", "\"a\"@b", "a@", "@b", "a@b@c", "-oQ/tmp@b", "a\u00e4@b", "a@b;",
		"a(b)@c", "a\x01@b" };
	struct span two[] = { SPAN("a@b"), SPAN("root") };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(mime_is_address(span_of(good[i])), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!mime_is_address(span_of(bad[i])), "%s", bad[i]);
	mime_add_addresses(&b, "To", two, 2);
	CHECK(is("To: a@b,\n root\n"), "two");
}

static void
test_dates(void)
{
	mime_add_date(&b, 0);
	CHECK(is("Date: Thu, 1 Jan 1970 00:00:00 +0000\n"), "the first");
	mime_add_date(&b, 951868799999);
	CHECK(is("Date: Tue, 29 Feb 2000 23:59:59 +0000\n"), "a leap day");
	mime_add_date(&b, -1);
	CHECK(is("Date: Wed, 31 Dec 1969 23:59:59 +0000\n"), "before the first");
}

static void
test_quoted(void)
{
	struct buf text = BUF_INIT;
	bool strange;
	size_t i, n;

	mime_add_quoted(&b, SPAN("1 = 1 \n.\n..\nFrom here\nFrom\t\n\u00e4\r\n\nend"));
	CHECK(is("1 =3D 1=20\n=2E\n=2E.\n=46rom here\nFrom=09\n=C3=A4=0D\n\nend\n"), "quoted");
	for (n = 0; n < 400; n++) {
		buf_adds(&text, n % 7 ? "." : n % 2 ? "=" : "From ");
		mime_add_quoted(&b, (struct span){ text.p, text.n });
		CHECK(longest(&strange) <= MIME_LINE && !strange, "%zu", n);
		for (i = 0; i < b.n; i++)
			if (i == 0 || b.p[i - 1] == '\n')
				CHECK(b.p[i] != '.', "a line of %zu begins with a point", n);
		buf_reset(&b);
	}
	buf_release(&text);
}

int
main(void)
{
	test_fields();
	test_long_fields();
	test_addresses();
	test_dates();
	test_quoted();
	buf_release(&b);
	return check_end("test_mime");
}
