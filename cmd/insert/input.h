/*
 * The lines that mm-insert reads become batches, and these are sent.
 */
#ifndef MM_INSERT_INPUT_H
#define MM_INSERT_INPUT_H

#include "cmd/insert/job.h"

/*
 * Delivers what waits in the spool, then reads job->in, which is open, to its
 * end, and sends all of it or keeps it.  Nothing is on its way afterwards.
 */
void insert_input(struct insert_job *, char **files, size_t count);

#endif
