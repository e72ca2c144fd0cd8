/*
 * A growable byte buffer.
 *
 * Invariants: n <= cap; p is NULL only while cap is 0; the bytes are not
 * NUL-terminated.  Appending never reports failure at the call: the first
 * allocation that fails sets `failed`, after which every append is a no-op,
 * so that a record is built in one go and checked once, at its end.
 */
#ifndef MM_BUF_H
#define MM_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *p;
	size_t n, cap;
	bool failed;
};

#define BUF_INIT                  \
	{                         \
		NULL, 0, 0, false \
	}

/* A piece of text owned by somebody else; valid as long as its owner says. */
struct span {
	const char *p;
	size_t n;
};

/* The span of a string literal or of a NUL-terminated string. */
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })
static inline struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Where `what` first stands in the text; the text's length when it does not. */
size_t span_find(struct span text, struct span what);

static inline bool
span_holds(struct span text, struct span what)
{
	return what.n == 0 || span_find(text, what) < text.n;
}

/* Takes the next line off the text, and its newline; false: nothing is left. */
bool span_take_line(struct span *text, struct span *line);

/* Frees the memory; the buffer is empty and usable again. */
void buf_release(struct buf *);

/* Forgets the bytes and a past failure, keeps the memory. */
static inline void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

/*
 * Makes room for `extra` bytes after the n that are there and returns where
 * they start; NULL (and `failed`) when memory is out.  The caller adds what
 * it wrote to b->n.
 */
char *buf_room(struct buf *, size_t extra);

void buf_add(struct buf *, const char *p, size_t n);
void buf_addc(struct buf *, char);
void buf_adds(struct buf *, const char *nul_terminated);
void buf_addu(struct buf *, uint64_t decimal);

/*
 * Adds "12.3 %", what the part is of the whole: rounded, but never to nothing
 * or all of it for what is neither.
 */
void buf_add_percent(struct buf *, uint64_t part, uint64_t whole);

/* Adds text for people, with what it could hide or do made visible (base/scrub.h). */
void buf_add_scrubbed(struct buf *, const char *p, size_t n);

/* printf into the buffer; for messages and help, never for the stream. */
void buf_addf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
