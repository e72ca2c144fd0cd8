/*
 * What mm-insert says at its end: where the rows are that are not stored, and
 * the command that sends them.
 */
#ifndef MM_INSERT_REPORT_H
#define MM_INSERT_REPORT_H

#include "cmd/insert/job.h"

/* Ends the input, tells what became of the rows, and returns the exit status. */
int insert_report(struct insert_job *);

#endif
