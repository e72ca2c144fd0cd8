#include "cmd/cli/face.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/msg.h"

#include "base/banned.h"

atomic_int face_stop;

/* A closed descriptor 0-2 would be handed to the next file opened. */
static void
keep_standard_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
			/*
			 * The wrong direction on purpose: a read of a closed
			 * input, a write to a closed output still fail.
			 */
			int got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);

			if (got >= 0 && got != fd) {
				dup2(got, fd);
				close(got);
			}
		}
	}
}

int
face_print(const char *p, size_t n)
{
	if (fwrite(p, 1, n, stdout) != n || fflush(stdout) != 0) {
		if (errno == EPIPE)
			return STATUS_OK;
		msg_errno(errno, "standard output");
		return STATUS_ERROR;
	}
	return STATUS_OK;
}

bool
face_begin(const struct opt_command *cmd, int argc, char **argv, size_t *operand_count, int *status)
{
	struct sigaction ignore;
	struct buf b = BUF_INIT;
	enum opt_result r;

	msg_name(cmd->name);
	keep_standard_descriptors();
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL); /* of `ulimit -f`: EFBIG instead */

	r = opt_parse(cmd, argc, argv, operand_count, &b);
	switch (r) {
	case OPT_RUN:
		buf_release(&b);
		return true;
	case OPT_WRONG:
		msg("%.*s; try '%s --help'", (int)b.n, b.p, cmd->name);
		*status = STATUS_ERROR;
		break;
	case OPT_SHOW_HELP:
		opt_help(cmd, &b);
		*status = face_print(b.p, b.n);
		break;
	case OPT_SHOW_OPTIONS:
		opt_table(cmd, &b);
		*status = face_print(b.p, b.n);
		break;
	case OPT_SHOW_VERSION:
		buf_addf(&b, "%s %s\n", cmd->name, MM_VERSION);
		*status = face_print(b.p, b.n);
		break;
	}
	buf_release(&b);
	return false;
}

/* Asks for the signal that was caught again, each second; made before one comes. */
static timer_t again;
static bool has_timer;

/*
 * A signal that comes just before a call that waits does not end the wait; so
 * it comes again each second.  No other one is taken for that: SIGALRM, for
 * one, keeps ending the process, as whoever sets an alarm means.
 */
static void
on_signal(int sig)
{
	static const struct itimerspec second = { { 1, 0 }, { 1, 0 } };
	int none = 0, saved = errno;

	if (atomic_compare_exchange_strong(&face_stop, &none, sig) && has_timer)
		timer_settime(again, 0, &second, NULL);
	errno = saved;
}

void
face_catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	struct sigaction sa, old;
	size_t i;

	memset(&sa, 0, sizeof(sa)); /* no SA_RESTART: a blocked call returns */
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&sa.sa_mask, signals[i]);
	sa.sa_handler = on_signal;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup and background jobs ask for signals to be ignored */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		event.sigev_signo = signals[i];
		sigaction(signals[i], &sa, NULL);
	}
	has_timer = event.sigev_signo && timer_create(CLOCK_MONOTONIC, &event, &again) == 0;
}

int
face_end(int status)
{
	struct sigaction sa;
	int sig = face_stop;

	if (sig == 0)
		return status;
	if (has_timer)
		timer_delete(again);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigaction(sig, &sa, NULL);
	raise(sig);
	return STATUS_ERROR;
}
