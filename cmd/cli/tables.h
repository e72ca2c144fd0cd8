/*
 * The data files that users add to the compiled-in tables.
 */
#ifndef MM_TABLES_H
#define MM_TABLES_H

#include "enrich/bots.h"
#include "enrich/hosts.h"

/*
 * Loads the file of --hosts, or of --bots-file, into *tables, which stays NULL
 * when `file` is NULL.  Returns false after the file's errors were printed.
 */
bool tables_hosts(const char *file, struct hosts **tables);
bool tables_bots(const char *file, struct bots **tables);

#endif
