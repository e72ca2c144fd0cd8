#include "complaint.h"

#include "banned.h"

struct complaint
complaint_no_object(const struct json_scan *s, enum json_type type, struct buf *words)
{
	struct complaint c = { .field = { NULL, 0 } };
	const char *reason = json_reason_text(s->reason);
	size_t start = words->n;

	if (s->reason) {
		buf_addf(words, "Invalid JSON at byte offset %zu: %s", json_offset(s), reason);
		c.kind = span_of(reason);
	} else {
		buf_addf(words, "Expected object, received %s", json_type_name(type));
	}
	if (words->failed)
		c.text = SPAN("Out of memory");
	else
		c.text = (struct span){ words->p + start, words->n - start };
	return c;
}
