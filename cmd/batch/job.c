#include "cmd/batch/job.h"

#include "base/msg.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	MAX_BYTES_DEFAULT = 1024 * 1024,
	MAX_LINE_BODIES = 16 * 1024 * 1024, /* others make larger bodies than we do */
};

/* ---- making bodies ---- */

static void
write_body(struct batch_job *j)
{
	struct batch *b = &j->batch;
	size_t i;

	for (i = 0; i < b->n; i++)
		b->bytes.p[b->rows[i].end - 1] = ',';
	out_write(&j->in.out, BODY_OPENING, sizeof(BODY_OPENING) - 1);
	out_write(&j->in.out, b->bytes.p, b->bytes.n - 1);
	out_write(&j->in.out, BODY_CLOSING "\n", sizeof(BODY_CLOSING "\n") - 1);
	j->in.passed += b->n;
	j->bodies++;
}

/* The record holds the lines as they came: they can be repaired and batched again. */
static void
reject_body(struct batch_job *j)
{
	struct body_faults *f = &j->faults;
	struct batch *b = &j->batch;

	body_faults_end(f);
	intake_reject_line(&j->in, j->faulty_name, j->faulty_line, b->bytes.p, b->bytes.n - 1,
	    "invalid_payload", f->complaint, f->complaints);
	j->in.rejected += f->events - 1;
	j->in.dropped += b->n - f->events;
	j->bodies_rejected++;
}

static void
end_body(struct batch_job *j)
{
	if (j->batch.n == 0)
		return;
	if (j->faults.events > 0)
		reject_body(j);
	else
		write_body(j);
	batch_reset(&j->batch);
	body_faults_reset(&j->faults);
}

static void
reject_large(struct batch_job *j)
{
	struct complaint c = { .kind = SPAN("Too large for a body") };
	struct buf text = BUF_INIT;

	buf_addf(&text,
	    "Too large for a body: at most %llu bytes (--max-bytes), %d of them around it",
	    (unsigned long long)j->max_bytes, BODY_FRAME);
	c.text = text.failed ? c.kind : (struct span){ text.p, text.n };
	intake_reject(&j->in, "invalid_payload", &c, 1);
	buf_release(&text);
}

static void
check_event(struct batch_job *j)
{
	struct lines *l = &j->in.lines;
	struct event *e = &j->event;

	if (event_parse(e, l->p, l->n))
		return;
	intake_tell_foreign(&j->in, l->name, l->number, l->p, l->n);
	if (j->faults.events == 0) {
		j->faulty_name = l->name;
		j->faulty_line = l->number;
	}
	body_faults_add(&j->faults, j->batch.n, e->complaint, e->complaints);
}

/* Returns false when memory is out. */
static bool
take_event(struct batch_job *j)
{
	struct lines *l = &j->in.lines;

	if (l->n + BODY_FRAME > j->max_bytes) {
		reject_large(j);
		return true;
	}
	if (!batch_fits(&j->batch, l->n))
		end_body(j);
	check_event(j);
	if (!batch_add(&j->batch, l->number, l->p, l->n))
		return false;
	if (j->batch.n == 1 && j->max_age)
		j->started_ms = timestamp_monotonic();
	if (batch_is_full(&j->batch))
		end_body(j);
	return true;
}

/* With --flush-after: ends a body that is old, says how long to wait for more. */
static void
mind_age(struct batch_job *j)
{
	uint64_t age;

	j->in.lines.wait_ms = -1;
	if (!j->max_age || j->batch.n == 0)
		return;
	age = timestamp_monotonic() - j->started_ms;
	if (age >= j->max_age)
		end_body(j);
	else
		j->in.lines.wait_ms = (int)(j->max_age - age);
}

/* Returns false when memory is out. */
static bool
make_bodies(struct batch_job *j)
{
	/* a line is counted with its newline, which becomes the comma that the last has not */
	size_t room = (size_t)j->max_bytes - BODY_FRAME + 1;
	bool good = batch_init(&j->batch, (size_t)j->max_events, room, NULL);

	while (good) {
		mind_age(j);
		if (!intake_next(&j->in))
			break;
		if (!j->in.idle)
			good = take_event(j);
	}
	if (good)
		end_body(j);
	return good;
}

/* ---- undoing it ---- */

static void
take_body(struct batch_job *j)
{
	struct body *b = &j->body;
	size_t i;

	if (!body_parse(b, j->in.lines.p, j->in.lines.n)) {
		intake_reject(&j->in, "invalid_payload", b->faults.complaint, b->faults.complaints);
		j->bodies_rejected++;
		return;
	}
	for (i = 0; i < b->events; i++) {
		out_write(&j->in.out, b->event[i].p, b->event[i].n);
		out_write(&j->in.out, "\n", 1);
	}
	j->events += b->events;
	j->in.passed++;
	j->bodies++;
}

/* ---- the call ---- */

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct batch_job *j = context;
	unsigned long long bodies = j->bodies, held = j->in.dropped, events = j->events;

	if (json && j->debatch)
		buf_addf(b, ",\"events\":%llu", events);
	else if (json)
		buf_addf(b, ",\"bodies\":%llu,\"bodies_rejected\":%llu,\"held_back\":%llu", bodies,
		    (unsigned long long)j->bodies_rejected, held);
	else if (j->debatch && asked)
		buf_addf(b, ", events written: %llu", events);
	if (json || j->debatch)
		return;
	if (held > 0)
		buf_addf(b, ", %llu more held back, as bodies are all or nothing", held);
	if (asked)
		buf_addf(b, ", bodies written: %llu", bodies);
}

bool
batch_job_start(struct batch_job *j)
{
	if (j->debatch && (j->max_bytes || j->max_age)) {
		msg("--flush-after and --max-bytes are of no use with --debatch; "
		    "try 'mm-batch --help'");
		return false;
	}
	if (!j->max_bytes)
		j->max_bytes = MAX_BYTES_DEFAULT;
	if (!j->in.max_line)
		j->in.max_line = j->debatch ? MAX_LINE_BODIES : LINES_MAX_DEFAULT;
	j->body.max_events = (size_t)j->max_events;
	j->body.strict_keys = j->event.strict_keys;
	j->in.takes_bodies = j->debatch;
	j->in.add_counts = add_counts;
	j->in.context = j;
	return true;
}

int
batch_job_run(struct batch_job *j, char **files, size_t count)
{
	if (!intake_open(&j->in, files, count))
		return STATUS_ERROR;
	if (j->debatch) {
		while (intake_next(&j->in))
			take_body(j);
	} else if (!make_bodies(j)) {
		msg("out of memory");
		j->in.failed = true;
	}
	batch_release(&j->batch);
	body_faults_release(&j->faults);
	event_release(&j->event);
	body_release(&j->body);
	return intake_end(&j->in);
}
