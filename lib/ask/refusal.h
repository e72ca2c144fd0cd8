/*
 * Why a question can't be asked, in the API's terms: its error code, the
 * parameter at fault by its name there, and what was expected.
 */
#ifndef MM_REFUSAL_H
#define MM_REFUSAL_H

#include <stdbool.h>

#define REFUSAL_INVALID_PARAMS "invalid_params"
#define REFUSAL_INVALID_GROUP_BY "invalid_group_by"
#define REFUSAL_INTERNAL "internal_error" /* memory was out */

struct refusal {
	const char *code;      /* one of the above */
	const char *parameter; /* "group_by"; NULL: none in particular */
	char text[320];        /* "expected one of a, b", without the parameter's name */
};

/* Fills it, with printf's rules for the text; returns false. */
bool refuse(struct refusal *, const char *code, const char *parameter, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
