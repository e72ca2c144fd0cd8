/*
 * The engine's own process: forked, emptied of what it has no business with,
 * and turned into ClickHouse.
 */
#ifndef MM_ENGINE_PROCESS_H
#define MM_ENGINE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "tables/engine_dir.h"

struct engine_process {
	pid_t pid;    /* 0: none runs */
	int terminal; /* the library ends when this is closed; -1 with a program */
};

/*
 * Forks, and runs `file` over the directory, by its ENGINE_CONFIG.  What it
 * prints goes to its ENGINE_LOG.  It is killed when its parent dies, holds the
 * directory's lock as long as it lives, and has an environment of its own.
 * Returns false with the error filled when there is no process.
 */
bool engine_process_start(
    struct engine_process *, const struct engine_dir *, const char *file, struct engine_error *);

/* True when none runs (any more), with its wait status; reaps it. */
bool engine_process_reap(struct engine_process *, int *status);

/* Asks it to end, waits at most ten seconds, then kills it. */
void engine_process_stop(struct engine_process *);

#endif
