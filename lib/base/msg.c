#include "base/msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/scrub.h"
#include "base/utf8.h"

#include "base/banned.h"

enum { MESSAGE_MAX = 4096 };

static const char *program = "mm";
static const char *_Atomic erase = ""; /* threads write messages while another draws */

void
msg_name(const char *name)
{
	program = name;
}

const char *
msg_program(void)
{
	return program;
}

void
msg_erase(const char *s)
{
	erase = s ? s : "";
}

void
msg_raw(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDERR_FILENO, p, n);

		if (k < 0) {
			if (errno == EINTR)
				continue;
			return; /* nobody is left to tell */
		}
		p += k;
		n -= (size_t)k;
	}
}

/* One line; no memory is asked for, since that may be what is wrong. */
static void
write_scrubbed(const char *text, size_t n, const char *tail)
{
	char line[MESSAGE_MAX * SCRUB_MOST + 2048], *w = line;
	const char *before = erase;
	size_t k = strnlen(before, 16);

	memcpy(w, before, k);
	w += k;
	w += scrub(w, program, strnlen(program, 64));
	w += scrub(w, ": ", 2);
	w += scrub(w, text, n);
	w += scrub(w, tail, strnlen(tail, 256));
	*w++ = '\n';
	msg_raw(line, (size_t)(w - line));
}

static void
vmsg(const char *tail, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text)) {
		n = (int)sizeof(text) - 4;
		/* not in the middle of a character */
		while (n > 0 && utf8_continues(text[n]))
			n--;
		memcpy(text + n, "...", 3);
		n += 3;
	}
	write_scrubbed(text, (size_t)n, tail);
}

void
msg_lines(struct span text)
{
	struct span line;

	while (span_take_line(&text, &line))
		msg("%.*s", (int)line.n, line.p);
}

void
msg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmsg("", fmt, ap);
	va_end(ap);
}

void
msg_errno(int errnum, const char *fmt, ...)
{
	char reason[128], tail[160];
	va_list ap;

	if (strerror_r(errnum, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errnum);
	snprintf(tail, sizeof(tail), ": %s", reason);
	va_start(ap, fmt);
	vmsg(tail, fmt, ap);
	va_end(ap);
}
