/*
 * Fields of a log line: words, and texts in quotes whose escapes are undone.
 */
#ifndef MM_LOG_FIELDS_H
#define MM_LOG_FIELDS_H

#include "base/buf.h"

struct log_fields {
	const char *p, *end; /* what is still to be read */
	/* the module's */
	bool escaped; /* there is a backslash somewhere */
	struct buf *scratch;
};

/*
 * Begins with [p, p+n).  What holds escapes is written to `scratch`, which is
 * reset where there are any, and stays valid until that changes.  False when
 * memory is out.
 */
bool log_fields_begin(struct log_fields *, const char *p, size_t n, struct buf *scratch);

/* Passes blanks and tabs. */
void log_fields_blanks(struct log_fields *);

/*
 * Takes the word or the text in quotes that stands here (something does), but
 * not the blanks behind it.  In quotes \" \\ \n \t \r \b \v \f \xNN are
 * undone; a quote that no blank follows does not end the text.  False: a text
 * does not end.
 */
bool log_fields_take(struct log_fields *, struct span *);

#endif
