#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/send/job.h"

#include "base/banned.h"

enum {
	LOOK_MS = 200,       /* at first, to look up from waiting for input */
	EXPECTED_MS = 60000, /* that events wait which seem to be an earlier run's */
};

static void
no_memory(struct send_job *j)
{
	msg("out of memory");
	j->in.failed = true;
	j->in.lines.enough = true;
}

/* ---- the ledger ------------------------------------------------------------ */

/* Without it nothing is lost: a rerun may send again what servers do not know again. */
static void
give_up_ledger(struct send_job *j, int error)
{
	if (error && !j->in.quiet)
		msg_errno(error,
		    "%s: what is sent can't be noted here: when this run is ended in the middle, "
		    "a rerun may send events twice",
		    j->spool.path);
	if (error)
		ledger_close(&j->ledger, false);
	j->expected = NULL;
}

void
send_settled(void *job, uint64_t mark)
{
	struct send_job *j = job;
	int error = ledger_note(&j->ledger, &j->on_its_way[mark - 1]);

	if (error)
		give_up_ledger(j, error);
}

/* The event at hand, as it was read, is the batch's next. */
static void
follow_chain(struct send_job *j)
{
	const struct lines *l = &j->in.lines;

	ledger_chain(j->chain, l->p, l->n);
	if (!j->opened) {
		j->opened = true;
		give_up_ledger(j, ledger_open(&j->ledger, j->spool.path, j->chain));
		repeats_init(&j->mute_ids.repeats,
		    (struct span){ (const char *)j->ledger.secret, sizeof(j->ledger.secret) });
	}
}

/* ---- batches --------------------------------------------------------------- */

static void
send_batch(struct send_job *j)
{
	size_t place = (size_t)(j->batches++ % SEND_ON_ITS_WAY);

	j->expected = NULL;
	j->on_its_way[place] = j->at_hand;
	j->batch.mark = place + 1;
	if (!delivery_send(&j->delivery, &j->batch) && !j->halted)
		j->halted = j->in.lines.enough = true;
	send_tick(j);
}

static bool
fits(const struct send_job *j, size_t n)
{
	/* what an earlier run has sent as one is not cut */
	return j->expected || batch_fits(&j->batch, n);
}

/* Notes how the batch goes on; whether it turns out to be what an earlier run has sent. */
static bool
is_known(struct send_job *j)
{
	const struct ledger_batch *x;

	if (j->batch.n == 1) {
		memcpy(j->at_hand.first, j->chain, LEDGER_HASH);
		j->expected = ledger_find(&j->ledger, j->chain, NULL);
	}
	memcpy(j->at_hand.last, j->chain, LEDGER_HASH);
	j->at_hand.events = (uint32_t)j->batch.n;
	while ((x = j->expected) && x->events == j->batch.n) {
		if (memcmp(x->last, j->chain, LEDGER_HASH) == 0)
			return true;
		j->expected = ledger_find(&j->ledger, j->at_hand.first, x);
	}
	return false;
}

static void
end_event(struct send_job *j)
{
	if (is_known(j)) {
		j->known += j->batch.n;
		j->expected = NULL;
		batch_reset(&j->batch);
	} else if (!j->expected && batch_is_full(&j->batch)) {
		send_batch(j);
	}
}

/* What is sent of the line at hand, which is an event; p is NULL when memory is out. */
static struct span
outgoing(struct send_job *j)
{
	const struct lines *l = &j->in.lines;
	bool mute = !event_has(&j->event, EVENT_TIMESTAMP);
	struct span s = { l->p, l->n };

	if (j->event.ignored) {
		j->stripped++;
		s = strip_context(&j->bare, l->p, l->n);
	}
	if (!s.p || event_has(&j->event, EVENT_EVENT_ID))
		return s;
	j->given++;
	j->timeless += mute;
	return event_ids_give(mute ? &j->mute_ids : &j->ids, s.p, s.n);
}

static void
take_line(struct send_job *j)
{
	struct lines *l = &j->in.lines;
	struct span event;

	if (!event_parse(&j->event, l->p, l->n)) {
		intake_reject(&j->in, "invalid_payload", j->event.complaint, j->event.complaints);
		return;
	}
	follow_chain(j);
	event = outgoing(j);
	if (!fits(j, event.n))
		send_batch(j);
	if (j->batch.n == 0)
		j->started_ms = timestamp_monotonic();
	if (!event.p || !batch_add(&j->batch, l->number, event.p, event.n)) {
		no_memory(j);
		return;
	}
	j->batch.name = l->name;
	j->in.passed++;
	end_event(j);
}

/* Sends a batch that is old, and says how long to wait for more input. */
static void
mind_age(struct send_job *j)
{
	int wait_ms = delivery_patience(&j->delivery);
	uint64_t age, most = j->max_age;

	if (j->expected && most < EXPECTED_MS)
		most = EXPECTED_MS;
	if (j->batch.n > 0) {
		age = timestamp_monotonic() - j->started_ms;
		if (age >= most)
			send_batch(j);
		else if (most - age < (uint64_t)wait_ms)
			wait_ms = (int)(most - age);
	}
	j->in.lines.wait_ms = wait_ms;
}

/* Whether the rest of the file at hand can be read another time. */
static bool
has_rest(const struct send_job *j)
{
	const struct lines *l = &j->in.lines;
	struct stat st;

	if (l->eof && l->next_file == l->file_count)
		return false;
	if (!l->name || strcmp(l->name, "<stdin>") == 0)
		return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	return stat(l->name, &st) == 0 && S_ISREG(st.st_mode);
}

void
send_input(struct send_job *j)
{
	if (!j->follow && j->spool.waiting > 0)
		delivery_drain(&j->delivery);
	if (!delivery_accepts(&j->delivery))
		j->halted = j->in.lines.enough = true;
	j->in.lines.wait_ms = LOOK_MS;
	while (intake_next(&j->in)) {
		if (j->in.idle) {
			delivery_mind(&j->delivery);
			send_tick(j);
		} else {
			take_line(j);
		}
		mind_age(j);
	}
	j->regular = has_rest(j);
	if (j->batch.n > 0)
		send_batch(j);
	delivery_settle(&j->delivery);
	if (j->delivery.kept > 0)
		delivery_drain(&j->delivery);
}
