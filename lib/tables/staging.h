/*
 * Tables that stand beside the schema's for the time of one piece of work:
 * their names, the lock that lets one work at a time, and their end.
 *
 * Names are mm_forget_RUN_NAME, where RUN is a random number of the work, so
 * that nobody mistakes another's tables for its own; nothing else is dropped.
 * The lock is the table mm_forget_lock: making it is atomic.  Who is killed
 * leaves them behind; the next one waits until nothing on the server has used
 * them for a while, and drops them.
 */
#ifndef MM_STAGING_H
#define MM_STAGING_H

#include "clickhouse/clickhouse.h"

enum { STAGING_RUN = 16 };

/* A word, written $name in statements, and what stands there for the server. */
struct staging_word {
	const char *name, *text; /* ends a list when name is NULL */
};

/* Starts as all zero but for what the owner sets. */
struct staging {
	/* set by the owner */
	struct clickhouse *clickhouse;
	struct span project;                             /* bound as {project:UUID} */
	const atomic_int *stop;                          /* ends all waiting; may be NULL */
	void (*notice)(void *context, const char *text); /* one line for people */
	void *context;

	/* what went wrong, when a function returns false */
	struct clickhouse_error error;

	/* bound as {month:String}; set by who uses it */
	char month[24];
	/* the $words of statements; may be NULL */
	const struct staging_word *words;
	/* a mutation that needs the tables may be running: they must stay */
	bool in_use;

	/* what follows is the module's */
	char run[STAGING_RUN + 1];
	bool locked;
	struct buf sql, names;
};

/*
 * Takes the lock, waiting for another that holds it, and removes what one that
 * was killed has left.  False with the error.
 */
bool staging_open(struct staging *);

/*
 * Drops the tables and gives the lock back, unless `in_use`.  False with the
 * error when something stays; the next staging_open removes it.
 */
bool staging_close(struct staging *);
void staging_release(struct staging *);

/*
 * Runs SQL in which @name stands for a staging table of that name (so no other
 * @ may occur), $word for a word, and the parameters named above are bound.
 * settings may be NULL.
 */
bool staging_run(struct staging *, const char *sql, const struct clickhouse_setting *);

/* As staging_run, for a SELECT ... FORMAT TSV; see clickhouse_select. */
bool staging_select(struct staging *, const char *sql, const struct clickhouse_setting *,
    clickhouse_row *, void *context);

/* As staging_select, for one row of `n` numbers. */
bool staging_numbers(struct staging *, const char *sql, uint64_t *to, size_t n);

/* Sends rows as the data of an INSERT; see clickhouse_insert. */
bool staging_insert(struct staging *, const char *sql, const char *body, size_t n);

/* Appends SQL with each @name and $word replaced. */
void staging_expand(const struct staging *, const char *sql, struct buf *);

/* Waits; false, with the error set, when `stop` is. */
bool staging_sleep(struct staging *, unsigned ms);

/* Sets the error to a text, without a code.  Returns false. */
bool staging_fail(struct staging *, enum clickhouse_status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads a number off the front of [*p, *p+*n) and the tab behind it. */
bool staging_take_number(const char **p, size_t *n, uint64_t *v);

#endif
