#define _DEFAULT_SOURCE /* struct winsize */
#include "cmd/cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ascii.h"

#include "base/banned.h"

enum { WIDTH_MAX = 10000 };

bool
terminal_is_output(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

/* COLUMNS, 0 when it is not set or no number. */
static size_t
columns_variable(void)
{
	const char *p = getenv("COLUMNS");
	uint64_t n;

	return p && ascii_number(span_of(p), WIDTH_MAX, &n) ? (size_t)n : 0;
}

size_t
terminal_width(void)
{
	struct winsize size;
	size_t n = columns_variable();

	if (n > 0)
		return n;
	memset(&size, 0, sizeof(size));
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool
terminal_has_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return terminal_is_output() && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}
