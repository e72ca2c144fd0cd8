/*
 * What the arguments of a tool are, as a table, and the JSON Schema that says
 * so to a client (draft 2020-12, of the keywords that older drafts have too).
 */
#ifndef MM_ARGUMENT_H
#define MM_ARGUMENT_H

#include "base/buf.h"

enum argument_kind {
	ARGUMENT_TEXT,
	ARGUMENT_CHOICE,  /* one of `choices` */
	ARGUMENT_CHOICES, /* a list of them, each once */
	ARGUMENT_TEXTS,   /* a list of texts */
	ARGUMENT_NUMBER,  /* a whole one */
	ARGUMENT_OBJECT,
};

struct argument {
	const char *name;
	enum argument_kind kind;
	bool required;
	unsigned min, max;    /* of a number, or how long a text or a list is; 0: no bound */
	const char *choices;  /* with "|" or commas between */
	const char *fallback; /* what counts where it is not given; NULL: nothing */
	const char *about;    /* for people, and what reads like people */
};

/* Appends the schema of an object of these arguments and no others; a name of NULL ends them. */
void argument_add_schema(struct buf *, const struct argument *);

#endif
