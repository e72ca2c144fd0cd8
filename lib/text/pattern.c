#include "text/pattern.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "text/json.h"

#include "base/banned.h"

/*
 * The text is parsed to a graph (Thompson's construction), in which anchors are
 * edges like others.  Of that, only the positions that take a character are
 * kept, as bits: which may come first, which may follow which, which may be the
 * last.
 */
enum {
	WORDS_MAX = PATTERN_POSITIONS / 64,
	NODES_MAX = 8192,
	ASCII = 128,
};

struct range {
	uint32_t low, high;
};

/* What one position takes: ranges that ascend and do not touch. */
struct class
{
	const struct range *range;
	size_t ranges;
	bool negated;
};

/* The positions that take the same. */
struct takers {
	struct class class;
	uint64_t *positions;
};

struct pattern {
	size_t words; /* of each set of positions */
	struct takers *takers;
	size_t classes;
	uint64_t *first;       /* at the beginning of the text */
	uint64_t *later;       /* behind it */
	uint64_t *follow;      /* a set for each position */
	uint64_t *ascii;       /* a set for each character: who takes it */
	uint64_t *last;        /* after which it has matched */
	uint64_t *last_at_end; /* after which it has, at the end of the text */
	bool always;           /* it matches nothing, which is everywhere */
	bool empty;            /* it matches the empty text */
};

/* ---- the graph --------------------------------------------------------- */

enum kind {
	NODE_EMPTY,
	NODE_SPLIT,
	NODE_BEGIN,
	NODE_END,
	NODE_TAKE,
};

struct node {
	enum kind kind;
	int next, other; /* -1: none */
	int position;
};

/* A piece of the graph; `end` is an empty node without a next one. */
struct piece {
	int start, end;
};

/* A class as it was read, to be found again when a count repeats it. */
struct read_class {
	const char *at, *end;
	struct class class;
};

struct compilation {
	struct arena *arena;
	const char *start, *p, *end;
	struct node node[NODES_MAX];
	int nodes;
	struct class class[PATTERN_POSITIONS];
	int positions;
	struct read_class read[PATTERN_POSITIONS];
	size_t reads;
	unsigned depth;
	struct pattern_mistake mistake;
	bool failed;
	/* of reached() */
	int stack[NODES_MAX];
	bool seen[NODES_MAX];
};

static void
fail(struct compilation *c, const char *at, const char *reason)
{
	if (c->failed)
		return;
	c->failed = true;
	c->mistake = (struct pattern_mistake){ reason, (size_t)(at - c->start) };
}

/* Once it has failed, node 0 is everybody's. */
static int
add_node(struct compilation *c, enum kind kind, int next, int other)
{
	if (c->nodes == NODES_MAX)
		fail(c, c->p, "the pattern is too large: too much is repeated");
	if (c->failed)
		return 0;
	c->node[c->nodes] = (struct node){ .kind = kind, .next = next, .other = other };
	return c->nodes++;
}

static struct piece
empty_piece(struct compilation *c)
{
	int n = add_node(c, NODE_EMPTY, -1, -1);

	return (struct piece){ n, n };
}

static struct piece
one_node(struct compilation *c, enum kind kind)
{
	int end = add_node(c, NODE_EMPTY, -1, -1);

	return (struct piece){ add_node(c, kind, end, -1), end };
}

static struct piece
take(struct compilation *c, const struct class *class)
{
	struct piece x = one_node(c, NODE_TAKE);

	if (c->positions == PATTERN_POSITIONS)
		fail(c, c->p,
		    "the pattern is too large: at most 256 characters, repeated ones each");
	if (c->failed)
		return x;
	c->node[x.start].position = c->positions;
	c->class[c->positions++] = *class;
	return x;
}

static struct piece
both(struct compilation *c, struct piece a, struct piece b)
{
	c->node[a.end].next = b.start;
	return (struct piece){ a.start, b.end };
}

static struct piece
either(struct compilation *c, struct piece a, struct piece b)
{
	struct piece x = one_node(c, NODE_SPLIT);

	c->node[x.start].next = a.start;
	c->node[x.start].other = b.start;
	c->node[a.end].next = c->node[b.end].next = x.end;
	return x;
}

/* One or more. */
static struct piece
repeated(struct compilation *c, struct piece a)
{
	struct piece x = one_node(c, NODE_SPLIT);

	c->node[x.start].other = a.start;
	c->node[a.end].next = x.start;
	return (struct piece){ a.start, x.end };
}

/* ---- characters and classes -------------------------------------------- */

/* The character at p, of which *bytes are passed; what is no UTF-8 is U+FFFD. */
static inline uint32_t
decode(const char *p, const char *end, size_t *bytes)
{
	*bytes = utf8_sequence(p, end);
	if (*bytes > 0)
		return utf8_code_point(p, *bytes);
	*bytes = 1;
	return 0xfffd;
}

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
takes(const struct class *class, uint32_t c)
{
	size_t low = 0, high = class->ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c > class->range[middle].high)
			low = middle + 1;
		else
			high = middle;
	}
	return (low < class->ranges && c >= class->range[low].low) != class->negated;
}

static bool
is_punctuation(char c)
{
	return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
	    (c > 'z' && c < 0x7f);
}

/* The character that an escape stands for, its backslash at c->p. */
static uint32_t
escaped_character(struct compilation *c)
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
plain_character(struct compilation *c)
{
	size_t bytes;
	uint32_t u = decode(c->p, c->end, &bytes);

	c->p += bytes;
	return u;
}

/* The bytes of a class's text, from behind its bracket: at least its ranges in number. */
static size_t
class_bytes(const struct compilation *c)
{
	const char *p = c->p;

	while (p < c->end && *p != ']')
		p += *p == '\\' && p + 1 < c->end ? 2 : 1;
	return (size_t)(p - c->p);
}

static const struct class *
class_in_class(const struct compilation *c)
{
	if (c->end - c->p < 2 || *c->p != '\\')
		return NULL;
	return named_class(c->p[1]);
}

/* One character of a class. */
static uint32_t
member(struct compilation *c)
{
	return *c->p == '\\' ? escaped_character(c) : plain_character(c);
}

/* Reads a range, or a single character, of a class. */
static struct range
read_range(struct compilation *c)
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
static struct class read_class(struct compilation *c)
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
parse_class(struct compilation *c)
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
take_character(struct compilation *c, uint32_t u)
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

static struct piece parse_alternatives(struct compilation *c);

static struct piece
parse_group(struct compilation *c)
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
parse_escape(struct compilation *c)
{
	const struct class *class = class_in_class(c);

	if (!class)
		return take_character(c, escaped_character(c));
	c->p += 2;
	return take(c, class);
}

/* Something that can be repeated, or an anchor. */
static struct piece
parse_atom(struct compilation *c)
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
read_count(struct compilation *c, int *count)
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
read_quantifier(struct compilation *c, int *least, int *most)
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
repeat(struct compilation *c, const char *at, struct piece x, int least, int most)
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
parse_repeated(struct compilation *c)
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
parse_sequence(struct compilation *c)
{
	struct piece x = empty_piece(c);

	while (!c->failed && c->p < c->end && *c->p != '|' && *c->p != ')')
		x = both(c, x, parse_repeated(c));
	return x;
}

static struct piece
parse_alternatives(struct compilation *c)
{
	struct piece x = parse_sequence(c);

	while (!c->failed && c->p < c->end && *c->p == '|') {
		c->p++;
		x = either(c, x, parse_sequence(c));
	}
	return x;
}

/* ---- the automaton ----------------------------------------------------- */

struct place {
	bool at_begin, at_end;
};

static void
push(struct compilation *c, int *depth, int node)
{
	if (node < 0 || c->seen[node])
		return;
	c->seen[node] = true;
	c->stack[(*depth)++] = node;
}

/*
 * Adds the positions to which the graph leads from `from`, at that place, to
 * the set.  Returns whether it leads to the goal.
 */
static bool
reached(struct compilation *c, int from, int goal, struct place place, uint64_t *set)
{
	int depth = 0;

	memset(c->seen, 0, sizeof(c->seen[0]) * (size_t)c->nodes);
	push(c, &depth, from);
	while (depth > 0) {
		const struct node *n = &c->node[c->stack[--depth]];

		if (n->kind == NODE_TAKE) {
			set[n->position / 64] |= UINT64_C(1) << n->position % 64;
			continue;
		}
		if ((n->kind == NODE_BEGIN && !place.at_begin) ||
		    (n->kind == NODE_END && !place.at_end))
			continue;
		push(c, &depth, n->next);
		push(c, &depth, n->other);
	}
	return c->seen[goal];
}

static void
set_bit(uint64_t *set, int i)
{
	set[i / 64] |= UINT64_C(1) << i % 64;
}

static void
link_positions(struct compilation *c, struct pattern *x, int goal)
{
	const struct place inside = { false, false }, end = { false, true };
	uint64_t ignored[WORDS_MAX];
	int i;

	for (i = 0; i < c->nodes; i++) {
		const struct node *n = &c->node[i];

		if (n->kind != NODE_TAKE)
			continue;
		if (reached(c, n->next, goal, inside, x->follow + x->words * (size_t)n->position))
			set_bit(x->last, n->position);
		if (reached(c, n->next, goal, end, ignored))
			set_bit(x->last_at_end, n->position);
	}
}

static bool
same_class(const struct class *a, const struct class *b)
{
	return a->negated == b->negated && a->ranges == b->ranges &&
	    memcmp(a->range, b->range, a->ranges * sizeof(*a->range)) == 0;
}

/*
 * Puts positions that take the same together, so that a character is looked up
 * once for all times that a class is repeated.
 */
static bool
list_takers(const struct compilation *c, struct pattern *x)
{
	uint64_t *sets = arena_array(c->arena, x->words * (size_t)c->positions, sizeof(*sets));
	size_t k;
	int i;

	x->takers = arena_array(c->arena, (size_t)c->positions, sizeof(*x->takers));
	if (!x->takers || !sets)
		return false;
	for (i = 0; i < c->positions; i++) {
		for (k = 0; k < x->classes; k++)
			if (same_class(&x->takers[k].class, &c->class[i]))
				break;
		if (k == x->classes)
			x->takers[x->classes++] =
			    (struct takers){ c->class[i], sets + x->words * k };
		set_bit(x->takers[k].positions, i);
	}
	return true;
}

/* Adds to the set the positions of `among` that take the character. */
static void
add_takers(const struct pattern *x, const uint64_t *among, uint32_t u, uint64_t *set)
{
	size_t k, w;

	for (k = 0; k < x->classes; k++) {
		const struct takers *t = &x->takers[k];
		uint64_t any = 0;

		for (w = 0; w < x->words; w++)
			any |= among[w] & t->positions[w];
		if (!any || !takes(&t->class, u))
			continue;
		for (w = 0; w < x->words; w++)
			set[w] |= among[w] & t->positions[w];
	}
}

static void
list_ascii(struct pattern *x)
{
	uint64_t all[WORDS_MAX];
	uint32_t u;

	memset(all, 0xff, sizeof(all));
	for (u = 0; u < ASCII; u++)
		add_takers(x, all, u, x->ascii + x->words * u);
}

static const struct pattern *
build(struct compilation *c, struct piece all)
{
	const struct place begin = { true, false }, inside = { false, false };
	size_t positions = (size_t)c->positions, words = (positions + 63) / 64;
	struct pattern *x = arena_get(c->arena, sizeof(*x));
	uint64_t *sets = arena_array(c->arena, words * (positions + ASCII + 4), sizeof(*sets));
	uint64_t ignored[WORDS_MAX];

	if (!x || !sets)
		return NULL;
	*x = (struct pattern){ .words = words };
	if (!list_takers(c, x))
		return NULL;
	x->first = sets;
	x->later = sets + words;
	x->last = sets + 2 * words;
	x->last_at_end = sets + 3 * words;
	x->ascii = sets + 4 * words;
	x->follow = x->ascii + ASCII * words;
	x->always = reached(c, all.start, all.end, begin, x->first) ||
	    reached(c, all.start, all.end, (struct place){ false, true }, ignored);
	x->empty = reached(c, all.start, all.end, (struct place){ true, true }, ignored);
	reached(c, all.start, all.end, inside, x->later);
	link_positions(c, x, all.end);
	list_ascii(x);
	return x;
}

const struct pattern *
pattern_compile(struct arena *arena, struct span text, struct pattern_mistake *mistake)
{
	struct compilation *c = malloc(sizeof(*c));
	const struct pattern *x = NULL;
	struct piece all;

	*mistake = (struct pattern_mistake){ .reason = NULL };
	if (!c)
		return NULL;
	*c = (struct compilation){ .nodes = 0 };
	c->arena = arena;
	c->start = c->p = text.p;
	c->end = text.p + text.n;
	if (text.n > PATTERN_BYTES)
		fail(c, text.p, "the pattern is too large: at most 4096 bytes");
	all = parse_alternatives(c);
	if (!c->failed && c->p < c->end)
		fail(c, c->p, "a ) without its (");
	if (c->failed)
		*mistake = c->mistake;
	else
		x = build(c, all);
	free(c);
	return x;
}

/* ---- searching --------------------------------------------------------- */

/* Leaves those positions in the set that take the character. */
static void
taking(const struct pattern *x, uint64_t *set, uint32_t u)
{
	uint64_t took[WORDS_MAX] = { 0 };
	size_t w;

	if (u >= ASCII)
		add_takers(x, set, u, took);
	for (w = 0; w < x->words; w++)
		set[w] = u < ASCII ? set[w] & x->ascii[x->words * u + w] : took[w];
}

static bool
meets(const struct pattern *x, const uint64_t *a, const uint64_t *b)
{
	uint64_t any = 0;
	size_t w;

	for (w = 0; w < x->words; w++)
		any |= a[w] & b[w];
	return any != 0;
}

/* The positions that may take the next character, after those in `took`. */
static bool
next_set(const struct pattern *x, const uint64_t *took, uint64_t *set)
{
	uint64_t any = 0;
	size_t w, v;

	memcpy(set, x->later, x->words * sizeof(*set));
	for (w = 0; w < x->words; w++) {
		uint64_t rest = took[w];

		for (; rest; rest &= rest - 1) {
			size_t position = w * 64 + (size_t)__builtin_ctzll(rest);
			const uint64_t *follow = x->follow + x->words * position;

			for (v = 0; v < x->words; v++)
				set[v] |= follow[v];
		}
	}
	for (w = 0; w < x->words; w++)
		any |= set[w];
	return any != 0;
}

bool
pattern_search(const struct pattern *x, const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t set[WORDS_MAX], next[WORDS_MAX];

	if (x->always || n == 0)
		return x->always || x->empty;
	memcpy(set, x->first, x->words * sizeof(set[0]));
	while (p < end) {
		size_t bytes;
		uint32_t u = decode(p, end, &bytes);

		p += bytes;
		taking(x, set, u);
		if (meets(x, set, x->last))
			return true;
		if (p == end)
			break;
		if (!next_set(x, set, next))
			return false;
		memcpy(set, next, x->words * sizeof(set[0]));
	}
	return meets(x, set, x->last_at_end);
}
