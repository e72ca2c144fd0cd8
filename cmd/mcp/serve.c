#include "cmd/mcp/serve.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/msg.h"
#include "cmd/cli/face.h"

#include "base/banned.h"

/* A request that is cancelled is dropped while it waits, and stopped while it runs. */
static bool
take_cancellation(void *context, struct inbox *inbox, const char *p, size_t n)
{
	const struct inbox_line *at_work = inbox_at_work(inbox);
	struct inbox_line *waiting;
	struct span id;
	size_t i;

	(void)context;
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

static void
answer(struct mcp_serving *j, const struct inbox_line *line)
{
	buf_reset(&j->answers);
	if (line->long_one)
		mcp_too_long((size_t)j->max_line, &j->answers);
	else if (!line_is_blank(line->text.p, line->text.n))
		mcp_message(&j->mcp, line->text.p, line->text.n, &j->answers);
	if (j->answers.failed)
		msg("out of memory: an answer was lost");
	else
		out_write(&j->out, j->answers.p, j->answers.n);
	out_flush(&j->out);
}

/* Signals are left to the reading thread, whose waiting they end. */
static void
leave_signals(sigset_t *before)
{
	sigset_t caught;

	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &caught, before);
}

int
mcp_serve(struct mcp_serving *j)
{
	const struct inbox_line *line;
	sigset_t before;

	if (!inbox_start(&j->inbox, (size_t)j->max_line, &face_stop, take_cancellation, j)) {
		msg("out of memory or threads");
		return STATUS_ERROR;
	}
	leave_signals(&before);
	while (j->out.error == 0 && (line = inbox_next(&j->inbox)) != NULL)
		answer(j, line);
	if (j->out.error) {
		/* the client is gone, and the reading thread may wait for it for ever */
		if (j->out.error == EPIPE)
			_exit(STATUS_OK);
		msg_errno(j->out.error, "standard output");
		_exit(STATUS_ERROR);
	}
	inbox_release(&j->inbox);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (j->inbox.error) {
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
	out_release(&j->out);
}
