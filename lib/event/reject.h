/*
 * Rejects: lines that do not pass, as records that can be repaired and
 * replayed (SPEC 3), and the count of what was wrong, at once or from the
 * records.
 */
#ifndef MM_REJECT_H
#define MM_REJECT_H

#include "base/buf.h"
#include "event/complaint.h"

struct reject {
	const char *file;  /* NULL unless several files are read */
	uint64_t line;     /* in its file, from 1 */
	const char *error; /* a code: "invalid_payload" */
	const struct complaint *complaint;
	size_t complaints;
};

/*
 * Appends the record of the line [p, p+n) and a newline:
 * {"line":N,"error":CODE,"details":{"fieldErrors":{..},"formErrors":[..]},
 * "input":LINE}; a line that is not UTF-8 stands as "input_base64".
 * Complaints about one field must stand next to one another.
 */
void reject_add(struct buf *, const struct reject *, const char *p, size_t n);

/* The record up to and without the input, which the caller appends. */
void reject_add_head(struct buf *, const struct reject *);

/* Of these, "error":CODE,"details":{..}: the members of an answer of the API. */
void reject_add_reasons(struct buf *, const struct reject *);

/* What is wrong in one line for people: "event: Required; url: Invalid URL". */
void reject_explain(struct buf *, const struct reject *);

/* Appends base64 (RFC 4648, with padding) of n bytes. */
void buf_add_base64(struct buf *, const char *p, size_t n);

/*
 * Counts by field and kind of complaint.  Bounded: what does not fit, and
 * fields with longer names, are counted in `more`.
 */
enum { TALLY_MAX = 128, TALLY_FIELD_MAX = 256 };

struct tally_row {
	char *field; /* NULL: the whole line */
	char *kind;
	uint64_t count;
};

struct tally {
	struct tally_row row[TALLY_MAX];
	size_t rows;
	uint64_t more;
};

void tally_add(struct tally *, const struct complaint *, size_t n);
void tally_release(struct tally *);

/* Appends {"FIELD":{"KIND":N,..},..,"":{..}}; "" stands for the whole line. */
void tally_add_json(const struct tally *, struct buf *);

/*
 * What records hold, counted by field and reason: neither the lines themselves
 * nor any value of them.
 */
struct reject_counts {
	uint64_t lines;
	struct tally tally;     /* fields unescaped; a line counts for each of its reasons */
	struct buf field, text; /* the module's */
};

/*
 * Counts the record [p, p+n).  False: it is none of a rejected line, or memory
 * is out; the counts are then of no use.  All zero before the first.
 */
bool reject_count(struct reject_counts *, const char *p, size_t n);
void reject_counts_release(struct reject_counts *);

#endif
