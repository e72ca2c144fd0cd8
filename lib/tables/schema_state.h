/*
 * What is there of the tables, and whether it may be touched.
 */
#ifndef MM_SCHEMA_STATE_H
#define MM_SCHEMA_STATE_H

#include "clickhouse/clickhouse.h"
#include "tables/schema_file.h"

#define SCHEMA_KEEP_RETENTION UINT64_MAX
#define SCHEMA_STEPS "schema_steps"    /* the table that records them */
enum { SCHEMA_RETENTION_MAX = 10000 }; /* days; a DateTime ends in 2106 */

struct schema_config {
	const struct schema_file *files; /* schema_files, schema_cluster_files */
	const char *database;            /* an identifier */
	const char *cluster;             /* NULL: one server; else of letters, digits, "_.-" */
	const char *version;             /* of the tools, recorded with a step; no quotes in it */
	uint64_t retention_days;         /* of events and sessions; 0: for ever */
};

/* What is there; all zeros (but hosts 1): nothing. */
struct schema_state {
	uint64_t hosts;     /* of the cluster */
	uint64_t databases; /* how many hosts have it */
	unsigned server;    /* schema_version of the one that answered; 0: not known */
	struct buf objects; /* "name\tengine\tttl\thosts\ttarget\n", of what is in the database */
	struct buf steps;   /* "step\tversion\n", of those recorded */
};

#define SCHEMA_STATE_INIT                   \
	{                                   \
		1, 0, 0, BUF_INIT, BUF_INIT \
	}

void schema_state_release(struct schema_state *);

/* Asks what is there.  `system` is a connection whose database exists. */
enum clickhouse_status schema_look(struct clickhouse *system, const struct schema_config *,
    struct schema_state *, struct clickhouse_error *);

/*
 * One of an object's facts in the state: its engine, its TTL, the table of the
 * database that it fills as a materialised view; p NULL when it is nowhere.
 * *hosts (may be NULL) is on how many hosts it is.
 */
enum schema_fact { SCHEMA_ENGINE = 1, SCHEMA_TTL, SCHEMA_HOSTS, SCHEMA_TARGET };
struct span schema_state_fact(
    const struct schema_state *, struct span object, enum schema_fact, uint64_t *hosts);
bool schema_state_recorded(const struct schema_state *, const char *step);

/* Whether the server is too old for a step, which waits for a newer one. */
bool schema_state_is_old(const struct schema_state *, const struct schema_file *);

/*
 * Whether a materialised view has its name.  A step gives a view a name with
 * "_" behind it and then its own again, which are two things to the server:
 * where it dies between them the view keeps the first one, fills its table on,
 * and gives its blocks other deduplication tokens.  If the view is then made
 * anew, there are two, and each event is counted twice.
 *
 * With INTERIM and BOTH, `interim` (may be NULL) is that name and *hosts (may
 * be NULL) on how many hosts it is.  INTERIM: some host lacks the right one.
 */
enum { SCHEMA_NAME_MAX = 64 };
enum schema_name { SCHEMA_NAME_RIGHT, SCHEMA_NAME_INTERIM, SCHEMA_NAME_BOTH };
enum schema_name schema_state_name(const struct schema_state *, const struct schema_object *,
    char interim[SCHEMA_NAME_MAX], uint64_t *hosts);

/*
 * Whether the database is one that these files must not be applied to: made by
 * newer tools, or for a cluster and now without, or the other way.  Then adds
 * a sentence that says why, without its end.
 */
bool schema_conflicts(const struct schema_config *, const struct schema_state *, struct buf *why);

#endif
