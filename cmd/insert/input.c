#include "cmd/insert/input.h"

#include <sys/stat.h>
#include <unistd.h>

#include "store/row_check.h"
#include "text/json.h"
#include "base/msg.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	LOOK_MS = 200,      /* at first, to look up from waiting for input */
	UNREAD = 2 << 20,   /* bytes of blocks on their way, once the next one is begun */
	UNREAD_LOOK_MS = 2, /* between looks at how many are left */
};

/* ---- batches ----------------------------------------------------------- */

/* No room is left for what is read: what has been read is seen to, and no more. */
static void
halt(struct insert_job *j)
{
	j->halted = true;
	j->in.lines.enough = true;
}

static void
no_memory(struct insert_job *j)
{
	msg("out of memory");
	j->in.failed = true;
	j->in.lines.enough = true;
}

/*
 * ClickHouse reads a block much faster than the next one is made, but not when it
 * is busy: there would be one for each connection.
 */
static void
await_room(struct insert_job *j)
{
	while (!j->follow && !face_stop && j->pool.lent > UNREAD && j->delivery.in_flight > 0) {
		timestamp_sleep_until(timestamp_monotonic() + UNREAD_LOOK_MS, &face_stop);
		delivery_mind(&j->delivery);
		insert_tick(j);
	}
}

static void
send_batch(struct insert_job *j, struct batch *b)
{
	ahead_end(&j->ahead, b);
	if (!delivery_send(&j->delivery, b) && !j->halted)
		halt(j);
	if (!batch_cut_gone(&j->cut, b))
		no_memory(j);
	insert_tick(j);
	await_room(j);
}

static void
send_all(struct insert_job *j)
{
	struct batch *b;

	while ((b = batch_cut_rest(&j->cut)))
		send_batch(j, b);
}

/* A batch never spans files, so that a file is cut the same in any company. */
static void
begin_file(struct insert_job *j)
{
	bool standard = strcmp(j->in.lines.name, "<stdin>") == 0;
	struct stat st;

	send_all(j);
	j->name = j->in.lines.name;
	j->regular =
	    (standard ? fstat(STDIN_FILENO, &st) : stat(j->name, &st)) == 0 && S_ISREG(st.st_mode);
	j->in_place = j->regular && !standard && spool_holds(&j->spool, j->name);
}

/* ---- the record loop --------------------------------------------------- */

/* Whether the line is one JSON object; else rejects it. */
static bool
is_object(struct insert_job *j)
{
	struct lines *l = &j->in.lines;
	struct json_scan scan;
	struct complaint c;
	enum json_type type = json_skim(&scan, l->p, l->n);

	if (type == JSON_OBJECT && !scan.reason)
		return true;
	buf_reset(&j->scratch);
	c = complaint_no_object(&scan, type, &j->scratch);
	/* what never was a row may be a web server's log, with addresses */
	if (j->checks && !row_was_meant((struct span){ l->p, l->n }))
		intake_reject_unkept(&j->in, "invalid_payload", &c, 1);
	else
		intake_reject(&j->in, "invalid_payload", &c, 1);
	return false;
}

/* Whether the object at hand is a row with all that every event must tell. */
static bool
is_row(struct insert_job *j)
{
	struct complaint c[ROW_KEYS] = { { .text = SPAN("This is an event, no row: pass it "
							"through mm-enrich") } };
	size_t i, n = 0;
	bool event;
	unsigned lacks = row_lacks((struct span){ j->in.lines.p, j->in.lines.n }, &event);

	if (!lacks)
		return true;
	for (i = 0; i < ROW_KEYS && !event; i++)
		if (lacks & (1u << i))
			c[n++] = (struct complaint){ .field = span_of(row_keys[i]),
				.text = SPAN("Required") };
	j->events += event;
	/* without an event_name it may be anything, with addresses */
	if (lacks & 1)
		intake_reject_unkept(&j->in, "invalid_payload", c, event ? 1 : n);
	else
		intake_reject(&j->in, "invalid_payload", c, n);
	return false;
}

/* A file of the spool was one request, and is one again. */
static bool
is_full(const struct insert_job *j, const struct batch *b)
{
	return j->in_place ? batch_size(b) >= SPOOL_FILE_MAX : batch_is_full(b);
}

/* Whether the line joins the block of the batch that it surely joins. */
static bool
in_block(struct insert_job *j)
{
	const struct lines *l = &j->in.lines;
	struct batch *b = j->in_place ? NULL : batch_cut_sure(&j->cut, l->n);

	if (!b || !j->ahead.max)
		return false;
	j->ahead.watch.stale |= j->delivery.outdated;
	j->delivery.outdated = false;
	return ahead_add(&j->ahead, b, j->delivery.stored, (struct span){ l->p, l->n });
}

static void
take_line(struct insert_job *j)
{
	struct lines *l = &j->in.lines;
	struct batch *b;
	bool encoded, looked_at;
	int month = 0;

	if (l->name != j->name)
		begin_file(j);
	looked_at = j->checks && !j->in_place && !row_is_usual((struct span){ l->p, l->n });
	if (looked_at && (!is_object(j) || !is_row(j)))
		return;
	encoded = in_block(j);
	if (!encoded && !looked_at && !is_object(j)) {
		j->ahead.doubt = false;
		return;
	}
	if (j->by_partition && !j->in_place)
		month = batch_cut_month(l->p, l->n);
	while (!j->in_place && (b = batch_cut_ahead_of(&j->cut, month, l->n)))
		send_batch(j, b);
	if (!encoded && !in_block(j))
		ahead_give_up(&j->ahead);
	if (j->max_age && !batch_cut_rest(&j->cut))
		j->started_ms = timestamp_monotonic();
	b = batch_cut_add(&j->cut, month, l->number, l->p, l->n);
	if (!b) {
		no_memory(j);
		return;
	}
	b->name = j->name;
	b->in_place = j->in_place;
	j->in.passed++;
	if (is_full(j, b))
		send_batch(j, b);
}

/* Sends batches that are old, and says how long to wait for more input. */
static void
mind_age(struct insert_job *j)
{
	int wait_ms = delivery_patience(&j->delivery);
	uint64_t age;

	if (j->max_age && batch_cut_rest(&j->cut)) {
		age = timestamp_monotonic() - j->started_ms;
		if (age >= j->max_age)
			send_all(j);
		else if (j->max_age - age < (uint64_t)wait_ms)
			wait_ms = (int)(j->max_age - age);
	}
	j->in.lines.wait_ms = wait_ms;
}

static void
mind(struct insert_job *j)
{
	delivery_mind(&j->delivery);
	insert_tick(j);
}

/*
 * The last batches.  Those that a signal or a full disk cut short are not
 * sent, unless batches are cut by time anyway: run again over the same input,
 * the cuts would not match, and rows would be stored twice.
 */
static void
finish(struct insert_job *j)
{
	bool interrupted = face_stop || j->in.lines.enough || j->in.rejects.error;
	struct batch *b;

	j->unread = face_stop && j->regular && !j->in.lines.eof;
	while ((b = batch_cut_rest(&j->cut))) {
		if (!interrupted || j->max_age) {
			send_batch(j, b);
			continue;
		}
		if (j->regular)
			j->dropped += b->n;
		else
			delivery_keep_cut(&j->delivery, b);
		batch_reset(b);
	}
	delivery_settle(&j->delivery);
	if (j->delivery.kept > 0 && !j->delivery.spares_spool)
		delivery_drain(&j->delivery);
}

/* What waits goes first, except for files that are given here. */
static void
send_waiting(struct insert_job *j, char **files, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		j->delivery.spares_spool |= spool_holds(&j->spool, files[i]);
	if (!j->follow && !j->delivery.spares_spool && j->spool.waiting > 0)
		delivery_drain(&j->delivery);
	if (!delivery_accepts(&j->delivery))
		halt(j);
}

void
insert_input(struct insert_job *j, char **files, size_t count)
{
	send_waiting(j, files, count);
	j->in.lines.wait_ms = LOOK_MS;
	while (intake_next(&j->in)) {
		if (j->in.idle)
			mind(j);
		else
			take_line(j);
		if (j->max_age || j->in.idle)
			mind_age(j);
	}
	finish(j);
}
