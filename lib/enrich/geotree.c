#define _GNU_SOURCE /* what <maxminddb.h> includes */
#include "enrich/geotree.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

enum {
	FIRST_BITS = 16,
	FIRST = 1 << FIRST_BITS,
	SEPARATOR = 16, /* zero bytes between the tree and the data */
};

void
geotree_init(struct geotree *t, const MMDB_s *db)
{
	int family;

	*t = (struct geotree){
		.nodes = db->file_content,
		.node_count = db->metadata.node_count,
		.data_size = db->data_section_size,
		.record_size = db->metadata.record_size,
		.version = db->metadata.ip_version,
	};
	if (t->version == 4)
		t->v4_root = 0;
	else if (db->ipv4_start_node.netmask == 96)
		t->v4_root = db->ipv4_start_node.node_value;
	else
		t->v4_root = UINT32_MAX; /* all IPv4 is one network, or none */
	/* damaged metadata may count more nodes than there are */
	if ((uint64_t)t->node_count * (t->record_size / 4) >
	    (uint64_t)(db->data_section - db->file_content))
		return;
	/* pages of which nothing is asked are never touched */
	for (family = 0; family < 2; family++)
		t->first[family] = calloc(FIRST, sizeof(*t->first[family]));
}

void
geotree_release(struct geotree *t)
{
	free(t->first[0]);
	free(t->first[1]);
}

/* One of the two records of a node. */
static inline uint32_t
record(const struct geotree *t, uint32_t node, unsigned right)
{
	const unsigned char *p = t->nodes + (size_t)node * (t->record_size / 4);

	switch (t->record_size) {
	case 24:
		p += right ? 3 : 0;
		return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	case 28: /* the middle byte has the highest bits of both */
		if (right)
			return (p[3] & 0x0fu) << 24 | (uint32_t)p[4] << 16 | (uint32_t)p[5] << 8 |
			    p[6];
		return (p[3] & 0xf0u) << 20 | (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	default:
		p += right ? 4 : 0;
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	}
}

/* Follows the bits [from, to) of an address for as long as they lead to nodes. */
static inline uint32_t
walk(const struct geotree *t, const unsigned char *address, uint32_t at, unsigned from, unsigned to)
{
	for (; from < to && at < t->node_count; from++)
		at = record(t, at, address[from / 8] >> (7 - from % 8) & 1);
	return at;
}

enum geotree_answer
geotree_find(const struct geotree *t, const struct ip *ip, uint32_t *offset)
{
	atomic_uint_least32_t *first = t->first[ip->v4 ? 0 : 1];
	uint32_t root = ip->v4 ? t->v4_root : 0, at;

	if (!first || root >= t->node_count || (!ip->v4 && t->version == 4))
		return GEOTREE_ASK;
	first += (size_t)ip->b[0] << 8 | ip->b[1];
	/* whoever else fills it in writes the same */
	at = atomic_load_explicit(first, memory_order_relaxed);
	if (at == 0) {
		at = walk(t, ip->b, root, 0, FIRST_BITS) + 1;
		atomic_store_explicit(first, at, memory_order_relaxed);
	}
	at = walk(t, ip->b, at - 1, FIRST_BITS, ip->v4 ? 32 : 128);
	if (at == t->node_count)
		return GEOTREE_NOTHING;
	if (at < t->node_count || at - t->node_count < SEPARATOR ||
	    at - t->node_count >= t->data_size)
		return GEOTREE_ASK;
	*offset = at - t->node_count - SEPARATOR;
	return GEOTREE_ENTRY;
}
