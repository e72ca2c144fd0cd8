#include "cmd/clickhouse/beside.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/out.h"
#include "cmd/cli/face.h"

#include "base/banned.h"

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126, BY_SIGNAL = 128 }; /* as shells have it */

/* Blocks what the loop below waits for; a signal that is ignored stays so. */
static void
block_signals(sigset_t *wanted, sigset_t *before)
{
	static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa;
	size_t i;

	sigemptyset(wanted);
	sigaddset(wanted, SIGCHLD);
	for (i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
		if (sigaction(stopping[i], NULL, &sa) == 0 && sa.sa_handler != SIG_IGN)
			sigaddset(wanted, stopping[i]);
	sigprocmask(SIG_BLOCK, wanted, before);
}

/* What the command can't store waits beside the data that it is for: another
   directory's engine may have the same port the next time. */
static bool
name_spool(const struct engine *engine)
{
	char path[ENGINE_PATH_MAX];

	errno = ENAMETOOLONG;
	return engine_dir_join(&engine->dir, "spool", path) && setenv("MM_SPOOL", path, 1) == 0;
}

static void __attribute__((noreturn))
become(char **argv, const struct engine *engine, pid_t parent, const sigset_t *mask)
{
	struct sigaction sa;
	int e;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigaction(SIGPIPE, &sa, NULL); /* face_begin ignores these */
	sigaction(SIGXFSZ, &sa, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(STATUS_ERROR);
	if (setenv("MM_CLICKHOUSE_URL", engine->url, 1) != 0 ||
	    setenv("MM_CLICKHOUSE_USER", ENGINE_USER, 1) != 0 ||
	    setenv("MM_CLICKHOUSE_PASSWORD", engine->password, 1) != 0 ||
	    setenv("MM_CLICKHOUSE_NETRC", engine->netrc, 1) != 0 || !name_spool(engine)) {
		msg_errno(errno, "environment");
		_exit(STATUS_ERROR);
	}
	execvp(argv[0], argv);
	e = errno;
	msg_errno(e, "%s", argv[0]);
	_exit(e == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

static pid_t
spawn(char **argv, const struct engine *engine, const sigset_t *mask)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		become(argv, engine, self, mask);
	if (pid < 0)
		msg_errno(errno, "fork");
	return pid;
}

/* True when it has ended, with the status that a shell would give it. */
static bool
has_ended(pid_t pid, int *status)
{
	int s;

	if (waitpid(pid, &s, WNOHANG) != pid)
		return false;
	*status = WIFSIGNALED(s) ? BY_SIGNAL + WTERMSIG(s) : WEXITSTATUS(s);
	return true;
}

/*
 * Waits until the command has ended (pid != 0) or a signal asks for the end
 * (pid 0).  An engine that ends first is an error, whatever the command makes
 * of it.
 */
static int
attend(struct engine *engine, pid_t pid, const sigset_t *wanted)
{
	bool lost = false;
	int status = STATUS_OK;

	for (;;) {
		siginfo_t info;
		int sig;

		if (!lost && !engine_alive(engine)) {
			msg("%s", engine->error.text);
			lost = true;
		}
		if (pid ? has_ended(pid, &status) : lost)
			return lost && status == STATUS_OK ? STATUS_ERROR : status;
		sig = sigwaitinfo(wanted, &info);
		if (sig < 0 || sig == SIGCHLD)
			continue;
		if (!pid) {
			face_stop = sig;
			return STATUS_OK;
		}
		/* the terminal has sent its Ctrl-C to the command as well */
		if (info.si_code != SI_KERNEL)
			kill(pid, sig);
	}
}

static bool
print_url(const struct engine *engine)
{
	struct out out;
	int e;

	out_init(&out, STDOUT_FILENO, NULL);
	out_write(&out, engine->url, strlen(engine->url));
	out_write(&out, "\n", 1);
	e = out_flush(&out);
	out_release(&out);
	if (e)
		msg_errno(e, "standard output");
	else
		msg("the user and the password are in %s/%s, for 'set -a; . FILE', and in %s, for "
		    "curl --netrc-file",
		    engine->dir.path, ENGINE_ENV, ENGINE_NETRC);
	return e == 0;
}

int
beside_run(struct engine *engine, char **argv)
{
	sigset_t wanted, before;
	int status = STATUS_ERROR;
	pid_t pid = 0;

	block_signals(&wanted, &before);
	if (face_stop == 0) {
		if (argv[0])
			pid = spawn(argv, engine, &before);
		if (argv[0] ? pid > 0 : print_url(engine))
			status = attend(engine, pid, &wanted);
	}
	engine_stop(engine);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
