/*
 * The tables: what is there, what is to be done about it, and doing it.
 *
 * Each file of sql/ is a numbered step.  One that makes an object is applied
 * where the object is missing; one that changes objects is applied once, which
 * the table schema_steps records, and again when an object before it had to be
 * made anew.  A step does no harm when it is applied twice, and it is recorded
 * after it was applied: so a run may be killed at any moment or go beside
 * another one.
 */
#ifndef MM_SCHEMA_H
#define MM_SCHEMA_H

#include "clickhouse.h"
#include "schema_file.h"

#define SCHEMA_KEEP_RETENTION UINT64_MAX
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
	struct buf objects; /* "name\tengine\tttl\thosts\n", of what is in the database */
	struct buf steps;   /* "step\tversion\n", of those recorded */
};

#define SCHEMA_STATE_INIT                \
	{                                \
		1, 0, BUF_INIT, BUF_INIT \
	}

void schema_state_release(struct schema_state *);

/* Asks what is there.  `system` is a connection whose database exists. */
enum clickhouse_status schema_look(struct clickhouse *system, const struct schema_config *,
    struct schema_state *, struct clickhouse_error *);

/*
 * Whether the database is one that these files must not be applied to: made by
 * newer tools, or for a cluster and now without, or the other way.  Then adds
 * a sentence that says why, without its end.
 */
bool schema_conflicts(const struct schema_config *, const struct schema_state *, struct buf *why);

/*
 * Calls `run` for each statement that is to be run, in order.  `step` names
 * what it belongs to; in_database is false for the one that makes the database.
 * Ends with the first result that is not CLICKHOUSE_OK and returns it.
 */
typedef enum clickhouse_status schema_run(
    void *context, const char *step, const char *sql, bool in_database, struct clickhouse_error *);
enum clickhouse_status schema_plan(const struct schema_config *, const struct schema_state *,
    schema_run *run, void *context, struct clickhouse_error *);

/*
 * Runs the plan; `tables` is a connection to the database.  On failure the
 * error's text begins with the step's name.
 */
enum clickhouse_status schema_apply(struct clickhouse *system, struct clickhouse *tables,
    const struct schema_config *, const struct schema_state *, struct clickhouse_error *);

/* Adds the plan as text for clickhouse-client; nothing when there is nothing to do. */
void schema_print(const struct schema_config *, const struct schema_state *, struct buf *);

/*
 * One of an object's facts in the state: its engine or its TTL, p NULL when it
 * is nowhere; *hosts (may be NULL) is on how many hosts it is.
 */
enum schema_fact { SCHEMA_ENGINE = 1, SCHEMA_TTL, SCHEMA_HOSTS };
struct span schema_state_fact(
    const struct schema_state *, struct span object, enum schema_fact, uint64_t *hosts);
bool schema_state_recorded(const struct schema_state *, const char *step);

/*
 * The tables that hold rows of persons, and the TTL that retention_days gives
 * them; ends with a name whose p is NULL.
 */
struct schema_retained {
	struct span table;
	const char *time; /* the column */
};
const struct schema_retained *schema_retained(const struct schema_config *);
void schema_ttl(const struct schema_retained *, uint64_t days, struct buf *);

#endif
