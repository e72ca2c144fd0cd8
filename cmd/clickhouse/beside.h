/*
 * Running a command beside an engine, until either ends.
 */
#ifndef MM_BESIDE_H
#define MM_BESIDE_H

#include "tables/engine.h"

/*
 * Runs argv with MM_CLICKHOUSE_URL and its like set to the engine, and returns
 * the status that a shell would give it; with argv[0] NULL prints the URL and
 * waits for a signal, which it leaves in face_stop.  An engine that ends
 * first is an error, after a message, whatever the command makes of it.  Stops
 * the engine in each case.
 */
int beside_run(struct engine *, char **argv);

#endif
