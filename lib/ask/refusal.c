#include "ask/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

bool
refuse(struct refusal *r, const char *code, const char *parameter, const char *fmt, ...)
{
	va_list ap;

	r->code = code;
	r->parameter = parameter;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return false;
}
