/*
 * What a report makes of text from outside: names in HTML stay text, and a rejects file of
 * anybody is counted or refused.
 */
#include <stdlib.h>

#include "show/html.h"
#include "text/json.h"
#include "event/reject.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
check_text(const struct buf *b)
{
	size_t i;

	MUST(b->n == 0 || utf8_valid(b->p, b->n, NULL));
	for (i = 0; i < b->n; i++)
		MUST((unsigned char)b->p[i] >= 0x20 && !strchr("<>\"'\x7f", b->p[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	struct reject_counts rejected = { 0 };
	size_t i;

	html_text(&whole, text);
	check_text(&whole);
	html_cut(&cut, text, 20);
	check_text(&cut);
	if (reject_count(&rejected, text.p, text.n))
		MUST(rejected.lines == 1);
	for (i = 0; i < rejected.tally.rows; i++)
		MUST(rejected.tally.row[i].kind && rejected.tally.row[i].count > 0);
	reject_counts_release(&rejected);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
