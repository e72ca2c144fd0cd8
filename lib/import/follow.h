/*
 * A log that grows and is rotated, read as one stream of bytes from a place that
 * can be saved: through renames, copies that are truncated, and restarts.
 *
 * A file is known again by its first bytes, wherever it has been moved, also
 * compressed.  Rotated files are those beside the log whose names are its name,
 * "." or "-", and digits, as "access.log.1", "access.log-20260516.gz".
 */
#ifndef MM_FOLLOW_H
#define MM_FOLLOW_H

#include "import/repeats.h"
#include "import/unpack.h"

enum {
	FOLLOW_HEAD = 1024, /* first bytes by which a file is known */
	FOLLOW_DIGEST = 16,
	FOLLOW_GRACE_MS = 1000 /* for those who still write to a file that was renamed */
};

/* Where a log was read to. */
struct follow_place {
	uint32_t head_n;                   /* first bytes of the file; 0: it was empty */
	uint32_t unused;                   /* 0 */
	unsigned char head[FOLLOW_DIGEST]; /* their BLAKE2b */
	uint64_t offset;
	int64_t written; /* seconds since 1970: when the file was written to last */
};

enum follow_step {
	FOLLOW_GO,       /* read on */
	FOLLOW_WAIT,     /* nothing is there now */
	FOLLOW_NEW_FILE, /* another file begins */
	FOLLOW_END,      /* all is read, and nobody waits for more */
	FOLLOW_ERROR,    /* f->error is an errno, of f->error_name */
};

/* Starts as all zero but for what the owner sets. */
struct follow {
	/* set by the owner: the log, and whether to wait for more at its end */
	const char *path;
	bool waits;

	bool lost; /* the file that was read last was not found again: told by the owner */
	int error;
	const char *error_name;
	const char *reason; /* of a file that is compressed and damaged, or NULL */

	/* what follows is the module's */
	int fd;
	bool is_path; /* the file at hand is the log itself, not a rotated one */
	bool at_end, between;
	char last;
	uint64_t offset, noticed, grown;
	uint64_t device, inode; /* of the file at hand */
	size_t head_n;
	char head[FOLLOW_HEAD];
	int64_t since;   /* when the file at hand was written to */
	uint64_t newest; /* of the rotated files when it was empty: its inode, or 0 */
	struct unpack unpack, probe;
};

/* Opens the log at its start, or (place not NULL) where it was read to. */
enum follow_step follow_open(struct follow *, const struct follow_place *);
void follow_release(struct follow *);

/* As read(2); EAGAIN: take what was read, and then a follow_step. */
ssize_t follow_read(struct follow *, char *p, size_t n);

/* What is to be done where follow_read had nothing, at now_ms of a clock that goes on. */
enum follow_step follow_step(struct follow *, uint64_t now_ms);

/* The place `unread` bytes before what was read. */
void follow_where(const struct follow *, size_t unread, struct follow_place *);

/*
 * A place, and the ids' repeats there, as bytes to keep in a file; and back.
 * False: the bytes are no such state, or damaged.
 */
void follow_save(const struct follow_place *, const struct repeats *, struct buf *);
bool follow_load(struct follow_place *, struct repeats *, const char *p, size_t n);

#endif
