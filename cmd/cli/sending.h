/*
 * What the commands say alike that send batches on and keep what can't be sent.
 */
#ifndef MM_SENDING_H
#define MM_SENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of a summary: its key in JSON, and what is counted, for people. */
struct sending_count {
	const char *key, *text;
	uint64_t value;
};

/*
 * Says why a request failed, and that it is tried again for so many ms; once in five
 * seconds, whichever thread asks: other connections fail alike.
 */
void sending_retry(const char *why, uint64_t for_ms, bool quiet);

/* Says that `where` refuses so large a body. */
void sending_halve(const char *where, size_t bytes, bool quiet);

/* Says that a file of the spool is set aside, and why. */
void sending_aside(const char *file, const char *why);

/* Prints the summary on standard error: as JSON, or as a message. */
void sending_summary(const struct sending_count *, size_t n, bool json);

/* Whether --drain stands alone, as it must; says so when it does not.  NULL: not given. */
bool sending_drain_alone(const char *drain, size_t files, const char *spool, bool follow);

#endif
