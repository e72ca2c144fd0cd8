#include "cmd/cli/progress.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/msg.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	FIRST_MS = 500,    /* what is over sooner needs no progress */
	TERMINAL_MS = 100, /* between lines */
	FILE_MS = 1000,    /* where each line stays */
};

#define ERASE "\r\033[K"

static atomic_int asked;

static void
on_usr1(int sig)
{
	(void)sig;
	asked = 1;
}

static void
add_file(struct progress *p, int fd, const char *name)
{
	struct stat st;

	if ((name ? stat(name, &st) : fstat(fd, &st)) == 0 && S_ISREG(st.st_mode))
		p->size += (uint64_t)st.st_size;
}

void
progress_size(struct progress *p, char *const *files, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		add_file(p, STDIN_FILENO, strcmp(files[i], "-") ? files[i] : NULL);
	if (count == 0)
		add_file(p, STDIN_FILENO, NULL);
}

void
progress_begin(struct progress *p)
{
	const char *term = getenv("TERM");
	struct sigaction sa;

	p->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	p->draws = p->wanted || (p->terminal && !p->quiet);
	p->start_ms = timestamp_monotonic();
	p->next_ms = p->start_ms + FIRST_MS;
	memset(&sa, 0, sizeof(sa)); /* no SA_RESTART: what waits shall look */
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_usr1;
	sigaction(SIGUSR1, &sa, NULL);
}

static void
add_bytes(struct buf *b, uint64_t n)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double v = (double)n;
	size_t i;

	for (i = 0; v >= 1024 && i < 5; i++)
		v /= 1024;
	buf_addf(b, i ? "%.1f %s" : "%.0f %s", v, units[i]);
}

static void
add_left(struct buf *b, uint64_t seconds)
{
	unsigned long long s = seconds;

	if (s >= 3600)
		buf_addf(b, ", %llu:%02llu:%02llu left", s / 3600, s / 60 % 60, s % 60);
	else
		buf_addf(b, ", %llu:%02llu left", s / 60, s % 60);
}

static void
add_line(const struct progress *p, const struct progress_counts *c, uint64_t now, struct buf *b)
{
	uint64_t ms = now > p->start_ms ? now - p->start_ms : 1;

	buf_addf(b, "%llu rows stored, %.0f a second, ", (unsigned long long)c->rows,
	    (double)c->rows * 1000 / (double)ms);
	add_bytes(b, c->bytes);
	if (p->size) {
		buf_adds(b, " of ");
		add_bytes(b, p->size);
	}
	buf_adds(b, " read");
	if (c->retries)
		buf_addf(b, ", %llu retries", (unsigned long long)c->retries);
	if (c->waiting)
		buf_addf(b, ", %llu files in the spool", (unsigned long long)c->waiting);
	if (p->size > c->bytes && c->bytes > 0)
		add_left(b,
		    (uint64_t)((double)(p->size - c->bytes) * (double)ms / (double)c->bytes /
			1000));
}

/* Draws over the last one: messages that come in between erase it first. */
static void
draw(struct progress *p, const struct buf *line)
{
	struct buf b = BUF_INIT;

	if (!p->terminal) {
		msg("%.*s", (int)line->n, line->p);
		return;
	}
	buf_addf(&b, ERASE "%s: %.*s", msg_program(), (int)line->n, line->p);
	msg_raw(b.p, b.n);
	buf_release(&b);
	p->drawn = true;
	msg_erase(ERASE);
}

void
progress_tick(struct progress *p, const struct progress_counts *c)
{
	struct buf line = BUF_INIT;
	uint64_t now;

	if (!p->draws && !asked)
		return;
	now = timestamp_monotonic();
	if (!asked && now < p->next_ms)
		return;
	add_line(p, c, now, &line);
	if (!line.failed && asked)
		msg("%.*s", (int)line.n, line.p);
	else if (!line.failed)
		draw(p, &line);
	asked = 0;
	p->next_ms = now + (p->terminal ? TERMINAL_MS : FILE_MS);
	buf_release(&line);
}

void
progress_end(struct progress *p)
{
	if (p->drawn)
		msg_raw(ERASE, strlen(ERASE));
	msg_erase(NULL);
	p->drawn = false;
}
