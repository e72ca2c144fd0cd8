#include "http/http.h"

#include <strings.h>

#include "base/banned.h"

struct span
http_field_name(const struct http_request *r, size_t i)
{
	return (struct span){ r->base + r->field[i].name, r->field[i].name_n };
}

struct span
http_field_value(const struct http_request *r, size_t i)
{
	return (struct span){ r->base + r->field[i].value, r->field[i].value_n };
}

bool
http_field_is(const struct http_request *r, size_t i, struct span name)
{
	struct span field = http_field_name(r, i);

	return field.n == name.n && strncasecmp(field.p, name.p, name.n) == 0;
}

struct span
http_header(const struct http_request *r, struct span name)
{
	size_t i;

	for (i = 0; i < r->field_count; i++)
		if (http_field_is(r, i, name))
			return http_field_value(r, i);
	return (struct span){ NULL, 0 };
}
