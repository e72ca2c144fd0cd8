/*
 * What is said when a question can't be asked or answered: the body of an error,
 * appended to a buffer, and its HTTP status.  For the files of read.h.
 */
#ifndef MM_READ_ERROR_H
#define MM_READ_ERROR_H

#include "ask/question.h"

/* {"error":CODE,"details":TEXT}; both constant.  Returns the status. */
unsigned read_error(struct buf *, unsigned status, const char *code, const char *text);

/*
 * 400, or 500 when memory was out; details as those of an event that is
 * refused: {"fieldErrors":{NAME:[TEXT]},"formErrors":[]}.
 */
unsigned read_refused(struct buf *, const struct refusal *);

/* 502, with nothing of what the error says. */
unsigned read_upstream(struct buf *, const struct clickhouse_error *);

#endif
