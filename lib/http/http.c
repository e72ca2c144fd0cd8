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

struct span
http_header(const struct http_request *r, struct span name)
{
	size_t i;

	for (i = 0; i < r->field_count; i++)
		if (r->field[i].name_n == name.n &&
		    strncasecmp(r->base + r->field[i].name, name.p, name.n) == 0)
			return http_field_value(r, i);
	return (struct span){ NULL, 0 };
}
