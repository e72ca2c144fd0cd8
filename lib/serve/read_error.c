#include "serve/read_error.h"

#include "ask/ask.h"
#include "text/json.h"

#include "base/banned.h"

/* "a, b, c" as a list of strings. */
static void
add_names(struct buf *b, const char *names)
{
	size_t n;

	buf_addc(b, '[');
	for (; *names; names += n) {
		names += strspn(names, ", ");
		n = strcspn(names, ",");
		json_add_string(b, names, n);
		if (names[n])
			buf_addc(b, ',');
	}
	buf_addc(b, ']');
}

unsigned
read_error(struct buf *b, unsigned status, const char *code, const char *text)
{
	buf_addf(b, "{\"error\":\"%s\",\"details\":", code);
	json_add_string(b, text, strlen(text));
	buf_adds(b, "}\n");
	return status;
}

unsigned
read_refused(struct buf *b, const struct refusal *r)
{
	if (strcmp(r->code, REFUSAL_INTERNAL) == 0)
		return read_error(b, 500, r->code, r->text);
	buf_addf(b, "{\"error\":\"%s\",\"details\":{\"fieldErrors\":{", r->code);
	if (r->parameter)
		buf_addf(b, "\"%s\":[", r->parameter);
	else
		buf_adds(b, "},\"formErrors\":[");
	json_add_string(b, r->text, strlen(r->text));
	buf_adds(b, r->parameter ? "]},\"formErrors\":[]}" : "]}");
	if (strcmp(r->code, REFUSAL_INVALID_GROUP_BY) == 0) {
		buf_adds(b, ",\"allowed\":");
		add_names(b, ASK_ALL_GROUPS);
	}
	buf_adds(b, "}\n");
	return 400;
}

unsigned
read_upstream(struct buf *b, const struct clickhouse_error *e)
{
	switch (e->status) {
	case CLICKHOUSE_STOPPED:
		return read_error(b, 502, "upstream_failed", "this server is ending: ask again");
	case CLICKHOUSE_TRANSIENT:
		return read_error(b, 502, "upstream_failed",
		    "ClickHouse can't be reached, or is busy: ask again later");
	default:
		return read_error(b, 502, "upstream_failed",
		    "ClickHouse did not answer this question; the log of this server says why");
	}
}
