#include "cmd/forget/job.h"

#include <stdlib.h>

#include "base/msg.h"
#include "store/spool.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	TIMEOUT_MS = 3600 * 1000, /* of one statement: a month may be large */
	GRACE_MS = 5000,          /* that requests may still take after a signal */
};

static void
on_notice(void *context, const char *text)
{
	(void)context;
	msg("%s", text);
}

static int
is_ours(void *context, const char *database, const char *table)
{
	const struct forget_job *j = context;

	return strcmp(database, j->store.config.database) == 0 && strcmp(table, "events") == 0;
}

/* They are not stored, but on disk; and the aggregates are best rebuilt without. */
static void
tell_waiting(struct forget_job *j)
{
	char *dir = spool_default(j->store.config.url, clickhouse_server(j->clickhouse));

	if (dir && spool_tables(dir, is_ours, j) > 0)
		msg("rows that wait to be stored may be of these people: they stay in files until "
		    "what waits is sent ('mm-insert --drain %s')",
		    dir);
	free(dir);
}

/* Not before there is something to forget. */
static bool
open_clickhouse(struct forget_job *j)
{
	struct staging *s = &j->erasure.staging;
	struct clickhouse_error *e = &s->error;

	if (j->clickhouse)
		return true;
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_STOPPED }; /* told already */
	if (!store_config(&j->store, &face_stop)) {
		j->status = STATUS_ERROR;
		return false;
	}
	j->store.config.timeout_ms = TIMEOUT_MS;
	j->store.config.stop_grace_ms = GRACE_MS;
	j->clickhouse = clickhouse_open(&j->store.config, e);
	store_forget(&j->store);
	s->clickhouse = j->clickhouse;
	s->stop = &face_stop;
	s->notice = on_notice;
	if (j->clickhouse)
		tell_waiting(j);
	return j->clickhouse != NULL;
}

/* ---- what is said of it -------------------------------------------------- */

static void
write_records(struct forget_job *j)
{
	size_t i;

	for (i = 0; i < j->erasure.n; i++) {
		buf_reset(&j->record);
		forget_record(&j->record, &j->erasure, &j->times, &j->people[i],
		    j->erasure.events[i], j->erasure.left[i]);
		if (j->record.failed)
			j->in.out.error = ENOMEM;
		else
			out_write(&j->in.out, j->record.p, j->record.n);
	}
	out_flush(&j->in.out);
}

static void
tell_incomplete(struct forget_job *j)
{
	uint64_t left = erasure_left(&j->erasure);

	if (j->erasure.dry_run || (left == 0 && !j->erasure.unsettled))
		return;
	j->incomplete = true;
	msg("events of these people keep arriving (%llu events and %llu sessions are left): stop "
	    "what inserts them, then run the same command again",
	    (unsigned long long)left, (unsigned long long)j->erasure.sessions_left);
}

static void
tell_failed(struct forget_job *j)
{
	int status = store_complain(&j->erasure.staging.error);

	if (j->status == STATUS_OK)
		j->status = status;
	msg("%s:%llu: this line and those after it may not be forgotten, and have no audit record: "
	    "run the same command again",
	    j->people[0].file, (unsigned long long)j->people[0].line);
}

/* Forgets the batch; false when nothing more is to be done. */
static bool
flush(struct forget_job *j)
{
	struct forget_times *t = &j->times;
	uint64_t began = timestamp_monotonic();
	bool good;

	if (j->erasure.n == 0)
		return true;
	t->began_ms = timestamp_now();
	good = !face_stop && open_clickhouse(j) && erasure_run(&j->erasure);
	t->took_ms = timestamp_monotonic() - began;
	t->ended_ms = timestamp_now();
	if (good) {
		write_records(j);
		tell_incomplete(j);
	} else {
		if (face_stop)
			j->erasure.staging.error.status = CLICKHOUSE_STOPPED;
		tell_failed(j);
	}
	erasure_reset(&j->erasure);
	return good && !j->in.out.error;
}

/* ---- the record loop ----------------------------------------------------- */

static void
take_person(struct forget_job *j)
{
	const struct forget *f = &j->line;
	struct erasure *e = &j->erasure;
	struct forgotten *p = &j->people[e->n];

	*p = (struct forgotten){ .file = j->in.lines.name, .line = j->in.lines.number };
	if (f->user_id.p) {
		p->has_user = true;
		forget_hash(&j->key, "user_id", f->user_text, p->user);
		erase_add(&e->rows, e->staging.project, e->n, ERASE_USER, f->user_id);
	}
	if (f->anonymous_id.p) {
		p->has_anonymous = true;
		forget_hash(&j->key, "anonymous_id", f->anonymous_text, p->anonymous);
		erase_add(&e->rows, e->staging.project, e->n, ERASE_ANONYMOUS, f->anonymous_id);
	}
	e->n++;
	j->in.passed++;
}

static bool
no_memory(struct forget_job *j)
{
	msg("out of memory");
	j->status = STATUS_ERROR;
	return false;
}

static bool
allocate(struct forget_job *j)
{
	j->people = calloc(FORGET_LINES, sizeof(*j->people));
	j->erasure.events = calloc(FORGET_LINES, sizeof(*j->erasure.events));
	j->erasure.left = calloc(FORGET_LINES, sizeof(*j->erasure.left));
	return (j->people && j->erasure.events && j->erasure.left) || no_memory(j);
}

static bool
take_line(struct forget_job *j)
{
	struct forget *f = &j->line;

	if (!forget_parse(f, j->in.lines.p, j->in.lines.n)) {
		intake_reject(&j->in, "invalid_payload", f->complaint, f->complaints);
		return true;
	}
	take_person(j);
	if (j->erasure.rows.failed)
		return no_memory(j);
	return j->erasure.n < FORGET_LINES || flush(j);
}

static int
end(struct forget_job *j)
{
	bool lost = j->in.out.error == EPIPE;
	int status = intake_end(&j->in);

	if (lost)
		msg("standard output was closed: audit records of what was deleted are lost");
	if (j->status != STATUS_OK)
		return j->status;
	if (lost)
		return STATUS_ERROR;
	return status == STATUS_OK && j->incomplete ? STATUS_REJECTED : status;
}

static void
release(struct forget_job *j)
{
	forget_release(&j->line);
	erasure_release(&j->erasure);
	clickhouse_close(j->clickhouse);
	buf_release(&j->record);
	free(j->people);
	free(j->erasure.events);
	free(j->erasure.left);
}

int
forget_job_run(struct forget_job *j, char **files, size_t count)
{
	bool going = allocate(j) && intake_open(&j->in, files, count);
	int status = STATUS_ERROR;

	if (going) {
		while (going && intake_next(&j->in))
			going = take_line(j);
		if (going && !j->in.out.error)
			flush(j);
		status = end(j);
	}
	release(j);
	return status;
}
