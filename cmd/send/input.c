#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/send/job.h"

#include "base/banned.h"

enum { LOOK_MS = 200 }; /* at first, to look up from waiting for input */

static void
no_memory(struct send_job *j)
{
	msg("out of memory");
	j->in.failed = true;
	j->in.lines.enough = true;
}

static void
send_batch(struct send_job *j)
{
	if (!delivery_send(&j->delivery, &j->batch) && !j->halted)
		j->halted = j->in.lines.enough = true;
	send_tick(j);
}

/* The line at hand, which is an event, with its event_id. */
static struct span
with_id(struct send_job *j)
{
	const struct lines *l = &j->in.lines;

	if (event_has(&j->event, EVENT_EVENT_ID))
		return (struct span){ l->p, l->n };
	j->given++;
	j->timeless += !event_has(&j->event, EVENT_TIMESTAMP);
	return event_ids_give(&j->ids, l->p, l->n);
}

static void
take_line(struct send_job *j)
{
	static const unsigned context = 1u << EVENT_IP | 1u << EVENT_USER_AGENT | 1u << EVENT_HOST |
	    1u << EVENT_RECEIVED_AT | 1u << EVENT_PROJECT_ID;
	struct lines *l = &j->in.lines;
	struct span event;

	if (!event_parse(&j->event, l->p, l->n)) {
		intake_reject(&j->in, "invalid_payload", j->event.complaint, j->event.complaints);
		return;
	}
	j->context += (j->event.present & context) != 0;
	event = with_id(j);
	if (!batch_fits(&j->batch, event.n))
		send_batch(j);
	if (j->batch.n == 0)
		j->started_ms = timestamp_monotonic();
	if (!event.p || !batch_add(&j->batch, l->number, event.p, event.n)) {
		no_memory(j);
		return;
	}
	j->batch.name = l->name;
	j->in.passed++;
	if (batch_is_full(&j->batch))
		send_batch(j);
}

/* Sends a batch that is old, and says how long to wait for more input. */
static void
mind_age(struct send_job *j)
{
	int wait_ms = delivery_patience(&j->delivery);
	uint64_t age;

	if (j->batch.n > 0) {
		age = timestamp_monotonic() - j->started_ms;
		if (age >= j->max_age)
			send_batch(j);
		else if (j->max_age - age < (uint64_t)wait_ms)
			wait_ms = (int)(j->max_age - age);
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
