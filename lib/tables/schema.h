/*
 * The tables: what is to be done about what is there, and doing it.
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

#include "tables/schema_state.h"

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
 * Runs the plan; `tables` is a connection to the database.  What an interrupted
 * run had left and was put right is reported, one line of text each.  On
 * failure the error's text begins with the step's name.
 */
typedef void schema_report(void *context, const char *text);
enum clickhouse_status schema_apply(struct clickhouse *system, struct clickhouse *tables,
    const struct schema_config *, const struct schema_state *, schema_report *, void *context,
    struct clickhouse_error *);

/* Adds the plan as text for clickhouse-client; nothing when there is nothing to do. */
void schema_print(const struct schema_config *, const struct schema_state *, struct buf *);

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
