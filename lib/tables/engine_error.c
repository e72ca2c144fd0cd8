#include "tables/engine_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

bool
engine_fail(struct engine_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return false;
}

bool
engine_fail_errno(struct engine_error *e, int errnum, const char *what)
{
	char reason[128];

	if (strerror_r(errnum, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errnum);
	return engine_fail(e, "%.512s: %s", what, reason);
}
