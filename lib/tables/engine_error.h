/*
 * Why an engine could not be found, started or kept: one sentence.
 */
#ifndef MM_ENGINE_ERROR_H
#define MM_ENGINE_ERROR_H

#include <stdbool.h>

struct engine_error {
	char text[768];
};

/* Writes the sentence, cut when it is longer; returns false for the caller to return. */
bool engine_fail(struct engine_error *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same for an errno: "WHAT: No such file or directory". */
bool engine_fail_errno(struct engine_error *, int errnum, const char *what);

#endif
