#include "tables/erasure.h"

#include "tables/forget_list.h"
#include "tables/rebuild.h"

#include "base/banned.h"

enum { ROUNDS = 3 }; /* for events that arrive meanwhile */

static uint64_t
sum(const uint64_t *v, size_t n)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += v[i];
	return total;
}

static bool
find_aggregates(struct erasure *e, const struct erase_table *table)
{
	struct rebuild_counts counts;

	if (!rebuild_find(&e->staging, table, &counts))
		return false;
	e->days = counts.days;
	e->days_left = counts.days_left;
	e->sessions = counts.sessions;
	return true;
}

/*
 * From here on rows of these people are refused; those that are on their way
 * are waited for.
 */
static bool
close_door(struct erasure *e, const struct erase_table *table)
{
	return forget_list_add(&e->staging) && erase_prepare(&e->staging, table) &&
	    rebuild_await_inserts(&e->staging);
}

/* Until there are none: more may arrive meanwhile. */
static bool
hide(struct erasure *e)
{
	struct staging *s = &e->staging;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!erase_count(s, false, e->left, e->n))
			return false;
		if (sum(e->left, e->n) == 0)
			break;
		if (!erase_hide(s, &e->mutations))
			return false;
	}
	return true;
}

/*
 * The aggregates come first, so that a run that is killed can be repeated.
 * What arrived between the two steps has been hidden, but is still found.
 */
static bool
take_out(struct erasure *e, const struct erase_table *table)
{
	struct staging *s = &e->staging;
	uint64_t before;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (i > 0 && !find_aggregates(e, table))
			return false;
		before = sum(e->events, e->n);
		if (!rebuild(s, clickhouse_database(s->clickhouse)) || !hide(e) ||
		    !erase_count(s, true, e->events, e->n) || !rebuild_left(s, &e->sessions_left))
			return false;
		e->unsettled = sum(e->events, e->n) != before || e->sessions_left != 0;
		if (!e->unsettled)
			break;
	}
	return true;
}

static bool
allow(struct erasure *e)
{
	memset(e->events, 0, e->n * sizeof(*e->events));
	memset(e->left, 0, e->n * sizeof(*e->left));
	return erase_stage(&e->staging, &e->rows, false) && forget_list_remove(&e->staging);
}

/* A run with --rebuild that did not come to its end is brought to its end. */
static bool
look_back(struct erasure *e, struct erase_table *table)
{
	bool pending;

	if (!rebuild_pending(&e->staging, &pending))
		return false;
	if (!pending || e->rebuild || e->dry_run)
		return true;
	e->staging.notice(e->staging.context,
	    "a run with --rebuild has been interrupted: this one rebuilds, too");
	e->rebuild = true;
	return erase_check(&e->staging, true, table);
}

/* With the lock held. */
static bool
work(struct erasure *e, struct erase_table *table)
{
	struct staging *s = &e->staging;

	if (e->allow)
		return allow(e);
	if (!look_back(e, table))
		return false;
	if (!erase_stage(s, &e->rows, e->linked) || !erase_count(s, true, e->events, e->n) ||
	    (e->rebuild && !find_aggregates(e, table)) ||
	    (e->rebuild && !e->recount && !rebuild_check(s)))
		return false;
	if (e->dry_run)
		return erase_count(s, false, e->left, e->n);
	if (!close_door(e, table) || !(e->rebuild ? take_out(e, table) : hide(e)))
		return false;
	e->gone = sum(e->events, e->n) == 0;
	/* the next run finds by hidden events what it has to aggregate anew */
	if (!e->unsettled && (!e->gone || e->rebuild)) {
		if ((e->rebuild && !rebuild_done(s)) ||
		    !erase_purge(s, !e->gone, e->rebuild, e->wait, &e->mutations))
			return false;
		e->gone = e->wait;
	}
	return erase_count(s, e->gone, e->left, e->n);
}

bool
erasure_run(struct erasure *e)
{
	struct erase_table table;
	struct staging *s = &e->staging;
	bool good;

	if (!erase_check(s, e->rebuild, &table) || !staging_open(s))
		return false;
	good = work(e, &table);
	if (!staging_close(s)) {
		s->notice(s->context,
		    "the staging tables mm_forget_..., which hold ids, could not be removed; "
		    "the next run removes them");
		return false;
	}
	if (!good && s->in_use)
		s->notice(s->context,
		    "the deletion may go on in ClickHouse, and the staging tables mm_forget_..., "
		    "which hold ids, are still needed; the next run removes them");
	return good;
}

uint64_t
erasure_left(const struct erasure *e)
{
	return sum(e->left, e->n);
}

void
erasure_reset(struct erasure *e)
{
	buf_reset(&e->rows);
	buf_reset(&e->mutations);
	e->n = 0;
	e->gone = e->unsettled = false;
	e->sessions_left = 0;
}

void
erasure_release(struct erasure *e)
{
	staging_release(&e->staging);
	buf_release(&e->rows);
	buf_release(&e->mutations);
}
