/*
 * A private ClickHouse: one process over one directory, on a port of the
 * loopback interface, that ends with the process which started it.
 *
 * It is the engine library (libchdb.so), loaded in a forked child and nowhere
 * else, or an installed `clickhouse` program.  Whoever can connect to the
 * port can read every file that the user can read (table functions), so it
 * listens on 127.0.0.1 only.
 */
#ifndef MM_ENGINE_H
#define MM_ENGINE_H

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The version that cmd/setup/engine.sh fetches; part of the cache's path. */
#define ENGINE_VERSION "26.7.3-stable.1"

#define ENGINE_LOG "mm-clickhouse.log"

enum { ENGINE_PATH_MAX = 4096, ENGINE_TOKEN_MAX = 64 };

struct engine_config {
	const char *file;       /* from engine_find */
	const char *directory;  /* made, mode 0700, when missing */
	unsigned port;          /* 0: a free one */
	uint64_t memory;        /* bytes the engine may use; 0: its default */
	const atomic_int *stop; /* may be NULL; non-zero ends the wait for it */
};

struct engine {
	char url[40];    /* "http://127.0.0.1:PORT/" once it runs */
	char error[768]; /* one sentence, after a failure */

	/* what follows is the module's */
	pid_t pid; /* 0: none runs */
	int input; /* the library ends when this is closed */
	int lock;
	bool is_library;
	unsigned port;
	char directory[ENGINE_PATH_MAX], file[ENGINE_PATH_MAX];
	char token[ENGINE_TOKEN_MAX];
};

/*
 * Where the engine is: `asked` when not NULL, else $MM_ENGINE, else
 * $XDG_CACHE_HOME (or $HOME/.cache)/millimetric/engine/VERSION/libchdb.so, else
 * `clickhouse` on the PATH.  Writes the absolute path, at most
 * ENGINE_PATH_MAX bytes with its NUL, to path.  Returns false with e->error
 * filled when there is none, or when the one that was named is not there.
 */
bool engine_find(struct engine *e, const char *asked, char *path);

/*
 * Starts it and waits, at most a minute, until it answers.  One process at a
 * time can have a directory, which is locked until the engine has ended.
 * What the engine prints goes to the file ENGINE_LOG in the directory.
 * Returns false with e->error filled (empty when *stop was set); nothing is
 * left running then.  SIGCHLD must not be ignored.
 */
bool engine_start(struct engine *e, const struct engine_config *);

/* False once it has ended by itself, with the reason in e->error. */
bool engine_alive(struct engine *e);

/*
 * Ends it: asks, waits at most ten seconds, then kills; what was inserted is
 * on disk in each case.  Does nothing when none runs.
 */
void engine_stop(struct engine *e);

#endif
