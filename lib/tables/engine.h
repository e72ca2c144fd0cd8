/*
 * A private ClickHouse: one process over one directory, on a port of the
 * loopback interface, that ends with the process which started it.
 *
 * It is the engine library (libchdb.so), loaded in a forked child and nowhere
 * else, or an installed `clickhouse` program.  It listens on 127.0.0.1 only,
 * asks for a password that is another one each time, answers no web page
 * (engine_config.h), and reaches nothing but its data (confine.h).
 */
#ifndef MM_ENGINE_H
#define MM_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tables/engine_config.h"
#include "tables/engine_dir.h"
#include "tables/engine_error.h"
#include "tables/engine_find.h"
#include "tables/engine_process.h"

struct engine_config {
	const char *file;       /* from engine_find */
	const char *directory;  /* made, mode 0700, when missing */
	unsigned port;          /* 0: a free one */
	uint64_t memory;        /* bytes the engine may use; 0: its default */
	const char *password;   /* NULL: a random one; copied */
	bool wait;              /* for the directory, as long as another has it */
	const atomic_int *stop; /* may be NULL; non-zero ends the wait for it */
};

enum engine_state {
	ENGINE_RUNS,
	ENGINE_BUSY,    /* another has the directory: perhaps not for long */
	ENGINE_STOPPED, /* *stop was set */
	ENGINE_FAILED,
};

struct engine {
	char url[40];                       /* "http://127.0.0.1:PORT/" once it runs */
	char password[ENGINE_PASSWORD_MAX]; /* of ENGINE_USER */
	char netrc[ENGINE_PATH_MAX];        /* a file with both, for curl --netrc-file */
	bool unconfined;                    /* the kernel can't keep SQL from other files */
	struct engine_error error;          /* after a failure */

	/* what follows is the module's */
	struct engine_dir dir;
	struct engine_process process;
	char file[ENGINE_PATH_MAX];
	char token[ENGINE_TOKEN_MAX];
	unsigned port;
};

/*
 * Starts it and waits, at most a minute, until it answers.  One process at a
 * time can have a directory, which is locked until the engine has ended.
 * What the engine prints goes to the file ENGINE_LOG in the directory, its URL,
 * user and password to ENGINE_ENV and ENGINE_NETRC.  With another result than
 * ENGINE_RUNS nothing is left running, and the error is filled unless it was
 * stopped.  SIGCHLD must not be ignored.
 */
enum engine_state engine_start(struct engine *, const struct engine_config *);

/* False once it has ended by itself, with the reason in the error. */
bool engine_alive(struct engine *);

/*
 * Ends it: asks, waits at most ten seconds, then kills; what was inserted is
 * on disk in each case.  Does nothing when none runs.  Wipes the password.
 */
void engine_stop(struct engine *);

#endif
