#include "text/jsonfile.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

enum { KEY_SHOWN_MAX = 100 }; /* bytes of a key in a path */

/* ---- errors ------------------------------------------------------------ */

static size_t
line_of(struct jsonfile *f, const char *at)
{
	if (!f->counted || at < f->counted) {
		f->counted = f->start;
		f->line = 1;
	}
	for (; f->counted < at; f->counted++)
		f->line += *f->counted == '\n';
	return f->line;
}

/* The number of the character in its line, from 1. */
static size_t
column_of(const struct jsonfile *f, const char *at)
{
	size_t n = 1;

	while (at > f->start && at[-1] != '\n')
		n += (*--at & 0xc0) != 0x80;
	return n;
}

static bool
is_word(struct span key)
{
	size_t i;

	for (i = 1; i + 1 < key.n; i++) {
		char c = key.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && c != '$')
			return false;
	}
	return key.n > 2;
}

static void
add_key(struct buf *b, const char *p, size_t n)
{
	size_t k = utf8_cut(p, n, KEY_SHOWN_MAX);

	buf_add(b, p, k);
	buf_adds(b, k < n ? "..." : "");
}

static void
add_path(struct buf *b, const struct json_path *at)
{
	if (!at)
		return;
	add_path(b, at->up);
	if (!at->key.p) {
		buf_addf(b, "[%zu]", at->index);
	} else if (is_word(at->key)) {
		buf_adds(b, at->up ? "." : "");
		add_key(b, at->key.p + 1, at->key.n - 2);
	} else {
		buf_addc(b, '[');
		add_key(b, at->key.p, at->key.n);
		buf_addc(b, ']');
	}
}

struct span
jsonfile_keep(struct jsonfile *f, struct arena *arena)
{
	if (f->work.failed)
		arena->failed = true;
	return arena_copy(arena, f->work.p, f->work.n);
}

struct jsonfile_error *
jsonfile_error(struct jsonfile *f, const char *at, const struct json_path *path)
{
	struct jsonfile_errors *errors = f->errors;
	struct jsonfile_error *e;

	if (errors->n == JSONFILE_ERRORS_MAX) {
		errors->more++;
		return NULL;
	}
	if (!errors->error)
		errors->error =
		    arena_array(&errors->arena, JSONFILE_ERRORS_MAX, sizeof(*errors->error));
	if (!errors->error) {
		errors->more++;
		return NULL;
	}
	e = &errors->error[errors->n++];
	e->line = line_of(f, at);
	buf_reset(&f->work);
	add_path(&f->work, path);
	e->where = jsonfile_keep(f, &errors->arena);
	return e;
}

void
jsonfile_complain(
    struct jsonfile *f, const char *at, const struct json_path *path, const char *fmt, ...)
{
	struct jsonfile_error *e = jsonfile_error(f, at, path);
	char text[512];
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e->what = arena_copy(&f->errors->arena, text, strlen(text));
}

bool
jsonfile_failed(const struct jsonfile *f)
{
	return f->errors->n + f->errors->more > 0;
}

void
jsonfile_errors_release(struct jsonfile_errors *e)
{
	arena_release(&e->arena);
	*e = (struct jsonfile_errors){ .n = 0 };
}

/* ---- values ------------------------------------------------------------ */

static const char *
with_article(enum json_type type)
{
	static const char *const text[] = {
		[JSON_NULL] = "null",
		[JSON_BOOLEAN] = "a boolean",
		[JSON_NUMBER] = "a number",
		[JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return text[type];
}

bool
jsonfile_expect(struct jsonfile *f, const struct json_value *v, const struct json_path *path,
    enum json_type wanted)
{
	if (v->type == wanted)
		return true;
	jsonfile_complain(
	    f, v->raw.p, path, "expected %s, not %s", with_article(wanted), with_article(v->type));
	return false;
}

static size_t
index_of(const struct json_keys *known, struct span key)
{
	size_t i;

	for (i = 0; i < known->n; i++)
		if (span_eq(key, span_of(known->name[i])))
			return i;
	return SIZE_MAX;
}

static void
tell_key(
    struct jsonfile *f, const char *at, const struct json_path *path, const struct json_keys *known)
{
	char list[256];
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < known->n; i++) {
		buf_adds(&b, i ? ", " : "");
		buf_adds(&b, known->name[i]);
	}
	if (b.n >= sizeof(list) || b.failed)
		b.n = 0;
	if (b.n)
		memcpy(list, b.p, b.n);
	list[b.n] = '\0';
	buf_release(&b);
	jsonfile_complain(f, at, path, "unknown key; known are %s", list);
}

bool
jsonfile_fields(struct jsonfile *f, const struct json_path *path, const struct json_value *v,
    const struct json_keys *known, struct json_field *field)
{
	char room[64];
	struct json_scan s;
	struct json_member m;

	memset(field, 0, known->n * sizeof(*field));
	if (!jsonfile_expect(f, v, path, JSON_OBJECT))
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct json_path here = { .up = path, .key = m.key.raw };
		struct span key = json_short_text(&m.key, room, sizeof(room));
		size_t i = key.p ? index_of(known, key) : SIZE_MAX;

		if (i == SIZE_MAX) {
			tell_key(f, m.key.raw.p, &here, known);
		} else if (field[i].present) {
			jsonfile_complain(f, m.key.raw.p, &here, "this key stands twice");
		} else {
			field[i].present = true;
			field[i].path = here;
			field[i].value = m.value;
		}
	}
	return true;
}

size_t
jsonfile_members(const struct json_value *object)
{
	struct json_scan s;
	struct json_member m;
	size_t n = 0;

	json_open(&s, object->raw.p, object->raw.n);
	while (json_next(&s, &m))
		n++;
	return n;
}

size_t
jsonfile_elements(const struct json_value *array)
{
	struct json_scan s;
	struct json_value v;
	size_t n = 0;

	json_open(&s, array->raw.p, array->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &v))
		n++;
	return n;
}

/* "expected "a", "b" or "c"" */
static void
tell_words(struct jsonfile *f, const struct json_field *x, const struct json_keys *words)
{
	struct jsonfile_error *e = jsonfile_error(f, x->value.raw.p, &x->path);
	size_t i;

	if (!e)
		return;
	buf_reset(&f->work);
	for (i = 0; i < words->n; i++) {
		buf_adds(&f->work, i == 0 ? "expected " : i + 1 < words->n ? ", " : " or ");
		buf_addf(&f->work, "\"%s\"", words->name[i]);
	}
	e->what = jsonfile_keep(f, &f->errors->arena);
}

size_t
jsonfile_word(
    struct jsonfile *f, const struct json_field *x, const struct json_keys *words, size_t otherwise)
{
	char room[64];
	struct span text;
	size_t i;

	if (!x->present || !jsonfile_expect(f, &x->value, &x->path, JSON_STRING))
		return otherwise;
	text = json_short_text(&x->value, room, sizeof(room));
	i = text.p ? index_of(words, text) : SIZE_MAX;
	if (i != SIZE_MAX)
		return i;
	tell_words(f, x, words);
	return otherwise;
}

bool
jsonfile_boolean(struct jsonfile *f, const struct json_field *x)
{
	return x->present && jsonfile_expect(f, &x->value, &x->path, JSON_BOOLEAN) &&
	    x->value.raw.p[0] == 't';
}

/* ---- the file ---------------------------------------------------------- */

void
jsonfile_open(struct jsonfile *f, const char *p, size_t n, struct jsonfile_errors *errors)
{
	size_t mark = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*f = (struct jsonfile){ .start = n ? p + mark : "", .errors = errors };
	f->end = f->start + (n - mark);
}

bool
jsonfile_scan(struct jsonfile *f, struct json_value *v)
{
	struct json_scan s;

	json_open(&s, f->start, (size_t)(f->end - f->start));
	if (json_whole(&s, v))
		return true;
	jsonfile_complain(f, s.p, NULL, "invalid JSON: %s (character %zu)",
	    json_reason_text(s.reason), column_of(f, s.p));
	return false;
}

/* Few, and nearly in order; those of one line stay as they were found. */
static void
sort_errors(struct jsonfile_errors *errors)
{
	struct jsonfile_error *e = errors->error, x;
	size_t i, k;

	for (i = 1; i < errors->n; i++) {
		x = e[i];
		for (k = i; k > 0 && e[k - 1].line > x.line; k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

void
jsonfile_close(struct jsonfile *f)
{
	sort_errors(f->errors);
	buf_release(&f->work);
}
