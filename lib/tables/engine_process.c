#define _GNU_SOURCE /* clearenv, posix_openpt, ptsname_r */

#include "tables/engine_process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "tables/confine.h"

#include "base/banned.h"

extern char **environ;

enum {
	NAP_MS = 10,
	STOP_MS = 10 * 1000,
	TERMINAL_NAME_MAX = 64,
};

/* ---- what the child does ---- */

struct child {
	const struct engine_dir *dir;
	const char *file;
	char terminal[TERMINAL_NAME_MAX]; /* empty with a program */
	int log;
};

static void
say(const char *a, const char *b)
{
	dprintf(STDERR_FILENO, "%s: %s\n", a, b ? b : "unknown error");
}

/* The terminal's Ctrl-C is for the command; the parent ends the engine. */
static void
ignore_signals(bool is_library)
{
	static const int signals[] = { SIGINT, SIGHUP, SIGTERM };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* SIGTERM is how the program is ended */
		sa.sa_handler = signals[i] == SIGTERM && !is_library ? SIG_DFL : SIG_IGN;
		sigaction(signals[i], &sa, NULL);
	}
}

/*
 * Salts and passwords are in the environment.  The strings are wiped where they
 * stand, since /proc/PID/environ shows that memory whatever `environ` is.
 */
static bool
empty_environment(void)
{
	char **p;

	for (p = environ; p && *p; p++)
		memset(*p, 0, strlen(*p));
	return clearenv() == 0 &&
	    /* the library takes its time zone from here, whatever its configuration says */
	    setenv("TZ", "UTC", 1) == 0 &&
	    /* no process between us */
	    setenv("CLICKHOUSE_WATCHDOG_ENABLE", "0", 1) == 0 &&
	    setenv("CLICKHOUSE_HISTORY_FILE", "/dev/null", 1) == 0;
}

/*
 * A terminal as standard input keeps the library up until the other side is
 * closed.  Without one, an exception in any connection would end it: so would
 * one stray byte on the port (ClickHouse's issue 115666).
 */
static bool
redirect(const struct child *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = *c->terminal ? open(c->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC) : null;
	int out = *c->terminal ? null : c->log; /* the library's has prompts only */

	return null >= 0 && in >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0 && dup2(c->log, STDERR_FILENO) >= 0;
}

/*
 * The library takes some functions and settings for those of a program that
 * its user runs: they read any file of the user's, whatever the privileges
 * say.  So the kernel keeps it to its data, which are these; our own files
 * and what waits to be stored stand beside them.
 */
static int
confine_library(const char *directory, const char *file)
{
	static const char *const own[] = { "data", "dynamic_user_defined_executable_functions",
		"format_schemas", "metadata", "metadata_dropped", "status", "store", "tmp",
		"user_defined", "user_files", NULL };
	const char *const readable[] = { ENGINE_CONFIG, file, NULL };
	int fd = open("status", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t i;

	if (fd < 0)
		return errno;
	close(fd);
	for (i = 0; own[i]; i++)
		if (mkdir(own[i], 0700) != 0 && errno != EEXIST)
			return errno;
	return confine(directory, own, readable);
}

/* The prototypes are the library's binary interface; it ships no header. */
static int
run_library(const char *directory, const char *file, char *config_option)
{
	static char name[] = "clickhouse", interactive[] = "--interactive",
		    plain[] = "--disable_suggestion", query[] = "--query=SYSTEM START LISTEN HTTP";
	char *args[] = { name, config_option, interactive, plain, query, NULL };
	void (*set_handlers)(bool);
	void *(*run)(int, char **);
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	int error;

	if (!library) {
		say(file, dlerror());
		return 1;
	}
	/* ISO C has no cast from object to function pointer; POSIX asks for this */
	*(void **)(&set_handlers) = dlsym(library, "chdb_set_signal_handlers_enabled");
	*(void **)(&run) = dlsym(library, "chdb_query_cmdline");
	if (!set_handlers || !run) {
		say(file, "is not the engine library that is expected here");
		return 1;
	}
	error = confine_library(directory, file);
	if (error) {
		say("confining the engine to its directory", strerror(error));
		return 1;
	}
	set_handlers(false);
	run(sizeof(args) / sizeof(args[0]) - 1, args);
	return 0;
}

static int
run_program(const char *file, char *config_option)
{
	static char name[] = "clickhouse", server[] = "server";
	char *args[] = { name, server, config_option, NULL };

	execv(file, args);
	say(file, strerror(errno));
	return 1;
}

static void __attribute__((noreturn)) become(const struct child *c, pid_t parent)
{
	char config_option[ENGINE_PATH_MAX + 32];
	bool is_library = *c->terminal != '\0';
	struct rlimit none = { 0, 0 };
	int status;

	setsid();
	ignore_signals(is_library);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !redirect(c))
		_exit(1);
	/* a server's core would hold events; and what it reads in /proc/self would be
	   root's after what the parent has done to keep its secrets to itself */
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 1);
	/* held by the engine as long as it lives, even when the parent is killed */
	fcntl(c->dir->lock, F_SETFD, 0);
	umask(077);
	if (!empty_environment() || chdir(c->dir->path) != 0) {
		say(c->dir->path, strerror(errno));
		_exit(1);
	}
	snprintf(config_option, sizeof(config_option), "--config-file=%s/%s", c->dir->path,
	    ENGINE_CONFIG);
	status = is_library ? run_library(c->dir->path, c->file, config_option)
			    : run_program(c->file, config_option);
	_exit(status); /* not exit: the library's destructors may hang */
}

/* ---- what the parent does ---- */

static bool
open_terminal(struct engine_process *p, char name[TERMINAL_NAME_MAX], struct engine_error *e)
{
	p->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->terminal >= 0 && grantpt(p->terminal) == 0 && unlockpt(p->terminal) == 0 &&
	    ptsname_r(p->terminal, name, TERMINAL_NAME_MAX) == 0)
		return true;
	return engine_fail_errno(e, errno, "a pseudo-terminal for the engine");
}

bool
engine_process_start(
    struct engine_process *p, const struct engine_dir *d, const char *file, struct engine_error *e)
{
	struct child c = { .dir = d, .file = file };
	pid_t self = getpid();

	p->pid = 0;
	p->terminal = -1;
	c.log = engine_dir_file(d, ENGINE_LOG, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, e);
	if (c.log < 0)
		return false;
	if (!engine_is_library(file) || open_terminal(p, c.terminal, e)) {
		p->pid = fork();
		if (p->pid == 0) {
			if (p->terminal >= 0)
				close(p->terminal); /* or its end would never come */
			become(&c, self);
		}
		if (p->pid < 0) {
			engine_fail_errno(e, errno, "fork");
			p->pid = 0;
		}
	}
	if (p->pid == 0 && p->terminal >= 0) {
		close(p->terminal);
		p->terminal = -1;
	}
	close(c.log);
	return p->pid != 0;
}

bool
engine_process_reap(struct engine_process *p, int *status)
{
	pid_t got;

	if (p->pid == 0)
		return true;
	do
		got = waitpid(p->pid, status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	p->pid = 0;
	return true;
}

void
engine_process_stop(struct engine_process *p)
{
	static const struct timespec nap = { 0, NAP_MS * 1000000L };
	uint64_t until = timestamp_monotonic() + STOP_MS;
	int status = 0;

	if (p->terminal >= 0)
		close(p->terminal);
	else if (p->pid)
		kill(p->pid, SIGTERM);
	p->terminal = -1;
	while (!engine_process_reap(p, &status)) {
		if (timestamp_monotonic() >= until) {
			kill(-p->pid, SIGKILL);
			until = UINT64_MAX;
		}
		nanosleep(&nap, NULL);
	}
}
