/*
 * What is wrong with a line: a list of complaints, each about a field or about
 * the line as a whole.  A complaint never quotes a value of the line.
 */
#ifndef MM_COMPLAINT_H
#define MM_COMPLAINT_H

#include "base/buf.h"
#include "text/json.h"

struct complaint {
	/* the field's name as it may stand inside a JSON string; p is NULL for
	   a complaint about the whole line */
	struct span field;
	struct span text; /* for people: "Required" */
	struct span kind; /* what it is counted as; p is NULL when that is the text */
	/* the name that the field is counted under; p is NULL when that is field */
	struct span counted_field;
};

/*
 * The complaint about a line that is no JSON object: what stopped the scan, or
 * else the `type` that the line is instead.  Its text is appended to `words`,
 * and is valid until that changes.
 */
struct complaint complaint_no_object(
    const struct json_scan *, enum json_type type, struct buf *words);

/* Whether the complaint is one of complaint_no_object about a scan that stopped. */
bool complaint_is_syntax(const struct complaint *);

#endif
