/*
 * The job of mm-import: options into what the library is told, lines in, events out.
 */
#ifndef MM_IMPORT_JOB_H
#define MM_IMPORT_JOB_H

#include "cmd/cli/crew.h"
#include "import/follow.h"
#include "import/importer.h"
#include "import/unpack.h"

enum { IMPORT_FIRST_LINES = 10 }; /* by which a file's format is told */

struct import_options {
	struct opt_list trusted, paths;
	const char *site, *keep, *map, *ip_field, *state;
	bool follow;
	int scheme; /* 0: http, 1: https */
};

/* Starts as all zero but for the intake and the options. */
struct import_job {
	struct intake in;
	struct crew crew;
	struct import_options options;

	/* the job's */
	struct importer im;
	struct unpack unpack;
	struct lines_source source;
	bool automatic, refused;
	bool tails; /* one log, from a place that is remembered, or as it grows */
	bool tail_failed, has_saved;
	struct follow follow;
	struct buf state;
	uint64_t saved; /* bytes that had been read when the state was saved */
	bool told_site, told_proxy;
	size_t file; /* with several threads: that at hand, and its records before the block */
	uint64_t taken_before;
	enum import_format told; /* the format that was told last */
	const char *name;        /* of the file at hand */
	uint64_t number;         /* of the last line, in its file */
	uint64_t taken;          /* records of the file that were no rejects */
	uint64_t unknown;        /* lines of it that look like nothing */
	struct ip_range *range;
	struct span *path;
	char site[URL_NAME_MAX];
};

/* Reads FORMAT and the options; false after a message. */
bool import_job_begin(struct import_job *, const char *format);

/* Imports the files; the status to exit with. */
int import_job_run(struct import_job *, char *const *files, size_t count);

/*
 * With several threads: whether they can be had, false after a message; and takes all lines,
 * false after a message.
 */
bool together_may(const struct import_job *);
bool together_run(struct import_job *);

/* Tells what people should know at once, and only once. */
void import_job_tell_site(struct import_job *, const char *name);
void import_job_tell_proxy(struct import_job *, const char *name);

/*
 * Whether the file is of another format, as its first lines show, of which [p, p+n) is the
 * `number`th and was refused; `taken` records before it were not.  Says so.
 */
bool import_job_is_foreign(struct import_job *, const char *name, uint64_t number, const char *p,
    size_t n, uint64_t taken);

/*
 * A log that is followed, in place of files: opens it; looks after it when there
 * is nothing to read, and after each line; ends.  False, after a message where
 * there is something to say, when it is at its end.
 */
bool tail_open(struct import_job *, const char *path);
bool tail_idle(struct import_job *);
bool tail_line(struct import_job *);
bool tail_end(struct import_job *);

void import_job_release(struct import_job *);

#endif
