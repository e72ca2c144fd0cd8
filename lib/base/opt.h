/*
 * Command-line options: one table per command, that parses, prints the help
 * and feeds the completions.
 *
 * Accepts -x, -xy (flags), -xVALUE, -x VALUE, --name, --name=VALUE,
 * --name VALUE; `--` ends the options; operands may stand between options.
 * No abbreviations: what a script says today means the same tomorrow.
 */
#ifndef MM_OPT_H
#define MM_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum opt_kind {
	OPT_FLAG,     /* bool *: set to true */
	OPT_STRING,   /* const char **: the argument as it is */
	OPT_LIST,     /* struct opt_list *: repeatable, collects arguments */
	OPT_NUMBER,   /* uint64_t *: decimal, within min..max */
	OPT_SIZE,     /* uint64_t *: decimal with optional k, M, G (KiB ..) */
	OPT_DURATION, /* uint64_t *: milliseconds, from "250ms", "30s", "5m",
	                 "2h", "7d"; a bare number is seconds */
	OPT_CHOICE,   /* int *: index into the `arg` alternatives "a|b|c" */
};

struct opt_list {
	const char **v; /* pointers into argv */
	const struct opt *
	    *by; /* which option gave it: several may share a list, whose order counts */
	size_t n, cap;
};

struct opt {
	char letter;      /* 0: none */
	const char *name; /* long name, without dashes */
	enum opt_kind kind;
	const char *arg;  /* placeholder, or the alternatives; NULL for a flag */
	const char *help; /* one line, no full stop; NULL: see OPT_FORMER */
	void *to;
	uint64_t min, max; /* OPT_NUMBER, OPT_SIZE, OPT_DURATION (ms); max 0: no bound */
};

/*
 * A row behind that of an option: a name that the option had in an earlier release.  It is
 * parsed as the option, and told nowhere: not in the help, completions or guesses.
 */
#define OPT_FORMER(old)       \
	{                     \
		.name = (old) \
	}

struct opt_command {
	const char *name;          /* "mm-validate" */
	const char *summary;       /* one line: what it does */
	const char *synopsis;      /* what follows the name: "[OPTION]... [FILE]..." */
	const char *example;       /* one line of shell, shown first in the help */
	const struct opt *options; /* most used first, as in the manual; ends with { 0 } */
	/* for completion: "FILE", "COMMAND", the words "a|b" that the first may be; NULL: none taken */
	const char *operands;
};

enum opt_result {
	OPT_RUN,          /* go on; operands are in argv[0 .. *count) */
	OPT_SHOW_HELP,    /* -h, --help */
	OPT_SHOW_VERSION, /* -V, --version */
	OPT_SHOW_OPTIONS, /* --help-options: the table for completions */
	OPT_WRONG,        /* misuse; `error` holds one line without newline */
};

/*
 * Parses argv[1 .. argc) and moves the operands to argv[0 .. *operand_count).
 * On OPT_WRONG, error has the reason (reset first; owned by the caller).
 * The arrays of an OPT_LIST are allocated once and belong to the caller's process.
 */
enum opt_result opt_parse(
    const struct opt_command *, int argc, char **argv, size_t *operand_count, struct buf *error);

/* The text of --help, to be written to standard output. */
void opt_help(const struct opt_command *, struct buf *);

/*
 * The text of --help-options: a line an option, tab-separated: -x or empty,
 * --name, kind ("flag", "file", "dir", "choice", "value", or "values" of an
 * option that may be repeated), placeholder or alternatives, help.  First line: the name, the operands' kind, the summary.
 */
void opt_table(const struct opt_command *, struct buf *);

/* The two size and duration syntaxes, for values that come from elsewhere. */
bool opt_size(const char *text, uint64_t *bytes);
bool opt_duration(const char *text, uint64_t *ms);

#endif
