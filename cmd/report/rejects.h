/*
 * The file of mm-validate --rejects, counted for the report.
 */
#ifndef MM_REPORT_REJECTS_H
#define MM_REPORT_REJECTS_H

#include "event/reject.h"

/*
 * Counts the records of the file.  Returns false after a message about what is wrong with
 * it, or after a signal; reject_counts_release in both cases.
 */
bool rejects_read(const char *name, struct reject_counts *);

#endif
