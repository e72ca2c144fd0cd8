#include "cmd/schema/job.h"

#include <errno.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/out.h"
#include "cmd/cli/face.h"
#include "tables/schema_check.h"
#include "tables/schema_grants.h"

#include "base/banned.h"

static int
print(const struct schema_job *j, const struct schema_state *state)
{
	struct buf b = BUF_INIT;
	struct out out;
	int e;

	if (j->action == SCHEMA_GRANTS)
		schema_grants(&j->tables, &b);
	else
		schema_print(&j->tables, state, &b);
	out_init(&out, STDOUT_FILENO, NULL);
	if (b.n > 0)
		out_write(&out, b.p, b.n);
	e = b.failed ? ENOMEM : out_flush(&out);
	out_release(&out);
	buf_release(&b);
	if (e == 0 || e == EPIPE)
		return STATUS_OK;
	msg_errno(e, "standard output");
	return STATUS_ERROR;
}

static void
report(void *context, const char *text)
{
	(void)context;
	msg("%s", text);
}

static int
check(const struct schema_job *j, struct clickhouse *system, const struct schema_state *state)
{
	struct clickhouse_error e;
	size_t count;

	if (schema_check(system, &j->tables, state, report, NULL, &count, &e) != CLICKHOUSE_OK)
		return store_complain(&e);
	return count ? STATUS_REJECTED : STATUS_OK;
}

static int
apply(const struct schema_job *j, struct clickhouse *system, const struct schema_state *state)
{
	struct clickhouse_error e;
	struct clickhouse *tables = clickhouse_open(&j->store->config, &e);
	int status = STATUS_OK;

	if (!tables ||
	    schema_apply(system, tables, &j->tables, state, report, NULL, &e) != CLICKHOUSE_OK)
		status = store_complain(&e);
	clickhouse_close(tables);
	return status;
}

/* Whether these tools may touch the database at all; *status tells when not. */
static bool
is_ours(const struct schema_job *j, const struct schema_state *state, int *status)
{
	struct buf why = BUF_INIT;
	bool conflict = schema_conflicts(&j->tables, state, &why);

	buf_addc(&why, '\0');
	if (conflict) {
		msg("%s", why.failed ? "out of memory" : why.p);
		*status = j->action == SCHEMA_CHECK ? STATUS_REJECTED : STATUS_ERROR;
	}
	buf_release(&why);
	return !conflict;
}

static int
complain(const struct schema_job *j, const struct clickhouse_error *e)
{
	enum { CLUSTER_DOESNT_EXIST = 701 };

	if (e->code != CLUSTER_DOESNT_EXIST)
		return store_complain(e);
	msg("the server knows no cluster named %s; its system.clusters lists those it knows",
	    j->tables.cluster);
	return STATUS_ERROR;
}

static int
look_and_act(const struct schema_job *j, struct clickhouse *system)
{
	struct schema_state state = SCHEMA_STATE_INIT;
	struct clickhouse_error e;
	int status;

	if (schema_look(system, &j->tables, &state, &e) != CLICKHOUSE_OK)
		status = complain(j, &e);
	else if (!is_ours(j, &state, &status))
		; /* and that was told */
	else if (j->action == SCHEMA_CHECK)
		status = check(j, system, &state);
	else if (j->action == SCHEMA_DRY_RUN)
		status = print(j, &state);
	else
		status = apply(j, system, &state);
	schema_state_release(&state);
	return status;
}

int
schema_job_run(const struct schema_job *j)
{
	static const struct schema_state nothing = SCHEMA_STATE_INIT;
	/* the one database that is there before ours */
	struct clickhouse_config config = j->store->config;
	struct clickhouse_error e;
	struct clickhouse *system;
	int status;

	if (j->action == SCHEMA_PRINT || j->action == SCHEMA_GRANTS)
		return print(j, &nothing);
	config.database = "system";
	system = clickhouse_open(&config, &e);
	status = system ? look_and_act(j, system) : store_complain(&e);
	clickhouse_close(system);
	return status;
}
