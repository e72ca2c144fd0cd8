/*
 * The thread that sends the journal's sealed files to ClickHouse, as
 * 'mm-insert --drain' would: each once, tried again for as long as it takes.
 *
 * A row that ClickHouse refuses becomes a reject record in RUN.rejects of the
 * spool's directory.
 */
#ifndef MM_DELIVER_H
#define MM_DELIVER_H

#include <pthread.h>

#include "store/delivery.h"

struct deliver_config {
	const struct clickhouse_config *clickhouse; /* the password is copied */
	const char *dir;                            /* the spool's */
	const char *database, *table;

	/* Called on the thread; each may be NULL. */
	void *context;
	/* ClickHouse can't be reached, or refuses: all waits, and is tried again.  Said once. */
	void (*fail)(void *context, const struct clickhouse_error *);
	/* It works again. */
	void (*works)(void *context);
	/* A row is refused: it is in this file now. */
	void (*refused)(void *context, const char *rejects);
	/* The first file that is set aside since it is refused as a whole. */
	void (*aside)(void *context, const struct clickhouse_error *, const char *file);
	/* The spool, or the rejects file, can't be used. */
	void (*broken)(void *context, const char *path, int error);
};

/* What waits, as it was when the thread looked last. */
struct deliver_state {
	uint64_t files, bytes, oldest_ms;    /* oldest_ms: since the oldest was sealed */
	uint64_t aside;                      /* files that were set aside */
	uint64_t stored, refused, forgotten; /* rows, since the start */
	bool away;                           /* ClickHouse can't be reached, or refuses */
};

/* All zero before. */
struct deliver {
	struct deliver_config config;
	/* the module's */
	struct clickhouse *clickhouse;
	struct spool spool;
	struct piece_pool pool;
	struct delivery delivery;
	struct buf rejects_path, record;
	int rejects_fd;
	bool failing, told_refused;
	int told_error;
	atomic_int stop;
	pthread_t thread;
	bool started;
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool wake, end;
	struct deliver_state state;
};

/*
 * Starts the thread.  Returns 0, or an errno; then *e, if its text is not empty, says why
 * clickhouse_open failed.
 */
int deliver_start(struct deliver *, const struct deliver_config *, struct clickhouse_error *e);

/* There is something to send.  Any thread. */
void deliver_wake(struct deliver *);

/*
 * Ends the thread once what waits was tried, or sooner where that takes more than a few
 * seconds: what was not stored goes on waiting.  Frees all.
 */
void deliver_stop(struct deliver *);

/* Any thread. */
void deliver_look(struct deliver *, struct deliver_state *);

#endif
