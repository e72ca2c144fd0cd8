/*
 * Lines of files and of standard input, handed out without copying.
 *
 * Reads big blocks; a line that straddles two is moved once.  A line ends at
 * '\n'; a '\r' before it is dropped; the last line may lack its end; a UTF-8
 * byte order mark at the start of a file is skipped (SPEC 1).  Output is
 * flushed exactly when a read would block, so a pipeline is live when input
 * trickles and writes in big batches when it does not.
 */
#ifndef MM_LINES_H
#define MM_LINES_H

#include <signal.h>
#include <sys/types.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/out.h"

enum {
	LINES_BLOCK = 256 * 1024,        /* bytes a read asks for */
	LINES_MAX_DEFAULT = 1024 * 1024, /* --max-line */
};

enum lines_event {
	LINES_END,   /* no more input, or *stop was set (whole lines that had
	                 been read are handed out first) */
	LINES_LINE,  /* p, n: a whole line, without its end */
	LINES_LONG,  /* p, n: a piece of a line longer than max_line; every
	                 call gives the next piece, the one with last set ends it */
	LINES_IDLE,  /* wait_ms passed while waiting for input, or a signal came */
	LINES_ERROR, /* error is an errno: of opening or reading `name`; go on
	                 calling for the files after it */
};

/* How the bytes of files are read, when not by read(2). */
struct lines_source {
	/* at the start of each file */
	void (*begin)(void *context);
	/* as read(2); EAGAIN is LINES_IDLE; *ready: the next call need not wait for input;
	   *reason: what is wrong, where errno does not say it */
	ssize_t (*read)(void *context, int fd, char *p, size_t n, bool *ready, const char **reason);
	void *context;
};

struct lines {
	/* the answer of the last lines_next; valid until the next call */
	const char *p;
	size_t n;
	bool last;        /* with LINES_LONG */
	uint64_t number;  /* of the line in its file, from 1 */
	uint64_t bytes;   /* read so far, of all files */
	const char *name; /* the file's, "<stdin>" for standard input */
	int error;
	const char *reason; /* with LINES_ERROR, of a source: in words, or NULL */

	/* may be set between calls: how long to wait for input before
	   LINES_IDLE, in milliseconds; -1 (the default): for ever */
	int wait_ms;
	/* may be set between calls: read no more; whole lines that have been
	   read are still handed out */
	bool enough;
	/* may be set once after lines_init: a second output to flush (rejects) */
	struct out *also;
	/* likewise: what reads */
	const struct lines_source *source;

	/* what follows is the module's */
	char *const *files;
	size_t file_count, next_file;
	size_t max_line;
	struct out *out;
	const atomic_int *stop;
	int fd;
	bool eof, in_long, fresh; /* fresh: not yet looked for a mark */
	bool ready;               /* the source need not wait */
	char *block;
	size_t cap, start, end, scanned;
};

/*
 * Reads the named files in order ("-" is standard input; none named: standard
 * input).  `out` (may be NULL) is flushed before a read that would block;
 * `stop` (may be NULL) ends the input when it becomes non-zero.  Returns
 * false when memory is out.
 */
bool lines_init(struct lines *, char *const *files, size_t file_count, size_t max_line,
    struct out *out, const atomic_int *stop);
void lines_release(struct lines *);

enum lines_event lines_next(struct lines *);

/* Whole lines that were handed over at once; starts as all zero. */
struct lines_block {
	char *p; /* memory of the caller's, who frees it */
	size_t cap, start, n;
	const char *name; /* of the file, as in struct lines */
	size_t file;      /* its place among the files, from 1 */
};

/*
 * As lines_next, but LINES_LINE hands over all whole lines that one read has
 * given: they stand in *b, whose memory is swapped for that which was read
 * into, and stay there when more is read.  `number` is not kept, and a piece of
 * a line that is too long comes only of one whose end has not been read yet.
 * Not to be mixed with lines_next.
 */
enum lines_event lines_next_block(struct lines *, struct lines_block *b);

/* Makes lines_next hand out the lines of the block, numbered from 1, then LINES_END. */
void lines_of_block(struct lines *, const struct lines_block *, size_t max_line);

/*
 * Whether the line at hand is followed in memory by its newline, and both will stay
 * until the next read, before which `out` is settled (out_lend).
 */
static inline bool
lines_has_newline(const struct lines *l)
{
	return l->p + l->n + 1 == l->block + l->start && l->p[l->n] == '\n';
}

/* Bytes that were read and are of no line yet that was handed out. */
size_t lines_unread(const struct lines *);

/* True for a line of JSON white space only, which is skipped (SPEC 1). */
bool line_is_blank(const char *p, size_t n);

#endif
