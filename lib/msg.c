#include "msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

#include "banned.h"

enum { MESSAGE_MAX = 4096 };

static const char *program = "mm";

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

/* Writes the text with control characters made visible, then a newline. */
static void
write_scrubbed(const char *text, size_t n, const char *tail)
{
	static const char hex[] = "0123456789abcdef";
	char line[MESSAGE_MAX * 4 + 512];
	size_t w = 0, i, j;
	const char *part[4] = { program, ": ", text, tail };
	size_t len[4] = { strnlen(program, 64), 2, n, strnlen(tail, 256) };

	for (i = 0; i < 4; i++) {
		for (j = 0; j < len[i]; j++) {
			unsigned char c = (unsigned char)part[i][j];

			if (c >= 0x20 && c != 0x7f) {
				line[w++] = (char)c;
				continue;
			}
			line[w++] = '\\';
			line[w++] = 'x';
			line[w++] = hex[c >> 4];
			line[w++] = hex[c & 15];
		}
	}
	line[w++] = '\n';
	msg_raw(line, w);
}

static void
vmsg(const char *tail, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text)) {
		memcpy(text + sizeof(text) - 4, "...", 4);
		n = (int)sizeof(text) - 1;
	}
	write_scrubbed(text, (size_t)n, tail);
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
