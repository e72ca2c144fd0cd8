#include "import/json_fields.h"

#include "base/banned.h"

bool
json_fields_read(struct json_fields *f, struct span text, struct json_scan *s)
{
	struct json_member more;

	f->n = 0;
	if (json_open(s, text.p, text.n) != JSON_OBJECT)
		return true;
	while (f->n < JSON_FIELDS_MAX && json_next(s, &f->m[f->n]))
		f->n++;
	return f->n < JSON_FIELDS_MAX || !json_next(s, &more);
}

bool
json_fields_of(struct json_fields *f, const struct json_value *object)
{
	struct json_scan s;

	f->n = 0;
	return !object || object->type != JSON_OBJECT || json_fields_read(f, object->raw, &s);
}

bool
json_key_is(const struct json_value *key, const char *name, size_t n)
{
	const char *p = key->raw.p + 1, *end = key->raw.p + key->raw.n - 1, *stop = name + n;

	for (; p < end; p++) {
		char c = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);

		if (c == '_' || c == '-')
			continue;
		if (name == stop || c != *name++)
			return false;
	}
	return name == stop;
}

static const struct json_value *
get(const struct json_fields *f, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (json_key_is(&f->m[i].key, name, n))
			return f->m[i].value.type == JSON_NULL ? NULL : &f->m[i].value;
	return NULL;
}

const struct json_value *
json_fields_get(const struct json_fields *f, const char *name)
{
	return get(f, name, strlen(name));
}

struct span
json_value_text(const struct json_value *v)
{
	struct span s = { NULL, 0 };

	if (v && v->type == JSON_NUMBER)
		s = v->raw;
	if (v && v->type == JSON_STRING)
		s = (struct span){ v->raw.p + 1, v->raw.n - 2 };
	return s.n == 0 || (s.n == 1 && *s.p == '-') ? (struct span){ NULL, 0 } : s;
}

struct span
json_fields_text(const struct json_fields *f, const char *names)
{
	struct span s = { NULL, 0 };

	while (*names && !s.p) {
		size_t n = strcspn(names, " ");

		s = json_value_text(get(f, names, n));
		names += n;
		while (*names == ' ')
			names++;
	}
	return s;
}
