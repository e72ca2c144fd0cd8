/*
 * Exports of other tools: their lines, of which each has a record or many.
 */
#ifndef MM_EXPORTS_H
#define MM_EXPORTS_H

#include "import/csv.h"
#include "import/export_record.h"
#include "import/format.h"

/* Starts as all zero but for the site of `work`. */
struct exports {
	struct export_work work;
	/* the module's */
	struct csv csv;
	bool begun, is_csv; /* of the file at hand */
};

void exports_release(struct exports *);

/* Whether records of the format are taken here. */
bool exports_has(enum import_format);

/* A new file follows; what the one before left is rejected. */
void exports_begin_file(struct exports *, struct export_sink *);

/*
 * Takes a line: an object, an array of objects, a batch {"batch":[..]}, or, in a
 * file whose first line is neither, a row of CSV.
 */
void exports_take(
    struct exports *, enum import_format, const char *p, size_t n, struct export_sink *);

#endif
