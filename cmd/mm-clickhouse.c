/*
 * mm-clickhouse: run a command beside a private ClickHouse.
 */
#define _DEFAULT_SOURCE /* realpath */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tables/engine.h"
#include "cmd/cli/face.h"
#include "base/buf.h"
#include "base/msg.h"
#include "base/out.h"

#include "base/banned.h"

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126, BY_SIGNAL = 128 }; /* as shells have it */

static const char *directory, *engine_file;
static uint64_t port, memory;

static const struct opt options[] = {
	{ 'd', "directory", OPT_STRING, "DIR", "keep the data in DIR; made when missing (required)",
	    &directory, 0, 0 },
	{ 0, "engine", OPT_STRING, "FILE", "libchdb.so or the program clickhouse ($MM_ENGINE)",
	    &engine_file, 0, 0 },
	{ 0, "memory", OPT_SIZE, "SIZE", "let ClickHouse allocate at most SIZE of memory", &memory,
	    64 << 20, 0 },
	{ 0, "port", OPT_NUMBER, "N", "listen on this port of 127.0.0.1 (default: a free one)",
	    &port, 1, 65535 },
	{ 0 },
};

static const struct opt_command command = {
	"mm-clickhouse",
	"Runs a private ClickHouse over the directory DIR, and COMMAND beside it",
	"-d DIR [OPTION]... [-- COMMAND [ARG]...]",
	"mm-clickhouse -d ~/events -- sh -c 'mm-schema && mm-insert rows.ndjson'",
	options,
	"COMMAND",
};

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

static void __attribute__((noreturn))
become(char **argv, const char *url, pid_t parent, const sigset_t *mask)
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
	/* those of another server, which this one does not know */
	if (unsetenv("MM_CLICKHOUSE_USER") != 0 || unsetenv("MM_CLICKHOUSE_PASSWORD") != 0 ||
	    setenv("MM_CLICKHOUSE_URL", url, 1) != 0) {
		msg_errno(errno, "environment");
		_exit(STATUS_ERROR);
	}
	execvp(argv[0], argv);
	e = errno;
	msg_errno(e, "%s", argv[0]);
	_exit(e == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

static pid_t
spawn(char **argv, const char *url, const sigset_t *mask)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		become(argv, url, self, mask);
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
			msg("%s", engine->error);
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
print_url(const char *url)
{
	struct out out;
	int e;

	out_init(&out, STDOUT_FILENO, NULL);
	out_write(&out, url, strlen(url));
	out_write(&out, "\n", 1);
	e = out_flush(&out);
	out_release(&out);
	if (e)
		msg_errno(e, "standard output");
	return e == 0;
}

/* What the command can't store waits beside the data that it is for: another
   directory's engine may have the same port the next time. */
static bool
name_spool(void)
{
	char *real = realpath(directory, NULL);
	struct buf path = BUF_INIT;
	bool good;

	buf_addf(&path, "%s/spool", real ? real : directory);
	buf_addc(&path, '\0');
	good = !path.failed && setenv("MM_SPOOL", path.p, 1) == 0;
	if (!good)
		msg_errno(errno, "environment");
	buf_release(&path);
	free(real);
	return good;
}

static int
run(struct engine *engine, char **argv)
{
	sigset_t wanted, before;
	int status = STATUS_ERROR;
	pid_t pid = 0;

	block_signals(&wanted, &before);
	if (face_stop == 0) {
		if (argv[0] && name_spool())
			pid = spawn(argv, engine->url, &before);
		if (argv[0] ? pid > 0 : print_url(engine->url))
			status = attend(engine, pid, &wanted);
	}
	engine_stop(engine);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

int
main(int argc, char **argv)
{
	char file[ENGINE_PATH_MAX];
	struct engine_config config;
	struct engine engine;
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (!directory) {
		msg("--directory has to say where the data are; try 'mm-clickhouse --help'");
		return STATUS_ERROR;
	}
	argv[operands] = NULL;
	signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, waiting would fail */
	if (!engine_find(&engine, engine_file, file)) {
		msg("%s", engine.error);
		return STATUS_ERROR;
	}
	face_catch_signals();
	memset(&config, 0, sizeof(config));
	config.file = file;
	config.directory = directory;
	config.port = (unsigned)port;
	config.memory = memory;
	config.stop = &face_stop;
	if (!engine_start(&engine, &config)) {
		if (engine.error[0])
			msg("%s", engine.error);
		return face_end(STATUS_ERROR);
	}
	return face_end(run(&engine, argv));
}
