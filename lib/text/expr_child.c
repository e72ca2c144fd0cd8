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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/banned.h"

enum {
	GRACE_MS = 1000, /* for the child to answer, after *stop */
	POLL_MS = 100,   /* *stop may be set just before a wait, and time passes */
	DEATHS_MAX = 3,  /* without having asked anything: they are not of expressions */
	CLOSED_BELOW = 1024,
	LINE_COPIES = 4, /* kept by what judges, in buffers that double */
};

/* A block, which the two processes share. */
struct expr_tape {
	size_t lines, bytes;
	volatile size_t judged;
	volatile uint32_t asks; /* that have begun */
	volatile bool asking, no_memory;
	struct expr_tape_line {
		size_t start, end; /* of its text */
		volatile size_t answers;
	} line[EXPR_CHILD_LINES];
	/* most * EXPR_CHILD_LINES answers, then the text */
	volatile unsigned char answer[];
};

static char *
text_of(const struct expr_child *c, struct expr_tape *t)
{
	return (char *)t + (c->tape_size - EXPR_CHILD_BYTES - c->max_line);
}

bool
expr_child_open(struct expr_child *c)
{
	char *p;

	c->fd = -1;
	c->tape_size =
	    sizeof(struct expr_tape) + c->most * EXPR_CHILD_LINES + EXPR_CHILD_BYTES + c->max_line;
	c->tape_size += (size_t)-c->tape_size % sizeof(size_t); /* where the second one begins */
	p = mmap(NULL, 2 * c->tape_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return false;
	c->tape[0] = (struct expr_tape *)(void *)p;
	c->tape[1] = (struct expr_tape *)(void *)(p + c->tape_size);
	c->judged = 1;
	return true;
}

/* ---- in the child ------------------------------------------------------ */

/* Signals to the whole group end the parent, and the child with it. */
static void
set_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2,
		SIGPIPE };
	static const int deadly[] = { SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGILL };
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

static enum expr_answer
answer(struct expr_child *c, struct expr *x)
{
	struct expr_tape *t = c->tape[c->judged];
	const struct expr_tape_line *l = &t->line[c->line];
	enum expr_answer a = EXPR_TRUE;

	/* where libjq can't read the line, each expression fails */
	if (!c->read)
		a = exprs_read(c->exprs, text_of(c, t) + l->start, l->end - l->start);
	c->read = true;
	t->asks++;
	return a == EXPR_NO_MEMORY ? a : expr_ask(c->exprs, x);
}

static void
judge_block(struct expr_child *c)
{
	struct expr_tape *t = c->tape[c->judged];

	for (; t->judged < t->lines; t->judged++) {
		const struct expr_tape_line *l = &t->line[t->judged];

		expr_child_line(c, t->judged);
		c->read = false;
		c->judge(c->context, text_of(c, t) + l->start, l->end - l->start);
	}
}

/* Judges a block for each byte that comes, 0 or 1; ends with the parent. */
static void
serve(struct expr_child *c)
{
	char byte;

	while (read(c->fd, &byte, 1) == 1) {
		c->judged = byte != 0;
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

/* Ends the child, if it has not ended by itself. */
static void
end(struct expr_child *c)
{
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(c->fd);
	c->pid = 0;
	c->fd = -1;
	c->asked = false;
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

/* The processor time that the child has had, in ms. */
static int64_t
child_ms(const struct expr_child *c)
{
	struct timespec ts = { 0, 0 };
	clockid_t clock;

	if (clock_getcpuclockid(c->pid, &clock) == 0)
		clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum reply { REPLY_JUDGED, REPLY_ENDED, REPLY_LATE, REPLY_STOP };

/* Waits for the child's answer.  *asks: of the expression that it was late with. */
static enum reply
wait_for(struct expr_child *c, uint32_t *asks)
{
	const struct expr_tape *t = c->tape[c->judged];
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int wait = c->time_ms < 2 * POLL_MS ? (int)c->time_ms / 2 : POLL_MS;
	int64_t since = 0;
	char byte;

	*asks = 0; /* of none */
	while (poll(&p, 1, wait) <= 0) {
		if (must_stop(c))
			return REPLY_STOP;
		if (!t->asking || t->asks != *asks) {
			*asks = t->asks;
			since = child_ms(c);
		} else if (child_ms(c) - since >= (int64_t)c->time_ms) {
			return REPLY_LATE;
		}
	}
	return recv(c->fd, &byte, 1, 0) == 1 ? REPLY_JUDGED : REPLY_ENDED;
}

static bool
ask_child(struct expr_child *c)
{
	char byte = (char)c->judged;

	if (!c->pid && !start(c))
		return false;
	/* where it has ended, wait_for says so */
	send(c->fd, &byte, 1, MSG_NOSIGNAL);
	c->asked = true;
	return true;
}

/* Notes as the answer of the expression that was being asked how the child ended. */
static void
note(struct expr_child *c, enum expr_answer a)
{
	struct expr_tape *t = c->tape[c->judged];
	struct expr_tape_line *l = &t->line[t->judged];

	t->answer[t->judged * c->most + l->answers++] =
	    (unsigned char)(t->no_memory ? EXPR_NO_MEMORY : a);
	t->asking = t->no_memory = false;
}

size_t
expr_child_wait(struct expr_child *c)
{
	struct expr_tape *t = c->tape[c->judged];
	unsigned deaths = 0;
	uint32_t asks;

	while (t->judged < t->lines || c->asked) {
		enum reply reply = REPLY_STOP;

		if (!must_stop(c)) {
			if (!c->asked && !ask_child(c))
				return t->judged;
			reply = wait_for(c, &asks);
		}
		if (reply == REPLY_JUDGED) {
			c->asked = false;
			continue;
		}
		if (c->pid)
			end(c);
		if (reply == REPLY_STOP)
			break;
		if (reply == REPLY_LATE) {
			/* unless it has answered just now */
			if (t->asking && t->asks == asks)
				note(c, EXPR_NO_TIME);
			t->asking = false;
		} else if (t->asking) {
			note(c, EXPR_CRASH);
			deaths = 0;
		} else if (++deaths == DEATHS_MAX) {
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
	if (!c->tape[0])
		return;
	if (c->pid)
		end(c);
	munmap(c->tape[0], 2 * c->tape_size);
	c->tape[0] = NULL;
}

/* ---- the blocks -------------------------------------------------------- */

const char *
expr_child_add(struct expr_child *c, const char *p, size_t n)
{
	struct expr_tape *t = c->tape[c->filled];
	char *to = text_of(c, t) + t->bytes;

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
expr_child_send(struct expr_child *c)
{
	struct expr_tape *empty = c->tape[c->judged];

	empty->lines = empty->bytes = empty->judged = 0;
	c->judged = c->filled;
	c->filled = !c->filled;
	ask_child(c); /* if it can't, expr_child_wait says so */
}

void
expr_child_line(struct expr_child *c, size_t i)
{
	c->line = i;
	c->next = 0;
}

enum expr_answer
expr_child_ask(struct expr_child *c, struct expr *x)
{
	struct expr_tape *t = c->tape[c->judged];
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
