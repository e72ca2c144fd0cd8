/*
 * What mm-schema does: makes the tables, checks them, or prints SQL.
 */
#ifndef MM_SCHEMA_JOB_H
#define MM_SCHEMA_JOB_H

#include "cmd/cli/store.h"
#include "tables/schema.h"

enum schema_action {
	SCHEMA_APPLY,
	SCHEMA_CHECK,   /* report what is not as expected */
	SCHEMA_DRY_RUN, /* print what would be run */
	SCHEMA_GRANTS,  /* print what each role needs, without a connection */
	SCHEMA_PRINT,   /* print what an empty server is sent, likewise */
};

struct schema_job {
	enum schema_action action;
	struct schema_config tables;
	const struct store *store; /* filled by store_config */
};

/* Does it; the status of the command, with what was wrong told. */
int schema_job_run(const struct schema_job *);

#endif
