#include "cmd/cli/crew.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/msg.h"

#include "base/banned.h"

enum {
	BLOCKS_A_THREAD = 3,
	LOOK_MS = 50, /* between looks at the others, while input is waited for */
};

struct block {
	struct lines_block bytes;
	struct intake in;
	struct intake_notes notes;
	uint64_t counts[CREW_COUNTS];
	bool done;
};

/*
 * Blocks [written, issued) of the ring are with a thread or done; the others are spare, and
 * the one that was last in use is taken first.  `reading` is held by the thread that reads,
 * `lock` for a moment by each; the one that has set `writing` has the command's intake, but
 * for its lines, which are the reader's.
 */
struct team {
	struct crew *crew;
	struct intake *in;
	pthread_mutex_t reading, lock;
	pthread_cond_t moved; /* `written` or `writing` has changed; the reader waits for it */
	struct block *block, **ring, **spare;
	size_t blocks, spares;
	uint64_t issued, written;
	bool writing;
	bool idle;  /* input is waited for: what is written must not wait */
	bool ended; /* an output has failed */

	/* the writer's: the last line that was told, and its file */
	size_t file;
	uint64_t number;
};

struct member {
	struct team *team;
	void *worker;
	pthread_t id;
};

/* Signals come to those alone who wait for input or output, which they end. */
static void
hear_signals(bool hear)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(hear ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

/* ---- work -------------------------------------------------------------- */

/*
 * Works on the block's lines: all of them, or until so many bytes are written
 * and so many notes made.
 */
static void
work_on(const struct team *t, struct block *b, void *worker, size_t bytes, size_t notes)
{
	const struct crew *c = t->crew;
	struct intake *in = &b->in;

	lines_of_block(&in->lines, &b->bytes, (size_t)t->in->max_line);
	in->with_blank = t->in->with_blank;
	in->passed = in->dropped = in->blank = 0;
	in->notes = &b->notes;
	intake_notes_reset(&b->notes);
	buf_reset(&in->out.b);
	buf_reset(&in->aside);
	in->out.error = 0;
	while ((in->out.b.n < bytes || b->notes.n < notes) && intake_next(in))
		c->take(worker, in);
	if (c->count)
		c->count(worker, b->counts);
}

/* ---- writing, in order ------------------------------------------------- */

static bool
failed(const struct intake *in)
{
	return in->out.error || in->rejects.error || in->enough;
}

/*
 * Writes the block's output from *at, where it has come to, towards `end`: as much as would
 * have been written if its rows had been added one by one, so that an output that fails does
 * so after the same row.
 */
static void
write_rows(struct intake *in, const struct block *b, size_t *at, size_t end)
{
	while (end - *at >= OUT_BLOCK - in->out.b.n && !in->out.error) {
		const char *p = b->in.out.b.p + *at, *newline;
		size_t n = end - *at, full = OUT_BLOCK - in->out.b.n;

		newline = memchr(p + full - 1, '\n', n - (full - 1));
		n = newline ? (size_t)(newline + 1 - p) : n;
		out_write_through(&in->out, p, n);
		*at += n;
	}
}

static void
add_counts(struct team *t, const struct block *b)
{
	size_t i;

	t->in->passed += b->in.passed;
	t->in->dropped += b->in.dropped;
	t->in->blank += b->in.blank;
	for (i = 0; i < CREW_COUNTS; i++)
		t->crew->counts[i] += b->counts[i];
}

/*
 * An output has failed at a line: what was made of those behind it does not count.  Works on
 * the block once more up to it, by what had been written and told, and tells what was told of
 * the line after that.
 */
static void
end_at_line(struct team *t, struct block *b, void *worker, size_t bytes, size_t notes)
{
	uint64_t before = t->file == b->bytes.file ? t->number : 0;
	struct buf written = b->in.out.b;
	struct intake_note note;

	b->in.out.b = (struct buf)BUF_INIT;
	work_on(t, b, worker, bytes, notes);
	written.n = b->in.out.b.n;
	buf_release(&b->in.out.b);
	b->in.out.b = written;
	while (intake_notes_next(&b->notes, &note)) {
		if (notes == 0)
			intake_tell_note(t->in, &note, before);
		else
			notes--;
	}
}

/* Writes the block, and tells what was noted. */
static void
write_block(struct team *t, struct block *b, void *worker)
{
	struct intake *in = t->in;
	uint64_t before = t->file == b->bytes.file ? t->number : 0;
	struct intake_note note;
	size_t at = 0, notes = 0;

	if (failed(in))
		return;
	if (b->in.out.error || b->in.out.b.failed || b->in.aside.failed ||
	    intake_notes_failed(&b->notes)) {
		in->out.error = ENOMEM;
		return;
	}
	if (t->crew->settle)
		t->crew->settle(t->crew->context, &b->in, b->bytes.file);
	while (!failed(in) && intake_notes_next(&b->notes, &note)) {
		write_rows(in, b, &at, note.out);
		if (in->out.error)
			break;
		notes++;
		intake_tell_note(in, &note, before);
	}
	if (in->rejects.error || in->enough) /* the line may have output, too */
		end_at_line(t, b, worker, note.out, notes);
	write_rows(in, b, &at, b->in.out.b.n);
	if (in->out.error && !in->rejects.error && !in->enough)
		end_at_line(t, b, worker, at, notes);
	else if (!in->out.error && at < b->in.out.b.n)
		out_write(&in->out, b->in.out.b.p + at, b->in.out.b.n - at);
	t->file = b->bytes.file;
	t->number = before + b->in.lines.number;
	add_counts(t, b);
}

static void
flush(struct intake *in)
{
	out_flush(&in->out);
	if (in->rejects_fd >= 0)
		out_flush(&in->rejects);
}

/* Writes what is done, as far as nothing before it is missing.  The lock is held. */
static void
write_done(struct team *t, void *worker)
{
	if (t->writing)
		return;
	t->writing = true;
	for (;;) {
		bool all = t->written == t->issued;
		struct block *b = all ? NULL : t->ring[t->written % t->blocks];

		if (all ? !t->idle : !b->done)
			break;
		pthread_mutex_unlock(&t->lock);
		hear_signals(true);
		if (all)
			flush(t->in);
		else
			write_block(t, b, worker);
		hear_signals(false);
		pthread_mutex_lock(&t->lock);
		t->ended = failed(t->in);
		if (all) {
			t->idle = false;
		} else {
			b->done = false;
			t->spare[t->spares++] = b;
			t->written++;
			pthread_cond_signal(&t->moved);
		}
	}
	t->writing = false;
	pthread_cond_signal(&t->moved);
}

/* ---- reading ----------------------------------------------------------- */

/* All is written; nothing else will be, until `writing` is set to false. */
static void
settle(struct team *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->written != t->issued || t->writing)
		pthread_cond_wait(&t->moved, &t->lock);
	t->writing = true;
	pthread_mutex_unlock(&t->lock);
}

/* After settle, and a look at what the lines say. */
static void
go_on(struct team *t)
{
	pthread_mutex_lock(&t->lock);
	t->ended = failed(t->in);
	t->writing = false;
	pthread_mutex_unlock(&t->lock);
}

static void
take_piece(struct team *t)
{
	const struct lines *l = &t->in->lines;

	settle(t);
	if (!t->in->in_long) {
		t->number = t->file == l->next_file ? t->number + 1 : 1;
		t->file = l->next_file;
	}
	if (!failed(t->in))
		intake_take_piece(t->in, l->name, t->number, l->p, l->n, l->last);
	go_on(t);
}

static void
tell_unread(struct team *t)
{
	settle(t);
	if (!failed(t->in))
		intake_tell_unread(t->in);
	go_on(t);
}

/* Input is waited for: returns for how long at most, in ms, or -1. */
static int
go_idle(struct team *t, void *worker)
{
	int ms;

	pthread_mutex_lock(&t->lock);
	t->idle = true;
	write_done(t, worker);
	ms = t->written == t->issued && !t->writing ? -1 : LOOK_MS;
	pthread_mutex_unlock(&t->lock);
	return ms;
}

static bool
has_ended(struct team *t)
{
	bool ended;

	pthread_mutex_lock(&t->lock);
	ended = t->ended;
	pthread_mutex_unlock(&t->lock);
	return ended;
}

/* Reads the next block; false at the end. */
static bool
read_block(struct team *t, struct lines_block *b, void *worker)
{
	struct lines *l = &t->in->lines;

	enum lines_event e;

	l->wait_ms = 0;
	while (!has_ended(t)) {
		hear_signals(true);
		e = lines_next_block(l, b);
		hear_signals(false);
		switch (e) {
		case LINES_LINE:
			return true;
		case LINES_IDLE:
			l->wait_ms = go_idle(t, worker);
			break;
		case LINES_LONG:
			take_piece(t);
			break;
		case LINES_ERROR:
			tell_unread(t);
			break;
		case LINES_END:
			return false;
		}
	}
	return false;
}

/* The block that is worked on next; NULL at the end. */
static struct block *
next_block(struct team *t, void *worker)
{
	struct block *b;
	bool got;

	pthread_mutex_lock(&t->reading);
	pthread_mutex_lock(&t->lock);
	while (t->spares == 0)
		pthread_cond_wait(&t->moved, &t->lock);
	b = t->spare[--t->spares];
	pthread_mutex_unlock(&t->lock);
	got = read_block(t, &b->bytes, worker);
	if (got && t->crew->refresh)
		t->crew->refresh(t->crew->context);
	pthread_mutex_lock(&t->lock);
	if (got) {
		t->ring[t->issued++ % t->blocks] = b;
		t->idle = false;
	} else {
		t->spare[t->spares++] = b;
	}
	pthread_mutex_unlock(&t->lock);
	pthread_mutex_unlock(&t->reading);
	return got ? b : NULL;
}

static void *
work(void *argument)
{
	struct member *m = argument;
	struct team *t = m->team;
	struct block *b;

	while ((b = next_block(t, m->worker)) != NULL) {
		work_on(t, b, m->worker, SIZE_MAX, 0);
		pthread_mutex_lock(&t->lock);
		b->done = true;
		write_done(t, m->worker);
		pthread_mutex_unlock(&t->lock);
	}
	return NULL;
}

/* ---- the whole --------------------------------------------------------- */

static void
run_alone(struct crew *c, struct intake *in)
{
	while (intake_next(in)) {
		if (c->refresh)
			c->refresh(c->context);
		c->take(c->worker[0], in);
	}
	if (c->count)
		c->count(c->worker[0], c->counts);
}

/* The caller's thread is one of them. */
static bool
run_together(struct team *t, struct member *member)
{
	size_t i, n = (size_t)t->crew->jobs;
	bool started = true;
	sigset_t before;

	pthread_sigmask(SIG_BLOCK, NULL, &before);
	hear_signals(false);
	pthread_mutex_lock(&t->reading); /* until all are there */
	for (i = 0; i < n; i++) {
		member[i] = (struct member){ .team = t, .worker = t->crew->worker[i] };
		if (i > 0 && pthread_create(&member[i].id, NULL, work, &member[i]) != 0)
			break;
	}
	if (i < n) {
		msg("cannot start %zu threads", n);
		t->ended = true;
		started = false;
		n = i;
	}
	pthread_mutex_unlock(&t->reading);
	work(&member[0]);
	for (i = 1; i < n; i++)
		pthread_join(member[i].id, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static void
release(struct team *t)
{
	size_t i;

	for (i = 0; t->block && i < t->blocks; i++) {
		free(t->block[i].bytes.p);
		out_release(&t->block[i].in.out);
		buf_release(&t->block[i].in.aside);
		intake_notes_release(&t->block[i].notes);
	}
	free(t->block);
	free(t->ring);
	free(t->spare);
	pthread_mutex_destroy(&t->reading);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->moved);
}

bool
crew_run(struct crew *c, struct intake *in)
{
	struct team t = { .crew = c, .in = in, .blocks = (size_t)c->jobs * BLOCKS_A_THREAD };
	struct member member[CREW_JOBS_MAX];
	bool made, ran = false;
	size_t i;

	if (c->jobs == 1) {
		run_alone(c, in);
		return true;
	}
	pthread_mutex_init(&t.reading, NULL);
	pthread_mutex_init(&t.lock, NULL);
	pthread_cond_init(&t.moved, NULL);
	t.block = calloc(t.blocks, sizeof(*t.block));
	t.ring = calloc(t.blocks, sizeof(*t.ring));
	t.spare = calloc(t.blocks, sizeof(*t.spare));
	made = t.block && t.ring && t.spare;
	for (i = 0; made && i < t.blocks; i++) {
		t.block[i].in = (struct intake)INTAKE_INIT;
		out_init_memory(&t.block[i].in.out);
		t.spare[t.spares++] = &t.block[i];
	}
	/* the writer flushes */
	in->lines.out = in->lines.also = NULL;
	if (made)
		ran = run_together(&t, member);
	else
		msg("out of memory");
	release(&t);
	return ran;
}

bool
crew_may(const struct crew *c, const char *option)
{
	if (c->jobs == 1 || !option)
		return true;
	msg("--jobs does not go with %s, which needs all lines on one thread", option);
	return false;
}
