#include "tables/engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "tables/confine.h"
#include "tables/deduplog.h"

#include "base/banned.h"

enum {
	NAP_MS = 10,
	START_MS = 60 * 1000,
	PORT_TRIES = 5,
	LOG_TAIL = 2048,
	SECRET_BYTES = 32,
};

enum started {
	STARTED,
	START_FAILED,
	START_BUSY,
	START_STOPPED,
	START_PORT_TAKEN,
};

/* ---- the port ---- */

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* A port that nobody has at the moment, or 0. */
static unsigned
free_port(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	unsigned port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	close(fd);
	return port;
}

/*
 * One request; true when the answer carries our token.  So another server
 * that took the port in the meantime is not mistaken for ours, and is not
 * told the password.
 */
static bool
answers(const struct engine *e)
{
	static const char request[] = "GET /mm-clickhouse HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
	struct timeval limit = { 1, 0 };
	struct sockaddr_in a = loopback(e->port);
	char reply[4096];
	size_t n = 0;
	ssize_t k;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
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

/* ---- why it does not run ---- */

/* The end of the log, as one NUL-terminated text. */
static void
read_log(const struct engine *e, char text[LOG_TAIL])
{
	struct engine_error ignored;
	int fd = engine_dir_file(&e->dir, ENGINE_LOG, O_RDONLY, &ignored);
	ssize_t n = -1;
	off_t end;

	if (fd >= 0) {
		end = lseek(fd, 0, SEEK_END);
		if (end >= 0)
			n = pread(
			    fd, text, LOG_TAIL - 1, end > LOG_TAIL - 1 ? end - (LOG_TAIL - 1) : 0);
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
	char log[LOG_TAIL];
	const char *line;

	read_log(e, log);
	if (strstr(log, "Address already in use")) {
		engine_fail(&e->error,
		    "port %u of 127.0.0.1 is in use; leave --port out to have a free one", e->port);
		return START_PORT_TAKEN;
	}
	if (strstr(log, "is already running")) {
		engine_fail(&e->error, "%.512s: is in use by another ClickHouse", e->dir.path);
		return START_BUSY;
	}
	line = last_line(log);
	if (*line)
		engine_fail(&e->error, "the engine ended: %.600s", line);
	else if (WIFSIGNALED(status))
		engine_fail(&e->error, "the engine was ended by signal %d", WTERMSIG(status));
	else
		engine_fail(&e->error, "the engine ended with status %d and said nothing",
		    WEXITSTATUS(status));
	return START_FAILED;
}

/* The library's prompt stays when the statement that opens the port fails. */
static bool
cannot_listen(const struct engine *e)
{
	char log[LOG_TAIL];

	read_log(e, log);
	return strstr(log, "Received exception") != NULL;
}

static enum started
wait_until_ready(struct engine *e, const atomic_int *stop)
{
	static const struct timespec nap = { 0, NAP_MS * 1000000L };
	uint64_t until = timestamp_monotonic() + START_MS;
	int status = 0;

	for (;;) {
		if (stop && *stop)
			return START_STOPPED;
		if (engine_process_reap(&e->process, &status) || cannot_listen(e))
			return explain_end(e, status);
		if (answers(e))
			return STARTED;
		if (timestamp_monotonic() >= until) {
			engine_fail(&e->error,
			    "the engine did not answer within %d seconds; see %.400s/%s",
			    START_MS / 1000, e->dir.path, ENGINE_LOG);
			return START_FAILED;
		}
		nanosleep(&nap, NULL); /* a signal may cut it short */
	}
}

/* ---- starting ---- */

/* Random bytes as hexadecimal digits. */
static void
make_secret(char *text, size_t size)
{
	unsigned char bytes[SECRET_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(text, size, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
}

static bool
make_secrets(struct engine *e, const struct engine_config *c)
{
	size_t n = c->password ? strlen(c->password) : 0;

	if (sodium_init() < 0)
		return engine_fail(&e->error, "there is no source of random numbers");
	if (n >= sizeof(e->password))
		return engine_fail(&e->error, "the password is too long");
	make_secret(e->token, sizeof(e->token));
	if (c->password)
		memcpy(e->password, c->password, n + 1);
	else
		make_secret(e->password, sizeof(e->password));
	return true;
}

/* Writes one of the files that hold the password. */
static bool
write_secret(struct engine *e, const char *name, struct buf *text)
{
	bool good = engine_dir_replace(&e->dir, name, text, &e->error);

	if (text->p)
		sodium_memzero(text->p, text->n);
	buf_release(text);
	return good;
}

static bool
write_config(struct engine *e, const struct engine_config *c)
{
	struct engine_settings s = {
		.directory = e->dir.path,
		.port = e->port,
		.memory = c->memory,
		.is_library = engine_is_library(e->file),
		.password = e->password,
		.token = e->token,
	};
	struct buf b = BUF_INIT;

	engine_config_build(&b, &s);
	return write_secret(e, ENGINE_CONFIG, &b);
}

static enum started
try_port(struct engine *e, const struct engine_config *c)
{
	e->port = c->port ? c->port : free_port();
	if (e->port == 0) {
		engine_fail(&e->error, "there is no free port on 127.0.0.1");
		return START_FAILED;
	}
	if (!write_config(e, c) || !engine_process_start(&e->process, &e->dir, e->file, &e->error))
		return START_FAILED;
	return wait_until_ready(e, c->stop);
}

/* Says where it is and how to come in, for others than our own command. */
static enum started
publish(struct engine *e)
{
	struct buf netrc = BUF_INIT, env = BUF_INIT;

	snprintf(e->url, sizeof(e->url), "http://127.0.0.1:%u/", e->port);
	engine_config_netrc(&netrc, e->password);
	engine_config_env(&env, e->url, e->password);
	if (write_secret(e, ENGINE_NETRC, &netrc) && write_secret(e, ENGINE_ENV, &env) &&
	    engine_dir_join(&e->dir, ENGINE_NETRC, e->netrc) &&
	    engine_dir_sign(&e->dir, e->url, &e->error))
		return STARTED;
	buf_release(&env);
	return START_FAILED;
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

/* What was under way when it was killed can be sent again. */
static bool
repair(struct engine *e)
{
	int error = deduplog_repair(e->dir.path);

	return !error || engine_fail_errno(&e->error, error, e->dir.path);
}

static enum started
start(struct engine *e, const struct engine_config *c)
{
	enum started r = START_FAILED;
	int i;

	switch (engine_dir_open(&e->dir, c->directory, c->wait, c->stop, &e->error)) {
	case ENGINE_DIR_OURS:
		break;
	case ENGINE_DIR_BUSY:
		return START_BUSY;
	case ENGINE_DIR_STOPPED:
		return START_STOPPED;
	case ENGINE_DIR_FAILED:
		return START_FAILED;
	}
	if (!make_secrets(e, c) || !repair(e))
		return START_FAILED;
	for (i = 0; i < PORT_TRIES; i++) {
		r = try_port(e, c);
		if (r != START_PORT_TAKEN || c->port)
			break;
		engine_process_stop(&e->process);
	}
	return r == STARTED ? publish(e) : r;
}

enum engine_state
engine_start(struct engine *e, const struct engine_config *c)
{
	enum started r = START_FAILED;

	memset(e, 0, sizeof(*e));
	e->dir.lock = e->process.terminal = -1;
	if (strlen(c->file) >= sizeof(e->file)) {
		engine_fail(&e->error, "the name of the engine's file is too long");
		return ENGINE_FAILED;
	}
	memcpy(e->file, c->file, strlen(c->file) + 1);
	e->unconfined = engine_is_library(c->file) && !confine_possible();
	if (engine_is_library(c->file) && !has_avx2())
		engine_fail(&e->error,
		    "the engine library needs a processor with AVX2; "
		    "install a 'clickhouse' program instead");
	else
		r = start(e, c);
	if (r == STARTED)
		return ENGINE_RUNS;
	engine_stop(e);
	return r == START_BUSY ? ENGINE_BUSY : r == START_STOPPED ? ENGINE_STOPPED : ENGINE_FAILED;
}

void
engine_stop(struct engine *e)
{
	engine_process_stop(&e->process);
	engine_dir_close(&e->dir);
	sodium_memzero(e->password, sizeof(e->password));
}

bool
engine_alive(struct engine *e)
{
	int status = 0;

	if (e->process.pid == 0)
		return false;
	if (!engine_process_reap(&e->process, &status))
		return true;
	explain_end(e, status);
	return false;
}
