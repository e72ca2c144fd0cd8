/*
 * Where the ClickHouse engine is: the library or the program that is to be run.
 */
#ifndef MM_ENGINE_FIND_H
#define MM_ENGINE_FIND_H

#include <stdbool.h>

#include "tables/engine_error.h"

/* The version that cmd/setup/engine.sh fetches; part of the path. */
#define ENGINE_VERSION "26.7.3-stable.1"

enum { ENGINE_PATH_MAX = 4096 };

/*
 * Where the engine is: `asked` when not NULL, else $MM_ENGINE, else
 * MM_STATE_DIR/engine/VERSION/libchdb.so (the machine's), else $XDG_CACHE_HOME (or
 * $HOME/.cache)/millimetric/engine/VERSION/libchdb.so, else `clickhouse` on
 * the PATH.  Writes the absolute path, at most ENGINE_PATH_MAX bytes with its
 * NUL, to path.  Returns false with the error filled when there is none, or
 * when the one that was named is not there.
 */
bool engine_find(const char *asked, char *path, struct engine_error *);

/* "libchdb.so", "libchdb.so.26" are libraries; anything else is a program. */
bool engine_is_library(const char *file);

#endif
