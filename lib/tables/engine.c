#define _DEFAULT_SOURCE /* realpath */

#include "tables/engine.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "tables/deduplog.h"
#include "base/fd.h"
#include "base/timestamp.h"

#include "base/banned.h"

#define CONFIG_NAME "mm-clickhouse.xml"
#define LOCK_NAME "mm-clickhouse.lock"

enum {
	NAP_MS = 10,
	START_MS = 60 * 1000,
	STOP_MS = 10 * 1000,
	LOCK_MS = 2 * 1000, /* an engine whose parent was killed is about to end */
	PORT_TRIES = 5,
};

enum started {
	STARTED,
	START_FAILED,
	START_PORT_TAKEN,
};

static bool __attribute__((format(printf, 2, 3))) fail(struct engine *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->error, sizeof(e->error), fmt, ap);
	va_end(ap);
	return false;
}

static bool
fail_errno(struct engine *e, const char *what)
{
	char reason[128];
	int errnum = errno;

	if (strerror_r(errnum, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errnum);
	return fail(e, "%.512s: %s", what, reason);
}

static void
nap(void)
{
	struct timespec t = { 0, NAP_MS * 1000000L };

	nanosleep(&t, NULL); /* a signal may cut it short: the caller looks at *stop */
}

static bool
join(char *path, const char *directory, const char *name)
{
	int n = snprintf(path, ENGINE_PATH_MAX, "%s/%s", directory, name);

	return n > 0 && n < ENGINE_PATH_MAX;
}

/* ---- finding it ---- */

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

static bool
in_cache(char *path)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	static const char tail[] = "millimetric/engine/" ENGINE_VERSION "/libchdb.so";
	char dir[ENGINE_PATH_MAX];

	if (cache && *cache)
		return join(path, cache, tail) && is_file(path);
	return home && *home && join(dir, home, ".cache") && join(path, dir, tail) && is_file(path);
}

static bool
on_path(char *path, const char *name)
{
	const char *p = getenv("PATH");

	while (p && *p) {
		size_t n = strcspn(p, ":");
		int k = snprintf(path, ENGINE_PATH_MAX, "%.*s/%s", (int)n, p, name);

		/* an empty or relative entry would run what lies about */
		if (*p == '/' && k > 0 && k < ENGINE_PATH_MAX && is_file(path) &&
		    access(path, X_OK) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

bool
engine_find(struct engine *e, const char *asked, char *path)
{
	const char *named = asked ? asked : getenv("MM_ENGINE");
	char real[PATH_MAX];

	if (named && *named) {
		if (!realpath(named, real))
			return fail_errno(e, named);
		if (!is_file(real) || strlen(real) >= ENGINE_PATH_MAX)
			return fail(e, "%.512s: is not a file that can be read", named);
		memcpy(path, real, strlen(real) + 1);
		return true;
	}
	if (in_cache(path) || on_path(path, "clickhouse"))
		return true;
	return fail(e,
	    "found no ClickHouse engine: run cmd/setup/engine.sh of the source tree, which "
	    "fetches one, or install a 'clickhouse' program, or name one with --engine");
}

/* "libchdb.so", "libchdb.so.26" are libraries; anything else is run. */
static bool
is_library(const char *file)
{
	const char *name = strrchr(file, '/'), *so;

	so = strstr(name ? name : file, ".so");
	return so && (so[3] == '\0' || so[3] == '.');
}

/* ---- the directory ---- */

static bool
open_directory(struct engine *e, const char *directory)
{
	char real[PATH_MAX], path[ENGINE_PATH_MAX];
	uint64_t until = timestamp_monotonic() + LOCK_MS;

	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		return fail_errno(e, directory);
	if (!realpath(directory, real))
		return fail_errno(e, directory);
	if (!join(path, real, LOCK_NAME))
		return fail(e, "the name of the directory is too long");
	memcpy(e->directory, real, strlen(real) + 1);

	e->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (e->lock < 0)
		return fail_errno(e, path);
	while (flock(e->lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(e, path);
		if (timestamp_monotonic() >= until)
			return fail(e, "%.512s: is in use by another mm-clickhouse", directory);
		nap();
	}
	return true;
}

static void
add_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		default:
			buf_addc(b, *s);
		}
	}
}

static void
add_path(struct buf *b, const char *tag, const char *directory, const char *name)
{
	buf_addf(b, "<%s>", tag);
	add_escaped(b, directory);
	buf_addf(b, "/%s</%s>\n", name, tag);
}

static void
build_config(const struct engine *e, const struct engine_config *c, struct buf *b)
{
	buf_adds(b,
	    "<clickhouse>\n<!-- written by mm-clickhouse at every start -->\n"
	    "<listen_host>127.0.0.1</listen_host>\n");
	/* given any level, the library prints all that it does */
	if (!e->is_library)
		buf_adds(b, "<logger><level>error</level><console>1</console></logger>\n");
	buf_addf(
	    b, "<http_port>%u</http_port>\n<display_name>%s</display_name>\n", e->port, e->token);
	buf_adds(b, "<timezone>UTC</timezone>\n<mlock_executable>false</mlock_executable>\n");
	if (c->memory)
		buf_addf(b, "<max_server_memory_usage>%llu</max_server_memory_usage>\n",
		    (unsigned long long)c->memory);
	add_path(b, "path", e->directory, "");
	add_path(b, "tmp_path", e->directory, "tmp/");
	add_path(b, "user_files_path", e->directory, "user_files/");
	add_path(b, "format_schema_path", e->directory, "format_schemas/");
	buf_adds(b, "<user_directories><users_xml>");
	add_path(b, "path", e->directory, CONFIG_NAME);
	buf_adds(b,
	    "</users_xml></user_directories>\n"
	    "<users><default><password></password>"
	    "<networks><ip>127.0.0.1</ip></networks>"
	    "<profile>default</profile><quota>default</quota></default></users>\n"
	    "<profiles><default/></profiles>\n<quotas><default/></quotas>\n"
	    "</clickhouse>\n");
}

static bool
write_config(struct engine *e, const struct engine_config *c)
{
	char path[ENGINE_PATH_MAX];
	struct buf b = BUF_INIT;
	bool ok;
	int fd;

	if (!join(path, e->directory, CONFIG_NAME))
		return fail(e, "the name of the directory is too long");
	build_config(e, c, &b);
	if (b.failed)
		return fail(e, "out of memory");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && fd_write(fd, b.p, b.n) == 0;
	if (!ok)
		fail_errno(e, path);
	if (fd >= 0 && close(fd) != 0 && ok)
		ok = fail_errno(e, path);
	buf_release(&b);
	return ok;
}

/* A port that nobody has at the moment, or 0. */
static unsigned
free_port(void)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	unsigned port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	close(fd);
	return port;
}

/* ---- the engine's own process ---- */

static void
child_says(const char *a, const char *b)
{
	dprintf(STDERR_FILENO, "%s: %s\n", a, b ? b : "unknown error");
}

/*
 * The prototypes are the library's binary interface; it ships no header.  A
 * statement that reads standard input keeps it up until that is closed.
 */
static int
run_library(const char *file, char *config_option)
{
	static char name[] = "clickhouse",
		    query[] = "--query=SYSTEM START LISTEN HTTP; "
			      "SELECT count() FROM file('/dev/stdin', 'LineAsString') FORMAT Null";
	char *args[] = { name, config_option, query, NULL };
	void (*set_handlers)(bool);
	void *(*run)(int, char **);
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		child_says(file, dlerror());
		return 1;
	}
	/* ISO C has no cast from object to function pointer; POSIX asks for this */
	*(void **)(&set_handlers) = dlsym(library, "chdb_set_signal_handlers_enabled");
	*(void **)(&run) = dlsym(library, "chdb_query_cmdline");
	if (!set_handlers || !run) {
		child_says(file, "is not the engine library that is expected here");
		return 1;
	}
	set_handlers(false);
	run(3, args);
	return 0;
}

static int
run_program(const char *file, char *config_option)
{
	static char name[] = "clickhouse", server[] = "server";
	char *args[] = { name, server, config_option, NULL };

	setenv("CLICKHOUSE_WATCHDOG_ENABLE", "0", 1); /* no process between us */
	execv(file, args);
	child_says(file, strerror(errno));
	return 1;
}

/* The terminal's Ctrl-C is for the command; the parent ends the engine. */
static void
ignore_signals(const struct engine *e)
{
	static const int signals[] = { SIGINT, SIGHUP, SIGTERM };
	struct sigaction sa;
	size_t i, n = sizeof(signals) / sizeof(signals[0]);

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	for (i = 0; i < n; i++) {
		if (signals[i] == SIGTERM && !e->is_library)
			sa.sa_handler = SIG_DFL; /* how the program is ended */
		sigaction(signals[i], &sa, NULL);
	}
}

static void __attribute__((noreturn))
child(const struct engine *e, pid_t parent, int input, int log)
{
	char config_option[ENGINE_PATH_MAX + 32];
	int status;

	setsid();
	ignore_signals(e);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	if (dup2(input, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		_exit(1);
	/* held by the engine as long as it lives, even when the parent is killed */
	fcntl(e->lock, F_SETFD, 0);
	umask(077);
	/* the library takes its time zone from here, whatever its configuration says */
	setenv("TZ", "UTC", 1);
	if (chdir(e->directory) != 0)
		child_says(e->directory, strerror(errno));
	snprintf(
	    config_option, sizeof(config_option), "--config-file=%s/%s", e->directory, CONFIG_NAME);
	status = e->is_library ? run_library(e->file, config_option)
			       : run_program(e->file, config_option);
	_exit(status); /* not exit: the library's destructors may hang */
}

static bool
spawn(struct engine *e)
{
	char path[ENGINE_PATH_MAX];
	pid_t self = getpid();
	int pipes[2], log;

	if (!join(path, e->directory, ENGINE_LOG))
		return fail(e, "the name of the directory is too long");
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0)
		return fail_errno(e, path);
	if (pipe(pipes) != 0) {
		fail_errno(e, "pipe");
		close(log);
		return false;
	}
	fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	e->pid = fork();
	if (e->pid == 0) {
		close(pipes[1]); /* or the end of its input would never come */
		child(e, self, pipes[0], log);
	}
	if (e->pid < 0) {
		fail_errno(e, "fork");
		e->pid = 0;
		close(pipes[1]);
	} else {
		e->input = pipes[1];
	}
	close(pipes[0]);
	close(log);
	return e->pid != 0;
}

/* ---- is it up? ---- */

/*
 * One request; true when the answer carries our token.  So another server
 * that took the port in the meantime is not mistaken for ours.
 */
static bool
answers(const struct engine *e)
{
	static const char request[] = "GET /?query=SELECT%201 HTTP/1.0\r\n\r\n";
	struct timeval limit = { 1, 0 };
	struct sockaddr_in a;
	char reply[4096];
	size_t n = 0;
	ssize_t k;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)e->port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == sizeof(request) - 1) {
		while (n < sizeof(reply) - 1 &&
		    (k = recv(fd, reply + n, sizeof(reply) - 1 - n, 0)) > 0)
			n += (size_t)k;
	}
	close(fd);
	reply[n] = '\0';
	return strstr(reply, e->token) != NULL;
}

/* True when it has ended, with its wait status; reaps it. */
static bool
reap(struct engine *e, int *status)
{
	pid_t got;

	if (e->pid == 0)
		return true;
	do
		got = waitpid(e->pid, status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	e->pid = 0;
	return true;
}

/* The end of the log, as one NUL-terminated text. */
static void
read_log(const struct engine *e, char *text, size_t size)
{
	char path[ENGINE_PATH_MAX];
	ssize_t n = -1;
	off_t end;
	int fd = -1;

	if (join(path, e->directory, ENGINE_LOG))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		end = lseek(fd, 0, SEEK_END);
		if (end >= 0)
			n = pread(fd, text, size - 1,
			    end > (off_t)size - 1 ? end - ((off_t)size - 1) : 0);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
}

/* Leaves the last line that says something. */
static const char *
last_line(char *text)
{
	size_t n = strlen(text);
	char *start;

	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
	start = strrchr(text, '\n');
	return start ? start + 1 : text;
}

static enum started
explain_end(struct engine *e, int status)
{
	char log[2048];
	const char *line;

	read_log(e, log, sizeof(log));
	if (strstr(log, "Address already in use")) {
		fail(e, "port %u of 127.0.0.1 is in use; leave --port out to have a free one",
		    e->port);
		return START_PORT_TAKEN;
	}
	if (strstr(log, "is already running")) {
		fail(e, "%.512s: is in use by another ClickHouse", e->directory);
		return START_FAILED;
	}
	line = last_line(log);
	if (*line)
		fail(e, "the engine ended: %.600s", line);
	else if (WIFSIGNALED(status))
		fail(e, "the engine was ended by signal %d", WTERMSIG(status));
	else
		fail(e, "the engine ended with status %d and said nothing", WEXITSTATUS(status));
	return START_FAILED;
}

static enum started
wait_until_ready(struct engine *e, const atomic_int *stop)
{
	uint64_t until = timestamp_monotonic() + START_MS;
	int status = 0;

	for (;;) {
		if (stop && *stop) {
			e->error[0] = '\0';
			return START_FAILED;
		}
		if (reap(e, &status))
			return explain_end(e, status);
		if (answers(e))
			return STARTED;
		if (timestamp_monotonic() >= until) {
			fail(e, "the engine did not answer within %d seconds; see %.400s/%s",
			    START_MS / 1000, e->directory, ENGINE_LOG);
			return START_FAILED;
		}
		nap();
	}
}

/* Ends the process, keeps the directory. */
static void
end_process(struct engine *e)
{
	uint64_t until = timestamp_monotonic() + STOP_MS;
	int status = 0;

	if (e->input >= 0)
		close(e->input);
	e->input = -1;
	if (e->pid == 0)
		return;
	if (!e->is_library)
		kill(e->pid, SIGTERM);
	while (!reap(e, &status)) {
		if (timestamp_monotonic() >= until) {
			kill(-e->pid, SIGKILL);
			until = UINT64_MAX;
		}
		nap();
	}
}

void
engine_stop(struct engine *e)
{
	end_process(e);
	if (e->lock >= 0)
		close(e->lock);
	e->lock = -1;
}

static bool
has_avx2(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2");
#else
	return true; /* a library for another kind of processor */
#endif
}

static enum started
try_port(struct engine *e, const struct engine_config *c)
{
	struct timespec t;

	e->port = c->port ? c->port : free_port();
	if (e->port == 0) {
		fail(e, "there is no free port on 127.0.0.1");
		return START_FAILED;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	snprintf(
	    e->token, sizeof(e->token), "mm-clickhouse-%ld-%ld", (long)getpid(), (long)t.tv_nsec);
	if (!write_config(e, c) || !spawn(e))
		return START_FAILED;
	return wait_until_ready(e, c->stop);
}

/* What was under way when it was killed can be sent again. */
static bool
repair(struct engine *e)
{
	errno = deduplog_repair(e->directory);
	return errno == 0 || fail_errno(e, e->directory);
}

bool
engine_start(struct engine *e, const struct engine_config *c)
{
	enum started r = START_FAILED;
	int i;

	memset(e, 0, sizeof(*e));
	e->input = e->lock = -1;
	if (strlen(c->file) >= sizeof(e->file))
		return fail(e, "the name of the engine's file is too long");
	memcpy(e->file, c->file, strlen(c->file) + 1);
	e->is_library = is_library(c->file);
	if (e->is_library && !has_avx2())
		return fail(e,
		    "the engine library needs a processor with AVX2; "
		    "install a 'clickhouse' program instead");
	if (open_directory(e, c->directory) && repair(e)) {
		for (i = 0; i < PORT_TRIES; i++) {
			r = try_port(e, c);
			if (r != START_PORT_TAKEN || c->port)
				break;
			end_process(e);
		}
	}
	if (r != STARTED) {
		engine_stop(e);
		return false;
	}
	snprintf(e->url, sizeof(e->url), "http://127.0.0.1:%u/", e->port);
	return true;
}

bool
engine_alive(struct engine *e)
{
	int status = 0;

	if (e->pid == 0)
		return false;
	if (!reap(e, &status))
		return true;
	explain_end(e, status);
	return false;
}
