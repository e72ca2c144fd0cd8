/*
 * The options that every command which talks to ClickHouse takes, the
 * environment behind them (SPEC 11), and what is said when it fails.
 *
 *     static struct store store;
 *     static const struct opt options[] = {
 *             ...
 *             STORE_OPT_DATABASE(store),
 *             STORE_OPT_PASSWORD_FILE(store),
 *             STORE_OPT_URL(store),
 *             { 0 },
 *     };
 */
#ifndef MM_STORE_H
#define MM_STORE_H

#include "clickhouse/clickhouse.h"
#include "base/opt.h"

enum { STORE_PASSWORD_MAX = 1024 };

struct store {
	/* set by the options; NULL when not given */
	const char *url, *database, *password_file, *cacert;
	/* to be handed to clickhouse_open; filled by store_config */
	struct clickhouse_config config;
	char password[STORE_PASSWORD_MAX + 2];
};

/* Rows of an option table, one macro each. */
#define STORE_OPT_CACERT(s)                                                                      \
	{                                                                                        \
		0, "cacert", OPT_STRING, "FILE",                                                 \
		    "trust the certificates in FILE ($MM_CLICKHOUSE_CACERT, else the system's)", \
		    &(s).cacert, 0, 0                                                            \
	}
#define STORE_OPT_DATABASE(s)                                                             \
	{                                                                                 \
		0, "database", OPT_STRING, "NAME",                                        \
		    "database of the tables ($MM_CLICKHOUSE_DATABASE, else millimetric)", \
		    &(s).database, 0, 0                                                   \
	}
#define STORE_OPT_PASSWORD_FILE(s)                                                        \
	{                                                                                 \
		0, "password-file", OPT_STRING, "FILE",                                   \
		    "read the password from FILE's first line ($MM_CLICKHOUSE_PASSWORD)", \
		    &(s).password_file, 0, 0                                              \
	}
#define STORE_OPT_URL(s)                                                                       \
	{                                                                                      \
		0, "url", OPT_STRING, "URL",                                                   \
		    "address of ClickHouse ($MM_CLICKHOUSE_URL, else http://127.0.0.1:8123/)", \
		    &(s).url, 0, 0                                                             \
	}

/*
 * Fills s->config (url, database, user, password, cacert, stop) from the
 * options, else from MM_CLICKHOUSE_URL, MM_CLICKHOUSE_DATABASE,
 * MM_CLICKHOUSE_USER, MM_CLICKHOUSE_PASSWORD and MM_CLICKHOUSE_CACERT (an empty variable counts as unset), else with the
 * defaults.  --password-file goes before the variable.  `stop` may be NULL.
 * Returns false, after a message, when the database's name is no identifier
 * ([A-Za-z_][A-Za-z0-9_]*, at most 64 characters) or one of the two files can't
 * be used; the status is then STATUS_ERROR.  The config points into *s and
 * the environment.
 */
bool store_config(struct store *s, const atomic_int *stop);

/* Wipes the password, which clickhouse_open has copied. */
void store_forget(struct store *s);

/*
 * store_config, then clickhouse_open.  The password is wiped from *s.
 * Returns NULL after a message; the status is then STATUS_ERROR.
 */
struct clickhouse *store_open(struct store *s, const atomic_int *stop);

/*
 * Says what went wrong in one sentence, with what to do about it where that
 * is known (no server, no tables, wrong password).  Returns the status to
 * exit with: STATUS_TEMPFAIL for what may pass by itself, else STATUS_ERROR.
 * Says nothing for CLICKHOUSE_STOPPED: the signal says it.
 */
int store_complain(const struct clickhouse_error *e);

#endif
