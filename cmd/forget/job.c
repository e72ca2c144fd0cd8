#include "cmd/forget/job.h"

#include <stdlib.h>

#include "base/msg.h"
#include "cmd/forget/list.h"
#include "tables/rebuild.h"
#include "store/spool.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	TIMEOUT_MS = 3600 * 1000, /* of one statement: a month may be large */
	GRACE_MS = 5000,          /* that requests may still take after a signal */
	ROUNDS = 3,               /* for events that arrive meanwhile */
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
	struct clickhouse_error *e = &j->staging.error;

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
	j->staging.clickhouse = j->clickhouse;
	j->staging.project = j->batch.project;
	j->staging.stop = &face_stop;
	j->staging.notice = on_notice;
	if (j->clickhouse)
		tell_waiting(j);
	return j->clickhouse != NULL;
}

static uint64_t
sum(const uint64_t *v, size_t n)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += v[i];
	return total;
}

/* ---- one batch ----------------------------------------------------------- */

static bool
find_aggregates(struct forget_job *j, const struct erase_table *table)
{
	struct rebuild_counts counts;

	if (!rebuild_find(&j->staging, table, &counts))
		return false;
	j->batch.days = counts.days;
	j->batch.days_left = counts.days_left;
	j->batch.sessions = counts.sessions;
	return true;
}

/*
 * From here on rows of these people are refused; those that are on their way
 * are waited for.
 */
static bool
close_door(struct forget_job *j, const struct erase_table *table)
{
	return forget_list_add(&j->staging) && erase_prepare(&j->staging, table) &&
	    rebuild_await_inserts(&j->staging);
}

/* Until there are none: more may arrive meanwhile. */
static bool
hide(struct forget_job *j)
{
	struct staging *s = &j->staging;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!erase_count(s, false, j->left, j->n))
			return false;
		if (sum(j->left, j->n) == 0)
			break;
		if (!erase_hide(s, &j->batch.mutations))
			return false;
	}
	return true;
}

/*
 * The aggregates come first, so that a run that is killed can be repeated.
 * What arrived between the two steps has been hidden, but is still found.
 */
static bool
take_out(struct forget_job *j, const struct erase_table *table)
{
	struct staging *s = &j->staging;
	uint64_t before;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (i > 0 && !find_aggregates(j, table))
			return false;
		before = sum(j->events, j->n);
		if (!rebuild(s, j->store.config.database) || !hide(j) ||
		    !erase_count(s, true, j->events, j->n) || !rebuild_left(s, &j->sessions_left))
			return false;
		j->batch.unsettled = sum(j->events, j->n) != before || j->sessions_left != 0;
		if (!j->batch.unsettled)
			break;
	}
	return true;
}

static bool
allow(struct forget_job *j)
{
	memset(j->events, 0, j->n * sizeof(*j->events));
	memset(j->left, 0, j->n * sizeof(*j->left));
	return erase_stage(&j->staging, &j->rows, false) && forget_list_remove(&j->staging);
}

/* A run with --rebuild that did not come to its end is brought to its end. */
static bool
look_back(struct forget_job *j, struct erase_table *table)
{
	bool pending;

	if (!rebuild_pending(&j->staging, &pending))
		return false;
	if (!pending || j->batch.rebuild || j->batch.dry_run)
		return true;
	msg("a run with --rebuild has been interrupted: this one rebuilds, too");
	j->batch.rebuild = true;
	return erase_check(&j->staging, true, table);
}

/* With the lock held. */
static bool
work(struct forget_job *j, struct erase_table *table)
{
	struct staging *s = &j->staging;
	struct forget_batch *b = &j->batch;

	if (b->allow)
		return allow(j);
	if (!look_back(j, table))
		return false;
	if (!erase_stage(s, &j->rows, b->linked) || !erase_count(s, true, j->events, j->n) ||
	    (b->rebuild && !find_aggregates(j, table)) ||
	    (b->rebuild && !j->recount && !rebuild_check(s)))
		return false;
	if (b->dry_run)
		return erase_count(s, false, j->left, j->n);
	if (!close_door(j, table) || !(b->rebuild ? take_out(j, table) : hide(j)))
		return false;
	b->gone = sum(j->events, j->n) == 0;
	/* the next run finds by hidden events what it has to aggregate anew */
	if (!b->unsettled && (!b->gone || b->rebuild)) {
		if ((b->rebuild && !rebuild_done(s)) ||
		    !erase_purge(s, !b->gone, b->rebuild, j->wait, &b->mutations))
			return false;
		b->gone = j->wait;
	}
	return erase_count(s, b->gone, j->left, j->n);
}

static bool
act(struct forget_job *j)
{
	struct erase_table table;
	struct staging *s = &j->staging;
	bool good;

	if (!open_clickhouse(j) || !erase_check(s, j->batch.rebuild, &table) || !staging_open(s))
		return false;
	good = work(j, &table);
	if (!staging_close(s)) {
		msg("the staging tables mm_forget_..., which hold ids, could not be removed; "
		    "the next run removes them");
		return false;
	}
	if (good || !s->in_use)
		return good;
	msg("the deletion may go on in ClickHouse, and the staging tables mm_forget_..., which "
	    "hold ids, are still needed; the next run removes them");
	return false;
}

/* ---- what is said of it -------------------------------------------------- */

static void
write_records(struct forget_job *j)
{
	size_t i;

	for (i = 0; i < j->n; i++) {
		buf_reset(&j->record);
		forget_record(&j->record, &j->batch, &j->people[i], j->events[i], j->left[i]);
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
	uint64_t left = sum(j->left, j->n);

	if (j->batch.dry_run || (left == 0 && !j->batch.unsettled))
		return;
	j->incomplete = true;
	msg("events of these people keep arriving (%llu events and %llu sessions are left): stop "
	    "what inserts them, then run the same command again",
	    (unsigned long long)left, (unsigned long long)j->sessions_left);
}

static void
tell_failed(struct forget_job *j)
{
	int status = store_complain(&j->staging.error);

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
	struct forget_batch *b = &j->batch;
	uint64_t began = timestamp_monotonic();
	bool good;

	if (j->n == 0)
		return true;
	buf_reset(&b->mutations);
	b->began_ms = timestamp_now();
	b->gone = b->unsettled = false;
	j->sessions_left = 0;
	good = !face_stop && act(j);
	b->took_ms = timestamp_monotonic() - began;
	b->ended_ms = timestamp_now();
	if (good) {
		write_records(j);
		tell_incomplete(j);
	} else {
		if (face_stop)
			j->staging.error.status = CLICKHOUSE_STOPPED;
		tell_failed(j);
	}
	j->n = 0;
	buf_reset(&j->rows);
	return good && !j->in.out.error;
}

/* ---- the record loop ----------------------------------------------------- */

static void
take_person(struct forget_job *j)
{
	const struct forget *f = &j->line;
	struct forgotten *p = &j->people[j->n];

	*p = (struct forgotten){ .file = j->in.lines.name, .line = j->in.lines.number };
	if (f->user_id.p) {
		p->has_user = true;
		forget_hash(&j->key, "user_id", f->user_text, p->user);
		erase_add(&j->rows, j->batch.project, j->n, ERASE_USER, f->user_id);
	}
	if (f->anonymous_id.p) {
		p->has_anonymous = true;
		forget_hash(&j->key, "anonymous_id", f->anonymous_text, p->anonymous);
		erase_add(&j->rows, j->batch.project, j->n, ERASE_ANONYMOUS, f->anonymous_id);
	}
	j->n++;
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
	j->events = calloc(FORGET_LINES, sizeof(*j->events));
	j->left = calloc(FORGET_LINES, sizeof(*j->left));
	return (j->people && j->events && j->left) || no_memory(j);
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
	if (j->rows.failed)
		return no_memory(j);
	return j->n < FORGET_LINES || flush(j);
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
	staging_release(&j->staging);
	clickhouse_close(j->clickhouse);
	buf_release(&j->rows);
	buf_release(&j->record);
	buf_release(&j->batch.mutations);
	free(j->people);
	free(j->events);
	free(j->left);
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
