/*
 * Small databases in MaxMind's format, version 2.0, for the tests of lib/enrich/geo:
 * written by the format's specification, also where they are meant to be
 * broken.  All of it aborts when memory or the disk is out.
 */
#ifndef MM_TEST_MMDB_H
#define MM_TEST_MMDB_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "text/ip.h"

#include "check.h"

enum { MMDB_NODES = 4096, MMDB_NOTHING = -1 };

/* What a record of a node holds: a node's number, MMDB_NOTHING, or
   MMDB_NODES + the place of an entry in the data section. */
struct mmdb {
	unsigned version;     /* 4 or 6 */
	unsigned record_size; /* 24, 28 or 32 bits */
	long node[MMDB_NODES][2];
	size_t nodes;
	struct buf data;
};

static inline void
mmdb_start(struct mmdb *m, unsigned version, unsigned record_size)
{
	m->version = version;
	m->record_size = record_size;
	m->nodes = 1;
	m->node[0][0] = m->node[0][1] = MMDB_NOTHING;
	m->data = (struct buf)BUF_INIT;
}

/* ---- the data section: types and sizes ---- */

static inline void
mmdb_string(struct buf *b, const char *text)
{
	size_t n = strlen(text);

	if (n > 28)
		abort();
	buf_addc(b, (char)(2 << 5 | n));
	buf_add(b, text, n);
}

/* `entries` keys and values follow. */
static inline void
mmdb_map(struct buf *b, unsigned entries)
{
	buf_addc(b, (char)(7 << 5 | entries));
}

static inline void
mmdb_array(struct buf *b, unsigned entries)
{
	buf_addc(b, (char)entries);
	buf_addc(b, 11 - 7);
}

/* type 5: 16 bits, 6: 32 bits, 9: 64 bits */
static inline void
mmdb_number(struct buf *b, unsigned type, uint32_t value)
{
	if (type > 7) {
		buf_addc(b, 4);
		buf_addc(b, (char)(type - 7));
	} else {
		buf_addc(b, (char)(type << 5 | (type == 5 ? 2 : 4)));
	}
	if (type != 5) {
		buf_addc(b, (char)(value >> 24));
		buf_addc(b, (char)(value >> 16));
	}
	buf_addc(b, (char)(value >> 8));
	buf_addc(b, (char)value);
}

/* To a place in the data section, below 2048. */
static inline void
mmdb_pointer(struct buf *b, unsigned place)
{
	buf_addc(b, (char)(1 << 5 | place >> 8));
	buf_addc(b, (char)place);
}

/* ---- the search tree ---- */

/* All addresses that begin as this one, `length` bits, have the entry at `place`. */
static inline void
mmdb_network(struct mmdb *m, const char *address, unsigned length, size_t place)
{
	unsigned char bits[16] = { 0 };
	size_t at = 0;
	struct ip ip;
	unsigned i;

	if (!ip_parse(&ip, address, strlen(address)))
		abort();
	if (ip.v4 && m->version == 6) {
		memcpy(bits + 12, ip.b, 4);
		length += 96;
	} else {
		memcpy(bits, ip.b, 16);
	}
	for (i = 0; i < length; i++) {
		long *record = &m->node[at][bits[i / 8] >> (7 - i % 8) & 1];

		if (i + 1 == length) {
			*record = MMDB_NODES + (long)place;
			return;
		}
		if (*record == MMDB_NOTHING) {
			if (m->nodes == MMDB_NODES)
				abort();
			m->node[m->nodes][0] = m->node[m->nodes][1] = MMDB_NOTHING;
			*record = (long)m->nodes++;
		}
		at = (size_t)*record;
	}
}

static inline uint32_t
mmdb_record(const struct mmdb *m, long record)
{
	if (record == MMDB_NOTHING)
		return (uint32_t)m->nodes;
	if (record >= MMDB_NODES)
		return (uint32_t)(m->nodes + 16 + (size_t)(record - MMDB_NODES));
	return (uint32_t)record;
}

static inline void
mmdb_node(const struct mmdb *m, const long node[2], struct buf *b)
{
	uint32_t left = mmdb_record(m, node[0]), right = mmdb_record(m, node[1]);

	if (m->record_size == 32)
		buf_addc(b, (char)(left >> 24));
	buf_addc(b, (char)(left >> 16));
	buf_addc(b, (char)(left >> 8));
	buf_addc(b, (char)left);
	if (m->record_size == 28)
		buf_addc(b, (char)((left >> 20 & 0xf0) | right >> 24));
	if (m->record_size == 32)
		buf_addc(b, (char)(right >> 24));
	buf_addc(b, (char)(right >> 16));
	buf_addc(b, (char)(right >> 8));
	buf_addc(b, (char)right);
}

static inline void
mmdb_metadata(const struct mmdb *m, struct buf *b)
{
	buf_adds(b, "\xab\xcd\xefMaxMind.com");
	mmdb_map(b, 9);
	mmdb_string(b, "binary_format_major_version");
	mmdb_number(b, 5, 2);
	mmdb_string(b, "binary_format_minor_version");
	mmdb_number(b, 5, 0);
	mmdb_string(b, "build_epoch");
	mmdb_number(b, 9, 1778889600);
	mmdb_string(b, "database_type");
	mmdb_string(b, "Test");
	mmdb_string(b, "description");
	mmdb_map(b, 1);
	mmdb_string(b, "en");
	mmdb_string(b, "a test");
	mmdb_string(b, "ip_version");
	mmdb_number(b, 5, m->version);
	mmdb_string(b, "languages");
	mmdb_array(b, 1);
	mmdb_string(b, "en");
	mmdb_string(b, "node_count");
	mmdb_number(b, 6, (uint32_t)m->nodes);
	mmdb_string(b, "record_size");
	mmdb_number(b, 5, m->record_size);
}

/* Appends the whole file, and forgets the database. */
static inline void
mmdb_finish(struct mmdb *m, struct buf *b)
{
	size_t i;

	for (i = 0; i < m->nodes; i++)
		mmdb_node(m, m->node[i], b);
	buf_add(b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	buf_add(b, m->data.p, m->data.n);
	mmdb_metadata(m, b);
	if (b->failed || m->data.failed)
		abort();
	buf_release(&m->data);
}

/* ---- files ---- */

/* A name in the test's own folder, which mmdb_clean removes with all in it. */
static char mmdb_folder[64];

static inline const char *
mmdb_file(const char *name)
{
	static char path[2][128];
	static unsigned turn;
	char *w = path[turn++ % 2];

	if (!*mmdb_folder) {
		snprintf(mmdb_folder, sizeof(mmdb_folder), "/tmp/mm-test-geo-XXXXXX");
		if (!mkdtemp(mmdb_folder))
			abort();
	}
	snprintf(w, sizeof(path[0]), "%s/%s", mmdb_folder, name);
	return w;
}

static inline void
mmdb_clean(void)
{
	unlink(mmdb_file("a.mmdb"));
	unlink(mmdb_file("b.mmdb"));
	if (rmdir(mmdb_folder) != 0)
		abort();
}

/* Writes into the file as it is, as cp does: the same inode, cut off first. */
static inline void
mmdb_overwrite(const char *path, const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || (n > 0 && write(fd, p, n) != (ssize_t)n) || close(fd) != 0)
		abort();
}

/* Puts a new file in its place. */
static inline void
mmdb_replace(const char *path, const char *p, size_t n)
{
	char beside[160];

	snprintf(beside, sizeof(beside), "%s.tmp", path);
	mmdb_overwrite(beside, p, n);
	if (rename(beside, path) != 0)
		abort();
}

/* A database that knows one country, for all addresses of both families. */
static inline void
mmdb_of_one(struct buf *b, const char *code)
{
	static struct mmdb m;

	mmdb_start(&m, 6, 24);
	mmdb_map(&m.data, 1);
	mmdb_string(&m.data, "country_code");
	mmdb_string(&m.data, code);
	m.node[0][0] = m.node[0][1] = MMDB_NODES;
	buf_reset(b);
	mmdb_finish(&m, b);
}

#endif
