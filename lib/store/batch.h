/*
 * Lines gathered until they are sent together.
 *
 * Where a batch ends depends on nothing but the lines and the two limits, so
 * the same input is always cut at the same places.
 *
 * A large batch takes little memory: but for the last of them, its rows are in
 * a file, from which they are only read when they are needed.
 */
#ifndef MM_BATCH_H
#define MM_BATCH_H

#include "base/buf.h"

/* ---- tokens ---------------------------------------------------------------- */

/* The deduplication token of an insert: BLAKE3 over database, table and rows, 128
   bits of it in hexadecimal. */
enum { TOKEN_LENGTH = 32 };

struct token;

/* A token of no rows yet.  NULL when memory is out. */
struct token *token_new(const char *database, const char *table);
void token_free(struct token *);

void token_reset(struct token *); /* of no rows again */
void token_add(struct token *, struct span rows);

/* The token of the rows added so far and, behind them, of the `rest`; with a
   final NUL.  The rest is not added. */
void token_text(const struct token *, struct span rest, char text[TOKEN_LENGTH + 1]);

/* ---- batches --------------------------------------------------------------- */

enum { BATCH_IN_MEMORY = 256 << 10 }; /* bytes of rows, before they go to the file */

struct native;

struct batch_row {
	size_t end;            /* of the row among the batch's bytes, behind its newline */
	uint64_t line : 63;    /* where it stands in its file, from 1 */
	uint64_t left_out : 1; /* of what is sent, though not of the token */
};

/* Where the rows of batches wait, and which table they are for. */
struct batch_place {
	const char *dir; /* for the file */
	const char *database, *table;
};

struct batch {
	struct buf bytes; /* the rows, each with a newline: those behind `in_file` */
	size_t in_file;   /* bytes of the rows that are in the file .. */
	int fd;           /* .. from its start on */
	struct batch_row *rows;
	size_t n;
	size_t left_out; /* of the rows, so many */
	/* the caller's: the file that they are from, and whether they are safe there;
	   room for a block, which holds just these rows when they are `encoded` */
	const char *name;
	uint64_t mark; /* anything */
	bool in_place, encoded;
	struct native *block;
	/* the module's */
	const char *dir;
	struct token *token; /* of what is in the file */
	int unnamed;         /* our own file, or -1 */
	bool stays;          /* what is not in the file yet stays in memory */
	size_t cap, max_rows, max_bytes;
};

/* Limits of at least 1; without a place all rows stay in memory.  Its `dir` is
   kept.  Returns false when memory is out; release the batch then, too. */
bool batch_init(struct batch *, size_t max_rows, size_t max_bytes, const struct batch_place *place);
void batch_release(struct batch *);
void batch_reset(struct batch *); /* empty again; keeps memory and file */

static inline size_t
batch_size(const struct batch *b)
{
	return b->in_file + b->bytes.n;
}

/* Whether a line of n bytes may still join.  One alone always may. */
bool batch_fits(const struct batch *, size_t n);

/* Whether no further line may join, however short. */
bool batch_is_full(const struct batch *);

/* Copies a line that fits and adds its newline.  False: memory is out. */
bool batch_add(struct batch *, uint64_t line, const char *p, size_t n);

/*
 * Makes rows of the lines of a file, whatever the limits; the batch was empty.
 * The descriptor stays the caller's, and open until the batch is reset.
 * Returns 0, or an errno.
 */
int batch_of_file(struct batch *, int fd);

/* What has been read of a batch's file; with bytes.n = 0 it is of any batch. */
struct batch_window {
	struct buf bytes;
	size_t at; /* where they begin among the batch's bytes */
};

/*
 * A row, with its newline; valid until the next call with this window.  p is
 * NULL, with errno set, when it can't be read or memory is out.
 */
struct span batch_row(const struct batch *, size_t i, struct batch_window *);

/*
 * Leaves a row out of what is sent, or not: the batch and its tokens stay what
 * they are, so that it is known when it comes again without that row.  Only of
 * a batch whose rows are all in memory may rows be left out when it is sent.
 */
void batch_leave_out(struct batch *, size_t i, bool);

/* How many of the rows [first, first + count) are sent. */
size_t batch_sent(const struct batch *, size_t first, size_t count);

/* The token of all rows of a batch that has a place. */
void batch_token(const struct batch *, char text[TOKEN_LENGTH + 1]);

/* Writes all rows to a file.  Returns 0, or an errno. */
int batch_write(const struct batch *, int fd);

/* Reads back into `bytes` what is in the file.  Returns 0, or an errno; the
   batch is then as it was. */
int batch_recall(struct batch *);

/* The same, and makes the file empty.  False: that has made no room on its disk. */
bool batch_make_room(struct batch *);

/* ---- for batches that are in memory, or were recalled ---- */

/* Takes out the rows i for which keep[i] is false; the others stay in order. */
void batch_keep(struct batch *, const bool *keep);

/* Appends rows of b to another batch in memory.  False: memory is out. */
bool batch_copy(struct batch *to, const struct batch *b, size_t first, size_t count);

/* All rows of `from` take the place of those of b; it has none then. */
void batch_take_rows(struct batch *b, struct batch *from);

/* The bytes of the rows [first, first + count). */
struct span batch_rows(const struct batch *, size_t first, size_t count);

#endif
