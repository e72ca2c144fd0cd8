/*
 * What is wrong with a line: a list of complaints, each about a field or about
 * the line as a whole.  A complaint never quotes a value of the line.
 */
#ifndef MM_COMPLAINT_H
#define MM_COMPLAINT_H

#include "buf.h"

struct complaint {
	/* the field's name as it may stand inside a JSON string; p is NULL for
	   a complaint about the whole line */
	struct span field;
	struct span text; /* for people: "Required" */
	struct span kind; /* what it is counted as; p is NULL when that is the text */
};

#endif
