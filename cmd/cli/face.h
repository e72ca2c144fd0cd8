/*
 * What all commands share at their face: options, exit statuses, signals.
 */
#ifndef MM_FACE_H
#define MM_FACE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"

#define MM_VERSION "1.0.0"

/* Exit statuses, mm(7). */
enum {
	STATUS_OK = 0,
	STATUS_REJECTED = 1, /* ran to the end, some records were rejected */
	STATUS_ERROR = 2,    /* usage, configuration, input or output error */
	STATUS_IOERR = 74,   /* no room left for what has to be kept */
	STATUS_TEMPFAIL = 75 /* a sink could not reach ClickHouse */
};

/*
 * Names the program in messages, ignores SIGPIPE and SIGXFSZ (write errors
 * are reported by status instead), makes sure that descriptors 0, 1 and 2 are
 * open, and parses the options.  Returns true to go on, with the operands in
 * argv[0 .. *operand_count); false when help was printed or the call was
 * wrong, with the status to exit with.
 */
bool face_begin(
    const struct opt_command *, int argc, char **argv, size_t *operand_count, int *status);

/* Writes n bytes on standard output; the status to exit with, 0 also when its reader has gone. */
int face_print(const char *p, size_t n);

/*
 * From here on SIGINT, SIGTERM and SIGHUP set face_stop instead of ending
 * the process, so that a record is finished and files are left consistent.
 */
void face_catch_signals(void);
extern atomic_int face_stop; /* the signal's number, or 0 */

/*
 * The end of main: dies by the signal that was caught, if one was; else
 * returns the status.
 */
int face_end(int status);

#endif
