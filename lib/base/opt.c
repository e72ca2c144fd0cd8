#include "base/opt.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/near.h"

#include "base/banned.h"

static const struct opt common[] = {
	{ 'h', "help", OPT_FLAG, NULL, "print this help and exit", NULL, 0, 0 },
	{ 'V', "version", OPT_FLAG, NULL, "print the version and exit", NULL, 0, 0 },
	{ 0 },
};

bool
opt_size(const char *text, uint64_t *bytes)
{
	struct span rest = span_of(text);
	const char *unit;
	unsigned shift = 0;
	uint64_t v;

	if (!ascii_take_number(&rest, UINT64_MAX, &v))
		return false;
	unit = rest.p;
	if (*unit == 'k' || *unit == 'K')
		shift = 10;
	else if (*unit == 'm' || *unit == 'M')
		shift = 20;
	else if (*unit == 'g' || *unit == 'G')
		shift = 30;
	if (shift) {
		unit++;
		if (strcmp(unit, "iB") == 0)
			unit += 2;
	}
	if (*unit || v > UINT64_MAX >> shift)
		return false;
	*bytes = v << shift;
	return true;
}

static const struct {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

bool
opt_duration(const char *text, uint64_t *ms)
{
	struct span rest = span_of(text);
	const char *unit;
	uint64_t v;
	size_t i;

	if (!ascii_take_number(&rest, UINT64_MAX, &v))
		return false;
	unit = rest.n > 0 ? rest.p : "s";
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (v > UINT64_MAX / units[i].ms)
			return false;
		*ms = v * units[i].ms;
		return true;
	}
	return false;
}

/* The index of `text` among "a|b|c", or -1. */
static int
choice(const char *alternatives, const char *text)
{
	size_t n = strlen(text);
	const char *p = alternatives;
	int i;

	for (i = 0; n; i++) {
		const char *bar = strchr(p, '|');
		size_t k = bar ? (size_t)(bar - p) : strlen(p);

		if (k == n && memcmp(p, text, n) == 0)
			return i;
		if (!bar)
			break;
		p = bar + 1;
	}
	return -1;
}

static bool
list_grow(struct opt_list *l)
{
	size_t cap = l->cap ? l->cap * 2 : 8;
	const char **v = realloc(l->v, cap * sizeof(*v));
	const struct opt **by;

	if (!v)
		return false;
	l->v = v;
	by = realloc(l->by, cap * sizeof(*by));
	if (!by)
		return false;
	l->by = by;
	l->cap = cap;
	return true;
}

static bool
list_add(struct opt_list *l, const struct opt *by, const char *value)
{
	if (l->n == l->cap && !list_grow(l))
		return false;
	l->by[l->n] = by;
	l->v[l->n++] = value;
	return true;
}

static bool
in_bounds(const struct opt *o, uint64_t v)
{
	return v >= o->min && (o->max == 0 || v <= o->max);
}

/* A bound as it could be given, in the largest unit that it is a whole number of. */
static void
add_bound(struct buf *error, const struct opt *o, uint64_t bound)
{
	size_t i = 0;

	if (o->kind != OPT_DURATION) {
		buf_addf(error, "%llu", (unsigned long long)bound);
		return;
	}
	while (bound % units[i].ms != 0 || (bound == 0 && units[i].ms > 1000))
		i++;
	buf_addf(error, "%llu%s", (unsigned long long)(bound / units[i].ms), units[i].name);
}

static void
add_bounds(struct buf *error, const struct opt *o)
{
	buf_addf(error, "--%s: expected %s", o->name, o->max ? "" : "at least ");
	add_bound(error, o, o->min);
	if (o->max) {
		buf_adds(error, " to ");
		add_bound(error, o, o->max);
	}
	if (o->kind == OPT_SIZE)
		buf_adds(error, " bytes");
}

static bool
set_value(const struct opt *o, const char *value, struct buf *error)
{
	uint64_t v = 0;
	const char *expected = NULL;
	int i;

	/* "$FILE" of a script in which it is not set */
	if (value && !*value && (strcmp(o->arg, "FILE") == 0 || strcmp(o->arg, "DIR") == 0)) {
		buf_addf(error, "--%s: expected a %s, not an empty name", o->name, o->arg);
		return false;
	}
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		return true;
	case OPT_STRING:
		*(const char **)o->to = value;
		return true;
	case OPT_LIST:
		if (!list_add(o->to, o, value)) {
			buf_adds(error, "out of memory");
			return false;
		}
		return true;
	case OPT_CHOICE:
		i = choice(o->arg, value);
		if (i < 0) {
			buf_addf(error, "--%s: expected one of %s", o->name, o->arg);
			return false;
		}
		*(int *)o->to = i;
		return true;
	case OPT_NUMBER:
		if (!ascii_number(span_of(value), UINT64_MAX, &v))
			expected = "a whole number";
		break;
	case OPT_SIZE:
		if (!opt_size(value, &v))
			expected = "a size such as 65536, 64k or 1M";
		break;
	case OPT_DURATION:
		if (!opt_duration(value, &v))
			expected = "a duration such as 250ms, 30s, 5m, 2h or 7d";
		break;
	}
	if (expected) {
		buf_addf(error, "--%s: expected %s", o->name, expected);
		return false;
	}
	if (!in_bounds(o, v)) {
		add_bounds(error, o);
		return false;
	}
	*(uint64_t *)o->to = v;
	return true;
}

static const struct opt *
by_name(const struct opt *table, const char *name, size_t n)
{
	for (; table->name; table++) {
		if (strlen(table->name) != n || memcmp(table->name, name, n) != 0)
			continue;
		while (!table->help) /* a former name */
			table--;
		return table;
	}
	return NULL;
}

static const struct opt *
by_letter(const struct opt *table, char letter)
{
	for (; table->name; table++)
		if (table->letter && table->letter == letter)
			return table;
	return NULL;
}

static enum opt_result
special(const struct opt *o)
{
	return o->letter == 'h' ? OPT_SHOW_HELP : OPT_SHOW_VERSION;
}

static void
unknown(const struct opt *table, struct span name, struct buf *error)
{
	const struct opt *c;
	struct near near;

	near_begin(&near, name);
	for (; table->name; table++)
		if (table->help)
			near_try(&near, span_of(table->name));
	for (c = common; c->name; c++)
		near_try(&near, span_of(c->name));
	buf_addf(error, "unknown option --%.*s", (int)(name.n < 64 ? name.n : 64), name.p);
	if (near.best.p)
		buf_addf(error, " (did you mean --%.*s?)", (int)near.best.n, near.best.p);
}

static enum opt_result
parse_long(const struct opt_command *cmd, int argc, char **argv, int *i, struct buf *error)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	const char *value = equals ? equals + 1 : NULL;
	const struct opt *o = by_name(cmd->options, name, n);

	if (!o && !equals) {
		const struct opt *c = by_name(common, name, n);

		if (c)
			return special(c);
		if (strcmp(name, "help-options") == 0)
			return OPT_SHOW_OPTIONS;
	}
	if (!o) {
		unknown(cmd->options, (struct span){ name, n }, error);
		return OPT_WRONG;
	}
	if (o->kind == OPT_FLAG && value) {
		buf_addf(error, "--%s takes no argument", o->name);
		return OPT_WRONG;
	}
	if (o->kind != OPT_FLAG && !value) {
		if (*i + 1 >= argc) {
			buf_addf(error, "--%s needs an argument: %s", o->name, o->arg);
			return OPT_WRONG;
		}
		value = argv[++*i];
	}
	return set_value(o, value, error) ? OPT_RUN : OPT_WRONG;
}

static enum opt_result
parse_letters(const struct opt_command *cmd, int argc, char **argv, int *i, struct buf *error)
{
	const char *p;

	for (p = argv[*i] + 1; *p; p++) {
		const struct opt *o = by_letter(cmd->options, *p);
		const char *value;

		if (!o && by_letter(common, *p))
			return special(by_letter(common, *p));
		if (!o) {
			buf_addf(error, "unknown option -%c", *p);
			return OPT_WRONG;
		}
		if (o->kind == OPT_FLAG) {
			set_value(o, NULL, error);
			continue;
		}
		value = p[1] ? p + 1 : *i + 1 < argc ? argv[++*i] : NULL;
		if (!value) {
			buf_addf(error, "-%c needs an argument: %s", *p, o->arg);
			return OPT_WRONG;
		}
		return set_value(o, value, error) ? OPT_RUN : OPT_WRONG;
	}
	return OPT_RUN;
}

enum opt_result
opt_parse(
    const struct opt_command *cmd, int argc, char **argv, size_t *operand_count, struct buf *error)
{
	size_t operands = 0;
	bool only_operands = false;
	int i;

	buf_reset(error);
	for (i = 1; i < argc; i++) {
		const char *a = argv[i];
		enum opt_result r;

		if (only_operands || a[0] != '-' || a[1] == '\0') {
			argv[operands++] = argv[i];
			continue;
		}
		if (a[1] == '-' && a[2] == '\0') {
			only_operands = true;
			continue;
		}
		r = a[1] == '-' ? parse_long(cmd, argc, argv, &i, error)
				: parse_letters(cmd, argc, argv, &i, error);
		if (r != OPT_RUN)
			return r;
	}
	if (operands && !cmd->operands) {
		buf_addf(error, "takes no operand, but was given '%.64s'", argv[0]);
		return OPT_WRONG;
	}
	*operand_count = operands;
	return OPT_RUN;
}

enum { HELP_COLUMN = 30, HELP_WIDTH = 80 };

/*
 * Adds text that begins at a column, in lines of HELP_WIDTH that are broken at spaces, or
 * else behind `bar`; the lines that follow begin at `indent`.
 */
static void
add_wrapped(struct buf *b, const char *text, size_t at, size_t indent, char bar)
{
	const char stops[] = { bar ? bar : ' ', '\0' };
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, stops);

		n += bar && text[n];
		if (!first && at + !bar + n > HELP_WIDTH) {
			buf_addf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first && !bar) {
			buf_addc(b, ' ');
			at++;
		}
		buf_add(b, text, n);
		at += n;
		text += n;
		if (!bar)
			text += strspn(text, " ");
		first = false;
	}
}

static void
help_line(const struct opt *o, struct buf *b)
{
	size_t start = b->n, width;

	if (o->letter)
		buf_addf(b, "  -%c, --%s", o->letter, o->name);
	else
		buf_addf(b, "      --%s", o->name);
	width = b->n - start;
	if (o->arg) {
		buf_addc(b, ' ');
		add_wrapped(b, o->arg, width + 1, width + 1, '|');
	}
	width = b->n - start;
	if (width >= HELP_COLUMN) {
		buf_addc(b, '\n');
		width = 0;
	}
	for (; width < HELP_COLUMN; width++)
		buf_addc(b, ' ');
	add_wrapped(b, o->help, HELP_COLUMN, HELP_COLUMN, 0);
	buf_addc(b, '\n');
}

void
opt_help(const struct opt_command *cmd, struct buf *b)
{
	const struct opt *o;

	buf_addf(b, "Usage: %s ", cmd->name);
	add_wrapped(b, cmd->synopsis, b->n, strlen("Usage: "), 0);
	buf_addf(b, "\n%s.\n\n    %s\n\nOptions:\n", cmd->summary, cmd->example);
	for (o = cmd->options; o->name; o++)
		if (o->help)
			help_line(o, b);
	for (o = common; o->name; o++)
		help_line(o, b);
	buf_addf(b, "\nThe manual: man %s; the suite: man 7 mm\n", cmd->name);
}

static const char *
completion_kind(const struct opt *o)
{
	if (o->kind == OPT_FLAG)
		return "flag";
	if (o->kind == OPT_CHOICE)
		return "choice";
	if (o->kind == OPT_LIST)
		return "values";
	if (strcmp(o->arg, "FILE") == 0)
		return "file";
	return strcmp(o->arg, "DIR") == 0 ? "dir" : "value";
}

void
opt_table(const struct opt_command *cmd, struct buf *b)
{
	const struct opt *tables[] = { cmd->options, common };
	size_t i;

	buf_addf(b, "%s\t%s\t%s\n", cmd->name, cmd->operands ? cmd->operands : "", cmd->summary);
	for (i = 0; i < 2; i++) {
		const struct opt *o;

		for (o = tables[i]; o->name; o++) {
			if (!o->help)
				continue;
			if (o->letter)
				buf_addf(b, "-%c", o->letter);
			buf_addf(b, "\t--%s\t%s\t%s\t%s\n", o->name, completion_kind(o),
			    o->arg ? o->arg : "", o->help);
		}
	}
}
