/*
 * Messages to people, on standard error, as "mm-validate: what is wrong".
 *
 * The one module of the library that writes to a file descriptor it was not
 * given.  Only cmd/ calls it.  A message is one write(2), so that the lines
 * of a pipeline's commands do not mix; what it holds of
 * others (file names, answers of servers) is scrubbed (base/scrub.h).
 */
#ifndef MM_MSG_H
#define MM_MSG_H

#include "base/buf.h"

/* The name that messages begin with; the string is kept, not copied. */
void msg_name(const char *program);
const char *msg_program(void);

/* "NAME: text\n".  printf's rules; at most 4 KiB leave, cut with "...". */
void msg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Each line of the text as a message. */
void msg_lines(struct span text);

/* "NAME: text: strerror(errnum)\n". */
void msg_errno(int errnum, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A string to write before each message (kept, not copied), which erases what
 * stands in the terminal's line; NULL: none.
 */
void msg_erase(const char *);

/* Writes text as it is, without a name: reports that are built elsewhere. */
void msg_raw(const char *p, size_t n);

#endif
