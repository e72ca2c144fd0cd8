/*
 * Threads that ask ClickHouse what the reading routes want to know, so that
 * the loop never waits.
 */
#ifndef MM_ASKERS_H
#define MM_ASKERS_H

#include <pthread.h>

#include "cmd/cli/store.h"
#include "cmd/serve/assistant.h"
#include "serve/door.h"

enum {
	ASKERS = 2,
	ASKERS_QUEUE = 64, /* questions that wait; more are refused */
};

struct askers {
	struct http_server *server; /* whose loop gets the answers */
	const char *keys_file;      /* for when keys were last used */
	bool no_ids;                /* assistants see none */

	/* the module's, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct door_question *queue[ASKERS_QUEUE];
	size_t count;
	bool forgetting; /* one of them is: ClickHouse may take long for it */
	struct buf used; /* lines to merge */
	bool stop;
	struct asker {
		struct askers *all;
		struct clickhouse *clickhouse;
		struct assistant assistant;
		bool failing;
		pthread_t thread;
	} thread[ASKERS];
	size_t threads;
};

/* False after a message. */
bool askers_start(
    struct askers *, struct http_server *, const struct clickhouse_config *, const char *keys_file);

/* Answers what waits, then ends the threads. */
void askers_stop(struct askers *);

/* As `ask` of struct door_config. */
bool askers_ask(struct askers *, struct door_question *);

/* Lines of keys_collect_used, to be merged into the file. */
void askers_note_used(struct askers *, struct span lines);

#endif
