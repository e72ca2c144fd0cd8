/*
 * The directory of a private ClickHouse: who has it, and the few files of our
 * own in it, which belong to its user and which nobody else may read.
 */
#ifndef MM_ENGINE_DIR_H
#define MM_ENGINE_DIR_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "tables/engine_error.h"
#include "tables/engine_find.h"

#define ENGINE_CONFIG "mm-clickhouse.xml"
#define ENGINE_ENV "mm-clickhouse.env"
#define ENGINE_LOCK "mm-clickhouse.lock"
#define ENGINE_LOG "mm-clickhouse.log"
#define ENGINE_NETRC "mm-clickhouse.netrc"

enum engine_dir_state {
	ENGINE_DIR_OURS,
	ENGINE_DIR_BUSY,    /* another process has it; the error says which */
	ENGINE_DIR_STOPPED, /* *stop was set while waiting for it */
	ENGINE_DIR_FAILED,
};

struct engine_dir {
	char path[ENGINE_PATH_MAX]; /* absolute, without symbolic links */
	int lock;                   /* -1: not held; closing it gives the directory up */
};

/*
 * Makes the directory (mode 0700) when it is missing, and takes it.  Refuses
 * one of another user, and one that everybody may write to.  Waits for it as
 * long as another process has it when `wait`; otherwise two seconds, since an
 * engine whose parent was killed is about to end.  `stop` may be NULL.
 */
enum engine_dir_state engine_dir_open(struct engine_dir *, const char *directory, bool wait,
    const atomic_int *stop, struct engine_error *);

/* Notes in the lock file, for who comes and finds the directory in use, who has it. */
bool engine_dir_sign(struct engine_dir *, const char *url, struct engine_error *);

/* Gives it up, and removes what holds the password. */
void engine_dir_close(struct engine_dir *);

/* The path of a file in it, at most ENGINE_PATH_MAX bytes; false when it is too long. */
bool engine_dir_join(const struct engine_dir *, const char *name, char *path);

/*
 * Opens a file of ours with open(2)'s flags, and makes it with mode 0600 when
 * they say so.  Neither a symbolic link nor a hard link nor a file of another
 * user is opened.  Returns -1 with the error filled.
 */
int engine_dir_file(const struct engine_dir *, const char *name, int flags, struct engine_error *);

/* Makes the text the content of a new file, mode 0600, in place of one that was there. */
bool engine_dir_replace(
    const struct engine_dir *, const char *name, const struct buf *, struct engine_error *);

#endif
