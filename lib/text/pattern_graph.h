/*
 * The text of a regular expression as a graph (Thompson's construction), in which
 * anchors are edges like others: what pattern_parse makes and pattern_compile reads.
 */
#ifndef MM_PATTERN_GRAPH_H
#define MM_PATTERN_GRAPH_H

#include "text/json.h"
#include "text/pattern.h"

enum { PATTERN_NODES = 8192 };

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

enum node_kind {
	NODE_EMPTY,
	NODE_SPLIT,
	NODE_BEGIN,
	NODE_END,
	NODE_TAKE,
};

struct node {
	enum node_kind kind;
	int next, other; /* -1: none */
	int position;
};

struct pattern_graph {
	struct node node[PATTERN_NODES];
	int nodes;
	struct class class[PATTERN_POSITIONS];
	int positions;
	int start, end; /* nodes */
};

/*
 * Makes the graph, which starts as all zero; its classes live as long as the arena.
 * False with *mistake filled.
 */
bool pattern_parse(
    struct pattern_graph *, struct arena *, struct span text, struct pattern_mistake *);

/* The character at p, of which *bytes are passed; what is no UTF-8 is U+FFFD. */
static inline uint32_t
pattern_decode(const char *p, const char *end, size_t *bytes)
{
	*bytes = utf8_sequence(p, end);
	if (*bytes > 0)
		return utf8_code_point(p, *bytes);
	*bytes = 1;
	return 0xfffd;
}

#endif
