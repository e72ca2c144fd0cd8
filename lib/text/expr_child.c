#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, environ */
#include "text/expr_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/banned.h"

enum {
	GRACE_MS = 1000, /* for the child to answer, after *stop */
	POLL_MS = 100,   /* *stop may be set just before a wait */
	DEATHS_MAX = 3,  /* without having asked anything: they are not of expressions */
	CLOSED_BELOW = 1024,
	LINE_COPIES = 4, /* kept by what judges, in buffers that double */
};

/* What the two processes share. */
struct expr_tape {
	size_t lines, bytes; /* of the block */
	volatile size_t judged;
	volatile bool asking, no_memory;
	struct expr_tape_line {
		size_t start, end; /* of its text */
		volatile size_t answers;
	} line[EXPR_CHILD_LINES];
	/* most * EXPR_CHILD_LINES answers, then the text */
	volatile unsigned char answer[];
};

/* A member, so that gcc 12 knows how large the text is. */
static char *
text_of(const struct expr_child *c)
{
	return (char *)c->tape + (c->tape_size - EXPR_CHILD_BYTES - c->max_line);
}

bool
expr_child_open(struct expr_child *c)
{
	void *p;

	c->fd = -1;
	c->tape_size =
	    sizeof(*c->tape) + c->most * EXPR_CHILD_LINES + EXPR_CHILD_BYTES + c->max_line;
	p = mmap(NULL, c->tape_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	c->tape = p == MAP_FAILED ? NULL : p;
	return c->tape != NULL;
}

/* ---- in the child ------------------------------------------------------ */

/* Signals to the whole group end the parent, and the child with it. */
static void
set_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2,
		SIGPIPE };
	static const int deadly[] = { SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGILL, SIGPROF };
	struct sigaction sa = { .sa_handler = SIG_IGN };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &sa, NULL);
	sa.sa_handler = SIG_DFL;
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of the child is seen; nor does it keep anything open that the parent closes. */
static void
close_files(int kept)
{
	int null = open("/dev/null", O_RDWR), fd;

	for (fd = 0; fd < CLOSED_BELOW; fd++) {
		if (fd == kept || fd == null)
			continue;
		if (fd > STDERR_FILENO || null < 0)
			close(fd);
		else
			dup2(null, fd);
	}
	if (null > STDERR_FILENO)
		close(null);
}

/* The address space that the process has, in bytes; 0 where it can't be known. */
static uint64_t
memory_now(void)
{
	char text[64];
	int fd = open("/proc/self/statm", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
bound(const struct expr_child *c)
{
	const struct rlimit no_core = { 0, 0 };
	uint64_t most = memory_now() + c->memory + c->max_line * LINE_COPIES;
	struct rlimit limit;

	/* a line is not to be found in a core file */
	setrlimit(RLIMIT_CORE, &no_core);
#ifdef __linux__
	prctl(PR_SET_DUMPABLE, 0);
#endif
	if (getrlimit(RLIMIT_AS, &limit) != 0)
		return false;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > most)
		limit.rlim_cur = (rlim_t)most;
	return setrlimit(RLIMIT_AS, &limit) == 0;
}

static void
set_timer(uint64_t ms)
{
	struct itimerval t = { .it_value = { .tv_sec = (time_t)(ms / 1000),
				   .tv_usec = (suseconds_t)(ms % 1000 * 1000) } };

	setitimer(ITIMER_PROF, &t, NULL); /* SIGPROF ends the child */
}

static enum expr_answer
answer(struct expr_child *c, struct expr *x)
{
	enum expr_answer a = EXPR_TRUE;

	/* where libjq can't read the line, each expression fails */
	if (!c->read)
		a = exprs_read(c->exprs, text_of(c) + c->tape->line[c->line].start,
		    c->tape->line[c->line].end - c->tape->line[c->line].start);
	c->read = true;
	if (a != EXPR_NO_MEMORY) {
		set_timer(c->time_ms);
		a = expr_ask(c->exprs, x);
		set_timer(0);
	}
	return a;
}

static void
judge_block(struct expr_child *c)
{
	struct expr_tape *t = c->tape;

	for (; t->judged < t->lines; t->judged++) {
		const struct expr_tape_line *l = &t->line[t->judged];

		expr_child_line(c, t->judged);
		c->read = false;
		c->judge(c->context, text_of(c) + l->start, l->end - l->start);
	}
}

/* Judges a block for each byte that comes; ends with the parent. */
static void
serve(struct expr_child *c)
{
	char byte;

	while (read(c->fd, &byte, 1) == 1) {
		judge_block(c);
		if (write(c->fd, &byte, 1) != 1)
			break;
	}
}

/* ---- in the parent ----------------------------------------------------- */

static bool
start(struct expr_child *c)
{
	static char *no_environment[] = { NULL };
	extern char **environ;
	const pid_t parent = getpid();
	int fd[2], error;

	/* otherwise nobody is told how the child ended */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return false;
	c->pid = fork();
	if (c->pid == 0) {
#ifdef __linux__
		prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
		c->is_child = true;
		c->fd = fd[1];
		environ = no_environment;
		set_signals();
		close_files(c->fd);
		if (getppid() == parent && bound(c))
			serve(c);
		_exit(0);
	}
	error = errno;
	close(fd[1]);
	c->fd = fd[0];
	if (c->pid > 0)
		return true;
	close(c->fd);
	c->pid = 0;
	c->fd = -1;
	errno = error;
	return false;
}

/* Waits for the child's end, and returns its status as waitpid has it. */
static int
reap(struct expr_child *c)
{
	int status = 0;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->fd);
	c->pid = 0;
	c->fd = -1;
	return status;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool
must_stop(struct expr_child *c)
{
	if (!c->stop || !*c->stop)
		return false;
	if (c->stop_at == 0)
		c->stop_at = now_ms() + GRACE_MS;
	return now_ms() >= c->stop_at;
}

/* Has the child judge the block; false when it ended or, with *stopped, when it has to. */
static bool
ask_child(struct expr_child *c, bool *stopped)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char byte = 0;

	if (send(c->fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return false;
	while (poll(&p, 1, POLL_MS) <= 0) {
		*stopped = must_stop(c);
		if (*stopped)
			return false;
	}
	return recv(c->fd, &byte, 1, 0) == 1;
}

/* Notes as the answer of the expression that was being asked how the child ended. */
static void
note_end(struct expr_child *c, int status)
{
	struct expr_tape *t = c->tape;
	struct expr_tape_line *l = &t->line[t->judged];
	enum expr_answer a = EXPR_CRASH;

	if (t->no_memory)
		a = EXPR_NO_MEMORY;
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		a = EXPR_NO_TIME;
	t->answer[t->judged * c->most + l->answers++] = (unsigned char)a;
	t->asking = t->no_memory = false;
}

size_t
expr_child_run(struct expr_child *c)
{
	struct expr_tape *t = c->tape;
	unsigned deaths = 0;
	bool stopped = false;
	int status;

	while (t->judged < t->lines && !stopped) {
		stopped = must_stop(c);
		if (!stopped && !c->pid && !start(c))
			return t->judged;
		if (stopped || ask_child(c, &stopped))
			continue;
		kill(c->pid, SIGKILL);
		status = reap(c);
		if (t->asking && !stopped) {
			note_end(c, status);
			deaths = 0;
		} else if (!stopped && ++deaths == DEATHS_MAX) {
			errno = ECHILD;
			return t->judged;
		}
	}
	errno = 0;
	return t->judged;
}

void
expr_child_close(struct expr_child *c)
{
	if (!c->tape)
		return;
	if (c->pid) {
		kill(c->pid, SIGKILL);
		reap(c);
	}
	munmap(c->tape, c->tape_size);
	c->tape = NULL;
}

/* ---- the block --------------------------------------------------------- */

const char *
expr_child_add(struct expr_child *c, const char *p, size_t n)
{
	struct expr_tape *t = c->tape;
	char *to = text_of(c) + t->bytes;

	if (t->lines == EXPR_CHILD_LINES || (t->lines > 0 && t->bytes + n > EXPR_CHILD_BYTES))
		return NULL;
	memcpy(to, p, n);
	t->line[t->lines].start = t->bytes;
	t->bytes += n;
	t->line[t->lines].end = t->bytes;
	t->line[t->lines++].answers = 0;
	return to;
}

void
expr_child_line(struct expr_child *c, size_t i)
{
	c->line = i;
	c->next = 0;
}

void
expr_child_clear(struct expr_child *c)
{
	c->tape->lines = c->tape->bytes = 0;
	c->tape->judged = 0;
}

enum expr_answer
expr_child_ask(struct expr_child *c, struct expr *x)
{
	struct expr_tape *t = c->tape;
	struct expr_tape_line *l = &t->line[c->line];
	volatile unsigned char *a = &t->answer[c->line * c->most + c->next];

	if (c->next < l->answers) {
		c->next++;
		return (enum expr_answer) * a;
	}
	/* in the parent all are there, unless memory was out in the child's judge */
	if (!c->is_child || c->next == c->most)
		return EXPR_NO_MEMORY;
	t->asking = true;
	*a = (unsigned char)answer(c, x);
	if (*a == EXPR_NO_MEMORY) {
		t->no_memory = true;
		_exit(0);
	}
	l->answers = ++c->next;
	t->asking = false;
	return (enum expr_answer) * a;
}
