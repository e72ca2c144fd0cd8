/*
 * What the arguments of a tool are, as a table; clients get it as JSON Schema
 * (draft 2020-12, of the keywords that older drafts have too).
 */
#ifndef MM_MCP_SCHEMA_H
#define MM_MCP_SCHEMA_H

#include "base/buf.h"

enum argument_kind {
	ARGUMENT_TEXT,
	ARGUMENT_CHOICE,  /* one of `choices` */
	ARGUMENT_CHOICES, /* a list of them, each once */
	ARGUMENT_TEXTS,   /* a list of texts */
	ARGUMENT_NUMBER,  /* a whole one */
	ARGUMENT_OBJECT,
};

/* Whom an argument, or a tool, is for; several may be true. */
enum {
	MCP_WRITES = 1,  /* only who may send events */
	MCP_ACCOUNT = 2, /* only who sees several projects */
	MCP_IDS = 4,     /* only who may see the ids of people */
};

struct argument {
	const char *name;
	enum argument_kind kind;
	bool required;
	unsigned min, max;    /* of a number, or how long a text or a list is; 0: no bound */
	const char *choices;  /* with "|" or commas between; properties.NAME: of any name */
	const char *fallback; /* what counts where it is not given; NULL: nothing */
	const char *about;    /* for people, and what reads like people; NULL: the name says it */
	unsigned needs;       /* MCP_ACCOUNT, MCP_IDS */
};

/* Whether what needs that is there for who is allowed so much. */
static inline bool
mcp_may(unsigned allowed, unsigned needs)
{
	return (needs & ~allowed) == 0;
}

/*
 * Appends the schema of an object of these arguments, which end with a NULL name, and
 * no others; those that need what is not allowed are left out.
 */
void argument_add_schema(struct buf *, const struct argument *, unsigned allowed);

#endif
