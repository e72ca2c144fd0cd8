#include "event/complaint.h"

#include "base/banned.h"

#define SYNTAX "Invalid JSON at byte offset "

struct complaint
complaint_no_object(const struct json_scan *s, enum json_type type, struct buf *words)
{
	struct complaint c = { .field = { NULL, 0 } };
	const char *reason = json_reason_text(s->reason);
	size_t start = words->n;

	if (s->reason) {
		buf_addf(words, SYNTAX "%zu: %s", json_offset(s), reason);
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

bool
complaint_is_syntax(const struct complaint *c)
{
	struct span begin = SPAN(SYNTAX);

	return !c->field.p && c->text.n > begin.n && memcmp(c->text.p, begin.p, begin.n) == 0;
}
