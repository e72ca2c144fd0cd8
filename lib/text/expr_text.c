#include "text/expr_program.h"

#include "base/banned.h"

size_t
expr_name(const char *text)
{
	size_t n = 0;

	while (expr_is_name(text[n]) && text[n] != ':' && (n > 0 || text[n] < '0' || text[n] > '9'))
		n++;
	return n > 0 && text[n] == '=' && text[n + 1] != '=' ? n : 0;
}

/* The line of the expression that holds the byte `at`, and a caret below it. */
static void
show_place(struct buf *b, const char *text, size_t at)
{
	size_t start = at, end = at, i;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	while (text[end] && text[end] != '\n')
		end++;
	buf_adds(b, "    ");
	buf_add_scrubbed(b, text + start, end - start);
	buf_adds(b, "\n    ");
	for (i = start; i < at; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			buf_addc(b, ' ');
	buf_adds(b, "^\n");
}

void
expr_show(struct buf *b, const char *text, const struct expr_mistake *m)
{
	const char *p, *end;

	if (m->placed) {
		show_place(b, text, m->at);
		return;
	}
	for (p = text; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		buf_adds(b, "    ");
		buf_add_scrubbed(b, p, (size_t)(end - p));
		buf_addc(b, '\n');
	}
}
