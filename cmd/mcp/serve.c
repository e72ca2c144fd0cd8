#include "cmd/mcp/serve.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/msg.h"
#include "cmd/cli/face.h"
#include "cmd/cli/store.h"

#include "base/banned.h"

/* A request that is cancelled is dropped while it waits, and stopped while it runs. */
static bool
take_cancellation(struct inbox *inbox, const char *p, size_t n)
{
	const struct inbox_line *at_work = inbox_at_work(inbox);
	struct inbox_line *waiting;
	struct span id;
	size_t i;

	if (!mcp_cancels(p, n, &id))
		return false;
	if (at_work && mcp_is_request(at_work->text.p, at_work->text.n, id))
		inbox->stop_work = 1;
	for (i = 0; (waiting = inbox_waiting(inbox, i)) != NULL; i++) {
		if (mcp_is_request(waiting->text.p, waiting->text.n, id))
			buf_reset(&waiting->text);
	}
	return true;
}

/* Whether a message that was read before may keep those behind it waiting. */
static bool
is_busy(struct inbox *inbox)
{
	const struct inbox_line *line = inbox_at_work(inbox);
	size_t i;

	if (line && mcp_takes_long(line->text.p, line->text.n))
		return true;
	for (i = 0; (line = inbox_waiting(inbox, i)) != NULL; i++)
		if (mcp_takes_long(line->text.p, line->text.n))
			return true;
	return false;
}

/*
 * A ping does not wait for questions.  While an answer is being written, by the
 * other thread, it takes its turn: that is no question.
 */
static bool
take_ping(struct mcp_serving *j, const char *p, size_t n)
{
	bool taken = false;

	buf_reset(&j->pong);
	if (!mcp_pings(p, n, &j->pong) || j->pong.failed || !is_busy(&j->inbox) ||
	    pthread_mutex_trylock(&j->writing) != 0)
		return false;
	if (j->out.error == 0) {
		out_write(&j->out, j->pong.p, j->pong.n);
		taken = true;
		if (out_flush(&j->out) != 0)
			inbox_end(&j->inbox);
	}
	pthread_mutex_unlock(&j->writing);
	return taken;
}

static bool
take_urgent(void *context, struct inbox *inbox, const char *p, size_t n)
{
	struct mcp_serving *j = context;

	return take_cancellation(inbox, p, n) || take_ping(j, p, n);
}

/*
 * Signals are left to the reading thread, whose waiting they end; but for the
 * time of writing, where it is this thread that may wait.
 */
static void
signals(int how)
{
	sigset_t caught;

	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	pthread_sigmask(how, &caught, NULL);
}

/* What is wrong with ClickHouse is said when it begins, not for each question. */
static void
tell(struct mcp_serving *j)
{
	bool failing = j->error->status != CLICKHOUSE_OK && j->error->status != CLICKHOUSE_STOPPED;

	if (failing && !j->failing)
		store_complain(j->error);
	j->failing = failing;
}

static bool
answer(struct mcp_serving *j, const struct inbox_line *line)
{
	bool good;

	buf_reset(&j->answers);
	if (line->long_one)
		mcp_too_long((size_t)j->max_line, &j->answers);
	else if (!line_is_blank(line->text.p, line->text.n))
		mcp_message(&j->mcp, line->text.p, line->text.n, &j->answers);
	tell(j);
	if (j->answers.failed)
		msg("out of memory: an answer was lost");
	pthread_mutex_lock(&j->writing);
	signals(SIG_UNBLOCK);
	if (!j->answers.failed)
		out_write(&j->out, j->answers.p, j->answers.n);
	good = out_flush(&j->out) == 0;
	signals(SIG_BLOCK);
	pthread_mutex_unlock(&j->writing);
	return good;
}

/* Nobody takes answers, and the reading thread may wait for messages for ever. */
static void
give_up(const struct mcp_serving *j)
{
	if (j->out.error == EPIPE)
		_exit(STATUS_OK);
	msg_errno(j->out.error, "standard output");
	_exit(STATUS_ERROR);
}

int
mcp_serve(struct mcp_serving *j)
{
	const struct inbox_line *line;

	if (pthread_mutex_init(&j->writing, NULL) != 0 ||
	    !inbox_start(&j->inbox, (size_t)j->max_line, &face_stop, take_urgent, j)) {
		msg("out of memory or threads");
		return STATUS_ERROR;
	}
	signals(SIG_BLOCK);
	while ((line = inbox_next(&j->inbox)) != NULL && answer(j, line))
		;
	if (j->out.error && !face_stop)
		give_up(j);
	inbox_release(&j->inbox);
	signals(SIG_UNBLOCK);
	pthread_mutex_destroy(&j->writing);
	if (j->inbox.error && !face_stop) {
		msg_errno(j->inbox.error, "standard input");
		return STATUS_ERROR;
	}
	return STATUS_OK;
}

void
mcp_serving_release(struct mcp_serving *j)
{
	mcp_release(&j->mcp);
	buf_release(&j->answers);
	buf_release(&j->pong);
	out_release(&j->out);
}
