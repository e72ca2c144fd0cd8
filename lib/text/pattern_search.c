#include "text/pattern_graph.h"

#include <stdlib.h>

#include "base/banned.h"

/*
 * Of the graph, only the positions that take a character are
 * kept, as bits: which may come first, which may follow which, which may be the
 * last.
 */
enum {
	WORDS_MAX = PATTERN_POSITIONS / 64,
	ASCII = 128,
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

/* ---- the automaton ----------------------------------------------------- */

struct place {
	bool at_begin, at_end;
};

struct building {
	struct arena *arena;
	struct pattern_graph graph;
	/* of reached() */
	int stack[PATTERN_NODES];
	bool seen[PATTERN_NODES];
};

static void
push(struct building *c, int *depth, int node)
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
reached(struct building *c, int from, int goal, struct place place, uint64_t *set)
{
	int depth = 0;

	memset(c->seen, 0, sizeof(c->seen[0]) * (size_t)c->graph.nodes);
	push(c, &depth, from);
	while (depth > 0) {
		const struct node *n = &c->graph.node[c->stack[--depth]];

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
link_positions(struct building *c, struct pattern *x, int goal)
{
	const struct place inside = { false, false }, end = { false, true };
	uint64_t ignored[WORDS_MAX];
	int i;

	for (i = 0; i < c->graph.nodes; i++) {
		const struct node *n = &c->graph.node[i];

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

/*
 * Puts positions that take the same together, so that a character is looked up
 * once for all times that a class is repeated.
 */
static bool
list_takers(const struct building *c, struct pattern *x)
{
	uint64_t *sets =
	    arena_array(c->arena, x->words * (size_t)c->graph.positions, sizeof(*sets));
	size_t k;
	int i;

	x->takers = arena_array(c->arena, (size_t)c->graph.positions, sizeof(*x->takers));
	if (!x->takers || !sets)
		return false;
	for (i = 0; i < c->graph.positions; i++) {
		for (k = 0; k < x->classes; k++)
			if (same_class(&x->takers[k].class, &c->graph.class[i]))
				break;
		if (k == x->classes)
			x->takers[x->classes++] =
			    (struct takers){ c->graph.class[i], sets + x->words * k };
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
build(struct building *c)
{
	const struct place begin = { true, false }, inside = { false, false };
	size_t positions = (size_t)c->graph.positions, words = (positions + 63) / 64;
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
	x->always = reached(c, c->graph.start, c->graph.end, begin, x->first) ||
	    reached(c, c->graph.start, c->graph.end, (struct place){ false, true }, ignored);
	x->empty = reached(c, c->graph.start, c->graph.end, (struct place){ true, true }, ignored);
	reached(c, c->graph.start, c->graph.end, inside, x->later);
	link_positions(c, x, c->graph.end);
	list_ascii(x);
	return x;
}

const struct pattern *
pattern_compile(struct arena *arena, struct span text, struct pattern_mistake *mistake)
{
	struct building *c = calloc(1, sizeof(*c));
	const struct pattern *x = NULL;

	*mistake = (struct pattern_mistake){ .reason = NULL };
	if (!c)
		return NULL;
	c->arena = arena;
	if (pattern_parse(&c->graph, arena, text, mistake))
		x = build(c);
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
		uint32_t u = pattern_decode(p, end, &bytes);

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
