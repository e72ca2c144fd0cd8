/*
 * A directory where batches wait that could not be delivered, one a file, in a
 * folder for each table: DIR/DATABASE.TABLE/TIME-RUN-NUMBER.ndjson.
 *
 * A file appears whole or not at all, also when the machine loses power: it is
 * written as NAME.tmp, synced, renamed, and the directory synced.  Names begin
 * with the time and a random number of the run that made them, so that many
 * processes can share a directory and the files sort by age.  Who delivers a
 * file holds a lock (flock) on it, which ends with the process.
 *
 * A file NAME.cut.ndjson holds the end of an interrupted input, cut where a
 * second run would not cut it: it is never taken for delivery from here.  A
 * file NAME.ndjson.refused was set aside because ClickHouse refuses it, for the
 * reason in NAME.ndjson.reason: it is taken where that is asked for.
 */
#ifndef MM_SPOOL_H
#define MM_SPOOL_H

#include "store/batch.h"

enum {
	SPOOL_NAME_MAX = 80,
	SPOOL_FILE_MAX = 1 << 30, /* bytes of a file that is taken */
};

struct spool {
	char *dir;         /* as given, or the default one */
	char *path;        /* the folder of the table in it */
	char run[32];      /* "20260131T235959Z-0123abcd" */
	unsigned files;    /* written by this run */
	uint64_t waiting;  /* files to take: as last looked, and what was done since */
	uint64_t locked;   /* of these, by another process */
	uint64_t too_long; /* of these, longer than SPOOL_FILE_MAX */
	uint64_t refused;  /* files that were set aside */
	int error;         /* errno of what is wrong with some of the files, or 0 */
	bool again;        /* set by the caller: take files that were set aside, too */
	/* the module's */
	int fd;
	uint64_t max, bytes, looked_ms; /* bytes: in all folders */
	char (*names)[SPOOL_NAME_MAX];  /* the oldest files after `last`, in order */
	size_t count, next;
	bool more; /* there were too many for `names` */
	char last[SPOOL_NAME_MAX];
};

/*
 * The spool of a server where none is named: $MM_SPOOL, if `url` is what
 * $MM_CLICKHOUSE_URL says, for the two belong together; else
 * $XDG_STATE_HOME/millimetric/spool/SERVER, else
 * $HOME/.local/state/millimetric/spool/SERVER, where SERVER is the name that
 * the server has for files.  To be freed; NULL: no variable says where, or
 * memory is out.
 */
char *spool_default(const char *url, const char *server);

/* The same without $MM_SPOOL. */
char *spool_of_server(const char *server);

/* Where mm-send keeps what it can't send: the same folder for all servers. */
char *spool_of_sender(void);

/*
 * Opens the spool `dir` for a table; NULL: none is known, which is ENOENT.
 * What is missing of the path is made, with mode 0700.  `max`: bytes from
 * which on it is full.  Returns 0, or an errno (of spool->path or, without one,
 * spool->dir, when that is set).
 */
int spool_open(
    struct spool *, const char *dir, const char *database, const char *table, uint64_t max);

/* The same for what is of no table: `folder` is the name of its folder in `dir`, one that
   spool_tables takes for no table's. */
int spool_open_folder(struct spool *, const char *dir, const char *folder, uint64_t max);
void spool_release(struct spool *);

/*
 * Keeps the rows of a batch as the run's next file, with mode 0600; `cut`: as
 * the end of an interrupted input.  That the spool is full does not matter: what has been
 * read must be kept.  Returns 0 once it is on disk, or an errno; then there is
 * no file.  Where only the folder can't be synced, the rows are kept, and
 * spool->error is set.
 */
int spool_keep(struct spool *, const struct batch *, bool cut);

/* Whether the files of all tables take `max` bytes; others' may count late. */
bool spool_full(struct spool *);

/* Whether the file at `path` lies in the table's folder, or in the spool itself. */
bool spool_holds(const struct spool *, const char *path);

/* A file that was taken, and is locked. */
struct spool_file {
	char name[SPOOL_NAME_MAX];
	int fd;
	size_t size;
};

/*
 * Takes the oldest file that is not locked by another process and was not
 * taken since spool_rewind.  Returns 0, ENOENT when there is none, or the
 * errno of reading the folder.  A file that can't be opened or locked for another
 * reason sets spool->error.
 */
int spool_take(struct spool *, struct spool_file *);
void spool_rewind(struct spool *);

/* Whether this run has written it. */
bool spool_is_own(const struct spool *, const struct spool_file *);

/* Deletes a file that was delivered, and unlocks it.  0, or an errno. */
int spool_done(struct spool *, struct spool_file *);

/* Sets a file aside that ClickHouse refuses, for this reason, and unlocks it.
   0, or an errno; then it goes on waiting. */
int spool_set_aside(struct spool *, struct spool_file *, const char *reason);

/* Unlocks a file that was not delivered: it goes on waiting. */
void spool_put_back(struct spool *, struct spool_file *);

/*
 * Calls `table` for each folder of the spool `dir` that holds files to take, or
 * that were set aside,
 * with the names of database and table.  Returns 0, the first result that is
 * not 0, or -1 with errno when `dir` can't be read.
 */
int spool_tables(const char *dir, int (*table)(void *context, const char *database, const char *t),
    void *context);

#endif
