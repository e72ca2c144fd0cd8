#include "text/pattern_graph.h"

#include <stdlib.h>

#include "base/ascii.h"

#include "base/banned.h"

/* A piece of the graph; `end` is an empty node without a next one. */
struct piece {
	int start, end;
};

/* A class as it was read, to be found again when a count repeats it. */
struct read_class {
	const char *at, *end;
	struct class class;
};

struct parser {
	struct pattern_graph *graph;
	struct arena *arena;
	const char *start, *p, *end;
	struct read_class read[PATTERN_POSITIONS];
	size_t reads;
	unsigned depth;
	struct pattern_mistake mistake;
	bool failed;
};

static void
fail(struct parser *c, const char *at, const char *reason)
{
	if (c->failed)
		return;
	c->failed = true;
	c->mistake = (struct pattern_mistake){ reason, (size_t)(at - c->start) };
}

/* Once it has failed, node 0 is everybody's. */
static int
add_node(struct parser *c, enum node_kind kind, int next, int other)
{
	if (c->graph->nodes == PATTERN_NODES)
		fail(c, c->p, "the pattern is too large: too much is repeated");
	if (c->failed)
		return 0;
	c->graph->node[c->graph->nodes] =
	    (struct node){ .kind = kind, .next = next, .other = other };
	return c->graph->nodes++;
}

static struct piece
empty_piece(struct parser *c)
{
	int n = add_node(c, NODE_EMPTY, -1, -1);

	return (struct piece){ n, n };
}

static struct piece
one_node(struct parser *c, enum node_kind kind)
{
	int end = add_node(c, NODE_EMPTY, -1, -1);

	return (struct piece){ add_node(c, kind, end, -1), end };
}

static struct piece
take(struct parser *c, const struct class *class)
{
	struct piece x = one_node(c, NODE_TAKE);

	if (c->graph->positions == PATTERN_POSITIONS)
		fail(c, c->p,
		    "the pattern is too large: at most 256 characters, repeated ones each");
	if (c->failed)
		return x;
	c->graph->node[x.start].position = c->graph->positions;
	c->graph->class[c->graph->positions++] = *class;
	return x;
}

static struct piece
both(struct parser *c, struct piece a, struct piece b)
{
	c->graph->node[a.end].next = b.start;
	return (struct piece){ a.start, b.end };
}

static struct piece
either(struct parser *c, struct piece a, struct piece b)
{
	struct piece x = one_node(c, NODE_SPLIT);

	c->graph->node[x.start].next = a.start;
	c->graph->node[x.start].other = b.start;
	c->graph->node[a.end].next = c->graph->node[b.end].next = x.end;
	return x;
}

/* One or more. */
static struct piece
repeated(struct parser *c, struct piece a)
{
	struct piece x = one_node(c, NODE_SPLIT);

	c->graph->node[x.start].other = a.start;
	c->graph->node[a.end].next = x.start;
	return (struct piece){ a.start, x.end };
}

/* ---- characters and classes -------------------------------------------- */

#define CHARACTER_MAX 0x10ffff
#define CLASS(ranges, negated)                                            \
	{                                                                 \
		(ranges), sizeof(ranges) / sizeof((ranges)[0]), (negated) \
	}

static const struct range digit[] = { { '0', '9' } };
static const struct range no_digit[] = { { 0, '0' - 1 }, { '9' + 1, CHARACTER_MAX } };
static const struct range word[] = { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } };
static const struct range no_word[] = { { 0, '0' - 1 }, { '9' + 1, 'A' - 1 }, { 'Z' + 1, '_' - 1 },
	{ '_' + 1, 'a' - 1 }, { 'z' + 1, CHARACTER_MAX } };
/* WhiteSpace and LineTerminator of ECMA-262 */
static const struct range space[] = { { '\t', '\r' }, { ' ', ' ' }, { 0xa0, 0xa0 },
	{ 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f },
	{ 0x205f, 0x205f }, { 0x3000, 0x3000 }, { 0xfeff, 0xfeff } };
static const struct range no_space[] = { { 0, '\t' - 1 }, { '\r' + 1, ' ' - 1 }, { ' ' + 1, 0x9f },
	{ 0xa1, 0x167f }, { 0x1681, 0x1fff }, { 0x200b, 0x2027 }, { 0x202a, 0x202e },
	{ 0x2030, 0x205e }, { 0x2060, 0x2fff }, { 0x3001, 0xfefe }, { 0xff00, CHARACTER_MAX } };
static const struct range line_end[] = { { '\n', '\n' }, { '\r', '\r' }, { 0x2028, 0x2029 } };

static const struct class no_line_end = CLASS(line_end, true);

/* The class that a letter behind a backslash names, or NULL. */
static const struct class *
named_class(char letter)
{
	static const struct {
		char letter;
		struct class class;
	} named[] = {
		{ 'd', CLASS(digit, false) },
		{ 'D', CLASS(no_digit, false) },
		{ 's', CLASS(space, false) },
		{ 'S', CLASS(no_space, false) },
		{ 'w', CLASS(word, false) },
		{ 'W', CLASS(no_word, false) },
	};
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].letter == letter)
			return &named[i].class;
	return NULL;
}

static bool
is_punctuation(char c)
{
	return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
	    (c > 'z' && c < 0x7f);
}

/* The character that an escape stands for, its backslash at c->p. */
static uint32_t
escaped_character(struct parser *c)
{
	static const char letters[] = "fnrtv", meant[] = "\f\n\r\t\v";
	const char *at = c->p++, *letter;
	char e;

	if (c->p == c->end) {
		fail(c, at, "a backslash at the end");
		return 0;
	}
	e = *c->p++;
	letter = e ? strchr(letters, e) : NULL;
	if (letter)
		return (unsigned char)meant[letter - letters];
	if (!is_punctuation(e))
		fail(c, at, "an unknown escape");
	return (unsigned char)e;
}

static uint32_t
plain_character(struct parser *c)
{
	size_t bytes;
	uint32_t u = pattern_decode(c->p, c->end, &bytes);

	c->p += bytes;
	return u;
}

/* The bytes of a class's text, from behind its bracket: at least its ranges in number. */
static size_t
class_bytes(const struct parser *c)
{
	const char *p = c->p;

	while (p < c->end && *p != ']')
		p += *p == '\\' && p + 1 < c->end ? 2 : 1;
	return (size_t)(p - c->p);
}

static const struct class *
class_in_class(const struct parser *c)
{
	if (c->end - c->p < 2 || *c->p != '\\')
		return NULL;
	return named_class(c->p[1]);
}

/* One character of a class. */
static uint32_t
member(struct parser *c)
{
	return *c->p == '\\' ? escaped_character(c) : plain_character(c);
}

/* Reads a range, or a single character, of a class. */
static struct range
read_range(struct parser *c)
{
	const char *at = c->p;
	struct range r = { .low = member(c) };

	r.high = r.low;
	if (c->end - c->p < 2 || c->p[0] != '-' || c->p[1] == ']')
		return r;
	c->p++;
	if (class_in_class(c))
		fail(c, at, "a class can't end a range");
	r.high = member(c);
	if (r.high < r.low)
		fail(c, at, "a range that ends before it begins");
	return r;
}

static int
by_low(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* Has ranges ascend, those that touch as one; their number. */
static size_t
tidy_ranges(struct range *r, size_t n)
{
	size_t i, kept = 0;

	if (n > 1)
		qsort(r, n, sizeof(*r), by_low);
	for (i = 1; i < n; i++) {
		if (r[i].low > r[kept].high + 1)
			r[++kept] = r[i];
		else if (r[i].high > r[kept].high)
			r[kept].high = r[i].high;
	}
	return n ? kept + 1 : 0;
}

/* Reads the class whose bracket is at c->p. */
static struct class read_class(struct parser *c)
{
	const char *at = c->p++;
	struct class class = { .negated = c->p < c->end && *c->p == '^' };
	struct range *to;
	/* the longest named class has 11 ranges for its two bytes */
	size_t most = (class_bytes(c) + 1) * 6;

	c->p += class.negated;
	to = arena_array(c->arena, most, sizeof(*to));
	if (!to)
		fail(c, at, NULL);
	while (!c->failed && c->p < c->end && *c->p != ']') {
		const struct class *inner = class_in_class(c);

		if (!inner) {
			to[class.ranges++] = read_range(c);
			continue;
		}
		c->p += 2;
		if (c->end - c->p >= 2 && c->p[0] == '-' && c->p[1] != ']')
			fail(c, c->p, "a class can't begin a range");
		memcpy(to + class.ranges, inner->range, inner->ranges * sizeof(*to));
		class.ranges += inner->ranges;
	}
	if (c->p == c->end)
		fail(c, at, "a [ without its ]");
	else
		c->p++;
	class.ranges = tidy_ranges(to, class.ranges);
	class.range = to;
	return class;
}

/* The class at c->p, read only once if it is repeated. */
static struct piece
parse_class(struct parser *c)
{
	struct read_class *r;
	size_t i;

	for (i = 0; i < c->reads; i++) {
		if (c->read[i].at == c->p) {
			c->p = c->read[i].end;
			return take(c, &c->read[i].class);
		}
	}
	if (c->reads == PATTERN_POSITIONS) {
		fail(c, c->p, "the pattern is too large: at most 256 classes");
		return empty_piece(c);
	}
	r = &c->read[c->reads++];
	r->at = c->p;
	r->class = read_class(c);
	r->end = c->p;
	return take(c, &r->class);
}

static struct piece
take_character(struct parser *c, uint32_t u)
{
	struct range *r = arena_get(c->arena, sizeof(*r));
	struct class class = { r, 1, false };

	if (!r) {
		fail(c, c->p, NULL);
		return empty_piece(c);
	}
	*r = (struct range){ u, u };
	return take(c, &class);
}

/* ---- parsing ----------------------------------------------------------- */

static struct piece parse_alternatives(struct parser *c);

static struct piece
parse_group(struct parser *c)
{
	const char *at = c->p++;
	struct piece x;

	if (c->end - c->p >= 2 && c->p[0] == '?' && c->p[1] == ':')
		c->p += 2;
	else if (c->p < c->end && *c->p == '?')
		fail(c, at, "of groups that begin with (? only (?: is known");
	if (c->depth == PATTERN_DEPTH)
		fail(c, at, "groups nested too deep");
	if (c->failed)
		return empty_piece(c);
	c->depth++;
	x = parse_alternatives(c);
	c->depth--;
	if (c->p == c->end)
		fail(c, at, "a ( without its )");
	else
		c->p++;
	return x;
}

static struct piece
parse_escape(struct parser *c)
{
	const struct class *class = class_in_class(c);

	if (!class)
		return take_character(c, escaped_character(c));
	c->p += 2;
	return take(c, class);
}

/* Something that can be repeated, or an anchor. */
static struct piece
parse_atom(struct parser *c)
{
	switch (*c->p) {
	case '(':
		return parse_group(c);
	case '[':
		return parse_class(c);
	case '\\':
		return parse_escape(c);
	case '.':
		c->p++;
		return take(c, &no_line_end);
	case '^':
		c->p++;
		return one_node(c, NODE_BEGIN);
	case '$':
		c->p++;
		return one_node(c, NODE_END);
	case '*':
	case '+':
	case '?':
		fail(c, c->p, "nothing to repeat");
		return empty_piece(c);
	case '{':
	case '}':
	case ']':
		fail(c, c->p, "{ } and ] stand for themselves only behind a backslash");
		return empty_piece(c);
	default:
		return take_character(c, plain_character(c));
	}
}

/* A decimal number at c->p; false when there is none. */
static bool
read_count(struct parser *c, int *count)
{
	struct span rest = { c->p, (size_t)(c->end - c->p) };
	uint64_t value;

	if (ascii_take_number(&rest, PATTERN_COUNT, &value)) {
		*count = (int)value;
		c->p = rest.p;
		return true;
	}
	if (rest.n > 0 && ascii_is_digit(*rest.p))
		fail(c, c->p, "a count is at most 255");
	return false;
}

/* How often the atom before c->p stands; *most is -1 without a bound. */
static bool
read_quantifier(struct parser *c, int *least, int *most)
{
	const char *at = c->p;
	char q = c->p < c->end ? *c->p : '\0';

	*least = q == '+' ? 1 : 0;
	*most = q == '?' ? 1 : -1;
	if (q == '*' || q == '+' || q == '?') {
		c->p++;
		return true;
	}
	if (q != '{')
		return false;
	c->p++;
	if (read_count(c, least)) {
		*most = *least;
		if (c->p < c->end && *c->p == ',') {
			c->p++;
			if (!read_count(c, most))
				*most = -1;
		}
		if (*most >= 0 && *most < *least)
			fail(c, at, "a count that ends before it begins");
		if (c->p < c->end && *c->p == '}') {
			c->p++;
			return true;
		}
	}
	fail(c, at, "a { that begins no count, as {2} or {2,5}");
	return false;
}

/*
 * The atom that begins at `at` is x the first time, and is read again for each
 * further time; c->p ends where it was.  From each time that need not be, one
 * edge leads to the end of all, so that a position has few that follow it.
 */
static struct piece
repeat(struct parser *c, const char *at, struct piece x, int least, int most)
{
	const char *after = c->p;
	struct piece all = empty_piece(c), end = empty_piece(c);
	int i, times = most;

	if (most < 0)
		times = least > 0 ? least : 1;
	for (i = 0; i < times && !c->failed; i++) {
		if (i > 0) {
			c->p = at;
			x = parse_atom(c);
		}
		if (most < 0 && i == times - 1)
			x = repeated(c, x);
		if (i >= least)
			x.start = add_node(c, NODE_SPLIT, x.start, end.start);
		all = both(c, all, x);
	}
	if (!c->failed)
		c->p = after;
	return both(c, all, end);
}

static struct piece
parse_repeated(struct parser *c)
{
	const char *at = c->p;
	struct piece x = parse_atom(c);
	const char *quantifier = c->p;
	int least, most;

	if (c->failed || !read_quantifier(c, &least, &most))
		return x;
	if (*at == '^' || *at == '$') {
		fail(c, quantifier, "nothing to repeat");
		return x;
	}
	/* as few as possible matches where as many as possible does */
	if (c->p < c->end && *c->p == '?')
		c->p++;
	return repeat(c, at, x, least, most);
}

static struct piece
parse_sequence(struct parser *c)
{
	struct piece x = empty_piece(c);

	while (!c->failed && c->p < c->end && *c->p != '|' && *c->p != ')')
		x = both(c, x, parse_repeated(c));
	return x;
}

static struct piece
parse_alternatives(struct parser *c)
{
	struct piece x = parse_sequence(c);

	while (!c->failed && c->p < c->end && *c->p == '|') {
		c->p++;
		x = either(c, x, parse_sequence(c));
	}
	return x;
}

bool
pattern_parse(struct pattern_graph *graph, struct arena *arena, struct span text,
    struct pattern_mistake *mistake)
{
	struct parser c = {
		.graph = graph,
		.arena = arena,
		.start = text.p,
		.p = text.p,
		.end = text.p + text.n,
	};
	struct piece all;

	if (text.n > PATTERN_BYTES)
		fail(&c, text.p, "the pattern is too large: at most 4096 bytes");
	all = parse_alternatives(&c);
	if (!c.failed && c.p < c.end)
		fail(&c, c.p, "a ) without its (");
	graph->start = all.start;
	graph->end = all.end;
	*mistake = c.mistake;
	return !c.failed;
}
