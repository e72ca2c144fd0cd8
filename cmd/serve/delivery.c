/*
 * What mm-serve says of the thread that sends events to ClickHouse.
 */
#include "base/msg.h"
#include "cmd/serve/job.h"

#include "base/banned.h"

static void
on_fail(void *context, const struct clickhouse_error *e)
{
	const struct serve_job *j = context;

	store_complain(e);
	msg("events are kept in %s until ClickHouse takes them", j->spool_path);
}

static void
on_works(void *context)
{
	const struct serve_job *j = context;

	if (!j->quiet)
		msg("ClickHouse takes events again");
}

static void
on_refused(void *context, const char *rejects)
{
	(void)context;
	msg("%s: ClickHouse refuses rows; they are kept here with its reasons", rejects);
}

static void
on_aside(void *context, const struct clickhouse_error *e, const char *file)
{
	(void)context;
	msg("%s: is set aside, so that it holds up nothing: %s", file, e->text);
}

static void
on_broken(void *context, const char *path, int error)
{
	(void)context;
	msg_errno(error, "%s", path);
}

bool
serve_delivery_start(struct serve_job *j)
{
	const struct deliver_config config = {
		.clickhouse = &j->store.config,
		.dir = j->spool_path,
		.database = j->store.config.database,
		.table = "events",
		.context = j,
		.fail = on_fail,
		.works = on_works,
		.refused = on_refused,
		.aside = on_aside,
		.broken = on_broken,
	};
	struct clickhouse_error e;
	int error = j->no_deliver ? 0 : deliver_start(&j->deliver, &config, &e);

	if (error && e.text[0])
		msg("%s", e.text);
	else if (error)
		msg_errno(error, "%s: cannot start to deliver", j->spool_path);
	return error == 0;
}

void
serve_delivery_health(struct serve_job *j, struct deliver_state *s)
{
	*s = (struct deliver_state){ 0 };
	if (j->deliver.started)
		deliver_look(&j->deliver, s);
}
