/*
 * The way in and out that the filters share: lines in, what passes to
 * standard output, rejects to their file or explained on standard error, a
 * summary and a status at the end (SPEC 3 and 17).
 */
#ifndef MM_INTAKE_H
#define MM_INTAKE_H

#include "event/complaint.h"
#include "cmd/cli/face.h"
#include "base/lines.h"
#include "event/longline.h"
#include "base/out.h"
#include "event/reject.h"
#include "cmd/cli/intake_notes.h"

enum { INTAKE_EXPLAINED = 10 }; /* lines that are explained on standard error */

struct intake {
	/* the options */
	const char *rejects_path;
	bool rejects_new;
	uint64_t max_line;
	int summary; /* -1: not asked for, 0: text, 1: json */
	bool quiet;

	/* may be set before intake_open: the rejects file, which nobody asked for,
	   is made when the first reject comes, and not at all without one */
	bool rejects_late;
	/* likewise: blank lines are handed out, too */
	bool with_blank;
	/* likewise: lines need not be JSON; or may be bodies of events */
	bool takes_text, takes_bodies;
	/* likewise: the command sums up by itself */
	bool no_summary;

	/* likewise, or NULL: called before a line is rejected, or a file that
	   can't be read is told, by the intake itself, so that a command that
	   has lines before it still in work can finish with those */
	void (*settle)(void *settle_context);
	void *settle_context;
	/* likewise, or NULL: adds to the summary what the command has counted
	   beside: to a JSON object (", \"key\":value") or to a line of text
	   (", words"); `asked`: by --summary, else only what must be said */
	void (*add_counts)(void *context, bool json, bool asked, struct buf *);
	void *context;

	/* likewise, or NULL: told of each line that is rejected; p is NULL for one
	   that is too long to be at hand */
	void (*on_reject)(void *reject_context, const char *name, uint64_t number, const char *p,
	    size_t n, const struct complaint *, size_t complaints);
	void *reject_context;

	/* likewise, or NULL: what is told of lines waits there, for intake_note; `out` is then in
	   memory, and lines.number is counted from the block's start */
	struct intake_notes *notes;

	/* likewise, or NULL: told of what only warns of a line that passes */
	void (*on_warning)(void *context, const char *name, uint64_t number,
	    const struct complaint *, size_t complaints);

	/* likewise, or NULL: asked before a line that was noted is rejected, of which `taken` lines
	   of the same notes had been passed or dropped before; false: it is not rejected, and
	   the input ends there */
	bool (*may_reject)(void *context, const char *name, uint64_t number, const char *p,
	    size_t n, uint64_t taken);

	/* the line at hand: lines.p, lines.n, lines.number */
	struct lines lines;
	/* there is none: lines.wait_ms, which the caller has set, passed without input */
	bool idle;
	struct out out; /* standard output */

	uint64_t passed, rejected, blank;
	uint64_t unkept;  /* of the rejected, those that are in no file that was not asked for */
	uint64_t dropped; /* lines that were valid and not wanted */
	bool cut;         /* after intake_end: the reader of standard output left early */

	struct buf aside; /* with notes: what the command keeps beside `out` */

	/* what follows is the module's */
	bool enough; /* may_reject has said so */
	bool several, failed;
	bool told_foreign, in_long;
	struct out rejects;
	int rejects_fd;
	struct longline longline;
	struct tally tally;
	struct buf record;
};

#define INTAKE_INIT                                                             \
	{                                                                       \
		.max_line = LINES_MAX_DEFAULT, .summary = -1, .rejects_fd = -1, \
		.longline = LONGLINE_INIT                                       \
	}

/* Rows for a command's option table. */
#define INTAKE_MAX_LINE(i)                                                           \
	{                                                                            \
		0, "max-line", OPT_SIZE, "SIZE", "reject longer lines (default 1M)", \
		    &(i).max_line, 64, UINT64_C(1) << 30                             \
	}
#define INTAKE_QUIET(i)                                                                        \
	{                                                                                      \
		'q', "quiet", OPT_FLAG, NULL, "print nothing about rejects on standard error", \
		    &(i).quiet, 0, 0                                                           \
	}
#define INTAKE_REJECTS(i)                                                                         \
	{ 0, "rejects", OPT_STRING, "FILE",                                                       \
		"append rejected lines and reasons to FILE (- for stderr)", &(i).rejects_path, 0, \
		0 },                                                                              \
	{                                                                                         \
		0, "rejects-new", OPT_FLAG, NULL, "empty the file of --rejects first",            \
		    &(i).rejects_new, 0, 0                                                        \
	}
#define INTAKE_SUMMARY(i)                                                               \
	{                                                                               \
		0, "summary", OPT_CHOICE, "text|json",                                  \
		    "print the counts on standard error at the end", &(i).summary, 0, 0 \
	}

/*
 * Opens input, standard output and the rejects file.  Returns false after a
 * message; the status is then STATUS_ERROR.
 */
bool intake_open(struct intake *, char *const *files, size_t file_count);

/*
 * Whether an option may write to the file at `path`: false after a message when
 * that is read as well, or is standard output in a regular file.
 */
bool intake_may_write(const char *option, const char *path, char *const *files, size_t count);

/*
 * The next line that is not blank and not too long (that one is rejected
 * here); or idle.  False at the end, after a signal, or when an output has failed.
 */
bool intake_next(struct intake *);

/* Passes the line at hand on, byte for byte, and counts it. */
void intake_pass(struct intake *);

/* Rejects the line at hand, whose complaints stand grouped by field. */
void intake_reject(struct intake *, const char *error, const struct complaint *, size_t n);

/* The same; the record goes to a rejects file that was asked for, and to no other. */
void intake_reject_unkept(struct intake *, const char *error, const struct complaint *, size_t n);

/*
 * Rejects a line that was at hand before, or is of a file that was read beside:
 * [p, p+n), the `number`th of the file `name` (as lines.name had it).
 */
void intake_reject_line(struct intake *, const char *name, uint64_t number, const char *p, size_t n,
    const char *error, const struct complaint *, size_t complaints);

/* Warns of the line at hand, which passes. */
void intake_warn(struct intake *, const struct complaint *, size_t complaints);

/* For a crew (crew.h), by which lines are read in blocks. */

/* Takes a piece, the last or not, of the `number`th line of `name`, which is too long. */
void intake_take_piece(
    struct intake *, const char *name, uint64_t number, const char *p, size_t n, bool last);

/* Tells of the file that could not be read, after LINES_ERROR. */
void intake_tell_unread(struct intake *);

/* Tells what was noted of a line, `before` lines after the start of its file. */
void intake_tell_note(struct intake *, struct intake_note *, uint64_t before);

/*
 * Once a run: tells what the input looks like, when [p, p+n), the `number`th line of
 * the file `name`, was refused and looks like something known that is no NDJSON
 * (foreign.h), and the command that helps.  Lines that are rejected have been looked at.
 */
void intake_tell_foreign(
    struct intake *, const char *name, uint64_t number, const char *p, size_t n);

/* Whether the rejects so far are where they will outlast a crash; else no more are. */
bool intake_keep_rejects(struct intake *);

/* Flushes, closes, prints the summary.  Returns the exit status. */
int intake_end(struct intake *);

#endif
