/*
 * Comparing the tables with what the files of sql/ say.
 */
#ifndef MM_SCHEMA_CHECK_H
#define MM_SCHEMA_CHECK_H

#include "tables/schema.h"

/*
 * Compares the objects in the database with the files: engines, sorting keys,
 * deduplication windows, columns and their types, the views' names and SELECTs,
 * steps that are missing, and the TTL where retention_days is not
 * SCHEMA_KEEP_RETENTION.  Columns that were added are no difference.  Of a
 * cluster it looks at the server asked, and at whether the others have all
 * objects.  Each difference is reported as one line of text; *count is how
 * many.  The state is that of schema_look.
 */
enum clickhouse_status schema_check(struct clickhouse *system, const struct schema_config *,
    const struct schema_state *, schema_report *report, void *context, size_t *count,
    struct clickhouse_error *);

#endif
